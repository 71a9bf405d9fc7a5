"""Steps that nobody may do, decisions that nobody may take, and what is told to nobody."""

import pytest

from padwijzer.forms.core.conditions import ALWAYS
from padwijzer.forms.core.errors import Unreadable
from padwijzer.workflows.core.catalogues import Catalogue, read_catalogue, shipped_catalogue
from padwijzer.workflows.core.compiling import check_release
from padwijzer.workflows.core.definition import Effect, Kind, Performer, Rule
from padwijzer.workflows.core.findings import Severity
from tests.support.definitions import calls, definition, more_placements_than, release, step, text
from tests.support.places import stands_there

pytestmark = pytest.mark.once

CATALOGUE = Catalogue(
    roles=frozenset({"vap", "zorgaanbieder", "netwerk"}),
    performing=frozenset({"vap", "zorgaanbieder"}),
    deciding=frozenset({"vap"}),
)


def found(*performers, catalogue=CATALOGUE, **more):
    """What is found in a path of one step with these performers; `:` after a role makes it an adviser."""
    who = tuple(Performer(role.rstrip(":"), adviser=role.endswith(":")) for role in performers)
    path = definition("V", step("een", performers=who, **more))
    made = check_release(release(path), catalogue)
    assert all(stands_there(path, it.where) for it in made)
    return {(it.code.removeprefix("structure."), it.where) for it in made}


NOBODY = {("nobody", "activities[0]")}
PERFORM = {("nobody_may_perform", "activities[0].performers")}
DECIDE = {("nobody_may_decide", "activities[0].performers")}
ALONE = {("decides_on_own_advice", "activities[0].performers")}


def test_a_step_without_a_performer_is_done_by_nobody():
    assert found() == found("vap:") == NOBODY
    assert found(kind=Kind.DECISION) == found(kind=Kind.WAIT) == found(kind=Kind.LADDER) == NOBODY
    assert found(kind=Kind.AUTOMATIC) == set()


def test_a_step_of_roles_that_may_do_no_step_is_done_by_nobody():
    assert found("netwerk") == PERFORM
    assert found("netwerk", kind=Kind.WAIT) == PERFORM
    assert found("netwerk", catalogue=None) == set()
    assert found("zorgaanbieder") == found("vap") == set()


def test_a_role_that_may_do_no_step_beside_one_that_may_is_said():
    assert found("vap", "netwerk") == {("performer_may_not", "activities[0].performers[1]")}
    assert found("vap", "netwerk:") == set()


def test_a_decision_of_roles_that_do_not_decide_is_taken_by_nobody():
    assert found("zorgaanbieder", kind=Kind.DECISION) == DECIDE
    assert found("netwerk", kind=Kind.DECISION) == PERFORM
    assert found("zorgaanbieder", "vap", kind=Kind.DECISION) == set()
    assert found("zorgaanbieder", kind=Kind.LADDER) == set()


def test_a_role_that_does_not_exist_is_said_once():
    assert found("baas") == {("unknown_role", "activities[0].performers[0]")}
    assert found("baas", kind=Kind.DECISION) == {("unknown_role", "activities[0].performers[0]")}


def test_nobody_decides_on_his_own_advice_alone():
    assert found("vap", "vap:", kind=Kind.DECISION) == ALONE
    assert found("vap", "zorgaanbieder", "vap:", kind=Kind.DECISION) == ALONE
    assert found("vap", "zorgaanbieder:", kind=Kind.DECISION) == set()
    assert found("vap", "zorgaanbieder", "vap:", catalogue=None) == set()


def test_a_task_or_an_alarm_reaches_somebody():
    def told(effect, to=(), **more):
        rule = Rule(more_placements_than(0), effect, text("Let op."), "C1", to=to)
        other = definition("D-VAP", step("kies"))
        path = definition("V", step("een", rules=(rule,), call=calls("D-VAP"), **more))
        made = check_release(release(path, other), CATALOGUE)
        return {(it.code.removeprefix("structure."), it.where, it.severity) for it in made}

    missed = {("nobody_is_told", "activities[0].rules[0]", Severity.WARNING)}
    assert told(Effect.TASK) == told(Effect.ALARM) == missed
    assert told(Effect.TASK, performers=(Performer("vap", adviser=True),)) == missed
    assert told(Effect.TASK, ("vap",)) == told(Effect.TASK, performers=(Performer("vap"),)) == set()
    assert told(Effect.WARN) == set()
    assert found("vap", rules=(Rule(ALWAYS, Effect.TASK, text("Let op."), "C1"),)) == set()


def test_the_shipped_roles_say_who_may_do_decide_and_skip():
    known = shipped_catalogue()
    assert known.performing is not None
    assert known.deciding is not None
    assert known.skipping is not None
    assert {"vap", "jeugdbeschermer", "jeugdige"} <= known.performing
    assert "mandaathouder" in known.deciding
    assert known.deciding < known.performing <= (known.roles or frozenset())
    assert "zorgaanbieder" not in known.deciding | known.skipping


def test_roles_that_do_not_say_what_they_may_are_not_looked_at(tmp_path):
    (tmp_path / "roles.json").write_text('{"roles": {"vap": {}}}')
    known = read_catalogue(tmp_path)
    assert (known.performing, known.deciding, known.skipping) == (None, None, None)
    assert found("vap", catalogue=known) == set()


def test_a_role_decides_only_when_it_is_said_to(tmp_path):
    (tmp_path / "roles.json").write_text(
        '{"roles": {"vap": {"permissions": ["perform_step", "take_decision"]},'
        ' "baas": {"permissions": ["take_decision"], "decides": true}}}'
    )
    known = read_catalogue(tmp_path)
    assert (known.performing, known.deciding, known.skipping) == ({"vap"}, {"baas"}, frozenset())


def test_roles_whose_permissions_cannot_be_read_are_refused(tmp_path):
    (tmp_path / "roles.json").write_text('{"roles": {"vap": {"permissions": "perform_step"}}}')
    with pytest.raises(Unreadable):
        read_catalogue(tmp_path)
