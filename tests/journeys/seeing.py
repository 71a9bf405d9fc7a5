"""Look at a page in every width, with everything unfolded, and with its text twice as large."""

from __future__ import annotations

from typing import Final

from tests.support.axe import violations
from tests.support.walking import Walker

WIDTHS: Final = (1280, 390, 320)
TALL: Final = 900
WIDER: Final = """() => {
  const root = document.documentElement;
  return root.scrollWidth > root.clientWidth ? [...document.querySelectorAll("body *")]
      .filter((it) => it.checkVisibility() && it.getBoundingClientRect().right > root.clientWidth + 1)
      .map((it) => `${it.tagName}.${it.className}`).slice(0, 3).concat("wider than the screen") : [];
}"""
CUT: Final = """() => [...document.querySelectorAll("body *")]
    .filter((it) => it.checkVisibility() && it.textContent.trim() && !it.closest(".pw-visually-hidden"))
    .filter((it) => /hidden|clip/.test(getComputedStyle(it).overflow))
    .filter((it) => it.scrollWidth > it.clientWidth + 1 || it.scrollHeight > it.clientHeight + 1)
    .map((it) => `text is cut off in ${it.tagName}.${it.className}`)"""
UNFOLD: Final = "() => { for (const it of document.querySelectorAll('details')) it.open = true; }"
TWICE: Final = "() => { document.documentElement.style.fontSize = '200%'; }"


def faults_of(walker: Walker, state: str) -> list[str]:
    """
    What is wrong with the page that is open.

    Args:
        walker: who looks; his window is as wide as before afterwards, and everything on the page unfolded.
        state: in which state the page is, for the message.
    """
    page = walker.page
    before = page.viewport_size
    found: list[str] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": TALL})
        if width == WIDTHS[-1]:
            page.evaluate(UNFOLD)
        found += [f"{width}: {it}" for it in [*page.evaluate(WIDER), *violations(page)]]
    page.set_viewport_size({"width": WIDTHS[0], "height": TALL})
    page.evaluate(TWICE)
    found += [f"200 %: {it}" for it in [*page.evaluate(WIDER), *page.evaluate(CUT)]]
    page.evaluate("() => { document.documentElement.style.fontSize = ''; }")
    if before is not None:
        page.set_viewport_size(before)
    if page.locator("main h1").count() != 1:
        found.append("there is not one heading")
    if page.get_attribute("html", "lang") != "nl":
        found.append("the page does not say that it is in Dutch")
    return [f"{walker.at} ({state}): {it}" for it in found]
