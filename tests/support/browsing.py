"""A page of the professionals in a real browser: accessible, never wider than the screen, true to its policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.support.axe import violations

WIDTHS = (1280, 390, 320)
REACHABLE = """() => [...document.querySelectorAll(
        "a[href], button, summary, select, textarea, input:not([type=hidden])")]
    .filter((it) => it.checkVisibility() && it.tabIndex >= 0 && !it.closest("[inert]"))
    .filter((it) => it.type !== "radio" || it.checked || it === document.querySelector(`[name="${it.name}"]`))
    .map((it, place) => { it.dataset.place = String(place); return String(place); })"""
SMALL = """() => [...document.querySelectorAll(
        "button, select, summary, .utrecht-button, .pw-nav__link, .pw-tabs__link")]
    .filter((it) => it.checkVisibility() && !it.hasAttribute("aria-hidden"))
    .filter((it) => { const box = it.getBoundingClientRect(); return box.height < 44 || box.width < 44; })
    .map((it) => it.textContent.trim())"""


def signed_in(browser: Browser, site: str, client: Client, width: int, **options: Any) -> BrowserContext:
    """A browser of that width with the session of a test client. Args: options: of Playwright's context."""
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="nl-NL", **options)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])
    return context


def check_page(browser: Browser, site: str, address: str, client: Client) -> list[str]:
    """
    Look at a page at 1280, 390 and 320 pixels, with its script and without, and walk through it by keyboard.

    Args:
        browser: Chromium.
        site: where the live server answers.
        address: path of the page.
        client: signed in.

    Returns:
        What is wrong; empty when nothing is.
    """
    found = []
    for width in WIDTHS:
        context = signed_in(browser, site, client, width)
        complaints: list[str] = []
        page = context.new_page()
        page.on("console", _listener(complaints))
        answer = page.goto(f"{site}{address}")
        if answer is None or answer.status != 200:
            found.append(f"{address}: status {answer and answer.status}")
        found += [f"{width}: {it}" for it in complaints]
        found += [f"{width}: {it}" for it in _seen(page)]
        context.close()
    context = signed_in(browser, site, client, 390, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}{address}")
    if page.locator("main h1").count() != 1:
        found.append("without a script there is no heading")
    context.close()
    return found


def _listener(complaints: list[str]) -> Callable[[ConsoleMessage], None]:
    return lambda message: complaints.append(message.text)


def _seen(page: Page) -> list[str]:
    found = []
    if page.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append("scrolls sideways")
    found += [f"too small for a thumb: {it}" for it in page.evaluate(SMALL)]
    wanted = set(page.evaluate(REACHABLE))
    page.evaluate("() => { document.activeElement?.blur(); window.getSelection()?.removeAllRanges(); }")
    reached = set()
    for _press in range(len(wanted) + 5):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("() => document.activeElement?.dataset.place ?? ''"))
    found += [f"out of reach of the keyboard: number {it}" for it in sorted(wanted - reached)]
    return found + violations(page)
