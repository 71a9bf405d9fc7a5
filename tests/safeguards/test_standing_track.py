from dataclasses import replace

import pytest

from padwijzer.forms.core.conditions import Collection
from padwijzer.workflows.core.definition import (
    AtAge,
    ByHand,
    Completed,
    Moment,
    Obligation,
    OnEvent,
    Open,
    OpenDuty,
    OpenTrack,
    Owner,
    Performer,
    RecordEvent,
    RowsSource,
)
from padwijzer.workflows.core.plan import Place
from padwijzer.workflows.core.safeguards.standing_track import StandingTrack
from tests.support.definitions import definition, is_, plan, step, text, track
from tests.support.recorded import done

START, END = RecordEvent.PLACEMENT_STARTED, RecordEvent.PLACEMENT_ENDED
LOOKED_BACK = StandingTrack(("placement_start",), END, ("evaluation_after_placement",), duty="look_back")
CONTACT = StandingTrack(("placement_start",), START, ("contact_arrangement",), until=("placement_end",))
ARRANGED = StandingTrack(("placement_start",), START, ("contact_arrangement",), until_event=END, may_skip=True)
OWED = Open(OpenDuty("look_back", text("Terugkijken"), discharged_by=("body",)), Moment.OPENING, Owner.PLACEMENT)
PLACEMENTS = RowsSource(Collection("placement"))


def path(*tracks, body):
    """A path with a placement, of which the last step is the body of a track."""
    return plan(
        definition(
            "P",
            step("starts", "ends", meanings=("placement_start",)),
            step("ends", meanings=("placement_end",)),
            *((step("body", **body),) if tracks else ()),
            tracks=tracks,
        )
    )


def looked_back():
    opened = track("opened", opens_by=OnEvent(END), owner=Owner.PLACEMENT, activity="body")
    return path(opened, body={"meanings": ("evaluation_after_placement",), "opens": (OWED,)})


def in_contact(*closes_on):
    opened = track(
        "opened", opens_by=OnEvent(START), owner=Owner.PLACEMENT, activity="body", closes_on=(Completed("ends"),)
    )
    made = path(opened, body={"meanings": ("contact_arrangement",), "stays_open": True})
    return with_track(made, closes_on=closes_on)


def with_track(made, **changes):
    """A plan with its track otherwise, also as no release could be written."""
    tracks = {key: replace(it, track=replace(it.track, **changes)) for key, it in made.tracks.items()}
    assert len(tracks) == 1
    return replace(made, tracks=tracks)


def with_body(made, deciders=None, **changes):
    """A plan with the step of its track otherwise, also as no release could be written."""
    whole = made.definitions["P"]
    body = whole.activities["body"]
    other = replace(
        body,
        activity=replace(body.activity, **changes),
        deciders=body.deciders if deciders is None else deciders,
    )
    return replace(made, definitions={"P": replace(whole, activities={**whole.activities, "body": other})})


BODY, STARTS = Place("P", "body"), Place("P", "starts")


# As it is made


def test_a_track_that_the_event_opens_for_its_row_and_that_only_its_step_ends_keeps_it():
    assert LOOKED_BACK.faults(looked_back()) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"opens_by": OnEvent(START)},
        {"opens_by": OnEvent(RecordEvent.CAME_HOME)},
        {"opens_by": AtAge(216)},
        {"opens_by": ByHand.HAND},
        {"opens_by": ByHand.ACTIVITY},
        {"owner": Owner.CHILD},
        {"owner": Owner.FAMILY},
        {"owner": Owner.MEASURE},
        {"owner": Owner.RUN},
        {"possible_when": is_("ends.way", "left")},
        {"for_each": PLACEMENTS},
        {"closed_by_hand": True},
        {"closes_on": (Completed("ends"),)},
        {"closes_on": (Completed("body"),)},
        {"closes_on": (OnEvent(RecordEvent.CAME_HOME),)},
        {"closes_on": (AtAge(215),)},
        {"closes_on": (AtAge(216), Completed("ends"))},
    ],
    ids=[
        "an earlier event",
        "another event",
        "an age",
        "a hand",
        "a step",
        "the child owns it",
        "the family owns it",
        "another row owns it",
        "the run owns it",
        "not always possible",
        "only for some rows",
        "a hand closes it",
        "another step closes it",
        "its own step is named as what closes it",
        "an event closes it",
        "an age closes it too early",
        "one of two closes it too early",
    ],
)
def test_a_track_that_does_not_stand_open_long_enough_for_each_row_breaks_it(changes):
    assert LOOKED_BACK.faults(with_track(looked_back(), **changes)) == (BODY,)


def duty(**changes):
    return {"opens": (replace(OWED, **changes),)}


def owing(**changes):
    return duty(what=replace(OWED.what, **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"obligation": Obligation.POLICY},
        {"obligation": Obligation.OPTIONAL},
        {"available": is_("ends.way", "left")},
        {"deciders": ()},
        {"opens": ()},
        owing(duty="another"),
        owing(discharged_by=("body", "ends")),
        owing(discharged_by=("ends",)),
        owing(discharged_by=()),
        duty(at=Moment.COMPLETING),
        duty(when=is_("ends.way", "left")),
        duty(for_each=PLACEMENTS),
        duty(what=OpenTrack("opened")),
    ],
    ids=[
        "a step of policy can be skipped",
        "an optional step can be skipped",
        "it is not always available",
        "nobody may do it",
        "no duty",
        "another duty",
        "another step discharges the duty too",
        "only another step discharges the duty",
        "nothing discharges the duty",
        "the duty comes when the step is done",
        "the duty comes only sometimes",
        "the duty comes for some rows only",
        "a track and no duty",
    ],
)
def test_a_step_that_need_not_or_cannot_be_done_breaks_it(changes):
    assert LOOKED_BACK.faults(with_body(looked_back(), **changes)) == (BODY,)


