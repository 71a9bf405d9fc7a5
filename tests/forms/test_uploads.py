"""Which files may be kept, and how they are called."""

import hashlib
import io
import struct
import unicodedata
import zipfile
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from padwijzer.forms.uploads import EICAR, KINDS, LARGEST, LONGEST_NAME, UploadRefused, check, display_name, extension
from tests.support.sizes import size

EXAMPLES = settings(max_examples=size("property_examples"), deadline=None)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
ODT_TYPE = b"application/vnd.oasis.opendocument.text"


def picture(kind: str) -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(held, kind)
    return held.getvalue()


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def package(entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", compression) as archive:
        for name, content in entries.items():
            kept = zipfile.ZIP_STORED if name == "mimetype" else compression
            archive.writestr(name, content, kept)
    return held.getvalue()


def docx(**more: bytes) -> bytes:
    types = b'<Types><Override ContentType="wordprocessingml.document.main+xml"/></Types>'
    return package({"[Content_Types].xml": types, "word/document.xml": b"<w:document/>", **more})


def odt(**more: bytes) -> bytes:
    return package({"mimetype": ODT_TYPE, "content.xml": b"<office:document-content/>", **more})


HEIC = box(b"ftyp", b"heic\x00\x00\x00\x00mif1heic") + box(b"meta", b"\x00" * 4) + box(b"mdat", b"\x01\x02")
GOOD = {
    "pdf": PDF,
    "jpg": picture("JPEG"),
    "jpeg": picture("JPEG"),
    "png": picture("PNG"),
    "heic": HEIC,
    "docx": docx(),
    "odt": odt(),
    "txt": "Gesprek met Sam, één uur.\r\n\tMorgen weer.\n".encode(),
}


def judged(content: bytes, name: str) -> str:
    """The code of the refusal, or nothing."""
    try:
        check(SimpleUploadedFile("ignored", content), name)
    except UploadRefused as refusal:
        return refusal.code if str(refusal.sentence) else "no sentence"
    return ""


@pytest.mark.parametrize("ending", sorted(KINDS))
def test_a_file_of_each_kind_is_kept(ending: str) -> None:
    found = check(SimpleUploadedFile("x", GOOD[ending]), f"Verslag.{ending.upper()}")
    assert found.name == f"Verslag.{ending}"
    assert found.type == KINDS[ending].type
    assert found.size == len(GOOD[ending])
    assert found.sha256 == hashlib.sha256(GOOD[ending]).hexdigest()


@pytest.mark.parametrize("ending", sorted(KINDS))
@pytest.mark.parametrize("content", sorted(GOOD))
def test_a_file_is_what_its_name_says(ending: str, content: str) -> None:
    same = KINDS[ending] is KINDS[content] or KINDS[ending].type == KINDS[content].type
    assert bool(judged(GOOD[content], f"a.{ending}")) is not same


@pytest.mark.parametrize(
    "name", ["a.svg", "a.html", "a.exe", "a.docm", "a.zip", "a", "", "pdf", ".pdf.", "a.pdf.exe"]
)
def test_another_kind_of_file_is_refused(name: str) -> None:
    if extension(display_name(name)) == "pdf":
        assert judged(b"MZ", name) == "not_its_kind"
    else:
        assert judged(PDF, name) == "extension"


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
PAGES = (
    SVG,
    b"<!DOCTYPE html><p>",
    b"\xef\xbb\xbf <html>",
    b'<?xml version="1.0"?><svg/>',
    b"Hallo <script>1</script>",
)


@pytest.mark.parametrize("content", PAGES)
def test_a_page_is_no_text(content: bytes) -> None:
    assert judged(content, "a.txt") == "active"


@pytest.mark.parametrize("content", [b"MZ\x90\x00", b"\x7fELF", b"a\x00b", b"{\\rtf1}", "één".encode("utf-16")])
def test_bytes_that_are_no_text_are_refused(content: bytes) -> None:
    assert judged(content, "a.txt") == "not_its_kind"


def test_a_text_of_an_older_computer_is_kept() -> None:
    assert judged("één uur".encode("cp1252"), "a.txt") == ""


@pytest.mark.parametrize("ending", ["pdf", "jpg", "png", "heic"])
def test_a_file_with_an_archive_behind_it_is_refused(ending: str) -> None:
    assert judged(GOOD[ending] + package({"a": b"b"}), f"a.{ending}") in ("mixed", "not_its_kind")


@pytest.mark.parametrize("ending", ["jpg", "png", "heic"])
@pytest.mark.parametrize("added", [b"<script>alert(1)</script>", b"<html><body>", PDF, b"<?php system(1);"])
def test_a_picture_with_a_page_or_document_behind_it_is_refused(ending: str, added: bytes) -> None:
    assert judged(GOOD[ending] + added, f"a.{ending}") in ("mixed", "not_its_kind")


@pytest.mark.parametrize("ending", sorted(set(KINDS) - {"txt"}))
def test_a_file_with_something_before_it_is_refused(ending: str) -> None:
    assert judged(b"#!/bin/sh\n" + GOOD[ending], f"a.{ending}") in ("mixed", "not_its_kind")


@pytest.mark.parametrize("ending", ["docx", "odt"])
def test_a_document_with_something_behind_it_is_refused(ending: str) -> None:
    assert judged(GOOD[ending] + b"<script>1</script>", f"a.{ending}") == "mixed"


def test_a_document_behind_another_archive_is_refused() -> None:
    assert judged(package({"a": b"b"})[:-22] + docx(), "a.docx") == "mixed"


def test_an_archive_that_ends_as_a_pdf_does_is_refused() -> None:
    held = io.BytesIO(package({"a": b"b"}))
    with zipfile.ZipFile(held, "a") as archive:
        archive.comment = b"%%EOF"
    assert judged(PDF + held.getvalue(), "a.pdf") == "mixed"


@pytest.mark.parametrize("way", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_document_packed_in_a_way_that_its_format_does_not_know_is_refused(way: int) -> None:
    parts = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}
    assert judged(package(parts, way), "a.docx") == "not_its_kind"


@pytest.mark.parametrize("order", [b"/OpenAction << /S /JavaScript /JS (1) >>", b"<< /S /Launch /F (x) >>"])
def test_a_pdf_that_does_things_by_itself_is_refused(order: bytes) -> None:
    assert judged(PDF.replace(b"<<>>\nendobj", order + b"\nendobj"), "a.pdf") == "active"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (docx(**{"word/vbaProject.bin": b"x"}), "a.docx"),
        (package({"[Content_Types].xml": b"ms-word.document.macroEnabled", "word/document.xml": b"<w/>"}), "a.docx"),
        (odt(**{"Basic/script-lc.xml": b"x"}), "a.odt"),
    ],
)
def test_a_document_with_macros_is_refused(content: bytes, name: str) -> None:
    assert judged(content, name) == "active"


