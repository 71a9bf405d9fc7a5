"""
Bring the outside parts of the look into the package, cut to what the pages use.

    python docs/look/vendor.py <folder with the unpacked npm packages>

`docs/look/README.md` tells how to fetch them. The script reads which `utrecht-…` classes stand in the templates,
keeps the rules of the component library that those classes need and the design tokens that those rules and our
own style sheet need, copies the fonts, and writes `vendor.lock`. The package never imports it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "cms/static/padwijzer_cms"
TEMPLATES = (ROOT / "cms/templates", ROOT / "forms/templates")
PYTHON = (ROOT / "forms/widgets.py", ROOT / "cms/templatetags/padwijzer.py")
OWN_SHEETS = (STATIC / "css/theme.css", STATIC / "css/padwijzer.css")
FONT_WEIGHTS = (400, 600, 700)
FONT_PARTS = ("latin-ext", "latin")
GZIP_BUDGET = 40_000


@dataclass(frozen=True, slots=True)
class Package:
    """An npm package: its name, the version we took, and under which licence."""

    name: str
    version: str
    licence: str

    @property
    def folder(self) -> str:
        """The folder name that `npm pack` gives its archive."""
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}"


COMPONENTS = Package("@utrecht/component-library-css", "9.0.4", "EUPL-1.2")
TOKENS = Package("@nl-design-system-unstable/voorbeeld-design-tokens", "7.4.1", "EUPL-1.2")
FONT = Package("@fontsource/noto-sans", "5.3.0", "OFL-1.1")
PACKAGES = (COMPONENTS, TOKENS, FONT)


@dataclass(frozen=True, slots=True)
class Block:
    """One rule of a style sheet: what stands before the braces, and what stands between them."""

    head: str
    body: str


def blocks(css: str) -> Iterator[Block]:
    """The rules of a style sheet without comments, in order; a rule with rules inside is one block."""
    depth = start = body_start = 0
    head = ""
    for at, sign in enumerate(css):
        if sign == "{":
            if depth == 0:
                head, body_start = css[start:at].strip(), at + 1
            depth += 1
        elif sign == "}":
            depth -= 1
            if depth == 0:
                yield Block(re.sub(r"^(@[a-z]+ [^;{]*;\s*)+", "", head), css[body_start:at].strip())
                start = at + 1


def without_comments(css: str) -> str:
    """The sheet without its comments."""
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


def selectors(head: str) -> list[str]:
    """The selectors of a list, split at the commas that stand outside brackets."""
    parts, depth, last = [], 0, 0
    for at, sign in enumerate(head):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            parts.append(head[last:at].strip())
            last = at + 1
    return [*parts, head[last:].strip()]


def used_classes() -> frozenset[str]:
    """Every class of the component library that a template or a widget names."""
    files = [path for folder in TEMPLATES for path in sorted(folder.rglob("*.html"))]
    text = "\n".join(path.read_text(encoding="utf-8") for path in [*files, *PYTHON])
    return frozenset(re.findall(r"utrecht-[a-z0-9]+(?:(?:-|--|__)[a-z0-9]+)*", text))


def cut(css: str, used: frozenset[str]) -> str:
    """The rules that style used classes only; nothing with an image in the sheet itself."""
    kept = []
    for block in blocks(css):
        if block.head.startswith(("@media", "@supports")):
            inner = cut(block.body, used)
            if inner:
                kept.append(f"{block.head}{{{inner}}}")
            continue
        if block.head.startswith("@") or "url(" in block.body:
            continue
        wanted = [
            one
            for one in selectors(block.head)
            if (names := set(re.findall(r"\.([a-zA-Z0-9_-]+)", one))) and names <= used
        ]
        if wanted:
            kept.append(f"{','.join(wanted)}{{{squeezed(block.body)}}}")
    return "\n".join(kept)


def squeezed(body: str) -> str:
    """Declarations on one line."""
    return re.sub(r"\s+", " ", body).replace("; ", ";").replace("( ", "(").replace(" )", ")").rstrip(";")


def references(css: str) -> set[str]:
    """The custom properties that are asked for."""
    return set(re.findall(r"var\(\s*(--[a-zA-Z0-9_-]+)", css))


def needed_tokens(theme: str, css: str) -> dict[str, str]:
    """The tokens that a sheet needs, and the tokens that those need."""
    declared = {
        name: " ".join(value.split())
        for block in blocks(theme)
        for name, value in re.findall(r"(--[a-zA-Z0-9_-]+)\s*:\s*([^;]+);?", block.body)
    }
    waiting, needed = references(css), set[str]()
    while waiting:
        name = waiting.pop()
        if name in declared and name not in needed:
            needed.add(name)
            waiting |= references(declared[name])
    return {name: value for name, value in declared.items() if name in needed}


def style_sheet(source: Path) -> str:
    """The one sheet with tokens and components."""
    library = (source / COMPONENTS.folder / "dist/index.css").read_text(encoding="utf-8")
    theme = (source / TOKENS.folder / "dist/theme.css").read_text(encoding="utf-8")
    rules = cut(without_comments(library), used_classes())
    own = "\n".join(path.read_text(encoding="utf-8") for path in OWN_SHEETS)
    tokens = needed_tokens(without_comments(theme), f"{rules}\n{own}")
    declarations = ";\n".join(f"{name}:{value}" for name, value in tokens.items())
    origin = " and ".join(f"{one.name} {one.version}" for one in (COMPONENTS, TOKENS))
    return (
        f"/*! SPDX-License-Identifier: EUPL-1.2\n"
        f" * Cut by docs/look/vendor.py from {origin}.\n"
        f" * Copyright (c) 2020-2025 Gemeente Utrecht, Frameless B.V. and the NL Design System community.\n"
        f" */\n:root{{\n{declarations}\n}}\n{rules}\n"
    )


def font_faces(source: Path) -> str:
    """The `@font-face` rules: an extended part is only fetched by a page that needs its letters."""
    ranges = json.loads((source / FONT.folder / "unicode.json").read_text(encoding="utf-8"))
    faces = [
        "@font-face{font-family:'Noto Sans';font-style:normal;font-display:swap;"
        f"font-weight:{weight};src:url(../fonts/{font_name(part, weight)}) format('woff2');"
        f"unicode-range:{ranges[part]}}}"
        for part in FONT_PARTS
        for weight in FONT_WEIGHTS
    ]
    return "\n".join(["/*! Noto Sans, SPDX-License-Identifier: OFL-1.1 */", *faces, ""])


def font_name(part: str, weight: int) -> str:
    """The file of one part of the alphabet in one weight."""
    return f"noto-sans-{part}-{weight}-normal.woff2"


def lock_lines() -> Iterator[str]:
    """One line a vendored file: path, where it comes from, SHA-256, licence."""
    origins = {
        "css/nlds.css": (f"{COMPONENTS.name}@{COMPONENTS.version} {TOKENS.name}@{TOKENS.version}", "EUPL-1.2"),
        "css/fonts.css": (f"{FONT.name}@{FONT.version}", FONT.licence),
    } | {
        f"fonts/{font_name(part, weight)}": (f"{FONT.name}@{FONT.version}", FONT.licence)
        for part in FONT_PARTS
        for weight in FONT_WEIGHTS
    }
    yield "# file | origin (npm) | sha256 | licence"
    for name, (origin, licence) in sorted(origins.items()):
        digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()
        yield f"{name} | {origin} | {digest} | {licence}"


def main(source: Path) -> int:
    """Write the sheet, the fonts and the lock; nonzero where the sheet passes its budget."""
    for folder in ("css", "fonts"):
        (STATIC / folder).mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        found = json.loads((source / package.folder / "package.json").read_text(encoding="utf-8"))
        if found["version"] != package.version:
            sys.stderr.write(f"{package.name} is {found['version']}, not {package.version}.\n")
            return 1
    (STATIC / "css/nlds.css").write_text(style_sheet(source), encoding="utf-8")
    (STATIC / "css/fonts.css").write_text(font_faces(source), encoding="utf-8")
    for part in FONT_PARTS:
        for weight in FONT_WEIGHTS:
            name = font_name(part, weight)
            shutil.copyfile(source / FONT.folder / "files" / name, STATIC / "fonts" / name)
    (STATIC / "vendor.lock").write_text("\n".join([*lock_lines(), ""]), encoding="utf-8")
    size = sum(len(gzip.compress(path.read_bytes(), 9, mtime=0)) for path in STATIC.glob("css/*.css"))
    sys.stdout.write(f"style sheets: {size} bytes gzipped, budget {GZIP_BUDGET}\n")
    return int(size > GZIP_BUDGET)


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
