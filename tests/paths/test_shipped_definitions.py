"""
The definitions that Padwijzer comes with say what the domain's documents ask, and name only what exists.

The folder `fixtures/paths` is the registry: what holds for every definition is asked of every file. The tables below
are the steps, fields and choices of the voluntary path and its sub-processes, written down once more by hand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import pytest

from padwijzer.forms.core.conditions import FactRef
from padwijzer.forms.core.schema import Column, FieldSpec
from padwijzer.workflows.core.definition import (
    Activity,
    Constant,
    FromColumn,
    FromFact,
    FromField,
    FromRecorded,
    ProcessDefinition,
    Record,
    Source,
)
from padwijzer.workflows.core.facts import facts
from padwijzer.workflows.core.reading import read_definition, readable
from padwijzer.workflows.core.registers import ColumnSpec, registers

FIXTURES = files("padwijzer") / "fixtures"
FILES = sorted(path.name for path in (FIXTURES / "paths").iterdir() if path.name.endswith(".json"))
MOST_FIELDS = 7
MOST_REQUIRED = {"V": 3, "D": 3, "I": 5, "O": 5, "P": 5}
"""By the first letter of a definition: the voluntary path and sub-processes ask less than what weighs heavily."""

STEPS = {
    "V": {
        "question_or_signal": "V1", "first_talk": "V2", "choose_contact_person": "V3", "choose_route": "V4",
        "ordinary_support": "V5", "short_plan": "V6", "look_back": "V7", "understand_together": "V8",
        "expert_tent": "V9", "family_plan": "V10", "choose_help": "V11", "municipal_decision": "V12",
        "ask_consent": "V13", "intake_and_waiting": "V14", "help_starts": "V15", "help_runs": "V15",
        "evaluate_together": "V16", "close_together": "V17",
    },
    "D-AFWIJK": {"deviate": "A1"},
    "D-TOEST": {"who_consents": "T1", "explain": "T2", "answers": "T3", "no_full_consent": "T4"},
    "D-INTREK": {"withdraw_consent": "T5"},
    "D-VAP": {"choose_person": "F1"},
    "D-WACHT": {"plan_intake": "W1", "plan_b": "W2", "waiting_check": "W3"},
    "D-TENT": {"look_with_experts": "X1"},
    "D-MAATWERK": {"ask_tailor_made": "M1", "decide_tailor_made": "M2"},
    "D-DEEL": {"who_may_know": "I1", "confirm_agreements": "I2"},
    "D-SCHOOL": {"school_informed": "H1"},
    "D-JIM": {"choose_mentor": "J1"},
    "D-NAZORG": {"close_together": "N1", "keep_in_touch": "N2"},
}  # fmt: skip
"""Definition to step to the step of the domain's documents that it is."""

