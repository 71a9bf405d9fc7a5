"""`padwijzer explore` prints how large the shipped paths are."""

from padwijzer.workflows.cli import main


def test_every_shipped_definition_has_its_line(capsys):
    assert main(["explore"]) == 0
    lines = [line.split("|")[1].strip() for line in capsys.readouterr().out.splitlines()[2:]]
    assert "V" in lines
    assert "OTS" not in lines


def test_skeletons_are_explored_when_asked(capsys):
    assert main(["explore", "--skeletons"]) == 0
    assert "| OTS |" in capsys.readouterr().out
