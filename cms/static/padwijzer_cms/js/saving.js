/* Comfort only: keeps what is typed while somebody works on a page. Without this file every button keeps it too. */
(() => {
  "use strict";

  const EVERY = 20000;
  const form = document.querySelector("form[data-pw-save]");
  if (!form) return;

  let isChanged = false;
  let isSending = false;
  let isLeaving = false;

  const line = () => {
    let found = form.querySelector(".pw-saved");
    if (!found) {
      found = document.createElement("p");
      found.className = "pw-quiet pw-saved";
      form.append(found);
    }
    return found;
  };

  const warning = document.createElement("div");
  warning.setAttribute("role", "alert");
  form.before(warning);

  const warn = (words) => {
    warning.replaceChildren();
    if (!words) return;
    const message = document.createElement("p");
    message.className = "pw-message pw-message--warning";
    message.textContent = words;
    warning.append(message);
  };

  const typed = () => {
    const data = new FormData(form);
    for (const [name, value] of [...data]) {
      if (value instanceof File) data.delete(name);
    }
    return data;
  };

  const save = async (keepalive) => {
    if (!isChanged || isSending || isLeaving) return;
    isSending = true;
    isChanged = false;
    try {
      const answer = await fetch(form.dataset.pwSave, {
        method: "POST",
        body: typed(),
        headers: { Accept: "application/json" },
        credentials: "same-origin",
        keepalive,
      });
      const told = (answer.headers.get("Content-Type") || "").includes("json") ? await answer.json() : null;
      if (answer.ok && told) {
        line().textContent = told.words;
        warn("");
      } else if (told && told.gone) {
        warn(told.words);
        isLeaving = true;
      } else {
        throw new Error("not kept");
      }
    } catch {
      isChanged = true;
      warn(form.dataset.pwNoConnection);
    } finally {
      isSending = false;
    }
  };

  form.addEventListener("input", () => { isChanged = true; });
  form.addEventListener("change", () => { isChanged = true; });
  form.addEventListener("submit", () => { isLeaving = true; });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(true); });
  setInterval(() => save(false), EVERY);
})();
