"""
Rules of law that a step of a shipped path keeps, each asked on a case with real facts and the terms that ship.

`docs/hard-rules.md` says which rule is kept where. Each is asked just inside and just outside what the law allows.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files

import pytest

from padwijzer.forms.core.conditions import Scalar, Value
from padwijzer.forms.core.field_types import Answer, LadderAnswer, Rejection, RowAnswer
from padwijzer.workflows.core.case_file import Row, Run, Visit, VisitState
from padwijzer.workflows.core.definition import Effect, Obligation, OpenDuty, ProcessDefinition
from padwijzer.workflows.core.graph import successors
from padwijzer.workflows.core.reading import read_definition
from padwijzer.workflows.core.rules import acting_rules
from tests.support.case_files import a_case, a_child, a_lookup, a_parent, a_row, a_visit

TODAY = date(2026, 11, 25)
YESTERDAY, TOMORROW = date(2026, 11, 24), date(2026, 11, 26)
RULED_AT = datetime(2026, 11, 25, 10, tzinfo=UTC)
MEASURE = a_row("measure", "measure", child="child", kind="ots", from_=date(2026, 1, 10), until=date(2027, 1, 10))


@cache
def definition(key: str) -> ProcessDefinition:
    return read_definition((files("padwijzer") / "fixtures" / "paths" / f"{key}.json").read_bytes())


def found(effect: Effect, where: str, *known: Row | Visit, **answers: Answer) -> set[str]:
    """The grounds of the rules with that effect that act on `step@row`; without a row it is about the child."""
    step, _, about = where.partition("@")
    key, _, activity = step.partition(".")
    rows = [it for it in known if isinstance(it, Row)]
    visits = tuple(it for it in known if isinstance(it, Visit))
    given = rows if any(row.register == "person" for row in rows) else (a_child(), *rows)
    case = a_case(*given, today=TODAY)
    run = Run(0, key, date(2026, 1, 1), about or "child", ("child",), parameters={"mode": "voluntary"})
    lookup = a_lookup(replace(case, runs=(run,), visits=visits), activity, **answers)
    acting = acting_rules(definition(key).activity(activity), lookup)
    return {it.rule.ground for it in acting if it.effect is effect}


def blocks(where: str, *known: Row | Visit, **answers: Answer) -> set[str]:
    """The grounds of the rules that stand in the way."""
    return found(Effect.BLOCK, where, *known, **answers)


def cells(**values: Value) -> tuple[RowAnswer, ...]:
    """One row of a question."""
    return (RowAnswer("", tuple(values.items())),)


def is_asked(step: str, field: str) -> bool:
    """Whether a step always asks a question, and cannot be done without an answer."""
    key, _, activity = step.partition(".")
    asked = definition(key).activity(activity).form.field(field)
    return asked is not None and asked.required and asked.shown_if is None


def is_law(step: str) -> bool:
    """Whether nobody can skip a step, because the law asks it."""
    key, _, activity = step.partition(".")
    return definition(key).activity(activity).obligation is Obligation.LAW


# Request, plan and consent


def test_whether_the_family_wants_to_make_its_own_plan_is_asked_and_silence_is_no_answer() -> None:
    assert blocks("V.short_plan", gezin_eens="ja") == {"C9"}
    assert blocks("V.short_plan", gezin_eens="ja", fgp_gevraagd="nee") == {"C9"}
    assert blocks("V.short_plan", gezin_eens="ja", fgp_gevraagd="ja") == set()
    assert is_asked("V.family_plan", "fgp_keuze")
    assert is_law("V.family_plan")


@pytest.mark.parametrize("step", ["V.short_plan", "V.family_plan"])
def test_a_plan_to_which_the_family_says_no_is_no_plan(step: str) -> None:
    assert blocks(step, gezin_eens="nee", fgp_gevraagd="ja") == {"C10"}
    assert blocks(step, gezin_eens="deels", fgp_gevraagd="ja") == set()


def test_who_cannot_weigh_it_is_judged_with_a_reason() -> None:
    parents = (a_child(), a_parent("mother"), a_row("help_item", "help", for_kind="child", child="child"))
    authority = a_row("authority", "a", child="child", person="mother", kind="gezag")
    judged = {"persoon": "child", "kan_zelf_afwegen": "nee"}
    step = "D-TOEST.who_consents@help"
    assert blocks(step, *parents, authority, afwegen=cells(**judged)) == {"C13"}
    reasoned = cells(**judged, afwegen_reden="Begrijpt de vraag niet; beoordeeld door de arts.")
    assert blocks(step, *parents, authority, afwegen=reasoned) == set()


def test_consent_is_asked_only_after_everything_was_explained() -> None:
    row = a_row("help_item", "help", for_kind="child", child="child", regime="voluntary")
    told = ["wat", "waarom", "duur", "anders", "nee_zeggen"]
    for missing in told:
        said = frozenset({*told} - {missing})
        assert blocks("D-TOEST.explain@help", row, uitgelegd=said) == {"C20"}
    assert blocks("D-TOEST.explain@help", row, uitgelegd=frozenset(told)) == set()


def test_nobody_has_to_tell_about_the_lives_of_the_parents() -> None:
    assert not any(field.required for field in definition("V").activity("look_back").fields)


def test_information_is_shared_with_the_yes_of_everybody_or_after_the_six_questions() -> None:
    yes, no = cells(persoon="mother", antwoord="akkoord"), cells(persoon="father", antwoord="nee")
    asked: dict[str, Answer] = {"deel_grond": "toestemming", "samen_gesprek": TOMORROW}
    assert blocks("D-DEEL.who_may_know", **asked, deel_ja=(*yes, *no)) == {"C63"}
    assert blocks("D-DEEL.who_may_know", **asked) == {"C63"}
    assert blocks("D-DEEL.who_may_know", **asked, deel_ja=yes) == set()
    questions = definition("D-DEEL").activity("who_may_know").form.field("deel_gevaar")
    assert questions is not None
    assert questions.required


@pytest.mark.parametrize(("measure", "grounds"), [((), {"C63"}), ((MEASURE,), set())])
def test_only_while_a_measure_runs_the_measure_is_a_reason_to_share(
    measure: tuple[Row, ...], grounds: set[str]
) -> None:
    assert blocks("D-DEEL.who_may_know", a_child(), *measure, deel_grond="maatregel") == grounds
    assert blocks("D-DEEL.who_may_know", a_child(), *measure, deel_grond="betrokken") == set()


def test_the_municipality_decides_only_after_a_plan_or_the_offer_of_one() -> None:
    assert "C9" in blocks("V.municipal_decision")
    for plan in ("family_plan", "short_plan"):
        assert "C9" not in blocks("V.municipal_decision", a_visit(plan, YESTERDAY))
        skipped = a_visit(plan, YESTERDAY, VisitState.SKIPPED)
        assert "C9" in blocks("V.municipal_decision", skipped)


def test_intensive_help_that_nobody_says_yes_to_does_not_start() -> None:
    def started(regime: str, *more: Row) -> set[str]:
        help_ = a_row("help_item", "help", for_kind="child", child="child", regime=regime, status="waiting")
        authority = a_row("authority", "a", child="child", person="mother", kind="gezag")
        return blocks("IVH.intensive_help@help", a_child(), a_parent("mother"), help_, authority, *more)

    yes = [
        a_row("consent", f"yes-{who}", kind="answer", person=who, subject="help", answer="akkoord", on=YESTERDAY)
        for who in ("child", "mother")
    ]
    assert started("voluntary") == {"C2"}
    assert started("medical") == {"C2"}
    assert started("voluntary", *yes) == set()
    assert started("measure") == set()


@pytest.mark.parametrize("step", ["plan_of_action", "help_starts", "evaluate_measure", "renew_or_end"])
def test_the_guardian_acts_only_while_a_measure_runs(step: str) -> None:
    over = a_row("measure", "old", child="child", kind="ots", from_=date(2025, 1, 10), until=date(2026, 1, 10))
    assert "C26" in blocks(f"OTS.{step}")
    assert "C26" in blocks(f"OTS.{step}", over)
    assert "C26" not in blocks(f"OTS.{step}", MEASURE)


# Pressure, and the road to a measure


def test_worries_rest_on_a_fact_that_is_not_the_refusal_of_help() -> None:
    def worries(kind: str, about: str = "veiligheid") -> set[str]:
        return blocks("IVH.discuss_worries", zorg_feiten=cells(tekst="Wat er is.", soort=kind, feit_soort=about))

    assert worries("mening") == {"R138"}
    assert worries("feit", "weigering") == {"R137"}
    assert worries("feit") == set()


def test_a_refusal_alone_is_no_reason_for_an_investigation() -> None:
    def threat(*kinds: str) -> set[str]:
        return blocks("IVH.interim_balance", tb_besluit="tafel", tb_reden_soort=frozenset[Scalar](kinds))

    assert threat("weigering") == {"R137"}
    assert threat("weigering", "veiligheid") == set()


def test_that_intensive_help_is_voluntary_is_told_in_writing_and_never_skipped() -> None:
    assert is_law("IVH.make_voluntary_clear")
    assert is_asked("IVH.make_voluntary_clear", "ivh_brief")
    assert is_asked("IVH.make_voluntary_clear", "ivh_antwoord")


def test_the_meeting_about_an_investigation_asks_the_three_questions_with_the_parents_invited() -> None:
    family = (a_child(), a_parent("mother"), a_parent("father"))
    step = "OTS.meeting_investigation"
    assert blocks(step, *family, jbt_gevraagd=frozenset({"mother"})) == {"C26"}
    assert blocks(step, *family, jbt_gevraagd=frozenset({"mother", "father"})) == set()
    assert is_asked(step, "jbt_drie")
    assert is_asked(step, "jbt_gezin")


def test_a_request_for_an_investigation_is_read_by_the_family_first() -> None:
    assert is_law("OTS.request_investigation")
    assert is_asked("OTS.request_investigation", "vto_gelezen")


def test_the_plan_under_a_measure_offers_the_family_its_own_plan_first() -> None:
    assert is_law("OTS.plan_of_action")
    assert is_asked("OTS.plan_of_action", "fgp_aangeboden")
    assert is_asked("OTS.plan_of_action", "fgp_keuze_ots")


def test_a_court_rules_after_the_council_or_the_mayor_asked_for_it() -> None:
    path = definition("OTS")
    asking = {activity.key for activity in path.activities if "ruling" in successors(path, activity.key)}
    assert asking == {"council_outcome", "mayor_asks_court"}
    assert is_asked("OTS.council_outcome", "raad_uitkomst")


# How long a measure and an order may last


@pytest.mark.parametrize(
    ("ruling", "last", "ground"),
    [("ots", date(2027, 11, 25), "C29"), ("ots_uhp", date(2027, 11, 25), "C29"), ("vots", date(2027, 2, 25), "C30")],
)
def test_a_measure_lasts_no_longer_than_the_law_allows(ruling: str, last: date, ground: str) -> None:
    ruled: dict[str, Answer] = {"uitspraak": ruling, "uitspraak_datum": TODAY}
    assert blocks("OTS.ruling", **ruled, maatregel_tot=last) == set()
    assert blocks("OTS.ruling", **ruled, maatregel_tot=date(last.year, last.month, last.day + 1)) == {ground}


@pytest.mark.parametrize(("step", "mark"), [("crisis_ground", "sp"), ("ground_afterwards", "gd")])
def test_a_crisis_measure_lasts_three_months_and_its_order_fourteen_days(step: str, mark: str) -> None:
    def ruled(measure: date, order: date) -> set[str]:
        answers: dict[str, Answer] = {
            "grond": "vots",
            "uitspraak": RULED_AT,
            "maatregel_tot": measure,
            "machtiging_tot": order,
        }
        return blocks(f"D-SPOED.{step}", **{f"{mark}_{key}": answer for key, answer in answers.items()})

    assert ruled(date(2027, 2, 25), date(2026, 12, 9)) == set()
    assert ruled(date(2027, 2, 26), date(2026, 12, 9)) == {"C30"}
    assert ruled(date(2027, 2, 25), date(2026, 12, 10)) == {"C33"}


def test_a_measure_is_renewed_by_at_most_a_year_and_the_order_not_past_it() -> None:
    order = a_row("order", "order", child="child", from_=date(2026, 2, 1), until=date(2027, 1, 10), status="used")

    def renewed(measure: date, order_until: date) -> set[str]:
        return blocks(
            "OTS.renewal_ruling@measure",
            MEASURE,
            order,
            verl_uitspraak="ja",
            maatregel_tot=measure,
            machtiging_tot=order_until,
        )

    assert renewed(date(2028, 1, 10), date(2028, 1, 10)) == set()
    assert renewed(date(2028, 1, 11), date(2028, 1, 10)) == {"C29"}
    assert renewed(date(2027, 7, 10), date(2027, 7, 11)) == {"C32"}


def test_an_order_lasts_no_longer_than_a_year_and_than_the_measure() -> None:
    def given(until: date, measure_until: date) -> set[str]:
        measure = a_row("measure", "m", child="child", kind="ots", from_=date(2026, 1, 1), until=measure_until)
        return blocks("P.court_order", measure, machtiging_van=TODAY, machtiging_tot=until)

    assert given(date(2027, 11, 25), date(2028, 1, 1)) == set()
    assert given(date(2027, 11, 26), date(2028, 1, 1)) == {"C32"}
    assert given(date(2027, 1, 11), date(2027, 1, 10)) == {"C32"}


def test_after_two_years_away_under_a_measure_renewing_needs_the_advice_of_the_council() -> None:
    def renewing(placed_since: date, effect: Effect = Effect.BLOCK, **answers: Answer) -> set[str]:
        measure = a_row("measure", "measure", child="child", kind="ots", from_=placed_since, until=date(2027, 1, 10))
        order = a_row("order", "o", child="child", from_=placed_since, until=date(2027, 1, 10), status="used")
        placement = a_row("placement", "p", child="child", started_on=placed_since, status="running")
        return found(effect, "OTS.renew_or_end@measure", measure, order, placement, **answers)

    assert renewing(date(2025, 1, 10), verl_besluit="verlengen") == {"C34"}
    assert renewing(date(2025, 1, 10), verl_besluit="korter") == {"C34"}
    assert renewing(date(2025, 1, 10), verl_besluit="niet") == set()
    assert renewing(date(2025, 1, 11), verl_besluit="verlengen") == set()
    assert renewing(date(2025, 5, 25), Effect.TASK) == {"C34"}
    assert renewing(date(2025, 5, 26), Effect.TASK) == set()
    assert is_law("OTS.renew_or_end")


# What needs an order of the court


def test_while_a_measure_runs_agreement_is_no_ground_for_a_placement() -> None:
    assert blocks("P.possible_placement", MEASURE, pl_kader="vrijwillig") == {"C31"}
    assert blocks("P.possible_placement", MEASURE, pl_kader="ots") == set()
    assert blocks("P.possible_placement", pl_kader="vrijwillig") == set()
    for step, field in (("crisis_ground", "sp_grond"), ("ground_afterwards", "gd_grond")):
        assert blocks(f"D-SPOED.{step}", MEASURE, **{field: "akkoord"}) == {"C31"}
        assert blocks(f"D-SPOED.{step}", **{field: "akkoord"}) == set()


def test_a_planned_placement_starts_only_with_an_order_under_a_measure_and_with_consent_without_one() -> None:
    step = "P.placement_starts"
    asked = (
        a_visit("consent_given", YESTERDAY, definition="P"),
        a_row("placement", "place", child="child", status="planned"),
    )
    order = a_row(
        "order", "o", child="child", from_=YESTERDAY, until=date(2027, 1, 10), place_kinds=frozenset({"pleeg"})
    )
    assert blocks(step, MEASURE, *asked) == {"C32"}
    assert blocks(step, MEASURE, *asked, order) == set()
    family = (a_child(), a_parent("mother"), a_row("authority", "a", child="child", person="mother", kind="gezag"))
    yes = [
        a_row("consent", f"yes-{who}", kind="answer", person=who, subject="place", answer="akkoord", on=YESTERDAY)
        for who in ("child", "mother")
    ]
    assert blocks(step, *family, *asked) == {"C21"}
    assert blocks(step, *family, *asked, *yes) == set()
    assert blocks(step, *family, *asked, *yes, order) == set()
    assert blocks(step, *family, *asked, *yes, MEASURE) == {"C32"}


@pytest.mark.parametrize(
    ("rung", "kind"),
    [
        ("t1", "netwerk"), ("t2", "pleeg"), ("t3", "gezinshuis"), ("t4", "accommodatie"), ("t5", "accommodatie"),
    ],
)  # fmt: skip
def test_an_order_is_good_for_its_own_kind_of_place_only(rung: str, kind: str) -> None:
    rungs = ("t1", "t2", "t3", "t4", "t5")
    reasons = tuple(Rejection(it, "Past niet.", frozenset({"veiligheid"})) for it in rungs[: rungs.index(rung)])

    def chosen(*kinds: str) -> set[str]:
        order = a_row(
            "order", "o", child="child", from_=YESTERDAY, until=TOMORROW, place_kinds=frozenset(kinds), status="used"
        )
        return blocks(
            "P.placement_ladder", MEASURE, order, rungs=LadderAnswer(rung, reasons), andere_machtiging="nee"
        )

    assert chosen(kind) == set()
    assert chosen(*({"netwerk", "pleeg", "gezinshuis", "accommodatie"} - {kind})) == {"C32"}


def test_a_written_instruction_needs_a_running_measure() -> None:
    assert blocks("OTS.written_instruction") == {"C40"}
    assert blocks("OTS.written_instruction", MEASURE) == set()


def test_less_contact_says_on_which_decision() -> None:
    decision = definition("P").activity("contact_arrangement").form.field("contact_besluit")
    assert decision is not None
    assert decision.required
    assert "C40" in decision.why


def test_a_view_on_where_the_child_grows_up_never_stops_the_work_on_its_return() -> None:
    step, view = "P.where_child_grows_up", {"per_visie": "elders", "werk_thuis_stopt": "ja"}
    assert blocks(step, **view, per_status="visie") == {"C41"}
    assert blocks(step, **view, per_status="rechter") == set()


def test_after_a_year_a_child_moves_only_with_its_foster_parents_or_the_court() -> None:
    def moving(since: date, **answers: str) -> set[str]:
        home = a_row("placement", "p", child="child", rung="t2", started_on=since, status="running")
        return blocks("P.another_place", home, **answers)

    long_ago, lately = date(2025, 11, 24), date(2025, 11, 25)
    assert moving(long_ago, pleegouders_akkoord="nee", rechter_akkoord="nee") == {"C43"}
    assert moving(long_ago, pleegouders_akkoord="nee", rechter_akkoord="ja") == set()
    assert moving(long_ago, pleegouders_akkoord="ja") == set()
    assert moving(lately, pleegouders_akkoord="nee", rechter_akkoord="nee") == set()


# What a reason can set aside, and nothing else


def test_a_measure_is_not_evaluated_before_everybody_was_asked_what_he_thinks() -> None:
    assert blocks("OTS.evaluate_measure", MEASURE) == {"C19"}
    asked = a_visit("explain_under_measure", YESTERDAY, definition="OTS")
    assert blocks("OTS.evaluate_measure", MEASURE, asked) == set()


def test_siblings_are_not_parted_for_practical_reasons_without_a_deviation() -> None:
    def parted(*kinds: str) -> set[str]:
        reasons = frozenset[Scalar](kinds)
        return found(Effect.DEVIATION, "P.which_place", plek_samen="nee", plek_samen_reden_soort=reasons)

    assert parted("praktisch") == {"C50"}
    assert parted("praktisch", "veiligheid") == set()
    assert is_asked("P.which_place", "plek_samen")
    assert is_asked("D-SPOED.register_placement", "sp_samen")


def test_a_child_does_not_go_home_to_what_did_not_change_without_a_deviation() -> None:
    for changed, ground in (("niets", {"C54"}), ("deels", set())):
        reason = cells(reden="Geen rust.", veranderd=changed)
        assert found(Effect.DEVIATION, "P.prepare_return", th_reden=reason, th_hulp="Tot de zomer.") == ground


# What a crisis moves to afterwards


@pytest.mark.parametrize(
    ("duty", "term"),
    [
        ("consent_or_view", "consent_or_view_24h"),
        ("court_hearing", "court_hearing_14d"),
        ("municipal_decision", "decision_afterwards_2w"),
        ("child_spoken", "child_spoken_48h"),
    ],
)
def test_what_the_law_asks_before_is_owed_with_a_term_after_a_crisis(duty: str, term: str) -> None:
    opened = [it.what for it in definition("D-SPOED").activity("afterwards_list").opens]
    owed = {what.duty: what.term for what in opened if isinstance(what, OpenDuty) and what.emergency}
    assert owed[duty] == term


def test_a_case_is_not_closed_while_something_of_a_crisis_or_a_placement_is_owed() -> None:
    step = "D-NAZORG.close_together"
    done = {"af_reden": "doel_bereikt"}

    def owing(**values: str) -> set[str]:
        return blocks(step, a_row("duty", "d", child="child", state="open", **values), **done)

    assert owing(kind="evaluation_after_placement", origin="path") == {"R98"}
    assert owing(kind="court_hearing", origin="emergency") == {"R80"}
    assert blocks(step, MEASURE, **done) == {"R34"}
    assert blocks(step, **done) == set()


@pytest.mark.parametrize(
    ("regime", "status", "grounds"),
    [
        ("voluntary", "running", {"C16"}),
        ("medical", "running", {"C16"}),
        ("measure", "running", set()),
        ("voluntary", "stopped", set()),
    ],
)
def test_a_case_is_not_closed_while_help_runs_to_which_nobody_says_yes(
    regime: str, status: str, grounds: set[str]
) -> None:
    help_ = a_row("help_item", "help", for_kind="child", child="child", regime=regime, status=status)
    known = (a_child(), a_parent("mother"), help_)
    authority = a_row("authority", "a", child="child", person="mother", kind="gezag")
    step = "D-NAZORG.close_together"
    assert blocks(step, *known, authority, af_reden="doel_bereikt") == grounds
    yes = [
        a_row("consent", f"yes-{who}", kind="answer", person=who, subject="help", answer="akkoord", on=YESTERDAY)
        for who in ("child", "mother")
    ]
    assert blocks(step, *known, authority, *yes, af_reden="doel_bereikt") == set()
