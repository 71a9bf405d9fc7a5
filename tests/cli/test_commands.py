"""Each command is imported when it is asked for, and only then what it needs."""

import subprocess
import sys

import pytest

from padwijzer.workflows.cli import COMMANDS, main

pytestmark = pytest.mark.once
LOADED = "import sys; print(sorted({name.partition('.')[0] for name in sys.modules} & {'django', 'viewflow'}))"


def loaded_after(line: str) -> str:
    """Which of the great libraries are loaded after a line of Python in a process of its own."""
    done = subprocess.run([sys.executable, "-c", f"{line}\n{LOADED}"], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


def test_the_command_line_itself_loads_no_django() -> None:
    assert loaded_after("import padwijzer.workflows.cli") == "[]"


def test_a_command_that_needs_no_site_loads_no_django() -> None:
    assert not COMMANDS["explore"].in_site
    assert loaded_after("from padwijzer.workflows.cli import main; main(['explore'])") == "[]"


def test_a_command_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["paint"])
    assert end.value.code == 2
    said = capsys.readouterr().err
    assert [key for key in COMMANDS if key not in said] == []


@pytest.mark.parametrize("key", COMMANDS)
def test_every_command_says_what_it_does(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([key, "--help"])
    assert end.value.code == 0
    assert f"padwijzer {key}" in capsys.readouterr().out
