"""
Somebody at a browser who walks through the pages of the professionals, and through any guided step.

Nothing here knows a step or a question: answers are given by the key of their field, page by page, until the step is
handed in. What the browser complains about on the way (errors, breaches of the content policy, broken pages) is kept.
Set PADWIJZER_PICTURES to a folder to get a picture of every page.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from django.urls import Resolver404, ResolverMatch, resolve, reverse
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, Response

from padwijzer.forms.core.schema import in_language
from padwijzer.workflows.core.releases import shipped

PASSWORD: Final = "invented-and-only-here"
MOST_PAGES: Final = 15
"""More pages than a step can have: who needs more goes round in circles."""
FORM: Final = "main form"
MAIN_BUTTON: Final = "main .pw-main__content .pw-buttons .utrecht-button--primary-action"
WATCH: Final = """document.addEventListener("securitypolicyviolation",
    (event) => window.pwBreach(`${event.effectiveDirective} ${event.blockedURI} at ${location.pathname}`));"""
CONTROLS: Final = """(name) => {
  const named = (it) => [...document.getElementsByName(it)];
  const shown = (it) => it.type !== "hidden" && it.checkVisibility();
  if (named(`${name}__count`).length) return {kind: "rows", options: []};
  if (named(`${name}__day`).some(shown)) return {kind: "date", options: []};
  const found = named(name).filter(shown);
  if (!found.length) return {kind: "", options: []};
  const words = (it) => [...it.labels].map((label) => label.textContent.trim()).join(" ");
  if (found[0].tagName === "SELECT")
    return {kind: "select", options: [...found[0].options].map((it) => [it.value, it.label])};
  if (/^(radio|checkbox)$/.test(found[0].type))
    return {kind: found[0].type, options: found.map((it) => [it.value, words(it)])};
  return {kind: found[0].type === "file" ? "file" : "text", options: []};
}"""
TO_CASE: Final = """() => [...document.querySelectorAll("a[href*='/zaken/']")]
    .filter((it) => it.checkVisibility()).map((it) => it.getAttribute("href"))
    .find((it) => /\\/zaken\\/[0-9a-f-]{36}\\/$/.test(it))"""

Answer = str | date | Path | Sequence[str] | Sequence[Mapping[str, Any]]
"""
A value or the words of an option; several of them; a day; a file; or rows, each column to answer. A person is chosen
by name.
"""


class Hands(Protocol):
    """How somebody works a browser: with a mouse, or by keyboard alone."""

    def write(self, box: Locator, text: str) -> None:
        """Replace what stands in a box."""

    def tick(self, option: Locator) -> None:
        """Choose a radio button, or tick a box."""

    def select(self, box: Locator, value: str) -> None:
        """Choose from a list."""

    def press(self, control: Locator) -> None:
        """Press a button or follow a link, and wait for the page that comes."""

    def unfold(self, summary: Locator) -> None:
        """Open what is folded away on this page."""


class Mouse:
    """Hands on a mouse."""

    def write(self, box: Locator, text: str) -> None:
        box.fill(text)

    def tick(self, option: Locator) -> None:
        option.check()

    def select(self, box: Locator, value: str) -> None:
        box.select_option(value)

    def press(self, control: Locator) -> None:
        with control.page.expect_navigation():
            control.click()

    def unfold(self, summary: Locator) -> None:
        summary.click()


HARMLESS = ("Failed to load resource", "Autofocus processing was blocked")
"""Said of every 409 and 422, which `_answered` judges; and when a test types before a page was drawn."""


@dataclass
class Complaints:
    """What a browser complained about. Args: breaches: of the content policy; others: errors and broken pages."""

    breaches: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        """Listen to every page of a browser from now on."""
        context.expose_function("pwBreach", self._breached)
        context.add_init_script(WATCH)
        context.on("console", self._heard)
        context.on("weberror", lambda error: self.others.append(str(error.error)))
        context.on("response", self._answered)

    def all(self) -> list[str]:
        """Every complaint; empty when all went well."""
        return [*self.breaches, *self.others]

    def _breached(self, what: str) -> None:
        self.breaches.append(what)

    def _heard(self, message: ConsoleMessage) -> None:
        if not message.text.startswith(HARMLESS):
            self.others.append(f"{message.type}: {message.text}")

    def _answered(self, response: Response) -> None:
        is_page = response.request.is_navigation_request()
        expected = (404, 409, 422) if is_page else ()
        if response.status >= 400 and response.status not in expected:
            self.others.append(f"{response.status} {urlsplit(response.url).path}")


@dataclass
class Walker:
    """
    Somebody at a browser.

    Args:
        page: the page of his browser.
        site: where the site answers.
        complaints: what his browser complains about.
        hands: how he works it.
        pictures: name of the folder for pictures inside PADWIJZER_PICTURES; empty for none.
    """

    page: Page
    site: str
    complaints: Complaints
    hands: Hands = field(default_factory=Mouse)
    pictures: str = ""
    visited: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    """Names of the addresses of the plugin that his browser asked for, also those that only sent it elsewhere."""
    _taken: int = 0

    def __post_init__(self) -> None:
        self.page.context.on("request", self._asks)

    def _asks(self, request: Request) -> None:
        with suppress(Resolver404):
            match = resolve(urlsplit(request.url).path)
            if match.namespace == "padwijzer" and match.url_name:
                self.asked.add(match.url_name)

    # Going somewhere

    def goes(self, name: str, *args: object) -> Response:
        """Open an address of the plugin. Args: name: of the address, without namespace; args: of the address."""
        return self.opens(reverse(f"padwijzer:{name}", args=args))

    def opens(self, path: str) -> Response:
        """Open a path."""
        response = self.page.goto(f"{self.site}{path}")
        assert response is not None
        self.looks()
        return response

    def presses(self, control: Locator) -> None:
        """Press one button or link, unfolding what it is in, and look at what comes."""
        folded = control.locator("xpath=ancestor::details[not(@open)]/summary").locator("visible=true")
        if folded.count():
            self.hands.unfold(folded.first)
        self.hands.press(control)
        self.looks()

    def presses_main(self) -> None:
        """Press the one primary button of the page."""
        self.presses(self.page.locator(MAIN_BUTTON).first)

    def signs_in(self, user: Any) -> None:
        """Sign in through the page of the site. Args: user: with `PASSWORD`."""
        self.page.goto(f"{self.site}/inloggen/?next={reverse('padwijzer:tasks')}")
        self.hands.write(self.page.locator("input[name=username]"), user.get_username())
        self.hands.write(self.page.locator("input[name=password]"), PASSWORD)
        self.hands.press(self.page.get_by_role("button", name="Inloggen"))
        self.looks()
        assert self.at == "tasks"

    @property
    def match(self) -> ResolverMatch:
        """The address where he is."""
        return resolve(urlsplit(self.page.url).path)

    @property
    def at(self) -> str:
        """Name of the address where he is."""
        return self.match.url_name or ""

    @property
    def words(self) -> str:
        """The words on the page, on one line."""
        return " ".join(self.page.locator("main").inner_text().split())

    @property
    def heading(self) -> str:
        """The heading of the page."""
        return self.page.locator("main h1").inner_text()

    @property
    def faults(self) -> list[str]:
        """What the page says is not right yet."""
        return self.page.locator(".pw-error-summary li").all_inner_texts()

    def looks(self) -> None:
        """Look at the page: remember it, and take a picture where pictures are asked for."""
        self.visited.append(self.at)
        folder = os.environ.get("PADWIJZER_PICTURES")
        if not folder or not self.pictures:
            return
        self._taken += 1
        path = Path(folder) / self.pictures / f"{self._taken:03}-{self.at}.png"
        self.page.screenshot(path=path, full_page=True)

    # Filling in

    def fills(self, answers: Mapping[str, Answer]) -> set[str]:
        """
        Answer every question of this page that is asked and has an answer; also those that an answer brings.

        Args:
            answers: name of the field to answer.

        Returns:
            The names that were filled in.
        """
        done: set[str] = set()
        while now := {key for key in answers.keys() - done if self._kind(key)}:
            for key in sorted(now, key=list(answers).index):
                self._fill(key, answers[key])
            done |= now
        return done

    def _kind(self, name: str) -> str:
        return str(self.page.evaluate(CONTROLS, name)["kind"])

    def _fill(self, name: str, answer: Answer) -> None:
        found = self.page.evaluate(CONTROLS, name)
        match found["kind"]:
            case "rows":
                self._fill_rows(name, answer)
            case "date":
                self._fill_date(name, answer)
            case "select":
                assert isinstance(answer, str)
                self.hands.select(self._named(name), self._value(found["options"], answer))
            case "radio" | "checkbox":
                assert not isinstance(answer, date | Path)
                for wanted in [answer] if isinstance(answer, str) else answer:
                    value = self._value(found["options"], str(wanted))
                    self.hands.tick(self.page.locator(f'{FORM} [name="{name}"][value="{value}"]'))
            case "file":
                self._named(name).set_input_files(str(answer))
            case _:
                self.hands.write(self._named(name), str(answer))

    def _named(self, name: str) -> Locator:
        return self.page.locator(f'{FORM} [name="{name}"]')

    def _fill_date(self, name: str, answer: Answer) -> None:
        assert isinstance(answer, date)
        for part in ("day", "month", "year"):
            self.hands.write(self._named(f"{name}__{part}"), str(getattr(answer, part)))

    def _fill_rows(self, name: str, answer: Answer) -> None:
        assert isinstance(answer, list | tuple)
        rows = [it for it in answer if isinstance(it, Mapping)]
        for number, row in enumerate(rows):
            while int(self._named(f"{name}__count").input_value()) <= number:
                self.presses(self._named(f"{name}__add"))
            for column, value in row.items():
                self._fill(f"{name}-{number}-{column}", value)

    @staticmethod
    def _value(options: Sequence[Sequence[str]], wanted: str) -> str:
        """The value of an option. Args: options: value and words of each; wanted: its value, or words of it."""
        for value, words in options:
            if wanted == value or words.startswith(wanted):
                return value
        message = f"There is no option {wanted!r} among {[words for _value, words in options]}."
        raise AssertionError(message)

    # Steps

    def back_to_case(self) -> None:
        """From a list, or from any page of a case, to the page of that case."""
        if self.at == "case":
            return
        if self.at == "tasks":
            self.presses(self.page.locator(f"nav a[href='{reverse('padwijzer:cases')}']").first)
        self.presses(self.page.locator(f"a[href='{self.page.evaluate(TO_CASE)}']").locator("visible=true").first)
        assert self.at == "case"

    def takes_up(self, title: str) -> None:
        """Take up a step that waits for the team, from the list of what is to be divided."""
        self.goes("tasks")
        self.presses(self.page.locator("main a[href*='lijst=te-verdelen']").first)
        card = self.page.locator("main article", has_text=title)
        self.presses(card.get_by_role("button"))

    def finds_step(self, definition: str, activity: str) -> None:
        """Open a step that can be done now, from the page of its case."""
        self.back_to_case()
        title = title_of(definition, activity)
        self.presses(self.page.locator("main a[href*='/taken/']", has_text=title).first)
        assert self.heading == title

    def begins(self) -> None:
        """From the start of a step to its first page; takes it up where nobody has."""
        assert self.at == "step_start"
        self.presses_main()

    def answers(self, answers: Mapping[str, Answer]) -> None:
        """Fill in page after page, until everything can be checked."""
        pages = 0
        while self.at == "step":
            self.fills(answers)
            self.presses_main()
            assert not self.faults, f"{self.heading}: {self.faults}"
            pages += 1
            assert pages < MOST_PAGES, f"{self.heading} does not end"
        assert self.at == "step_check"

    def does(self, definition: str, activity: str, answers: Mapping[str, Answer]) -> None:
        """Do a whole step, from the page of the case until it is handed in."""
        self.finds_step(definition, activity)
        self.begins()
        self.answers(answers)
        self.hands_in()

    def hands_in(self) -> None:
        """Press the button that makes it final; it is, and there is a receipt."""
        assert self.at == "step_check"
        self.presses_main()
        assert self.at == "step_done", self.words
        assert self.page.locator(".pw-receipt__code").inner_text()


def title_of(definition: str, activity: str) -> str:
    """The title of a step of the shipped paths."""
    return in_language(shipped().definitions[definition].activity(activity).title)


def a_walker(
    browser: Browser, site: str, *, width: int = 1280, hands: Hands | None = None, pictures: str = "", **options: Any
) -> Walker:
    """
    Somebody with a browser of his own, who reads Dutch.

    Args:
        browser: Chromium.
        site: where the site answers.
        width: of his screen, in pixels.
        hands: how he works it; default a mouse.
        pictures: folder of his pictures.
        options: of Playwright's context.
    """
    context = browser.new_context(
        viewport={"width": width, "height": 900}, locale="nl-NL", timezone_id="Europe/Amsterdam", **options
    )
    context.set_default_timeout(10_000)
    complaints = Complaints()
    complaints.watch(context)
    return Walker(context.new_page(), site, complaints, hands or Mouse(), pictures)


def title_of_track(definition: str, track: str) -> str:
    """The title of a track of the shipped paths."""
    return next(in_language(it.title) for it in shipped().definitions[definition].tracks if it.key == track)