@pytest.mark.parametrize(
    "content",
    [
        package({"a.txt": b"x"}),
        package({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<x/>"}),
        docx(**{"../../etc/passwd": b"x"}),
        docx(**{"/etc/passwd": b"x"}),
    ],
)
def test_an_archive_that_is_no_document_is_refused(content: bytes) -> None:
    assert judged(content, "a.docx") == "not_its_kind"


def test_a_document_that_grows_too_large_is_refused() -> None:
    assert judged(docx(bom=b"\x00" * 30_000_000), "a.docx") == "grows"
    assert judged(docx(**{f"n{number}": b"" for number in range(2_001)}), "a.docx") == "grows"


def test_a_document_that_lies_about_its_size_is_refused() -> None:
    honest = docx(bom=b"\x00" * 30_000_000)
    packed = struct.pack("<I", 30_000_000)
    assert honest.count(packed) >= 2
    assert judged(honest.replace(packed, struct.pack("<I", 10)), "a.docx") in ("grows", "not_its_kind")


def test_a_locked_document_is_refused() -> None:
    content = bytearray(docx())
    place = content.index(b"PK\x01\x02")
    content[place + 8] |= 1
    assert judged(bytes(content), "a.docx") == "not_its_kind"


@pytest.mark.parametrize("ending", sorted(KINDS))
def test_the_test_virus_is_refused_in_every_kind(ending: str) -> None:
    assert judged(GOOD[ending] + EICAR, f"a.{ending}") == "virus"


@pytest.mark.parametrize("make", [docx, odt])
def test_the_test_virus_is_found_inside_a_document(make: object) -> None:
    assert callable(make)
    padded = b" " * (64 * 1024 - 20) + EICAR
    ending = "docx" if make is docx else "odt"
    assert judged(make(**{"word/media/a.bin": padded}), f"a.{ending}") == "virus"


def test_a_file_that_is_too_large_is_refused_whatever_it_says() -> None:
    large = SimpleUploadedFile("x", b"a" * (LARGEST + 1))
    large.size = 3
    with pytest.raises(UploadRefused, match="too_large"):
        check(large, "a.txt")
    assert judged(b"a" * LARGEST, "a.txt") == ""


def test_an_empty_file_is_refused() -> None:
    assert judged(b"", "a.pdf") == "empty"


def test_a_png_that_is_cut_off_is_refused() -> None:
    whole = picture("PNG")
    assert judged(whole[:-6], "a.png") == "not_its_kind"
    chunk = struct.pack(">I", 2) + b"tEXt" + b"ab" + struct.pack(">I", zlib.crc32(b"tEXtab"))
    assert judged(whole[:8] + chunk + whole[8:], "a.png") == "not_its_kind"


@pytest.mark.parametrize("kind", sorted(KINDS))
@EXAMPLES
@given(content=st.binary(max_size=300), data=st.data())
def test_whatever_is_sent_is_kept_or_refused_in_words(kind: str, content: bytes, data: st.DataObject) -> None:
    good = GOOD[kind]
    place = data.draw(st.integers(0, len(good)))
    judged(good[:place] + content + good[place + data.draw(st.integers(0, 20)) :], f"a.{kind}")
    judged(content, f"a.{kind}")


# Names.


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/verslag.pdf", "verslag.pdf"),
        ("C:\\fotos\\Sam.JPG", "Sam.jpg"),
        ("verslag\u202efdp.exe.pdf", "verslagfdp.exe.pdf"),
        ("a\x00b\r\nc\t.txt", "abc.txt"),
        ("  veel   ruimte .odt", "veel ruimte.odt"),
        ("e\u0301e\u0301n.txt", "één.txt"),
        (".pdf", "pdf"),
        ("", "bestand"),
        ("...", "bestand"),
        ("\u200b.pdf", "pdf"),
        ("x" * 400 + ".docx", "x" * 250 + ".docx"),
        ("👨‍👩‍👧.png", "👨👩👧.png"),
        ("dit is geen pdf", "dit is geen pdf"),
    ],
)
def test_a_file_is_called_by_a_name_that_can_be_shown(name: str, shown: str) -> None:
    assert display_name(name) == shown


@EXAMPLES
@given(st.text())
def test_a_shown_name_is_one_line_in_one_direction_without_a_path(name: str) -> None:
    shown = display_name(name)
    assert 0 < len(shown) <= LONGEST_NAME
    assert not set(shown) & {"/", "\\", "\x00", "\n"}
    assert all(unicodedata.category(sign)[0] != "C" for sign in shown)
    assert display_name(shown) == shown


def test_what_was_checked_shows_no_name_in_its_repr() -> None:
    assert "Sam" not in repr(check(SimpleUploadedFile("x", PDF), "Sam.pdf"))
