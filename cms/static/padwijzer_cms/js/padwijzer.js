/* Comfort only: every page works without this file. */
(() => {
  "use strict";

  const valuesOf = (name) =>
    [...document.getElementsByName(name)]
      .filter((input) => !/^(radio|checkbox)$/.test(input.type) || input.checked)
      .map((input) => input.value);

  const show = () => {
    for (const field of document.querySelectorAll("[data-pw-when]")) {
      const wanted = field.dataset.pwValues.split(" ");
      field.hidden = !valuesOf(field.dataset.pwWhen).some((value) => wanted.includes(value));
    }
  };

  const settleUnknown = (changed) => {
    const field = changed.closest(".pw-cell, .pw-field");
    if (!field || changed.type === "radio" || changed.name.endsWith("__confirmed")) return;
    for (const unknown of field.querySelectorAll("input[type=checkbox][data-pw-unknown]")) {
      const sameGroup = unknown.name === changed.name;
      if (unknown === changed && sameGroup && unknown.checked) {
        for (const other of document.getElementsByName(unknown.name)) other.checked = other === unknown;
      } else if (unknown !== changed && (changed.type === "checkbox" ? changed.checked : changed.value)) {
        unknown.checked = false;
      }
    }
  };

  document.addEventListener("change", (event) => {
    if (event.target.matches("input, select, textarea")) {
      settleUnknown(event.target);
      show();
    }
  });

  for (const link of document.querySelectorAll(".pw-error-summary a[href^='#']")) {
    link.addEventListener("click", (event) => {
      const input = document.getElementById(link.hash.slice(1));
      if (!input) return;
      event.preventDefault();
      (input.closest(".pw-field") || input).scrollIntoView({ block: "start" });
      input.focus({ preventScroll: true });
    });
  }

  show();
})();
