"""
The Dutch catalogue: gather every sentence of the plugin, keep what is translated, compile it.

`make messages` does all three. It needs no program of GNU gettext: Django turns a template into calls, Babel reads
those and writes the files. Sentences in Python are read from the syntax tree, so that a call without a literal
sentence is found instead of being passed over.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from babel.messages import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = ("cms", "forms", "permissions", "workflows")
FOLDER: Final = ROOT / "cms" / "locale" / "nl" / "LC_MESSAGES"
SOURCE: Final = FOLDER / "django.po"
COMPILED: Final = FOLDER / "django.mo"
WIDTH: Final = 110

ARGUMENTS: Final[dict[str, tuple[str, ...]]] = {
    "_": ("singular",),
    "gettext": ("singular",),
    "gettext_lazy": ("singular",),
    "gettext_noop": ("singular",),
    "msgid": ("singular",),
    "ngettext": ("singular", "plural"),
    "ngettext_lazy": ("singular", "plural"),
    "pgettext": ("context", "singular"),
    "pgettext_lazy": ("context", "singular"),
    "npgettext": ("context", "singular", "plural"),
    "npgettext_lazy": ("context", "singular", "plural"),
}
"""Function to what its first arguments are. `msgid` marks a sentence that is translated where it is shown."""


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """
    A sentence in the code or in a template.

    Args:
        singular: the sentence, in English.
        plural: the sentence for more than one; empty when there is none.
        context: what tells it from another use of the same words; empty when nothing does.
    """

    singular: str
    plural: str = ""
    context: str = ""


class Dutch(Catalog):
    """The catalogue, with a header that is the same on every day and with every version of Babel."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """Name and value of each line of the header."""
        return [
            ("Project-Id-Version", "Padwijzer"),
            ("Language", "nl"),
            ("Language-Team", "Padwijzer"),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", "nplurals=2; plural=(n != 1);"),
        ]


class NoLiteralError(ValueError):
    """A call that translates something else than a literal sentence. Args: place: file and line."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"{place}: what is translated here is no literal sentence, so that no catalogue can hold it."
        )


def sources(*suffixes: str) -> Iterator[Path]:
    """Every file of the plugin with one of these suffixes, in order."""
    for package in PACKAGES:
        yield from sorted(
            path for path in (ROOT / package).rglob("*") if path.suffix in suffixes and "migrations" not in path.parts
        )


def extracted() -> dict[Found, tuple[str, ...]]:
    """
    Every sentence, with the files in which it stands.

    Raises:
        NoLiteralError: for a sentence that is put together while the program runs.
    """
    found: dict[Found, dict[str, None]] = {}
    for path in sources(".py", ".html"):
        text = path.read_text(encoding="utf-8")
        place = path.relative_to(ROOT).as_posix()
        sentences = in_python(text, place) if path.suffix == ".py" else in_template(text, place)
        for sentence in sentences:
            found.setdefault(sentence, {})[place] = None
    return {sentence: tuple(found[sentence]) for sentence in sorted(found)}


def in_python(text: str, place: str) -> Iterator[Found]:
    """
    The sentences of a module.

    Args:
        text: what stands in the module.
        place: its path, for a fault.
    """
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        parts = ARGUMENTS.get(name)
        if parts is None or _passes_on(node, parts):
            continue
        given = dict(zip(parts, (_literal(argument) for argument in node.args), strict=False))
        if len(given) < len(parts) or None in given.values():
            raise NoLiteralError(f"{place}:{node.lineno}")
        yield Found(**{part: sentence or "" for part, sentence in given.items()})


def in_template(text: str, place: str) -> Iterator[Found]:
    """
    The sentences of a Django template, `{% translate %}`, `{% blocktranslate %}` and `_("…")`.

    Args:
        text: what stands in the template.
        place: its path, for a fault.
    """
    calls = f"({templatize(text, origin=place)})"  # in brackets the layout of the template means nothing
    stream = io.BytesIO(calls.encode())
    for line, name, sentences, _comments in extract_python(stream, dict.fromkeys(ARGUMENTS), [], {}):
        parts = ARGUMENTS[str(name)]
        given = dict(zip(parts, _several(sentences), strict=False))
        if len(given) < len(parts) or None in given.values():
            raise NoLiteralError(f"{place}:{line}")
        yield Found(**{part: str(sentence) for part, sentence in given.items()})


def _several(sentences: object) -> tuple[object, ...]:
    return tuple(sentences) if isinstance(sentences, tuple | list) else (sentences,)


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _passes_on(call: ast.Call, parts: tuple[str, ...]) -> bool:
    """
    Whether a call shows a sentence that `msgid` marked elsewhere.

    That is `fault.sentence`, `refused.hint`, or one out of `SENTENCES`.
    """
    match call.args:
        case [ast.Attribute(attr="sentence" | "hint") | ast.Subscript(value=ast.Name(id="SENTENCES"))]:
            return len(parts) == 1
    return False


def catalogue() -> Catalog:
    """The Dutch catalogue as it stands in the repository."""
    with SOURCE.open("rb") as stream:
        return read_po(stream, locale="nl", domain="django", abort_invalid=True)


def renewed(old: Catalog) -> Catalog:
    """
    A catalogue of what the plugin says now: translations are kept, what is said no longer is left out.

    Args:
        old: the catalogue as it was.
    """
    heading = "# Dutch for Padwijzer: short sentences at level B1. After a change: `make messages`."
    new = Dutch(locale="nl", domain="django", header_comment=heading, fuzzy=False)
    for sentence, places in extracted().items():
        identity: str | tuple[str, str] = (
            (sentence.singular, sentence.plural) if sentence.plural else sentence.singular
        )
        known = old.get(identity, context=sentence.context or None)
        new.add(
            identity,
            string=known.string if known is not None and _same_shape(known, sentence) else None,
            context=sentence.context or None,
            locations=[(place, 0) for place in places],
        )
    return new


def _same_shape(message: Message, sentence: Found) -> bool:
    return isinstance(message.string, tuple | list) == bool(sentence.plural)


def written(catalog: Catalog) -> bytes:
    """A catalogue as it stands in its file."""
    stream = io.BytesIO()
    write_po(stream, catalog, width=WIDTH, sort_output=True, include_lineno=False, ignore_obsolete=True)
    return stream.getvalue()


def compiled(catalog: Catalog) -> bytes:
    """A catalogue as Django reads it."""
    stream = io.BytesIO()
    write_mo(stream, catalog)
    return stream.getvalue()


def untranslated(catalog: Catalog) -> list[str]:
    """The English sentences that have no Dutch one yet."""
    return [str(message.id) for message in catalog if message.id and not all(dutch_of(message))]


def english_of(message: Message) -> tuple[str, ...]:
    """The English of an entry: one sentence, or that for one and that for more."""
    return tuple(map(str, _several(message.id)))


def dutch_of(message: Message) -> tuple[str, ...]:
    """The Dutch of an entry, likewise; empty texts where it lacks."""
    return tuple(str(sentence or "") for sentence in _several(message.string))


def main() -> int:
    """Renew the catalogue and compile it; 1 when a sentence still needs its Dutch."""
    catalog = renewed(catalogue())
    SOURCE.write_bytes(written(catalog))
    COMPILED.write_bytes(compiled(catalog))
    missing = untranslated(catalog)
    for sentence in missing:
        sys.stdout.write(f"no Dutch yet: {sentence}\n")
    sys.stdout.write(f"{len(catalog)} sentences, {len(missing)} without Dutch: {SOURCE.relative_to(ROOT)}\n")
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
