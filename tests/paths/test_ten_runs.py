"""The literal text of the paths is refused in ten runs, with their story; the cured text is proven."""

from collections.abc import Iterable
from statistics import median

import pytest

from padwijzer.forms.core.schema import in_language
from padwijzer.workflows.core.safeguards import Structural
from tests.support.literal_text import (
    NATIONAL,
    Loss,
    crisis_softens_closing,
    cured,
    edited,
    holds,
    ladder_may_be_skipped,
    planned,
    ten_runs,
    three_edits,
    told,
)
from tests.support.stories import keys_of, unreadable
from tests.support.story_page import PAGE, page

pytestmark = pytest.mark.once
LOSSES = (*ten_runs(), *three_edits())
LONGEST_MEDIAN = 12
FAULTS = {5: "evaluation_after_placement", 9: "voluntary_help_stays"}
"""The step that is not made as its safeguard says, by the number of the run."""
TERMS_OF_LAW = {"OTS"}
"""Keys that staff know as words: this one is short for ondertoezichtstelling."""
SOON = 5_000
"""How many states are looked at to know that a literal text keeps another statement."""
MOST_LOST = 8
"""How many statements a literal text breaks at most, or is not soon proven to keep."""
of_each = pytest.mark.parametrize("loss", LOSSES, ids=lambda it: f"{it.number}: {it.title}")


def in_order(some: Iterable[str], lines: Iterable[str]) -> bool:
    """Whether each of these stands in a line, in order."""
    left = iter(lines)
    return all(any(f"‘{it}’" in line for line in left) for it in some)


def test_there_are_ten_runs_and_three_more() -> None:
    assert [it.number for it in ten_runs()] == list(range(1, 11))
    assert [it.number for it in three_edits()] == [11, 12, 13]


@of_each
def test_the_cured_text_keeps_the_safeguard(loss: Loss) -> None:
    assert holds(planned(cured()), loss.safeguard)


@of_each
def test_the_literal_text_is_refused(loss: Loss) -> None:
    plan = planned(edited(loss.edit))
    assert not holds(plan, loss.safeguard)
    if isinstance(loss.safeguard.template, Structural):
        assert [it.activity for it in loss.safeguard.template.faults(plan)] == [FAULTS[loss.number]]


@of_each
def test_the_story_is_a_run_that_happens_and_passes_what_the_table_names(loss: Loss) -> None:
    found, _ = told(loss)
    assert found.real
    assert in_order(loss.passes, found.text), found.text


@of_each
def test_the_last_sentence_names_the_step_to_change_and_that_change_is_proven(loss: Loss) -> None:
    found, repair = told(loss)
    spec = edited(loss.edit)
    step = spec.definitions[repair.place.definition].activity(repair.place.activity)
    assert in_language(step.title) in found.sentences[-1]
    assert found.place == repair.place
    assert holds(planned(repair.applied(spec)), loss.safeguard)


@of_each
def test_the_named_change_costs_no_other_statement_of_the_national_pack(loss: Loss) -> None:
    _, repair = told(loss)
    spec = edited(loss.edit)
    literal, mended = planned(spec), planned(repair.applied(spec))
    kept = [it for it in NATIONAL.values() if holds(literal, it, SOON)]
    assert len(kept) >= len(NATIONAL) - MOST_LOST
    assert [it.key for it in kept if not holds(mended, it)] == []
    assert loss.safeguard.key in NATIONAL


@of_each
def test_staff_can_read_the_story(loss: Loss) -> None:
    found, _ = told(loss)
    assert median(len(it.split()) for it in found.sentences) <= LONGEST_MEDIAN
    assert not unreadable(found.sentences, keys_of(edited(loss.edit)) - TERMS_OF_LAW)
    assert not any("iets in" in it for it in found.sentences), "each answer is one that a form takes"


def test_the_page_with_the_stories_is_as_the_program_tells_them() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_a_ladder_that_may_be_skipped_is_not_made_as_it_must_be_either() -> None:
    template = NATIONAL["lightest_place_first"].template
    assert isinstance(template, Structural)
    assert [it.activity for it in template.faults(planned(edited(ladder_may_be_skipped)))] == ["placement_ladder"]


def test_a_softened_closing_does_not_wait_for_a_look_back_either() -> None:
    assert not holds(planned(edited(crisis_softens_closing)), NATIONAL["evaluation_before_closing"])
    assert holds(planned(cured()), NATIONAL["evaluation_before_closing"])
