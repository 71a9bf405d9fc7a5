"""Proofs of published releases, looked at again: whatever was changed since is found, in words."""

import json

import pytest
from django.core.management import CommandError
from django.db.models import QuerySet

from padwijzer.workflows.core.definition import Performer
from padwijzer.workflows.core.packs import national
from padwijzer.workflows.core.proving.records import ASSUMPTIONS
from padwijzer.workflows.models import DefinitionVersion, Release
from padwijzer.workflows.queries.proofs import certificate_of, faults_of
from tests.support.cases import MONDAY, a_release
from tests.support.clock import publish
from tests.support.commands import managed
from tests.support.definitions import definition, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    return a_release(MONDAY)


def with_value(row, column, value):
    """The row after somebody who can change the database did so."""
    QuerySet(type(row)).filter(pk=row.pk).update(**{column: value})
    return type(row).objects.get(pk=row.pk)


def run(*arguments):
    return managed("verify_release", *arguments)


def test_the_proof_of_the_shipped_release_holds_when_it_is_walked_again(made):
    assert faults_of(made) == ()


def test_a_safeguard_that_somebody_took_out_of_the_proof_is_missed(made):
    record = json.loads(made.proof)
    first = record["statements"].pop(0)
    faults = faults_of(with_value(made, "proof", json.dumps(record)))
    assert f"Deze waarborg is niet bewezen: {first['statement']}" in faults
    assert "Dit bewijs staat niet in de geschiedenis." in faults


def test_a_safeguard_that_somebody_loosened_afterwards_is_found(made):
    pack = json.loads(made.safeguards)
    del pack["safeguards"]["consent_before_help"]
    faults = faults_of(with_value(made, "safeguards", json.dumps(pack)))
    assert "De waarborgen zijn niet de waarborgen die zijn bewezen." in faults
    assert "De inhoud van deze uitgave is niet wat er is gepubliceerd." in faults


def test_a_path_that_somebody_changed_afterwards_is_found(made):
    version = DefinitionVersion.objects.get(key="D-WACHT")
    content = json.loads(version.content)
    begins = next(it for it in content["activities"] if it["key"] == "help_begins")
    del begins["rules"]
    with_value(version, "content", json.dumps(content))
    faults = faults_of(made)
    assert "Pad D-WACHT is niet het pad dat is bewezen." in faults
    statement = next(it.statement for it in national().safeguards if it.key == "consent_before_help")
    assert f"Dit bewijs klopt niet: {statement}" in faults


@pytest.mark.parametrize(
    ("column", "value"),
    [("proof", "{}"), ("proof", "geen JSON"), ("safeguards", "[]"), ("terms", {"x": 1}), ("members", {"V": 99})],
    ids=["no record", "no JSON", "no pack", "no terms", "no version"],
)
def test_what_cannot_be_read_is_said(made, column, value):
    assert faults_of(with_value(made, column, value)) == ("Wat van deze uitgave is bewaard, is niet te lezen.",)


def test_a_release_without_a_proof_says_so(made):
    faults = faults_of(with_value(made, "proof", ""))
    assert faults == ("Bij deze uitgave is geen bewijs bewaard.",)


def test_a_release_that_was_never_proven_is_found_whatever_stands_with_it():
    publish(definition("V", step("een", performers=(Performer("jeugdconsulent"),))))
    assert any(it.startswith("Deze waarborg is niet bewezen") for it in faults_of(Release.objects.get()))


def test_the_certificate_is_one_page_with_number_and_day(made):
    page = certificate_of(made)
    assert page.startswith("BEWIJS VAN DE WAARBORGEN - Uitgave 1, 2 november 2026\n")
    assert all(line in " ".join(page.split()) for line in ASSUMPTIONS)


def test_the_command_says_of_each_release_whether_its_proof_holds(made):
    status, text = run()
    assert (status, text.splitlines()) == (0, ["Uitgave 1: het bewijs klopt."])
    with_value(made, "proof", "{}")
    status, text = run("1")
    assert (status, len(text.splitlines())) == (1, 2)
    assert text.startswith("Uitgave 1: het bewijs klopt niet.")


def test_machines_get_one_object_a_line_and_people_the_page(made):
    status, text = run("--json")
    assert (status, json.loads(text)) == (0, {"release": 1, "holds": True, "faults": []})
    _status, text = run("--certificate", "1")
    assert certificate_of(made) in text


def test_a_number_that_no_release_has_is_refused(made):
    with pytest.raises(CommandError, match="7"):
        run("7")
