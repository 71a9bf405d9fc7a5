"""Publishing: the same content is one release, what is wrong is refused whole, and nothing published ever changes."""

import json
from dataclasses import replace
from importlib import import_module
from importlib.resources import files

import pytest
from django.db import models

from padwijzer.forms.core.conditions import TermRef
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.publish_release import publish_release
from padwijzer.workflows.core.definition import Deadline, Effect, Opened, Performer, Rule
from padwijzer.workflows.core.errors import Conflict, Unpublishable
from padwijzer.workflows.core.findings import Finding, Severity
from padwijzer.workflows.core.packs import Pack, Safeguard, joined, load_pack, national
from padwijzer.workflows.core.proving.records import load_record
from padwijzer.workflows.core.reading import read_definition
from padwijzer.workflows.core.releases import shipped
from padwijzer.workflows.core.safeguards import Scope
from padwijzer.workflows.core.safeguards.absence import Absence
from padwijzer.workflows.core.streams import definition_stream
from padwijzer.workflows.core.terms import Terms, load_terms
from padwijzer.workflows.history.timeline import events_of
from padwijzer.workflows.models import DefinitionVersion, Event, Release
from padwijzer.workflows.queries.proofs import faults_of
from padwijzer.workflows.queries.releases import newest_release, running_release
from tests.support.cases import a_user, at
from tests.support.definitions import choice, definition, is_, release, step, text

pytestmark = pytest.mark.django_db

TERMS = load_terms((files("padwijzer") / "fixtures" / "terms.json").read_bytes())
JEUGDCONSULENT = {"performers": (Performer("jeugdconsulent"),)}
ONE = definition("V", step("een", **JEUGDCONSULENT))
TWO = definition("V", step("een", "twee", **JEUGDCONSULENT), step("twee", **JEUGDCONSULENT))
BESIDE = definition("D-X", step("een", **JEUGDCONSULENT))


@pytest.fixture
def publisher():
    return a_user(name="Pim Publiceerder")


def published(publisher, *definitions, terms=TERMS, day="2026-11-02", **more):
    return publish_release(Acting(publisher, at(day)), release(*definitions), terms, **more)


def types(stream):
    return [event.type for event in events_of(stream, lambda _type, _field: True)]


def counts():
    return Release.objects.count(), DefinitionVersion.objects.count(), Event.objects.count()


def test_a_release_holds_its_definitions_its_terms_and_who_published_it_why(publisher):
    made = published(publisher, ONE, BESIDE, reason="Eerste uitgave")
    assert (made.number, made.start, made.members) == (1, "V", {"V": 1, "D-X": 1})
    assert (made.reason, made.published_by, made.published_at) == ("Eerste uitgave", publisher, at("2026-11-02"))
    assert newest_release() == made
    running = running_release(made.digest)
    assert (running.number, dict(running.versions), set(running.terms)) == (1, {"V": 1, "D-X": 1}, set(TERMS))
    version = DefinitionVersion.objects.get(key="V")
    assert read_definition(version.content) == ONE


def test_every_new_version_and_every_release_stand_in_the_history_of_their_definition(publisher):
    made = published(publisher, ONE, BESIDE)
    version, whole = events_of(definition_stream("v"), lambda _type, _field: True)
    assert version.type == "definition.published"
    assert version.ref == {
        "definition": "V@1",
        "sha256": DefinitionVersion.objects.get(key="V").digest,
        "release": made.number,
    }
    assert whole.type == "release.published"
    assert whole.ref == {
        "release": made.number,
        "sha256": made.digest,
        "safeguards": national().digest,
        "proof": load_record(made.proof).digest,
    }
    assert len(events_of(definition_stream("d-x"), lambda _type, _field: True)) == 1


def test_the_same_content_twice_is_one_release(publisher):
    first = published(publisher, ONE)
    before = counts()
    again = published(a_user(name="Een Ander"), ONE, day="2026-12-01", reason="Nog eens")
    assert again == first
    assert (counts(), Release.objects.get().published_by) == (before, publisher)


def test_what_did_not_change_keeps_its_version_and_is_not_told_again(publisher):
    published(publisher, ONE, BESIDE)
    made = published(publisher, TWO, BESIDE)
    assert (made.number, made.members) == (2, {"V": 2, "D-X": 1})
    assert types(definition_stream("v")) == ["definition.published", "release.published"] * 2
    assert len(events_of(definition_stream("d-x"), lambda _type, _field: True)) == 1


def test_going_back_to_an_earlier_content_is_that_release_again(publisher):
    first = published(publisher, ONE)
    published(publisher, TWO)
    assert published(publisher, ONE) == first
    assert newest_release().members == {"V": 2}


def test_other_terms_make_another_release_of_the_same_versions(publisher):
    first = published(publisher, ONE)
    fewer = Terms(tuple(TERMS.values())[:-1])
    second = published(publisher, ONE, terms=fewer)
    assert (second.number, second.members, second.digest == first.digest) == (2, first.members, False)


