"""A server for every test of races and kills, stopped before the tables are emptied."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.server import Server


@pytest.fixture
def server(transactional_db: None, tmp_path: Path) -> Iterator[Server]:
    """Gunicorn on the database of the test; what it reports as a fault fails the test."""
    server = Server(tmp_path)
    try:
        server.start()
        yield server
    finally:
        server.stop()
    assert server.faults() == []
