import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import jsonschema
import pytest
import rfc8785

from padwijzer.forms.core.errors import Unreadable
from padwijzer.forms.core.nodes import Node, parse
from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.packs import joined, load_pack, national, read_pack, write_pack
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.releases import shipped
from padwijzer.workflows.core.safeguards import Deviable, Scope, Structural, Watched, steps_with, templates

FIXTURES = Path(__file__).parents[2] / "fixtures"
FILE = (FIXTURES / "safeguards" / "national.json").read_text(encoding="utf-8")
SCHEMA = json.loads((FIXTURES / "schema" / "safeguards.json").read_text(encoding="utf-8"))
NATIONAL = national()
BY_KEY = {safeguard.key: safeguard for safeguard in NATIONAL.safeguards}
ONE = {
    "template": "precedence",
    "scope": "family",
    "parameters": {"first": ["first_talk"], "then": ["municipal_decision"]},
    "ground": ["R17"],
    "source": "Afspraak van de gemeente",
    "certainty": "eigen keuze",
}


def document(**safeguards):
    return {"schema_version": 1, "key": "almere", "version": "1", "safeguards": safeguards}


def pack(**safeguards):
    return read_pack(Node(document(**safeguards)))


def only_while(**changes):
    """A safeguard of that template, with other parameters; None takes one away."""
    filled = {
        "then": ["closing"],
        "condition": {"is": "none", "rows": "measure"},
        "condition_in_words": "is er geen maatregel",
        "otherwise": "Er is nog een maatregel.",
        **changes,
    }
    return {"template": "only_while", "parameters": {key: it for key, it in filled.items() if it is not None}}


def standing(**changes):
    """A safeguard of that template, with other parameters."""
    parameters = {
        "when": ["measure_start"],
        "event": "measure_started",
        "what": ["voluntary_help_contact"],
        **changes,
    }
    return {"template": "standing_track", "parameters": parameters}


def refusal(**changes):
    """Where and why a safeguard with these changes is refused; None takes a key away."""
    wrong = {key: value for key, value in {**ONE, **changes}.items() if value is not None}
    with pytest.raises(Unreadable) as refused:
        pack(talk=wrong)
    return refused.value.place, refused.value.reason


# The pack that is shipped


def test_the_national_pack_keeps_to_its_schema():
    jsonschema.validate(json.loads(FILE), SCHEMA)


def test_the_schema_knows_every_template():
    assert set(SCHEMA["$defs"]["safeguard"]["properties"]["template"]["enum"]) == set(templates())


def test_every_national_safeguard_is_locked_and_has_its_ground():
    for safeguard in NATIONAL.safeguards:
        assert safeguard.locked
        assert safeguard.ground
        assert all(it[0] in "CR" and it[1:].isdigit() for it in safeguard.ground)
        assert safeguard.certainty.count("[") == safeguard.certainty.count("]") > 0


@pytest.mark.parametrize("key", BY_KEY)
def test_every_national_statement_is_short_and_names_no_key(key):
    statement = BY_KEY[key].statement
    assert len(statement.split()) <= 17
    assert statement.endswith(".")
    assert "_" not in statement


def test_consent_and_looking_back_after_a_placement_know_no_deviation():
    never = {
        "consent_before_help",
        "explained_before_consent",
        "consent_is_asked",
        "evaluation_before_closing",
        "evaluation_is_never_skipped",
    }
    assert not any(BY_KEY[key].deviation for key in never)


def test_the_four_safeguards_of_the_card_are_there():
    for meaning in ("start_of_help", "voluntary_help_contact", "ladder_choice", "evaluation_after_placement"):
        found = [json.dumps(write_pack(replace(NATIONAL, safeguards=(it,)))) for it in NATIONAL.safeguards]
        assert any(f'"{meaning}"' in written for written in found), meaning


def test_what_a_legal_reader_must_confirm_says_so():
    doubtful = replace(NATIONAL.safeguards[0], certainty="lid 3 [A] [verify]")
    assert doubtful.verify
    assert not replace(doubtful, certainty="[B19]").verify


@cache
def every_shipped_path() -> Plan:
    """All shipped paths, also those that cannot be published yet."""
    made = compile_release(shipped(include_skeletons=True), allow_skeletons=True)
    assert isinstance(made, Plan), made
    return made


