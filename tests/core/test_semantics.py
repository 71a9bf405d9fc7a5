import pytest

from padwijzer.forms.core.conditions import Collection, FactRef
from padwijzer.workflows.core.definition import (
    AtAge,
    ByHand,
    Completed,
    Constant,
    Detour,
    End,
    Goto,
    Interrupt,
    Jump,
    Kind,
    Moment,
    Obligation,
    OnEvent,
    Open,
    OpenDuty,
    Owner,
    Record,
    RecordEvent,
    Return,
    RowsSource,
    RunScope,
    TimeBefore,
)
from padwijzer.workflows.core.definition import OpenTrack as Opens
from padwijzer.workflows.core.errors import Impossible
from padwijzer.workflows.core.plan import Place
from padwijzer.workflows.core.semantics import (
    EMPTY,
    ActivityState,
    CloseTrack,
    ComeBack,
    Complete,
    EndOutside,
    OpenedAs,
    OpenTrack,
    Recheck,
    RunStatus,
    SaveOpen,
    Skip,
    StartCase,
    StartEmergency,
    What,
    about_the_same,
    step,
)
from tests.support.definitions import (
    Known,
    calls,
    choice,
    definition,
    is_,
    more_placements_than,
    plan,
    text,
    track,
)
from tests.support.definitions import step as activity

A, B = is_("weg", "a"), is_("weg", "b")
WAY = (choice("weg", "a", "b", "c"),)
HELD, ALSO = more_placements_than(0), more_placements_than(1)
HELP = RowsSource(Collection("help_item"))
POLICY, OPTIONAL = Obligation.POLICY, Obligation.OPTIONAL


class Case:
    """A case that is walked event by event."""

    def __init__(self, release, world=None, **start):
        self.plan = release
        self.world = world or Known()
        self.marking = EMPTY
        self.happened = ()
        self.all = []
        self.after(StartCase(**start))

    def after(self, *events):
        for event in events:
            self.marking, self.happened = step(self.plan, self.marking, event, self.world)
            self.all += self.happened
        return self

    def refuses(self, event):
        with pytest.raises(Impossible) as refused:
            step(self.plan, self.marking, event, self.world)
        return refused.value.code

    def run(self, number):
        return self.marking.run(number)

    def at(self, number=1):
        return self.run(number).position

    def status(self, number=1):
        return self.run(number).status

    def what(self):
        return [it.what for it in self.happened]


# steps


def test_a_case_starts_at_the_first_step_in_its_first_round():
    case = Case(plan(definition("V", activity("begin"))))
    assert case.at() == "begin"
    assert case.run(1).round("begin") == 1
    assert case.run(1).state("begin") is ActivityState.OPEN
    assert case.run(1).state("elders") is None
    assert case.what() == [What.RUN_STARTED, What.STEP_OPENED]


def test_completing_leads_through_the_first_true_exit():
    case = Case(
        plan(definition("V", activity("kies", (A, "een"), "twee", fields=WAY), activity("een"), activity("twee")))
    )
    case.world.true = [A]
    case.after(Complete(1))
    assert case.at() == "een"
    assert case.run(1).state("kies") is ActivityState.DONE
    assert case.what() == [What.STEP_COMPLETED, What.EXIT_TAKEN, What.STEP_OPENED]


def test_an_unknown_exit_refuses_the_completion():
    case = Case(
        plan(definition("V", activity("kies", (A, "een"), "een", fields=WAY), activity("een"))), Known(unknown=[A])
    )
    assert case.refuses(Complete(1)) == "unknown_exit"


def test_going_back_to_a_step_is_a_new_round():
    case = Case(plan(definition("V", activity("kies", (A, "kies"), End(), fields=WAY))), Known(A))
    case.after(Complete(1), Complete(1))
    assert case.run(1).round("kies") == 3
    case.world.true = []
    case.after(Complete(1))
    assert case.status() is RunStatus.ENDED
    assert case.at() is None


def test_a_jump_to_the_own_definition_is_a_goto():
    case = Case(
        plan(
            definition(
                "V", activity("kies", (A, Jump("V")), (B, Jump("V", "kies")), "slot", fields=WAY), activity("slot")
            )
        ),
        Known(A),
    )
    case.after(Complete(1))
    case.world.true = [B]
    case.after(Complete(1))
    assert case.run(1).round("kies") == 3
    assert len(case.marking.runs) == 1


def test_automatic_steps_and_ends_run_through():
    case = Case(
        plan(
            definition(
                "V",
                activity("een", "twee", kind=Kind.AUTOMATIC),
                activity("twee", "drie", kind=Kind.AUTOMATIC),
                activity("drie", kind=Kind.END),
            )
        )
    )
    assert case.status() is RunStatus.ENDED
    assert dict(case.run(1).states) == dict.fromkeys(("een", "twee", "drie"), ActivityState.DONE)


def test_an_automatic_step_halts_at_an_unknown_exit_until_it_is_known():
    case = Case(
        plan(definition("V", activity("een", (HELD, "twee"), "twee", kind=Kind.AUTOMATIC), activity("twee"))),
        Known(unknown=[HELD]),
    )
    assert case.at() == "een"
    assert case.what()[-1] is What.STEP_HALTED
    assert case.refuses(Complete(1)) == "not_completed_by_hand"
    case.after(Recheck())
    assert case.at() == "een"
    case.world.unknown = []
    assert case.after(Recheck()).at() == "twee"


def test_a_step_can_be_completed_from_what_was_known_afterwards():
    case = Case(plan(definition("V", activity("een", "twee"), activity("twee"))))
    case.after(Complete(1, afterwards=True))
    assert case.run(1).state("een") is ActivityState.AFTERWARDS


def test_a_step_of_policy_can_be_skipped_to_where_it_says():
    case = Case(
        plan(
            definition(
                "V",
                activity("kies", (A, "een"), "een", fields=WAY, obligation=POLICY, skip=Goto("twee")),
                activity("een"),
                activity("twee"),
            )
        )
    )
    case.after(Skip(1))
    assert case.at() == "twee"
    assert case.run(1).state("kies") is ActivityState.SKIPPED


def test_a_skipped_step_with_one_exit_goes_there():
    case = Case(plan(definition("V", activity("een", "twee", obligation=OPTIONAL), activity("twee"))))
    assert case.after(Skip(1)).at() == "twee"


