"""
Judging a file that was sent: is it one of the kinds that are kept, and truly that kind.

A file is accepted when its extension and its content agree on one of a few kinds, and nothing else can be read in it:
no second format in front of it or behind it, no markup, no macro, no archive that grows. It is not opened for anybody
and not scanned for viruses: that is for the scanner of the municipality, whose test file (EICAR) is refused here too.

Sources: OWASP "File Upload Cheat Sheet"; ISO 32000-2 7.5 (PDF); PNG third edition 5; ITU-T T.81 annex B (JPEG);
ISO/IEC 14496-12 4 (boxes of HEIC); ECMA-376 part 2 (docx); ODF 1.3 part 2 (odt); EICAR test file (2003).
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

import puremagic
from django.utils.translation import gettext_lazy as _

from padwijzer.forms.core.errors import PadwijzerError

LARGEST: Final = 20 * 1024 * 1024
"""Bytes."""
LONGEST_NAME: Final = 255
CHUNK: Final = 64 * 1024
MOST_ENTRIES: Final = 2_000
LARGEST_UNPACKED: Final = 100 * 1024 * 1024
UNREADABLE_ARCHIVE: Final = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    OSError,
)
"""What `zipfile` raises for an archive that is broken, locked or packed in a way it does not know."""
STEEPEST: Final = 200
"""How many times larger than packed a document may be; text in XML packs to about a tenth."""
EICAR: Final = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
MARKUP: Final = re.compile(
    rb"<(?:!doctype\s+html|html[\s>]|script[\s>]|svg[\s>][^<]{0,400}xmlns|\?php\s)", re.IGNORECASE
)
MARKUP_START: Final = re.compile(rb"\s*<(?:!doctype|html|script|svg|\?xml|body|head|iframe|meta)\b", re.IGNORECASE)
SENTENCES: Final = {
    "empty": _("This file is empty."),
    "too_large": _("This file is too large. Use a file of at most 20 MB."),
    "extension": _("This kind of file cannot be kept. Use PDF, JPG, PNG, HEIC, DOCX, ODT or TXT."),
    "not_its_kind": _("This file is not what its name says. Save it again in the right format."),
    "mixed": _("This file has more in it than one document. Save it again, without anything added."),
    "active": _("This file can do things by itself, such as a macro or a script. Save it without those."),
    "grows": _("This file becomes far too large when it is opened. Save it again in a smaller form."),
    "virus": _("This file was recognised as a virus. Report this to your administrator."),
}


class UploadRefused(PadwijzerError):
    """
    A file that is not kept. For the form, which shows the sentence.

    Args:
        code: a key of `SENTENCES`.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        self.sentence = SENTENCES[code]
        super().__init__(code)


