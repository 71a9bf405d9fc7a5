from dataclasses import replace
from types import MappingProxyType

import pytest

from padwijzer.forms.core.conditions import (
    ALWAYS,
    All,
    AnyOf,
    Collection,
    ColumnCompare,
    Compare,
    FactRef,
    Filter,
    Not,
    Offset,
    Operator,
    Projection,
    Quantifier,
    Rows,
    SetCompare,
    SetOperator,
    TermRef,
)
from padwijzer.forms.core.schema import Column, FieldSpec
from padwijzer.workflows.core.catalogues import Catalogue, read_catalogue, shipped_catalogue
from padwijzer.workflows.core.compiling import check_release, compile_release
from padwijzer.workflows.core.definition import (
    Answered,
    AtAge,
    Before,
    ByHand,
    Completed,
    Constant,
    Deadline,
    Detour,
    Effect,
    End,
    FromColumn,
    FromFact,
    FromField,
    FromRecorded,
    Goto,
    Instead,
    Interrupt,
    Jump,
    Kind,
    Notify,
    Obligation,
    OnDate,
    OnEvent,
    Open,
    OpenDuty,
    Opened,
    OpenTrack,
    Owner,
    Parameter,
    Performer,
    PreviousRound,
    Record,
    RecordEvent,
    Return,
    RowsSource,
    Rule,
    TimeBefore,
)
from padwijzer.workflows.core.findings import Severity
from padwijzer.workflows.core.plan import Place, Plan
from padwijzer.workflows.core.releases import ReleaseSpec, shipped
from padwijzer.workflows.core.structure import checks
from tests.support.definitions import (
    answer,
    calls,
    choice,
    definition,
    is_,
    more_placements_than,
    plan,
    release,
    step,
    text,
    track,
)

CATALOGUE = Catalogue(
    terms=frozenset({"term_6w"}),
    roles=frozenset({"vap", "zorgaanbieder"}),
    lists={"help_kinds": ("thuis", "groep")},
)
A, B = is_("weg", "a"), is_("weg", "b")
WAY = (choice("weg", "a", "b", "c"),)
POLICY, OPTIONAL = Obligation.POLICY, Obligation.OPTIONAL
TODAY = FactRef("today")


def found(*definitions, **more):
    """Code and place of each finding, errors and warnings alike."""
    return {
        (it.code.removeprefix("structure."), it.where)
        for it in check_release(release(*definitions), CATALOGUE, **more)
    }


def in_step(**more):
    """What is found in a path of one step."""
    return found(definition("V", step("een", **more)))


def in_condition(condition, *fields, **more):
    """What is found in a rule of one step that warns on a condition."""
    rule = Rule(condition, Effect.WARN, text("Let op."), "R1", **more)
    return {code for code, _ in in_step(rules=(rule,), fields=fields)}


def fact(name, **arguments):
    return FactRef(name, tuple(sorted(arguments.items())))


def compare(reference, value="ja", operator=Operator.IS):
    return Compare(reference, operator, value)


def rows(column, value, *, of="help_item", operator=Operator.IS):
    collection = of if isinstance(of, Collection) else Collection(of)
    return Rows(collection, Quantifier.ANY, Filter(Quantifier.ALL, (ColumnCompare(column, operator, value),)))


# the whole


def test_a_sound_release_has_no_findings_and_gives_a_plan():
    spec = release(definition("V", step("een", (A, "een"), End(), fields=WAY)))
    assert check_release(spec, CATALOGUE) == ()
    assert isinstance(compile_release(spec, CATALOGUE), Plan)


def test_findings_of_severity_error_stand_in_the_way_of_a_plan():
    made = compile_release(release(definition("V", step("een", performers=()))))
    assert [finding.code for finding in made] == ["structure.nobody"]


def test_warnings_do_not_stand_in_the_way():
    spec = release(
        definition("V", step("een", (A, End()), Jump("O"), fields=WAY)),
        definition("O", step("begin")),
    )
    (finding,) = check_release(spec)
    assert (finding.code, finding.severity) == ("structure.grave_exit_left_to_else", Severity.WARNING)
    assert isinstance(compile_release(spec), Plan)


def test_every_finding_is_said_at_once_in_the_order_of_its_place():
    made = check_release(release(definition("V", step("een", "weg", performers=()), step("twee", "ook_weg"))))
    assert [(it.where, it.code.removeprefix("structure.")) for it in made] == [
        ("activities[0]", "dead_end"),
        ("activities[0]", "nobody"),
        ("activities[0].exits[0].to", "unknown_activity"),
        ("activities[1]", "dead_end"),
        ("activities[1]", "unreachable_step"),
        ("activities[1].exits[0].to", "unknown_activity"),
    ]


def test_every_message_is_a_sentence():
    made = check_release(release(definition("V", step("een", "weg", performers=()), step("twee", "ook_weg"))))
    assert all(it.message.endswith(".") and it.definition == "V" for it in made)


def test_a_release_starts_on_one_of_its_definitions():
    spec = ReleaseSpec("O", {"V": definition("V", step("een"))})
    assert [(it.code, it.where) for it in check_release(spec)] == [("structure.unknown_definition", "start")]
    assert not isinstance(compile_release(spec), Plan)


def test_a_definition_stands_under_its_own_key():
    spec = ReleaseSpec("V", {"V": definition("O", step("een"))})
    assert "structure.key" in {it.code for it in check_release(spec)}


def test_a_skeleton_is_let_through_only_to_be_explored():
    skeleton = definition("V", step("een", (A, "een"), End()), whole=False)
    assert found(skeleton) == {("skeleton", "whole")}
    assert found(skeleton, allow_skeletons=True) == set()


def test_every_file_of_the_folder_is_a_check():
    assert len(checks()) == 9


# names


def test_unknown_facts_and_arguments_are_found():
    assert in_condition(compare(fact("wens"))) == {"unknown_fact"}
    assert in_condition(compare(fact("today", person="child"), 1)) == {"unknown_argument"}
    assert in_condition(compare(fact("placement_count"), 1)) == {"missing_argument"}
    assert in_condition(compare(fact("answer", field="weg", round="first"), "a"), *WAY) == {"unknown_argument"}
    assert in_condition(Compare(fact("last_meeting_on", between=("child", "tante")), Operator.ANSWERED)) == {
        "unknown_argument"
    }
    assert in_condition(Compare(fact("last_meeting_on", between="child"), Operator.ANSWERED)) == {"unknown_argument"}
    assert in_condition(Compare(fact("last_meeting_on", between=("child",)), Operator.ANSWERED)) == set()