def test_a_release_that_was_published_earlier_goes_on_as_it_was(publisher):
    first = published(publisher, ONE)
    published(publisher, TWO)
    assert running_release(first.digest).versions == {"V": 1}


# What is refused


def refused(publisher, *definitions, **more):
    before = counts()
    with pytest.raises(Unpublishable) as unpublishable:
        published(publisher, *definitions, **more)
    assert counts() == before
    findings = unpublishable.value.findings
    assert findings
    assert all(isinstance(it, Finding) for it in findings)
    return {it.code for it in findings if it.severity is Severity.ERROR}


def test_a_skeleton_is_not_published_and_every_finding_says_where_and_what_to_do(publisher):
    before = counts()
    with pytest.raises(Unpublishable) as unpublishable:
        publish_release(Acting(publisher, at("2026-11-02")), shipped(include_skeletons=True), TERMS)
    findings = [it for it in unpublishable.value.findings if it.severity is Severity.ERROR]
    assert {it.code for it in findings} >= {"structure.skeleton"}
    assert all(it.where and it.message and it.hint for it in findings if it.code == "structure.skeleton")
    assert counts() == before


def test_everything_that_is_wrong_is_found_at_once(publisher):
    wrong = definition("V", step("een", "weg", performers=()), step("los", **JEUGDCONSULENT))
    assert len(refused(publisher, wrong)) >= 2


def test_what_is_wrong_in_one_definition_keeps_the_others_from_being_published(publisher):
    refused(publisher, ONE, definition("D-X", step("een", "weg", **JEUGDCONSULENT)))
    assert not DefinitionVersion.objects.exists()


@pytest.mark.parametrize(
    "more",
    [
        {"deadlines": (Deadline(TermRef(key="nooit_gehoord"), Opened("een")),)},
        {"rules": (Rule(is_("x", "ja"), Effect.DEVIATION, text("x"), "R1", look_again="nooit_gehoord"),)},
    ],
)
def test_a_term_that_is_not_published_with_it_is_refused(publisher, more):
    assert refused(publisher, definition("V", step("een", fields=(choice("x"),), **more, **JEUGDCONSULENT))) == {
        "structure.unknown_term"
    }


def test_a_term_that_its_own_terms_file_lacks_is_refused(publisher):
    used = definition(
        "V", step("een", deadlines=(Deadline(TermRef(key="tent_3w"), Opened("een")),), **JEUGDCONSULENT)
    )
    without = Terms(tuple(term for key, term in TERMS.items() if key != "tent_3w"))
    assert refused(publisher, used, terms=without) == {"structure.unknown_term"}
    assert published(publisher, used).number == 1


def test_a_step_for_a_role_that_does_not_exist_is_refused(publisher):
    assert refused(publisher, definition("V", step("een", performers=(Performer("directeur"),)))) == {
        "structure.unknown_role"
    }


# What is proven


def ordered(definitions):
    """Definitions, first that on which a case starts."""
    return [definitions["V"], *(it for key, it in definitions.items() if key != "V")]


def edited(key, activity, **changes):
    """The shipped definitions, one step of one of them changed."""
    definitions = shipped().definitions
    steps = tuple(replace(it, **changes) if it.key == activity else it for it in definitions[key].activities)
    return ordered({**definitions, key: replace(definitions[key], activities=steps)})


def without_consent():
    """The shipped definitions, in which help begins whatever was said about consent."""
    rules = shipped().definitions["D-WACHT"].activity("help_begins").rules
    return edited("D-WACHT", "help_begins", rules=tuple(it for it in rules if it.effect is not Effect.BLOCK))


def test_a_release_keeps_its_safeguards_as_they_were_and_the_record_of_its_proof(publisher):
    made = published(publisher, *ordered(shipped().definitions))
    record = load_record(made.proof)
    assert load_pack(made.safeguards) == national() == running_release(made.digest).pack
    assert record.pack == (national().key, national().version, national().digest)
    assert [it.safeguard for it in record.statements] == [it.key for it in national().safeguards]
    assert record.definitions == {it.key: it.digest for it in DefinitionVersion.objects.all()}
    assert faults_of(made) == ()


def test_an_edit_that_loses_a_safeguard_is_not_published_and_the_story_says_how(publisher):
    before = counts()
    with pytest.raises(Unpublishable) as unpublishable:
        published(publisher, *without_consent())
    (finding,) = [it for it in unpublishable.value.findings if it.severity is Severity.ERROR]
    assert (finding.code, finding.safeguard) == ("safeguard.waits_for_consent", "consent_before_help")
    assert finding.definition == "D-WACHT"
    assert finding.story
    assert counts() == before


def test_a_step_that_is_no_longer_called_what_it_was_is_not_published_after_it(publisher):
    published(publisher, *ordered(shipped().definitions))
    before = counts()
    assert refused(publisher, *edited("D-WACHT", "help_begins", meanings=())) == {"safeguard.out_of_sight"}
    assert counts() == before


