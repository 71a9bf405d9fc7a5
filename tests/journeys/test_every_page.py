"""Every page of the plugin in several states: accessible, in every width, and with its text twice as large."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import pytest
from django.core.files.base import ContentFile
from django.urls import URLPattern, reverse
from django.utils import timezone

from padwijzer.cms import urls as plugin
from padwijzer.cms.work.family_forms import CHANGES
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.change_register import change_register
from padwijzer.workflows.actions.upload_document import upload_document
from padwijzer.workflows.models import Draft, Membership, Notice, RegisterRow, Task
from tests.journeys.conftest import Office
from tests.journeys.seeing import faults_of
from tests.journeys.telling import BORN, CHILD, EXPLAINED, FIRST_TALK, QUESTION, SHORT_PLAN, TODAY
from tests.support.cases import Family, a_case, a_user, an_organisation, with_contact_person, with_help_chosen
from tests.support.walking import PASSWORD, Walker, title_of_track

pytestmark = pytest.mark.once

AGO = TODAY - timedelta(days=3)
TOUR: Final = {
    "lists": {"tasks", "cases", "claim", "release", "delegate", "notice_done", "discard"},
    "case": {"case", "timeline", "members", "end_membership", "document", "documents"},
    "family": {"family", "family_add", "family_change", "consent", "withdraw"},
    "question": {"new_question"},
    "step": {
        "step_start",
        "step",
        "step_save",
        "step_answer",
        "step_check",
        "step_deviate",
        "step_skip",
        "step_done",
    },
    "tracks": {"tracks", "track_start"},
}
"""Which addresses each part of the tour goes to."""


def test_the_tour_goes_to_every_address_of_the_plugin() -> None:
    assert set().union(*TOUR.values()) == {it.name for it in plugin.urlpatterns if isinstance(it, URLPattern)}


@dataclass
class Tour:
    """Who looks around. Args: walker: somebody; faults: what is wrong so far."""

    walker: Walker
    faults: list[str] = field(default_factory=list)

    def sees(self, state: str) -> None:
        """Look at the page that is open. Args: state: in which it is."""
        self.faults += faults_of(self.walker, state)

    def visits(self, state: str, name: str, *args: object, query: str = "") -> None:
        """Open a page and look at it."""
        self.walker.goes(name, *args) if not query else self.walker.opens(address(name, *args) + query)
        assert self.walker.at == name
        self.sees(state)

    def presses(self, state: str, selector: str, *, words: str = "") -> None:
        """Press one button or link and look at what comes."""
        self.walker.presses(self.walker.page.locator(selector, has_text=words or None).first)
        self.sees(state)

    def ends(self, part: str) -> None:
        """It went to every address of its part, and nothing was wrong anywhere."""
        assert TOUR[part] <= self.walker.asked
        assert self.faults == []


def address(name: str, *args: object) -> str:
    """The address of a page. Args: name: without namespace."""
    return reverse(f"padwijzer:{name}", args=args)


@pytest.fixture
def tour(office: Office, somebody: Callable[..., Walker]) -> Tour:
    return Tour(somebody(office.anna, pictures="tour"))


def asked_for_consent(office: Office, *answers: str) -> Family:
    """A case in which help is chosen and explained. Args: answers: of both parents, when they were asked."""
    family = with_help_chosen(a_case(office.anna, day=AGO), AGO)
    decision = {
        "besluit": "ja",
        "besluit_uitleg": "Deze hulp past.",
        "besluit_van": TODAY.isoformat(),
        "besluit_tot": (TODAY + timedelta(days=180)).isoformat(),
        "eerste_evaluatie": (TODAY + timedelta(days=60)).isoformat(),
    }
    family.does("municipal_decision", decision, AGO)
    family.does("who_consents", {"gezag_gecontroleerd_op": AGO.isoformat()}, AGO)
    family.does("explain", EXPLAINED, AGO)
    rows = [
        {"persoon": who, "antwoord": answer, "datum": AGO.isoformat(), "eigen_woorden": "Goed idee."}
        for who, answer in zip((family.mother, family.father), answers, strict=False)
    ]
    if rows:
        family.does("answers", {"antwoorden": rows, "stem_kind": "Wil graag."}, AGO)
    return family


def test_the_lists(office: Office, tour: Tour, somebody: Callable[..., Walker]) -> None:
    for name, query in (("tasks", ""), ("tasks", "?lijst=te-verdelen"), ("cases", "")):
        tour.visits("nothing there", name, query=query)
    rik = a_user("jeugdconsulent", name="Rik Smit", password=PASSWORD)
    family = a_case(office.anna, day=AGO)
    family.joins(rik, "jeugdconsulent", AGO)
    a_case(office.anna, child="Sem met een heel lange Achternaam-Dubbelenaam van den Hogenheuvel", day=AGO)
    for kind in ("alarm", "task", "message"):
        Notice.objects.create(
            case=family.case,
            source=kind,
            occasion="1",
            kind=kind,
            text="Bel het gezin.",
            roles=",jeugdconsulent,",
            created_at=timezone.now(),
            due=timezone.now() - timedelta(days=1),
        )
    tour.visits("tasks and signals", "tasks")
    tour.presses("a signal is done", "main form[action*='/meldingen/'] button")
    tour.visits("two cases", "cases")
    tour.visits("to whom", "delegate", family.task("first_talk").pk)
    tour.presses("nobody chosen", "main form .utrecht-button--primary-action")
    tour.visits("before it is given back", "case", family.case.pk)
    tour.presses("given back", "main form[action*='/teruggeven/'] button")
    tour.visits("one waits", "tasks", query="?lijst=te-verdelen")

    other = somebody(rik)
    other.opens(address("tasks") + "?lijst=te-verdelen")
    tour.presses("taken up", "main form[action*='/opnemen/'] button")
    other.presses(other.page.locator("main form[action*='/opnemen/'] button").first)
    tour.faults += faults_of(other, "somebody was first")
    assert "Anna Bakker" in other.words
    task = family.task("first_talk")
    draft = Draft.objects.create(task=task, user=rik, values={"waarom_nu": "Ruzie"}, saved_at=timezone.now())
    other.goes("discard", draft.pk)
    tour.faults += faults_of(other, "throwing away")
    other.presses_main()
    assert not Draft.objects.filter(pk=draft.pk).exists()
    tour.walker.asked |= other.asked
    tour.ends("lists")


def test_a_case(office: Office, tour: Tour, somebody: Callable[..., Walker], asks_for_a_file: str) -> None:
    family = a_case(office.anna, day=AGO)
    file = ContentFile(b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n", name="verslag.pdf")
    document = upload_document(
        Acting(office.anna, timezone.now()), family.task("first_talk").pk, asks_for_a_file, file
    )
    with tour.walker.page.expect_download() as download:
        tour.walker.page.evaluate("(to) => { location.href = to; }", address("document", family.case.pk, document.pk))
    assert download.value.suggested_filename == "verslag.pdf"

    tour.visits("one file", "documents", family.case.pk)
    tour.visits("begun", "case", family.case.pk)
    family.joins(office.karim, "mandaathouder", AGO)
    tour.visits("two work on it", "members", family.case.pk)
    a_user("gedragswetenschapper", name="Rik Smit")
    provider = an_organisation("Hulp Dichtbij", "provider").pk
    tour.visits("of another organisation", "members", family.case.pk, query=f"?organisatie={provider}")
    tour.visits("here", "members", family.case.pk)
    tour.presses("nobody chosen", "main form .utrecht-button--primary-action")
    member = Membership.objects.get(case=family.case, user=office.karim)
    tour.visits("last day", "end_membership", family.case.pk, member.pk)
    tour.walker.fills({"until": AGO - timedelta(days=40)})
    tour.presses("too early", "main form .utrecht-button--primary-action")

    running = asked_for_consent(office, "akkoord", "akkoord")
    running.joins(office.bo, "zorgaanbieder", AGO)
    tour.visits("no files", "documents", running.case.pk)
    tour.visits("help is waiting", "case", running.case.pk)
    tour.visits("much happened", "timeline", running.case.pk)
    bo = somebody(office.bo)
    bo.goes("case", running.case.pk)
    tour.faults += faults_of(bo, "of the provider")
    tour.ends("case")


def test_the_family_and_consent(office: Office, tour: Tour) -> None:
    family = a_case(office.anna, day=AGO)
    case = family.case.pk
    acting = Acting(office.anna, timezone.now())
    relation = change_register(
        acting,
        case,
        "relation",
        {"person": family.mother, "kind": "parent_of", "other": family.child, "from": TODAY},
    )
    rows = {
        "person": family.child,
        "relation": relation,
        "authority": str(RegisterRow.objects.filter(case=case, register="authority")[0].pk),
    }
    tour.visits("three people", "family", case)
    tour.visits("nothing to say yes to", "consent", case)
    tour.visits("somebody new", "family_add", case)
    tour.presses("nothing filled in", "main form .utrecht-button--primary-action")
    for change, form in CHANGES.items():
        tour.visits(change, "family_change", case, rows[form.about], change)
    tour.visits("an address", "family_change", case, family.child, "gezag")
    tour.presses("nobody chosen", "main form .utrecht-button--primary-action")

    given = asked_for_consent(office, "akkoord", "nee").case.pk
    tour.visits("one said no", "consent", given)
    before = AGO - timedelta(days=1)
    boxes = f"op__day={before.day}&op__month={before.month}&op__year={before.year}"
    tour.visits("as it was", "consent", given, query=f"?{boxes}")
    tour.visits("no day", "consent", given, query="?op__day=gisteren")
    yes = asked_for_consent(office, "akkoord", "akkoord")
    item = RegisterRow.objects.get(case=yes.case, register="help_item")
    tour.visits("taking back", "withdraw", yes.case.pk, item.pk, yes.mother)
    tour.visits("with help", "family", given)
    tour.ends("family")


def test_a_new_question(office: Office, tour: Tour) -> None:
    a_case(office.anna, child=CHILD, born=BORN, day=AGO)
    with_contact_person(a_case(child=CHILD, born=BORN, day=AGO), AGO)
    tour.visits("the child", "new_question")
    tour.presses("nothing filled in", "main form .pw-buttons .utrecht-button--primary-action")
    tour.walker.fills({"kind-name": CHILD, "kind-birth_date": BORN})
    tour.presses("known already", "main form .pw-buttons .utrecht-button--primary-action")
    tour.presses("the question", "main form .pw-buttons .utrecht-button--primary-action")
    tour.presses("nothing answered", "main form .pw-buttons .utrecht-button--primary-action")
    tour.walker.fills({**QUESTION, "vraag-bron": "school"})
    tour.sees("one question more")
    tour.ends("question")


def test_a_step(office: Office, tour: Tour) -> None:
    family = a_case(office.anna, day=AGO)
    task = family.task("first_talk").pk
    main = "main .pw-main__content .pw-buttons .utrecht-button--primary-action"
    tour.visits("mine", "step_start", task)
    tour.visits("the way we work", "step_skip", task)
    tour.presses("no reason", main)
    tour.visits("empty", "step", task, 1)
    tour.presses("nothing filled in", main)
    tour.walker.page.clock.install()
    tour.walker.goes("step", task, 1)
    tour.walker.fills(FIRST_TALK)
    with tour.walker.page.expect_response(lambda it: it.url.endswith("/bewaren/")):
        tour.walker.page.clock.run_for(21_000)
    tour.sees("saved by itself")
    tour.visits("not complete", "step_check", task)
    tour.walker.goes("step", task, 1)
    tour.walker.answers(FIRST_TALK)
    tour.sees("complete")
    tour.presses("done", main)
    tour.visits("handed in", "step_start", task)

    with_contact = with_contact_person(a_case(office.anna, day=AGO), AGO)
    route = with_contact.task("choose_route").pk
    tour.visits("a decision", "step_start", route)
    tour.walker.begins()
    tour.walker.answers({"weg": "kort", "meer_domeinen": "ja"})
    tour.sees("a rule asks for a reason")
    tour.presses("deviate", main)
    assert tour.walker.at == "step_deviate"
    tour.presses("no reason", main)

    with_contact.does("choose_route", {"weg": "kort", "meer_domeinen": "nee"}, AGO)
    plan = with_contact.task("short_plan").pk
    tour.walker.goes("step_start", plan)
    tour.walker.begins()
    tour.walker.answers({**SHORT_PLAN, "gezin_eens": "nee"})
    tour.sees("a rule stands in the way")
    tour.presses("blocked", main)

    asked = asked_for_consent(office)
    answers = asked.task("answers").pk
    tour.visits("of the law", "step_skip", answers)
    tour.visits("rows", "step", answers, 1)
    tour.presses("rows not filled in", main)
    with_contact.does("short_plan", {**SHORT_PLAN, "hulp_kind": with_contact.child}, AGO)
    tour.visits("optional", "step_skip", optional_step(office).pk)

    plan = at_family_plan(office).task("family_plan").pk
    tour.visits("one answer can be recorded alone", "step", plan, 1)
    alone = "button[name=alone]"
    tour.presses("nothing to record", alone)
    tour.walker.fills({"fgp_keuze": "samen"})
    tour.presses("recorded alone", alone)
    tour.ends("step")


def at_family_plan(office: Office) -> Family:
    """A case in which the plan is next."""
    family = with_contact_person(a_case(office.anna, day=AGO), AGO)
    family.does("choose_route", {"weg": "samen", "meer_domeinen": "nee"}, AGO)
    family.does("look_back", {}, AGO)
    family.does("understand_together", {"va_tekst": "Ruzie", "va_eens": "ja", "meedenkers": "nee"}, AGO)
    return family


def optional_step(office: Office) -> Task:
    """An open step that may be skipped with one click."""
    family = with_contact_person(a_case(office.anna, day=AGO), AGO)
    family.does("choose_route", {"weg": "gewoon", "meer_domeinen": "nee"}, AGO)
    return family.task("ordinary_support")


def test_what_can_be_started(office: Office, tour: Tour) -> None:
    family = asked_for_consent(office, "akkoord", "akkoord")
    tour.visits("much to choose", "tracks", family.case.pk)
    tour.visits("one", "track_start", family.case.pk, "V", "choose_mentor")
    tour.visits("about which help", "track_start", family.case.pk, "V", "withdraw_consent")
    tour.visits("much to choose", "tracks", family.case.pk)
    start = tour.walker.page.locator("main li", has_text=title_of_track("V", "withdraw_consent"))
    tour.walker.presses(start.get_by_role("button").first)
    tour.sees("withdrawing")
    tour.ends("tracks")
