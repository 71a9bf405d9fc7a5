"""The look of the professionals' pages: every component and every widget in every state, in a real browser."""

import gzip
import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django import forms as django_forms
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import ValidationError
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils.translation import gettext
from playwright.sync_api import Browser, BrowserContext, Page, Route

from padwijzer.cms.templatetags.padwijzer import error_links
from padwijzer.forms.date_fields import DateBoxesField, MomentBoxesField
from padwijzer.forms.widgets import (
    UNKNOWN,
    ChoiceRadios,
    ChoiceSelect,
    DateBoxes,
    FileUpload,
    LongText,
    ManyChoices,
    NumberBox,
    RowColumn,
    Rows,
    ShortText,
    YesNo,
    choice_widget,
)
from tests.support.axe import violations

ROOT = settings.BASE_DIR.parent
STATIC = ROOT / "cms/static/padwijzer_cms"
SITE = "http://look.example"
STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
WIDTHS = (1280, 390, 320)
LONG = (
    "Welke afspraken zijn er met het gezin, de school en de jeugdhulpaanbieder gemaakt over de komende "
    "drie maanden, en wie houdt bij of iedereen zich daaraan houdt?"
)
HELP = "Schrijf op wat u zag en hoorde. Schrijf geen namen van andere kinderen op."
FEW = [("thuis", "Begeleiding thuis"), ("groep", "Dagbehandeling in een groep"), ("geen", "Geen hulp nodig")]
MANY = [(f"hulp{number}", f"Soort hulp {number}") for number in range(1, 9)]
PEOPLE = [("p1", "Sam"), ("p2", "Noor de Wit"), ("p3", "Karim Haddou")]
WHO = {"p1": "jongere, 11 jaar", "p2": "moeder met gezag", "p3": "jeugdbeschermer"}
STATES = ("empty", "help", "long_label", "prefilled", "read_only")


Visit = Callable[..., tuple[Page, list[str]]]


class LookRenderer(DjangoTemplates):
    form_template_name = "padwijzer_forms/form.html"
    field_template_name = "padwijzer_forms/field.html"


def talks() -> Rows:
    return Rows(
        [
            RowColumn("with", "Met wie?", ShortText()),
            RowColumn("on", "Wanneer?", DateBoxes(), help="Bijvoorbeeld: 21 11 2026"),
            RowColumn("alone", "Was het kind alleen?", YesNo(unknown=True), required=False),
        ],
        row_name="Gesprek",
        add_label="Nog een gesprek",
    )


FIELDS: dict[str, tuple[Callable[[], django_forms.Field], Any]] = {
    "short": (lambda: django_forms.CharField(widget=ShortText(unknown=True)), "De Regenboog, Voorbeeldstad"),
    "long": (lambda: django_forms.CharField(widget=LongText()), "Sam gaat graag naar school.\nThuis is er ruzie."),
    "number": (lambda: django_forms.IntegerField(widget=NumberBox(unit="uur per week", unknown=True)), 12),
    "yes_no": (
        lambda: django_forms.ChoiceField(choices=[("ja", "Ja"), ("nee", "Nee")], widget=YesNo(unknown=True)),
        "ja",
    ),
    "choice": (lambda: django_forms.ChoiceField(choices=FEW, widget=ChoiceRadios(unknown=True)), "groep"),
    "list": (lambda: django_forms.ChoiceField(choices=MANY, widget=ChoiceSelect(unknown=True)), "hulp3"),
    "multiple": (
        lambda: django_forms.MultipleChoiceField(choices=FEW, widget=ManyChoices(unknown=True)),
        ["thuis", "groep"],
    ),
    "date": (lambda: DateBoxesField(widget=DateBoxes(unknown=True)), date(2026, 11, 21)),
    "moment": (MomentBoxesField, datetime(2026, 11, 21, 9, 30, tzinfo=UTC)),
    "person": (
        lambda: django_forms.ChoiceField(choices=PEOPLE, widget=choice_widget(PEOPLE, details=WHO)),
        "p2",
    ),
    "persons": (
        lambda: django_forms.MultipleChoiceField(choices=PEOPLE, widget=ManyChoices(details=WHO)),
        ["p1", "p3"],
    ),
    "rows": (lambda: django_forms.Field(widget=talks()), [{"with": "Moeder", "on": "2026-11-12", "alone": "nee"}]),
    "file": (
        lambda: django_forms.FileField(widget=FileUpload(accept=".pdf", limits="Een PDF, hoogstens 10 MB.")),
        SimpleNamespace(name="verslag.pdf"),
    ),
}


