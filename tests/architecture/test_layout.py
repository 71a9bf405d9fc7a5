"""Everything stands where the house says it stands."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINKED = ("workflows", "forms", "permissions", "cms", "fixtures")
FOLDERS = {*LINKED, "src", "tests", "demo", "docs", "bench", "LICENSES", ".ci", ".github"}
FILES = {
    ".dockerignore",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Dockerfile",
    "GLOSSARY.md",
    "LICENSE",
    "Makefile",
    "NOTICE",
    "README.md",
    "SECURITY.md",
    "compose.yaml",
    "publiccode.yaml",
    "pyproject.toml",
}
# tests/<folder> is about one of these; the folders of tests that have no counterpart follow below.
MIRRORED = {
    "cli": "workflows/cli",
    "core": "workflows/core",
    "safeguards": "workflows/core/safeguards",
    "models": "workflows/models",
    "engine": "workflows/engine",
    "actions": "workflows/actions",
    "history": "workflows/history",
    "queries": "workflows/queries",
    "forms": "forms",
    "permissions": "permissions",
    "cms": "cms",
    "paths": "fixtures",
    "demo": "demo",
}
TESTS_ONLY = {"architecture", "journeys", "judges", "mutation", "properties", "races", "support", "templates"}

# Paths in CONTRIBUTING.md whose code is still to be written. A path leaves this set on the day it exists.
NOT_YET = {
    "cms/blocks/",
    "cms/definitions/",
    "workflows/api/filters.py",
}
FORBIDDEN_STEMS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "manager",
    "managers",
    "handler",
    "handlers",
    "misc",
    "common",
}

pytestmark = pytest.mark.once


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the repository that is or would be committed, relative to its root."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607  # git is where the user has it
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(path for line in listing.stdout.splitlines() if (ROOT / (path := Path(line))).exists())


def python_files() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py"]


def test_every_folder_at_the_top_has_its_place() -> None:
    assert {path.parts[0] for path in tracked() if len(path.parts) > 1} <= FOLDERS


def test_every_file_at_the_top_has_its_place() -> None:
    assert {path.name for path in tracked() if len(path.parts) == 1} == FILES


@pytest.mark.parametrize("folder", LINKED)
def test_the_namespace_is_links_and_nothing_else(folder: str) -> None:
    link = ROOT / "src" / "padwijzer" / folder
    assert link.is_symlink()
    assert link.readlink() == Path("../..") / folder
    assert {path.name for path in (ROOT / "src" / "padwijzer").iterdir()} == set(LINKED)


@pytest.mark.parametrize("package", ["workflows", "forms", "permissions", "cms"])
def test_every_package_says_that_it_is_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").read_text(encoding="utf-8") == ""


@pytest.mark.parametrize("package", ["workflows", "forms", "permissions", "cms", "workflows/core", "forms/core"])
def test_a_package_can_be_imported_without_django(package: str) -> None:
    tree = ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8"))
    assert [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)] == []


def test_every_folder_of_tests_mirrors_a_folder_of_code() -> None:
    found = {path.parts[1] for path in tracked() if path.parts[0] == "tests" and len(path.parts) > 2}
    assert found <= MIRRORED.keys() | TESTS_ONLY


def test_fixtures_hold_data_and_never_code() -> None:
    assert [path for path in python_files() if path.parts[0] == "fixtures"] == []


def test_no_module_is_named_for_being_useful() -> None:
    assert [path for path in python_files() if path.stem in FORBIDDEN_STEMS] == []


def test_nothing_is_put_off_in_a_comment() -> None:
    marks = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK")))
    assert [path for path in python_files() if marks.search((ROOT / path).read_text(encoding="utf-8"))] == []


def test_every_exception_to_a_check_says_why() -> None:
    bare = re.compile(
        r"#\s*(?:noqa(?::\s*[A-Z0-9, ]+)?|type:\s*ignore(?:\[[\w-]+(?:,\s*[\w-]+)*\])?)\s*$", re.MULTILINE
    )
    assert [path for path in python_files() if bare.search((ROOT / path).read_text(encoding="utf-8"))] == []


def contributing_paths() -> list[str]:
    """The paths that CONTRIBUTING.md names between backticks."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    tops = "|".join(sorted(FOLDERS - {".ci", ".github"}))
    return sorted(set(re.findall(rf"`((?:{tops})/[\w./-]*)`", text)))


def exists(path: str) -> bool:
    """Whether the repository has the file, or a file in the folder."""
    return any(
        file.as_posix() == path or (path.endswith("/") and file.as_posix().startswith(path)) for file in tracked()
    )


def test_contributing_names_the_places_of_the_house() -> None:
    assert len(contributing_paths()) > 15


@pytest.mark.parametrize("path", contributing_paths())
def test_a_path_in_contributing_exists(path: str) -> None:
    if path in NOT_YET:
        assert not exists(path), f"{path} now exists: take it out of NOT_YET."
    else:
        assert exists(path), f"CONTRIBUTING.md names {path}, which does not exist."


def test_what_does_not_exist_yet_is_at_least_named() -> None:
    assert set(contributing_paths()) >= NOT_YET


def documents() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".md"]


@pytest.mark.parametrize("document", documents(), ids=str)
def test_a_link_in_a_document_leads_somewhere(document: Path) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) if "://" not in link and "@" not in link]
    assert [link for link in links if not (ROOT / document.parent / link).exists()] == []