@pytest.mark.parametrize("key", [key for key, it in BY_KEY.items() if isinstance(it.template, Structural)])
def test_the_shipped_paths_keep_every_structural_safeguard_and_have_its_steps(key):
    template = BY_KEY[key].template
    assert any(steps_with(every_shipped_path(), template.what))
    assert template.faults(every_shipped_path()) == ()


def test_a_safeguard_is_watched_or_structural():
    for safeguard in NATIONAL.safeguards:
        assert (safeguard.monitor is None) is isinstance(safeguard.template, Structural)
        assert (safeguard.monitor is not None) is isinstance(safeguard.template, Watched)


def test_a_deviation_counts_only_where_the_safeguard_allows_it():
    for key, word in {
        "view_asked_under_measure": ("skip:view_asked", "measure_evaluation"),
        "plan_offered_under_measure": ("skip:family_plan_offered", "measure_evaluation"),
    }.items():
        assert BY_KEY[key].monitor.judge(word) is BY_KEY[key].deviation


def test_what_happens_around_a_row_counts_only_where_the_safeguard_says_that_it_is_shared():
    shared = {key for key, it in BY_KEY.items() if it.shared}
    assert shared == {
        "family_plan_before_decision",
        "ground_before_placement",
        "home_first",
        "second_look_before_ladder",
        "ladder_before_plan",
    }
    for key in shared:
        assert BY_KEY[key].scope is not Scope.FAMILY
        assert isinstance(BY_KEY[key].template, Deviable)
    word = ("*family_plan", "step", "municipal_decision")
    alone = replace(BY_KEY["family_plan_before_decision"], shared=False)
    assert BY_KEY["family_plan_before_decision"].monitor.judge(word)
    assert not alone.monitor.judge(word)


def test_what_is_shared_and_may_be_deviated_from_may_be_deviated_from_around_the_row():
    word = ("*skip:stay_home_considered", "ladder_choice")
    assert BY_KEY["home_first"].deviation
    assert BY_KEY["home_first"].monitor.judge(word)
    assert not replace(BY_KEY["home_first"], deviation=False).monitor.judge(word)
    assert not replace(BY_KEY["home_first"], shared=False).monitor.judge(word)


def test_each_measure_is_renewed_on_a_choice_of_its_own():
    renewed = BY_KEY["renewal_is_asked_first"]
    assert renewed.scope is Scope.MEASURE
    assert renewed.monitor.judge(("renewal_decision", "step", "renewal_ruling"))
    assert not renewed.monitor.judge(("*renewal_decision", "step", "renewal_ruling"))


# Reading and writing


def test_a_pack_reads_back_as_it_is_written():
    assert load_pack(json.dumps(write_pack(NATIONAL))) == NATIONAL


def test_the_digest_is_of_the_canonical_json_whatever_the_order():
    again = load_pack(rfc8785.dumps(write_pack(NATIONAL)))
    assert again.digest == NATIONAL.digest == read_pack(parse(FILE)).digest
    assert len(again.digest) == 64


