"""Everything we stand on keeps its licence, and what the browser loads is what we vendored."""

import hashlib
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "cms" / "static"
LICENCES = {path.stem for path in (ROOT / "LICENSES").iterdir()}

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("EUPL-1.2", "EUROPEAN UNION PUBLIC LICENCE v. 1.2"),
        ("AGPL-3.0-or-later", "GNU AFFERO GENERAL PUBLIC LICENSE"),
        ("LicenseRef-Viewflow-exception", "VIEWFLOW LIBRARY EXCEPTION"),
        ("OFL-1.1", "SIL OPEN FONT LICENSE"),
        ("MPL-2.0", "Mozilla Public License Version 2.0"),
    ],
)
def test_the_full_text_of_a_licence_is_here_and_in_the_notice(name: str, phrase: str) -> None:
    assert phrase in (ROOT / "LICENSES" / f"{name}.txt").read_text(encoding="utf-8")
    assert f"LICENSES/{name}.txt" in (ROOT / "NOTICE").read_text(encoding="utf-8")


def test_the_notice_names_every_licence_text_and_no_other() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    assert {name for name in LICENCES if f"LICENSES/{name}.txt" not in notice} == set()


def test_our_own_licence_is_the_eupl() -> None:
    ours = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert ours == (ROOT / "LICENSES" / "EUPL-1.2.txt").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == "EUPL-1.2"
    assert "license: EUPL-1.2" in (ROOT / "publiccode.yaml").read_text(encoding="utf-8")


def test_every_version_in_the_documents_is_the_version_of_the_project() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f'softwareVersion: "{version}"' in (ROOT / "publiccode.yaml").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Vendored:
    """One line of a vendor.lock: a file made elsewhere, kept here byte for byte."""

    path: Path
    origins: tuple[str, ...]
    sha256: str
    licence: str


@cache
def vendored() -> tuple[Vendored, ...]:
    """Every line of every vendor.lock under the static files."""
    found = []
    for lock in sorted(STATIC.rglob("vendor.lock")):
        for line in lock.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                name, origins, sha256, licence = (part.strip() for part in line.split("|"))
                found.append(Vendored(lock.parent / name, tuple(origins.split()), sha256, licence))
    return tuple(found)


def test_every_vendored_file_is_byte_for_byte_what_was_locked() -> None:
    changed = [one.path for one in vendored() if hashlib.sha256(one.path.read_bytes()).hexdigest() != one.sha256]
    assert changed == []


def test_every_vendored_file_has_its_licence_and_its_place_in_the_notice() -> None:
    assert {one.licence for one in vendored()} <= LICENCES
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    packages = {origin.rpartition("@")[0] for one in vendored() for origin in one.origins}
    assert {package for package in packages if package not in notice} == set()


def test_fonts_and_minified_files_are_never_our_own() -> None:
    locked = {one.path for one in vendored()}
    foreign = [
        path for path in STATIC.rglob("*") if path.suffix in {".woff", ".woff2", ".ttf"} or ".min." in path.name
    ]
    assert [path for path in foreign if path not in locked] == []


def test_the_browser_loads_nothing_from_elsewhere() -> None:
    loads = re.compile(r"""(?:url\(\s*|@import\s+|src\s*=\s*|fetch\(\s*|import\s+.*from\s+)["']?(?:https?:)?//""")
    texts = [path for path in STATIC.rglob("*") if path.suffix in {".css", ".js", ".svg"}]
    templates = [*(ROOT / "cms" / "templates").rglob("*.html"), *(ROOT / "forms").rglob("*.html")]
    assert [path for path in [*texts, *templates] if loads.search(path.read_text(encoding="utf-8"))] == []
