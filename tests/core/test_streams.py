from typing import Any
from uuid import UUID

import pytest

from padwijzer.workflows.core.streams import ACCESS, SYSTEM, case_stream, definition_stream, is_stream, reads_stream

CASE = UUID("0b1d6a6e-5f0e-4c1a-9f57-3c7f0d3c2a11")


@pytest.mark.parametrize(
    "name", [ACCESS, SYSTEM, case_stream(CASE), reads_stream(CASE), definition_stream("toegang-jeugdhulp_2")]
)
def test_every_stream_we_name_is_a_stream(name: Any) -> None:
    assert is_stream(name)


def test_the_streams_of_a_case_carry_its_public_key() -> None:
    assert case_stream(CASE) == "case/0b1d6a6e-5f0e-4c1a-9f57-3c7f0d3c2a11"
    assert reads_stream(CASE) == "case/0b1d6a6e-5f0e-4c1a-9f57-3c7f0d3c2a11/reads"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Access",
        "case/1",
        f"case/{str(CASE).upper()}",
        f"case/{CASE}/writes",
        f"case/{CASE}\n",
        "definition/",
        "definition/-x",
        "definition/" + "x" * 200,
    ],
)
def test_nothing_else_is_a_stream(name: Any) -> None:
    assert not is_stream(name)