def test_unknown_fields_and_steps_are_found():
    assert in_condition(is_("weg", "a")) == {"unknown_field"}
    assert in_condition(is_("een.weg", "a")) == {"unknown_field"}
    assert in_condition(is_("twee.weg", "a")) == {"unknown_activity"}
    assert in_condition(is_("een.weg", "a"), *WAY) == set()
    assert in_condition(compare(fact("age", person="field:wie"), 144, Operator.LESS)) == {"unknown_field"}
    assert in_condition(compare(fact("age", person="child"), 144, Operator.LESS)) == set()
    assert in_condition(rows("id", "x", of=Collection(field="doelen"))) == {"unknown_field"}


def test_a_field_that_lacks_in_a_skeleton_or_outside_is_let_through():
    read = step("een", rules=(Rule(is_("een.x", "a"), Effect.WARN, text("x"), "R1"),))
    assert found(definition("V", read, whole=False), allow_skeletons=True) == set()
    elsewhere = step("een", rules=(Rule(is_("P.plek.x", "a"), Effect.WARN, text("x"), "R1"),))
    assert found(definition("V", elsewhere, outside=(("P", text("Elders.")),))) == set()
    assert found(definition("V", elsewhere)) == {("unknown_activity", "activities[0].rules[0].when")}


def test_unknown_roles_are_found():
    assert in_step(performers=(Performer("baas"),)) == {("unknown_role", "activities[0].performers[0]")}
    assert in_step(notify=(Notify(("baas",), text("x"), ALWAYS),)) == {("unknown_role", "activities[0].notify[0].to")}
    assert in_condition(ALWAYS, to=("baas",)) == {"unknown_role"}
    assert in_condition(compare(fact("has_role", person="child", role="baas"))) == {"unknown_role"}


def test_unknown_terms_are_found():
    bad, good = TermRef("term_9w"), TermRef("term_6w")
    assert in_step(deadlines=(Deadline(bad, Opened("een")),)) == {("unknown_term", "activities[0].deadlines[0].term")}
    again = step("een", (A, "een"), End(), fields=WAY, deadlines=(Deadline(good, Opened("een"), ("term_9w",)),))
    assert found(definition("V", again)) == {("unknown_term", "activities[0].deadlines[0].repeats")}
    instead = Deadline(good, Opened("een"), instead=(Instead(more_placements_than(0), bad, Opened("een")),))
    assert in_step(deadlines=(instead,)) == {("unknown_term", "activities[0].deadlines[0].instead")}
    assert in_condition(compare(TODAY, Offset(TODAY, 1, bad), Operator.LESS)) == {"unknown_term"}
    assert in_condition(rows("started_on", Offset(TODAY, 1, bad), operator=Operator.LESS)) == {"unknown_term"}
    assert in_condition(ALWAYS, term=bad) == {"unknown_term"}
    assert in_condition(ALWAYS, look_again="term_9w") == {"unknown_term"}
    assert in_condition(ALWAYS, term=good, look_again="term_6w") == set()
    by_choice = TermRef(field="weg", by_choice=(("a", "term_6w"), ("b", "term_9w"), ("c", "term_6w")))
    assert in_step(fields=WAY, deadlines=(Deadline(by_choice, Opened("een")),)) == {
        ("unknown_term", "activities[0].deadlines[0].term")
    }
    duty = Open(OpenDuty("terug", text("x"), "term_9w", ("een",)))
    assert in_step(opens=(duty,)) == {("unknown_term", "activities[0].opens[0].term")}


def test_terms_roles_and_lists_that_are_not_known_are_not_checked():
    spec = release(
        definition(
            "V",
            step(
                "een",
                performers=(Performer("baas"),),
                fields=(FieldSpec("soort", text("x"), "choice", choice_list="lijst"),),
                deadlines=(Deadline(TermRef("term_9w"), Opened("een")),),
                rules=(Rule(compare(fact("has_role", person="child", role="baas")), Effect.WARN, text("x"), "R1"),),
            ),
        )
    )
    assert check_release(spec) == ()


def test_unknown_registers_and_columns_are_found():
    assert in_condition(Rows(Collection("wensen"), Quantifier.ANY)) == {"unknown_register"}
    assert in_condition(rows("x", "y", of="wensen")) == {"unknown_register"}
    assert in_condition(rows("kleur", "rood")) == {"unknown_column"}
    assert in_condition(rows("status", "running")) == set()
    assert in_condition(rows("status", "rood")) == {"unknown_choice"}
    assert in_condition(rows("id", "x", of="children")) == set()
    assert in_condition(rows("kleur", "x", of="case_children")) == {"unknown_column"}


def rows_field(key="doelen", **more):
    columns = (
        Column("wat", text("x"), "text"),
        Column("hoe", text("x"), "choice", choice_list="help_kinds"),
        Column("eens", text("x"), "yes_no"),
    )
    return FieldSpec(key, text("x"), "rows", columns=columns, **more)


def test_columns_of_a_field_with_rows_are_checked():
    doelen = Collection(field="doelen")
    assert in_condition(rows("kleur", "x", of=doelen), rows_field()) == {"unknown_column"}
    assert in_condition(rows("wat", "x", of=doelen), rows_field()) == set()
    assert in_condition(rows("hoe", "thuis", of=doelen), rows_field()) == set()
    assert in_condition(rows("hoe", "buiten", of=doelen), rows_field()) == {"unknown_choice"}
    assert in_condition(rows("eens", "misschien", of=doelen), rows_field()) == {"unknown_choice"}
    ladder = FieldSpec("trap", text("x"), "ladder")
    assert in_condition(rows("reason", "x", of=Collection(field="trap")), ladder) == set()
    assert in_condition(rows("wat", "x", of=Collection(field="trap")), ladder) == {"unknown_column"}