def test_what_the_law_asks_cannot_be_skipped():
    case = Case(plan(definition("V", activity("een"))))
    assert case.refuses(Skip(1)) == "not_skippable"


def test_what_says_so_cannot_be_skipped():
    case = Case(plan(definition("V", activity("een", obligation=POLICY, skippable=False))))
    assert case.refuses(Skip(1)) == "not_skippable"


def test_a_step_that_halted_cannot_be_skipped():
    case = Case(
        plan(
            definition(
                "V", activity("een", (HELD, "twee"), "twee", kind=Kind.AUTOMATIC, obligation=POLICY), activity("twee")
            )
        ),
        Known(unknown=[HELD]),
    )
    assert case.refuses(Skip(1)) == "not_skippable"


def test_an_optional_step_that_is_not_available_is_passed_through_its_else():
    case = Case(
        plan(
            definition(
                "V",
                activity("een", "twee"),
                activity(
                    "twee", (A, "vier"), "drie", fields=WAY, available=HELD, obligation=OPTIONAL, skip=Goto("drie")
                ),
                activity("drie"),
                activity("vier"),
            )
        )
    )
    case.after(Complete(1))
    assert case.at() == "drie"
    assert case.run(1).round("twee") == 0
    assert What.STEP_PASSED in case.what()


def available_step():
    return plan(
        definition(
            "V",
            activity("een", "twee"),
            activity("twee", "drie", available=HELD, unavailable=Goto("vier")),
            activity("drie"),
            activity("vier"),
        )
    )


def test_a_step_that_is_certainly_not_available_goes_where_it_says():
    assert Case(available_step()).after(Complete(1)).at() == "vier"


def test_a_step_waits_while_it_is_unknown_whether_it_is_available():
    case = Case(available_step(), Known(unknown=[HELD])).after(Complete(1))
    assert case.at() == "twee"
    assert case.run(1).state("twee") is ActivityState.WAITING
    assert case.refuses(Complete(1)) == "not_open"
    case.after(Recheck())
    assert case.run(1).state("twee") is ActivityState.WAITING
    case.world.unknown, case.world.true = [], [HELD]
    case.after(Recheck())
    assert case.run(1).state("twee") is ActivityState.OPEN
    assert case.run(1).round("twee") == 1
    case.after(Recheck())
    assert case.run(1).round("twee") == 1


def test_an_open_step_that_becomes_unavailable_is_cancelled_and_left():
    case = Case(available_step(), Known(HELD)).after(Complete(1))
    case.world.true = []
    case.after(Recheck())
    assert case.at() == "vier"
    assert case.run(1).state("twee") is ActivityState.CANCELLED


def test_a_waiting_step_that_becomes_unavailable_is_left():
    case = Case(available_step(), Known(unknown=[HELD])).after(Complete(1))
    case.world.unknown = []
    assert case.after(Recheck()).at() == "vier"


def test_a_call_that_becomes_unavailable_ends_what_it_called():
    called = activity("roep", "slot", call=calls("D-VAP"), available=HELD, unavailable=Goto("slot"))
    case = Case(plan(definition("V", activity("een", "roep"), called, activity("slot")), VAP), Known(HELD))
    case.after(Complete(1))
    case.world.true = []
    case.after(Recheck())
    assert case.at() == "slot"
    assert case.status(2) is RunStatus.ENDED


def test_a_wait_is_completed_when_the_event_outside_is_entered():
    case = Case(plan(definition("V", activity("een", "twee", kind=Kind.WAIT), activity("twee"))))
    assert case.after(Complete(1)).at() == "twee"


def test_a_case_can_start_at_an_entry_and_nowhere_else():
    release = plan(
        definition("V", activity("een", "twee"), activity("twee", "drie"), activity("drie"), entries=("twee",))
    )
    assert Case(release, activity="twee").at() == "twee"
    with pytest.raises(Impossible, match="no_such_entry"):
        Case(release, activity="drie")
    with pytest.raises(Impossible, match="no_such_definition"):
        Case(release, definition="P")


def test_a_main_line_starts_once():
    case = Case(plan(definition("V", activity("een"))))
    assert case.refuses(StartCase()) == "already_running"
    case.after(Complete(1), StartCase())
    assert case.at(2) == "een"


def test_an_unknown_or_ended_run_is_refused():
    case = Case(plan(definition("V", activity("een"))))
    assert case.refuses(Complete(2)) == "no_such_run"
    assert case.after(Complete(1)).refuses(Complete(1)) == "not_running"


# calls


VAP = definition("D-VAP", activity("kies", (A, Return("nee")), Return("ja"), fields=WAY), returns=("ja", "nee"))


def test_a_call_runs_another_definition_and_goes_on_at_its_return():
    case = Case(plan(definition("V", activity("roep", "slot", call=calls("D-VAP")), activity("slot")), VAP))
    assert case.run(2).opened_as is OpenedAs.CALL
    assert case.run(2).parent == (1, "roep")
    assert case.run(1).calls == (2,)
    assert case.run(1).state("roep") is ActivityState.OPEN
    case.after(Complete(2))
    assert case.run(2).outcome == "ja"
    assert case.at() == "slot"


def test_a_person_does_not_complete_a_call():
    case = Case(plan(definition("V", activity("roep", call=calls("D-VAP"))), VAP))
    assert case.refuses(Complete(1)) == "not_completed_by_hand"


def test_a_call_halts_when_its_exit_is_unknown_at_the_return():
    case = Case(
        plan(definition("V", activity("roep", (HELD, "slot"), "slot", call=calls("D-VAP")), activity("slot")), VAP),
        Known(unknown=[HELD]),
    )
    case.after(Complete(2))
    assert case.at() == "roep"
    assert case.run(1).calls == (2,)
    case.world.unknown = []
    assert case.after(Recheck()).at() == "slot"


TOEST = definition("D-TOEST", activity("vraag", Return("ja")), returns=("ja",), scope=RunScope.HELP)


def for_each(**call):
    return plan(
        definition(
            "V",
            activity("roep", "slot", call=calls("D-TOEST", for_each="help_item", **call)),
            activity("slot", (B, "roep"), End(), fields=WAY),
        ),
        TOEST,
    )


