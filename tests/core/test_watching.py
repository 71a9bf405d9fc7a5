"""A safeguard speaks at the step that breaks it, not before, for what it is about; and says what would keep it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padwijzer.forms.core.conditions import Compare, FactRef, Operator
from padwijzer.workflows.core.definition import ByHand, Detour, Jump, Kind, Obligation, Owner, Return, RunScope
from padwijzer.workflows.core.packs import Pack, Safeguard, national
from padwijzer.workflows.core.plan import Place, Plan
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.search import prove
from padwijzer.workflows.core.proving.walking import CASE_BEGINS
from padwijzer.workflows.core.safeguards import STEP, Deviable, Scope, Template, Watched, around, skipped, with_answer
from padwijzer.workflows.core.safeguards.absence import Absence
from padwijzer.workflows.core.safeguards.no_deviation import NoDeviation
from padwijzer.workflows.core.safeguards.only_while import OnlyWhile
from padwijzer.workflows.core.safeguards.precedence import Precedence
from padwijzer.workflows.core.safeguards.waits_for_consent import WaitsForConsent
from padwijzer.workflows.core.semantics import (
    EMPTY,
    Complete,
    Happening,
    Skip,
    StartCase,
    What,
)
from padwijzer.workflows.core.semantics import step as happens
from padwijzer.workflows.core.watching import (
    Focus,
    Refusal,
    Watch,
    WatchedStep,
    WayToKeep,
    done_in,
    focuses,
    recorded_ref,
    recorded_steps,
    ways_to_keep,
)
from tests.safeguards.test_every_template import WATCHED
from tests.support.case_files import a_case, a_child, a_parent, a_row
from tests.support.definitions import Known, calls, choice, definition, is_, plan, step, track

pytestmark = pytest.mark.once

PLAN_FIRST = Precedence(("family_plan",), ("municipal_decision",))
FAMILY = Focus()


def safeguard(
    template: Template, scope: Scope = Scope.FAMILY, key: str = "s", *, deviation: bool = False
) -> Safeguard:
    return Safeguard(key, template, scope, ("R1",), "Bron", "[A]", deviation=deviation)


def pack(*safeguards: Safeguard) -> Pack:
    return Pack("test", "1", safeguards)


def one_of_each(*meanings: str) -> Plan:
    """Definitions about the family, a child and a help, each with a step for each meaning, and a plain one."""
    keys = ("plain", *meanings)
    ways = [(after,) for after in meanings] + [()]
    steps = [
        step(key, *way, obligation=Obligation.POLICY, meanings=() if key == "plain" else (key,))
        for key, way in zip(keys, ways, strict=True)
    ]
    return plan(
        definition("F", step("start", "child", call=calls("C")), step("child", "plain", call=calls("H")), *steps),
        definition("C", *steps, scope=RunScope.CHILD),
        definition("H", *steps, scope=RunScope.HELP),
    )


def did(
    activity: str, subject: str | None = None, *, skip: bool = False, deviated: tuple[str, ...] = ()
) -> WatchedStep:
    home = "F" if subject is None else "C" if subject.startswith("child") else "H"
    return WatchedStep(1, home, activity, subject, skipped=skip, deviated=frozenset(deviated))


def refused(
    watch: Watch,
    past: list[WatchedStep],
    *now: WatchedStep,
    about: tuple[Focus, ...] = (FAMILY,),
    holds: bool = True,
) -> tuple[Refusal, ...]:
    return watch.refusals(lambda: past, now, lambda _scope: about, lambda _step, _condition: holds)


# Each template


def words_of(template: Watched) -> tuple[str, ...]:
    """Every meaning that a template knows."""
    monitor = template.monitor()
    bare = {it.removeprefix("skip:").removeprefix("*").removeprefix("skip:").rstrip("+-") for it in monitor.letters}
    return tuple(sorted(bare - {STEP, ""}))


def letters_of(
    word: list[WatchedStep], focus: Focus, scope: Scope, asked: frozenset[str], answers: list[bool]
) -> tuple[str, ...]:
    """What a monitor hears of it, told once more and in another way than in the code."""
    found = []
    for done, holds in zip(word, answers, strict=True):
        names = [] if done.activity == "plain" else [skipped(done.activity) if done.skipped else done.activity]
        near = scope is Scope.FAMILY or done.subject == focus.row
        far = done.subject is None or done.subject == focus.child
        for name in (*names, *([] if done.skipped else [STEP])):
            if near:
                found.append(with_answer(name, holds=holds) if name in asked else name)
            elif far:
                found.append(around(name))
    return tuple(found)


@pytest.mark.parametrize("template", WATCHED.values(), ids=WATCHED)
@pytest.mark.parametrize("scope", [Scope.FAMILY, Scope.HELP])
@given(data=st.data())
def test_it_speaks_at_the_step_at_which_the_monitor_judges_it_broken_and_never_before(template, scope, data):
    meanings = words_of(template)
    watch = Watch(one_of_each(*meanings), pack(safeguard(template, scope)))
    focus = FAMILY if scope is Scope.FAMILY else Focus("help-1", "child-1")
    steps = st.builds(
        did,
        st.sampled_from(["plain", *meanings]),
        st.sampled_from([None, "child-1", "child-2", "help-1", "help-2"]),
        skip=st.booleans(),
    )
    word = data.draw(st.lists(steps, max_size=7))
    monitor = template.monitor()
    asked = frozenset(monitor.asks)
    for number, now in enumerate(word):
        holds = data.draw(st.booleans())
        answers = [True] * number + [holds]
        kept = monitor.judge(letters_of(word[: number + 1], focus, scope, asked, answers))
        found = refused(watch, word[:number], now, about=(focus,), holds=holds)
        assert bool(found) is not kept
        if not kept:
            return
        word[number] = now


@given(data=st.data())
def test_the_steps_of_one_action_are_judged_like_those_of_several(data):
    template = WATCHED["response"]
    meanings = words_of(template)
    watch = Watch(one_of_each(*meanings), pack(safeguard(template)))
    word = data.draw(st.lists(st.builds(did, st.sampled_from(["plain", *meanings])), max_size=8))
    cut = data.draw(st.integers(0, len(word)))
    one_by_one = [number for number in range(cut, len(word)) if refused(watch, word[:number], word[number])]
    together = refused(watch, word[:cut], *word[cut:])
    assert bool(one_by_one) is bool(together)
    assert not together or together[0].step == word[one_by_one[0]]


# What it is about


def test_what_is_done_for_one_help_says_nothing_of_another():
    watch = Watch(
        one_of_each("explained", "informed_consent"),
        pack(safeguard(Precedence(("explained",), ("informed_consent",)), Scope.HELP)),
    )
    helps = (Focus("help-1"), Focus("help-2"))
    past = [did("explained", "help-1")]
    assert not refused(watch, past, did("informed_consent", "help-1"), about=helps)
    (found,) = refused(watch, past, did("informed_consent", "help-2"), about=helps)
    assert (found.focus, found.meaning, found.missing) == (Focus("help-2"), "informed_consent", ("explained",))


def test_what_is_done_for_all_at_once_is_refused_also_for_a_help_that_is_not_there_yet():
    watch = Watch(
        one_of_each("explained", "informed_consent"),
        pack(safeguard(Precedence(("explained",), ("informed_consent",)), Scope.HELP)),
    )
    past = [did("explained", "help-1")]
    assert refused(watch, past, did("informed_consent"), about=(Focus("help-1"), Focus()))
    assert not refused(watch, past, did("informed_consent"), about=(Focus("help-1"),))


def test_consent_is_asked_of_the_step_that_waits_for_it():
    condition = Compare(FactRef("consent_state"), Operator.IS, "complete")
    watch = Watch(one_of_each("start_of_help"), pack(safeguard(WaitsForConsent(("start_of_help",)), Scope.HELP)))
    starts = did("start_of_help", "help-1")
    asked = []

    def holds(done, found):
        asked.append((done, found))
        return False

    (found,) = watch.refusals(list, (starts,), lambda _scope: (Focus("help-1"),), holds)
    assert asked == [(starts, condition)]
    assert "zei ja" in found.why


def test_a_step_that_can_break_nothing_asks_for_no_history():
    watch = Watch(one_of_each("family_plan", "municipal_decision"), pack(safeguard(PLAN_FIRST)))

    def never():
        raise AssertionError

    assert watch.refusals(never, (did("family_plan"), did("plain")), never, never) == ()


def test_what_needs_no_memory_asks_for_no_history():
    watch = Watch(one_of_each("investigation_request"), pack(safeguard(Absence(("investigation_request",)))))

    def never():
        raise AssertionError

    assert watch.refusals(never, (did("investigation_request"),), lambda _scope: (FAMILY,), never)


# What was done before and cannot be undone


def test_what_was_broken_before_is_not_broken_by_every_step_after_it():
    watch = Watch(one_of_each("family_plan", "municipal_decision"), pack(safeguard(PLAN_FIRST)))
    past = [did("municipal_decision")]
    assert not refused(watch, past, did("plain"))
    assert refused(watch, past, did("municipal_decision"))
    assert not refused(watch, [*past, did("family_plan")], did("municipal_decision"))


def test_a_deviation_is_as_good_as_what_must_happen_for_the_safeguard_that_it_names():
    watch = Watch(
        one_of_each("family_plan", "municipal_decision"),
        pack(safeguard(PLAN_FIRST, key="may", deviation=True), safeguard(PLAN_FIRST, key="other", deviation=True)),
    )
    decides = did("municipal_decision", deviated=("may",))
    assert [it.safeguard.key for it in refused(watch, [], decides)] == ["other"]
    assert [it.safeguard.key for it in refused(watch, [decides], did("municipal_decision"))] == ["other"]


def test_no_reason_is_good_enough_where_the_safeguard_allows_none():
    watch = Watch(one_of_each("family_plan", "municipal_decision"), pack(safeguard(PLAN_FIRST)))
    assert refused(watch, [], did("municipal_decision", deviated=("s",)))


def test_a_skipped_step_is_as_good_only_where_a_deviation_is_allowed():
    for deviation in (True, False):
        watch = Watch(
            one_of_each("family_plan", "municipal_decision"), pack(safeguard(PLAN_FIRST, deviation=deviation))
        )
        found = refused(watch, [did("family_plan", skip=True)], did("municipal_decision"))
        assert bool(found) is not deviation
        assert watch.wants_reason("F", "family_plan") is deviation
        assert not watch.wants_reason("F", "municipal_decision")


def test_nobody_skips_what_may_not_be_skipped():
    watch = Watch(one_of_each("consent_asked"), pack(safeguard(NoDeviation(("consent_asked",)))))
    (found,) = refused(watch, [], did("consent_asked", skip=True))
    assert found.missing == ()
    assert found.why == "U slaat dan een vraag om toestemming over."
    assert not refused(watch, [], did("consent_asked"))


# In words


def test_a_refusal_says_what_would_happen_and_what_lacks():
    (found,) = refused(
        Watch(one_of_each("family_plan", "municipal_decision"), pack(safeguard(PLAN_FIRST))),
        [],
        did("municipal_decision"),
    )
    assert found.why == "Nu zou dit gebeuren: de gemeente besluit. Dit ontbreekt nog: een plan van het gezin."


@pytest.mark.parametrize("template", WATCHED.values(), ids=WATCHED)
def test_every_refusal_is_said_in_short_sentences_without_a_key(template):
    meanings = words_of(template)
    watch = Watch(one_of_each(*meanings), pack(safeguard(template)))
    every = [did(it, skip=skip) for it in ("plain", *meanings) for skip in (False, True)]
    found = [it for one in every for other in every for it in refused(watch, [one], other, holds=False)]
    assert found
    for it in found:
        assert it.why == "" or it.why.endswith(".")
        assert "_" not in it.why
        assert all(len(sentence.split()) <= 17 for sentence in it.why.split(". "))


@pytest.mark.parametrize("template", [it for it in WATCHED.values() if isinstance(it, Deviable)], ids=str)
def test_what_would_keep_it_is_what_must_happen(template):
    meanings = words_of(template)
    watch = Watch(one_of_each(*meanings), pack(safeguard(template)))
    pairs = [(did(one), did(other)) for one in ("plain", *meanings) for other in meanings]
    found = [it for past, now in pairs for it in refused(watch, [past], now)]
    assert found
    assert {frozenset(it.missing) for it in found} == {frozenset(template.fulfilled_by)}


# What would keep it, in this case


def test_an_open_step_comes_first_then_a_track_that_can_be_opened_then_the_step_by_its_name():
    missing = {"meanings": ("family_plan",)}
    by_hand = track("again", activity="once_more", opens_by=ByHand.HAND, owner=Owner.FAMILY)
    made = plan(
        definition(
            "V",
            step("begin", (is_("weg", "plan"), "plan"), "decide", fields=(choice("weg", "plan", "besluit"),)),
            step("plan", "decide", **missing),
            step("decide", meanings=("municipal_decision",)),
            step("once_more", "later", **missing),
            step("later"),
            tracks=(by_hand,),
        )
    )
    (found,) = refused(Watch(made, pack(safeguard(PLAN_FIRST))), [], WatchedStep(1, "V", "decide"))
    at_start, _ = happens(made, EMPTY, StartCase(), Known())
    assert ways_to_keep(made, at_start, found) == (WayToKeep(Place("V", "once_more"), track="V.again"),)
    at_plan, _ = happens(made, at_start, Complete(1), Known(is_("weg", "plan")))
    assert ways_to_keep(made, at_plan, found) == (WayToKeep(Place("V", "plan"), run=1),)
    alone = plan(replace(made.definition("V"), tracks=(), activities=made.definition("V").activities[:3]))
    assert ways_to_keep(alone, at_start, found) == (WayToKeep(Place("V", "plan")),)


# What is recorded


def test_the_steps_of_an_event_are_read_back_from_what_it_refers_to():
    done = (
        WatchedStep(2, "H", "agree", "help-1", deviated=frozenset({"home_first"})),
        WatchedStep(2, "H", "agreed", "help-1", deviated=frozenset({"home_first"})),
        WatchedStep(1, "V", "ask", None, deviated=frozenset({"home_first"})),
    )
    ref = {"run": 2, "definition": "H@3", "activity": "agree", "subject": "help-1"}
    told = {**ref, **recorded_ref(done, by_person=True)}
    assert tuple(recorded_steps([("task.completed", told)])) == done
    skipped_step = replace(done[0], skipped=True, deviated=frozenset())
    assert tuple(recorded_steps([("task.skipped", {**ref, **recorded_ref((skipped_step,), by_person=True)})])) == (
        skipped_step,
    )
    by_itself = tuple(replace(it, deviated=frozenset()) for it in done)
    assert tuple(recorded_steps([("time.passed", recorded_ref(by_itself, by_person=False))])) == by_itself
    assert tuple(recorded_steps([("task.claimed", ref), ("case.opened", {})])) == ()
    assert recorded_ref((), by_person=False) == {}


def test_only_what_was_done_is_heard_of_what_followed():
    made = plan(
        definition(
            "V",
            step("one", "two", skippable=True, obligation=Obligation.POLICY),
            step("two", "out", kind=Kind.AUTOMATIC),
            step("out"),
        )
    )
    at_start, _ = happens(made, EMPTY, StartCase(), Known())
    for event, was_skipped in ((Complete(1), False), (Skip(1), True)):
        after, happened = happens(made, at_start, event, Known())
        assert done_in(after, happened) == (
            WatchedStep(1, "V", "one", skipped=was_skipped),
            WatchedStep(1, "V", "two"),
        )
    assert done_in(after, [Happening(What.STEP_OPENED, 1, "two")]) == ()


# With the proof


def test_a_counter_example_of_the_proof_is_refused_at_its_last_step_and_not_before():
    first = step("begin", (is_("weg", "plan"), "plan"), "decide", fields=(choice("weg", "plan", "besluit"),))
    plan_step = step("plan", "decide", meanings=("family_plan",))
    made = plan(definition("V", first, plan_step, step("decide", meanings=("municipal_decision",))))
    mine = safeguard(PLAN_FIRST)
    verdict = prove(Machine(made, mine.scope), PLAN_FIRST.monitor())
    watch = Watch(made, pack(mine))
    past: list[WatchedStep] = []
    marking = EMPTY
    for number, move in enumerate(verdict.run):
        event = StartCase() if move.path[0] == CASE_BEGINS else Complete(1)
        marking, happened = happens(made, marking, event, Known())
        done = done_in(marking, happened)
        found = refused(watch, past, *done)
        assert [it.safeguard for it in found] == ([mine] if number == len(verdict.run) - 1 else [])
        past += done
    assert [it.activity for it in past] == ["begin", "decide"]


def test_nothing_of_the_national_pack_is_about_a_step_twice():
    watch = Watch(one_of_each("family_plan", "municipal_decision"), national())
    (found,) = refused(watch, [], did("municipal_decision"))
    assert found.safeguard.key == "family_plan_before_decision"


def test_whether_a_step_may_break_something_looks_at_what_follows_on_it_without_a_person():
    made = plan(
        definition(
            "V",
            step("one", "calls"),
            step("calls", "ends", call=calls("S")),
            step("ends", "decides", kind=Kind.AUTOMATIC),
            step("decides", kind=Kind.AUTOMATIC, meanings=("municipal_decision",)),
        ),
        definition("S", step("far", "near"), step("near", Return("done")), returns=("done",)),
    )
    watch = Watch(made, pack(safeguard(PLAN_FIRST)))
    assert watch.may_break(Place("V", "decides"))
    assert watch.may_break(Place("S", "near"))
    assert not Watch(made, pack(safeguard(Absence(("closing",))))).may_break(Place("S", "near"))
    person = plan(definition("V", step("one", "two"), step("two", meanings=("municipal_decision",))))
    assert not Watch(person, pack(safeguard(PLAN_FIRST))).may_break(Place("V", "one"))


def test_what_a_jump_or_a_detour_leads_to_is_followed_too():
    made = plan(
        definition(
            "V",
            step("one", "two", kind=Kind.AUTOMATIC),
            step(
                "two",
                (Compare(FactRef("contact_person"), Operator.ANSWERED), Detour("D")),
                Jump("W"),
                kind=Kind.AUTOMATIC,
            ),
        ),
        definition("W", step("decides", kind=Kind.AUTOMATIC, meanings=("municipal_decision",))),
        definition("D", step("aside", Return("done"), kind=Kind.AUTOMATIC, meanings=("closing",)), returns=("done",)),
    )
    for template in (PLAN_FIRST, Absence(("closing",))):
        assert Watch(made, pack(safeguard(template))).may_break(Place("V", "one"))


def test_what_is_done_for_all_at_once_says_that_it_must_be_done_for_each():
    watch = Watch(one_of_each("start_of_help"), pack(safeguard(WaitsForConsent(("start_of_help",)), Scope.HELP)))
    (found,) = refused(watch, [], did("start_of_help"), about=(Focus("help-1"),))
    assert found.why.endswith("Dat geldt dan voor alles tegelijk, en dit moet voor ieder apart.")


def test_a_condition_that_does_not_hold_is_said_in_the_words_of_its_statement():
    waits = OnlyWhile(
        ("closing",), Compare(FactRef("round"), Operator.IS, "x"), "is alles klaar", "Nog niet alles is klaar."
    )
    (found,) = refused(Watch(one_of_each("closing"), pack(safeguard(waits))), [], did("closing"), holds=False)
    assert found.missing == ()
    assert found.why == "Nu zou dit gebeuren: de zaak sluit. Nog niet alles is klaar."


def test_a_statement_is_about_every_row_that_is_there_and_about_one_that_is_not_there_yet():
    found = a_case(a_child("noor"), a_parent("mother"), a_row("help_item", "help-1", child="noor"))
    assert focuses(found, Scope.FAMILY) == (Focus(),)
    assert focuses(found, Scope.CHILD) == (Focus("noor"), Focus())
    assert focuses(found, Scope.HELP) == (Focus("help-1", "noor"), Focus("", "noor"), Focus())
