"""
Who must consent to a help, a placement or a sharing of information, and how that stands on any day.

Rules: domain rules C12 to C16 and C21; Jeugdwet 7.3.4 (12 to 15 years) and 7.3.5 (from 16 years); BW 1:245 (who has
authority), BW 1:253a (the court replaces the consent of a parent).

Two choices. *Who must consent is judged on the day of an answer*: a birthday or a change of authority neither makes a
consent complete nor takes it away; the next answer is judged by the rules of its own day. *Nobody is nobody*: without
anybody known who has authority over a child, or without anybody who takes part, consent is never complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from padwijzer.workflows.core.facts.age import age_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from padwijzer.workflows.core.case_file import CaseFile, Row

YOUTH: Final = "age_12y"
ALONE: Final = "age_16y"
ADULT: Final = "age_18y"
"""Terms that say from which age a youth says yes or no too, decides alone, and is an adult."""
ORGANISATION: Final = "organisation"
"""Kind of person that is an organisation: a guardian that is no human being."""
ABILITY: Final = "ability"
"""Kind of an entry that says whether somebody can weigh the matter; it says neither yes nor no."""


class ConsentState(StrEnum):
    """How consent to one subject stands."""

    NOT_ASKED = "not_asked"
    PARTLY = "partly"
    COMPLETE = "complete"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class Why(StrEnum):
    """Why somebody must consent."""

    AUTHORITY_UNDER_12 = "authority_under_12"
    YOUTH_12_TO_15 = "youth_12_to_15"
    AUTHORITY_12_TO_15 = "authority_12_to_15"
    AUTHORITY_CANNOT_WEIGH = "authority_cannot_weigh"
    YOUTH_FROM_16 = "youth_from_16"
    ADULT = "adult"
    REPRESENTATIVE = "representative"
    YOUTH_AGE_UNKNOWN = "youth_age_unknown"
    AUTHORITY_AGE_UNKNOWN = "authority_age_unknown"


class Substitute(StrEnum):
    """What may stand in the place of the consent of a parent or guardian."""

    CONSIDERED_WISH = "weloverwogen_wens"
    SERIOUS_HARM = "ernstig_nadeel"
    COURT = "rechter_vervangt"


GROUNDS: Final[Mapping[Why | Substitute, str]] = MappingProxyType(
    {
        Why.AUTHORITY_UNDER_12: "Jeugdwet 7.3.15; C14",
        Why.YOUTH_12_TO_15: "Jeugdwet 7.3.4 lid 2; C12",
        Why.AUTHORITY_12_TO_15: "Jeugdwet 7.3.4 lid 2; C14",
        Why.AUTHORITY_CANNOT_WEIGH: "C13",
        Why.YOUTH_FROM_16: "Jeugdwet 7.3.5 lid 1; BW 7:447",
        Why.ADULT: "Jeugdwet 7.3.4 lid 1",
        Why.REPRESENTATIVE: "BW 7:465 lid 3 (na te gaan)",
        Why.YOUTH_AGE_UNKNOWN: "C12",
        Why.AUTHORITY_AGE_UNKNOWN: "C14",
        Substitute.CONSIDERED_WISH: "Jeugdwet 7.3.4 lid 2; C12",
        Substitute.SERIOUS_HARM: "Jeugdwet 7.3.4 lid 2; C12, C15 (onder 12 jaar na te gaan)",
        Substitute.COURT: "BW 1:253a; C15",
    }
)
"""The ground of each, with the domain rule; what a legal reader must still confirm says so."""

REPLACEABLE: Final[Mapping[Why, frozenset[Substitute]]] = MappingProxyType(
    {
        Why.AUTHORITY_UNDER_12: frozenset({Substitute.SERIOUS_HARM, Substitute.COURT}),
        Why.AUTHORITY_12_TO_15: frozenset(Substitute),
        Why.AUTHORITY_AGE_UNKNOWN: frozenset({Substitute.COURT}),
    }
)
"""
Which consent may be replaced by what. Never that of a youth who can weigh it, never that of an adult. Of a youth who
cannot weigh, see `_allowed`: there is no considered wish, and serious harm only up to and including 15 years.
"""


@dataclass(frozen=True, slots=True)
class Need:
    """
    One consent that is needed.

    Args:
        person: who must give it; empty when nobody is known who can.
        receiver: for whom: the person who receives the help.
        why: by which rule.
        substitutes: what may stand in its place.
    """

    person: str
    receiver: str
    why: Why
    substitutes: frozenset[Substitute] = frozenset()


@dataclass(frozen=True, slots=True)
class PersonConsent:
    """
    How one needed consent stands, for a page.

    Args:
        need: who must consent, for whom and why.
        answer: `akkoord`, `deels`, `nee` or `niet_bereikt`; empty when not asked.
        on: the day of what was last said, withdrawn or decided.
        withdrawn: whether it was taken back.
        replaced_by: what stands in its place; None when nothing does.
        decided_by: who decided that.
        is_given: whether this consent is there, by an answer or in its place.
    """

    need: Need
    answer: str = ""
    on: date | None = None
    withdrawn: bool = False
    replaced_by: Substitute | None = None
    decided_by: str = ""
    is_given: bool = False

    @property
    def ground(self) -> str:
        """The rule it rests on: of what replaced it, or of why it is needed."""
        return GROUNDS[self.replaced_by or self.need.why]


@dataclass(frozen=True, slots=True)
class Consent:
    """
    How consent to one subject stands on a day, and why.

    Args:
        state: the state.
        people: how each needed consent stands, by the rules of `judged_on`.
        judged_on: the day of the last answer, or the day asked about when there was none.
        completed_on: since when it is complete; None when it is not.
        ask_again: who must consent by the rules of the day asked about and has not: a birthday or a change of
            authority came after the last answer.
    """

    state: ConsentState
    people: tuple[PersonConsent, ...]
    judged_on: date
    completed_on: date | None = None
    ask_again: frozenset[str] = frozenset()


def consent_state(case_file: CaseFile, subject: Row) -> ConsentState:
    """How consent to a subject stands today."""
    return consent_on(case_file, subject, case_file.today).state


def must_consent(case_file: CaseFile, subject: Row, on: date) -> frozenset[str]:
    """
    The persons who must consent to a subject on a day, as far as they are known.

    An empty set is nobody, which is never enough (`consent_on`).
    """
    return frozenset(need.person for need in needs(case_file, subject, on) if need.person)


def receivers(case_file: CaseFile, subject: Row, on: date) -> frozenset[str]:
    """
    For whom the help, the placement or the sharing is.

    Help for the family is for everybody who takes part; without names, for all its children and parents. A sharing is
    about the children of the case. Help of which nobody knows for whom it is, is for nobody.
    """
    child, persons = subject.persons("child"), subject.persons("persons")
    match subject.register:
        case "help_item":
            match subject.text("for_kind"):
                case "family":
                    return persons or _present(case_file, ("child", "parent"), on)
                case "adult":
                    return persons
                case _:
                    return child or persons
        case "placement":
            return child
        case "sharing":
            return child or _present(case_file, ("child",), on)
        case "person":
            return frozenset((subject.id,))
        case _:
            return frozenset()


def authority_holders(case_file: CaseFile, child: str, on: date) -> frozenset[str]:
    """Who has authority (gezag) or guardianship (voogdij) over a child on a day."""
    return frozenset(
        row.text("person") for row in case_file.of_child("authority", child) if row.text("person") and row.lasts(on)
    )


def can_have_authority(case_file: CaseFile, on: date) -> frozenset[str]:
    """
    Who in the case can have authority over a child on a day, or be its guardian: never a child of the case.

    Parents, whatever their age (BW 1:253ha); family and own circle as far as they are not known to be minors
    (BW 1:246); organisations that are guardian (BW 1:302). Professionals have none.
    """
    adult = case_file.times.age(ADULT)
    return frozenset(
        row.id
        for row in case_file.rows("person")
        if row.lasts(on)
        and (
            row.text("kind") in ("parent", ORGANISATION)
            or (
                row.text("kind") in ("family", "network")
                and not (isinstance(age := age_of(case_file, row.id, on), int) and age < adult)
            )
        )
    )


def needs(case_file: CaseFile, subject: Row, on: date) -> tuple[Need, ...]:
    """
    Every consent that a subject needs on a day: for each receiver by age, authority and the power to weigh it.

    Args:
        case_file: the case.
        subject: a row of `help_item`, `placement`, `sharing` or `person`.
        on: the day.

    Returns:
        The needs, in order of receiver and person; none when the subject is for nobody.
    """
    return tuple(
        need
        for receiver in sorted(receivers(case_file, subject, on))
        for need in _needs_for(case_file, subject, receiver, on)
    )


def consent_on(case_file: CaseFile, subject: Row, day: date) -> Consent:
    """
    How consent to a subject stood on any day, as far as was said and decided up to and including that day.

    Args:
        case_file: the case; its `today` does not matter here.
        subject: a row of `help_item`, `placement`, `sharing` or `person`.
        day: the day.

    Returns:
        The state and its explanation.
    """
    closed = case_file.closed_on if case_file.closed_on is not None and case_file.closed_on <= day else None
    everything = [entry for entry in _entries(case_file, subject) if entry.on <= day]
    counted = [entry for entry in everything if closed is None or entry.on > closed]
    if not any(entry.says_something for entry in counted):
        asked_before = any(entry.says_something for entry in everything)
        people = _people(needs(case_file, subject, day), _Ledger())
        state = ConsentState.ENDED if asked_before else ConsentState.NOT_ASKED
        return Consent(state, people, day, ask_again=_lacking(people))
    judgement = _Judgement()
    for entry in counted:
        judgement.take_in(case_file, subject, entry)
    people = _people(judgement.needed, judgement.ledger)
    if judgement.completed_on is not None:
        state = ConsentState.COMPLETE
    else:
        state = _incomplete(_people(judgement.concerned, judgement.ledger))
    return Consent(
        state=state,
        people=people,
        judged_on=counted[-1].on,
        completed_on=judgement.completed_on,
        ask_again=_lacking(_people(needs(case_file, subject, day), judgement.ledger)),
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    """A row of the register of consents with the day on which it happened."""

    on: date
    row: Row

    @property
    def kind(self) -> str:
        return self.row.text("kind") or "answer"

    @property
    def person(self) -> str:
        return self.row.text("person")

    @property
    def says_something(self) -> bool:
        return self.kind != ABILITY


@dataclass(slots=True)
class _Ledger:
    """What each person last said, and what was decided in the place of each after that."""

    said: dict[str, _Entry] = field(default_factory=dict)
    decided: dict[str, list[_Entry]] = field(default_factory=dict)

    def take_in(self, entry: _Entry) -> None:
        """A new word of a person makes what was decided in that person's place before it void."""
        if entry.kind == "substitute":
            self.decided.setdefault(entry.person, []).append(entry)
        elif entry.says_something:
            self.said[entry.person] = entry
            self.decided.pop(entry.person, None)

    def stands(self, need: Need) -> PersonConsent:
        """How one need stands: the last word counts, unless something that may replace it was decided since."""
        said = self.said.get(need.person)
        withdrawn = said is not None and said.kind == "withdrawal"
        answer = said.row.text("answer") if said is not None and not withdrawn else ""
        stands = PersonConsent(
            need,
            answer=answer,
            on=said.on if said else None,
            withdrawn=withdrawn,
            is_given=answer == "akkoord",
        )
        for entry in reversed(self.decided.get(need.person, [])):
            substitute = _substitute(entry)
            if not stands.is_given and substitute in need.substitutes:
                decided_by = entry.row.text("decided_by")
                return replace(stands, on=entry.on, replaced_by=substitute, decided_by=decided_by, is_given=True)
        return stands


