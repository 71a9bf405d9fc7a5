"""
Case scripts: an example case as data, which can be played on the real engine and says what must be true on the way.

A script names invented people, what the family page says of them, and steps in order of time: at which moment, who,
what, with which answers, and what is expected then. It is read whole, and refused with the exact place of a fault,
before anything runs.

A step is written `D-TOEST.answers`; where it is open more than once `D-TOEST.answers@clinic`, in which `clinic` is a
person, or a row that the script gave a name. Days are `2026-03-02`, moments `2026-03-02T09:30` in Europe/Amsterdam; a
day alone is its noon.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from padwijzer.forms.core.field_types import AMSTERDAM, Json
from padwijzer.forms.core.nodes import Node, parse
from padwijzer.forms.core.schema import Column, FieldSpec, Text
from padwijzer.workflows.core.definition import Activity
from padwijzer.workflows.core.registers import ColumnSpec, RegisterSpec, registers
from padwijzer.workflows.core.releases import ReleaseSpec

SCHEMA_VERSION: Final = 1
NOON: Final = time(12)
DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?")
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
PLACE: Final = re.compile(r"([A-Z][A-Z0-9-]*)\.([a-z][a-z0-9_]*)(?:@([a-z][a-z0-9_]*))?")
PERSON: Final = "person"
NOT_ON_THE_FAMILY_PAGE: Final = frozenset({"user"})
"""Columns of the register of persons that a script does not set: who signs in as a person follows from its roles."""


class Deed(StrEnum):
    """What is done in a step."""

    OPEN_CASE = "open_case"
    """The case is opened with the people and the family page as they are then."""
    COMPLETE = "complete"
    """A step is completed; a form that stays open is saved."""
    SKIP = "skip"
    """A step is skipped, with a reason where that is needed."""
    OPEN_TRACK = "open_track"
    """A track is opened by hand."""
    CHANGE_PEOPLE = "change_people"
    """Something on the family page is added or changed."""
    RUN_CLOCK = "run_clock"
    """The clock does what is due at that moment."""
    LOOK = "look"
    """Nothing is done; what is expected is looked at."""


NOBODY_NEEDED: Final = frozenset({Deed.RUN_CLOCK, Deed.LOOK})
WITH_STEP: Final = frozenset({Deed.COMPLETE, Deed.SKIP})


class Kind(StrEnum):
    """What is expected. What a step brought about: exactly that and nothing more of its kind."""

    DUE = "due"
    """Step to the day on which its term ends; null when it has none."""
    EXPLAINS = "explains"
    """Step to words in the explanation of that day."""
    BLOCKED = "blocked"
    """Rules that stand in the way, each as `C12: its sentence`."""
    DEVIATION = "deviation"
    """Rules that ask for a reasoned deviation, each as `R75: its sentence`."""
    INVALID = "invalid"
    """Questions whose answer lacks or is wrong."""
    REFUSED = "refused"
    """Code of another refusal, for example `not_allowed`."""
    WARNINGS = "warnings"
    """Sentences with which the step, or the clock, warned."""
    TASKS = "tasks"
    """Sentences of the tasks that the step brought about."""
    ALARMS = "alarms"
    """Sentences of the alarms that the step brought about."""
    MESSAGES = "messages"
    """Sentences of the messages that the step brought about."""
    OPEN = "open"
    """Steps that are open."""
    NOT_OPEN = "not_open"
    """Steps that are not open."""
    MUST_CONSENT = "must_consent"
    """Row to the persons who must consent to it."""
    RECORDS = "records"
    """Row to what its columns hold; null is empty."""
    MAY_SEE = "may_see"
    """Person to what that person may see."""
    MAY_NOT_SEE = "may_not_see"
    """Person to what that person may not see."""
    NO_TRACE = "no_trace"
    """Words that stand nowhere in what the case has recorded, in whatever capitals."""


KINDS_OF_ORGANISATION: Final = ("municipality", "provider", "gi", "other")
REFUSALS: Final = (Kind.BLOCKED, Kind.DEVIATION, Kind.INVALID, Kind.REFUSED)


@dataclass(frozen=True, slots=True)
class StepName:
    """A step or a track. Args: definition: its definition; key: its key; about: the row its run is about, if said."""

    definition: str
    key: str
    about: str = ""

    def __str__(self) -> str:
        return f"{self.definition}.{self.key}" + (f"@{self.about}" if self.about else "")


@dataclass(frozen=True, slots=True)
class Organisation:
    """An invented organisation. Args: name: what it is called; kind: municipality, provider, gi or other."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Person:
    """
    An invented person.

    Args:
        key: what the script calls this person.
        columns: columns of the register of persons.
        roles: roles in the case.
        organisation: where this person works; empty for family.
    """

    key: str
    columns: Mapping[str, Json] = field(repr=False)
    roles: tuple[str, ...] = ()
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """
    A row of a register, in a script.

    Args:
        register: key of the register.
        columns: column to value; persons by what the script calls them.
    """

    register: str
    columns: Mapping[str, Json] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Change:
    """One change on the family page. Args: row: what is set; about: name of the row it changes; empty: a new one."""

    row: Row
    about: str = ""


