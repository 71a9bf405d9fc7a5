"""Consent in a case on any day: for each help, who must say yes, why, and what each of them said."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from padwijzer.permissions.policies import Viewer
from padwijzer.workflows.core.case_file import CaseFile, Row
from padwijzer.workflows.core.consent import ABILITY, Consent, PersonConsent, consent_on, receivers
from padwijzer.workflows.models import Case, Membership
from padwijzer.workflows.queries.cases import members_of, names_seen, what_is_consented
from padwijzer.workflows.queries.releases import running_release
from padwijzer.workflows.queries.viewing import may_see_cell, registers_of, viewers_of

ASKED_FOR: Final = ("help_item", "placement", "sharing")
"""Registers for whose rows consent is asked, in the order of the page."""
WITHDRAW: Final = ("V", "withdraw_consent")
"""Definition and key of the track on which consent is taken back."""
OVER: Final = frozenset({"stopped", "not_started", "ended"})
"""Statuses in which consent no longer matters."""


@dataclass(frozen=True, slots=True)
class Voice:
    """
    One consent that is needed, and how it stands.

    Args:
        stands: how it stands, with why it is needed.
        person: name of who must say yes; empty when nobody is known who can.
        receiver: name of for whom it is.
        manner: how it was said: `gesprek`, `brief`, `app`, or empty.
        own_words: what was said, in the own words.
        decided_by: name of who decided in the place of this person.
        may_see: whether he may see what was said.
    """

    stands: PersonConsent
    person: str = field(repr=False)
    receiver: str = field(repr=False)
    manner: str = ""
    own_words: str = field(default="", repr=False)
    decided_by: str = ""
    may_see: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """
    Something for which consent is asked.

    Args:
        id: of the row.
        register: help_item, placement or sharing.
        what: in words; empty for a placement or a sharing.
        with_whom: for a sharing: name of the other party.
        for_whom: names of for whom it is.
        is_over: whether it has ended, so that consent no longer matters.
        consent: how consent to it stood on the day.
        voices: each consent that is needed.
        ask_again: names of who must consent by the rules of the day and has not.
    """

    id: str
    register: str
    what: str
    with_whom: str = field(repr=False)
    for_whom: tuple[str, ...] = field(repr=False)
    is_over: bool
    consent: Consent
    voices: tuple[Voice, ...]
    ask_again: tuple[str, ...] = field(repr=False)


class ConsentInCase:
    """
    Consent in a case, read with two queries.

    Args:
        case: the case, with its release; the caller knows that this user may see it.
        user: who looks.
        today: the day in Europe/Amsterdam: decides what he may see.
        day: the day as it was on which it is shown.
    """

    def __init__(self, case: Case, user: Any, today: date, day: date) -> None:
        self.case = case
        self.user = user
        self.today = today
        self.day = day
        self.file: CaseFile = registers_of(case, today)
        self.memberships: tuple[Membership, ...] = members_of(case)
        self.viewers: tuple[Viewer, ...] = viewers_of(
            case, user, today, case_file=self.file, memberships=self.memberships
        )
        self.names = names_seen(self.file, self.viewers)

    @property
    def can_be_withdrawn(self) -> bool:
        """Whether the release of this case knows how consent is taken back."""
        return ".".join(WITHDRAW) in running_release(self.case.release.digest).plan.tracks

    def asked(self) -> tuple[Asked, ...]:
        """Everything for which consent is asked and that was there on the day, as far as he may see it."""
        rows = [row for register in ASKED_FOR for row in self.file.rows(register)]
        found = (self._asked(row) for row in rows if self._was_there(row) and self._sees(row, "consent_state"))
        return tuple(sorted(found, key=lambda it: it.is_over))

    def _sees(self, row: Row, column: str) -> bool:
        return may_see_cell(self.viewers, row, column)

    def _was_there(self, row: Row) -> bool:
        entries = (self._day_of(entry) for entry in self._entries(row.id))
        return min((row.recorded_on, *entries)) <= self.day

    def _entries(self, subject: str) -> list[Row]:
        return [row for row in self.file.rows("consent") if row.get("subject") == subject]

    @staticmethod
    def _day_of(entry: Row) -> date:
        return entry.day("on") or entry.recorded_on

    def _asked(self, row: Row) -> Asked:
        consent = consent_on(self.file, row, self.day)
        ended = row.day("ended_on")
        for_whom = sorted(receivers(self.file, row, self.day))
        return Asked(
            id=row.id,
            register=row.register,
            what=what_is_consented(row),
            with_whom=self.names.get(row.text("with"), ""),
            for_whom=tuple(self.names[it] for it in for_whom if it in self.names),
            is_over=row.text("status") in OVER and (ended is None or ended <= self.day),
            consent=consent,
            voices=tuple(self._voice(row, it) for it in consent.people),
            ask_again=tuple(sorted(self.names[it] for it in consent.ask_again if it in self.names)),
        )

    def _voice(self, subject: Row, stands: PersonConsent) -> Voice:
        said = self._said(subject, stands)
        return Voice(
            stands=stands,
            person=self.names.get(stands.need.person, ""),
            receiver=self.names.get(stands.need.receiver, ""),
            manner=said.text("manner") if said is not None else "",
            own_words=said.text("own_words") if said is not None and self._sees(said, "own_words") else "",
            decided_by=self.names.get(stands.decided_by, ""),
            may_see=said is None or self._sees(said, "answer"),
        )

    def _said(self, subject: Row, stands: PersonConsent) -> Row | None:
        """The row in which a person said what counts now: the last of its day that says something."""
        rows = [
            row
            for row in self._entries(subject.id)
            if row.text("person") == stands.need.person
            and row.text("kind") != ABILITY
            and (row.text("kind") == "substitute") == (stands.replaced_by is not None)
            and self._day_of(row) == stands.on
        ]
        return rows[-1] if rows else None