def test_a_call_for_each_row_runs_once_for_each_and_waits_for_all():
    case = Case(for_each(), Known(help_item=("h2", "h1", "h2")))
    assert [run.subject for run in case.marking.runs] == [None, "h2", "h1"]
    assert case.run(1).calls == (2, 3)
    case.after(Complete(3))
    assert case.at() == "roep"
    assert case.after(Complete(2)).at() == "slot"


def test_a_call_for_no_rows_goes_on_at_once():
    assert Case(for_each()).at() == "slot"


def test_a_call_goes_on_as_soon_as_it_may_and_late_returns_change_nothing():
    case = Case(for_each(goes_on_when=HELD), Known(help_item=("h1", "h2")))
    case.after(Complete(2))
    assert case.at() == "roep"
    case.world.true = [HELD]
    case.after(Recheck())
    assert case.at() == "slot"
    assert case.run(1).calls == ()
    assert case.status(3) is RunStatus.RUNNING
    before = case.run(1)
    case.after(Complete(3))
    assert case.run(1) == before


def test_a_call_that_may_go_on_at_once_does():
    case = Case(for_each(goes_on_when=HELD), Known(HELD, help_item=("h1",)))
    assert case.at() == "slot"
    assert case.at(2) == "vraag"


def test_a_late_call_is_joined_in_the_next_round():
    case = Case(for_each(goes_on_when=HELD), Known(HELD, help_item=("h1",)))
    case.world.true = [B]
    case.after(Complete(1))
    assert case.run(1).calls == (2,)
    assert len(case.marking.runs) == 2
    assert What.RUN_JOINED in case.what()
    case.world.true = []
    assert case.after(Complete(2)).at() == "slot"


def test_a_late_call_outlives_its_caller():
    case = Case(for_each(goes_on_when=HELD), Known(HELD, help_item=("h1",)))
    case.world.true = []
    case.after(Complete(1))
    assert case.status(1) is RunStatus.ENDED
    assert case.run(2).handed_over
    assert case.status(2) is RunStatus.RUNNING


def test_a_called_run_keeps_the_subject_of_its_caller_unless_it_is_about_the_family():
    child = definition(
        "V",
        activity("roep", "nog", call=calls("D-TOEST")),
        activity("nog", call=calls("D-VAP")),
        scope=RunScope.CHILD,
    )
    case = Case(plan(child, TOEST, VAP), subject="kind")
    assert case.run(2).subject == "kind"
    case.after(Complete(2))
    assert case.run(3).subject is None


def test_a_weaker_call_makes_the_steps_it_calls_less_binding():
    inner = definition("D-VAP", activity("vraag", Return("ja")), returns=("ja",))
    outer = definition("D-TENT", activity("roep", call=calls("D-VAP")))
    weak = plan(definition("V", activity("roep", call=calls("D-TENT", obligation=POLICY))), outer, inner)
    case = Case(weak)
    case.after(Skip(3))
    assert case.status(1) is RunStatus.ENDED
    strong = plan(definition("V", activity("roep", call=calls("D-TENT", obligation=Obligation.LAW))), outer, inner)
    assert Case(strong).refuses(Skip(3)) == "not_skippable"


def test_skipping_a_call_ends_what_it_called():
    case = Case(
        plan(definition("V", activity("roep", "slot", call=calls("D-VAP"), obligation=POLICY), activity("slot")), VAP)
    )
    case.after(Skip(1))
    assert case.at() == "slot"
    assert case.status(2) is RunStatus.ENDED
    assert case.run(2).state("kies") is ActivityState.CANCELLED


def test_a_definition_already_running_about_the_same_is_joined_and_returns_to_both():
    school = definition("D-SCHOOL", activity("bel"))
    case = Case(
        plan(
            definition(
                "V",
                activity("een", "twee", opens=(Open(Opens("school")),)),
                activity("twee", "slot", call=calls("D-SCHOOL"), obligation=POLICY),
                activity("slot"),
                tracks=(track("school", definition="D-SCHOOL"),),
            ),
            school,
        )
    )
    case.after(Complete(1))
    assert case.run(1).calls == (2,)
    assert case.run(2).opened_as is OpenedAs.TRACK
    skipped = Case(case.plan).after(Complete(1), Skip(1))
    assert skipped.status(2) is RunStatus.RUNNING
    case.after(Complete(2))
    assert case.at() == "slot"


def test_a_track_that_the_calling_step_opened_outlives_the_call_that_joined_it():
    called = activity("een", call=calls("D-SCHOOL"), obligation=POLICY, opens=(Open(Opens("school")),))
    school = definition("D-SCHOOL", activity("bel"))
    case = Case(plan(definition("V", called, tracks=(track("school", definition="D-SCHOOL"),)), school))
    assert case.run(1).calls == (2,)
    case.after(Skip(1))
    assert [case.status(number) for number in (1, 2)] == [RunStatus.ENDED, RunStatus.RUNNING]


def test_a_run_that_another_one_waits_for_outlives_its_caller():
    shared = definition("D-VAP", activity("kies"))
    first = definition("D-TENT", activity("roep", call=calls("D-VAP"), obligation=POLICY))
    case = Case(
        plan(
            definition(
                "V",
                activity("een", "twee", opens=(Open(Opens("tent")),)),
                activity("twee", call=calls("D-VAP")),
                tracks=(track("tent", definition="D-TENT", closed_by_hand=True),),
            ),
            first,
            shared,
        )
    )
    case.after(Complete(1), CloseTrack(2, by_hand=True))
    assert case.status(2) is RunStatus.ENDED
    assert case.run(3).handed_over
    assert case.after(Complete(3)).status(1) is RunStatus.ENDED


def test_calls_that_pass_by_themselves_return_in_order():
    passing = definition(
        "D-TOEST", activity("vraag", Return("ja"), kind=Kind.AUTOMATIC), returns=("ja",), scope=RunScope.HELP
    )
    case = Case(
        plan(
            definition("V", activity("roep", "slot", call=calls("D-TOEST", for_each="help_item")), activity("slot")),
            passing,
        ),
        Known(help_item=("h1", "h2")),
    )
    assert case.at() == "slot"
    assert [it.run for it in case.happened if it.what is What.RUN_RETURNED] == [2, 3]


# detours