@pytest.mark.parametrize(
    ("track_changes", "body_changes"),
    [
        ({"closes_on": (AtAge(216),)}, {}),
        ({"handed_over": False}, {}),
        ({}, {"obligation": Obligation.POLICY, "skippable": False}),
        ({}, {"skippable": True}),
        ({}, owing(term="look_back_6w", emergency=True)),
        ({}, {"opens": (Open(OpenTrack("other")), OWED)}),
        ({}, {"performers": (Performer("jeugdbeschermer"),)}),
    ],
    ids=[
        "it ends at eighteen",
        "it closes at a jump",
        "policy that nobody may skip",
        "law is never skipped, whatever it says",
        "a term",
        "it opens more",
        "another role",
    ],
)
def test_what_it_does_not_speak_of_keeps_it(track_changes, body_changes):
    made = with_body(with_track(looked_back(), **track_changes), **body_changes)
    assert LOOKED_BACK.faults(made) == ()


def test_without_a_track_the_steps_that_need_one_break_it():
    assert LOOKED_BACK.faults(path(body={})) == (STARTS,)
    elsewhere = with_body(looked_back(), meanings=("help_contact",))
    assert LOOKED_BACK.faults(elsewhere) == (STARTS,)


def test_a_track_with_a_path_of_its_own_as_its_body_is_none():
    opened = track("opened", opens_by=OnEvent(END), owner=Owner.PLACEMENT, definition="BACK")
    main = definition("P", step("starts", meanings=("placement_start",)), tracks=(opened,))
    back = definition("BACK", step("body", meanings=("evaluation_after_placement",), opens=(OWED,)))
    assert LOOKED_BACK.faults(plan(main, back)) == (STARTS,)


def test_where_nothing_needs_a_track_there_need_be_none():
    assert LOOKED_BACK.faults(plan(definition("V", step("talk", meanings=("first_talk",))))) == ()


def test_one_good_track_is_enough_beside_a_bad_one():
    made = looked_back()
    (key,) = made.tracks
    bad = replace(made.tracks[key], track=replace(made.tracks[key].track, key="other", closed_by_hand=True))
    assert LOOKED_BACK.faults(replace(made, tracks={"P.other": bad, **made.tracks})) == ()


# Until


def test_a_step_that_may_close_it_keeps_it_in_its_own_definition_and_by_its_whole_name():
    assert CONTACT.faults(in_contact(Completed("ends"))) == ()
    assert CONTACT.faults(in_contact(Completed("P.ends"))) == ()


@pytest.mark.parametrize("closer", ["starts", "P.starts", "Q.ends", "P.gone"])
def test_any_other_step_that_closes_it_breaks_it(closer):
    assert CONTACT.faults(in_contact(Completed(closer))) == (BODY,)


def test_what_ends_once_it_was_done_does_not_stand_open_until_then():
    once = with_body(in_contact(Completed("ends")), stays_open=False)
    assert CONTACT.faults(once) == (BODY,)


def test_an_event_that_may_close_it_keeps_it_and_no_other_does():
    assert ARRANGED.faults(in_contact(OnEvent(END))) == ()
    assert ARRANGED.faults(in_contact(OnEvent(RecordEvent.CAME_HOME))) == (BODY,)
    assert ARRANGED.faults(in_contact(Completed("ends"))) == (BODY,)
    assert CONTACT.faults(in_contact(OnEvent(END))) == (BODY,)


def test_what_may_be_skipped_may_be_made_so():
    skippable = with_body(in_contact(OnEvent(END)), obligation=Obligation.POLICY, skippable=True)
    assert ARRANGED.faults(skippable) == ()
    assert replace(ARRANGED, may_skip=False).faults(skippable) == (BODY,)


# As it is written


@pytest.mark.parametrize(
    "changes",
    [
        {"when": ()},
        {"what": ()},
        {"what": ("placement_start",)},
        {"until": ("evaluation_after_placement",)},
        {"event": RecordEvent.CAME_HOME},
        {"event": RecordEvent.CASE_OPENED},
        {"until_event": RecordEvent.ORDER_ENDED},
    ],
    ids=str,
)
def test_each_place_has_a_meaning_of_its_own_and_each_event_a_row(changes):
    with pytest.raises(ValueError, match=r"meaning|event"):
        replace(LOOKED_BACK, **changes)


def test_it_says_what_stands_open_from_when_until_when():
    assert LOOKED_BACK.statement() == "Zodra een plaatsing stopt, staat er een terugblik op de plaatsing open."
    assert ARRANGED.statement() == (
        "Zodra een plaatsing start, staat er een afspraak over contact open, tot die plaatsing stopt."
    )
    assert CONTACT.statement() == (
        "Zodra een plaatsing start, staat er een afspraak over contact open, tot een plaatsing stopt."
    )


# As it was done


def test_a_step_that_was_done_keeps_it_and_one_that_was_skipped_breaks_it():
    assert LOOKED_BACK.broken_by(done("body")) == ""
    assert LOOKED_BACK.broken_by(done("skip:body")) == "Deze stap is overgeslagen."
    assert ARRANGED.broken_by(done("skip:body")) == ""