def test_sets_are_checked_on_both_sides():
    kinds = Projection("kleur", Collection("help_item"))
    wie = fact("persons", group="children")
    assert in_condition(SetCompare(kinds, SetOperator.CONTAINS_ALL, wie)) == {"unknown_column"}
    filtered = Projection(
        "kind", Collection("help_item"), Filter(Quantifier.ANY, (ColumnCompare("x", Operator.IS, "y"),))
    )
    assert in_condition(SetCompare(wie, SetOperator.SUBSET_OF, filtered)) == {"unknown_column"}
    many = FieldSpec("wat", text("x"), "choices", choices=WAY[0].choices)
    assert in_condition(SetCompare(answer("wat"), SetOperator.CONTAINS_ANY, ("a", "z")), many) == {"unknown_choice"}


def test_a_value_that_cannot_occur_is_found():
    assert in_condition(is_("weg", "z"), *WAY) == {"unknown_choice"}
    assert in_condition(compare(answer("weg"), ("a", "z"), Operator.IN), *WAY) == {"unknown_choice"}
    assert in_condition(compare(fact("consent_state"), "misschien")) == {"unknown_choice"}
    assert in_condition(compare(fact("has_role", person="child", role="vap"), "soms")) == {"unknown_choice"}


def test_lists_and_carried_rows_exist():
    assert in_step(fields=(FieldSpec("x", text("x"), "choice", choice_list="kleuren"),)) == {
        ("unknown_list", "activities[0].fields[0]")
    }
    assert in_step(fields=(rows_field(carried="een.weg"),)) == {("unknown_field", "activities[0].fields[0].carried")}
    assert in_step(fields=(rows_field(carried="een.doelen"),)) == set()


def test_a_parameter_is_declared():
    reads = step("een", rules=(Rule(compare(fact("parameter", key="mode"), "licht"), Effect.WARN, text("x"), "R1"),))
    assert {code for code, _ in found(definition("V", reads))} == {"unknown_parameter"}
    assert found(definition("V", reads, parameters=(Parameter("mode", ("licht", "zwaar")),))) == set()
    assert {code for code, _ in found(definition("V", reads, parameters=(Parameter("mode", ("zwaar",)),)))} == {
        "unknown_choice"
    }


def test_a_reading_aid_may_only_warn():
    words = compare(fact("flagged_words", field="brief"))
    field = FieldSpec("brief", text("x"), "long_text")
    assert in_condition(words, field) == set()
    blocking = Rule(words, Effect.BLOCK, text("x"), "R1", unknown_counts=True)
    assert in_step(fields=(field,), rules=(blocking,)) == {("fact_outside_proof", "activities[0].rules[0].when")}


def test_records_write_columns_that_exist():
    def record(*pairs, register="help_item", **more):
        return {code for code, _ in in_step(fields=(*WAY, rows_field()), records=(Record(register, pairs, **more),))}

    assert record(register="wensen") == {"unknown_register"}
    assert record(("kleur", Constant("rood"))) == {"unknown_column"}
    assert record(("status", Constant("rood"))) == {"unknown_choice"}
    assert record(("consent_state", Constant("complete"))) == {"computed_column"}
    assert record(("goal", FromField("weg")), when=ALWAYS) == set()
    assert record(("goal", FromField("nee"))) == {"unknown_field"}
    assert record(("goal", FromColumn("wat"))) == {"unknown_column"}
    assert record(("subject", FromRecorded("sharing")), register="consent") == {"unknown_register"}
    assert record(("goal", FromColumn("wat")), each="doelen") == set()
    assert record(("goal", FromColumn("nee")), each="doelen") == {"unknown_column"}
    assert record(("goal", FromColumn("id")), each="children") == set()
    assert record(each="nee") == {"unknown_field"}
    assert record(("goal", FromFact(fact("wens")))) == {"unknown_fact"}
    assert record(("goal", FromField("weg")), match=("kind",)) == {"unknown_column"}
    where = Filter(Quantifier.ALL, (ColumnCompare("kleur", Operator.IS, "rood"),))
    assert record(("goal", FromField("weg")), where=where) == {"unknown_column"}


def test_deadlines_and_fields_name_what_exists():
    term = TermRef("term_6w")

    def deadline(start):
        return {code for code, _ in in_step(fields=WAY, deadlines=(Deadline(term, start),))}

    assert deadline(Opened("twee")) == {"unknown_activity"}
    assert deadline(PreviousRound(Completed("twee"))) == {"unknown_activity"}
    assert deadline(PreviousRound(OnDate(fact("wens")))) == {"unknown_fact"}
    assert deadline(Before(fact("wens"))) == {"unknown_fact"}
    assert deadline(OnEvent(RecordEvent.HELP_STARTED)) == set()
    assert deadline(Answered("weg", "a")) == {"deadline_starts_too_late"}
    assert deadline(Answered("nee")) == {"unknown_field"}
    assert in_step(fields=(rows_field(each=fact("wens")),)) == {("unknown_fact", "activities[0].fields[0].each")}


def test_the_shipped_catalogue_holds_the_terms_roles_and_lists():
    catalogue = shipped_catalogue()
    assert catalogue.terms
    assert catalogue.roles
    assert catalogue.lists is not None
    assert "opvoedondersteuning" in catalogue.lists["help_kinds"]


def test_a_catalogue_knows_only_what_its_folder_has(tmp_path):
    (tmp_path / "roles.json").write_text('{"roles": [{"key": "vap"}]}')
    assert read_catalogue(tmp_path) == Catalogue(roles=frozenset({"vap"}))


# where things lead


def test_steps_definitions_entries_and_outcomes_exist():
    other = definition("O", step("begin", "slot"), step("slot"))
    assert found(definition("V", step("een", Jump("P")))) == {("unknown_definition", "activities[0].exits[0].to")}
    assert found(definition("V", step("een", Jump("P")), outside=(("P", text("Elders.")),))) == set()
    assert found(definition("V", step("een", Jump("O", "slot"))), other) == {
        ("unknown_entry", "activities[0].exits[0].to")
    }
    assert found(definition("V", step("een", Jump("O", "slot"))), replace(other, entries=("slot",))) == set()
    assert found(definition("V", step("een", Return("klaar")))) == {("unknown_outcome", "activities[0].exits[0].to")}
    assert found(definition("V", step("een"), entries=("weg",))) == {("unknown_activity", "entries[0]")}
    assert found(definition("V", step("een"), per_child_from="weg")) == {("unknown_activity", "per_child_from")}
    assert found(definition("V", step("een"), children="een.wie")) == {("unknown_field", "children")}