def detour():
    return plan(
        definition(
            "V",
            activity("kies", (A, Detour("D-TENT")), (B, "een"), "twee", fields=WAY),
            activity("een"),
            activity("twee"),
        ),
        definition("D-TENT", activity("tent")),
    )


def test_a_detour_comes_first_and_reading_goes_on_with_the_next_exit():
    case = Case(detour(), Known(A, B)).after(Complete(1))
    assert case.at() == "kies"
    assert case.run(1).state("kies") is ActivityState.DONE
    assert case.run(1).detour_at == 0
    assert case.run(2).opened_as is OpenedAs.DETOUR
    assert case.refuses(Complete(1)) == "not_open"
    case.after(Recheck())
    assert case.at() == "kies"
    case.after(Complete(2))
    assert case.at() == "een"
    assert case.run(1).detour_at == -1


def test_a_detour_halts_at_an_unknown_exit_until_it_is_known():
    case = Case(detour(), Known(A, unknown=[B])).after(Complete(1), Complete(2))
    assert case.what()[-1] is What.STEP_HALTED
    assert case.at() == "kies"
    case.world.unknown = []
    assert case.after(Recheck()).at() == "twee"


# jumps


def two_paths(**more):
    return plan(
        definition(
            "V",
            activity(
                "kies",
                Jump("O", "in"),
                opens=(
                    Open(Opens("mijn"), owner=Owner.RUN),
                    Open(Opens("ons")),
                    Open(OpenDuty("terug", text("Terug"), "", ("in",))),
                ),
            ),
            activity("thuis"),
            activity("samen"),
            activity("in"),
            tracks=(
                track("mijn", activity="thuis", owner=Owner.RUN, **more),
                track("ons", activity="samen"),
                track("nooit", activity="in", opens_by=ByHand.HAND),
            ),
        ),
        definition("O", activity("begin", "in"), activity("in"), entries=("in",)),
    )


def test_a_jump_ends_the_run_and_begins_the_other_path_where_it_says():
    case = Case(two_paths()).after(Complete(1))
    assert case.status(1) is RunStatus.ENDED
    assert case.run(4).opened_as is OpenedAs.MAIN
    assert case.at(4) == "in"
    assert case.run(4).parent is None


def test_at_a_jump_tracks_are_handed_over():
    case = Case(two_paths()).after(Complete(1))
    assert [case.status(number) for number in (2, 3)] == [RunStatus.RUNNING, RunStatus.RUNNING]
    assert case.run(2).handed_over
    assert case.run(3).handed_over


def test_at_a_jump_the_own_tracks_that_say_so_close():
    case = Case(two_paths(handed_over=False)).after(Complete(1))
    assert case.status(2) is RunStatus.ENDED
    assert case.run(2).state("thuis") is ActivityState.CANCELLED
    assert case.status(3) is RunStatus.RUNNING


def test_duties_stay_at_a_jump():
    case = Case(two_paths()).after(Complete(1))
    assert [duty.kind for duty in case.marking.duties] == ["terug"]


def test_a_jump_to_a_path_that_already_runs_joins_it():
    case = Case(two_paths()).after(StartCase("O"), Complete(1))
    assert case.status(1) is RunStatus.ENDED
    assert [run.definition for run in case.marking.alive()] == ["V", "V", "O"]
    assert case.at(4) == "begin"


def outside():
    return plan(
        definition(
            "V",
            activity(
                "kies",
                (A, Jump("P")),
                (B, Interrupt("D-SPOED")),
                "slot",
                fields=WAY,
                opens=(Open(Opens("mijn"), owner=Owner.RUN),),
            ),
            activity("slot"),
            activity("terug"),
            activity("thuis"),
            entries=("terug",),
            outside=(("D-18", text("x")), ("D-SPOED", text("x")), ("P", text("x"))),
            tracks=(
                track("mijn", activity="thuis", owner=Owner.RUN, handed_over=False),
                track("achttien", definition="D-18", opens_by=ByHand.HAND),
            ),
        )
    )


def test_a_jump_out_of_the_release_waits_outside_and_comes_back_at_an_entry():
    case = Case(outside(), Known(A)).after(Complete(1))
    assert case.status() is RunStatus.WAITING_OUTSIDE
    assert case.status(2) is RunStatus.ENDED
    assert case.refuses(Complete(1)) == "not_running"
    assert case.refuses(ComeBack(1)) == "no_such_entry"
    assert case.refuses(ComeBack(1, "slot")) == "no_such_entry"
    assert case.after(ComeBack(1, "terug")).at() == "terug"
    assert case.status() is RunStatus.RUNNING
    assert case.refuses(ComeBack(1, "terug")) == "not_outside"
    assert case.refuses(EndOutside(1)) == "not_outside"


def test_what_waits_outside_may_never_come_back():
    case = Case(outside(), Known(A)).after(Complete(1), Recheck(), EndOutside(1))
    assert case.status() is RunStatus.ENDED


def test_a_crisis_outside_the_release_leaves_the_tracks_and_goes_on_afterwards():
    case = Case(outside(), Known(B)).after(Complete(1))
    assert case.status() is RunStatus.WAITING_OUTSIDE
    assert case.status(2) is RunStatus.RUNNING
    assert case.after(ComeBack(1)).at() == "slot"


def test_a_crisis_outside_the_release_may_come_back_at_an_entry():
    assert Case(outside(), Known(B)).after(Complete(1), ComeBack(1, "terug")).at() == "terug"


def test_a_track_outside_the_release_is_told_and_not_opened():
    case = Case(outside()).after(OpenTrack(1, "achttien"))
    assert case.what() == [What.TRACK_OUTSIDE]
    assert len(case.marking.runs) == 2


def test_a_crisis_outside_the_release_cannot_be_started():
    assert Case(outside()).refuses(StartEmergency("D-SPOED")) == "not_an_emergency"


# tracks and duties


def tracks(*steps, **more):
    return plan(
        definition(
            "V",
            activity("een", "twee", opens=(Open(Opens("hulp"), **more.pop("opens", {})),)),
            activity("twee", (A, "een"), (B, "slot"), End(), fields=WAY),
            activity("slot"),
            activity("loopt", *more.pop("ways", ()), **more.pop("body", {})),
            *steps,
            tracks=(track("hulp", activity="loopt", **more),),
        )
    )


