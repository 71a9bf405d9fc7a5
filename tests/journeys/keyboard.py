"""Hands that have a keyboard and no mouse, and that look where the focus goes."""

from __future__ import annotations

from typing import Any, Final

from playwright.sync_api import Locator, Page

MOST_TABS: Final = 150
FOCUS: Final = """() => {
  const it = document.activeElement;
  if (!it || it === document.body) { window.pwBefore = null; return {is: "body", troubles: []}; }
  const style = getComputedStyle(it), box = it.getBoundingClientRect(), troubles = [];
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
  if (!ring && style.boxShadow === "none") troubles.push("the focus cannot be seen");
  if (box.bottom <= 0 || box.top >= innerHeight) troubles.push("the focus is outside the window");
  const before = window.pwBefore;
  if (before && before.isConnected && before !== it
      && !(before.compareDocumentPosition(it) & Node.DOCUMENT_POSITION_FOLLOWING))
    troubles.push("the focus goes back");
  const part = (one) => one.closest("header, aside, footer, nav, .pw-sidebar, .pw-main__top, .pw-main__content");
  if (before && before.isConnected && part(before) === part(it) && part(it) && part(it).matches(".pw-main__content")
      && box.bottom < before.getBoundingClientRect().top)
    troubles.push("the focus jumps up");
  window.pwBefore = it;
  const name = it.name || it.id || it.textContent.trim().slice(0, 40) || it.tagName;
  return {is: name, troubles};
}"""


class Keyboard:
    """Tab, Space, Enter, arrows and letters. What is wrong with the focus on the way is kept in `troubles`."""

    def __init__(self) -> None:
        self.troubles: list[str] = []

    def write(self, box: Locator, text: str) -> None:
        self._reach(box)
        keys = box.page.keyboard
        keys.press("Control+A")
        keys.type(text) if text else keys.press("Delete")

    def tick(self, option: Locator) -> None:
        keys = option.page.keyboard
        if option.get_attribute("type") == "checkbox":
            self._reach(option)
            if not option.is_checked():
                keys.press("Space")
        else:
            group = option.page.locator(f'[name="{option.get_attribute("name")}"]')
            self._reach(group)
            for _press in range(group.count()):
                if self._has_focus(option):
                    break
                keys.press("ArrowDown")
            if not option.is_checked():
                keys.press("Space")
        assert option.is_checked()

    def select(self, box: Locator, value: str) -> None:
        self._reach(box)
        for _press in range(box.locator("option").count()):
            if box.input_value() == value:
                return
            box.page.keyboard.press("ArrowDown")
        assert box.input_value() == value

    def press(self, control: Locator) -> None:
        self._reach(control)
        with control.page.expect_navigation():
            control.page.keyboard.press("Enter")

    def unfold(self, summary: Locator) -> None:
        self._reach(summary)
        summary.page.keyboard.press("Enter")

    def _reach(self, control: Locator) -> None:
        """Press Tab until the focus is on a control, or on one of a group."""
        page = control.page
        control.first.wait_for()
        for _press in range(MOST_TABS):
            if self._has_focus(control):
                return
            page.keyboard.press("Tab")
            self._looks(page)
        message = f"The keyboard does not reach {control} at {page.url}."
        raise AssertionError(message)

    @staticmethod
    def _has_focus(control: Locator) -> bool:
        return bool(control.evaluate_all("(all) => all.includes(document.activeElement)"))

    def _looks(self, page: Page) -> None:
        seen: dict[str, Any] = page.evaluate(FOCUS)
        self.troubles += [f"{page.url} {seen['is']}: {it}" for it in seen["troubles"]]