def every_state() -> django_forms.Form:
    """Each widget empty, with help, with a long label, filled in beforehand, and only to read."""
    fields = {}
    initial = {}
    for kind, (make, value) in FIELDS.items():
        for state in STATES:
            field = make()
            name = f"{kind}_{state}"
            field.label = LONG if state == "long_label" else f"Vraag {kind} {state}"
            field.help_text = HELP if state == "help" else ""
            field.required = state != "help"
            field.disabled = state == "read_only"
            if state in {"prefilled", "read_only"}:
                initial[name] = value
            if state == "prefilled":
                field.prefilled = SimpleNamespace(  # type: ignore[attr-defined]  # what field.html documents
                    source="stap 1, door A. Bakker", on=date(2026, 11, 14), confirm=True, confirmed=False
                )
            fields[name] = field
    form = type("EveryState", (django_forms.Form,), fields)
    return form(initial=initial, renderer=LookRenderer())


def every_error() -> django_forms.Form:
    """Each widget with an error."""
    fields = {kind: make() for kind, (make, _value) in FIELDS.items()}
    for kind, field in fields.items():
        field.label = f"Vraag {kind}"
        field.help_text = HELP
        field.error_messages["required"] = f"Vul in: vraag {kind}"
    fields["rows"].widget.cell_errors = {(1, "on"): "Vul de datum van het gesprek in"}
    form = type("EveryError", (django_forms.Form,), fields)
    data = {"date__day": "31", "date__month": "2", "date__year": "2026", "rows__count": "2"}
    bound = form(data, {}, renderer=LookRenderer())
    bound.add_error("rows", "Vul de datum van het gesprek in")
    return bound