def test_a_track_runs_beside_the_main_line_until_its_body_ends():
    case = Case(tracks())
    assert case.run(2).track == "V.hulp"
    assert case.at(2) == "loopt"
    case.after(Complete(1))
    assert case.at() == "twee"
    case.after(Complete(2))
    assert case.status(2) is RunStatus.ENDED
    assert What.TRACK_CLOSED in case.what()


def test_a_track_opens_once_for_its_subject():
    case = Case(tracks(), Known(A)).after(Complete(1), Complete(1))
    assert case.at() == "een"
    assert len(case.marking.runs) == 2
    case.after(Complete(2), Complete(1), Complete(1))
    assert len(case.marking.runs) == 3


def test_a_track_opens_only_when_its_condition_is_true():
    assert len(Case(tracks(opens={"when": HELD})).marking.runs) == 1
    assert len(Case(tracks(opens={"when": HELD}), Known(unknown=[HELD])).marking.runs) == 1
    assert len(Case(tracks(opens={"when": HELD}), Known(HELD)).marking.runs) == 2


def test_a_track_that_opens_on_completing_opens_then():
    case = Case(tracks(opens={"at": Moment.COMPLETING}))
    assert len(case.marking.runs) == 1
    assert case.after(Complete(1)).at(2) == "loopt"


def test_a_track_opens_for_each_row():
    case = Case(tracks(opens={"for_each": HELP}), Known(help_item=("h1", "h2")))
    assert [run.subject for run in case.marking.runs] == [None, "h1", "h2"]


def test_a_track_closes_when_a_step_is_completed():
    case = Case(tracks(closes_on=(Completed("twee"),)))
    case.after(Complete(1), Complete(1))
    assert case.status(2) is RunStatus.ENDED
    assert case.run(2).state("loopt") is ActivityState.CANCELLED


def test_a_track_about_another_subject_stays_open():
    release = plan(
        definition(
            "V",
            activity("een", "twee"),
            activity("twee"),
            activity("loopt"),
            scope=RunScope.CHILD,
            tracks=(track("hulp", activity="loopt", opens_by=ByHand.HAND, closes_on=(Completed("een"),)),),
        )
    )
    case = Case(release, subject="anna").after(OpenTrack(1, "hulp", "bram"), OpenTrack(1, "hulp"))
    case.after(Complete(1))
    assert [case.status(number) for number in (2, 3)] == [RunStatus.RUNNING, RunStatus.ENDED]


def test_a_track_that_is_closed_by_its_own_step_ends_there():
    case = Case(tracks(activity("verder"), ways=("verder",), closes_on=(Completed("loopt"),)))
    case.after(Complete(2))
    assert case.status(2) is RunStatus.ENDED
    assert case.at(2) is None
    assert case.run(2).state("loopt") is ActivityState.DONE


def test_own_tracks_close_at_the_end_of_their_run_and_others_go_on():
    assert Case(tracks(owner=Owner.RUN)).after(Complete(1), Complete(1)).status(2) is RunStatus.ENDED
    case = Case(tracks()).after(Complete(1), Complete(1))
    assert case.status(2) is RunStatus.RUNNING
    assert case.run(2).handed_over


def test_a_track_closes_by_hand_where_that_is_allowed():
    assert Case(tracks()).refuses(CloseTrack(2, by_hand=True)) == "not_closed_by_hand"
    case = Case(tracks(closed_by_hand=True)).after(CloseTrack(2, by_hand=True))
    assert case.status(2) is RunStatus.ENDED
    assert case.refuses(CloseTrack(2, by_hand=True)) == "not_a_track"
    assert case.refuses(CloseTrack(1, by_hand=True)) == "not_a_track"


@pytest.mark.parametrize("closer", [OnEvent(RecordEvent.MEASURE_ENDED), AtAge(222)])
def test_a_track_closes_by_the_clock_or_a_register(closer):
    assert Case(tracks(closes_on=(closer,))).after(CloseTrack(2)).status(2) is RunStatus.ENDED


def test_a_track_that_only_a_step_closes_is_not_closed_by_the_clock():
    assert Case(tracks(closes_on=(Completed("slot"),))).refuses(CloseTrack(2)) == "closed_by_a_step"


def test_a_form_that_stays_open_is_saved_round_after_round():
    case = Case(tracks(body={"stays_open": True}, closed_by_hand=True))
    assert case.refuses(Complete(2)) == "not_completed_by_hand"
    case.after(SaveOpen(2), SaveOpen(2))
    assert case.run(2).round("loopt") == 3
    assert case.run(2).state("loopt") is ActivityState.OPEN
    assert [it.number for it in case.all if it.what is What.STEP_SAVED] == [1, 2]
    assert case.refuses(SaveOpen(1)) == "not_stays_open"


def test_a_save_can_close_the_track_it_is_on():
    case = Case(tracks(body={"stays_open": True}, closes_on=(Completed("loopt"),))).after(SaveOpen(2))
    assert case.status(2) is RunStatus.ENDED
    assert case.run(2).round("loopt") == 1


def by_hand(**more):
    return plan(
        definition(
            "V",
            activity("een", "twee"),
            activity("twee"),
            activity("loopt"),
            tracks=(track("hulp", activity="loopt", **{"opens_by": ByHand.HAND, **more}),),
        ),
        definition("D-VAP", activity("kies")),
    )


def test_a_track_opens_by_hand_only_when_it_is_possible():
    case = Case(by_hand(possible_when=HELD))
    assert case.refuses(OpenTrack(1, "hulp")) == "not_possible"
    case.world.true = [HELD]
    assert case.after(OpenTrack(1, "hulp")).at(2) == "loopt"
    assert case.run(2).parent == (1, "een")


def test_a_track_opens_by_hand_for_one_of_its_rows():
    case = Case(by_hand(for_each=HELP), Known(help_item=("h1",)))
    assert case.refuses(OpenTrack(1, "hulp")) == "no_such_row"
    assert case.refuses(OpenTrack(1, "hulp", "h9")) == "no_such_row"
    assert case.after(OpenTrack(1, "hulp", "h1")).run(2).subject == "h1"


def test_a_track_of_the_case_needs_no_run():
    case = Case(by_hand()).after(Complete(1), Complete(1), OpenTrack(None, "hulp", definition="V"))
    assert case.run(2).parent is None
    assert case.at(2) == "loopt"
    case.after(OpenTrack(None, "hulp", definition="V"))
    assert len(case.marking.runs) == 2


