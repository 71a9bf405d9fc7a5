"""
Mutants of the shipped definitions: each is one small edit, told in a sentence, such as anybody could make by mistake.

An operator goes through the JSON of the definitions in order and makes every edit of its sort; it knows nothing of
safeguards. What does not compile any more is no mutant.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final, TypeAlias

from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.reading import read_definition
from padwijzer.workflows.core.releases import ReleaseSpec, shipped

Json: TypeAlias = dict[str, Any]
Edit: TypeAlias = Callable[[Json], None]
ROLES: Final = ("jeugdconsulent", "jeugdbeschermer", "zorgaanbieder")


@dataclass(frozen=True, slots=True)
class Mutant:
    """
    A release with one edit.

    Args:
        operator: what sort of edit it is.
        sentence: the edit, for example `V.family_plan: exit 2 leads to municipal_decision`.
        definition: key of the definition that is edited.
        edit: makes the edit in the JSON of the definition.
    """

    operator: str
    sentence: str
    definition: str
    edit: Edit = field(compare=False, repr=False)

    @property
    def text(self) -> str:
        """The edited definition, as JSON."""
        edited: Json = json.loads(documents()[self.definition])
        self.edit(edited)
        return json.dumps(edited, ensure_ascii=False)

    def plan(self, base: ReleaseSpec) -> Plan | None:
        """The release with the edit. Args: base: without it. None when it does not compile, or is the same."""
        try:
            definition = read_definition(self.text)
        except ValueError:
            return None
        if definition == base.definitions[self.definition]:
            return None
        spec = ReleaseSpec(base.start, {**base.definitions, self.definition: definition})
        found = compile_release(spec, allow_skeletons=True)
        return found if isinstance(found, Plan) else None


@cache
def documents() -> Mapping[str, str]:
    """The shipped definitions as JSON, by key."""
    folder = files("padwijzer") / "fixtures" / "paths"
    texts = sorted((it.name, it.read_text("utf-8")) for it in folder.iterdir() if it.name.endswith(".json"))
    return {json.loads(text)["key"]: text for _, text in texts}


@cache
def base(*, whole: bool) -> ReleaseSpec:
    """The shipped release. Args: whole: with its skeletons."""
    return shipped(include_skeletons=whole)


def is_whole(mutant: Mutant) -> bool:
    """Whether a mutant is judged in the release with skeletons: when one of these, or the closing, is edited."""
    return mutant.definition == "D-NAZORG" or mutant.definition not in base(whole=False).definitions


def mutants(seed: int, number: int = 0) -> list[Mutant]:
    """
    Mutants in an order that only the seed decides.

    Args:
        seed: of the order.
        number: how many at most, as many of each operator as can be; 0 is all.
    """
    found: dict[str, list[Mutant]] = {name: list(_made_by(name)) for name in OPERATORS}
    order = random.Random(seed)  # noqa: S311  # an order that can be made again, no secret
    for made in found.values():
        order.shuffle(made)
    mixed: list[Mutant] = []
    while any(found.values()):
        mixed += [made.pop() for made in found.values() if made]
    return mixed[:number] if number else mixed


def _made_by(name: str) -> Iterator[Mutant]:
    for key, text in documents().items():
        for sentence, edit in OPERATORS[name](json.loads(text)):
            yield Mutant(name, f"{key}.{sentence}", key, edit)


def _steps(document: Json) -> Iterator[tuple[int, Json]]:
    yield from enumerate(document["activities"])


def drop_step(document: Json) -> Iterator[tuple[str, Edit]]:
    """Take a step out; what led to it leads to where its last exit leads."""
    for index, step in _steps(document):
        if index == 0:
            continue

        def edit(it: Json, index: int = index) -> None:
            gone = it["activities"].pop(index)
            _lead(it, gone["key"], gone["exits"][-1]["to"])

        yield f"{step['key']}: taken out", edit


def _lead(document: Json, key: str, to: object) -> None:
    for step in document["activities"]:
        for way in step["exits"]:
            if way["to"] == {"goto": key}:
                way["to"] = to
        for name in ("skip", "unavailable"):
            if step.get(name) == {"goto": key}:
                step[name] = to


def reroute_exit(document: Json) -> Iterator[tuple[str, Edit]]:
    """Let an exit lead to another step of its definition: the next ones, and what other exits lead to."""
    keys = [step["key"] for _, step in _steps(document)]
    for index, step in _steps(document):
        for number, way in enumerate(step["exits"]):
            for distance in (1, 2, 3, 5, -1):
                place = index + distance
                if not 0 <= place < len(keys) or way["to"] == {"goto": keys[place]}:
                    continue

                def edit(it: Json, index: int = index, number: int = number, key: str = keys[place]) -> None:
                    it["activities"][index]["exits"][number]["to"] = {"goto": key}

                yield f"{step['key']}: exit {number + 1} leads to {keys[place]}", edit


def drop_condition(document: Json) -> Iterator[tuple[str, Edit]]:
    """Take away an exit, a rule that blocks, or what makes a step or track available."""
    for index, step in _steps(document):
        for number in range(len(step["exits"]) - 1):

            def no_exit(it: Json, index: int = index, number: int = number) -> None:
                it["activities"][index]["exits"].pop(number)

            yield f"{step['key']}: exit {number + 1} is gone", no_exit
        for number, rule in enumerate(step.get("rules", [])):
            if rule["effect"] != "block":
                continue

            def no_rule(it: Json, index: int = index, number: int = number) -> None:
                it["activities"][index]["rules"].pop(number)

            yield f"{step['key']}: rule {number + 1} is gone", no_rule
        if "available" in step:

            def always(it: Json, index: int = index) -> None:
                it["activities"][index].pop("available")
                it["activities"][index].pop("unavailable", None)

            yield f"{step['key']}: always available", always
    for index, track in enumerate(document.get("tracks", [])):
        if "possible_when" in track:

            def possible(it: Json, index: int = index) -> None:
                it["tracks"][index].pop("possible_when")

            yield f"{track['key']}: always possible", possible


def weaken_condition(document: Json) -> Iterator[tuple[str, Edit]]:
    """Leave a part out of a condition, turn it round, or let something unknown no longer count."""
    for index, step in _steps(document):
        for kind in ("exits", "rules", "opens"):
            for number, it in enumerate(step.get(kind, [])):
                if kind == "rules" and it["effect"] != "block":
                    continue
                when = it.get("when")
                if not isinstance(when, dict):
                    continue
                for name in ("all", "any"):
                    for part in range(len(when.get(name, []))):

                        def less(
                            document: Json,
                            place: tuple[int, str, int] = (index, kind, number),
                            part: tuple[str, int] = (name, part),
                        ) -> None:
                            step, list_, which = place
                            here = document["activities"][step][list_][which]
                            parts = here["when"][part[0]]
                            parts.pop(part[1])
                            if len(parts) == 1:
                                here["when"] = parts[0]

                        where = f"{step['key']}: {kind} {number + 1}"
                        if len(when[name]) > 1:
                            yield f"{where} without part {part + 1} of {name}", less

                def turned(document: Json, index: int = index, kind: str = kind, number: int = number) -> None:
                    here = document["activities"][index][kind][number]
                    here["when"] = here["when"]["not"] if "not" in here["when"] else {"not": here["when"]}

                yield f"{step['key']}: {kind} {number + 1} turned round", turned


def swap_steps(document: Json) -> Iterator[tuple[str, Edit]]:
    """Let two steps that follow each other change places."""
    keys = [step["key"] for _, step in _steps(document)]
    for index, step in _steps(document):
        to = step["exits"][-1]["to"]
        if not isinstance(to, dict) or "goto" not in to or to["goto"] not in keys or to["goto"] == step["key"]:
            continue

        def edit(it: Json, index: int = index, second: str = to["goto"]) -> None:
            first = it["activities"][index]
            other = next(each for each in it["activities"] if each["key"] == second)
            beyond = other["exits"][-1]["to"]
            _lead(it, first["key"], {"goto": second})
            first["exits"][-1]["to"] = beyond
            other["exits"][-1]["to"] = {"goto": first["key"]}
            if index == 0:
                it["activities"].remove(other)
                it["activities"].insert(0, other)

        yield f"{step['key']}: changes places with {to['goto']}", edit


def close_track_early(document: Json) -> Iterator[tuple[str, Edit]]:
    """Let a track end as soon as some step of its definition is done, or let anybody end it."""
    keys = [step["key"] for _, step in _steps(document)]
    for index, track in enumerate(document.get("tracks", [])):
        for key in keys[:: max(1, len(keys) // 4)]:
            if key == track.get("activity"):
                continue

            def edit(it: Json, index: int = index, key: str = key) -> None:
                it["tracks"][index].setdefault("closes_on", []).append({"completed": key})

            yield f"{track['key']}: ends when {key} is done", edit

        def by_hand(it: Json, index: int = index) -> None:
            it["tracks"][index]["closed_by_hand"] = True

        yield f"{track['key']}: can be ended by hand", by_hand


def drop_obligation(document: Json) -> Iterator[tuple[str, Edit]]:
    """Open a duty or a track no longer, let another step discharge it, or record something no longer."""
    keys = [step["key"] for _, step in _steps(document)]
    for index, step in _steps(document):
        for number, opens in enumerate(step.get("opens", [])):

            def edit(it: Json, index: int = index, number: int = number) -> None:
                it["activities"][index]["opens"].pop(number)

            what = opens.get("duty") or opens.get("track")
            yield f"{step['key']}: opens no {what} any more ({number + 1})", edit
            for key in keys[:: max(1, len(keys) // 3)] if "duty" in opens else ():

                def sooner(it: Json, index: int = index, number: int = number, key: str = key) -> None:
                    it["activities"][index]["opens"][number].setdefault("discharged_by", []).append(key)

                yield f"{step['key']}: {what} is done with {key} too ({number + 1})", sooner
        for number, record in enumerate(step.get("records", [])):

            def unrecorded(it: Json, index: int = index, number: int = number) -> None:
                it["activities"][index]["records"].pop(number)

            yield f"{step['key']}: records no {record['register']} any more ({number + 1})", unrecorded


def change_ladder(document: Json) -> Iterator[tuple[str, Edit]]:
    """Change the order of rungs, leave one out, or ask for a ladder or its reasons no longer."""
    for index, step in _steps(document):
        for place, asked in enumerate(step.get("fields", [])):
            if asked["type"] != "ladder":
                continue
            rungs = asked["choices"]
            for number in range(len(rungs) - 1):
                for further in range(number + 1, len(rungs) - 1):

                    def swap(
                        it: Json, index: int = index, place: int = place, number: int = number, further: int = further
                    ) -> None:
                        choices = it["activities"][index]["fields"][place]["choices"]
                        choices[number], choices[further] = choices[further], choices[number]

                    one, other = rungs[number]["key"], rungs[further]["key"]
                    yield f"{step['key']}: rung {one} changes places with {other}", swap

                def drop(it: Json, index: int = index, place: int = place, number: int = number) -> None:
                    it["activities"][index]["fields"][place]["choices"].pop(number)

                yield f"{step['key']}: no rung {rungs[number]['key']}", drop

            def unasked(it: Json, index: int = index, place: int = place) -> None:
                it["activities"][index]["fields"][place]["required"] = False

            yield f"{step['key']}: the ladder can stay empty", unasked
            for number, rule in enumerate(step["rules"]):
                if rule["effect"] != "block":
                    continue
                for effect in ("warn", "deviation"):

                    def softer(it: Json, index: int = index, number: int = number, effect: str = effect) -> None:
                        it["activities"][index]["rules"][number]["effect"] = effect

                    yield f"{step['key']}: rule {number + 1} is only a {effect}", softer


def allow_deviation(document: Json) -> Iterator[tuple[str, Edit]]:
    """Let a step be skipped, with a reason or freely, or let a rule that blocks ask for a reason instead."""
    for index, step in _steps(document):
        if step["kind"] in ("automatic", "end"):
            continue
        for obligation in ("policy", "optional"):

            def edit(it: Json, index: int = index, obligation: str = obligation) -> None:
                here = it["activities"][index]
                here["obligation"] = obligation
                here.pop("skippable", None)
                if len(here["exits"]) > 1 and "skip" not in here:
                    here["skip"] = here["exits"][-1]["to"]

            yield f"{step['key']}: can be skipped ({obligation})", edit
        for number, rule in enumerate(step.get("rules", [])):
            if rule["effect"] == "block":

                def softer(it: Json, index: int = index, number: int = number) -> None:
                    it["activities"][index]["rules"][number]["effect"] = "deviation"

                yield f"{step['key']}: rule {number + 1} asks for a reason only", softer


def change_performer(document: Json) -> Iterator[tuple[str, Edit]]:
    """Let another role do a step, let an adviser decide, or ask no advice any more."""
    for index, step in _steps(document):
        performers = step.get("performers", [])
        if not performers:
            continue
        have = [it.partition(":")[0] for it in performers]
        for role in ROLES:
            if role in have:
                continue

            def more(it: Json, index: int = index, role: str = role) -> None:
                it["activities"][index]["performers"].append(role)

            yield f"{step['key']}: {role} may do it too", more
        for number, performer in enumerate(performers):

            def fewer(it: Json, index: int = index, number: int = number) -> None:
                it["activities"][index]["performers"].pop(number)

            def decides(it: Json, index: int = index, number: int = number, role: str = have[number]) -> None:
                it["activities"][index]["performers"][number] = role

            if performer != have[number]:
                yield f"{step['key']}: no advice of {have[number]}", fewer
                yield f"{step['key']}: {have[number]} decides", decides
            elif len(performers) > 1:
                yield f"{step['key']}: not by {have[number]} any more", fewer


OPERATORS: Final[Mapping[str, Callable[[Json], Iterator[tuple[str, Edit]]]]] = {
    it.__name__: it
    for it in (
        drop_step,
        reroute_exit,
        drop_condition,
        weaken_condition,
        swap_steps,
        close_track_early,
        drop_obligation,
        change_ladder,
        allow_deviation,
        change_performer,
    )
}
"""Every operator by its name."""
