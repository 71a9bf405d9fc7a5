"""Grounds in words: whatever a shipped step or rule rests on can be told to who does the step."""

from __future__ import annotations

import pytest

from padwijzer.workflows.core.releases import shipped
from padwijzer.workflows.queries.grounds import Ground, in_words, shipped_grounds

pytestmark = pytest.mark.once

LONGEST_SENTENCE = 20


def used() -> set[str]:
    steps = [it for definition in shipped().definitions.values() for it in definition.activities]
    return {ground for it in steps for ground in (*it.grounds, *(rule.ground for rule in it.rules)) if ground}


def test_everything_that_a_shipped_step_rests_on_has_words() -> None:
    assert {it.key for it in in_words(sorted(used())) if not it.words} == set()


def test_words_are_short_sentences() -> None:
    sentences = [part for it in shipped_grounds().values() for part in it.words.split(". ")]
    assert [it for it in sentences if len(it.split()) > LONGEST_SENTENCE] == []
    assert all(it.words.endswith(".") for it in shipped_grounds().values())


def test_grounds_keep_their_order_and_stand_there_once() -> None:
    assert [it.key for it in in_words(["R75", "C2", "R75", ""])] == ["R75", "C2"]


def test_a_ground_that_is_not_described_has_no_words() -> None:
    assert in_words(["C999"]) == (Ground("C999", ""),)