def test_a_track_opens_for_a_run_of_another_definition():
    case = Case(by_hand()).after(StartCase("D-VAP"), OpenTrack(2, "hulp", definition="V"))
    assert case.run(3).parent == (2, "")
    assert case.run(3).definition == "V"


def test_the_own_track_of_a_run_opens_once_for_each_run():
    case = Case(by_hand(owner=Owner.RUN)).after(StartCase("D-VAP"))
    case.after(OpenTrack(1, "hulp"), OpenTrack(1, "hulp"), OpenTrack(2, "hulp", definition="V"))
    case.after(OpenTrack(None, "hulp", definition="V"), OpenTrack(None, "hulp", definition="V"))
    assert [run.parent for run in case.marking.runs[2:]] == [(1, "een"), (2, ""), None]


def test_a_track_that_does_not_exist_or_that_a_step_opens_is_refused():
    case = Case(tracks())
    assert case.refuses(OpenTrack(1, "weg")) == "no_such_track"
    assert case.refuses(OpenTrack(None, "hulp")) == "no_such_track"
    assert case.refuses(OpenTrack(1, "hulp")) == "opened_by_a_step"
    case.after(Complete(2))
    assert case.refuses(OpenTrack(2, "hulp")) == "not_running"


def test_the_clock_opens_a_track_at_an_age():
    assert Case(by_hand(opens_by=AtAge(198))).after(OpenTrack(1, "hulp")).at(2) == "loopt"


@pytest.mark.parametrize(
    ("opener", "owner", "register"),
    [
        (OnEvent(RecordEvent.MEASURE_STARTED), Owner.CHILD, "measure"),
        (OnEvent(RecordEvent.CONSENT_COMPLETE), Owner.FAMILY, "sharing"),
        (AtAge(198), Owner.CHILD, "case_children"),
        (TimeBefore(FactRef("applied_on"), "renewal_3m"), Owner.PLACEMENT, "placement"),
    ],
    ids=["measure_started", "consent_complete", "at_age", "time_before"],
)
def test_what_opens_by_itself_is_about_a_row_of_its_register(opener, owner, register):
    case = Case(by_hand(opens_by=opener, owner=owner), Known(relation=("h1",), **{register: ("r1",)}))
    assert case.refuses(OpenTrack(1, "hulp", "h1")) == "no_such_row"
    assert case.refuses(OpenTrack(1, "hulp")) == "no_such_row"
    assert case.after(OpenTrack(1, "hulp", "r1")).run(2).subject == "r1"


def test_what_happens_to_no_register_opens_nothing():
    case = Case(by_hand(opens_by=OnEvent(RecordEvent.CASE_OPENED)), Known(help_item=("h1",)))
    assert case.refuses(OpenTrack(1, "hulp", "h1")) == "no_such_row"


@pytest.mark.parametrize("owner", [Owner.FAMILY, Owner.RUN])
def test_a_date_of_a_run_or_of_the_family_opens_a_track_about_what_the_run_is_about(owner):
    soon = TimeBefore(FactRef("applied_on"), "renewal_3m")
    release = plan(
        definition(
            "V",
            activity("een"),
            activity("loopt"),
            scope=RunScope.CHILD,
            tracks=(track("hulp", activity="loopt", opens_by=soon, owner=owner),),
        )
    )
    case = Case(release, Known(case_children=("bram",)), subject="anna")
    assert case.refuses(OpenTrack(1, "hulp", "bram")) == "no_such_row"
    assert case.after(OpenTrack(1, "hulp")).run(2).subject == "anna"
    assert case.refuses(OpenTrack(2, "hulp")) == "not_its_main_line"


def test_a_track_about_the_family_has_no_subject_and_joins_what_runs():
    release = plan(
        definition(
            "V",
            activity("een", call=calls("D-VAP")),
            scope=RunScope.CHILD,
            tracks=(
                track("vap", definition="D-VAP", opens_by=ByHand.HAND),
                track("vraag", definition="D-TOEST", opens_by=ByHand.HAND),
            ),
        ),
        definition("D-VAP", activity("kies")),
        definition("D-TOEST", activity("vraag"), scope=RunScope.HELP),
    )
    case = Case(release, subject="anna").after(OpenTrack(1, "vap"))
    assert case.what() == [What.RUN_JOINED]
    case.after(OpenTrack(1, "vraag", "h1"))
    assert case.run(3).subject == "h1"


def test_closing_a_track_ends_what_its_body_called():
    case = Case(
        plan(
            definition(
                "V",
                activity("een", opens=(Open(Opens("tent")),)),
                tracks=(track("tent", definition="D-TENT", closes_on=(Completed("D-VAP.kies"),)),),
            ),
            definition("D-TENT", activity("roep", call=calls("D-VAP"))),
            definition("D-VAP", activity("kies", "na"), activity("na")),
        )
    )
    case.after(Complete(3))
    assert [case.status(number) for number in (2, 3)] == [RunStatus.ENDED, RunStatus.ENDED]
    assert case.run(3).state("kies") is ActivityState.DONE


@pytest.mark.parametrize("kind", [Kind.FORM, Kind.AUTOMATIC])
def test_opening_a_track_may_end_the_run_that_opens_it(kind):
    release = plan(
        definition(
            "V",
            activity("een", opens=(Open(Opens("eerst")),)),
            activity("loopt", kind=kind, opens=(Open(Opens("dan")), Open(Opens("nooit")))),
            activity("sluit", kind=Kind.AUTOMATIC),
            activity("ver"),
            tracks=(
                track("eerst", activity="loopt", closes_on=(Completed("sluit"),)),
                track("dan", activity="sluit"),
                track("nooit", activity="ver"),
            ),
        )
    )
    case = Case(release)
    assert [run.track for run in case.marking.runs] == ["", "V.eerst", "V.dan"]
    assert case.status(2) is RunStatus.ENDED
    assert case.run(2).state("loopt") is ActivityState.CANCELLED


def duties(**more):
    opens = Open(OpenDuty("terug", text("Terug"), "", ("kijk", "D-VAP.kies")), **more)
    return plan(
        definition(
            "V",
            activity("een", "kijk", opens=(opens,)),
            activity("kijk", (A, "een"), End(), fields=WAY),
            tracks=(track("vap", definition="D-VAP", opens_by=ByHand.HAND),),
        ),
        definition("D-VAP", activity("kies"), scope=RunScope.CHILD),
    )