def test_what_is_called_or_taken_as_a_detour_is_in_the_release():
    outside = (("D-VAP", text("Elders.")),)
    called = definition("V", step("een", call=calls("D-VAP")), outside=outside)
    assert found(called) == {("unknown_definition", "activities[0].call")}
    way = definition("V", step("een", (A, Detour("D-VAP")), End(), fields=WAY), outside=outside)
    assert found(way) == {("unknown_definition", "activities[0].exits[0].to")}
    crisis = definition("V", step("een", (A, Interrupt("D-VAP")), End(), fields=WAY), outside=outside)
    assert found(crisis) == set()


def test_tracks_lead_to_what_exists_or_is_outside():
    hand = {"opens_by": ByHand.HAND}
    missing = definition(
        "V", step("een"), tracks=(track("x", activity="weg", **hand), track("y", definition="P", **hand))
    )
    assert found(missing) == {
        ("unknown_activity", "tracks[0].activity"),
        ("unknown_definition", "tracks[1].definition"),
    }
    assert (
        found(definition("V", step("een"), tracks=(track("y", definition="P", **hand),), outside=(("P", text("x")),)))
        == set()
    )
    closing = track("x", activity="weg", closes_on=(Completed("nee"), OnEvent(RecordEvent.CAME_HOME)), **hand)
    assert found(definition("V", step("een"), step("weg"), tracks=(closing,))) == {
        ("unknown_activity", "tracks[0].closes_on[0]")
    }
    timed = track("x", activity="weg", opens_by=TimeBefore(fact("wens"), "term_9w"), possible_when=compare(fact("x")))
    assert found(definition("V", step("een"), step("weg"), tracks=(timed,))) == {
        ("unknown_fact", "tracks[0].opens_by"),
        ("unknown_term", "tracks[0].opens_by.term"),
        ("unknown_fact", "tracks[0].possible_when"),
    }


def test_opened_tracks_exist_and_duties_can_be_discharged():
    assert in_step(opens=(Open(OpenTrack("x")),)) == {("unknown_track", "activities[0].opens[0]")}
    assert in_step(opens=(Open(OpenDuty("k", text("x")), when=ALWAYS),)) == {
        ("duty_never_discharged", "activities[0].opens[0]")
    }
    assert in_step(opens=(Open(OpenDuty("k", text("x"), "", ("weg",))),)) == {
        ("unknown_activity", "activities[0].opens[0].discharged_by")
    }


def test_questions_about_the_course_name_what_exists():
    def course(reference, **more):
        rule = Rule(Compare(reference, Operator.ANSWERED), Effect.WARN, text("x"), "R1")
        hand = track("los", activity="weg", opens_by=ByHand.HAND)
        return {
            code
            for code, _ in found(definition("V", step("een", rules=(rule,)), step("weg"), tracks=(hand,), **more))
        }

    assert course(fact("state", of="een")) == set()
    assert course(fact("state", of="los")) == set()
    assert course(fact("state", of="V")) == set()
    assert course(fact("state", of="P"), outside=(("P", text("x")),)) == set()
    assert course(fact("state", of="nee")) == {"unknown_activity"}
    assert course(fact("completed_on", of="P.nee")) == {"unknown_definition"}
    assert course(fact("completed_on", of="P.nee"), outside=(("P", text("x")),)) == set()
    assert course(fact("completed_on", of="los")) == {"unknown_activity"}
    assert course(fact("round", of="een", since="help_started")) == set()
    assert course(fact("round", of="een", since="nee")) == {"unknown_activity"}


def test_rows_for_which_something_is_done_exist():
    source = RowsSource(Collection("wensen"))
    filtered = RowsSource(
        Collection("help_item"), Filter(Quantifier.ALL, (ColumnCompare("kleur", Operator.IS, "x"),))
    )
    duty = OpenDuty("k", text("x"), "", ("een",))
    assert in_step(opens=(Open(duty, for_each=source),)) == {("unknown_register", "activities[0].opens[0].for_each")}
    assert in_step(opens=(Open(duty, for_each=filtered),)) == {("unknown_column", "activities[0].opens[0].for_each")}
    hand = track("los", activity="weg", opens_by=ByHand.HAND, for_each=source)
    assert found(definition("V", step("een"), step("weg"), tracks=(hand,))) == {
        ("unknown_register", "tracks[0].for_each")
    }


# routes


def test_a_step_that_no_way_leads_to_is_found():
    assert found(definition("V", step("een"), step("twee"))) == {("unreachable_step", "activities[1]")}
    assert found(definition("V", step("een"), step("twee"), entries=("twee",))) == {
        ("entry_never_used", "entries[0]")
    }


def test_a_step_that_leads_nowhere_is_found():
    assert found(definition("V", step("een", "twee"), step("twee", "een"))) == {
        ("dead_end", "activities[0]"),
        ("dead_end", "activities[1]"),
    }


def test_a_form_that_stays_open_stands_on_a_track_that_closes():
    assert ("stays_open_on_main_line", "activities[0]") in in_step(stays_open=True)
    endless = track("x", activity="loopt", opens_by=ByHand.HAND)
    body = step("loopt", stays_open=True)
    assert found(definition("V", step("een"), body, tracks=(endless,))) == {("track_never_closes", "tracks[0]")}
    for more in ({"closed_by_hand": True}, {"owner": Owner.RUN}, {"closes_on": (Completed("een"),)}):
        assert found(definition("V", step("een"), body, tracks=(replace(endless, **more),))) == set()
    before = step("eerst", "loopt")
    led_to = track("x", activity="eerst", opens_by=ByHand.HAND, closed_by_hand=True)
    assert found(definition("V", step("een"), before, body, tracks=(led_to,))) == set()