class Sent(Protocol):
    """A file that was sent, as Django gives it."""

    @property
    def size(self) -> int | None:
        """What is said to be its size, in bytes."""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Its content, from the start."""


@dataclass(frozen=True, slots=True)
class Checked:
    """
    A file that may be stored.

    Args:
        name: what to call it: no path, no control characters, nothing that turns the direction of text.
        type: its media type.
        size: in bytes.
        sha256: of its content, in hexadecimal digits.
    """

    name: str = field(repr=False)
    type: str
    size: int
    sha256: str


def check(file: Sent, name: str | None) -> Checked:
    """
    A file, when it is one that may be kept.

    Args:
        file: what was sent.
        name: what the sender calls it.

    Raises:
        UploadRefused: when it is not.
    """
    shown = display_name(name or "")
    kind = KINDS.get(extension(shown))
    if kind is None:
        raise UploadRefused("extension")
    content = _content(file)
    if EICAR in content:
        raise UploadRefused("virus")
    if not content:
        raise UploadRefused("empty")
    kind.judge(content)
    return Checked(shown, kind.type, len(content), hashlib.sha256(content).hexdigest())


def display_name(name: str) -> str:
    """
    What to call a file: the last part of its path, on one line, in one direction, at most 255 characters.

    Control and formatting characters (Unicode categories C and Z but the space) go; the extension stays.
    """
    last = re.split(r"[/\\]", name)[-1]
    plain = "".join(
        " " if unicodedata.category(character)[0] == "Z" else character
        for character in unicodedata.normalize("NFC", last)
        if unicodedata.category(character)[0] != "C"
    )
    plain = " ".join(plain.split()).strip(". ")
    ending = extension(plain)
    stem = plain[: -len(ending) - 1].rstrip(". ") if ending else plain
    stem = stem or "bestand"
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}" if ending else stem[:LONGEST_NAME]


def extension(name: str) -> str:
    """The extension of a name in small letters, without its dot; empty when it has none."""
    found = re.search(r"\.([A-Za-z0-9]{1,10})$", name)
    return found[1].lower() if found else ""


def _content(file: Sent) -> bytes:
    if (file.size or 0) > LARGEST:
        raise UploadRefused("too_large")
    held = bytearray()
    for chunk in file.chunks(CHUNK):
        held += chunk
        if len(held) > LARGEST:
            raise UploadRefused("too_large")
    return bytes(held)


def _sniffed(content: bytes, *extensions: str) -> None:
    """Refuses content that puremagic does not take for one of these kinds."""
    try:
        found = {match.extension for match in puremagic.magic_string(content)}
    except (puremagic.PureError, ValueError):
        found = set()
    if not found & {f".{one}" for one in extensions}:
        raise UploadRefused("not_its_kind")


def _refuse_second_format(content: bytes) -> None:
    """Refuses what can also be read as an archive or a page."""
    if zipfile.is_zipfile(io.BytesIO(content)) or MARKUP.search(content) or b"%PDF-" in content[5:]:
        raise UploadRefused("mixed")


def _pdf(content: bytes) -> None:
    if not re.match(rb"%PDF-[12]\.[0-9]", content) or b"%%EOF" not in content[-2048:]:
        raise UploadRefused("not_its_kind")
    _sniffed(content, "pdf")
    end = content.rindex(b"%%EOF") + len(b"%%EOF")
    if content[end:].strip(b"\r\n \t\x00") or zipfile.is_zipfile(io.BytesIO(content)):
        raise UploadRefused("mixed")
    if re.search(rb"/(?:JavaScript|JS|Launch)[\s(<\[/]", content) or MARKUP.search(content[:1024]):
        raise UploadRefused("active")


def _jpeg(content: bytes) -> None:
    if not content.startswith(b"\xff\xd8\xff") or b"\xff\xd9" not in content:
        raise UploadRefused("not_its_kind")
    _sniffed(content, "jpg", "jpeg")
    _refuse_second_format(content)


def _png(content: bytes) -> None:
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        raise UploadRefused("not_its_kind")
    _sniffed(content, "png")
    place, first, last = 8, b"", b""
    while place + 12 <= len(content) and last != b"IEND":
        (length,) = struct.unpack_from(">I", content, place)
        last = content[place + 4 : place + 8]
        first = first or last
        place += 12 + length
    if first != b"IHDR" or last != b"IEND" or place > len(content):
        raise UploadRefused("not_its_kind")
    if place < len(content):
        raise UploadRefused("mixed")
    _refuse_second_format(content)


def _heic(content: bytes) -> None:
    brands = (b"heic", b"heix", b"heim", b"heis", b"mif1")
    if content[4:8] != b"ftyp" or content[8:12] not in brands:
        raise UploadRefused("not_its_kind")
    _sniffed(content, "heif", "heic")
    place = 0
    while place + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, place)
        if size == 1 and place + 16 <= len(content):
            (size,) = struct.unpack_from(">Q", content, place + 8)
        elif size == 0:
            size = len(content) - place
        if size < 8 or not re.fullmatch(rb"[a-zA-Z0-9 ]{4}", kind):
            raise UploadRefused("not_its_kind")
        place += size
    if place != len(content):
        raise UploadRefused("mixed")
    _refuse_second_format(content)


def _text(content: bytes) -> None:
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            content.decode("cp1252")
        except UnicodeDecodeError:
            raise UploadRefused("not_its_kind") from None
    if re.search(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]", content) or content.startswith(
        (b"%PDF-", b"{\\rtf", b"PK\x03\x04")
    ):
        raise UploadRefused("not_its_kind")
    if MARKUP_START.match(content.removeprefix(b"\xef\xbb\xbf")) or MARKUP.search(content):
        raise UploadRefused("active")


def _docx(content: bytes) -> None:
    names = _package(content)
    if not {"[Content_Types].xml", "word/document.xml"} <= names.keys():
        raise UploadRefused("not_its_kind")
    _sniffed(content, "docx")
    kinds = names["[Content_Types].xml"].lower()
    if b"macroenabled" in kinds or any("vbaproject" in name.lower() or "activex" in name.lower() for name in names):
        raise UploadRefused("active")


def _odt(content: bytes) -> None:
    names = _package(content)
    if names.get("mimetype", b"").strip() != b"application/vnd.oasis.opendocument.text" or "content.xml" not in names:
        raise UploadRefused("not_its_kind")
    _sniffed(content, "odt", "docx")
    if any(name.startswith(("Basic/", "Scripts/")) for name in names):
        raise UploadRefused("active")


def _package(content: bytes) -> dict[str, bytes]:
    """
    The names in a zipped document, with the start of each.

    Every entry is unpacked in pieces, no further than its stated size, and must then have its stated checksum: an
    archive that states less than it holds is refused. Other ways of packing than these formats allow are refused too,
    because `zipfile` bounds the pieces of those two only.
    """
    if not content.startswith(b"PK\x03\x04"):
        raise UploadRefused("not_its_kind")
    if content[-22:-18] != b"PK\x05\x06":
        raise UploadRefused("mixed" if b"PK\x05\x06" in content else "not_its_kind")
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = package.infolist()
            stated = sum(entry.file_size for entry in entries)
            if len(entries) > MOST_ENTRIES or stated > min(LARGEST_UNPACKED, STEEPEST * len(content)):
                raise UploadRefused("grows")
            if min((entry.header_offset for entry in entries), default=1) != 0:
                raise UploadRefused("mixed")
            for entry in entries:
                name = entry.filename
                packed_otherwise = entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
                if (
                    packed_otherwise
                    or entry.flag_bits & 0x1
                    or name in found
                    or name.startswith("/")
                    or ".." in name.split("/")
                ):
                    raise UploadRefused("not_its_kind")
                start = b""
                with package.open(entry) as stream:
                    tail = b""
                    while piece := stream.read(CHUNK):
                        start = start or piece
                        if EICAR in tail + piece:
                            raise UploadRefused("virus")
                        tail = piece[-len(EICAR) :]
                found[name] = start
    except UNREADABLE_ARCHIVE:
        raise UploadRefused("not_its_kind") from None
    return found


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is kept. Args: type: media type; judge: raises `UploadRefused` for other content."""

    type: str
    judge: Callable[[bytes], None]


DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
KINDS: Final = {
    "pdf": Kind("application/pdf", _pdf),
    "jpg": Kind("image/jpeg", _jpeg),
    "jpeg": Kind("image/jpeg", _jpeg),
    "png": Kind("image/png", _png),
    "heic": Kind("image/heic", _heic),
    "docx": Kind(DOCX, _docx),
    "odt": Kind("application/vnd.oasis.opendocument.text", _odt),
    "txt": Kind("text/plain", _text),
}
"""Extension to its kind."""
ACCEPT: Final = ",".join(f".{one}" for one in KINDS)
"""For the `accept` of a file input."""