def test_a_duty_stays_open_until_a_step_it_names_is_completed():
    case = Case(duties())
    assert [(duty.kind, duty.opened_by) for duty in case.marking.duties] == [("terug", Place("V", "een"))]
    case.after(Complete(1))
    assert case.marking.duties
    case.after(Complete(1))
    assert case.marking.duties == ()
    assert What.DUTY_DISCHARGED in case.what()


def test_a_duty_opens_once_for_its_subject():
    case = Case(duties(for_each=HELP), Known(A, help_item=("h1", "h2"))).after(StartCase("D-VAP"))
    assert [duty.subject for duty in case.marking.duties] == ["h1", "h2"]
    doubled = Case(
        plan(
            definition(
                "V",
                activity("een", "een_2", opens=(Open(OpenDuty("k", text("k"), "", ("slot",))),)),
                activity("een_2", "slot", opens=(Open(OpenDuty("k", text("k"), "", ("slot",))),)),
                activity("slot"),
            )
        )
    )
    doubled.after(Complete(1))
    assert len(doubled.marking.duties) == 1


def test_a_step_about_another_subject_does_not_discharge():
    case = Case(duties(for_each=HELP), Known(help_item=("h1", "h2"))).after(OpenTrack(1, "vap", "h1"), Complete(2))
    assert [duty.subject for duty in case.marking.duties] == ["h2"]


def test_skipping_does_not_discharge():
    release = plan(
        definition("V", activity("een", obligation=POLICY, opens=(Open(OpenDuty("k", text("k"), "", ("een",))),)))
    )
    assert Case(release).after(Skip(1)).marking.duties


def test_subjects_concern_each_other_when_equal_or_when_one_is_the_family():
    assert about_the_same(None, "anna")
    assert about_the_same("anna", None)
    assert about_the_same("anna", "anna")
    assert not about_the_same("anna", "bram")


# one run for each child


def per_child():
    return plan(
        definition("V", activity("begin", Jump("P"))),
        definition(
            "P",
            activity(
                "samen", "apart", opens=(Open(Opens("los"), owner=Owner.RUN), Open(Opens("mee"), owner=Owner.RUN))
            ),
            activity("apart", (A, "samen"), (B, Jump("V")), "slot", fields=WAY),
            activity("slot"),
            activity("loopt"),
            activity("gaat"),
            per_child_from="apart",
            tracks=(
                track("los", activity="loopt", owner=Owner.RUN, handed_over=False),
                track("mee", activity="gaat", owner=Owner.RUN),
            ),
        ),
    )


def test_a_line_about_several_children_goes_on_as_one_for_each():
    case = Case(per_child(), Known(children=("anna", "bram"))).after(Complete(1), Complete(2))
    assert case.status(2) is RunStatus.ENDED
    assert [(run.subject, run.position) for run in case.marking.runs[4:]] == [("anna", "apart"), ("bram", "apart")]
    assert case.status(3) is RunStatus.ENDED
    assert case.run(4).handed_over
    assert What.RUN_SPLIT in case.what()


def test_the_line_of_one_child_is_not_split_again():
    case = Case(per_child(), Known(A, children=("anna",))).after(Complete(1), Complete(2), Complete(5), Complete(5))
    assert case.at(5) == "apart"
    assert case.run(5).round("apart") == 2


def test_a_line_about_no_known_child_goes_on_as_itself():
    assert Case(per_child()).after(Complete(1), Complete(2)).at(2) == "apart"


def test_a_line_joins_that_of_a_child_that_already_runs():
    case = Case(per_child(), Known(children=("anna", "bram"))).after(Complete(1), Complete(2), StartCase("P"))
    case.world.by_rows = {"children": ("anna", "carla")}
    number = len(case.marking.runs) - 2
    case.after(Complete(number))
    assert [run.subject for run in case.marking.alive() if run.position == "apart"] == ["anna", "bram", "carla"]


# emergency


def crisis(*spoed, scope=RunScope.FAMILY, **more):
    return plan(
        definition(
            "V",
            activity("kies", (A, Interrupt("D-SPOED")), "roep", fields=WAY),
            activity("roep", "slot", call=calls("D-VAP")),
            activity("slot"),
            activity("loopt"),
            tracks=(track("hulp", activity="loopt", opens_by=ByHand.HAND),),
            scope=scope,
        ),
        definition("D-VAP", activity("vap"), scope=scope),
        definition("D-SPOED", *(spoed or (activity("meld"),)), **more),
        definition("O", activity("begin")),
    )


def test_a_crisis_suspends_the_main_line_and_reading_goes_on_when_it_is_over():
    case = Case(crisis(), Known(A)).after(OpenTrack(1, "hulp"), Complete(1))
    assert case.status(1) is RunStatus.SUSPENDED
    assert case.run(1).detour_at == 0
    assert case.status(2) is RunStatus.RUNNING
    assert case.run(3).opened_as is OpenedAs.INTERRUPT
    assert case.run(3).parent == (1, "kies")
    assert case.run(3).handed_over
    case.after(Complete(3))
    assert case.status(1) is RunStatus.RUNNING
    assert case.at(1) == "roep"


def test_a_crisis_from_anywhere_suspends_what_was_called_as_well():
    case = Case(crisis()).after(Complete(1), StartEmergency("D-SPOED"))
    assert [case.status(number) for number in (1, 2, 3)] == [
        RunStatus.SUSPENDED, RunStatus.SUSPENDED, RunStatus.RUNNING,
    ]  # fmt: skip
    assert case.refuses(Complete(2)) == "not_running"
    case.after(Complete(3))
    assert [run.position for run in case.marking.alive()] == ["roep", "vap"]
    assert case.after(Complete(2)).at(1) == "slot"


def test_a_second_report_joins_the_crisis():
    case = Case(crisis()).after(StartEmergency("D-SPOED"), StartEmergency("D-SPOED"))
    assert case.what() == [What.RUN_JOINED]
    assert len(case.marking.runs) == 2


def test_only_what_can_interrupt_is_a_crisis():
    assert Case(crisis()).refuses(StartEmergency("O")) == "not_an_emergency"


