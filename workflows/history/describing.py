"""
One sentence for each type of event: what happened, in words that professionals and families read.

A sentence says what happened, not who did it: that stands beside it. It holds names of steps, roles and paths; a
value of a case never. A type without a sentence raises: nothing is left out in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Protocol

from django.utils.translation import gettext as _

from padwijzer.workflows.core.envelopes import Json
from padwijzer.workflows.core.errors import HistoryRefused

Ref = Mapping[str, Json]


class Naming(Protocol):
    """Names of what an event refers to by key. What no longer has a name is called by its key."""

    def step(self, definition: str, activity: str, task: int | None) -> str:
        """Title of a step. Args: definition: its key, empty when unknown; activity: its key; task: id of its task."""

    def called(self, definition: str, activity: str) -> str:
        """Key of the sub-process that a step calls; empty when it calls none. Args: as `step`."""

    def definition(self, key: str) -> str:
        """Title of a path or sub-process."""

    def track(self, key: str) -> str:
        """Title of a track. Args: key: as `V.help_runs`."""

    def run(self, number: int) -> str:
        """Title of what a run of the case runs."""

    def duty(self, name: str) -> str:
        """Title of a duty. Args: name: its kind, the id of its row, or the step that opens it, as `V.help_starts`."""

    def role(self, slug: str) -> str:
        """Name of a role."""

    def register(self, key: str) -> str:
        """Name of a register, as the family page calls it."""

    def page(self, name: str) -> str:
        """Name of a page of a case."""

    def actor(self, pseudonym: str) -> str:
        """Name of somebody who acts."""


def describe(event_type: str, ref: Ref, naming: Naming) -> str:
    """
    What happened, in a sentence.

    Args:
        event_type: type of the event, for example `task.completed`.
        ref: what it refers to.
        naming: names of that.

    Raises:
        HistoryRefused: for a type that has no sentence.
    """
    sentence = SENTENCES.get(event_type)
    if sentence is None:
        raise HistoryRefused(
            "unknown_type", event_type, "no sentence tells of this event", hint="Add it to history/describing.py."
        )
    return sentence(ref, naming)


def consequences(ref: Ref, naming: Naming) -> tuple[str, ...]:
    """
    What followed from an event, a short sentence each; empty when nothing did.

    Args:
        ref: what the event refers to; `followed` is what the actions write there.
        naming: names of that.
    """
    followed = ref.get("followed")
    lines = [str(line) for line in followed] if isinstance(followed, list) else []
    told = (_consequence(line, naming) for line in lines if not _opens_a_call(line, lines, naming))
    return tuple(dict.fromkeys(sentence for sentence in told if sentence))


def _opens_a_call(line: str, lines: Sequence[str], naming: Naming) -> bool:
    """Whether what opened is only the way to a step of a sub-process, which has a line of its own."""
    word, _space, rest = line.partition(" ")
    definition, _dot, activity = rest.partition("#")[0].rpartition(".")
    called = naming.called(definition, activity) if word == "opened" else ""
    return bool(called) and any(other.startswith(f"opened {called}.") for other in lines)


def step_of(ref: Ref, naming: Naming) -> str:
    """Title of the step that an event is about; empty when it is about none."""
    if not ref.get("activity"):
        return ""
    task = ref.get("task")
    return naming.step(_key(ref, "definition"), _text(ref, "activity"), task if isinstance(task, int) else None)


def _text(ref: Ref, key: str) -> str:
    value = ref.get(key)
    return "" if value is None else str(value)


def _key(ref: Ref, key: str) -> str:
    """A key without its version: `V` of `V@3`."""
    return _text(ref, key).partition("@")[0]


def _number(ref: Ref, key: str) -> int:
    value = ref.get(key)
    return value if isinstance(value, int) else 0


def _about_step(template: Callable[[], str]) -> Callable[[Ref, Naming], str]:
    return lambda ref, naming: template() % {"step": step_of(ref, naming)}


def _delegated(ref: Ref, naming: Naming) -> str:
    return _("“%(step)s” was handed over to %(who)s.") % {
        "step": step_of(ref, naming),
        "who": naming.actor(_text(ref, "to")),
    }


def _member_added(ref: Ref, naming: Naming) -> str:
    return _("%(who)s now works on this case as %(role)s.") % {
        "who": naming.actor(_text(ref, "who")),
        "role": naming.role(_text(ref, "role")),
    }


def _member_ended(ref: Ref, naming: Naming) -> str:
    return _("%(who)s no longer works on this case as %(role)s.") % {
        "who": naming.actor(_text(ref, "who")),
        "role": naming.role(_text(ref, "role")),
    }


def _deadline(ref: Ref, naming: Naming) -> str:
    return step_of(ref, naming) or naming.duty(_text(ref, "duty"))


def _clock_looked(ref: Ref, naming: Naming) -> str:
    if ref.get("notices"):
        return _("Padwijzer looked at the terms and gave a warning.")
    return _("Padwijzer computed the terms anew.")


SENTENCES: Final[Mapping[str, Callable[[Ref, Naming], str]]] = MappingProxyType(
    {
        "case.opened": lambda ref, naming: _("The case was opened."),
        "case.looked_at": lambda ref, naming: _("Looked at: %(page)s.") % {"page": naming.page(_text(ref, "page"))},
        "task.completed": _about_step(lambda: _("“%(step)s” was completed.")),
        "task.saved": _about_step(lambda: _("Something was added to “%(step)s”.")),
        "task.answered": _about_step(lambda: _("An answer of “%(step)s” was recorded before the rest of the step.")),
        "task.skipped": _about_step(lambda: _("“%(step)s” was skipped.")),
        "task.refused": _about_step(lambda: _("“%(step)s” could not be completed: a safeguard stood in the way.")),
        "case.refused": lambda ref, naming: _("The case could not go on: a safeguard stood in the way."),
        "task.claimed": _about_step(lambda: _("“%(step)s” was taken up.")),
        "task.released": _about_step(lambda: _("“%(step)s” was given back to the team.")),
        "task.delegated": _delegated,
        "document.added": _about_step(lambda: _("A file was added to “%(step)s”.")),
        "document.removed": _about_step(lambda: _("A file was taken away from “%(step)s”, before it was handed in.")),
        "register.changed": lambda ref, naming: (
            _("Changed on the family page: %(what)s.") % {"what": naming.register(_text(ref, "register"))}
        ),
        "member.added": _member_added,
        "member.ended": _member_ended,
        "track.opened": lambda ref, naming: (
            _("“%(track)s” was started beside the path.") % {"track": naming.track(_text(ref, "track"))}
        ),
        "track.closed": lambda ref, naming: _("“%(track)s” was ended.") % {"track": naming.run(_number(ref, "run"))},
        "notice.done": lambda ref, naming: _("A to-do or alarm was marked as done."),
        "deadline.warned": lambda ref, naming: _("“%(what)s” is almost due.") % {"what": _deadline(ref, naming)},
        "deadline.passed": lambda ref, naming: (
            _("The term of “%(what)s” has ended.") % {"what": _deadline(ref, naming)}
        ),
        "step.recorded": _about_step(lambda: _("“%(step)s” happened by itself, and was recorded.")),
        "time.passed": lambda ref, naming: _("Something changed because time went by."),
        "clock.looked": _clock_looked,
        "definition.published": lambda ref, naming: (
            _("“%(path)s” was published, version %(version)s.")
            % {
                "path": naming.definition(_key(ref, "definition")),
                "version": _text(ref, "definition").partition("@")[2],
            }
        ),
        "release.published": lambda ref, naming: (
            _("Release %(number)s was published, with the proof that no safeguard can be lost.")
            % {"number": _number(ref, "release")}
        ),
    }
)
"""Type of an event to its sentence. A test proves that every type the actions write is here."""


def _consequence(line: str, naming: Naming) -> str:
    word, _space, rest = line.partition(" ")
    place, _hash, _round = rest.partition("#")
    definition, _dot, activity = place.rpartition(".")
    match word:
        case "opened":
            return _("Next: “%(step)s”") % {"step": naming.step(definition, activity, None)}
        case "cancelled":
            return _("No longer needed: “%(step)s”") % {"step": naming.step(definition, activity, None)}
        case "jumped":
            return _("The case went on with “%(path)s”") % {"path": naming.definition(rest)}
        case "track_opened":
            return _("“%(track)s” began beside the path.") % {"track": naming.track(rest)}
        case "track_closed":
            return _("“%(track)s” ended.") % {"track": naming.track(rest)}
        case "outside":
            return _("Somebody else took over, outside this path.")
        case "came_back":
            return _("The case came back to this path.")
        case "suspended":
            return _("The path stands still.")
        case "resumed":
            return _("The path goes on.")
        case "duty_opened":
            return _("Must still be done: “%(duty)s”") % {"duty": naming.duty(rest)}
        case "duty_done":
            return _("Done as promised: “%(duty)s”") % {"duty": naming.duty(rest)}
        case "returned" | "ended":
            return ""  # what comes next says it
    raise HistoryRefused(
        "unknown_consequence", word, "no sentence tells of this", hint="Add it to history/describing.py."
    )
