"""`docs/stories.md` is what the program prints."""

import pytest

from tests.support.story_page import PAGE, page

pytestmark = pytest.mark.once


def test_the_page_of_stories_is_what_the_program_tells() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.support.story_page writes it"