FIELDS = {
    "A1": "afwijk_reden afwijk_gezin afwijk_collega afwijk_terugkijken",
    "T1": "gezag_gecontroleerd_op afwegen gezag",
    "T2": "uitgelegd:wat,waarom,duur,anders,nee_zeggen uitleg_manier",
    "T3": "antwoorden wens_anders stem_kind stem_kind_niet",
    "T4": "t4_uitkomst:ander_plan,niet_starten,nog_praten,weloverwogen_wens,ernstig_nadeel,rechter_ouders,"
    "rechter_vervangt,zorgen t4_reden t4_beslisser t4_voor t4_reden_soort",
    "T5": "intrek_persoon intrek_woorden",
    "F1": "vap_persoon vap_gezin vap_vervanger vap_wissel_reden:gezin_vraagt,weg,kader,anders",
    "W1": "intake_op contra start_verwacht uitkomst_intake:past,past_niet",
    "W2": "planb planb_wie andere_hulp_loopt:ja,nee",
    "W3": "wacht_gaat:beter,zelfde,slechter gaat_naar_school:ja,deels,nee gestart_op begonnen_op",
    "X1": "tent_vraag tent_wie tent_advies tent_intussen",
    "M1": "mw_wat mw_domein:jeugd,wmo,geld,wonen,zorg,school,anders mw_waarom",
    "M2": "mw_besluit:ja,deels,nee mw_reden",
    "I1": "deel_met deel_wat:oogopslag,plan,analyse,lessen,veiligheid,afspraken "
    "deel_grond:toestemming,betrokken,maatregel,gevaar deel_gevaar samen_gesprek",
    "I2": "gelezen overgenomen_afspraken",
    "H1": "school_mag:ja,deels,nee school_wat school_nodig",
    "J1": "jim_wie jim_ouders:ja,mopperend,nee jim_ziet:plan,afspraken,gesprekken",
    "N1": "af_bereikt af_wie_blijft af_signalen af_leren af_reden wil_nazorg",
    "N2": "pols_gaat:goed,twijfel,niet,geen_contact pols_nodig",
    "V1": "vraag bron:gezin,school,vaste_plek,arts,buurt,vt,anders aanvraagdatum nu_veilig:ja,twijfel,nee "
    "gezin_weet_ervan",
    "V2": "ons_verhaal waarom_nu wil_gezin stem_kind uitleg_gezin uitleg_steun gezin_wil_iemand_erbij",
    "V3": "",
    "V4": "weg:gewoon,kort,samen weg_waarom meer_domeinen",
    "V5": "steun:uitleg,netwerk,steunouder,school,sport,jgz,geld steun_wie",
    "V6": "doel hulp_soort gezin_eens:ja,deels,nee fgp_gevraagd",
    "V7": "tijdlijn lessen ouders_speelt netwerk",
    "V8": "va_tekst va_kracht va_feiten va_eens:ja,deels,nee va_oneens meedenkers",
    "V9": "",
    "V10": "fgp_keuze:familie,samen doelen acties veilig_afspraken gezin_eens:ja,deels,nee hulp_nodig",
    "V11": "hulp_lijst hulp_klik hulp_stopt hulp_niet_er",
    "V12": "besluit:ja,deels,nee,nvt besluit_uitleg besluit_van besluit_tot eerste_evaluatie",
    "V13": "",
    "V14": "",
    "V15": "contact_ritme:w1,w2,w4,w6 contact_wie status_aanbieder:goed,twijfel,zorgen",
    "V16": "ev_doelen ev_gehoord ev_intensiteit:veel,goed,weinig gaat_naar_school:ja,deels,nee ev_zelf "
    "ev_verder:klaar,door,anders,zorgen,wonen",
    "V17": "",
}
"""Step of the domain's documents to its fields, each with its choices in order."""

COLUMNS = {
    "afwegen": "kan_zelf_afwegen:ja,nee afwegen_reden",
    "antwoorden": "persoon antwoord:akkoord,deels,nee,niet_bereikt datum manier:gesprek,brief,app eigen_woorden",
    "overgenomen_afspraken": "afspraak wie voor",
    "tijdlijn": "datum wat soort:schakelmoment,hulp,besluit,anders",
    "lessen": "hulp hielp:hielp,deels,hielp_niet waarom hulp_soort",
    "va_feiten": "tekst soort:feit,mening bron",
    "doelen": "doel voor_wie klaar_als",
    "acties": "actie wie voor nodig overgenomen afgesproken tot",
    "hulp_lijst": "hulp voor doel aanbieder",
    "ev_doelen": "doel stand:gehaald,dichterbij,gelijk,verder_weg",
    "ev_gehoord": "persoon cijfer",
}
"""Field with rows to its columns."""

FITS = {
    "text": {"text", "long_text"},
    "choice": {"choice", "ladder"},
    "choices": {"choices"},
    "yes_no": {"yes_no", "choice"},
    "date": {"date", "moment"},
    "number": {"number"},
    "person": {"person"},
    "persons": {"persons", "person"},
    "row": set(),
}
"""Type of a register column to the types of field whose answer it can keep."""


@cache
def definition(name: str) -> ProcessDefinition:
    return read_definition((FIXTURES / "paths" / name).read_bytes())


def members(name: str, key: str) -> set[str]:
    found = json.loads((FIXTURES / name).read_text(encoding="utf-8"))[key]
    return set(found)


def lists() -> dict[str, list[str]]:
    found = json.loads((FIXTURES / "lists.json").read_text(encoding="utf-8"))["lists"]
    return {key: [choice["key"] for choice in choices] for key, choices in found.items()}


def described_facts() -> set[str]:
    """The facts in the table of `docs/language.md`."""
    page = (files("padwijzer.workflows").joinpath("..", "docs", "language.md")).read_text(encoding="utf-8")
    table = page.split("## Facts", 1)[1]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`([a-z_]+)`", cell)}


