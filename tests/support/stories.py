"""Releases with words in them, safeguards without a source, and what a story may not say."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from padwijzer.forms.core.schema import Choice, FieldSpec
from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.definition import Activity, ProcessDefinition
from padwijzer.workflows.core.packs import Safeguard
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.search import BOUND, Verdict, prove
from padwijzer.workflows.core.proving.stories import Story, story
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.safeguards import Scope, Template
from tests.support.definitions import step, text

LONGEST_SENTENCE = 20


def safeguard(template: Template, scope: Scope = Scope.FAMILY, key: str = "made_up") -> Safeguard:
    """A safeguard with that template, of which nobody cares where it comes from."""
    return Safeguard(key, template, scope, ("C1",), "verzonnen", "verzonnen")


def named(key: str, title: str, *ways: Any, **more: Any) -> Activity:
    """A step with a title."""
    return replace(step(key, *ways, **more), title=text(title))


def question(key: str, label: str, choices: dict[str, str], **more: Any) -> FieldSpec:
    """A required choice with words. Args: choices: label by key."""
    options = tuple(Choice(value, text(words)) for value, words in choices.items())
    return FieldSpec(key, text(label), "choice", choices=options, **{"required": True, **more})


def planned(spec: ReleaseSpec) -> Plan:
    """The plan of a release; what is wrong with it fails the test."""
    made = compile_release(spec)
    assert isinstance(made, Plan), made
    return made


def refuted(spec: ReleaseSpec, broken: Safeguard, bound: int = BOUND) -> tuple[Machine, Verdict]:
    """The release as a machine, and the verdict that it breaks a safeguard."""
    machine = Machine(planned(spec), broken.scope)
    assert broken.monitor is not None
    verdict = prove(machine, broken.monitor, bound)
    assert verdict.run
    return machine, verdict


def told(spec: ReleaseSpec, broken: Safeguard) -> Story:
    """The story of how a release breaks a safeguard."""
    machine, verdict = refuted(spec, broken)
    return story(machine, broken, verdict)


def with_words(spec: ReleaseSpec) -> ReleaseSpec:
    """A release whose titles and labels are words that no key is made of."""
    return replace(spec, definitions={key: _in_words(it) for key, it in spec.definitions.items()})


def _in_words(definition: ProcessDefinition) -> ProcessDefinition:
    def words(key: str) -> str:
        return f"Deel {' '.join(str(ord(letter)) for letter in key)}"

    return replace(
        definition,
        title=text(words(definition.key)),
        tracks=tuple(replace(it, title=text(words(it.key))) for it in definition.tracks),
        activities=tuple(
            replace(
                it,
                title=text(words(it.key)),
                fields=tuple(
                    replace(
                        field,
                        label=text(words(field.key)),
                        choices=tuple(replace(one, label=text(words(one.key))) for one in field.choices),
                    )
                    for field in it.fields
                ),
            )
            for it in definition.activities
        ),
    )


def keys_of(spec: ReleaseSpec) -> set[str]:
    """Every key in a release."""
    return {
        key
        for definition in spec.definitions.values()
        for key in (
            definition.key,
            *(it.key for it in definition.tracks),
            *(key for it in definition.activities for key in (it.key, it.reference, *it.meanings)),
            *(field.key for it in definition.activities for field in it.fields),
        )
    }


def unreadable(sentences: Iterable[str], keys: Iterable[str] = ()) -> list[str]:
    """The sentences that are too long, are no sentence, or name a key."""
    names = {key for key in keys if not key.isalpha() or not key.islower()}
    return [
        it
        for it in sentences
        if len(it.split()) > LONGEST_SENTENCE
        or not re.fullmatch(r"[A-Z‘].*[.’?]", it)
        or "_" in it
        or not names.isdisjoint(re.findall(r"[\w-]+", it))
    ]