def test_a_safeguard_of_a_municipality_is_proven_and_kept_beside_the_national_ones(publisher):
    own = Safeguard("own", Absence(("mentor_chosen",)), Scope.FAMILY, ("R1",), "Eigen afspraak", "[S]")
    local = Pack("local", "1", (own,))
    made = published(publisher, ONE, local=local)
    assert running_release(made.digest).pack == joined(national(), local)
    assert load_record(made.proof).statements[-1].safeguard == "own"
    wrong = definition("V", step("een", meanings=("mentor_chosen",), **JEUGDCONSULENT))
    assert refused(publisher, wrong, local=local) == {"safeguard.absence"}
    assert published(publisher, wrong).number == 2


def test_a_municipality_cannot_loosen_a_national_safeguard(publisher):
    (first, *_others) = national().safeguards
    before = counts()
    with pytest.raises(ValueError, match="national safeguard"):
        published(publisher, ONE, local=Pack("local", "1", (replace(first, deviation=True),)))
    assert counts() == before


def test_other_safeguards_make_another_release_of_the_same_versions(publisher):
    first = published(publisher, ONE)
    own = Safeguard("own", Absence(("mentor_chosen",)), Scope.FAMILY, ("R1",), "Eigen afspraak", "[S]")
    second = published(publisher, ONE, local=Pack("local", "1", (own,)))
    assert (second.number, second.members, second.digest == first.digest) == (2, first.members, False)
    assert types(definition_stream("v")) == ["definition.published", "release.published", "release.published"]


def test_who_publishes_while_somebody_else_does_looks_at_that_first(publisher, monkeypatch):
    module = import_module(publish_release.__module__)
    real = module.proof_of

    def proven_while_another_publishes(*given):
        monkeypatch.setattr(module, "proof_of", real)
        published(publisher, BESIDE, ONE)
        return real(*given)

    monkeypatch.setattr(module, "proof_of", proven_while_another_publishes)
    with pytest.raises(Conflict):
        published(publisher, TWO)
    assert [it.members for it in Release.objects.all()] == [{"V": 1, "D-X": 1}]
    assert published(publisher, TWO, BESIDE).number == 2


def test_who_publishes_the_same_while_somebody_else_does_gets_that_release(publisher, monkeypatch):
    module = import_module(publish_release.__module__)
    real = module.proof_of

    def proven_while_another_publishes(*given):
        monkeypatch.setattr(module, "proof_of", real)
        published(publisher, TWO)
        return real(*given)

    monkeypatch.setattr(module, "proof_of", proven_while_another_publishes)
    assert published(publisher, TWO) == Release.objects.get()


# What is published never changes


@pytest.fixture(params=[DefinitionVersion, Release])
def row(request, publisher):
    published(publisher, ONE)
    return request.param.objects.get()


def stored(row):
    return json.dumps(list(type(row).objects.values()), default=str)


def changes(row):
    """Every way in which the ORM could change or remove a row."""
    model = type(row)
    rows = model.objects.filter(pk=row.pk)

    def saved_again():
        row.digest = "0" * 64
        row.save()

    def saved_in_part():
        row.digest = "0" * 64
        row.save(update_fields=["digest"])

    def put_in_its_place():
        other = model(**{field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields})
        other.digest = "0" * 64
        other._state.adding = False
        other.save()

    return {
        "save": saved_again,
        "save update_fields": saved_in_part,
        "save of a copy": put_in_its_place,
        "delete": row.delete,
        "update": lambda: rows.update(digest="0" * 64),
        "update of all": lambda: model.objects.update(digest="0" * 64),
        "update_or_create": lambda: model.objects.update_or_create(pk=row.pk, defaults={"digest": "0" * 64}),
        "queryset delete": rows.delete,
        "delete of all": model.objects.all().delete,
        "bulk_update": lambda: model.objects.bulk_update([row], ["digest"]),
        "bulk_create over it": lambda: model.objects.bulk_create(
            [row], update_conflicts=True, update_fields=["digest"], unique_fields=["id"]
        ),
        "base manager": lambda: model._base_manager.filter(pk=row.pk).update(digest="0" * 64),
        "raw delete": lambda: model.objects.filter(pk=row.pk)._raw_delete("default"),
    }


@pytest.mark.parametrize(
    "way",
    [
        "save",
        "save update_fields",
        "save of a copy",
        "delete",
        "update",
        "update of all",
        "update_or_create",
        "queryset delete",
        "delete of all",
        "bulk_update",
        "bulk_create over it",
        "base manager",
        "raw delete",
    ],
)
def test_what_is_published_is_neither_changed_nor_deleted(row, way):
    before = stored(row)
    with pytest.raises(TypeError, match="What is published"):
        changes(row)[way]()
    assert stored(row) == before


def test_who_published_is_kept(publisher):
    published(publisher, ONE)
    with pytest.raises(models.ProtectedError):
        publisher.delete()
