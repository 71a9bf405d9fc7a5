"""
The error tree, and who catches what.

PadwijzerError
├── Unreadable              JSON that is no definition, terms file or script: command line (exit 2), editor
├── Unpublishable           a definition with findings: command line, editor
├── FlowNotFound            a stored flow reference that leads nowhere: nobody; the page is a 500 on purpose
├── Impossible              an event that a case cannot meet now: the engine, which makes a refusal of it
├── HistoryRefused          what cannot enter the history, or would change it: nobody; the transaction ends
└── Refused                 somebody did something that cannot be: pages and API, one table of statuses
    ├── NotAllowed          he may not, or he may not know: 404
    ├── Conflict            somebody else was first, or the form is stale: 409, what was typed is kept
    ├── Blocked             a rule stands in the way: 422, says what to do now
    │   └── BreaksSafeguard a safeguard stands in the way: 422, says which step would keep it
    ├── DeviationNeeded     it can be done with a reason: 422, offers to deviate
    └── InvalidAnswers      a question lacks its answer: 422, beside the question
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from padwijzer.forms.core.errors import PadwijzerError, Unreadable

if TYPE_CHECKING:
    from padwijzer.workflows.core.watching import Refusal

__all__ = [
    "Blocked",
    "BreaksSafeguard",
    "Conflict",
    "DeviationNeeded",
    "FlowNotFound",
    "HistoryRefused",
    "Impossible",
    "InvalidAnswers",
    "NotAllowed",
    "PadwijzerError",
    "Refused",
    "Unpublishable",
    "Unreadable",
]


class Unpublishable(PadwijzerError):
    """A release with findings of severity error. Args: findings: what is wrong, all at once."""

    code = "unpublishable"

    def __init__(self, findings: Sequence[object]) -> None:
        self.findings = tuple(findings)
        super().__init__(f"{len(self.findings)} findings")


class FlowNotFound(PadwijzerError):
    """A stored reference to a flow that no published release can resolve."""

    code = "flow_not_found"


class Impossible(PadwijzerError):
    """An event that cannot happen in this marking of a case. Args: code: why, for example `not_open`."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class HistoryRefused(PadwijzerError):
    """
    Something that cannot enter the history, or would change it.

    Args:
        code: which rule, for example `append_only`.
        place: where, for example `fields.reason` or `case/<uuid>`.
        reason: what is wrong and what was expected, in a sentence; never a value of a case.
        hint: what to do instead.
    """

    def __init__(self, code: str, place: str, reason: str, *, hint: str = "") -> None:
        self.code = code
        self.place = place
        self.reason = reason
        self.hint = hint
        super().__init__(f"{code}: {self.place}: {reason}")


class Refused(PadwijzerError):
    """
    An action that cannot be done now.

    Args:
        sentence: what the user reads; from the core in English, marked with `msgid`, translated where it is shown.
        ground: the requirement or rule behind it, if any.
        hint: what to do now, and who can help.
    """

    code = "refused"

    def __init__(self, sentence: object = "", *, ground: str = "", hint: object = "") -> None:
        self.sentence = str(sentence)
        self.ground = ground
        self.hint = str(hint)
        super().__init__(self.code)


class NotAllowed(Refused):
    """He may not do or see this. Unknown and forbidden look the same from outside."""

    code = "not_allowed"


class Conflict(Refused):
    """Somebody else was first. Args: by: who, as shown on the page; at: when, as a moment with time zone."""

    code = "conflict"

    def __init__(self, sentence: object = "", *, by: str = "", at: object = None) -> None:
        super().__init__(sentence)
        self.by = by
        self.at = at


class Blocked(Refused):
    """Rules or safeguards stand in the way. Args: reasons: one `(text, ground)` each."""

    code = "blocked"

    def __init__(self, reasons: Sequence[tuple[object, str]], *, hint: object = "") -> None:
        self.reasons = tuple(reasons)
        sentence, ground = self.reasons[0] if self.reasons else ("", "")
        super().__init__(sentence, ground=ground, hint=hint)


class BreaksSafeguard(Blocked):
    """What would follow breaks safeguards. Args: refusals: one for each safeguard, at least one."""

    code = "breaks_safeguard"

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__([(f"{it.safeguard.statement} {it.why}", it.safeguard.ground[0]) for it in self.refusals])

    @property
    def safeguards(self) -> frozenset[str]:
        """Keys of the safeguards."""
        return frozenset(it.safeguard.key for it in self.refusals)

    @property
    def may_deviate(self) -> bool:
        """Whether it can be done with a reasoned deviation."""
        return all(it.safeguard.deviation for it in self.refusals)


class DeviationNeeded(Refused):
    """The step can be completed with a reasoned deviation. Args: reasons: one `(rule number, text, ground)` each."""

    code = "deviation_needed"

    def __init__(self, reasons: Sequence[tuple[int, object, str]]) -> None:
        self.reasons = tuple(reasons)
        _, sentence, ground = self.reasons[0]
        super().__init__(sentence, ground=ground)


class InvalidAnswers(Refused):
    """Questions whose answers lack or are wrong. Args: errors: sentences by field key."""

    code = "invalid_answers"

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        self.errors = {key: tuple(sentences) for key, sentences in errors.items()}
        super().__init__("")
