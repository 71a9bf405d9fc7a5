"""The family page of a case: who belongs to it, how they are related, who has authority, and which help there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Final

from padwijzer.permissions.policies import Viewer
from padwijzer.workflows.core.case_file import CaseFile, Row
from padwijzer.workflows.core.consent import ORGANISATION, ConsentState, can_have_authority, consent_state
from padwijzer.workflows.core.facts.age import age_of
from padwijzer.workflows.core.facts.contact_person import contact_person_on
from padwijzer.workflows.models import Case, Membership
from padwijzer.workflows.queries.cases import (
    Professional,
    members_of,
    names_seen,
    professionals_of,
    what_is_consented,
)
from padwijzer.workflows.queries.inbox import MONTHS_IN_YEAR
from padwijzer.workflows.queries.viewing import may_in_case, may_see_cell, registers_of, viewers_of

CHECK: Final = "authority_check_180d"
"""Term after which who has authority must be looked up again."""
KINDS: Final = ("child", "parent", "family", "network")
"""Kinds of persons around a family, in the order in which they are shown."""
BESIDE: Final = (ORGANISATION, "professional")
"""Kinds that are shown after those."""


@dataclass(frozen=True, slots=True)
class Authority:
    """
    Authority of one person over one child.

    Args:
        id: of the row.
        person: name of who has it.
        kind: `gezag` or `voogdij`.
        source: `register`, `court`, `family_says`, or empty.
        checked_on: when it was looked up last; None is never.
        until: last day; None when it has no end.
        is_stale: whether it must be looked up again.
    """

    id: str
    person: str = field(repr=False)
    kind: str
    source: str
    checked_on: date | None
    until: date | None
    is_stale: bool


@dataclass(frozen=True, slots=True)
class Relation:
    """
    How somebody is related to somebody else.

    Args:
        id: of the row.
        kind: `parent_of`, …
        other: name of the other.
        is_reverse: whether the other is that of him, and not he of the other.
    """

    id: str
    kind: str
    other: str = field(repr=False)
    is_reverse: bool


@dataclass(frozen=True, slots=True)
class Member:
    """
    Somebody of the family or of its own circle, as far as may be seen.

    Args:
        id: of the row.
        kind: child, parent, family, network, organisation or professional.
        name: name.
        birth: known, expected or unknown.
        birth_date: day of birth, or the day on which it is expected.
        age: in years; None when it is not known.
        sees_address: whether he may see where this person lives.
        address: the address, when it may be seen.
        is_secret: whether the address is kept secret.
        lives_with: with whom.
        school: school.
        attends: `ja`, `deels`, `nee`, or empty.
        language: language.
        phone: number.
        since: first day in the case.
        until: last day in the case; None when it has no end.
        authority: who has authority over this child.
        over: names of the children over whom this person has authority.
        relations: relations.
    """

    id: str
    kind: str
    name: str = field(repr=False)
    birth: str = ""
    birth_date: date | None = field(default=None, repr=False)
    age: int | None = None
    sees_address: bool = False
    address: str = field(default="", repr=False)
    is_secret: bool = False
    lives_with: str = field(default="", repr=False)
    school: str = field(default="", repr=False)
    attends: str = ""
    language: str = ""
    phone: str = field(default="", repr=False)
    since: date | None = None
    until: date | None = None
    authority: tuple[Authority, ...] = ()
    over: tuple[str, ...] = field(default=(), repr=False)
    relations: tuple[Relation, ...] = ()


@dataclass(frozen=True, slots=True)
class Help:
    """
    One kind of help.

    Args:
        what: its name, else its kind.
        for_whom: names of who receives it; empty for the family.
        provider: who gives it.
        status: proposed, matched, waiting, running, stopped or not_started.
        since: first day.
        until: last day.
        consent: how consent to it stands; None when he may not see that.
    """

    what: str
    for_whom: tuple[str, ...] = field(repr=False)
    provider: str
    status: str
    since: date | None
    until: date | None
    consent: ConsentState | None


class FamilyInCase:
    """
    The family of a case, read with two queries.

    Args:
        case: the case, with its release; the caller knows that this user may see it.
        user: who looks.
        on: the day in Europe/Amsterdam.
    """

    def __init__(self, case: Case, user: Any, on: date) -> None:
        self.case = case
        self.user = user
        self.on = on
        self.file: CaseFile = registers_of(case, on)
        self.memberships: tuple[Membership, ...] = members_of(case)
        self.viewers: tuple[Viewer, ...] = viewers_of(
            case, user, on, case_file=self.file, memberships=self.memberships
        )
        self.names = names_seen(self.file, self.viewers)

    @property
    def may_change(self) -> bool:
        """Whether he may add and change people."""
        return may_in_case(self.case, self.user, self.on, self.memberships, "change_people")

    # People

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """Everybody who is in the case today and may be seen, children first."""
        return tuple(self._member(row) for row in self._rows() if row.lasts(self.on))

    @cached_property
    def past(self) -> tuple[Member, ...]:
        """Who is no longer in the case, or not yet."""
        return tuple(self._member(row) for row in self._rows() if not row.lasts(self.on))

    @property
    def hidden(self) -> int:
        """How many persons he may not see."""
        return sum(row.text("kind") in KINDS and row.id not in self.names for row in self.file.rows("person"))

    def people(self, *, but: str = "") -> dict[str, str]:
        """Id to name of who is in the case today. Args: but: an id to leave out."""
        return {
            row.id: self.names[row.id]
            for row in self.file.rows("person")
            if row.id in self.names and row.id != but and row.text("kind") != ORGANISATION and row.lasts(self.on)
        }

    def can_have_authority(self, kind: str) -> dict[str, str]:
        """Id to name of who can have authority. Args: kind: `gezag`, or `voogdij`, which an organisation can have."""
        able = can_have_authority(self.file, self.on)
        return {
            row.id: self.names[row.id]
            for row in self.file.rows("person")
            if row.id in able and row.id in self.names and (kind == "voogdij" or row.text("kind") != ORGANISATION)
        }

    def row(self, id_: str, register: str) -> Row | None:
        """A row that he may see, of that register; None when there is none."""
        found = self.file.row(id_)
        if found is None or found.register != register:
            return None
        about = {found.id} if register == "person" else found.persons("child") | found.persons("person")
        return found if about <= set(self.names) else None

    def may_see(self, row: Row, columns: Sequence[str]) -> bool:
        """Whether he may see every one of these columns of a row."""
        return all(may_see_cell(self.viewers, row, column) for column in columns)

    def has_authority(self, child: str, person: str) -> bool:
        """Whether somebody has authority over a child today."""
        rows = self.file.of_child("authority", child)
        return any(row.text("person") == person and row.lasts(self.on) for row in rows)

    def _rows(self) -> Iterator[Row]:
        rows = [row for row in self.file.rows("person") if row.id in self.names and self._is_shown(row)]
        order = (*KINDS, *BESIDE)
        return iter(sorted(rows, key=lambda row: order.index(row.text("kind"))))

    def _is_shown(self, row: Row) -> bool:
        """A professional with an account stands among who work on the case."""
        return row.text("kind") in (*KINDS, ORGANISATION) or (
            row.text("kind") == "professional" and not row.text("user")
        )

    def _member(self, row: Row) -> Member:
        months = age_of(self.file, row.id, self.on)
        birth_date = row.day("birth_date") if self._sees(row, "birth_date") else None
        is_child = row.text("kind") == "child"
        return Member(
            id=row.id,
            kind=row.text("kind"),
            name=self.names[row.id],
            birth=row.text("birth") or ("known" if birth_date else "unknown"),
            birth_date=birth_date,
            age=months // MONTHS_IN_YEAR if isinstance(months, int) and row.text("birth") != "expected" else None,
            sees_address=self._sees(row, "address"),
            address=self._text(row, "address"),
            is_secret=row.is_yes("secret_address"),
            lives_with=self._text(row, "lives_with"),
            school=self._text(row, "school"),
            attends=self._text(row, "attends_school"),
            language=self._text(row, "language"),
            phone=self._text(row, "phone"),
            since=row.day("from"),
            until=row.day("until"),
            authority=tuple(self._authority(row.id)) if is_child else (),
            over=() if is_child else tuple(self._over(row.id)),
            relations=tuple(self._relations(row.id)),
        )

    def _sees(self, row: Row, column: str) -> bool:
        return may_see_cell(self.viewers, row, column)

    def _text(self, row: Row, column: str) -> str:
        return row.text(column) if self._sees(row, column) else ""

    def _authority(self, child: str) -> Iterator[Authority]:
        for row in self.file.of_child("authority", child):
            if row.text("person") in self.names and row.lasts(self.on) and self._sees(row, "person"):
                checked = row.day("checked_on")
                yield Authority(
                    id=row.id,
                    person=self.names[row.text("person")],
                    kind=row.text("kind"),
                    source=row.text("source"),
                    checked_on=checked,
                    until=row.day("until"),
                    is_stale=self._is_stale(checked),
                )

    def _is_stale(self, checked: date | None) -> bool:
        if checked is None:
            return True
        again = self.file.times.shift(checked, 1, CHECK)
        return again is not None and again < self.on

    def _over(self, person: str) -> Iterator[str]:
        for row in self.file.rows("authority"):
            child = row.text("child")
            is_his = row.text("person") == person and child in self.names and row.lasts(self.on)
            if is_his and self._sees(row, "person"):
                yield self.names[child]

    def _relations(self, person: str) -> Iterator[Relation]:
        for row in self.file.rows("relation"):
            one, other = row.text("person"), row.text("other")
            if person not in (one, other) or not row.lasts(self.on) or not self._sees(row, "kind"):
                continue
            name = self.names.get(other if person == one else one)
            if name is not None:
                yield Relation(row.id, row.text("kind"), name, is_reverse=person == other)

    # Help, and who works on it

    @cached_property
    def helps(self) -> tuple[Help, ...]:
        """The help that may be seen, in the order in which it was chosen."""
        return tuple(self._help(row) for row in self.file.rows("help_item") if self._sees(row, "name"))

    def _help(self, row: Row) -> Help:
        receivers = sorted(row.persons("child") | row.persons("persons"))
        return Help(
            what=what_is_consented(row),
            for_whom=tuple(self.names[it] for it in receivers if it in self.names),
            provider=self._text(row, "provider"),
            status=row.text("status"),
            since=row.day("started_on"),
            until=row.day("ended_on"),
            consent=consent_state(self.file, row) if self._sees(row, "consent_state") else None,
        )

    @cached_property
    def workers(self) -> tuple[Professional, ...]:
        """Who works on the case today, the fixed contact person on top."""
        return professionals_of(self.file, self.memberships, self.on, contact_person_on(self.file, self.on))
