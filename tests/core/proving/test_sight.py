"""An edit after which a safeguard no longer sees a step: nothing would be broken, and nothing would be proven."""

from dataclasses import replace

import pytest

from padwijzer.workflows.core.packs import Pack, national
from padwijzer.workflows.core.proving.checking import check
from padwijzer.workflows.core.proving.sight import out_of_sight
from padwijzer.workflows.core.releases import ReleaseSpec, shipped
from tests.support.definitions import definition, release, step

pytestmark = pytest.mark.once

NATION, BEFORE = national(), shipped()
START, CONSENT = ("start_of_help",), ("informed_consent",)


def renamed(key, activity, meanings):
    old = BEFORE.definitions[key]
    steps = tuple(replace(it, meanings=meanings) if it.key == activity else it for it in old.activities)
    return ReleaseSpec(BEFORE.start, {**BEFORE.definitions, key: replace(old, activities=steps)})


def lost(now, before, pack=NATION):
    return [(it.meaning, it.definition, it.activity) for it in out_of_sight(release(*now), release(*before), pack)]


def a_path(*steps):
    return definition("V", *(step(key, *more, meanings=meanings) for key, meanings, *more in steps))


def test_nothing_is_lost_when_nothing_changed():
    assert list(out_of_sight(BEFORE, BEFORE, NATION)) == []


def test_a_step_that_lost_its_name_is_told_with_the_repair_that_gives_it_back():
    spec = renamed("D-WACHT", "help_begins", ())
    (finding,) = check(spec, NATION, published=BEFORE, mend=False).errors
    assert (finding.code, finding.definition) == ("safeguard.out_of_sight", "D-WACHT")
    assert finding.story[-1] == finding.hint == "Zet bij de stap ‘De hulp begint’ weer dat de hulp start."
    assert finding.message == next(it.statement for it in NATION.safeguards if it.key == finding.safeguard)
    mended = finding.repair.applied(spec)
    assert mended.digest() == BEFORE.digest()
    assert not check(mended, NATION, published=BEFORE).errors


def test_what_the_release_before_is_not_known_of_is_not_asked():
    assert not check(renamed("D-WACHT", "help_begins", ()), NATION, mend=False).errors


def test_another_step_may_get_the_name():
    before = [a_path(("een", START, "twee"), ("twee", ()))]
    assert lost([a_path(("een", (), "twee"), ("twee", START))], before) == []


def test_a_step_may_go_when_another_one_is_still_called_that():
    before = [a_path(("een", START, "twee"), ("twee", START))]
    assert lost([a_path(("twee", START))], before) == []


def test_one_of_two_steps_that_lost_its_name_is_told():
    before = [a_path(("een", START, "twee"), ("twee", START))]
    assert lost([a_path(("een", (), "twee"), ("twee", START))], before) == [("start_of_help", "V", "een")]


def test_when_no_step_at_all_is_called_that_any_more_its_definition_is_told():
    before = [a_path(("een", (), "twee"), ("twee", START))]
    assert lost([a_path(("een", ()))], before) == [("start_of_help", "V", "")]


def test_a_definition_that_is_gone_is_not_looked_at():
    beside = definition("D-X", step("drie", meanings=START))
    assert lost([a_path(("een", ()))], [a_path(("een", ())), beside]) == []


def test_what_keeps_a_safeguard_may_go_because_then_it_is_broken_itself():
    only = Pack("one", "1", tuple(it for it in NATION.safeguards if it.key == "consent_before_help"))
    assert lost([a_path(("een", ()))], [a_path(("een", CONSENT))], only) == []
    assert lost([a_path(("een", ()))], [a_path(("een", START))], only) == [("start_of_help", "V", "een")]


def test_that_no_step_is_called_that_is_told_in_words():
    (before,) = [a_path(("een", (), "twee"), ("twee", START))]
    (finding,) = check(release(a_path(("een", ()))), NATION, published=release(before), mend=False).errors
    assert finding.code == "safeguard.out_of_sight"
    assert finding.story == (
        "Bij geen enkele stap van ‘V’ staat nog dat de hulp start.",
        "Deze waarborg let daar dan niet meer op.",
        "Zet bij een stap van ‘V’ weer dat de hulp start.",
    )
    assert finding.repair is None
