"""
The console command `padwijzer`, for who draws up and checks paths. It needs no site and keeps nothing.

`padwijzer play [--json] SCRIPT …` plays case scripts on the real engine, in a database in memory. Exit status 0: all
that is expected is so; 1: something is not, and which is said; 2: a script cannot be read, and nothing was played.

`padwijzer conform [--json] SCRIPT …` plays them likewise, and judges the safeguards over what was recorded. Exit
status 0: all are kept; 1: one is broken, or the history is; 2: a script cannot be read or played.

`padwijzer check [--json] [--pack DIR] [--no-shipped] [--certificate] DEFINITION …` holds definitions against the
safeguards, beside what is shipped; without a definition, what is shipped. Exit status 0: proven; 1: something is
wrong, and which is told as a story with a repair; 2: a file cannot be read.

`padwijzer explore [--skeletons] [--product N]` prints how many states each shipped path has, and in how long
they are walked.

Each command is a module of its own that is imported when it is asked for; what needs a site is imported inside one.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class Command:
    """
    A command.

    Args:
        module: of this package, with a function `run` that takes the options and gives the exit status.
        help: what it does, in a line.
        arguments: adds its arguments to its parser.
        epilog: what its exit status means.
        in_site: whether it needs the settings and models of a site, which then is made in memory.
    """

    module: str
    help: str
    arguments: Callable[[ArgumentParser], object]
    epilog: str = ""
    in_site: bool = False


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Args: arguments: default those of the process. Returns: the exit status."""
    parser = ArgumentParser(prog="padwijzer", description="Draw up and check guided paths.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for key, command in COMMANDS.items():
        command.arguments(commands.add_parser(key, help=command.help, epilog=command.epilog))
    options = parser.parse_args(arguments)
    chosen = COMMANDS[options.command]
    with import_module(f"{__name__}.hosting").small_site() if chosen.in_site else nullcontext():
        status: int = import_module(f"{__name__}.{chosen.module}").run(options)
    return status


def _scripts(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON object a line, for machines")
    parser.add_argument(
        "scripts", nargs="+", type=Path, metavar="SCRIPT", help="a case script, for example T-04.json"
    )


def _explore(parser: ArgumentParser) -> None:
    parser.add_argument("--skeletons", action="store_true", help="also the definitions that are not whole yet")
    parser.add_argument(
        "--product", type=int, default=0, metavar="N", help="count line and tracks together too, up to N states"
    )


def _check(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON object a line, for machines")
    parser.add_argument(
        "--pack",
        type=Path,
        metavar="DIR",
        help="a folder with packs; one with the key `national` takes the place of the shipped one",
    )
    parser.add_argument("--no-shipped", action="store_true", help="only the files given, and nothing that is shipped")
    parser.add_argument(
        "--certificate", action="store_true", help="print the proof as a page in Dutch, when it is proven"
    )
    parser.add_argument(
        "definitions", nargs="*", type=Path, metavar="DEFINITION", help="a definition, for example V.json"
    )


COMMANDS: Final = {
    "check": Command(
        "checking",
        "hold definitions against the safeguards, before they are published",
        _check,
        "Exit status 0: proven. 1: something is wrong. 2: a file cannot be read.",
    ),
    "play": Command(
        "playing",
        "play case scripts and look whether what they expect is so",
        _scripts,
        "Exit status 0: all that is expected is so. 1: something is not. 2: a script cannot be read.",
        in_site=True,
    ),
    "conform": Command(
        "conforming",
        "play case scripts and judge the safeguards over what was recorded",
        _scripts,
        "Exit status 0: all are kept. 1: one is broken. 2: a script cannot be read or played.",
        in_site=True,
    ),
    "explore": Command("exploring", "how many states each shipped definition has, and how long that takes", _explore),
}