def walk(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value."""
    if isinstance(value, dict):
        yield value
        for member in value.values():
            yield from walk(member)
    elif isinstance(value, list):
        for member in value:
            yield from walk(member)


@cache
def written(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / "paths" / name).read_text(encoding="utf-8"))
    return found


def terms_of(name: str) -> set[str]:
    found: set[str] = set()
    for value in walk(written(name)):
        for key in ("term", "look_again", "repeats_each", "plus", "minus"):
            term = value.get(key)
            if isinstance(term, str):
                found.add(term)
            elif isinstance(term, dict):
                found.update(term.get("terms", {}).values())
        found.update(value.get("repeats", ()))
    return found


def roles_of(name: str) -> set[str]:
    found: set[str] = set()
    for value in walk(written(name)):
        found.update(role.partition(":")[0] for role in value.get("performers", ()))
        if isinstance(value.get("to"), list):
            found.update(value["to"])
    return found


def facts_of(name: str) -> set[str]:
    """The names of the facts that a definition uses: objects with a name, which only facts have."""
    return {value["name"] for value in walk(written(name)) if isinstance(value.get("name"), str)}


@pytest.mark.parametrize("name", FILES)
def test_a_file_read_and_written_back_is_the_same_byte_for_byte(name: str) -> None:
    assert readable(definition(name)).encode() == (FIXTURES / "paths" / name).read_bytes()


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_named_by_its_definition(name: str) -> None:
    assert f"{definition(name).key}.json" == name


@pytest.mark.parametrize("name", FILES)
def test_no_step_asks_more_than_a_person_can_bear(name: str) -> None:
    most = MOST_REQUIRED[name[0]]
    for activity in definition(name).activities:
        always = [field for field in activity.fields if field.shown_if is None]
        required = [field.key for field in always if field.required]
        assert len(always) <= MOST_FIELDS, activity.key
        assert len(required) <= most, (activity.key, required)


@pytest.mark.parametrize("name", FILES)
def test_every_term_stands_in_the_terms(name: str) -> None:
    assert terms_of(name) <= members("terms.json", "terms")


@pytest.mark.parametrize("name", FILES)
def test_every_role_stands_in_the_roles(name: str) -> None:
    assert roles_of(name) <= members("roles.json", "roles")


@pytest.mark.parametrize("name", FILES)
def test_every_fact_is_described(name: str) -> None:
    assert facts_of(name) <= described_facts()


@pytest.mark.parametrize("name", FILES)
def test_every_list_of_choices_exists(name: str) -> None:
    used = {value["choice_list"] for value in walk(written(name)) if "choice_list" in value}
    assert used <= set(lists())


@pytest.mark.parametrize("name", FILES)
def test_what_a_step_writes_fits_its_register(name: str) -> None:
    for activity in definition(name).activities:
        for record in activity.records:
            for wrong in unfit(activity, record):
                pytest.fail(f"{name} {activity.key}: {wrong}")


def unfit(activity: Activity, record: Record) -> Iterator[str]:
    register = registers().get(record.register)
    if register is None:
        yield f"there is no register {record.register}"
        return
    for key, source in record.set:
        column = register.column(key)
        if column is None or column.computed:
            yield f"{record.register} has no column {key} that can be written"
        elif not fits(activity, record, column, source):
            yield f"{record.register}.{key} does not take {source}"


def fits(activity: Activity, record: Record, column: ColumnSpec, source: Source) -> bool:
    match source:
        case Constant(value):
            choices = ("ja", "nee") if column.type == "yes_no" else column.choices
            return value in choices if choices else isinstance(value, str)
        case FromFact(ref):
            return fact_fits(ref, column)
        case FromRecorded(register):
            return column.type == "row" and register in {it.register for it in activity.records}
        case FromField(key):
            field = activity.form.field(key)
            return field is not None and answer_fits(field, column, conditional=record.when is not None)
        case FromColumn(key):
            if record.each == "children":
                return key == "id" and column.type == "person"
            rows = activity.form.field(record.each)
            if rows is not None and rows.type == "persons":
                return key == "id" and column.type == "person"
            found = next((part for part in rows.columns if part.key == key), None) if rows else None
            return found is not None and answer_fits(found, column, conditional=record.when is not None)


def fact_fits(ref: FactRef, column: ColumnSpec) -> bool:
    if ref.name == "subject":
        key = ref.argument("column")
        if key == "id":
            return column.type in ("row", "person", "persons")
        return any(
            other.type == column.type or (other.type, column.type) == ("person", "persons")
            for spec in registers().values()
            if (other := spec.column(key)) is not None
        )
    known = facts()[ref.name].spec.type
    return known in ("any", column.type) or (known, column.type) == ("person", "persons")


def answer_fits(asked: FieldSpec | Column, column: ColumnSpec, *, conditional: bool) -> bool:
    if asked.type not in FITS[column.type]:
        return False
    values = set(lists()[asked.choice_list]) if asked.choice_list else {choice.key for choice in asked.choices}
    allowed = {"ja", "nee"} if column.type == "yes_no" else set(column.choices)
    if not values or not allowed:
        return True
    return bool(values & allowed) if conditional else values <= allowed


@pytest.mark.parametrize("key", STEPS)
def test_every_step_of_the_documents_is_there(key: str) -> None:
    found = {activity.key: activity.reference for activity in definition(f"{key}.json").activities}
    assert {step: found.get(step) for step in STEPS[key]} == STEPS[key]


@pytest.mark.parametrize("reference", FIELDS)
def test_every_field_and_choice_of_the_documents_is_there(reference: str) -> None:
    fields = {field.key: field for activity in activities_of(reference) for field in activity.fields}
    for asked in FIELDS[reference].split():
        key, _, choices = asked.partition(":")
        assert key in fields
        if choices:
            assert [choice.key for choice in fields[key].choices] == choices.split(",")


@pytest.mark.parametrize("key", COLUMNS)
def test_every_column_of_the_documents_is_there(key: str) -> None:
    found = [field for reference in FIELDS for activity in activities_of(reference) for field in activity.fields]
    rows = next(field for field in found if field.key == key)
    columns = {column.key: column for column in rows.columns}
    for asked in COLUMNS[key].split():
        name, _, choices = asked.partition(":")
        assert name in columns
        if choices:
            assert [choice.key for choice in columns[name].choices] == choices.split(",")


def activities_of(reference: str) -> list[Activity]:
    return [
        activity
        for key in STEPS
        for activity in definition(f"{key}.json").activities
        if activity.reference == reference
    ]


@pytest.mark.parametrize("key", STEPS)
def test_every_step_that_a_person_does_says_what_to_do_and_on_what_ground(key: str) -> None:
    for activity in definition(f"{key}.json").activities:
        assert activity.grounds, activity.key
        if activity.performers:
            assert activity.instruction, activity.key


@pytest.mark.parametrize("key", STEPS)
def test_every_question_says_why_it_is_asked(key: str) -> None:
    for activity in definition(f"{key}.json").activities:
        assert [field.key for field in activity.fields if not re.fullmatch(r"[RC]\d+", field.why)] == []


def test_the_release_starts_on_the_voluntary_path_and_names_only_whole_definitions() -> None:
    release = json.loads((FIXTURES / "release.json").read_text(encoding="utf-8"))
    assert release["start"] == release["definitions"][0] == "V"
    assert set(STEPS) <= set(release["definitions"])
    assert all(definition(f"{key}.json").whole for key in release["definitions"])


def test_what_counts_as_consent_happens_only_where_consent_to_that_help_is_complete() -> None:
    carriers = {
        f"{key}.{activity.key}": activity.kind.value
        for key in STEPS
        for activity in definition(f"{key}.json").activities
        if "informed_consent" in activity.meanings
    }
    assert carriers == {"D-TOEST.consent_given": "automatic"}


def test_help_begins_only_behind_a_rule_that_asks_for_consent() -> None:
    for activity in definition("D-WACHT.json").activities:
        starts = [record for record in activity.records if ("status", Constant("running")) in record.set]
        if starts:
            blocks = [rule for rule in activity.rules if rule.effect.value == "block" and "C2" in rule.ground]
            assert blocks, activity.key
            assert activity.skippable is False


def test_consent_can_always_be_withdrawn() -> None:
    activity = definition("D-INTREK.json").activity("withdraw_consent")
    assert activity.unblockable
    assert {rule.effect.value for rule in activity.rules} <= {"warn", "task", "alarm"}