@dataclass(slots=True)
class _Judgement:
    """
    Takes in what was said, in order of day, and judges each entry by the rules of its own day.

    Attributes:
        ledger: what each last said.
        needed: the consents that count now: those of the day on which it became complete, while it stays that.
        concerned: those and the ones that counted before, to say who said no or took it back.
        completed_on: since when it is complete.
    """

    ledger: _Ledger = field(default_factory=_Ledger)
    needed: tuple[Need, ...] = ()
    concerned: tuple[Need, ...] = ()
    completed_on: date | None = None

    def take_in(self, case_file: CaseFile, subject: Row, entry: _Entry) -> None:
        self.ledger.take_in(entry)
        now = needs(case_file, subject, entry.on)
        if self._all_given(now) and (entry.says_something or self.completed_on is not None):
            if self.completed_on is None:
                self.completed_on = entry.on
            self.needed = self.concerned = now
        elif self._stays(now, entry):
            self.concerned = self.needed
        else:
            self.completed_on = None
            self.concerned = (*now, *(need for need in self.needed if need not in now))
            self.needed = now

    def _stays(self, now: tuple[Need, ...], entry: _Entry) -> bool:
        """Complete stays complete while nobody takes it back or says no, whoever must be asked by today's rules."""
        if self.completed_on is None or not entry.says_something:
            return False
        spoken = [need for need in now if need.person in self.ledger.said]
        return self._all_given(self.needed) and all(self.ledger.stands(need).is_given for need in spoken)

    def _all_given(self, wanted: Iterable[Need]) -> bool:
        given = [self.ledger.stands(need).is_given for need in wanted]
        return bool(given) and all(given)


