"""A counter-example is a story that staff can read, of a run that the reference semantics walked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from padwijzer.forms.core.conditions import All, Compare, FactRef, Operator
from padwijzer.workflows.core.definition import (
    ByHand,
    Effect,
    End,
    Interrupt,
    Jump,
    Kind,
    Moment,
    Obligation,
    OnEvent,
    Open,
    OpenTrack,
    Owner,
    Performer,
    RecordEvent,
    Return,
    Rule,
    RunScope,
)
from padwijzer.workflows.core.packs import Pack, national
from padwijzer.workflows.core.plan import Place
from padwijzer.workflows.core.proving.checking import check
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.search import prove
from padwijzer.workflows.core.proving.stories import CAUTION, quoted, story
from padwijzer.workflows.core.releases import ReleaseSpec, shipped
from padwijzer.workflows.core.safeguards import BREACH, Monitor, Scope
from padwijzer.workflows.core.safeguards.absence import Absence
from padwijzer.workflows.core.safeguards.no_deviation import NoDeviation
from padwijzer.workflows.core.safeguards.not_coexistence import NotCoexistence
from padwijzer.workflows.core.safeguards.only_while import OnlyWhile
from padwijzer.workflows.core.safeguards.precedence import Precedence
from padwijzer.workflows.core.safeguards.response import Response
from padwijzer.workflows.core.safeguards.who_may_perform import WhoMayPerform
from tests.properties.test_proving import BOUND, meant
from tests.support.definitions import calls, definition, exits, is_, more_placements_than, release, text, track
from tests.support.sizes import size
from tests.support.stories import keys_of, named, planned, question, safeguard, told, unreadable, with_words

pytestmark = pytest.mark.once
PLAN_FIRST = safeguard(Precedence(("family_plan",), ("municipal_decision",)))
NEVER_DECIDED = safeguard(Absence(("municipal_decision",)))
NEVER_CLOSED = safeguard(Absence(("closing",)))
WAY = question("weg", "Welke weg past?", {"kort": "De korte weg", "lang": "De lange weg"})
DECIDE = named("decide", "Besluit nemen", kind=Kind.DECISION, meanings=("municipal_decision",))


@dataclass(frozen=True)
class Twice:
    """
    No two plans, or more, without a closing after the first: a template that only these tests have.

    Args:
        what: of a plan.
        times: how many are too many.
    """

    what: str = "family_plan"
    times: int = 2

    def statement(self) -> str:
        return "Er zijn geen twee plannen."

    def monitor(self) -> Monitor:
        moves = {(str(had), self.what): str(had + 1) for had in range(self.times)}
        moves |= {(str(had), "closing"): "over" for had in range(1, self.times)}
        moves[str(self.times - 1), self.what] = BREACH
        return Monitor("0", moves, width=self.times)

    def lost(self, heard: Sequence[str], scope: Scope) -> str:
        return "Er zijn twee plannen."


OUTSIDE = (("X", text("Een ander neemt het over.")),)


def first_line(spec: ReleaseSpec) -> str:
    return told(spec, NEVER_DECIDED).text[0]


def test_a_story_says_who_does_what_what_is_lost_and_which_step_to_change():
    talk = named("talk", "Eerste gesprek", (is_("weg", "kort"), "decide"), "plan", fields=(WAY,))
    plan = named("plan", "Plan maken", "decide", meanings=("family_plan",))
    found = told(release(definition("V", talk, plan, DECIDE)), PLAN_FIRST)
    assert found.text == (
        "1. Het vaste aanspreekpunt vult ‘Eerste gesprek’ in. Het antwoord op ‘Welke weg past?’ is ‘De korte weg’.",
        "2. Het vaste aanspreekpunt beslist bij ‘Besluit nemen’.",
        "Er is hier nooit een plan van het gezin geweest.",
        "Verander de stap ‘Besluit nemen’.",
    )
    assert found.real
    assert found.place == Place("V", "decide")
    assert found.where == "activities[2]"
    assert found.short == "Bij ‘Besluit nemen’ gaat het mis. Er is hier nooit een plan van het gezin geweest."
    assert found.heard == ("municipal_decision",)


def test_the_sentences_of_a_story_are_those_of_its_text():
    talk = named("talk", "Eerste gesprek", (is_("weg", "kort"), "decide"), End(), fields=(WAY,))
    found = told(release(definition("V", talk, DECIDE)), PLAN_FIRST)
    assert len(found.sentences) == 5
    assert " ".join(found.sentences) == " ".join(it.removeprefix("1. ").removeprefix("2. ") for it in found.text)


def test_a_story_ends_with_the_step_that_goes_wrong_also_when_more_follows_by_itself():
    by_itself = named("plan", "Plan maken", kind=Kind.AUTOMATIC, meanings=("family_plan",))
    first = replace(DECIDE, exits=named("x", "x", "plan").exits)
    found = told(release(definition("V", first, by_itself)), PLAN_FIRST)
    assert found.lines == (("Het vaste aanspreekpunt beslist bij ‘Besluit nemen’.",),)
    assert found.heard == ("municipal_decision",)


def test_an_answer_that_nothing_looks_at_is_not_told():
    talk = named("talk", "Eerste gesprek", "decide", fields=(WAY,))
    told_first = first_line(release(definition("V", talk, DECIDE)))
    assert told_first == "1. Het vaste aanspreekpunt vult ‘Eerste gesprek’ in."


def test_the_lowest_answer_that_is_left_is_told():
    three = question("weg", "Welke weg past?", {"kort": "Kort", "lang": "Lang", "geen": "Geen"})
    talk = named("talk", "Eerste gesprek", (is_("weg", "kort"), End()), "decide", fields=(three,))
    assert first_line(release(definition("V", talk, DECIDE))).endswith("Het antwoord op ‘Welke weg past?’ is ‘Lang’.")


def test_a_question_that_is_left_open_is_told_so():
    optional = replace(WAY, required=False)
    empty = Compare(FactRef("answer", (("field", "weg"),)), Operator.NOT_ANSWERED)
    talk = named("talk", "Eerste gesprek", (empty, "decide"), End(), fields=(optional,))
    assert first_line(release(definition("V", talk, DECIDE))).endswith("Bij ‘Welke weg past?’ vult niemand iets in.")


def test_a_question_that_is_hidden_is_not_told():
    more = question("meer", "Nog iets?", {"ja": "Ja", "nee": "Nee"}, shown_if=is_("weg", "lang"))
    asked = Compare(FactRef("answer", (("field", "meer"),)), Operator.ANSWERED)
    blocked = Rule(All((asked, is_("meer", "ja"))), Effect.BLOCK, text("Nee."), "C1")
    ways = ((is_("weg", "lang"), End()), "decide")
    talk = named("talk", "Eerste gesprek", *ways, fields=(WAY, more), rules=(blocked,))
    line = first_line(release(definition("V", talk, DECIDE)))
    assert "‘De korte weg’" in line
    assert "Nog iets?" not in line


def test_yes_and_no_are_told_in_words_and_what_is_not_known_is_something():
    sure = replace(WAY, type="yes_no", choices=())
    talk = named("talk", "Eerste gesprek", (is_("weg", "nee"), "decide"), End(), fields=(sure,))
    assert first_line(release(definition("V", talk, DECIDE))).endswith("Het antwoord op ‘Welke weg past?’ is ‘Nee’.")
    written = replace(WAY, type="text", choices=())
    answered = Compare(FactRef("answer", (("field", "weg"),)), Operator.ANSWERED)
    talk = named("talk", "Eerste gesprek", (answered, "decide"), End(), fields=(replace(written, required=False),))
    assert first_line(release(definition("V", talk, DECIDE))).endswith("Bij ‘Welke weg past?’ vult iemand iets in.")


def test_a_long_question_gets_a_sentence_of_its_own():
    label = "Speelt er iets op meer dan één gebied, of hielp lichte hulp eerder niet?"
    long = replace(WAY, label=text(label))
    talk = named("talk", "Eerste gesprek", (is_("weg", "kort"), "decide"), End(), fields=(long,))
    found = told(release(definition("V", talk, DECIDE)), NEVER_DECIDED)
    assert found.lines[0][1:] == (
        "De vraag is: ‘Speelt er iets op meer dan één gebied, of hielp lichte hulp…’",
        "Het antwoord is ‘De korte weg’.",
    )
    assert not unreadable(found.sentences)


def test_words_are_cut_off_after_so_many():
    assert quoted("een twee drie", 3) == "‘een twee drie’"
    assert quoted("een twee drie", 2) == "‘een twee…’"


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (Kind.FORM, "Het vaste aanspreekpunt vult ‘Iets’ in."),
        (Kind.DECISION, "Het vaste aanspreekpunt beslist bij ‘Iets’."),
        (Kind.LADDER, "Het vaste aanspreekpunt kiest bij ‘Iets’."),
        (Kind.WAIT, "Het wachten bij ‘Iets’ is voorbij."),
        (Kind.AUTOMATIC, "‘Iets’ gaat vanzelf."),
    ],
)
def test_each_kind_of_step_has_its_verb(kind, sentence):
    harmful = named("decide", "Iets", kind=kind, meanings=("municipal_decision",))
    start = named("talk", "Eerste gesprek", "decide")
    assert told(release(definition("V", start, harmful)), NEVER_DECIDED).lines[-1] == (sentence,)


def test_an_automatic_step_without_an_event_is_left_out():
    spec = release(
        definition(
            "V", named("talk", "Praten", "auto"), named("auto", "Vanzelf", "decide", kind=Kind.AUTOMATIC), DECIDE
        )
    )
    assert told(spec, NEVER_DECIDED).lines == (
        ("Het vaste aanspreekpunt vult ‘Praten’ in.",),
        ("Het vaste aanspreekpunt beslist bij ‘Besluit nemen’.",),
    )


@pytest.mark.parametrize(
    ("obligation", "sentence"),
    [
        (Obligation.POLICY, "Het vaste aanspreekpunt slaat ‘Plan maken’ over, met een reden."),
        (Obligation.OPTIONAL, "Het vaste aanspreekpunt slaat ‘Plan maken’ over."),
    ],
)
def test_a_step_is_skipped_with_a_reason_unless_it_is_optional(obligation, sentence):
    plan = named("plan", "Plan maken", "decide", obligation=obligation, meanings=("family_plan",))
    found = told(release(definition("V", plan, DECIDE)), PLAN_FIRST)
    assert found.lines[0] == (sentence,)
    assert found.heard == ("skip:family_plan", "municipal_decision")


def test_what_a_caller_makes_optional_is_skipped_without_a_reason():
    called = definition("D-A", named("plan", "Plan maken", Return("ok"), meanings=("family_plan",)), returns=("ok",))
    main = definition("V", named("ask", "Vragen", call=calls("D-A", obligation=Obligation.OPTIONAL)))
    found = told(release(main, called), safeguard(NoDeviation(("family_plan",))))
    assert found.lines == (("Het vaste aanspreekpunt slaat ‘Plan maken’ over.",),)
    assert found.lost == "Een plan van het gezin is hier overgeslagen."


def test_a_step_is_done_by_the_first_of_its_roles():
    for role, who in {"crisisdienst": "De crisisdienst", "netwerk": "Iemand uit het netwerk"}.items():
        spec = release(definition("V", replace(DECIDE, performers=(Performer(role), Performer("vap")))))
        assert told(spec, NEVER_DECIDED).lines == ((f"{who} beslist bij ‘Besluit nemen’.",),)


def test_a_step_is_skipped_by_the_first_role_that_may_deviate():
    plan = named(
        "plan", "Plan maken", "decide", obligation=Obligation.POLICY, meanings=("family_plan",),
        performers=(Performer("ouder_gezag"), Performer("gezinscoach")),
    )  # fmt: skip
    found = told(release(definition("V", plan, DECIDE)), safeguard(NoDeviation(("family_plan",))))
    assert found.lines == (("De gezinscoach slaat ‘Plan maken’ over, met een reden.",),)


def test_a_decision_is_told_in_one_sentence_where_its_question_only_names_it():
    outcome = question("besluit", "Besluit", {"ja": "Toegekend", "nee": "Afgewezen"})
    first = replace(DECIDE, fields=(outcome,), exits=exits((is_("besluit", "nee"), "close"), End()))
    spec = release(definition("V", first, named("close", "Afsluiten", meanings=("closing",))))
    found = told(spec, NEVER_CLOSED)
    assert found.lines[0] == ("Het vaste aanspreekpunt beslist bij ‘Besluit nemen’: ‘Afgewezen’.",)
    asked = replace(first, fields=(replace(outcome, label=text("Wat besluiten we?")),))
    found = told(release(definition("V", asked, *spec.definitions["V"].activities[1:])), NEVER_CLOSED)
    assert found.lines[0] == (
        "Het vaste aanspreekpunt beslist bij ‘Besluit nemen’.",
        "Het antwoord op ‘Wat besluiten we?’ is ‘Afgewezen’.",
    )
    filled_in = replace(first, kind=Kind.FORM)
    found = told(release(definition("V", filled_in, *spec.definitions["V"].activities[1:])), NEVER_CLOSED)
    assert found.lines[0][1] == "De keuze bij ‘Besluit’ is ‘Afgewezen’."


def test_an_answer_that_no_form_takes_is_told_only_where_it_must_be():
    unless = Rule(All((is_("weg", "kort"), more_placements_than(1))), Effect.BLOCK, text("Nee."), "C1")
    talk = named("talk", "Eerste gesprek", (is_("weg", "lang"), End()), "decide", fields=(WAY,), rules=(unless,))
    assert first_line(release(definition("V", talk, DECIDE))).endswith("is ‘De korte weg’.")
    both = Rule(is_("weg", "kort"), Effect.BLOCK, text("Nee."), "C1")
    talk = named("talk", "Eerste gesprek", (is_("weg", "lang"), End()), "decide", fields=(WAY,), rules=(both,))
    assert first_line(release(definition("V", talk, DECIDE))).endswith("Bij ‘Welke weg past?’ vult iemand iets in.")


def part(**more):
    inside = (named("a", "Binnen een", "b"), named("b", "Binnen twee", Return("ok"), **more))
    return replace(definition("D-A", *inside, returns=("ok",)), title=text("Het hele deel"))


def test_a_part_in_which_nothing_matters_is_one_line():
    spec = release(definition("V", named("ask", "Het deel doen", "decide", call=calls("D-A")), DECIDE), part())
    assert told(spec, NEVER_DECIDED).lines == (
        ("Het onderdeel ‘Het hele deel’ wordt gedaan.",),
        ("Het vaste aanspreekpunt beslist bij ‘Besluit nemen’.",),
    )


def test_a_part_in_which_something_matters_is_told_step_by_step():
    spec = release(
        definition("V", named("ask", "Het deel doen", "decide", call=calls("D-A")), DECIDE),
        part(meanings=("closing",)),
    )
    never_both = safeguard(NotCoexistence(("closing",), ("municipal_decision",)))
    assert told(spec, never_both).lines == (
        ("Het vaste aanspreekpunt vult ‘Binnen een’ in.",),
        ("Het vaste aanspreekpunt vult ‘Binnen twee’ in.",),
        ("Het onderdeel ‘Het deel doen’ is klaar.",),
        ("Het vaste aanspreekpunt beslist bij ‘Besluit nemen’.",),
    )


def test_a_track_is_opened_by_somebody_by_itself_or_by_a_step():
    body = named("body", "Het spoor lopen", meanings=("closing",))
    ways = {
        "Iemand opent ‘Een spoor’.": ByHand.HAND,
        "‘Een spoor’ gaat open.": OnEvent(RecordEvent.CAME_HOME),
    }
    for sentence, opener in ways.items():
        beside = replace(track("t", activity="body", opens_by=opener), title=text("Een spoor"))
        found = told(release(definition("V", named("talk", "Praten"), body, tracks=(beside,))), NEVER_CLOSED)
        assert found.lines == ((sentence,), ("Het vaste aanspreekpunt vult ‘Het spoor lopen’ in.",))
    beside = replace(track("t", activity="body"), title=text("Een spoor"))
    opens = (Open(OpenTrack("t"), Moment.COMPLETING, Owner.FAMILY),)
    found = told(release(definition("V", named("talk", "Praten", opens=opens), body, tracks=(beside,))), NEVER_CLOSED)
    assert found.lines[:2] == (("Het vaste aanspreekpunt vult ‘Praten’ in.",), ("‘Een spoor’ gaat open.",))


def test_a_form_that_stays_open_is_kept():
    body = named("body", "Het spoor lopen", stays_open=True, meanings=("closing",))
    beside = replace(track("t", activity="body", opens_by=ByHand.HAND, closed_by_hand=True), title=text("Een spoor"))
    found = told(release(definition("V", named("talk", "Praten"), body, tracks=(beside,))), NEVER_CLOSED)
    assert found.lines[-1] == ("Het vaste aanspreekpunt bewaart ‘Het spoor lopen’.",)


@pytest.mark.parametrize(
    ("closes", "sentence"),
    [
        ({"closed_by_hand": True}, "Iemand sluit ‘Een spoor’."),
        ({"closes_on": (OnEvent(RecordEvent.MEASURE_ENDED),)}, "‘Een spoor’ sluit."),
    ],
)
def test_a_track_that_stops_is_told(closes, sentence):
    inside = (
        named("a", "Binnen een", "b", meanings=("family_plan",)),
        named("b", "Binnen twee", Return("ok"), meanings=("closing",)),
    )
    beside = replace(track("t", definition="D-A", opens_by=ByHand.HAND, **closes), title=text("Een spoor"))
    main = definition("V", named("talk", "Praten"), tracks=(beside,))
    found = told(release(main, definition("D-A", *inside, returns=("ok",))), safeguard(Twice()))
    assert found.real
    assert [it for (it,) in found.lines] == [
        "Iemand opent ‘Een spoor’.",
        "Het vaste aanspreekpunt vult ‘Binnen een’ in.",
        sentence,
        "Iemand opent ‘Een spoor’.",
        "Het vaste aanspreekpunt vult ‘Binnen een’ in.",
    ]


def test_a_crisis_is_told():
    crisis = replace(definition("D-C", named("c", "Veilig maken", meanings=("closing",))), title=text("Spoed"))
    talk = named("talk", "Praten", (is_("weg", "kort"), Interrupt("D-C")), End(), fields=(WAY,))
    found = told(release(definition("V", talk), crisis), NEVER_CLOSED)
    assert found.lines == (
        ("Er is een crisis: ‘Spoed’ begint.",),
        ("Het vaste aanspreekpunt vult ‘Veilig maken’ in.",),
    )


def test_a_case_that_goes_elsewhere_and_comes_back_is_told():
    talk = named("talk", "Praten", (is_("weg", "kort"), Jump("X")), End(), fields=(WAY,))
    spec = release(definition("V", talk, DECIDE, entries=("decide",), outside=OUTSIDE))
    assert told(spec, NEVER_DECIDED).lines[1:] == (
        ("De zaak gaat buiten dit pad verder.", "De afspraak is dan: ‘Een ander neemt het over.’"),
        ("De zaak komt terug bij ‘Besluit nemen’.",),
        ("Het vaste aanspreekpunt beslist bij ‘Besluit nemen’.",),
    )


def test_a_case_that_goes_over_to_another_path_is_told():
    other = replace(definition("W", DECIDE), title=text("Het andere pad"))
    talk = named("talk", "Praten", (is_("weg", "kort"), Jump("W")), End(), fields=(WAY,))
    found = told(release(definition("V", talk), other), NEVER_DECIDED)
    assert found.lines[1:] == (
        ("De zaak gaat verder in ‘Het andere pad’.",),
        ("Het vaste aanspreekpunt beslist bij ‘Besluit nemen’.",),
    )


def test_a_step_that_cannot_be_is_told():
    plan = named(
        "plan", "Plan maken", "decide", meanings=("family_plan",),
        available=more_placements_than(1), unavailable=named("x", "x", "decide").exits[0].target,
    )  # fmt: skip
    found = told(release(definition("V", named("talk", "Praten", "plan"), plan, DECIDE)), PLAN_FIRST)
    assert ("‘Plan maken’ kan nu niet en valt weg.",) in found.lines


def test_children_who_go_on_apart_are_told():
    line = definition("V", named("talk", "Praten", "decide"), DECIDE, per_child_from="decide")
    found = told(release(line), safeguard(Absence(("municipal_decision",)), Scope.CHILD))
    assert found.lines[-1] == ("Het vaste aanspreekpunt beslist bij ‘Besluit nemen’.",)


def about_one_help() -> ReleaseSpec:
    inside = named("start", "Hulp starten", Return("ok"), meanings=("start_of_help",))
    called = definition("D-A", inside, scope=RunScope.HELP, returns=("ok",))
    return release(
        definition(
            "V",
            named("talk", "Praten", "ask"),
            named("ask", "Het deel doen", call=calls("D-A", for_each="help_item")),
        ),
        called,
    )


def test_what_happens_for_one_help_is_told_so_where_the_statement_is_about_the_family():
    found = told(about_one_help(), safeguard(Precedence(("family_plan",), ("start_of_help",))))
    assert found.real
    assert found.lines == (
        ("Het vaste aanspreekpunt vult ‘Praten’ in.",),
        ("Bij een hulp: het vaste aanspreekpunt vult ‘Hulp starten’ in.",),
    )
    assert found.lost == "Er is hier nooit een plan van het gezin geweest."
    assert found.heard == ("start_of_help",)


def test_what_was_done_for_the_family_only_is_told_so_where_it_must_be_done_for_the_help():
    spec = about_one_help()
    whole = spec.definitions["V"]
    steps = tuple(replace(it, meanings=("family_plan",)) if it.key == "talk" else it for it in whole.activities)
    spec = ReleaseSpec("V", {**spec.definitions, "V": replace(whole, activities=steps)})
    found = told(spec, safeguard(Precedence(("family_plan",), ("start_of_help",)), Scope.HELP))
    assert found.real
    assert found.heard == ("*family_plan", "start_of_help")
    assert found.lost == "Een plan van het gezin is er wel, maar niet voor deze hulp."


@pytest.mark.parametrize(
    "template",
    [
        Precedence(("family_plan",), ("municipal_decision",)),
        OnlyWhile(("municipal_decision",), more_placements_than(1), "is er een plek", "Er is hier geen plek."),
    ],
    ids=["an order", "something asked"],
)
def test_what_happens_for_one_child_is_walked_where_the_statement_is_about_the_family(template):
    inside = named("decide", "Besluit nemen", Return("ok"), meanings=("municipal_decision",))
    called = definition("D-A", inside, scope=RunScope.CHILD, returns=("ok",))
    ask = named("ask", "Per kind", call=calls("D-A", for_each="children"))
    found = told(release(definition("V", named("talk", "Praten", "ask"), ask), called), safeguard(template))
    assert found.real
    assert found.lines[-1] == ("Bij een kind: het vaste aanspreekpunt vult ‘Besluit nemen’ in.",)


def test_what_opens_for_the_help_that_the_statement_is_about_is_told_so():
    body = named("start", "Hulp starten", meanings=("start_of_help",))
    beside = replace(track("t", activity="start", opens_by=ByHand.HAND, owner=Owner.HELP), title=text("De hulp"))
    spec = release(definition("V", named("talk", "Praten"), body, tracks=(beside,)))
    found = told(spec, safeguard(Absence(("start_of_help",)), Scope.HELP))
    assert found.lines[0] in (("Iemand opent ‘De hulp’ voor deze hulp.",), ("Iemand opent ‘De hulp’.",))


def two_copies() -> ReleaseSpec:
    """A release with a track of which several copies can be open at once."""
    plan = named("plan", "Plan maken", "ready", meanings=("family_plan",), obligation=Obligation.POLICY, skip="ready")
    ready = named("ready", "Klaar zijn", meanings=("closing",))
    copies = track("t", activity="plan", opens_by=ByHand.HAND, owner=Owner.RUN, handed_over=True)
    copies = replace(copies, title=text("Plannen"))
    return release(definition("V", named("talk", "Praten"), plan, ready, tracks=(copies,)))


def test_a_run_that_was_not_walked_says_so():
    found = told(two_copies(), safeguard(Twice(times=3)))
    assert not found.real
    assert CAUTION in found.sentences
    assert CAUTION in found.text
    assert found.lines[-2:] == (
        ("Het vaste aanspreekpunt vult ‘Plan maken’ in.",),
        ("Het vaste aanspreekpunt vult ‘Plan maken’ in.",),
    )


def test_a_run_that_was_not_walked_is_no_counter_example_and_no_proof():
    checked = check(two_copies(), Pack("one", "1", (safeguard(Twice(times=3)),)), mend=False)
    assert [it.code for it in checked.errors] == ["safeguard.not_walked"]
    assert checked.proven == ()


def test_what_may_have_been_skipped_is_told_as_skipped_where_only_that_does_harm():
    found = told(two_copies(), safeguard(Twice("skip:family_plan", times=3)))
    assert not found.real
    assert found.lines[-1] == ("Het vaste aanspreekpunt slaat ‘Plan maken’ over, met een reden.",)
    assert found.lost == "Er zijn twee plannen."


def test_a_run_that_rests_on_another_row_is_looked_for_with_one_such_row():
    body = named("plan", "Plan maken", meanings=("family_plan",), obligation=Obligation.POLICY)
    copies = track("t", activity="plan", opens_by=ByHand.HAND, owner=Owner.RUN, handed_over=True)
    copies = replace(copies, title=text("Plannen"))
    spec = release(definition("V", named("talk", "Praten"), body, tracks=(copies,)))
    found = told(spec, safeguard(NoDeviation(("family_plan",))))
    assert found.real
    assert found.lines == (
        ("Iemand opent ‘Plannen’.",),
        ("Het vaste aanspreekpunt slaat ‘Plan maken’ over, met een reden.",),
    )
    assert found.lost == "Een plan van het gezin is hier overgeslagen."


@pytest.mark.parametrize("broken", [PLAN_FIRST, safeguard(WhoMayPerform(("municipal_decision",), ("vap",)))])
def test_without_a_run_there_is_nothing_to_tell(broken):
    machine = Machine(planned(release(definition("V", named("talk", "Praten")))), Scope.FAMILY)
    verdict = prove(machine, PLAN_FIRST.monitor)
    with pytest.raises(ValueError, match="no run"):
        story(machine, broken, verdict)


def mutated(key: str, activity: str, **changes) -> ReleaseSpec:
    """The shipped release with one step changed."""
    spec = shipped()
    whole = spec.definitions[key]
    steps = tuple(replace(it, **changes) if it.key == activity else it for it in whole.activities)
    return ReleaseSpec(spec.start, {**spec.definitions, key: replace(whole, activities=steps)})


def test_a_skipped_question_for_consent_on_the_shipped_paths_is_told():
    spec = mutated("D-INTREK", "withdraw_consent", obligation=Obligation.POLICY, skip=Return("noted"))
    broken = next(it for it in national().safeguards if it.key == "withdrawal_is_open")
    found = told(spec, broken)
    assert found.real
    assert found.lines[-1] == ("Het vaste aanspreekpunt slaat ‘Toestemming intrekken’ over, met een reden.",)
    assert ("Iemand opent ‘Toestemming intrekken’ voor deze hulp.",) in found.lines
    assert found.lost == "Een intrekking van toestemming is hier overgeslagen."
    assert found.place == Place("D-INTREK", "withdraw_consent")
    assert not unreadable(found.sentences, keys_of(spec))
    assert median(len(it.split()) for it in found.sentences) <= 12


TEMPLATES = (
    Precedence(("family_plan",), ("municipal_decision",)),
    Precedence(("family_plan",), ("municipal_decision",), again=("closing",)),
    Absence(("municipal_decision",)),
    Response(("family_plan",), ("municipal_decision",), ("closing",)),
    NotCoexistence(("family_plan",), ("municipal_decision",)),
    NoDeviation(("family_plan",)),
)
REAL_MEANINGS = {"a": "family_plan", "b": "municipal_decision", "c": "closing"}


def meaning_something(spec: ReleaseSpec) -> ReleaseSpec:
    return replace(
        spec,
        definitions={
            key: replace(
                whole,
                activities=tuple(
                    replace(it, meanings=tuple(REAL_MEANINGS[meaning] for meaning in it.meanings))
                    for it in whole.activities
                ),
            )
            for key, whole in spec.definitions.items()
        },
    )


@settings(
    max_examples=size("property_examples"),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(meant(), st.sampled_from(TEMPLATES), st.sampled_from([Scope.FAMILY, Scope.HELP]))
def test_every_run_that_breaks_a_statement_is_told_without_a_key(made, template, scope):
    spec, broken = with_words(meaning_something(made)), safeguard(template, scope)
    machine = Machine(planned(spec), scope)
    verdict = prove(machine, broken.monitor, BOUND)
    assume(verdict.run)
    found = story(machine, broken, verdict)
    event("real" if found.real else "not walked")
    assert found.lines
    assert all(found.lines)
    assert not unreadable(found.sentences, keys_of(spec))
    assert found.short.endswith(found.lost)
    assert found.advice[-1] == found.sentences[-1]
    assert found.where == f"activities[{planned(spec).step(found.place.definition, found.place.activity).index}]"