class Situation(django_forms.Form):
    default_renderer = LookRenderer
    spoken_on = DateBoxesField(label="Wanneer was het gesprek?", help_text="Bijvoorbeeld: 21 11 2026")
    safe = django_forms.ChoiceField(
        label="Is de jongere nu veilig?",
        choices=[("ja", "Ja"), ("nee", "Nee")],
        widget=YesNo(unknown=True),
        help_text="Twijfelt u? Kies ‘Weet ik niet’. U krijgt dan een extra stap met de meldcode.",
        error_messages={"required": "Kies of de jongere nu veilig is"},
    )
    why = django_forms.CharField(label="Wat maakt het onveilig?", widget=LongText(rows=3), required=False)
    spoken_with = django_forms.MultipleChoiceField(
        label="Met wie hebt u gesproken?",
        choices=PEOPLE,
        widget=ManyChoices(details=WHO),
        help_text="U kunt meer antwoorden kiezen.",
    )
    school = django_forms.CharField(label="School of opleiding", widget=ShortText(), required=False)
    help = django_forms.ChoiceField(label="Welke hulp lijkt het meest passend?", choices=MANY, widget=ChoiceSelect())
    talks = django_forms.Field(label="Welke gesprekken waren er nog meer?", widget=talks(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["why"].shown_when = SimpleNamespace(  # type: ignore[attr-defined]  # what field.html documents
            name="safe", values=f"nee {UNKNOWN}"
        )
        self.fields["school"].prefilled = SimpleNamespace(  # type: ignore[attr-defined]  # what field.html documents
            source="stap 1, door A. Bakker", on=date(2026, 11, 14), confirm=True, confirmed=True
        )


FILLED = {
    "spoken_on__day": "",
    "spoken_on__month": "11",
    "spoken_on__year": "2026",
    "spoken_with": "p1",
    "school": "De Regenboog, Voorbeeldstad",
    "help": "hulp2",
    "talks__count": "1",
}

AROUND = {
    "look": {
        "municipality": "Gemeente Voorbeeld",
        "product": "Toegang Jeugdhulp",
        "nav": [
            {"label": "Mijn taken", "url": "/tasks", "current": True, "count": 4},
            {"label": "Zaken", "url": "/case"},
        ],
        "user_name": "M. de Vries",
        "user_role": "jeugdconsulent",
        "sign_out_url": "/out",
        "help_url": "/help",
        "help_text": "Bel het team Jeugd: 014 000, op werkdagen van 9 tot 17 uur.",
        "accessibility_url": "/accessibility",
        "privacy_url": "/privacy",
    },
    "crumbs": [{"label": "Mijn taken", "url": "/tasks"}, {"label": "Zaak J-2026-0418", "url": "/case"}],
    "facts": [
        {"key": "Jongere", "value": "Sam (11 jaar)"},
        {
            "key": "Uiterlijk klaar",
            "value": "vr 27 november 2026",
            "status": "waiting",
            "status_words": "nog 6 dagen",
        },
        {"key": "Behandelaar", "value": "M. de Vries"},
    ],
    "safeguards": [
        {"title": "Toestemming vastgelegd", "detail": "Ouder met gezag, 14 november", "state": "kept"},
        {"title": "Tweede beoordelaar nodig", "detail": "Vóór het besluit in stap 5", "state": "open", "url": "/who"},
        {"title": "Afgeweken van het familieplan", "detail": "Met reden, 19 november", "state": "deviated"},
        {"title": "Evaluatie na plaatsing", "detail": "Had op 1 november gemoeten", "state": "broken"},
    ],
    "people": [
        {"name": "Karim Haddou", "initials": "KH", "role": "jeugdbeschermer", "organisation": "GI Voorbeeld"},
        {
            "name": "Anouk Bakker",
            "initials": "AB",
            "role": "gezinswerker",
            "organisation": "Gemeente Voorbeeld",
            "is_contact": True,
            "phone": "06 00 00 00 00",
            "plain_phone": "0600000000",
            "email": "a.bakker@gemeente-voorbeeld.example",
        },
    ],
    "entries": [
        {"title": "Situatie van de jongere", "who": "bij u", "current": True},
        {"title": "Gezin ingevuld", "who": "M. de Vries", "when": date(2026, 11, 19), "url": "/e/3"},
        {"title": "Toestemming vastgelegd", "who": "A. Bakker", "when": date(2026, 11, 14)},
        {"title": "Aanmelding door huisarts", "when_words": "12 november", "detail": "Brief", "id": "gebeurtenis-1"},
    ],
    "progress": [
        {"label": "Gegevens", "state": "done", "url": "/1"},
        {"label": "Gezin", "state": "done", "url": "/2"},
        {"label": "Situatie", "state": "current"},
        {"label": "Doelen", "state": "todo"},
        {"label": "Controleren", "state": "todo"},
    ],
}


def step(request: HttpRequest) -> HttpResponse:
    form = Situation(request.POST or FILLED if request.method == "POST" or "errors" in request.GET else None)
    widget = form.fields["talks"].widget
    if isinstance(widget, Rows) and widget.pressed(request.POST, "talks"):
        form.errors.clear()
    context = AROUND | {"title": "Situatie van de jongere", "form": form, "steps": AROUND["progress"]}
    return render(request, "look/step.html", context)


def widgets(request: HttpRequest) -> HttpResponse:
    return render(request, "look/widgets.html", AROUND | {"title": "Alle velden", "form": every_state()})


def errors(request: HttpRequest) -> HttpResponse:
    return render(request, "look/widgets.html", AROUND | {"title": "Alle fouten", "form": every_error()})


def tasks(request: HttpRequest) -> HttpResponse:
    common = {"about": "Sam (11 jaar)", "case_number": "J-2026-0418", "url": "/step", "due": date(2026, 11, 27)}
    context = {
        "title": "Goedemorgen, Margriet",
        "crumbs": [],
        "messages": [
            Said(level, words)
            for level, words in (
                ("success", "Uw antwoorden zijn opgeslagen."),
                ("info", "Deze taak is om 10:42 opgepakt door A. Bakker."),
                ("warning", "Over 2 minuten wordt u uitgelogd."),
                ("error", "Het bestand is niet bewaard."),
            )
        ],
        "tabs": [
            {"label": "Mijn taken", "url": "/tasks", "current": True, "count": 4},
            {"label": "Te verdelen", "url": "/pool", "count": 12},
            {"label": "Klaar", "url": "/done"},
        ],
        "filters": [
            {
                "label": "Pad",
                "options": [
                    {"label": "Alles", "url": "/tasks", "current": True, "count": 4},
                    {"label": "Vrijwillig", "url": "/tasks?pad=v", "count": 3},
                    {"label": "Plaatsing", "url": "/tasks?pad=p", "count": 1},
                ],
            }
        ],
        "late": common
        | {
            "title": "Spreek met het kind",
            "action_label": "Beginnen",
            "state": "late",
            "due_words": "3 dagen te laat",
            "path": "Plaatsing",
        },
        "soon": [
            common
            | {
                "title": "Leg de toestemming van de ouders vast",
                "action_label": "Verder met stap 3",
                "state": "soon",
                "due_words": "nog 6 dagen",
                "meta": ["Moet volgens de wet (Jeugdwet 7.3.4)"],
            },
            common | {"title": "Bespreek het plan", "action_label": "Beginnen", "state": "draft", "due": None},
        ],
        "pool": common | {"title": "Neem contact op", "action_label": "Neem op", "state": "later"},
    }
    return render(request, "look/tasks.html", AROUND | context)


class Said:
    """A message as Django's `messages` gives it."""

    def __init__(self, level_tag: str, words: str) -> None:
        self.level_tag = level_tag
        self.words = words

    def __str__(self) -> str:
        return self.words


def case(request: HttpRequest) -> HttpResponse:
    context = {
        "title": "Vrijwillige hulp voor Sam",
        "notices": [
            ("info", "Dit pad is vernieuwd"),
            ("ok", "Alles is bewaard"),
            ("warn", "De termijn loopt bijna af"),
            ("block", "U kunt nog niet besluiten"),
            ("deviation", "Van deze stap is afgeweken"),
        ],
        "actions": [
            {"label": "Vraag R. Smit", "name": "ask", "kind": "primary"},
            {"label": "Terug naar de zaak", "url": "/case", "kind": "subtle"},
        ],
        "steps": [
            {"title": "Gegevens", "url": "/1", "status": "done", "detail": "A. Bakker, 12 november"},
            {"title": "Situatie van de jongere", "url": "/3", "status": "busy", "detail": "Bij u sinds vandaag"},
            {"title": "Onderzoek naar pleegzorg in het netwerk van het gezin", "status": "waiting"},
            {"title": "Doelen", "status": "todo"},
            {"title": "Tolk regelen", "status": "not_needed"},
            {"title": "Evaluatie", "status": "late", "url": "/6"},
        ],
        "known": {
            "key": "School",
            "value": "De Regenboog, Voorbeeldstad",
            "source": "stap 1, door A. Bakker",
            "on": date(2026, 11, 14),
            "name": "school__confirmed",
            "url": "/school",
        },
        "rows": [
            {"key": "Wanneer was het gesprek?", "value": "21 november 2026", "url": "/3#a"},
            {"key": "Met wie hebt u gesproken?", "lines": ["Sam", "Noor de Wit"], "url": "/3#b"},
            {"key": "Is er een tolk nodig?", "status": "unknown", "url": "/3#c"},
            {"key": "School of opleiding", "status": "not_filled", "note": "Uit stap 1, 14 november 2026"},
        ],
    }
    return render(request, "look/case.html", AROUND | context)


def done(request: HttpRequest) -> HttpResponse:
    buttons = [
        {"label": "Volgende taak (3)", "url": "/tasks", "kind": "primary"},
        {"label": "PDF", "url": "/pdf", "kind": "secondary"},
    ]
    return render(request, "look/done.html", AROUND | {"title": "Klaar", "buttons": buttons})


PAGES = {
    "/step": step,
    "/widgets": widgets,
    "/errors": errors,
    "/tasks": tasks,
    "/case": case,
    "/done": done,
}
ADDRESSES = ("/step", "/step?errors", "/widgets", "/errors", "/tasks", "/case", "/done")
TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "woff2": "font/woff2"}


def answer(route: Route) -> None:
    """The small site of this test: its pages and the static files, each with a strict content security policy."""
    address = urlsplit(route.request.url)
    if address.path.startswith("/static/"):
        found = finders.find(address.path.removeprefix("/static/"))
        assert isinstance(found, str), address.path
        route.fulfill(path=found, content_type=TYPES[found.rsplit(".", 1)[-1]])
        return
    factory = RequestFactory()
    if route.request.method == "POST":
        request = factory.post(address.path, dict(posted(route.request.post_data or "")))
    else:
        request = factory.get(f"{address.path}?{address.query}")
    response = PAGES[address.path](request)
    headers = {"Content-Security-Policy": STRICT, "Content-Type": "text/html; charset=utf-8"}
    route.fulfill(body=response.content, headers=headers)


def posted(body: str) -> list[tuple[str, str]]:
    """The names and values of a posted form, as multipart or as one line."""
    if "form-data; name=" not in body:
        return parse_qsl(body, keep_blank_values=True)
    return re.findall(r'form-data; name="([^"]+)"\r\n\r\n(.*?)\r\n--', body, flags=re.DOTALL)


def opened(context: BrowserContext, address: str, complaints: list[str]) -> Page:
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{SITE}{address}")
    page.evaluate("() => document.fonts.ready")
    return page


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Opens a page of the test site; hands back the page and what the browser complained about."""
    contexts = []

    def open_page(address: str, width: int = 1280, **options: Any) -> tuple[Page, list[str]]:
        context = browser.new_context(viewport={"width": width, "height": 900}, locale="nl-NL", **options)
        context.route("**/*", answer)
        contexts.append(context)
        complaints: list[str] = []
        return opened(context, address, complaints), complaints

    yield open_page
    for context in contexts:
        context.close()


def corner(page: Page, selector: str) -> dict[str, float]:
    place: dict[str, float] = page.evaluate(
        "(it) => { const {x, y} = document.querySelector(it).getBoundingClientRect(); return {x, y} }", selector
    )
    return place


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@pytest.mark.once
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_is_accessible_never_scrolls_sideways_and_breaks_no_policy(
    visit: Visit, address: str, width: int
) -> None:
    page, complaints = visit(address, width)
    assert complaints == []
    assert not scrolls_sideways(page)
    assert violations(page) == []


@pytest.mark.once
def test_the_rules_do_find_a_fault_that_is_planted(visit: Visit) -> None:
    page, _complaints = visit("/done")
    page.evaluate("() => document.querySelector('main').append(document.createElement('input'))")
    assert any("label" in fault for fault in violations(page))


@pytest.mark.once
def test_the_policy_does_refuse_a_style_in_the_page(visit: Visit) -> None:
    page, complaints = visit("/done")
    page.evaluate("() => document.querySelector('main').setAttribute('style', 'color: red')")
    assert any("Content Security Policy" in complaint for complaint in complaints)


@pytest.mark.once
@pytest.mark.parametrize("address", ADDRESSES)
def test_text_of_twice_the_size_still_fits(visit: Visit, address: str) -> None:
    page, _complaints = visit(address, 640)
    page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
    assert not scrolls_sideways(page)


@pytest.mark.once
@pytest.mark.parametrize("address", ADDRESSES)
def test_forced_colours_keep_the_page_accessible(visit: Visit, address: str) -> None:
    page, _complaints = visit(address, 390, forced_colors="active")
    assert violations(page) == []


@pytest.mark.once
def test_the_error_summary_has_the_focus_says_the_same_words_and_leads_to_the_wrong_box(visit: Visit) -> None:
    page, _complaints = visit("/step?errors")
    assert page.title().startswith(f"{gettext('Error')}: ")
    assert page.evaluate("() => document.activeElement.className") == "pw-error-summary"
    links = page.locator(".pw-error-summary a")
    said_above = links.all_inner_texts()
    said_below = [
        words.removeprefix(f"{gettext('Error')}: ") for words in page.locator(".pw-error__text").all_text_contents()
    ]
    assert said_above == said_below
    assert len(said_above) == 2
    links.nth(0).click()
    assert page.evaluate("() => document.activeElement.name") == "spoken_on__day"
    links.nth(1).click()
    assert page.evaluate("() => document.activeElement.id") == "id_safe_0"


@pytest.mark.once
def test_without_a_script_a_row_is_added_and_removed_and_nothing_typed_is_lost(visit: Visit) -> None:
    page, _complaints = visit("/step", java_script_enabled=False)
    page.get_by_label("Met wie?").fill("Moeder")
    page.get_by_role("button", name="Nog een gesprek").click()
    assert page.locator(".pw-row").count() == 2
    page.get_by_label("Met wie?").nth(1).fill("Meester Jan")
    page.locator("[name=talks__remove_0]").click()
    assert page.get_by_label("Met wie?").input_value() == "Meester Jan"


@pytest.mark.once
def test_enter_saves_the_step_and_does_not_add_a_row(visit: Visit) -> None:
    page, _complaints = visit("/step", java_script_enabled=False)
    page.get_by_label("Met wie?").press("Enter")
    page.wait_for_selector(".pw-error-summary")
    assert page.locator(".pw-row").count() == 1


@pytest.mark.once
def test_the_script_shows_a_question_when_the_answer_before_it_asks_for_it(visit: Visit) -> None:
    page, complaints = visit("/step")
    why = page.get_by_label("Wat maakt het onveilig?")
    assert not why.is_visible()
    page.locator("#id_safe_1").check()
    assert why.is_visible()
    page.locator("#id_safe_0").check()
    assert not why.is_visible()
    assert complaints == []


@pytest.mark.once
def test_the_script_takes_back_not_knowing_as_soon_as_something_is_answered(visit: Visit) -> None:
    page, complaints = visit("/widgets")
    page.locator("[name=short_empty__unknown]").check()
    page.locator("[name=short_empty]").fill("De Regenboog")
    page.locator("[name=short_empty]").blur()
    assert not page.locator("[name=short_empty__unknown]").is_checked()
    boxes = page.locator("[name=multiple_empty]")
    boxes.nth(0).check()
    boxes.last.check()
    assert not boxes.nth(0).is_checked()
    boxes.nth(1).check()
    assert not boxes.last.is_checked()
    assert complaints == []


@pytest.mark.once
def test_without_a_script_the_dependent_question_is_on_the_page(visit: Visit) -> None:
    page, _complaints = visit("/step", java_script_enabled=False)
    assert page.get_by_label("Wat maakt het onveilig?").is_visible()


@pytest.mark.once
def test_on_a_phone_the_side_bar_stands_below_the_form_with_a_link_to_it_and_on_a_desk_beside(visit: Visit) -> None:
    phone, _complaints = visit("/step", 390)
    assert corner(phone, ".pw-aside")["y"] > corner(phone, ".pw-buttons")["y"]
    assert phone.locator(".pw-to-aside a").is_visible()
    desk, _complaints = visit("/step", 1280)
    assert corner(desk, ".pw-aside")["x"] > corner(desk, ".pw-fields")["x"]
    assert corner(desk, ".pw-aside")["y"] < corner(desk, ".pw-fields")["y"]
    assert not desk.locator(".pw-to-aside a").is_visible()


@pytest.mark.once
@pytest.mark.parametrize("width", [1280, 390])
def test_tab_reaches_the_form_before_the_side_bar(visit: Visit, width: int) -> None:
    page, _complaints = visit("/step", width)
    follows = """([form, aside]) => Boolean(document.querySelector(form)
        .compareDocumentPosition(document.querySelector(aside)) & Node.DOCUMENT_POSITION_FOLLOWING)"""
    assert page.evaluate(follows, [".pw-fields", ".pw-aside"])


@pytest.mark.once
@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_pressed_is_large_enough_for_a_thumb(visit: Visit, address: str) -> None:
    page, _complaints = visit(address, 390)
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, select, summary, .utrecht-button, .pw-nav__link,"
            + " .pw-option__label, input:not([type=hidden]):not([type=radio]):not([type=checkbox])")]
            .filter((it) => !it.hasAttribute("aria-hidden") && it.checkVisibility())
            .map((it) => [it.name || it.textContent, it.getBoundingClientRect()])
            .filter(([, box]) => box.height < 44 || box.width < 44).map(([name]) => name.trim())"""
    )
    assert small == []


