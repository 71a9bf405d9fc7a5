"""
pm4py's conformance checking and our monitors find the same histories kept and broken.

Where pm4py is simply given a whole history it differs from us for three reasons, which stand in decision 031.
"""

from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from padwijzer.permissions.roles import shipped_roles
from padwijzer.workflows.actions.play_case import play_case
from padwijzer.workflows.core.case_file import TermTimes
from padwijzer.workflows.core.rebuilding import Rebuilding, recorded_case
from padwijzer.workflows.core.releases import shipped
from padwijzer.workflows.core.safeguards import templates
from padwijzer.workflows.core.scripts import read_script
from padwijzer.workflows.core.semantics import What
from padwijzer.workflows.models import Case, Pseudonym
from padwijzer.workflows.queries.case_files import answers_from, calendars
from padwijzer.workflows.queries.releases import running_release
from tests.judges.declare import CLOSING, TWINS, Steps, broken_in_all, broken_where_ours_looks, ours
from tests.support.cases import a_release
from tests.support.rebuilding import whole_history
from tests.support.sizes import size

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted((ROOT / "fixtures" / "cases").glob("*.json"))
DECISION = ROOT / "docs" / "decisions" / "031-an-outside-judge.md"
NO_TWIN = {
    "ladder_order",
    "no_deviation",
    "only_while",
    "separation_of_duties",
    "standing_duty",
    "standing_track",
    "waits_for_consent",
    "who_may_perform",
}
A, B = ("a",), ("b",)
NAMES = {1: A, 2: (*A, *B)}

NOTHING = "nothing happened"
OPEN = "not closed, or not closed last"
TOGETHER = "two meanings in one step"
DIFFERENCES: dict[str, list[tuple[str, Steps, bool]]] = {
    NOTHING: [("init", (), True)],
    OPEN: [
        ("existence", (("x",),), True),
        ("existence", ((CLOSING,), A), False),
        ("response", (A,), True),
        ("response", (A, (CLOSING,), B), False),
        ("succession", (A,), True),
        ("succession", (A, (CLOSING,), B), False),
        ("coexistence", (B,), True),
        ("coexistence", (A, (CLOSING,), B), False),
    ],
    TOGETHER: [
        ("init", (("x", "a"),), True),
        ("chain precedence", (("a", "x"), B), True),
        ("chain precedence", (("a", "b"), B), True),
    ],
}
"""Reason to template, history, and what we say of it; pm4py says the opposite."""


def reasons(key, steps):
    """Why pm4py may differ about a whole history."""
    twin = TWINS[key]
    if key == "init" and not steps:
        yield NOTHING
    events = [it for step in steps for it in step]
    if twin.at_end and (events.count(CLOSING) != 1 or events[-1] != CLOSING):
        yield OPEN
    if twin.by_step and any(len(step) > 1 for step in steps):
        yield TOGETHER


def meanings_of(case):
    """The meanings of the steps of a case that were done, in order, as its history tells them."""
    told = whole_history(case)
    release = running_release(str(told[0].ref["sha256"]))
    rebuilding = Rebuilding(
        release.plan,
        versions=release.versions,
        times=TermTimes(release.terms, calendars()),
        accounts={key: str(user) for key, user in Pseudonym.objects.values_list("pseudonym", "user_id")},
        settings={},
        read_answers=answers_from,
    )
    done = [it for it in recorded_case(rebuilding, told).steps if it.what is not What.STEP_SKIPPED]
    return tuple(release.plan.activity(it.definition, it.activity).meanings for it in done)


meanings = st.sampled_from(["a", "b", "x", CLOSING])
histories = st.lists(st.lists(meanings, max_size=2, unique=True).map(tuple), max_size=9).map(tuple)


@pytest.mark.parametrize("key", TWINS)
@settings(max_examples=size("declare_histories"))
@given(histories)
def test_pm4py_finds_a_random_history_kept_where_our_monitor_does(key, steps):
    twin = TWINS[key]
    names = NAMES[twin.places]
    we, they = ours(twin, names, steps), not broken_where_ours_looks(twin, [names], steps)
    event("kept" if we else "broken")
    assert we is they or (we and {NOTHING, TOGETHER} & set(reasons(key, steps)))


@pytest.mark.parametrize("key", TWINS)
@settings(max_examples=size("declare_histories"))
@given(histories)
def test_about_a_whole_history_pm4py_differs_for_no_other_reason_than_those_written_down(key, steps):
    twin = TWINS[key]
    names = NAMES[twin.places]
    if ours(twin, names, steps) is bool(broken_in_all(twin, [names], steps)):
        assert list(reasons(key, steps))


@pytest.mark.parametrize(
    ("reason", "key", "steps", "kept"),
    [(reason, *each) for reason, cases in DIFFERENCES.items() for each in cases],
)
def test_each_difference_is_one(reason, key, steps, kept):
    twin = TWINS[key]
    names = NAMES[twin.places]
    assert ours(twin, names, steps) is kept
    assert bool(broken_in_all(twin, [names], steps)) is kept
    assert list(reasons(key, steps)) == [reason]


def test_the_decision_names_each_difference_and_no_other():
    told = DECISION.read_text(encoding="utf-8").partition("## Where they differ")[2].partition("\n## ")[0]
    assert {line[2:].partition("**")[0] for line in told.splitlines() if line.startswith("**")} == set(DIFFERENCES)


def test_every_template_has_a_twin_or_is_known_to_have_none():
    with_twin = {key.replace(" ", "_") for key in TWINS} - {"alternate_precedence"}
    assert with_twin | NO_TWIN == templates().keys()
    assert not with_twin & NO_TWIN


@pytest.mark.django_db
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_pm4py_finds_what_a_played_script_leaves_kept_where_our_monitors_do(path):
    a_release()
    script = read_script(path.read_bytes(), shipped(), frozenset(shipped_roles()))
    assert all(outcome.holds for outcome in play_case(script))
    steps = meanings_of(Case.objects.get())
    end, *told = dict.fromkeys(it for step in reversed(steps) for it in reversed(step))
    known = [*told, "never_happens"]
    assert len(known) > 6
    for key, twin in TWINS.items():
        names = list(permutations(known, twin.places))
        we = {it for it in names if not ours(twin, it, steps, end)}
        they = broken_where_ours_looks(twin, names, steps, end)
        assert we == they or (TOGETHER in reasons(key, steps) and we < they), key
        assert 0 < len(we) < len(names), key