def test_a_track_that_a_step_should_open_is_opened():
    idle = definition("V", step("een"), step("loopt"), tracks=(track("x", activity="loopt"),))
    assert found(idle) == {("track_never_opened", "tracks[0]")}
    both = track("x", activity="loopt", opens_by=ByHand.HAND)
    opened = definition("V", step("een", opens=(Open(OpenTrack("x")),)), step("loopt"), tracks=(both,))
    assert found(opened) == {("track_opened_twice", "tracks[0]")}


def test_an_end_leads_nowhere_else():
    assert found(definition("V", step("een", "een", kind=Kind.END))) >= {("end_goes_on", "activities[0].exits[0].to")}


# exits


def test_the_last_exit_is_else_and_only_the_last():
    assert ("else_missing", "activities[0].exits[0]") in found(definition("V", step("een", (A, End()), fields=WAY)))
    early = definition("V", step("een", End(), (A, End()), End(), fields=WAY))
    assert ("else_not_last", "activities[0].exits[0]") in found(early)
    assert ("exit_never_taken", "activities[0].exits[1]") in found(early)


def test_the_same_condition_twice_is_found_once():
    double = definition("V", step("een", (A, "een"), (A, End()), End(), fields=WAY))
    assert found(double) == {("exit_never_taken", "activities[0].exits[1]")}


def test_the_same_condition_after_a_detour_is_in_order():
    way = definition("V", step("een", (A, Detour("D-VAP")), (A, "een"), End(), fields=WAY))
    assert found(way, definition("D-VAP", step("kies"))) == set()


def test_an_exit_that_no_answer_reaches_is_found():
    covered = AnyOf((A, B))
    assert found(definition("V", step("een", (covered, "een"), (B, End()), End(), fields=WAY))) == {
        ("exit_never_taken", "activities[0].exits[1]")
    }
    contradiction = All((A, B))
    assert found(definition("V", step("een", (contradiction, "een"), End(), fields=WAY))) == {
        ("exit_never_taken", "activities[0].exits[0]")
    }


def test_an_answer_that_an_exit_reads_is_required():
    optional = (choice("weg", "a", "b", required=False),)
    assert found(definition("V", step("een", (A, "een"), End(), fields=optional))) == {
        ("answer_not_required", "activities[0].fields[0]"),
        ("exit_unknown", "activities[0].exits[0]"),
    }
    date = (FieldSpec("dag", text("x"), "date"),)
    later = compare(TODAY, answer("dag"), Operator.MORE)
    assert found(definition("V", step("een", (later, "een"), (later, "een"), End(), fields=date))) == {
        ("answer_not_required", "activities[0].fields[0]"),
        ("exit_never_taken", "activities[0].exits[1]"),
    }
    asked = Compare(answer("dag"), Operator.ANSWERED)
    assert found(definition("V", step("een", (asked, "een"), End(), fields=date))) == set()


def test_an_answer_that_is_hidden_when_an_exit_reads_it_is_found():
    fields = (*WAY, choice("soort", "x", "y", shown_if=A))
    hidden = definition("V", step("een", (is_("soort", "x"), "een"), End(), fields=fields))
    (finding,) = check_release(release(hidden))
    assert (finding.code, finding.severity) == ("structure.exit_unknown", Severity.ERROR)
    assert "weg = b" in finding.message
    fields = (*WAY, choice("soort", "x", "y", shown_if=more_placements_than(0)))
    maybe = definition("V", step("een", (is_("soort", "x"), "een"), End(), fields=fields))
    (finding,) = check_release(release(maybe))
    assert (finding.code, finding.severity) == ("structure.exit_unknown", Severity.WARNING)


def test_too_many_combinations_are_let_be():
    free = AnyOf(tuple(rows("goal", str(number)) for number in range(8)))
    more = AnyOf(tuple(rows("goal", str(number)) for number in range(8, 15)))
    assert found(definition("V", step("een", (free, "een"), (more, "een"), End()))) == set()


def test_a_detour_or_an_interrupt_is_not_the_last_word():
    vap = definition("D-VAP", step("kies"))
    assert ("no_exit_after_detour", "activities[0].exits[0]") in found(
        definition("V", step("een", Detour("D-VAP"))), vap
    )
    skipped = step("een", (A, "een"), End(), fields=WAY, obligation=OPTIONAL, skip=Detour("D-VAP"))
    assert found(definition("V", skipped), vap) == {("no_exit_after_detour", "activities[0].skip")}
    gone = step("een", available=ALWAYS, unavailable=Interrupt("D-VAP"))
    assert ("no_exit_after_detour", "activities[0].unavailable") in found(definition("V", gone), vap)


def test_a_grave_exit_is_written_out():
    grave = step("plaats", meanings=("placement_start",))
    assert found(definition("V", step("een", (A, End()), "plaats", fields=WAY), grave)) == {
        ("grave_exit_left_to_else", "activities[0].exits[1]")
    }
    assert found(definition("V", step("een", (A, "plaats"), End(), fields=WAY), grave)) == set()
    assert found(definition("V", step("een", "plaats"), grave)) == set()
    closing = definition("V", step("een", (A, "een"), End(), fields=WAY), entries=("een",))
    assert found(closing) == {("grave_exit_left_to_else", "activities[0].exits[1]")}


# forms


def test_a_step_that_nobody_does_is_found():
    assert in_step(performers=()) == {("nobody", "activities[0]")}
    assert in_step(performers=(Performer("vap", adviser=True),)) == {("nobody", "activities[0]")}


def test_a_step_asks_no_more_than_its_budget():
    def asks(key, visible, required):
        fields = tuple(choice(f"v{n}", required=n < required) for n in range(visible))
        return {code for code, _ in found(definition(key, step("een", fields=fields)))}

    assert asks("V", 7, 3) == set()
    assert asks("V", 8, 3) == {"too_many_fields"}
    assert asks("V", 7, 4) == {"too_many_required"}
    assert asks("D-VAP", 7, 4) == {"too_many_required"}
    assert asks("P", 7, 5) == set()
    assert asks("P", 7, 6) == {"too_many_required"}


