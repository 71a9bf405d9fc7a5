"""Consent in a case on any day: for each help, who must say yes, why, and what each of them said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from padwijzer.forms.core.schema import in_language
from padwijzer.permissions.policies import Viewer
from padwijzer.workflows.core.case_file import CaseFile, Row
from padwijzer.workflows.core.consent import ABILITY, Consent, PersonConsent, consent_on, receivers
from padwijzer.workflows.core.definition import FromField
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.models import Case, Membership
from padwijzer.workflows.queries.cases import members_of, names_seen, what_is_consented
from padwijzer.workflows.queries.releases import running_release
from padwijzer.workflows.queries.viewing import may_see_cell, registers_of, viewers_of

ASKED_FOR: Final = ("help_item", "placement", "sharing")
"""Registers for whose rows consent is asked, in the order of the page."""
WITHDRAW: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {"help_item": ("V", "withdraw_consent"), "sharing": ("V", "stop_sharing")}
)
"""Register to the definition and the key of the track on which consent to one of its rows is taken back."""
OVER: Final = frozenset({"stopped", "not_started", "ended"})
"""Statuses in which consent no longer matters."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """
    How a release takes consent back.

    Args:
        definition: key of the definition that has the track.
        track: key of the track.
        activity: key of its first step.
        performers: the roles that may do that step.
        person: key of the question who takes it back.
        words: key of the question why; empty when that is not asked.
        is_short: whether that step asks nothing more, so that it can be done in one go.
    """

    definition: str
    track: str
    activity: str
    performers: frozenset[str]
    person: str
    words: str
    is_short: bool

    @classmethod
    def of(cls, plan: Plan, register: str) -> Withdrawal | None:
        """How it goes under a plan, for rows of a register; None when it has no such track."""
        where = WITHDRAW.get(register)
        track = plan.tracks.get(".".join(where)) if where else None
        if where is None or track is None or track.body is None:
            return None
        step = plan.activity(track.body.definition, track.body.activity)
        required = [it for it in step.form.fields if it.required]
        person = next((it.key for it in required if it.type == "person"), "")
        words = next((it.key for it in step.form.fields if it.type == "long_text" and not it.required), "")
        performers = frozenset(it.role for it in step.performers)
        return cls(*where, step.key, performers, person, words, [it.key for it in required] == [person])


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
        what: in words, for a sharing what is shared; empty for a placement.
        with_whom: for a sharing: name of the other party.
        for_whom: names of for whom it is.
        is_over: whether it has ended, so that consent no longer matters.
        until: for a sharing: its last day; None when it has none.
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
    until: date | None
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

    def withdrawal(self, register: str) -> Withdrawal | None:
        """How consent to a row of a register is taken back here; None when the release of the case knows no way."""
        return Withdrawal.of(running_release(self.case.release.digest).plan, register)

    def may_withdraw(self, register: str) -> bool:
        """Whether he may write down, in one go, that somebody takes consent to such a row back."""
        found = self.withdrawal(register)
        held = {
            it.role
            for it in self.memberships
            if it.user_id == self.user.pk and it.since <= self.today and (it.until is None or self.today <= it.until)
        }
        return found is not None and found.is_short and bool(held & found.performers)

    def asked(self) -> tuple[Asked, ...]:
        """Everything for which consent is asked and that was there on the day, as far as he may see it."""
        rows = [row for register in ASKED_FOR for row in self.file.rows(register) if _needs_consent(row)]
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
        until = row.day("until")
        for_whom = sorted(receivers(self.file, row, self.day))
        return Asked(
            id=row.id,
            register=row.register,
            what=self._shared(row) if row.register == "sharing" else what_is_consented(row),
            with_whom=self.names.get(row.text("with"), ""),
            for_whom=tuple(self.names[it] for it in for_whom if it in self.names),
            is_over=(row.text("status") in OVER and (ended is None or ended <= self.day))
            or (until is not None and until < self.day),
            until=until,
            consent=consent,
            voices=tuple(self._voice(row, it) for it in consent.people),
            ask_again=tuple(sorted(self.names[it] for it in consent.ask_again if it in self.names)),
        )

    def _shared(self, row: Row) -> str:
        """What is shared, in the words of the question that asked it."""
        plan, chosen = running_release(self.case.release.digest).plan, row.persons("what")
        for definition in plan.definitions.values():
            for step in definition.activities.values():
                keys = [
                    source.field
                    for record in step.activity.records
                    for column, source in record.set
                    if (record.register, column) == ("sharing", "what") and isinstance(source, FromField)
                ]
                asked = step.activity.form.field(keys[0]) if keys else None
                if asked is not None:
                    return ", ".join(in_language(it.label) for it in asked.choices if it.key in chosen)
        return ""

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


def _needs_consent(row: Row) -> bool:
    """Whether it rests on consent: information is also shared on other grounds, which ask nobody (C63, C64)."""
    return row.register != "sharing" or row.text("ground") == "toestemming"