def test_an_interrupt_joins_a_crisis_that_runs():
    case = Case(crisis(), Known(A)).after(StartEmergency("D-SPOED"), StartCase("O"))
    case.after(Complete(2))
    assert case.status(1) is RunStatus.RUNNING
    later = Case(crisis(), Known(A))
    later.marking = case.marking
    later.after(Complete(1))
    assert later.status(3) is RunStatus.SUSPENDED


def test_a_jump_out_of_a_crisis_ends_the_lines_it_held():
    case = Case(crisis(activity("meld", Jump("O")))).after(StartEmergency("D-SPOED"), Complete(2))
    assert [case.status(number) for number in (1, 2)] == [RunStatus.ENDED, RunStatus.ENDED]
    assert case.run(1).state("kies") is ActivityState.CANCELLED
    assert case.run(3).definition == "O"
    assert case.run(3).opened_as is OpenedAs.MAIN


def test_a_crisis_about_the_family_holds_the_lines_of_all_children():
    case = Case(crisis(scope=RunScope.CHILD), subject="anna").after(StartCase(subject="bram"))
    case.after(StartEmergency("D-SPOED", "anna"))
    assert [case.status(number) for number in (1, 2)] == [RunStatus.SUSPENDED] * 2


def child_crisis(*ways):
    return plan(
        definition(
            "V",
            activity("kies", (A, Interrupt("D-SPOED")), "slot", fields=WAY),
            activity("slot"),
            scope=RunScope.CHILD,
        ),
        definition("D-SPOED", activity("meld", *ways), scope=RunScope.CHILD),
        definition("O", activity("begin"), scope=RunScope.CHILD),
    )


def test_a_crisis_of_one_child_holds_its_own_line_only():
    case = Case(child_crisis(), Known(A), subject="anna").after(StartCase(subject="bram"), Complete(1))
    assert [case.status(number) for number in (1, 2)] == [RunStatus.SUSPENDED, RunStatus.RUNNING]


def test_a_line_goes_on_when_the_last_crisis_that_holds_it_is_over():
    case = Case(child_crisis()).after(
        StartEmergency("D-SPOED", "anna"), StartEmergency("D-SPOED", "bram"), Complete(2)
    )
    assert case.status(1) is RunStatus.SUSPENDED
    assert case.after(Complete(3)).status(1) is RunStatus.RUNNING


def test_a_jump_out_of_a_crisis_leaves_the_lines_of_other_children():
    case = Case(child_crisis(Jump("O")), subject="anna").after(StartCase(subject="bram"), StartCase("O", subject="x"))
    case.after(StartEmergency("D-SPOED"), Complete(4))
    assert [case.status(number) for number in (1, 2, 3)] == [RunStatus.RUNNING] * 3
    one = Case(child_crisis(Jump("O")), subject="anna").after(StartCase(subject="bram"))
    one.after(StartEmergency("D-SPOED", "anna"), Complete(3))
    assert [one.status(number) for number in (1, 2)] == [RunStatus.ENDED, RunStatus.RUNNING]
    assert one.run(4).subject == "anna"


def test_a_crisis_that_waits_outside_holds_nothing_and_holds_again_when_it_is_back():
    spoed = definition(
        "D-SPOED", activity("meld", Jump("P")), activity("terug"), entries=("terug",), outside=(("P", text("x")),)
    )
    release = plan(
        definition(
            "V",
            activity("kies", (A, Interrupt("D-SPOED")), End(), fields=WAY),
            scope=RunScope.CHILD,
        ),
        spoed,
    )
    case = Case(release, subject="anna").after(StartEmergency("D-SPOED"), Complete(2))
    assert case.status(2) is RunStatus.WAITING_OUTSIDE
    assert case.status(1) is RunStatus.RUNNING
    case.after(ComeBack(2, "terug"))
    assert case.status(1) is RunStatus.SUSPENDED
    assert case.after(Complete(2)).status(1) is RunStatus.RUNNING


def test_a_called_run_may_interrupt_and_holds_its_caller():
    release = plan(
        definition(
            "V",
            activity("roep", "slot", call=calls("D-TOEST", for_each="help_item")),
            activity("slot"),
            scope=RunScope.CHILD,
        ),
        definition(
            "D-TOEST",
            activity("vraag", (HELD, Interrupt("D-SPOED")), "nog", kind=Kind.AUTOMATIC),
            activity("nog"),
            scope=RunScope.HELP,
        ),
        definition("D-SPOED", activity("meld"), scope=RunScope.HELP),
    )
    case = Case(release, Known(HELD, help_item=("h1", "h2")), subject="anna")
    assert [case.status(number) for number in (1, 2, 3, 4)] == [
        RunStatus.SUSPENDED, RunStatus.SUSPENDED, RunStatus.SUSPENDED, RunStatus.RUNNING,
    ]  # fmt: skip
    assert case.at(3) is None
    case.world.true = []
    case.after(Complete(4))
    assert [case.at(number) for number in (1, 2, 3)] == ["roep", "nog", "nog"]
    case.after(Complete(2), Complete(3))
    assert case.at(1) == "slot"


def test_a_crisis_that_returns_during_suspension_lets_the_caller_look_again():
    release = plan(
        definition(
            "V",
            activity("een", "twee", opens=(Open(Opens("school")),)),
            activity("twee", "slot", call=calls("D-SCHOOL")),
            activity("slot", (A, Interrupt("D-SPOED")), End(), fields=WAY),
            tracks=(track("school", definition="D-SCHOOL"),),
        ),
        definition("D-SCHOOL", activity("bel")),
        definition("D-SPOED", activity("meld")),
    )
    case = Case(release).after(Complete(1), StartEmergency("D-SPOED"), Complete(2))
    assert case.at(1) == "twee"
    assert case.status(1) is RunStatus.SUSPENDED
    assert case.after(Complete(3)).at(1) == "slot"


def test_recheck_leaves_suspended_lines_alone():
    case = Case(crisis()).after(StartEmergency("D-SPOED"), Recheck())
    assert case.what() == []


def test_records_are_not_the_business_of_the_semantics():
    recorded = activity("een", records=(Record("help_item", (("status", Constant("running")),)),))
    assert Case(plan(definition("V", recorded))).after(Complete(1)).status() is RunStatus.ENDED