def test_questions_that_wait_for_each_other_are_found():
    fields = (choice("een", shown_if=is_("twee", "ja")), choice("twee", shown_if=is_("een", "ja")))
    assert in_step(fields=fields) == {("cyclic_visibility", "activities[0]")}
    dated = choice("een", shown_if=Rows(Collection("help_item"), Quantifier.ANY))
    assert in_step(fields=(dated, choice("twee", shown_if=is_("een", "ja")))) == set()


def test_a_step_that_goes_on_by_itself_has_no_questions():
    assert in_step(kind=Kind.AUTOMATIC, fields=WAY) == {("form_without_person", "activities[0]")}


def test_nothing_stands_in_the_way_of_what_is_unblockable():
    def rule(effect):
        return in_step(unblockable=True, rules=(Rule(ALWAYS, effect, text("x"), "R1"),))

    assert rule(Effect.BLOCK) == rule(Effect.DEVIATION) == {("block_on_unblockable", "activities[0].rules[0]")}
    assert rule(Effect.ALARM) == set()


def test_a_binding_step_that_may_be_unavailable_says_where_to_go():
    placed = more_placements_than(0)
    assert in_step(available=placed) == {("unavailable_missing", "activities[0]")}
    assert in_step(available=placed, unavailable=End()) == set()
    assert in_step(available=placed, obligation=OPTIONAL) == set()


def test_the_law_lets_nothing_be_skipped():
    assert in_step(skip=End()) == {("law_step_skippable", "activities[0].skip")}


def test_a_step_that_may_be_skipped_says_where_it_goes_then():
    def ways(**more):
        return found(definition("V", step("een", (A, "een"), End(), fields=WAY, **more)))

    assert ways(obligation=POLICY) == {("skip_missing", "activities[0]")}
    assert ways(obligation=POLICY, skip=End()) == set()
    assert ways(obligation=POLICY, skippable=False) == set()


def test_a_skip_lifts_no_block():
    def blocks(**more):
        rule = Rule(A, Effect.BLOCK, text("x"), "R1", unknown_counts=more.pop("unknown_counts", False))
        return in_step(fields=WAY, rules=(rule,), **more)

    assert blocks(obligation=POLICY) == {("skip_lifts_block", "activities[0].rules[0]")}
    assert blocks(obligation=POLICY, unknown_counts=True) == set()
    assert blocks(obligation=POLICY, skippable=False) == set()
    assert blocks(obligation=OPTIONAL) == set()
    elsewhere = Rule(more_placements_than(0), Effect.BLOCK, text("x"), "R1")
    assert in_step(obligation=POLICY, rules=(elsewhere,)) == set()


# limits


def test_a_condition_is_not_too_large_or_too_deep():
    assert in_condition(AnyOf(tuple(more_placements_than(n) for n in range(9)))) == {"condition_too_large"}
    assert in_condition(Not(Not(Not(Not(more_placements_than(0)))))) == {"condition_too_deep"}


def test_a_fact_is_not_told_apart_in_too_many_values():
    ages = [compare(fact("age", person="child"), months, Operator.LESS) for months in range(16)]
    rules = tuple(Rule(AnyOf(tuple(ages[i : i + 8])), Effect.WARN, text("x"), "R1") for i in (0, 8))
    assert in_step(rules=rules) == {("too_many_values", "activities[0].rules[1].when")}
    assert in_step(rules=(*rules[:1], Rule(AnyOf(tuple(ages[8:15])), Effect.WARN, text("x"), "R1"))) == set()


def test_rounds_are_compared_with_at_most_twelve():
    assert in_condition(compare(fact("round", of="een"), 12, Operator.LESS)) == set()
    assert in_condition(compare(fact("round", of="een"), 13, Operator.LESS)) == {"too_many_rounds"}


def test_set_questions_count_as_one_comparison():
    wie = fact("persons", group="children")
    assert in_condition(SetCompare(wie, SetOperator.SUBSET_OF, wie)) == set()


# calls


def test_a_path_does_not_call_itself():
    itself = definition("V", step("een", call=calls("V")))
    assert ("recursion", "activities[0]") in found(itself)
    one = definition("V", step("een", call=calls("D-VAP")))
    other = definition("D-VAP", step("een", (A, Detour("V")), End(), fields=WAY))
    assert {it.definition for it in check_release(release(one, other)) if it.code == "structure.recursion"} == {
        "V",
        "D-VAP",
    }


def test_a_path_that_calls_one_that_calls_itself_is_not_blamed_for_it():
    made = check_release(
        release(
            definition("V", step("een", (A, Detour("D-VAP")), End(), fields=WAY)),
            definition("D-VAP", step("een", (A, Detour("D-VAP")), End(), fields=WAY)),
        )
    )
    assert [(it.definition, it.code) for it in made] == [("D-VAP", "structure.recursion")]


def test_calls_are_at_most_three_deep():
    chain = [definition(f"D-{n}", step("een", call=calls(f"D-{n + 1}"))) for n in range(1, 4)]
    last = definition("D-4", step("een"))
    assert found(*chain, last) == set()
    deeper = found(definition("V", step("een", call=calls("D-1"))), *chain, last)
    assert deeper == {("calls_too_deep", "activities")}


def test_what_is_called_does_not_jump_or_split():
    caller = definition("V", step("een", call=calls("D-VAP")))
    jumps = definition("D-VAP", step("kies", (A, Jump("V")), (B, Jump("D-VAP")), End(), fields=WAY))
    assert found(caller, jumps) == {("called_jumps", "activities[0].exits[0].to")}
    assert found(caller, definition("D-VAP", step("kies"), per_child_from="kies")) == {
        ("called_splits", "per_child_from")
    }
    body = definition("V", step("een"), tracks=(track("x", definition="D-VAP", opens_by=ByHand.HAND),))
    assert found(body, definition("D-VAP", step("kies"), per_child_from="kies")) == {
        ("called_splits", "per_child_from")
    }
    assert found(definition("V", step("een"), per_child_from="een")) == set()


def test_a_crisis_does_not_interrupt():
    path = definition("V", step("een", (A, Interrupt("D-SPOED")), End(), fields=WAY))
    crisis = definition("D-SPOED", step("meld", (A, Interrupt("D-SPOED")), End(), fields=WAY))
    assert found(path, crisis) == {("interrupt_interrupts", "activities[0].exits[0].to")}