def _incomplete(people: tuple[PersonConsent, ...]) -> ConsentState:
    lacking = [person for person in people if not person.is_given]
    if any(person.answer == "nee" for person in lacking):
        return ConsentState.REFUSED
    if any(person.withdrawn for person in lacking):
        return ConsentState.WITHDRAWN
    return ConsentState.PARTLY


def _people(wanted: tuple[Need, ...], ledger: _Ledger) -> tuple[PersonConsent, ...]:
    return tuple(ledger.stands(need) for need in wanted)


def _lacking(people: tuple[PersonConsent, ...]) -> frozenset[str]:
    return frozenset(person.need.person for person in people if not person.is_given and person.need.person)


def _entries(case_file: CaseFile, subject: Row) -> list[_Entry]:
    rows = [row for row in case_file.rows("consent") if row.get("subject") == subject.id and row.text("person")]
    return sorted((_Entry(row.day("on") or row.recorded_on, row) for row in rows), key=lambda entry: entry.on)


def _substitute(entry: _Entry) -> Substitute | None:
    key = entry.row.text("substitute")
    return Substitute(key) if key in tuple(Substitute) else None


def _needs_for(case_file: CaseFile, subject: Row, receiver: str, on: date) -> Iterator[Need]:
    person = case_file.person(receiver)
    is_child = person is None or person.text("kind") == "child"
    age = age_of(case_file, receiver, on)
    weighs = _can_weigh(case_file, subject, receiver, on)
    if not isinstance(age, int):
        if is_child:
            yield Need(receiver, receiver, Why.YOUTH_AGE_UNKNOWN)
            yield from _authority(case_file, receiver, Why.AUTHORITY_AGE_UNKNOWN, on)
        else:
            yield from _adult(case_file, receiver, on, weighs=weighs)
    elif age < case_file.times.age(YOUTH):
        yield from _authority(case_file, receiver, Why.AUTHORITY_UNDER_12, on)
    elif age >= case_file.times.age(ADULT):
        yield from _adult(case_file, receiver, on, weighs=weighs)
    elif not weighs:
        yield from _authority(case_file, receiver, Why.AUTHORITY_CANNOT_WEIGH, on, young=age < _alone(case_file))
    elif age < _alone(case_file):
        yield Need(receiver, receiver, Why.YOUTH_12_TO_15)
        yield from _authority(case_file, receiver, Why.AUTHORITY_12_TO_15, on)
    else:
        yield Need(receiver, receiver, Why.YOUTH_FROM_16)


