from dataclasses import replace
from datetime import date

import pytest

from padwijzer.forms.core.errors import Unreadable
from padwijzer.forms.core.nodes import canonical_json
from padwijzer.workflows.core.packs import Pack, national
from padwijzer.workflows.core.proving.certificates import certificate
from padwijzer.workflows.core.proving.checking import check
from padwijzer.workflows.core.proving.records import (
    Means,
    load_record,
    objections,
    record_of,
    write_record,
)
from padwijzer.workflows.core.releases import ReleaseSpec, shipped

pytestmark = pytest.mark.once

NATION, SPEC = national(), shipped()
CHECKED = check(SPEC, NATION)
RECORD = record_of(SPEC, NATION, {"a": 1}, CHECKED.proven)


def against(record, **changes):
    given = {"spec": SPEC, "plan": CHECKED.plan, "pack": NATION, "terms": {"a": 1}, **changes}
    return list(objections(record, **given))


def changed(key, **changes):
    """The record with another value in what is proven of one statement."""
    statements = tuple(replace(it, **changes) if it.safeguard == key else it for it in RECORD.statements)
    return replace(RECORD, statements=statements)


def slices_of(key):
    return next(it.slices for it in RECORD.statements if it.safeguard == key)


def test_the_same_release_proves_the_same_years_later():
    assert against(load_record(canonical_json(write_record(RECORD)))) == []


def test_a_record_is_read_back_as_it_was_written():
    again = load_record(canonical_json(write_record(RECORD)))
    assert again == RECORD
    assert again.digest == RECORD.digest


def test_one_state_more_is_no_proof():
    (first, *rest) = slices_of("consent_before_help")
    false = changed("consent_before_help", slices=(replace(first, states=first.states + 1), *rest))
    assert len(against(false)) == 1


def test_another_state_is_no_proof():
    (first, *rest) = slices_of("consent_before_help")
    false = changed("consent_before_help", slices=(replace(first, digest="0" * 64), *rest))
    assert len(against(false)) == 1


@pytest.mark.parametrize("dropped", range(len(slices_of("consent_before_help"))))
def test_a_slice_that_is_left_out_is_no_proof(dropped):
    slices = slices_of("consent_before_help")
    kept = tuple(it for number, it in enumerate(slices) if number != dropped)
    assert len(against(changed("consent_before_help", slices=kept))) == 1


def test_a_slice_with_a_part_that_is_not_there_is_no_proof():
    (first, *rest) = slices_of("consent_before_help")
    false = replace(first, components=(*first.components, "nowhere@focus"))
    assert len(against(changed("consent_before_help", slices=(false, *rest)))) == 1


@pytest.mark.parametrize("means", [Means.MADE, Means.ABSENT])
def test_what_was_walked_cannot_be_said_to_need_no_walking(means):
    assert len(against(changed("consent_before_help", means=means, slices=()))) == 1


def test_a_statement_that_is_left_out_is_missed():
    fewer = replace(RECORD, statements=RECORD.statements[1:])
    assert against(fewer) == [f"Deze waarborg is niet bewezen: {RECORD.statements[0].statement}"]


def test_a_statement_that_is_no_longer_asked_is_named():
    fewer = Pack(NATION.key, NATION.version, NATION.safeguards[1:])
    assert f"Deze waarborg is er niet meer: {RECORD.statements[0].statement}" in against(RECORD, pack=fewer)


def test_other_terms_another_start_and_another_prover_are_named():
    assert against(RECORD, terms={"a": 2}) == ["De termijnen zijn niet de termijnen van dit bewijs."]
    assert against(replace(RECORD, start="P")) == ["Een zaak begint in dit bewijs op een ander pad."]
    assert len(against(replace(RECORD, prover="2001-01"))) == 1


def test_another_definition_is_named():
    definition = replace(SPEC.definitions["D-JIM"], purpose=(("nl", "Anders."),))
    spec = ReleaseSpec(SPEC.start, {**SPEC.definitions, "D-JIM": definition})
    assert against(RECORD, spec=spec) == ["Pad D-JIM is niet het pad dat is bewezen."]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda it: it.pop("pack"),
        lambda it: it.update(schema_version=2),
        lambda it: it.update(bound="100"),
        lambda it: it["statements"][0].update(means="hoped"),
        lambda it: it.update(more=1),
    ],
    ids=["no pack", "another schema", "a bound in words", "an unknown means", "something more"],
)
def test_what_is_no_record_is_refused(spoil):
    values = write_record(RECORD)
    spoil(values)
    with pytest.raises(Unreadable):
        load_record(canonical_json(values))


def test_the_certificate_says_every_statement_and_what_it_takes_for_granted():
    page = " ".join(certificate(RECORD, {"V": "Vrijwillig pad"}, number=3, on=date(2026, 11, 25)).split())
    assert "Uitgave 3, 25 november 2026" in page
    assert all(it.statement in page for it in RECORD.statements)
    assert all(line in page for line in RECORD.assumptions)
    assert "Vrijwillig pad " in page
    assert RECORD.digest[:16] in page