@pytest.mark.once
@pytest.mark.parametrize("address", ADDRESSES)
def test_links_that_stand_alone_are_24_pixels_high(visit: Visit, address: str) -> None:
    page, _complaints = visit(address, 390)
    low = page.evaluate(
        """() => [...document.querySelectorAll("a")].filter((it) => it.checkVisibility())
            .filter((it) => !it.closest("p, .utrecht-skip-link") && it.getBoundingClientRect().height < 24
                && !it.classList.contains("utrecht-skip-link")).map((it) => it.textContent)"""
    )
    assert low == []


def test_every_page_keeps_to_the_policy_in_its_markup(rf: RequestFactory) -> None:
    for page in PAGES.values():
        html = page(rf.get("/?errors")).content.decode()
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|data:[a-z]", html)
        assert not re.search(r"<script(?![^>]*\ssrc=)", html)


def test_the_style_sheets_stay_within_the_budget_and_fetch_nothing_from_outside() -> None:
    sheets = sorted(STATIC.glob("css/*.css"))
    text = "".join(sheet.read_text() for sheet in sheets)
    assert sum(len(gzip.compress(sheet.read_bytes(), 9)) for sheet in sheets) <= 40_000
    assert "@import" not in text
    assert "data:" not in text
    assert all(address.startswith("../") for address in re.findall(r"url\([\"']?([^)\"']+)", text))
    assert len((STATIC / "js/padwijzer.js").read_bytes()) <= 3_000


