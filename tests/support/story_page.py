"""
`docs/stories.md`: how safeguards are lost, as the program tells it.

`python -m tests.support.story_page` writes the page anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.support.literal_text import Loss, ten_runs, three_edits, told

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "stories.md"
BEGINNING: Final = """\
# How a safeguard is lost: stories

When an edit of a path would lose a safeguard, Padwijzer refuses it and tells how that can happen: step by step, with
who does what and the answers that matter, what is lost, and in its last sentence which step to change. Each run below
was chosen to show one way to go wrong; the prover by itself shows the shortest that it finds. Each was walked on the
reference semantics. The change that the last sentences name was applied and proven, and costs no other statement of
the national pack. `tests/paths/test_ten_runs.py` does so anew.

The national pack refuses each of these texts. Its statements of 5 and 9 say how a step is made. There the program
tells what is lost and what to change; the run to it was chosen, and ends where the loss can no longer be undone.
`python -m tests.support.story_page` writes this page.
"""
TEN: Final = """
## Ten runs of the literal text

The three paths were first written down as text. Taken at its word, that text loses a safeguard in ten runs. The
definitions that Padwijzer comes with are the cured text, of which these statements are proven.
"""
THREE: Final = """
## Three edits of the voluntary path
"""


def page() -> str:
    """The whole page."""
    ten = "".join(map(section, ten_runs()))
    return f"{BEGINNING}{TEN}{ten}{THREE}{''.join(map(section, three_edits()))}"


def section(loss: Loss) -> str:
    """One story with its heading."""
    found, _ = told(loss)
    events = found.text[: -1 - len(found.advice)]
    heading, stands = f"### {loss.number}. {loss.title}", f"The safeguard: *{loss.safeguard.statement}*"
    return "\n".join(
        ("", heading, "", loss.says, "", stands, "", *events, "", f"**{found.lost}**", "", *found.advice, "")
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