def _alone(case_file: CaseFile) -> int:
    return case_file.times.age(ALONE)


def _authority(case_file: CaseFile, child: str, why: Why, on: date, *, young: bool = False) -> Iterator[Need]:
    """A need for each who has authority over a child; one that nobody can fulfil when nobody is known."""
    holders = sorted(authority_holders(case_file, child, on)) or [""]
    for holder in holders:
        yield Need(holder, child, why, _allowed(why, young=young))


def _allowed(why: Why, *, young: bool) -> frozenset[Substitute]:
    if why is not Why.AUTHORITY_CANNOT_WEIGH:
        return REPLACEABLE[why]
    return frozenset({Substitute.COURT, Substitute.SERIOUS_HARM} if young else {Substitute.COURT})


def _adult(case_file: CaseFile, adult: str, on: date, *, weighs: bool) -> Iterator[Need]:
    """An adult consents; for one who cannot weigh it a mentor, curator or authorised person does."""
    if weighs:
        yield Need(adult, adult, Why.ADULT)
        return
    representatives = sorted(
        row.text("person")
        for row in case_file.rows("relation")
        if row.text("kind") == "representative_of" and row.text("other") == adult and row.lasts(on)
    )
    for representative in representatives or [""]:
        yield Need(representative, adult, Why.REPRESENTATIVE)


def _can_weigh(case_file: CaseFile, subject: Row, person: str, on: date) -> bool:
    """Whether a person can weigh this subject (C13): yes, unless somebody judged otherwise and said why."""
    judged = [
        entry
        for entry in _entries(case_file, subject)
        if entry.kind == ABILITY
        and entry.person == person
        and entry.on <= on
        and not _is_closed(case_file, entry, on)
    ]
    if not judged:
        return True
    last = judged[-1].row
    return last.get("able_to_weigh") != "nee" or not last.text("able_reason").strip()


def _is_closed(case_file: CaseFile, entry: _Entry, on: date) -> bool:
    closed = case_file.closed_on
    return closed is not None and closed <= on and entry.on <= closed


def _present(case_file: CaseFile, kinds: tuple[str, ...], on: date) -> frozenset[str]:
    return frozenset(row.id for row in case_file.rows("person") if row.text("kind") in kinds and row.lasts(on))