def test_every_vendored_file_is_the_one_that_was_locked() -> None:
    lines = [line.split(" | ") for line in (STATIC / "vendor.lock").read_text().splitlines() if line[0] != "#"]
    assert {name for name, *_rest in lines} >= {f"fonts/{font.name}" for font in STATIC.glob("fonts/*")}
    for name, _origin, digest, licence in lines:
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == digest, name
        assert (ROOT / f"LICENSES/{licence}.txt").exists()


def test_every_class_of_the_library_that_a_template_uses_has_its_rules() -> None:
    kept = (STATIC / "css/nlds.css").read_text()
    folders = (ROOT / "cms/templates", ROOT / "forms/templates")
    html = "".join(path.read_text() for folder in folders for path in folder.rglob("*.html"))
    used = set(re.findall(r"(?<![\w-])utrecht-[a-z0-9_-]+", html))
    assert {name for name in used if f".{name}" not in kept} == set()


def test_every_token_that_a_sheet_asks_for_is_declared() -> None:
    text = "".join(sheet.read_text() for sheet in STATIC.glob("css/*.css"))
    declared = set(re.findall(r"(--[a-zA-Z0-9_-]+)\s*:", text))
    own = (STATIC / "css/padwijzer.css").read_text() + (STATIC / "css/theme.css").read_text()
    assert set(re.findall(r"var\((--[a-zA-Z0-9_-]+)\)", own)) <= declared


def test_a_task_that_must_wait_says_so_in_words_and_not_only_in_colour() -> None:
    html = render_to_string("padwijzer_cms/components/status.html", {"status": "waiting"})
    assert "Wacht" in html


def test_a_municipality_themes_with_one_file_that_comes_after_ours(rf: RequestFactory) -> None:
    look = {"municipality": "Gemeente Elders", "theme_url": "/theme/elders.css"}
    html = render(rf.get("/"), "padwijzer_cms/base.html", {"look": look, "title": "Taken"}).content.decode()
    assert html.index("theme.css") < html.index("/theme/elders.css") < html.index("css/padwijzer.css")
    assert "<title>Taken – Gemeente Elders</title>" in html


def test_error_links_stand_in_the_order_of_the_page_and_name_the_cell() -> None:
    form = Situation(FILLED)
    form.add_error(None, "De zaak is intussen gesloten")
    form.add_error("talks", ValidationError("Vul in met wie", params={"row": 1, "column": "with"}))
    links = error_links(form)
    assert [link["href"] for link in links] == ["", "#id_spoken_on_0", "#id_safe_0", "#id_talks_1_with"]
    assert links[0]["message"] == "De zaak is intussen gesloten"
    assert error_links(None) == []
