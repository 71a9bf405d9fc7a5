"""Consent as the shipped definitions ask for it: rules, exits and records of the steps, on cases with real facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import count

import pytest

from padwijzer.forms.core.answers import Answers
from padwijzer.forms.core.conditions import Scalar, Value, evaluate
from padwijzer.forms.core.field_types import Answer, RowAnswer
from padwijzer.workflows.core.calendars import load_calendars
from padwijzer.workflows.core.case_file import CaseFile, CaseLookup, Row, Run, TermTimes
from padwijzer.workflows.core.definition import Effect, ProcessDefinition, Target
from padwijzer.workflows.core.exits import Taken, choose_exit
from padwijzer.workflows.core.reading import read_definition, write_definition
from padwijzer.workflows.core.recording import applied, changes
from padwijzer.workflows.core.rules import acting_rules
from padwijzer.workflows.core.terms import load_terms

TODAY = date(2026, 11, 2)
BIRTH = {"noor": date(2017, 4, 2), "jay": date(2014, 5, 20), "tess": date(2011, 3, 1), "lisa": date(2010, 6, 1)}
FIXTURES = files("padwijzer") / "fixtures"


@cache
def definition(key: str) -> ProcessDefinition:
    return read_definition((FIXTURES / "paths" / f"{key}.json").read_bytes())


@cache
def times() -> TermTimes:
    return TermTimes(
        load_terms((FIXTURES / "terms.json").read_bytes()), load_calendars((FIXTURES / "calendars.json").read_bytes())
    )


def row(key: str, register: str, **values: Value) -> Row:
    return Row(key, register, values, TODAY)


def a_case(child: str, *, authority: tuple[str, ...] = ("mother", "father"), **help_item: Value) -> CaseFile:
    """A family with one child and both parents, and one help for that child on which a run of D-TOEST is about."""
    persons = [row(child, "person", kind="child", name=child, birth_date=BIRTH[child])]
    persons += [row(parent, "person", kind="parent", name=parent) for parent in ("mother", "father")]
    values: dict[str, Value] = {"for_kind": "child", "child": child, "regime": "voluntary", "status": "proposed"}
    return CaseFile(
        TODAY,
        times(),
        registers={
            "person": tuple(persons),
            "authority": tuple(
                row(f"gezag {person}", "authority", child=child, person=person, kind="gezag") for person in authority
            ),
            "help_item": (row("help", "help_item", **{**values, **help_item}),),
        },
        runs=(Run(0, "D-TOEST", TODAY, subject="help", parameters={"mode": "voluntary"}),),
    )


class Step:
    """One step, filled in on a case."""

    def __init__(self, case: CaseFile, key: str, activity: str, **answers: Answer) -> None:
        run = replace(case.runs[0], definition=key)
        self.activity = definition(key).activity(activity)
        self.answers = Answers(answers)
        self.before = CaseLookup(replace(case, runs=(run,)), 0, activity, answers)
        numbers = count()
        made = changes(
            self.activity, self.answers, self.before, case.row(run.subject), lambda: f"new {activity} {next(numbers)}"
        )
        self.after = replace(self.before, case_file=applied(self.before.case_file, made))

    @property
    def case(self) -> CaseFile:
        return replace(self.after.case_file, runs=self.before.case_file.runs)

    def acting(self, effect: Effect) -> list[str]:
        return [
            dict(acting.rule.text)["nl"]
            for acting in acting_rules(self.activity, self.after)
            if acting.effect is effect
        ]

    @property
    def blocks(self) -> list[str]:
        return self.acting(Effect.BLOCK)

    @property
    def way_on(self) -> object:
        taken = choose_exit(self.activity, lambda condition: evaluate(condition, self.after))
        assert isinstance(taken, Taken)
        return written(taken.target)


def written(target: Target) -> object:
    """A target as it stands in a file."""
    bare = definition("D-JIM")
    exits = (replace(bare.activities[0].exits[0], target=target),)
    found = write_definition(replace(bare, activities=(replace(bare.activities[0], exits=exits),)))
    return found["activities"][0]["exits"][0]["to"]  # type: ignore[index] # plain JSON values


def rows(*answers: dict[str, Value]) -> tuple[RowAnswer, ...]:
    return tuple(RowAnswer("", tuple(cells.items())) for cells in answers)


def said(case: CaseFile, **answers: str) -> Step:
    spoken: list[dict[str, Value]] = [
        {"persoon": person, "antwoord": answer, "datum": TODAY} for person, answer in answers.items()
    ]
    return Step(case, "D-TOEST", "answers", antwoorden=rows(*spoken), stem_kind="Vindt het spannend.")


def replaced(case: CaseFile, outcome: str, person: str) -> Step:
    return Step(
        case,
        "D-TOEST",
        "no_full_consent",
        t4_uitkomst=outcome,
        t4_voor=person,
        t4_reden="Uitgelegd.",
        t4_beslisser="p",
    )


def test_while_nobody_is_known_with_authority_the_first_step_asks_to_find_out() -> None:
    unknown = Step(a_case("noor", authority=()), "D-TOEST", "who_consents", gezag_gecontroleerd_op=TODAY)
    known = Step(a_case("noor"), "D-TOEST", "who_consents", gezag_gecontroleerd_op=TODAY)
    assert unknown.blocks
    assert not known.blocks


def test_authority_entered_in_the_step_itself_is_enough() -> None:
    gezag = rows({"kind": "noor", "persoon": "mother", "soort": "gezag", "bron": "register"})
    step = Step(a_case("noor", authority=()), "D-TOEST", "who_consents", gezag_gecontroleerd_op=TODAY, gezag=gezag)
    assert not step.blocks


@pytest.mark.parametrize(
    ("child", "answers", "way_on"),
    [
        ("noor", {"mother": "akkoord", "father": "akkoord"}, "consent_given"),
        ("noor", {"mother": "akkoord", "father": "nee"}, "no_full_consent"),
        ("noor", {"mother": "akkoord", "father": "niet_bereikt"}, "no_full_consent"),
        ("jay", {"mother": "akkoord", "father": "akkoord"}, "no_full_consent"),
        ("jay", {"mother": "akkoord", "father": "akkoord", "jay": "nee"}, "no_full_consent"),
        ("jay", {"mother": "akkoord", "father": "akkoord", "jay": "akkoord"}, "consent_given"),
        ("lisa", {"lisa": "akkoord"}, "consent_given"),
    ],
)
def test_only_a_yes_of_everybody_who_decides_is_consent(child: str, answers: dict[str, str], way_on: str) -> None:
    assert said(a_case(child), **answers).way_on == {"goto": way_on}


def test_under_a_measure_everybody_is_heard_and_nobody_stands_in_the_way() -> None:
    case = a_case("noor")
    case = replace(case, runs=(replace(case.runs[0], parameters={"mode": "measure"}),))
    step = said(case, mother="nee", father="nee")
    assert step.way_on == {"return": "heard"}
    assert step.acting(Effect.WARN)


def test_medical_treatment_keeps_its_own_consent_under_a_measure() -> None:
    case = a_case("noor", regime="medical")
    case = replace(case, runs=(replace(case.runs[0], parameters={"mode": "measure"}),))
    assert said(case, mother="nee", father="nee").way_on == {"goto": "no_full_consent"}


def test_the_considered_wish_of_a_youth_replaces_the_no_of_a_parent_and_of_no_other() -> None:
    refused = said(a_case("tess"), tess="akkoord", mother="nee", father="nee").case
    first = replaced(refused, "weloverwogen_wens", "mother")
    assert not first.blocks
    assert first.way_on == {"goto": "no_full_consent"}
    assert replaced(first.case, "weloverwogen_wens", "father").way_on == {"goto": "consent_given"}


def test_the_no_of_a_youth_can_never_be_replaced() -> None:
    refused = said(a_case("jay"), jay="nee", mother="akkoord", father="akkoord").case
    for outcome in ("weloverwogen_wens", "ernstig_nadeel", "rechter_vervangt"):
        assert replaced(refused, outcome, "jay").way_on == {"goto": "no_full_consent"}


def test_a_considered_wish_is_only_for_twelve_to_fifteen() -> None:
    assert replaced(said(a_case("noor"), mother="akkoord", father="nee").case, "weloverwogen_wens", "father").blocks
    assert replaced(said(a_case("lisa"), lisa="nee").case, "weloverwogen_wens", "mother").blocks


def test_saying_no_is_no_ground_for_worries() -> None:
    refused = said(a_case("noor"), mother="akkoord", father="nee").case

    def worried(*kinds: str) -> Step:
        return Step(
            refused, "D-TOEST", "no_full_consent", t4_uitkomst="zorgen", t4_reden_soort=frozenset[Scalar](kinds)
        )

    assert worried("weigering").blocks
    assert not worried("weigering", "veiligheid").blocks


@pytest.mark.parametrize("activity", ["waiting_check", "help_begins"])
def test_help_does_not_start_without_consent(activity: str) -> None:
    started: dict[str, Answer] = {"begonnen_op": TODAY, "gestart_op": TODAY, "wacht_gaat": "beter"}
    given = said(a_case("noor", status="waiting"), mother="akkoord", father="akkoord").case
    refused = said(a_case("noor", status="waiting"), mother="akkoord", father="nee").case
    assert not Step(given, "D-WACHT", activity, **started).blocks
    assert Step(refused, "D-WACHT", activity, **started).blocks


def test_withdrawing_ends_the_consent_and_nothing_stands_in_its_way() -> None:
    given = said(a_case("noor", status="running"), mother="akkoord", father="akkoord").case
    withdrawn = Step(given, "D-INTREK", "withdraw_consent", intrek_persoon="mother")
    assert not withdrawn.blocks
    assert withdrawn.way_on == {"goto": "talk_after_withdrawal"}
    assert Step(withdrawn.case, "V", "help_starts", contact_ritme="w2").blocks
    stopped = Step(withdrawn.case, "D-INTREK", "help_stops").case
    assert stopped.rows("help_item")[0].values["status"] == "stopped"
    assert not Step(stopped, "V", "help_starts", contact_ritme="w2").blocks


def test_choosing_help_anew_replaces_what_never_started_and_leaves_what_runs() -> None:
    case = a_case("jay", in_this_decision="ja")
    running = row("other", "help_item", status="running", in_this_decision="ja", regime="voluntary", for_kind="child")
    case = case.with_rows("help_item", (*case.rows("help_item"), running))
    chosen = rows({"hulp": "jeugd_ggz", "voor_soort": "child", "voor": "jay", "doel": "Beter slapen"})
    old, kept, new = Step(case, "V", "choose_help", hulp_lijst=chosen).case.rows("help_item")
    assert (old.values["status"], old.values["in_this_decision"]) == ("not_started", "nee")
    assert (kept.values["status"], kept.values["in_this_decision"]) == ("running", "nee")
    assert (new.values["status"], new.values["in_this_decision"]) == ("proposed", "ja")
    assert (new.values["regime"], new.values["child"]) == ("medical", "jay")


def test_a_help_of_which_nobody_knows_for_whom_it_is_is_not_chosen() -> None:
    nobody = Step(a_case("jay"), "V", "choose_help", hulp_lijst=rows({"hulp": "anders", "voor_soort": "family"}))
    assert nobody.blocks