def test_a_track_does_not_move_the_main_line():
    hand = {"opens_by": ByHand.HAND}
    other = definition("O", step("begin"))
    own = definition(
        "V",
        step("een"),
        step("loopt", (A, Jump("O")), End(), fields=WAY),
        tracks=(track("x", activity="loopt", **hand),),
    )
    assert found(own, other) == {("track_moves_main_line", "tracks[0]")}
    below = definition(
        "V", step("een"), step("loopt", call=calls("D-VAP")), tracks=(track("x", activity="loopt", **hand),)
    )
    vap = definition("D-VAP", step("kies", (A, Interrupt("O")), End(), fields=WAY))
    assert found(below, vap, other) == {("track_moves_main_line", "tracks[0]")}
    whole = definition("V", step("een"), tracks=(track("x", definition="D-VAP", **hand),))
    (finding,) = check_release(release(whole, vap, other))
    assert "D-VAP.kies" in finding.message


def test_own_tracks_do_not_open_each_other_for_ever():
    tracks = (track("x", activity="een_x", owner=Owner.RUN), track("y", activity="een_y", owner=Owner.RUN))
    path = definition(
        "V",
        step("een", opens=(Open(OpenTrack("x")),)),
        step("een_x", opens=(Open(OpenTrack("y")), Open(OpenDuty("k", text("x"), "", ("een",))))),
        step("een_y", opens=(Open(OpenTrack("x")),)),
        tracks=tracks,
    )
    assert found(path) == {("track_opens_itself", "tracks[0]")}


def calling(*ways, returns=("ja", "nee"), **call):
    vap = definition("D-VAP", step("kies", (A, Return("ja")), Return("nee"), fields=WAY), returns=returns)
    beside = track("los", activity="twee", opens_by=ByHand.HAND)
    return found(
        definition("V", step("een", *ways, call=calls("D-VAP", **call)), step("twee"), tracks=(beside,)), vap
    )


def outcome(value):
    return compare(FactRef("outcome"), value)


def test_outcomes_are_told_apart():
    assert calling("twee") == {("outcomes_not_told_apart", "activities[0]")}
    assert calling((outcome("ja"), "twee"), End()) == set()
    assert calling((more_placements_than(0), "twee"), End()) == {("outcome_left_to_else", "activities[0]")}
    assert calling((outcome("misschien"), "twee"), (outcome("ja"), "twee"), End()) == {
        ("unknown_outcome", "activities[0].exits[0].when")
    }
    assert calling((outcome("ja"), "twee"), End(), returns=("ja", "nee", "later")) == {
        ("outcome_left_to_else", "activities[0]"),
        ("outcome_never_returned", "returns"),
    }


def test_the_outcome_of_each_row_is_told_apart():
    each = {"for_each": "help_item"}
    assert calling((rows("outcome", "ja"), "twee"), End(), **each) == set()
    assert calling((rows("outcome", "soms"), "twee"), (rows("outcome", "ja"), "twee"), End(), **each) == {
        ("unknown_outcome", "activities[0].exits[0].when")
    }
    assert calling((rows("outcome", "ja"), "twee"), End(), **each, goes_on_when=rows("outcome", "ja")) == set()
    apart = rows("outcome", "ja", of="placement")
    assert ("unknown_column", "activities[0].exits[0].when") in calling((apart, "twee"), End())


def test_an_outcome_is_read_only_where_something_was_called():
    assert in_condition(Compare(FactRef("outcome"), Operator.ANSWERED)) == {"no_outcome_here"}


def test_a_called_path_ends_with_an_outcome():
    vap = definition(
        "D-VAP",
        step("kies", (A, Return("ja")), End(), fields=WAY),
        step("los"),
        returns=("ja",),
        tracks=(track("x", activity="los", opens_by=ByHand.HAND),),
    )
    caller = definition("V", step("een", call=calls("D-VAP")))
    assert found(caller, vap) == {("end_without_outcome", "activities[0].exits[1].to")}
    detour = definition("V", step("een", (A, Detour("D-VAP")), End(), fields=WAY))
    assert found(detour, vap) == set()


def test_parameters_are_passed_and_known():
    vap = definition("D-VAP", step("kies"), parameters=(Parameter("mode", ("licht", "zwaar")),))

    def passing(*pairs):
        return found(definition("V", step("een", call=calls("D-VAP", parameters=pairs))), vap)

    assert passing(("mode", "licht")) == set()
    assert passing() == {("parameter_missing", "activities[0].call")}
    assert passing(("mode", "anders")) == {("unknown_parameter", "activities[0].call.parameters.mode")}
    assert passing(("mode", "licht"), ("soort", "x")) == {
        ("unknown_parameter", "activities[0].call.parameters.soort")
    }


def test_steps_do_not_go_round_without_anybody():
    loop = [("loop_without_person", "activities[0]")]
    placed = more_placements_than(0)
    automatic = definition("V", step("een", (placed, "een"), End(), kind=Kind.AUTOMATIC))
    assert found(automatic) == set(loop)
    many = definition("V", step("een", (placed, "een"), End(), call=calls("D-VAP", for_each="help_item")))
    assert found(many, definition("D-VAP", step("kies"))) == set(loop)
    passed = definition(
        "V",
        step("een", "twee", available=placed, unavailable=Goto("twee")),
        step("twee", (A, End()), "een", fields=WAY, available=placed, obligation=OPTIONAL, skip=End()),
    )
    assert found(passed) == set(loop)


def test_a_round_with_somebody_in_it_is_in_order():
    again = definition("V", step("een", (more_placements_than(0), "een"), End(), call=calls("D-VAP")))
    assert found(again, definition("D-VAP", step("kies"))) == set()
    inside = definition(
        "D-VAP",
        step("kies", "na", kind=Kind.AUTOMATIC),
        step("na", available=more_placements_than(0), unavailable=Goto("ook")),
        step("ook"),
    )
    assert found(again, inside) == set()


