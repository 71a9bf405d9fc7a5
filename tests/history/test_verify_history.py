import json
from typing import Any

import pytest

from tests.support.commands import managed
from tests.support.history import STREAM, a_history, tampering


@pytest.fixture(autouse=True)
def history(db: None) -> None:
    a_history(2)


def run(*arguments: str) -> tuple[int, str]:
    return managed("verify_history", *arguments)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_sound_history_ends_well() -> None:
    status, text = run()
    assert status == 0
    assert "4" in text
    assert "3" in text


def test_a_sound_history_is_told_to_machines_in_one_line() -> None:
    status, text = run("--json")
    assert status == 0
    assert lines(text) == [{"sound": True, "streams": 3, "events": 4, "erased": 0, "findings": 0}]


def test_findings_end_with_status_1_and_name_stream_and_event() -> None:
    with tampering() as cursor:
        cursor.execute("UPDATE padwijzer_workflows_opening SET value = '9' WHERE value = '1.5'")
        status, text = run()
    assert status == 1
    assert f"{STREAM} 1: " in text
    assert "uren" in text


def test_findings_are_told_to_machines_one_a_line() -> None:
    with tampering() as cursor:
        cursor.execute("UPDATE padwijzer_workflows_opening SET value = '9' WHERE value = '1.5'")
        status, text = run("--json", STREAM)
    assert status == 1
    finding, total = lines(text)
    assert (finding["stream"], finding["seq"], finding["code"]) == (STREAM, 1, "opening")
    assert total == {"sound": False, "streams": 1, "events": 2, "erased": 0, "findings": 1}


def test_only_the_streams_that_are_named_are_examined() -> None:
    with tampering() as cursor:
        cursor.execute("UPDATE padwijzer_workflows_opening SET value = '9' WHERE value = '1.5'")
        assert run("access")[0] == 0
        assert run("access", STREAM)[0] == 1


def test_a_stream_that_does_not_exist_is_no_sound_stream() -> None:
    assert run("definition/none")[0] == 1
