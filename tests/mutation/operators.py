"""
Mutants of the shipped definitions: each is one small edit, told in a sentence, such as anybody could make by mistake,
or two of them.

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

from padwijzer.forms.core.errors import Unreadable
from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.reading import read_definition
from padwijzer.workflows.core.releases import ReleaseSpec, shipped

Json: TypeAlias = dict[str, Any]
Edit: TypeAlias = Callable[[Json], None]
ROLES: Final = (
    "jeugdconsulent", "jeugdbeschermer", "zorgaanbieder", "ouder_gezag", "jeugdige", "gezinscoach", "mandaathouder",
    "crisisdienst",
)  # fmt: skip
TURNED: Final = {"is": "is_not", "is_not": "is", "any": "none", "none": "any"}
"""What a part of a condition becomes when it is turned round, where that is another comparison."""
ROW_EVENTS: Final = (
    "help_started", "help_stopped", "measure_started", "measure_ended", "placement_started", "placement_ended",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """
    A release with one edit, or with two.

    Args:
        operator: what sort of edit it is.
        sentence: the edit, for example `V.family_plan: exit 2 leads to municipal_decision`.
        edits: makes each edit in the JSON of a definition with this key, in this order.
        number: its place among those that the operator makes of a definition.
        of: the two mutants of which it makes both edits.
    """

    operator: str
    sentence: str
    edits: tuple[tuple[str, Edit], ...] = field(compare=False, repr=False)
    number: int = 0
    of: tuple[Mutant, ...] = ()

    @property
    def definitions(self) -> tuple[str, ...]:
        """Keys of the definitions that are edited."""
        return tuple(dict.fromkeys(key for key, _ in self.edits))

    @property
    def places(self) -> tuple[str, ...]:
        """The steps and tracks that are edited, with the key of their definition, as `V.family_plan`."""
        return tuple(place for it in self.of for place in it.places) or (self.sentence.partition(":")[0],)

    def plan(self, base: ReleaseSpec) -> Plan | None:
        """The release with the edits. Args: base: without. None when it does not compile, or one changes nothing."""
        edited: dict[str, Json] = {key: json.loads(documents()[key]) for key in self.definitions}
        for key, edit in self.edits:
            before = json.dumps(edited[key])
            try:
                edit(edited[key])
            except (LookupError, TypeError, StopIteration):
                return None
            if json.dumps(edited[key]) == before:
                return None
        try:
            made = {key: read_definition(json.dumps(it, ensure_ascii=False)) for key, it in edited.items()}
        except (ValueError, Unreadable):
            return None
        if all(it == base.definitions[key] for key, it in made.items()):
            return None
        found = compile_release(ReleaseSpec(base.start, {**base.definitions, **made}), allow_skeletons=True)
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
    return any(key == "D-NAZORG" or key not in base(whole=False).definitions for key in mutant.definitions)


def order_of(seed: int) -> random.Random:
    """What puts things in an order that only the seed decides."""
    return random.Random(seed)  # noqa: S311 - an order that can be made again, no secret


def mutants(seed: int, number: int = 0) -> list[Mutant]:
    """
    Mutants in an order that only the seed decides.

    Args:
        seed: of the order.
        number: how many at most, as many of each operator as can be; 0 is all.
    """
    found: dict[str, list[Mutant]] = {name: list(_made_by(name)) for name in OPERATORS}
    order = order_of(seed)
    for made in found.values():
        order.shuffle(made)
    mixed: list[Mutant] = []
    while any(found.values()):
        mixed += [made.pop() for made in found.values() if made]
    return mixed[:number] if number else mixed


def _made_by(name: str) -> Iterator[Mutant]:
    for key, text in documents().items():
        for number, (sentence, edit) in enumerate(OPERATORS[name](json.loads(text))):
            yield Mutant(name, f"{key}.{sentence}", ((key, edit),), number)


def both(one: Mutant, other: Mutant) -> Mutant | None:
    """
    A mutant with two edits.

    What takes something out of a list comes after what changes something in it, the last thing first.

    Returns:
        None where the two cannot be made together as their sentences say.
    """
    if set(one.definitions) & set(other.definitions):
        names = {one.operator, other.operator}
        if names & {"swap_steps", "change_ladder"} or one.operator == other.operator == "drop_step":
            return None
    first, second = sorted((one, other), key=lambda it: (TAKES.get(it.operator, 0), -it.number, it.sentence))
    told = sorted((one, other), key=lambda it: it.sentence)
    sentence = "; ".join(it.sentence for it in told)
    return Mutant(PAIR, sentence, (*first.edits, *second.edits), of=tuple(told))


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
                for told, change in _within(when):

                    def within(
                        document: Json, place: tuple[int, str, int] = (index, kind, number), change: Edit = change
                    ) -> None:
                        step, list_, which = place
                        change(document["activities"][step][list_][which]["when"])

                    yield f"{step['key']}: {kind} {number + 1} {told}", within
        for name, condition in step.get("call", {}).items():
            for told, change in _within(condition):

                def calling(document: Json, place: tuple[int, str] = (index, name), change: Edit = change) -> None:
                    change(document["activities"][place[0]]["call"][place[1]])

                yield f"{step['key']}: call {name} {told}", calling
    for index, track in enumerate(document.get("tracks", [])):
        for name in ("possible_when", "for_each"):
            for told, change in _within(track.get(name, {})):

                def which(document: Json, place: tuple[int, str] = (index, name), change: Edit = change) -> None:
                    change(document["tracks"][place[0]][place[1]])

                yield f"{track['key']}: {name} {told}", which


def _within(condition: Json) -> Iterator[tuple[str, Edit]]:
    """Edits deeper in a condition: a part less, a value less, a comparison turned round."""
    for path, here in _nested(condition, ()):
        where = ".".join(str(it + 1) if isinstance(it, int) else it for it in path) or "itself"
        for name in ("all", "any"):
            parts = here.get(name)
            for part in range(len(parts) if isinstance(parts, list) and len(parts) > 1 and path else 0):

                def less(it: Json, path: tuple[str | int, ...] = (*path, name), part: int = part) -> None:
                    _at(it, path).pop(part)

                yield f"({where}) without part {part + 1} of {name}", less
        if isinstance(here.get("is"), str) and here["is"] in TURNED:

            def turn(it: Json, path: tuple[str | int, ...] = path) -> None:
                _at(it, path)["is"] = TURNED[_at(it, path)["is"]]

            yield f"({where}) {TURNED[here['is']]} instead of {here['is']}", turn
        values = here.get("value")
        for number, value in enumerate(values if isinstance(values, list) and len(values) > 1 else ()):

            def fewer(it: Json, path: tuple[str | int, ...] = (*path, "value"), number: int = number) -> None:
                _at(it, path).pop(number)

            yield f"({where}) without {value}", fewer


def _nested(condition: object, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Json]]:
    if isinstance(condition, dict):
        yield path, condition
        for key, part in condition.items():
            yield from _nested(part, (*path, key))
    elif isinstance(condition, list):
        for number, part in enumerate(condition):
            yield from _nested(part, (*path, number))


def _at(document: Any, path: tuple[str | int, ...]) -> Any:
    for it in path:
        document = document[it]
    return document


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
        for key in keys[:: max(1, len(keys) // 10)]:
            if key == track.get("activity"):
                continue

            def edit(it: Json, index: int = index, key: str = key) -> None:
                it["tracks"][index].setdefault("closes_on", []).append({"completed": key})

            yield f"{track['key']}: ends when {key} is done", edit
        ends = [it.get("event") for it in track.get("closes_on", [])]
        for event in ROW_EVENTS:
            if event in ends or track["opens_by"] == {"event": event}:
                continue

            def at(it: Json, index: int = index, event: str = event) -> None:
                it["tracks"][index].setdefault("closes_on", []).append({"event": event})

            yield f"{track['key']}: ends at {event}", at

        def young(it: Json, index: int = index) -> None:
            it["tracks"][index].setdefault("closes_on", []).append({"age": 192})

        yield f"{track['key']}: ends at sixteen", young

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

            def late(it: Json, index: int = index, number: int = number) -> None:
                it["activities"][index]["opens"][number]["at"] = "completing"

            if opens.get("at", "opening") == "opening":
                yield f"{step['key']}: opens {what} when it is done ({number + 1})", late
            for key in keys[:: max(1, len(keys) // 6)] if "duty" in opens else ():
                if key in opens.get("discharged_by", ()):
                    continue

                def sooner(it: Json, index: int = index, number: int = number, key: str = key) -> None:
                    it["activities"][index]["opens"][number].setdefault("discharged_by", []).append(key)

                yield f"{step['key']}: {what} is done with {key} too ({number + 1})", sooner
        for number, record in enumerate(step.get("records", [])):

            def unrecorded(it: Json, index: int = index, number: int = number) -> None:
                it["activities"][index]["records"].pop(number)

            yield f"{step['key']}: records no {record['register']} any more ({number + 1})", unrecorded
        if step.get("stays_open"):

            def once(it: Json, index: int = index) -> None:
                it["activities"][index].pop("stays_open")

            yield f"{step['key']}: is done once", once
    yield from _tracks_not_opened(document)


def _tracks_not_opened(document: Json) -> Iterator[tuple[str, Edit]]:
    for index, track in enumerate(document.get("tracks", [])):
        event = track["opens_by"].get("event", "") if isinstance(track["opens_by"], dict) else ""
        if not event:
            continue

        def by_hand(it: Json, index: int = index) -> None:
            it["tracks"][index]["opens_by"] = "hand"

        yield f"{track['key']}: opens by hand", by_hand
        for other in ROW_EVENTS:
            if other == event:
                continue

            def at(it: Json, index: int = index, other: str = other) -> None:
                it["tracks"][index]["opens_by"] = {"event": other}

            yield f"{track['key']}: opens at {other}", at


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

            def called(it: Json, index: int = index, obligation: str = obligation) -> None:
                it["activities"][index]["call"]["obligation"] = obligation

            if "call" in step:
                yield f"{step['key']}: what it calls can be skipped ({obligation})", called
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
PAIR: Final = "two_edits"
"""The operator of a mutant with two edits."""
TAKES: Final = {
    "drop_condition": 2,
    "change_performer": 2,
    "drop_obligation": 2,
    "weaken_condition": 1,
    "drop_step": 3,
}
"""Operators that take something out of a list, in the order in which they come."""