@dataclass(frozen=True, slots=True)
class Deviating:
    """
    Why something is done differently.

    Args:
        reason: why this is better for this family.
        family_view: what the family thinks of it.
        colleague: with whom it was talked over, as the script calls that person.
        look_again_on: when to look again; None leaves that to the term.
    """

    reason: str = field(repr=False)
    family_view: str = field(default="", repr=False)
    colleague: str = ""
    look_again_on: date | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """
    Something that must be true after a step.

    Args:
        place: where it stands in the script, for example `steps[3].expect.due.V.first_talk`.
        kind: what sort.
        key: about what: a step, a row, a person; with `.column` or another part where there is one; else empty.
        expected: what must be found, as JSON; lists in alphabetical order.
    """

    place: str
    kind: Kind
    key: str
    expected: Json = field(repr=False)

    def holds(self, found: Json) -> bool:
        """Whether what was found is what is expected."""
        if self.kind is Kind.EXPLAINS:
            return isinstance(found, str) and str(self.expected) in found
        return found == self.expected


@dataclass(frozen=True, slots=True)
class Step:
    """
    One step of a script.

    Args:
        place: where it stands, for example `steps[3]`.
        at: when, with time zone.
        do: what.
        by: who, as the script calls that person; empty for the clock.
        step: the step or track it is about.
        subject: for `open_track`: the row or person for which it is opened.
        answers: question to answer; persons by what the script calls them.
        deviating: why it is done differently.
        changes: for `change_people`.
        happened_on: the day on which it happened, when it is entered afterwards.
        expectations: what must be true afterwards.
    """

    place: str
    at: datetime
    do: Deed
    by: str = ""
    step: StepName | None = None
    subject: str = ""
    answers: Mapping[str, Json] = field(default_factory=dict, repr=False)
    deviating: Deviating | None = None
    changes: tuple[Change, ...] = ()
    happened_on: date | None = None
    expectations: tuple[Expectation, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseScript:
    """
    An example case.

    Args:
        title: what it is about.
        story: the case in a few sentences.
        organisations: by what the script calls them; the first municipality owns the case.
        people: by what the script calls them.
        family: what the family page says when the case is opened, besides the people.
        rows: name to the row that is meant: the newest whose columns hold this.
        settings: settings of the municipality.
        steps: in order of time.
    """

    title: Text
    organisations: Mapping[str, Organisation]
    people: Mapping[str, Person]
    steps: tuple[Step, ...]
    story: Text = ()
    family: tuple[Row, ...] = ()
    rows: Mapping[str, Row] = field(default_factory=dict)
    settings: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def expectations(self) -> Iterator[Expectation]:
        """Everything that is expected, in order."""
        return (expectation for step in self.steps for expectation in step.expectations)


def read_script(text: str | bytes, release: ReleaseSpec, roles: Collection[str]) -> CaseScript:
    """
    A case script out of JSON.

    Args:
        text: the document.
        release: the definitions it is played on: it may name no step, track or question that is not there.
        roles: slugs of the roles that exist.

    Returns:
        The script.

    Raises:
        Unreadable: with the place and the reason, when it is malformed or names something that does not exist.
    """
    node = parse(text)
    node.object(
        "$schema",
        "story",
        "family",
        "rows",
        "settings",
        required=("schema", "title", "organisations", "people", "steps"),
    )
    if node.child("schema").integer() != SCHEMA_VERSION:
        node.child("schema").refuse(f"This version reads schema {SCHEMA_VERSION} only.")
    return _Reading(release, roles).script(node)


class _Reading:
    """Reads one script. Args: release: what may be named; roles: slugs of roles."""

    def __init__(self, release: ReleaseSpec, roles: Collection[str]) -> None:
        self.release = release
        self.roles = roles
        self.organisations: dict[str, Organisation] = {}
        self.people: frozenset[str] = frozenset()
        self.actors: frozenset[str] = frozenset()
        self.rows: dict[str, Row] = {}

    def script(self, node: Node) -> CaseScript:
        self.organisations = {
            _name(child, key): _organisation(child) for key, child in node.child("organisations").items()
        }
        if all(organisation.kind != "municipality" for organisation in self.organisations.values()):
            node.child("organisations").refuse("One of them must be a municipality: it owns the case.")
        self.people = frozenset(_name(child, key) for key, child in node.child("people").items())
        people = {key: self.person(key, child) for key, child in node.child("people").items()}
        self.actors = frozenset(key for key, person in people.items() if person.roles and person.organisation)
        family = tuple(self.family(node.child("family"))) if node.has("family") else ()
        if node.has("rows"):
            self.rows = {self.row_name(key, child): self.named(child) for key, child in node.child("rows").items()}
        steps = node.child("steps").list(self.step, at_least=1)
        _refuse_disorder(node.child("steps").list(_itself), steps)
        return CaseScript(
            title=node.child("title").text(),
            organisations=MappingProxyType(self.organisations),
            people=MappingProxyType(people),
            steps=steps,
            story=node.optional_text("story"),
            family=family,
            rows=MappingProxyType(self.rows),
            settings=MappingProxyType(_settings(node.child("settings")) if node.has("settings") else {}),
        )

    # people and rows

    def person(self, key: str, node: Node) -> Person:
        columns = {name: child for name, child in node.items() if name not in ("roles", "organisation")}
        for name in ("name", "kind"):
            if name not in columns:
                node.refuse(f"`{name}` is missing here.")
            _word(columns[name])
        organisation = node.optional_string("organisation")
        if organisation and organisation not in self.organisations:
            node.child("organisation").refuse("There is no such organisation in this script.")
        roles = node.optional_list("roles", self.role)
        return Person(key, self.cells(PERSON, columns), roles, organisation)

    def role(self, node: Node) -> str:
        if node.string() not in self.roles:
            node.refuse("There is no such role.")
        return node.string()

    def family(self, node: Node) -> Iterator[Row]:
        for key, rows in node.items():
            register = _register(rows, key)
            for row in rows.list(_itself):
                yield Row(register.key, self.cells(register.key, dict(row.items())))

    def named(self, node: Node) -> Row:
        node.object(required=("register", "where"))
        register = _register(node.child("register"), node.child("register").string())
        cells = self.cells(register.key, dict(node.child("where").items()))
        if not cells:
            node.child("where").refuse("Say by what the row is known.")
        return Row(register.key, cells)

    def row_name(self, key: str, node: Node) -> str:
        if key in self.people:
            node.refuse("A person of this script has that name.")
        return _name(node, key)

    def cells(self, register: str, columns: Mapping[str, Node], *, looking: bool = False) -> dict[str, Json]:
        """Columns of a row; where one only looks, computed ones and empty ones too."""
        spec = registers()[register]
        found: dict[str, Json] = {}
        for key, node in columns.items():
            column = spec.column(key)
            if column is None or key in NOT_ON_THE_FAMILY_PAGE or (column.computed and not looking):
                known = sorted(c.key for c in spec.columns if looking or not c.computed)
                node.refuse(f"Unknown column. Known here: {', '.join(known)}.")
            found[key] = None if looking and node.value is None else self.cell(column, node)
        return found

    def cell(self, column: ColumnSpec, node: Node) -> Json:
        match column.type:
            case "person":
                return self.somebody(node)
            case "persons":
                return sorted(node.list(self.somebody))
            case "row":
                return self.about(node)
            case "date":
                return _day(node).isoformat()
            case "choices":
                return sorted(node.list(Node.key))
            case "yes_no":
                return _one_of(node, ("ja", "nee"))
            case "choice" if column.choices:
                return _one_of(node, column.choices)
            case "number" if isinstance(node.value, int):
                return str(node.integer())
            case _:
                return node.string()

    def somebody(self, node: Node) -> str:
        if node.string() not in self.people:
            node.refuse("There is no such person in this script.")
        return node.string()

    def about(self, node: Node) -> str:
        if node.string() not in self.people and node.string() not in self.rows:
            node.refuse("There is no such person or row in this script.")
        return node.string()

    # steps

    def step(self, node: Node) -> Step:
        node.object(
            "as", "step", "track", "about", "answers", "deviate", "change", "happened_on", "note", "expect",
            required=("at", "do"),
        )  # fmt: skip
        deed = node.child("do").member(Deed)
        self.refuse_what_does_not_belong(node, deed)
        node.optional_string("note")
        name, activity = self.step_of(node, deed)
        return Step(
            place=node.path,
            at=_moment(node.child("at")),
            do=deed,
            by=self.actor(node.child("as")) if node.has("as") else "",
            step=name,
            subject=self.about(node.child("about")) if node.has("about") else "",
            answers=self.answers(node.child("answers"), activity) if node.has("answers") and activity else {},
            deviating=self.deviating(node.child("deviate")) if node.has("deviate") else None,
            changes=node.child("change").list(self.change, at_least=1) if node.has("change") else (),
            happened_on=_day(node.child("happened_on")) if node.has("happened_on") else None,
            expectations=tuple(self.expected(node.child("expect"))) if node.has("expect") else (),
        )

    def refuse_what_does_not_belong(self, node: Node, deed: Deed) -> None:
        needed = {
            "as": deed not in NOBODY_NEEDED,
            "step": deed in WITH_STEP,
            "track": deed is Deed.OPEN_TRACK,
            "change": deed is Deed.CHANGE_PEOPLE,
        }
        possible = {
            "about": deed is Deed.OPEN_TRACK,
            "answers": deed is Deed.COMPLETE,
            "deviate": deed in WITH_STEP,
            "happened_on": deed not in NOBODY_NEEDED,
        }
        for key, is_needed in needed.items():
            if is_needed and not node.has(key):
                node.refuse(f"`{key}` is missing here: {deed.value} needs it.")
        for key, fits in {**needed, **possible}.items():
            if node.has(key) and not fits:
                node.child(key).refuse(f"This does not belong to {deed.value}.")

    def step_of(self, node: Node, deed: Deed) -> tuple[StepName | None, Activity | None]:
        if deed is Deed.OPEN_TRACK:
            return self.track(node.child("track")), None
        if deed in WITH_STEP:
            name = self.activity(node.child("step"))
            return name, self.release.definitions[name.definition].activity(name.key)
        return None, None

    def actor(self, node: Node) -> str:
        if self.somebody(node) not in self.actors:
            node.refuse("This person has no role in an organisation, and so does nothing in the case.")
        return node.string()

    def activity(self, node: Node) -> StepName:
        name = self.place(node)
        if all(activity.key != name.key for activity in self.release.definitions[name.definition].activities):
            node.refuse(f"{name.definition} has no step of that key.")
        return name

    def track(self, node: Node) -> StepName:
        name = self.place(node)
        if all(track.key != name.key for track in self.release.definitions[name.definition].tracks):
            node.refuse(f"{name.definition} has no track of that key.")
        return name

    def place(self, node: Node) -> StepName:
        match = PLACE.fullmatch(node.string())
        if match is None:
            node.refuse("A step was expected here, for example V.first_talk or D-TOEST.answers@clinic.")
        definition, key, about = match[1], match[2], match[3] or ""
        if definition not in self.release.definitions:
            node.refuse(f"There is no definition {definition}.")
        if about and about not in self.people and about not in self.rows:
            node.refuse("After @, a person or a row of this script was expected.")
        return StepName(definition, key, about)

    def answers(self, node: Node, activity: Activity) -> dict[str, Json]:
        questions = {spec.key: spec for spec in activity.fields}
        found: dict[str, Json] = {}
        for key, answer in node.items():
            if key not in questions:
                answer.refuse(f"This step does not ask that. It asks: {', '.join(questions)}.")
            found[key] = self.answer(questions[key], answer)
        return found

    def answer(self, question: FieldSpec | Column, node: Node) -> Json:
        if isinstance(question, FieldSpec) and question.columns and isinstance(node.value, list):
            columns = {column.key: column for column in question.columns}
            return list(node.list(lambda row: self.row_answer(columns, row)))
        self.refuse_strangers(question, node)
        return _json(node)

    def row_answer(self, columns: Mapping[str, Column], node: Node) -> Json:
        for key, cell in node.items():
            if key not in columns:
                cell.refuse(f"There is no such column. Known here: {', '.join(columns)}.")
            self.refuse_strangers(columns[key], cell)
        return _json(node)

    def refuse_strangers(self, question: FieldSpec | Column, node: Node) -> None:
        if question.type == "person" and node.value is not None:
            self.somebody(node)
        elif question.type == "persons" and node.value is not None:
            node.list(self.somebody)

    def deviating(self, node: Node) -> Deviating:
        node.object("family_view", "colleague", "look_again_on", required=("reason",))
        return Deviating(
            reason=node.child("reason").string(),
            family_view=node.optional_string("family_view"),
            colleague=self.somebody(node.child("colleague")) if node.has("colleague") else "",
            look_again_on=_day(node.child("look_again_on")) if node.has("look_again_on") else None,
        )

    def change(self, node: Node) -> Change:
        node.object("about", required=("register", "set"))
        register = _register(node.child("register"), node.child("register").string())
        about = self.about(node.child("about")) if node.has("about") else ""
        of = PERSON if about in self.people else self.rows[about].register if about else register.key
        if of != register.key:
            node.child("about").refuse(f"That is a row of the register {of}.")
        return Change(Row(register.key, self.cells(register.key, dict(node.child("set").items()))), about)

    # expectations

    def expected(self, node: Node) -> Iterator[Expectation]:
        for key, child in node.items():
            if key not in tuple(Kind):
                child.refuse(f"Unknown key. Known here: {', '.join(Kind)}.")
            yield from self.expectations(Kind(key), child)

    def expectations(self, kind: Kind, node: Node) -> Iterator[Expectation]:
        match kind:
            case Kind.DUE:
                for name, child in self.of_steps(node):
                    yield _expect(child, kind, name, None if child.value is None else _day(child).isoformat())
            case Kind.EXPLAINS:
                for name, child in self.of_steps(node):
                    yield _expect(child, kind, name, child.string())
            case Kind.OPEN | Kind.NOT_OPEN:
                for child in _each(node):
                    yield _expect(child, kind, str(self.activity(child)), kind is Kind.OPEN)
            case Kind.MUST_CONSENT:
                for name, child in node.items():
                    self.about(Node(name, child.path))
                    yield _expect(child, kind, name, sorted(self.somebody(one) for one in _each(child)))
            case Kind.RECORDS:
                for name, child in node.items():
                    yield from self.columns_expected(self.about(Node(name, child.path)), child)
            case Kind.MAY_SEE | Kind.MAY_NOT_SEE:
                for viewer, things in node.items():
                    self.somebody(Node(viewer, things.path))
                    for thing in _each(things):
                        yield _expect(thing, kind, f"{viewer}: {self.thing(thing)}", kind is Kind.MAY_SEE)
            case Kind.NO_TRACE:
                for child in _each(node):
                    yield _expect(child, kind, _word(child), [])
            case Kind.REFUSED:
                yield _expect(node, kind, "", node.key())
            case _:
                yield _expect(node, kind, "", sorted(_word(child) for child in _each(node)))

    def of_steps(self, node: Node) -> Iterator[tuple[str, Node]]:
        for name, child in node.items():
            yield str(self.activity(Node(name, child.path))), child

    def columns_expected(self, name: str, node: Node) -> Iterator[Expectation]:
        register = PERSON if name in self.people else self.rows[name].register
        for column, value in self.cells(register, dict(node.items()), looking=True).items():
            yield _expect(node.child(column), Kind.RECORDS, f"{name}.{column}", value)

    def thing(self, node: Node) -> str:
        """What may be seen: a column of a row (`mother.address`), or an answer (`V.first_talk.wil_gezin`)."""
        text = node.string()
        element, _, last = text.rpartition(".")
        if element in self.people or element in self.rows:
            register = PERSON if element in self.people else self.rows[element].register
            if registers()[register].column(last) is None:
                node.refuse(f"The register {register} has no such column.")
            return text
        name = self.activity(Node(element, node.path))
        activity = self.release.definitions[name.definition].activity(name.key)
        if all(spec.key != last for spec in activity.fields):
            node.refuse("That step has no such question.")
        return text


def _refuse_disorder(nodes: tuple[Node, ...], steps: tuple[Step, ...]) -> None:
    if steps[0].do is not Deed.OPEN_CASE:
        nodes[0].child("do").refuse("The first step opens the case.")
    for before, node, step in zip(steps, nodes[1:], steps[1:], strict=False):
        if step.do is Deed.OPEN_CASE:
            node.child("do").refuse("The case is open already.")
        if step.at < before.at:
            node.child("at").refuse("This lies before the step above it.")


def _itself(node: Node) -> Node:
    return node


def _each(node: Node) -> tuple[Node, ...]:
    """The members of a list, or the one that stands there without a list."""
    return node.list(_itself) if isinstance(node.value, list) else (node,)


def _expect(node: Node, kind: Kind, key: str, expected: Json) -> Expectation:
    return Expectation(node.path, kind, key, expected)


def _name(node: Node, key: str) -> str:
    if not NAME.fullmatch(key):
        node.refuse("A name was expected here: small letters, digits and underscores, at most 40.")
    return key


def _organisation(node: Node) -> Organisation:
    node.object(required=("name", "kind"))
    return Organisation(_word(node.child("name")), _one_of(node.child("kind"), KINDS_OF_ORGANISATION))


def _register(node: Node, key: str) -> RegisterSpec:
    known = registers().get(key)
    if known is None:
        node.refuse(f"There is no such register. Known: {', '.join(sorted(registers()))}.")
    return known


def _settings(node: Node) -> dict[str, str | int]:
    return {key: child.integer() if isinstance(child.value, int) else child.string() for key, child in node.items()}


def _one_of(node: Node, choices: Collection[str]) -> str:
    if node.string() not in choices:
        node.refuse(f"One of {', '.join(choices)} was expected here.")
    return node.string()


def _word(node: Node) -> str:
    if not node.string().strip():
        node.refuse("Words were expected here.")
    return node.string()


def _json(node: Node) -> Json:
    if isinstance(node.value, dict):
        return {key: _json(child) for key, child in node.items()}
    if isinstance(node.value, list):
        return list(node.list(_json))
    if isinstance(node.value, str):
        return node.string()
    value: Json = node.value
    return value


def _day(node: Node) -> date:
    text = node.string()
    try:
        if not DAY.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        return node.refuse("A day was expected here, for example 2026-03-02.")


def _moment(node: Node) -> datetime:
    text = node.string()
    try:
        if DAY.fullmatch(text):
            return datetime.combine(date.fromisoformat(text), NOON, AMSTERDAM)
        if not MOMENT.fullmatch(text):
            raise ValueError
        return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)
    except ValueError:
        return node.refuse("A day or a moment was expected here, for example 2026-03-02 or 2026-03-02T09:30.")
