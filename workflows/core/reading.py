"""
Definitions: from JSON and back.

Reading refuses what it does not know and names the place. Writing leaves defaults out, so that a definition has one
canonical form (RFC 8785), and one SHA-256.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import TypeVar

from padwijzer.forms.core.nodes import Node, canonical_json, leave_out_defaults, parse
from padwijzer.forms.core.reading import (
    read_collection,
    read_condition,
    read_constant,
    read_fact,
    read_field,
    read_filter,
    read_term,
    write_collection,
    write_condition,
    write_fact,
    write_field,
    write_filter,
    write_term,
    write_text,
)
from padwijzer.workflows.core.definition import (
    SCHEMA_VERSION,
    Activity,
    Anchor,
    Answered,
    AtAge,
    Before,
    ByHand,
    Call,
    Closer,
    Completed,
    Constant,
    Deadline,
    Detour,
    Effect,
    End,
    Exit,
    FromColumn,
    FromFact,
    FromField,
    FromRecorded,
    Goto,
    Instead,
    Interrupt,
    Jump,
    Kind,
    Moment,
    Notify,
    Obligation,
    OnDate,
    OnEvent,
    Open,
    OpenDuty,
    Opened,
    Opener,
    OpenTrack,
    Owner,
    Parameter,
    Performer,
    PreviousRound,
    ProcessDefinition,
    Record,
    RecordEvent,
    Return,
    RowsSource,
    Rule,
    RunScope,
    Source,
    Target,
    TimeBefore,
    Track,
)

T = TypeVar("T", Activity, Track)


def read_definition(text: str | bytes) -> ProcessDefinition:
    """
    A definition from its JSON.

    Args:
        text: a JSON document of at most 4 MB.

    Returns:
        The definition; whether it makes sense is for `compiling` to say.

    Raises:
        Unreadable: with the exact place and the reason.
    """
    return _definition(parse(text))


def canonical(definition: ProcessDefinition) -> bytes:
    """The definition as canonical JSON (RFC 8785): the bytes that are hashed and published."""
    return canonical_json(write_definition(definition))


def readable(definition: ProcessDefinition) -> str:
    """The definition as JSON for people: the same value, indented, keys in order, one line feed at the end."""
    return json.dumps(write_definition(definition), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def digest(definition: ProcessDefinition) -> str:
    """SHA-256 of the canonical bytes, in lower-case hexadecimal."""
    return hashlib.sha256(canonical(definition)).hexdigest()


def _definition(node: Node) -> ProcessDefinition:
    node.object(
        "purpose", "entries", "tracks", "returns", "parameters", "outside", "whole", "children", "per_child_from",
        required=("schema", "key", "title", "scope", "activities"),
    )  # fmt: skip
    if node.child("schema").integer() != SCHEMA_VERSION:
        node.child("schema").refuse(f"This version of Padwijzer reads schema {SCHEMA_VERSION}.")
    return ProcessDefinition(
        key=node.child("key").definition(),
        title=node.child("title").text(),
        scope=node.child("scope").member(RunScope),
        activities=_unique(node.child("activities"), _activity, at_least=1),
        purpose=node.optional_text("purpose"),
        entries=node.optional_list("entries", Node.key),
        tracks=_unique(node.child("tracks"), _track) if node.has("tracks") else (),
        returns=node.optional_list("returns", Node.key),
        parameters=node.optional_list("parameters", _parameter),
        outside=tuple(
            sorted((Node(key, child.path).definition(), child.text()) for key, child in node.child("outside").items())
        )
        if node.has("outside")
        else (),
        whole=node.boolean("whole", default=True),
        children=node.child("children").place() if node.has("children") else "",
        per_child_from=node.child("per_child_from").key() if node.has("per_child_from") else "",
    )


def _unique(node: Node, read: Callable[[Node], T], *, at_least: int = 0) -> tuple[T, ...]:
    members = node.list(read, at_least=at_least)
    seen: set[str] = set()
    for index, member in enumerate(members):
        if member.key in seen:
            Node(member.key, f"{node.path}[{index}].key").refuse("This key stands twice in the definition.")
        seen.add(member.key)
    return members


def _parameter(node: Node) -> Parameter:
    node.object(required=("key", "values"))
    return Parameter(node.child("key").key(), node.child("values").list(Node.key, at_least=1))


def _activity(node: Node) -> Activity:
    node.object(
        "instruction", "grounds", "meanings", "performers", "available", "unavailable", "fields", "rules", "records",
        "opens", "deadlines", "skip", "notify", "shows", "skippable", "unblockable", "call", "stays_open", "minutes",
        required=("key", "reference", "title", "kind", "obligation", "exits"),
    )  # fmt: skip
    kind = node.child("kind").member(Kind)
    if (kind is Kind.CALL) != node.has("call"):
        node.child("call").refuse("A call names what it calls, and only a call does.")
    fields = node.optional_list("fields", read_field)
    for index, field in enumerate(fields):
        if field.key in {other.key for other in fields[:index]}:
            Node(field.key, f"{node.path}.fields[{index}].key").refuse("This field stands twice in the step.")
    return Activity(
        key=node.child("key").key(),
        reference=node.child("reference").string(),
        title=node.child("title").text(),
        kind=kind,
        obligation=node.child("obligation").member(Obligation),
        exits=node.child("exits").list(_exit, at_least=1),
        instruction=node.optional_text("instruction"),
        grounds=node.optional_list("grounds", Node.string),
        meanings=node.optional_list("meanings", Node.key),
        performers=node.optional_list("performers", _performer),
        available=read_condition(node.child("available")) if node.has("available") else None,
        unavailable=_target(node.child("unavailable")) if node.has("unavailable") else None,
        fields=fields,
        rules=node.optional_list("rules", _rule),
        records=node.optional_list("records", _record),
        opens=node.optional_list("opens", _open),
        deadlines=node.optional_list("deadlines", _deadline),
        skip=_target(node.child("skip")) if node.has("skip") else None,
        notify=node.optional_list("notify", _notify),
        shows=node.optional_list("shows", Node.key),
        skippable=node.boolean("skippable", default=True),
        unblockable=node.boolean("unblockable", default=False),
        call=_call(node.child("call")) if node.has("call") else None,
        stays_open=node.boolean("stays_open", default=False),
        minutes=node.child("minutes").integer() if node.has("minutes") else 5,
    )


def _performer(node: Node) -> Performer:
    if isinstance(node.value, str):
        role, colon, adviser = node.value.partition(":")
        if colon and adviser != "adviser":
            node.refuse("A role was expected here, or a role followed by :adviser.")
        return Performer(Node(role, node.path).key(), adviser == "adviser")
    return node.refuse("A role was expected here.")


def _exit(node: Node) -> Exit:
    node.object(required=("when", "to"))
    when = node.child("when")
    return Exit(_target(node.child("to")), None if when.value == "else" else read_condition(when))


def _target(node: Node) -> Target:
    if node.value == "end":
        return End()
    if node.has("goto"):
        return Goto(node.object("goto").child("goto").key())
    if node.has("jump"):
        node.object("at", required=("jump",))
        return Jump(node.child("jump").definition(), node.child("at").key() if node.has("at") else "")
    if node.has("interrupt"):
        return Interrupt(node.object("interrupt").child("interrupt").definition())
    if node.has("call"):
        return Detour(node.object("call").child("call").definition())
    if node.has("return"):
        return Return(node.object("return").child("return").key())
    return node.refuse('Where to go was expected here: goto, jump, interrupt, call, return, or the word "end".')


def _rows_source(node: Node) -> RowsSource:
    node.object("where", required=("of",))
    where = read_filter(node.child("where")) if node.has("where") else None
    return RowsSource(read_collection(node.child("of")), where)


def _call(node: Node) -> Call:
    node.object("for_each", "goes_on_when", "parameters", "obligation", required=("definition",))
    return Call(
        definition=node.child("definition").definition(),
        for_each=_rows_source(node.child("for_each")) if node.has("for_each") else None,
        goes_on_when=read_condition(node.child("goes_on_when")) if node.has("goes_on_when") else None,
        parameters=tuple(sorted((key, child.key()) for key, child in node.child("parameters").keyed()))
        if node.has("parameters")
        else (),
        obligation=node.child("obligation").member(Obligation) if node.has("obligation") else None,
    )


def _rule(node: Node) -> Rule:
    node.object(
        "unknown_counts", "obligation", "afterwards", "look_again", "term", "to",
        required=("when", "effect", "text", "ground"),
    )  # fmt: skip
    return Rule(
        when=read_condition(node.child("when")),
        effect=node.child("effect").member(Effect),
        text=node.child("text").text(),
        ground=node.child("ground").string(),
        unknown_counts=node.boolean("unknown_counts", default=False),
        obligation=node.child("obligation").member(Obligation) if node.has("obligation") else None,
        afterwards=node.child("afterwards").key() if node.has("afterwards") else "",
        look_again=node.child("look_again").key() if node.has("look_again") else "",
        term=read_term(node.child("term")) if node.has("term") else None,
        to=node.optional_list("to", Node.key),
    )


def _record(node: Node) -> Record:
    node.object("each", "subject", "match", "when", "where", required=("register", "set"))
    return Record(
        register=node.child("register").key(),
        set=tuple(sorted((key, _source(source)) for key, source in node.child("set").keyed())),
        each=node.child("each").key() if node.has("each") else "",
        subject=node.boolean("subject", default=False),
        match=node.optional_list("match", Node.key),
        when=read_condition(node.child("when")) if node.has("when") else None,
        where=read_filter(node.child("where")) if node.has("where") else None,
    )


def _source(node: Node) -> Source:
    node.object("field", "column", "fact", "recorded", "constant")
    if len(node.value) != 1:
        node.refuse("One of field, column, fact, recorded and constant was expected here.")
    if node.has("field"):
        return FromField(node.child("field").key())
    if node.has("column"):
        return FromColumn(node.child("column").key())
    if node.has("fact"):
        return FromFact(read_fact(node.child("fact")))
    if node.has("recorded"):
        return FromRecorded(node.child("recorded").key())
    return Constant(read_constant(node.child("constant")))


def _open(node: Node) -> Open:
    node.object("track", "duty", "title", "term", "discharged_by", "emergency", "at", "owner", "when", "for_each")
    if node.has("track") == node.has("duty"):
        node.refuse("A track or a duty was expected here.")
    what: OpenTrack | OpenDuty
    if node.has("track"):
        for key in ("title", "term", "discharged_by", "emergency"):
            if node.has(key):
                node.child(key).refuse("Only a duty has this.")
        what = OpenTrack(node.child("track").key())
    else:
        what = OpenDuty(
            node.child("duty").key(),
            node.child("title").text(),
            node.child("term").key() if node.has("term") else "",
            node.optional_list("discharged_by", Node.place),
            node.boolean("emergency", default=False),
        )
    return Open(
        what=what,
        at=node.optional_member("at", Moment.OPENING),
        owner=node.optional_member("owner", Owner.RUN),
        when=read_condition(node.child("when")) if node.has("when") else None,
        for_each=_rows_source(node.child("for_each")) if node.has("for_each") else None,
    )


def _deadline(node: Node) -> Deadline:
    node.object("repeats", "repeats_each", "instead", "warn", required=("term", "from"))
    return Deadline(
        term=read_term(node.child("term")),
        start=_anchor(node.child("from")),
        repeats=node.optional_list("repeats", Node.key),
        repeats_each=node.child("repeats_each").key() if node.has("repeats_each") else "",
        instead=node.optional_list("instead", _instead),
        warn=node.child("warn").list(Node.integer) if node.has("warn") else (75,),
    )


def _instead(node: Node) -> Instead:
    node.object(required=("when", "term", "from"))
    return Instead(read_condition(node.child("when")), read_term(node.child("term")), _anchor(node.child("from")))


def _anchor(node: Node) -> Anchor:
    if node.has("answered"):
        node.object("answered", "is")
        value = read_constant(node.child("is")) if node.has("is") else None
        return Answered(node.child("answered").place(), value)
    if node.has("previous_round"):
        fallback = _anchor(node.object("previous_round").child("previous_round"))
        if not isinstance(fallback, Opened | Completed | OnDate | OnEvent):
            node.refuse("The fallback of a first round is opened, completed, date or event.")
        return PreviousRound(fallback)
    node.object("opened", "completed", "date", "event", "age", "before")
    if len(node.value) == 1:
        ((key, child),) = node.items()
        match key:
            case "opened":
                return Opened(child.place())
            case "completed":
                return Completed(child.place())
            case "date":
                return OnDate(read_fact(child))
            case "event":
                return OnEvent(child.member(RecordEvent))
            case "age":
                return AtAge(child.integer())
            case "before":
                return Before(read_fact(child))
    return node.refuse("One of opened, completed, date, answered, event, age, before and previous_round.")


def _notify(node: Node) -> Notify:
    node.object("when", required=("to", "text"))
    when = read_condition(node.child("when")) if node.has("when") else None
    return Notify(node.child("to").list(Node.key, at_least=1), node.child("text").text(), when)


def _track(node: Node) -> Track:
    node.object(
        "activity", "definition", "closes_on", "closed_by_hand", "possible_when", "for_each", "handed_over",
        required=("key", "title", "opens_by", "owner"),
    )  # fmt: skip
    if node.has("activity") == node.has("definition"):
        node.refuse("The body of a track is an activity or a definition.")
    return Track(
        key=node.child("key").key(),
        title=node.child("title").text(),
        opens_by=_opener(node.child("opens_by")),
        owner=node.child("owner").member(Owner),
        activity=node.child("activity").key() if node.has("activity") else "",
        definition=node.child("definition").definition() if node.has("definition") else "",
        closes_on=node.optional_list("closes_on", _closer),
        closed_by_hand=node.boolean("closed_by_hand", default=False),
        possible_when=read_condition(node.child("possible_when")) if node.has("possible_when") else None,
        for_each=_rows_source(node.child("for_each")) if node.has("for_each") else None,
        handed_over=node.boolean("handed_over", default=True),
    )


def _opener(node: Node) -> Opener:
    if isinstance(node.value, str):
        return node.member(ByHand)
    if node.has("age"):
        return AtAge(node.object("age").child("age").integer())
    if node.has("event"):
        return OnEvent(node.object("event").child("event").member(RecordEvent))
    node.object(required=("before", "term"))
    return TimeBefore(read_fact(node.child("before")), node.child("term").key())


def _closer(node: Node) -> Closer:
    anchor = _anchor(node)
    if not isinstance(anchor, Completed | OnEvent | AtAge):
        node.refuse("A track closes on completed, event or age.")
    return anchor


def write_definition(definition: ProcessDefinition) -> dict[str, object]:
    """A definition as JSON values, defaults left out."""
    return {
        "schema": SCHEMA_VERSION,
        "key": definition.key,
        "title": write_text(definition.title),
        "scope": definition.scope.value,
        "activities": [_write_activity(activity) for activity in definition.activities],
        **leave_out_defaults(
            {
                "purpose": write_text(definition.purpose),
                "entries": list(definition.entries),
                "tracks": [_write_track(track) for track in definition.tracks],
                "returns": list(definition.returns),
                "parameters": [{"key": p.key, "values": list(p.values)} for p in definition.parameters],
                "outside": {key: write_text(text) for key, text in definition.outside},
                "children": definition.children,
                "per_child_from": definition.per_child_from,
            }
        ),
        **({} if definition.whole else {"whole": False}),
    }


def _write_activity(activity: Activity) -> dict[str, object]:
    return {
        "key": activity.key,
        "reference": activity.reference,
        "title": write_text(activity.title),
        "kind": activity.kind.value,
        "obligation": activity.obligation.value,
        "exits": [_write_exit(exit_) for exit_ in activity.exits],
        **leave_out_defaults(
            {
                "instruction": write_text(activity.instruction),
                "grounds": list(activity.grounds),
                "meanings": list(activity.meanings),
                "performers": [p.role + (":adviser" if p.adviser else "") for p in activity.performers],
                "available": write_condition(activity.available) if activity.available else None,
                "unavailable": _write_target(activity.unavailable) if activity.unavailable else None,
                "fields": [write_field(field) for field in activity.fields],
                "rules": [_write_rule(rule) for rule in activity.rules],
                "records": [_write_record(record) for record in activity.records],
                "opens": [_write_open(open_) for open_ in activity.opens],
                "deadlines": [_write_deadline(deadline) for deadline in activity.deadlines],
                "skip": _write_target(activity.skip) if activity.skip else None,
                "notify": [_write_notify(notify) for notify in activity.notify],
                "shows": list(activity.shows),
                "unblockable": activity.unblockable,
                "call": _write_call(activity.call) if activity.call else None,
                "stays_open": activity.stays_open,
            }
        ),
        **({} if activity.skippable else {"skippable": False}),
        **({} if activity.minutes == 5 else {"minutes": activity.minutes}),
    }


def _write_exit(exit_: Exit) -> dict[str, object]:
    return {"when": write_condition(exit_.when) if exit_.when else "else", "to": _write_target(exit_.target)}


def _write_target(target: Target) -> object:
    match target:
        case Goto(activity):
            return {"goto": activity}
        case Jump(definition, activity):
            return {"jump": definition, **({"at": activity} if activity else {})}
        case Interrupt(definition):
            return {"interrupt": definition}
        case Detour(definition):
            return {"call": definition}
        case Return(outcome):
            return {"return": outcome}
        case End():
            return "end"


def _write_rows_source(source: RowsSource) -> dict[str, object]:
    where = {"where": write_filter(source.where)} if source.where else {}
    return {"of": write_collection(source.collection), **where}


def _write_call(call: Call) -> dict[str, object]:
    return {
        "definition": call.definition,
        **leave_out_defaults(
            {
                "for_each": _write_rows_source(call.for_each) if call.for_each else None,
                "goes_on_when": write_condition(call.goes_on_when) if call.goes_on_when else None,
                "parameters": dict(call.parameters),
                "obligation": call.obligation.value if call.obligation else None,
            }
        ),
    }


def _write_rule(rule: Rule) -> dict[str, object]:
    return {
        "when": write_condition(rule.when),
        "effect": rule.effect.value,
        "text": write_text(rule.text),
        "ground": rule.ground,
        **leave_out_defaults(
            {
                "unknown_counts": rule.unknown_counts,
                "obligation": rule.obligation.value if rule.obligation else None,
                "afterwards": rule.afterwards,
                "look_again": rule.look_again,
                "term": write_term(rule.term) if rule.term else None,
                "to": list(rule.to),
            }
        ),
    }


def _write_record(record: Record) -> dict[str, object]:
    return {
        "register": record.register,
        "set": {column: _write_source(source) for column, source in record.set},
        **leave_out_defaults(
            {
                "each": record.each,
                "subject": record.subject,
                "match": list(record.match),
                "when": write_condition(record.when) if record.when else None,
                "where": write_filter(record.where) if record.where else None,
            }
        ),
    }


def _write_source(source: Source) -> dict[str, object]:
    match source:
        case FromField(field):
            return {"field": field}
        case FromColumn(column):
            return {"column": column}
        case FromFact(fact):
            return {"fact": write_fact(fact)}
        case FromRecorded(register):
            return {"recorded": register}
        case Constant(value):
            return {"constant": value}


def _write_open(open_: Open) -> dict[str, object]:
    what: dict[str, object]
    match open_.what:
        case OpenTrack(track):
            what = {"track": track}
        case OpenDuty(duty, title, term, discharged_by, emergency):
            what = {
                "duty": duty,
                "title": write_text(title),
                **leave_out_defaults({"term": term, "discharged_by": list(discharged_by), "emergency": emergency}),
            }
    return {
        **what,
        **leave_out_defaults(
            {
                "at": open_.at.value if open_.at is not Moment.OPENING else None,
                "owner": open_.owner.value if open_.owner is not Owner.RUN else None,
                "when": write_condition(open_.when) if open_.when else None,
                "for_each": _write_rows_source(open_.for_each) if open_.for_each else None,
            }
        ),
    }


def _write_deadline(deadline: Deadline) -> dict[str, object]:
    return {
        "term": write_term(deadline.term),
        "from": _write_anchor(deadline.start),
        **leave_out_defaults(
            {
                "repeats": list(deadline.repeats),
                "repeats_each": deadline.repeats_each,
                "instead": [
                    {
                        "when": write_condition(instead.when),
                        "term": write_term(instead.term),
                        "from": _write_anchor(instead.start),
                    }
                    for instead in deadline.instead
                ],
            }
        ),
        **({} if deadline.warn == (75,) else {"warn": list(deadline.warn)}),
    }


def _write_anchor(anchor: Anchor) -> dict[str, object]:
    match anchor:
        case Opened(activity):
            return {"opened": activity}
        case Completed(activity):
            return {"completed": activity}
        case OnDate(fact):
            return {"date": write_fact(fact)}
        case Answered(field, value):
            return {"answered": field, **({} if value is None else {"is": value})}
        case OnEvent(event):
            return {"event": event.value}
        case AtAge(months):
            return {"age": months}
        case Before(fact):
            return {"before": write_fact(fact)}
        case PreviousRound(fallback):
            return {"previous_round": _write_anchor(fallback)}


def _write_notify(notify: Notify) -> dict[str, object]:
    when = {"when": write_condition(notify.when)} if notify.when else {}
    return {"to": list(notify.to), "text": write_text(notify.text), **when}


def _write_track(track: Track) -> dict[str, object]:
    body = {"activity": track.activity} if track.activity else {"definition": track.definition}
    return {
        "key": track.key,
        "title": write_text(track.title),
        "opens_by": _write_opener(track.opens_by),
        "owner": track.owner.value,
        **body,
        **leave_out_defaults(
            {
                "closes_on": [_write_anchor(closer) for closer in track.closes_on],
                "closed_by_hand": track.closed_by_hand,
                "possible_when": write_condition(track.possible_when) if track.possible_when else None,
                "for_each": _write_rows_source(track.for_each) if track.for_each else None,
            }
        ),
        **({} if track.handed_over else {"handed_over": False}),
    }


def _write_opener(opener: Opener) -> object:
    match opener:
        case ByHand():
            return opener.value
        case AtAge(months):
            return {"age": months}
        case OnEvent(event):
            return {"event": event.value}
        case TimeBefore(fact, term):
            return {"before": write_fact(fact), "term": term}