def test_a_call_that_may_pass_by_itself_is_nobody():
    again = definition("V", step("een", (more_placements_than(0), "een"), End(), call=calls("D-VAP")))
    automatic = definition("D-VAP", step("kies", kind=Kind.AUTOMATIC))
    placed = more_placements_than(0)
    passed = definition("D-VAP", step("kies", available=placed, unavailable=End()))
    optional = definition("D-VAP", step("kies", available=placed, obligation=OPTIONAL))
    nested = definition("D-VAP", step("kies", call=calls("D-X")))
    for called in ((automatic,), (passed,), (optional,), (nested, definition("D-X", step("x", kind=Kind.AUTOMATIC)))):
        assert found(again, *called) == {("loop_without_person", "activities[0]")}


def test_paths_do_not_jump_to_and_fro_without_anybody():
    placed = more_placements_than(0)
    one = definition("V", step("een", (placed, End()), Jump("O"), kind=Kind.AUTOMATIC))
    other = definition("O", step("begin", (placed, End()), Jump("V", "een"), kind=Kind.AUTOMATIC))
    made = [it for it in check_release(release(one, other)) if it.code == "structure.loop_without_person"]
    assert [it.definition for it in made] == ["O"]


# the plan


@pytest.fixture
def made():
    duty = OpenDuty("terug", text("Kijk terug"), "term_6w", ("twee", "D-VAP.kies"))
    return plan(
        definition(
            "V",
            step(
                "een",
                (A, Interrupt("D-SPOED")),
                (B, Jump("O")),
                "twee",
                fields=WAY,
                performers=(Performer("vap"), Performer("zorgaanbieder", adviser=True)),
                opens=(Open(OpenTrack("loopt")), Open(duty, owner=Owner.CHILD)),
            ),
            step(
                "twee",
                call=calls("D-VAP"),
                available=compare(fact("age", person="child"), 216, Operator.LESS),
                unavailable=End(),
                rules=(
                    Rule(is_("een.weg", "a"), Effect.TASK, text("x"), "R1"),
                    Rule(
                        compare(TODAY, Offset(TODAY, 1, TermRef("term_6w")), Operator.LESS),
                        Effect.ALARM,
                        text("x"),
                        "R1",
                    ),
                    Rule(compare(TODAY, TODAY, Operator.LESS), Effect.WARN, text("x"), "R1"),
                    Rule(rows("id", "x", of="children"), Effect.WARN, text("x"), "R1"),
                    Rule(rows("id", "x", of=Collection(field="een.weg")), Effect.WARN, text("x"), "R1"),
                ),
                records=(Record("meeting", ()),),
            ),
            step("spoor"),
            tracks=(
                track("loopt", activity="spoor", closes_on=(Completed("twee"), AtAge(216))),
                track("vap", definition="D-VAP", opens_by=ByHand.HAND),
                track("achttien", definition="D-18", opens_by=AtAge(198)),
            ),
            outside=(("D-18", text("Elders.")),),
        ),
        definition("D-VAP", step("kies")),
        definition("D-SPOED", step("meld")),
        definition("O", step("begin")),
    )


def test_a_plan_finds_steps_and_tracks_at_once(made):
    assert made.step("V", "een").index == 0
    assert made.activity("V", "een") is made.definition("V").activity("een")
    assert made.tracks["V.loopt"].openers == (Place("V", "een"),)
    assert made.tracks["V.loopt"].body == Place("V", "spoor")
    assert made.tracks["V.vap"].body == Place("D-VAP", "kies")
    assert made.tracks["V.achttien"].body is None
    assert [(it.by_hand, it.by_itself) for it in made.tracks.values()] == [
        (False, False),
        (True, False),
        (False, True),
    ]
    assert made.definitions["V"].tracks["loopt"].key == "V.loopt"
    assert "V" in made
    assert "D-18" not in made
    with pytest.raises(KeyError):
        made.step("V", "weg")


def test_a_plan_says_who_calls_and_who_jumps(made):
    assert made.definitions["D-VAP"].callers == (Place("V", "twee"),)
    assert made.definitions["D-VAP"].bodies == ("V.vap",)
    assert made.definitions["O"].jumped_from == (Place("V", "een"),)
    assert made.definitions["D-SPOED"].jumped_from == (Place("V", "een"),)
    assert made.emergencies == ("D-SPOED",)
    assert made.call(Place("V", "twee")) == calls("D-VAP")
    assert made.call(Place("V", "een")) is None


def test_a_plan_says_what_a_step_reads_and_needs(made):
    two = made.step("V", "twee")
    assert two.reads == ("een.weg",)
    assert two.facts == ("age", "answer", "today")
    assert {"person", "meeting"} <= set(two.needs)
    assert two.timed_rules == (1,)
    assert two.timed_availability
    assert not made.step("V", "een").timed_availability
    assert made.step("V", "een").deciders == ("vap",)
    assert made.step("V", "een").advisers == ("zorgaanbieder",)


def test_a_plan_says_which_duties_and_tracks_a_step_closes(made):
    (duty,) = made.step("V", "een").duties
    assert duty.discharged_by == (Place("V", "twee"), Place("D-VAP", "kies"))
    assert (duty.kind, duty.owner, duty.term) == ("terug", Owner.CHILD, "term_6w")
    assert made.step("V", "een").duty(OpenDuty("terug", text("x"))) is duty
    with pytest.raises(KeyError):
        made.step("V", "een").duty(OpenDuty("anders", text("x")))
    assert made.step("D-VAP", "kies").discharges == (("terug", Place("V", "een")),)
    assert made.step("V", "twee").closes == ("V.loopt",)
    assert made.step("V", "spoor").on_track == ("V.loopt",)


def test_plans_of_the_same_release_are_the_same(made):
    other = plan(definition("V", step("een")))
    again = plan(definition("V", step("een")))
    assert other == again
    assert hash(other) == hash(again)
    assert other != made
    assert other.digest == release(definition("V", step("een"))).digest()
    assert isinstance(made.definitions, MappingProxyType)


# what is shipped


def test_the_shipped_release_has_no_findings():
    assert [it for it in check_release(shipped(), shipped_catalogue()) if it.severity is Severity.ERROR] == []


def test_the_skeletons_have_a_sound_structure():
    spec = shipped(include_skeletons=True)
    made = check_release(spec, shipped_catalogue(), allow_skeletons=True)
    assert [it for it in made if it.severity is Severity.ERROR] == []
