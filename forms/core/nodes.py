"""JSON with its place: a reader that refuses what it does not know and says exactly where."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

import rfc8785

from padwijzer.forms.core.errors import Unreadable
from padwijzer.forms.core.schema import Text

KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
DEFINITION_KEY = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)*")
PLACE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}(\.[A-Za-z][A-Za-z0-9_]{0,63}){0,2}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,8})?")
DEEPEST = 40
LARGEST = 4_000_000
LONGEST_NUMBER = 17

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


def canonical_json(value: object) -> bytes:
    """
    A value in the one form in which it is hashed (RFC 8785).

    Args:
        value: plain JSON values, as a writer of a document makes them.
    """
    return rfc8785.dumps(value)  # type: ignore[arg-type] # the writers give plain JSON values


def parse(text: str | bytes) -> Node:
    """
    The root of a JSON document.

    Args:
        text: the document, at most 4 MB.

    Returns:
        Its root node.

    Raises:
        Unreadable: when it is too large, is not UTF-8 or JSON, has a key twice, or nests deeper than 40 levels.
    """
    if len(text) > LARGEST:
        raise Unreadable("", f"The file is larger than {LARGEST // 1_000_000} MB.")
    try:
        value = json.loads(
            text if isinstance(text, str) else text.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=lambda name: _Refused("", f"{name} is no number in JSON."),
            parse_float=lambda written: _Refused(
                "", f"Write {written[:32]} as a text between quotes: fractions are not exact in JSON."
            ),
            parse_int=_whole_number,
        )
    except UnicodeDecodeError as error:
        raise Unreadable("", f"The file is not UTF-8 (byte {error.start}).") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"line {error.lineno}, column {error.colno}", f"This is not JSON: {error.msg}.") from None
    except RecursionError:
        raise Unreadable("", f"The file nests deeper than {DEEPEST} levels.") from None
    _refuse_what_no_node_may_be(value, "", 0)
    return Node(value)


class _Refused:
    """What the JSON parser met and may not be; the walk that follows knows where. Args: key: under which key."""

    __slots__ = ("key", "reason")

    def __init__(self, key: str, reason: str) -> None:
        self.key = key
        self.reason = reason


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Refused:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for index, key in enumerate(keys) if key in keys[:index])
        return _Refused(twice[:64], "This key stands twice in one object.")
    return found


def _whole_number(written: str) -> int | _Refused:
    if len(written) > LONGEST_NUMBER:
        return _Refused("", "This number is too large.")
    return int(written)


def _refuse_what_no_node_may_be(value: object, path: str, level: int) -> None:
    if level > DEEPEST:
        raise Unreadable(path, f"The file nests deeper than {DEEPEST} levels.")
    if isinstance(value, _Refused):
        raise Unreadable(_under(path, value.key) if value.key else path, value.reason)
    if isinstance(value, dict):
        for key, child in value.items():
            _refuse_what_no_node_may_be(child, _under(path, key), level + 1)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            _refuse_what_no_node_may_be(child, f"{path}[{index}]", level + 1)


def _under(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


class Node:
    """A JSON value and its path. Args: value: what was parsed; path: where it stands."""

    __slots__ = ("path", "value")

    def __init__(self, value: Any, path: str = "") -> None:
        self.value = value
        self.path = path

    def refuse(self, reason: str) -> NoReturn:
        """Raise `Unreadable` for this place."""
        raise Unreadable(self.path, reason)

    def object(self, *allowed: str, required: tuple[str, ...] = ()) -> Node:
        """This node, when it is an object with no other keys than these and with the required ones."""
        if not isinstance(self.value, dict):
            self.refuse("An object was expected here.")
        for key in self.value:
            if key not in allowed and key not in required:
                self.child(key).refuse(f"Unknown key. Known here: {', '.join(sorted({*allowed, *required}))}.")
        for key in required:
            if key not in self.value:
                self.refuse(f"`{key}` is missing here.")
        return self

    def child(self, key: str) -> Node:
        """The value under a key; a missing one has the value None."""
        return Node(self.value.get(key) if isinstance(self.value, dict) else None, _under(self.path, key))

    def has(self, key: str) -> bool:
        """Whether this is an object with that key."""
        return isinstance(self.value, dict) and key in self.value

    def items(self) -> Iterator[tuple[str, Node]]:
        """Keys and values of an object. Raises: Unreadable when it is none."""
        if not isinstance(self.value, dict):
            self.refuse("An object was expected here.")
        for key in self.value:
            yield key, self.child(key)

    def list(self, read: Callable[[Node], T], *, at_least: int = 0) -> tuple[T, ...]:
        """What `read` makes of each member of a list. Raises: Unreadable when it is no list or too short."""
        if not isinstance(self.value, list):
            self.refuse("A list was expected here.")
        if len(self.value) < at_least:
            self.refuse(f"At least {at_least} was expected here.")
        return tuple(read(Node(value, f"{self.path}[{index}]")) for index, value in enumerate(self.value))

    def optional_list(self, key: str, read: Callable[[Node], T]) -> tuple[T, ...]:
        """The list under a key, empty when the key is absent."""
        return self.child(key).list(read) if self.has(key) else ()

    def string(self, pattern: re.Pattern[str] | None = None) -> str:
        """A text, which matches the whole pattern when one is given."""
        if not isinstance(self.value, str):
            self.refuse("A text was expected here.")
        if "\x00" in self.value or any(0xD800 <= ord(char) <= 0xDFFF for char in self.value):
            self.refuse("This text holds a character that cannot be stored.")
        if pattern is not None and not pattern.fullmatch(self.value):
            self.refuse(f"A key was expected here (letters, digits and underscores), not {self.value[:64]!r}.")
        return self.value

    def key(self) -> str:
        """A stable key."""
        return self.string(KEY)

    def keyed(self) -> Iterator[tuple[str, Node]]:
        """Keys and values of an object whose every key is a stable key. Raises: Unreadable when one is none."""
        for key, child in self.items():
            yield Node(key, child.path).key(), child

    def place(self) -> str:
        """Keys joined by dots: `field`, `activity.field` or `DEFINITION.activity`."""
        if not isinstance(self.value, str) or not PLACE.fullmatch(self.value):
            self.refuse("A key, or keys joined by a dot, was expected here, for example family_plan.doelen.")
        return self.value

    def definition(self) -> str:
        """The key of a definition, for example `D-TOEST`."""
        if not isinstance(self.value, str) or not DEFINITION_KEY.fullmatch(self.value):
            self.refuse("The key of a definition was expected here, in capitals, for example D-TOEST.")
        return self.value

    def optional_string(self, key: str, default: str = "") -> str:
        """The text under a key, or the default."""
        return self.child(key).string() if self.has(key) else default

    def integer(self) -> int:
        """A whole number."""
        if not isinstance(self.value, int) or isinstance(self.value, bool) or abs(self.value) >= 2**53:
            self.refuse("A whole number was expected here.")
        return self.value

    def boolean(self, key: str, default: bool) -> bool:
        """The true or false under a key, or the default."""
        if not self.has(key):
            return default
        return self.child(key).truth()

    def truth(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            self.refuse("true or false was expected here.")
        return self.value

    def member(self, kind: type[E]) -> E:
        """A member of an enumeration."""
        try:
            return kind(self.value)
        except ValueError:
            self.refuse(f"One of {', '.join(member.value for member in kind)} was expected here.")

    def optional_member(self, key: str, default: E) -> E:
        """The member under a key, or the default."""
        return self.child(key).member(type(default)) if self.has(key) else default

    def text(self) -> Text:
        """A text keyed by language, with Dutch in it."""
        if not isinstance(self.value, dict) or not isinstance(self.value.get("nl"), str) or not self.value["nl"]:
            self.refuse('A text keyed by language was expected here, with Dutch in it: {"nl": "…"}.')
        for language, words in self.items():
            if not LANGUAGE.fullmatch(language):
                words.refuse("The code of a language was expected here, for example nl.")
            words.string()
        return tuple(sorted(self.value.items()))

    def optional_text(self, key: str) -> Text:
        """The text under a key, or none."""
        return self.child(key).text() if self.has(key) else ()


def leave_out_defaults(pairs: Mapping[str, object]) -> dict[str, object]:
    """The pairs whose value says something: not None, false, an empty text, list or object."""
    return {key: value for key, value in pairs.items() if value not in (None, False, "", [], {}, ())}