@pytest.mark.parametrize(
    "change",
    [
        {"certainty": "[B99]"},
        {"deviation": True},
        {"locked": False},
        {"scope": Scope.HELP},
        {"shared": False},
        {"key": "other"},
    ],
    ids=str,
)
def test_the_digest_changes_with_everything_a_safeguard_says(change):
    changed = replace(BY_KEY["family_plan_before_decision"], **change)
    others = tuple(changed if it.key == "family_plan_before_decision" else it for it in NATIONAL.safeguards)
    assert replace(NATIONAL, safeguards=others).digest != NATIONAL.digest


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"template": "presedence"}, "template"),
        ({"scope": "city"}, "scope"),
        ({"parameters": {"first": ["first_talk"]}}, "parameters"),
        ({"parameters": {"first": ["renamed"], "then": ["municipal_decision"]}}, "parameters.first[0]"),
        ({"parameters": {"first": [], "then": ["municipal_decision"]}}, "parameters.first"),
        ({"parameters": {"first": ["first_talk"], "then": ["closing"], "never": ["closing"]}}, "parameters.never"),
        ({"parameters": {"first": ["closing"], "then": ["closing"]}}, "parameters"),
        ({"ground": []}, "ground"),
        ({"source": " "}, "source"),
        ({"certainty": None}, ""),
        ({"locked": "ja"}, "locked"),
        ({"template": "absence", "parameters": {"what": ["closing"]}, "deviation": True}, "deviation"),
        (
            {"template": "who_may_perform", "parameters": {"what": ["closing"], "roles": ["baas"]}},
            "parameters.roles[0]",
        ),
        (
            {"template": "separation_of_duties", "parameters": {"what": ["closing"], "adviser": "baas"}},
            "parameters.adviser",
        ),
        (
            {
                "template": "who_may_perform",
                "scope": "child",
                "parameters": {"what": ["closing"], "roles": ["vap"]},
            },
            "scope",
        ),
        ({"template": "waits_for_consent", "parameters": {"then": ["start_of_help"]}}, "scope"),
        (
            {
                "template": "waits_for_consent",
                "scope": "help",
                "parameters": {"then": ["start_of_help"], "unless": {"fact": {"name": "x"}}, "unless_in_words": "nu"},
            },
            "parameters.unless",
        ),
        ({"shared": True}, "shared"),
        ({"scope": "child", "shared": "ja"}, "shared"),
        (
            {"template": "absence", "scope": "child", "parameters": {"what": ["closing"]}, "shared": True},
            "shared",
        ),
        (only_while(condition={"fact": {"name": "x"}}), "parameters.condition"),
        (only_while(condition=None), "parameters"),
        (only_while(condition_in_words=" "), "parameters.condition_in_words"),
        (only_while(otherwise=""), "parameters.otherwise"),
        (only_while(then=[]), "parameters.then"),
        (standing(event="child_born"), "parameters.event"),
        (standing(event="came_home"), "parameters"),
        (standing(until_event="later"), "parameters.until_event"),
        (standing(may_skip="ja"), "parameters.may_skip"),
        (standing(what=["measure_start"]), "parameters"),
        ({**standing(), "scope": "measure"}, "scope"),
    ],
)
def test_a_refusal_names_the_exact_place(changes, place):
    found, reason = refusal(**changes)
    assert found == ".".join(part for part in ("safeguards.talk", place) if part)
    assert reason


@pytest.mark.parametrize(
    "changes",
    [
        only_while(),
        standing(),
        standing(until_event="measure_ended", may_skip=True, duty="look_back", until=["measure_end"]),
        {"scope": "measure", "shared": True},
    ],
    ids=str,
)
def test_what_is_written_of_a_safeguard_is_what_was_read(changes):
    written = {**ONE, **changes}
    made = pack(talk=written)
    assert write_pack(made)["safeguards"] == {"talk": written}
    assert load_pack(json.dumps(write_pack(made))) == made
    jsonschema.validate(write_pack(made), SCHEMA)


def test_another_version_is_not_read():
    with pytest.raises(Unreadable) as refused:
        read_pack(Node({**document(talk=ONE), "schema_version": 2}))
    assert refused.value.place == "schema_version"


def test_a_key_that_stands_twice_is_refused():
    with pytest.raises(Unreadable) as refused:
        load_pack('{"schema_version": 1, "key": "a", "version": "1", "safeguards": {"talk": {}, "talk": {}}}')
    assert refused.value.place == "safeguards.talk"


# A municipality beside the nation


def test_a_municipality_adds_and_takes_nothing_away():
    together = joined(NATIONAL, pack(talk_before_decision=ONE))
    assert together.safeguards[: len(NATIONAL.safeguards)] == NATIONAL.safeguards
    assert [it.key for it in together.safeguards[len(NATIONAL.safeguards) :]] == ["talk_before_decision"]
    assert together.digest not in (NATIONAL.digest, pack(talk_before_decision=ONE).digest)


def test_a_municipality_can_tighten_by_a_key_of_its_own():
    stricter = {**ONE, "parameters": {"first": ["view_asked"], "then": ["measure_evaluation"]}}
    together = joined(NATIONAL, pack(view_always_asked=stricter))
    found = {it.key: it.monitor for it in together.safeguards}
    skipping = ("skip:view_asked", "measure_evaluation")
    assert found["view_asked_under_measure"].judge(skipping)
    assert not found["view_always_asked"].judge(skipping)


@pytest.mark.parametrize("key", BY_KEY)
def test_a_municipality_never_replaces_a_national_safeguard(key):
    with pytest.raises(ValueError, match=key):
        joined(NATIONAL, pack(**{key: ONE}))
