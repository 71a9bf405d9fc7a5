"""One sentence for each type of event."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from padwijzer.workflows.core.errors import HistoryRefused
from padwijzer.workflows.core.worlds import TOLD
from padwijzer.workflows.history.describing import SENTENCES, consequences, describe, step_of

ACTIONS = settings.BASE_DIR.parent / "workflows/actions"
TYPE = re.compile(r"[a-z]+\.[a-z]+(_[a-z]+)*")
REF: dict[str, Any] = {
    "activity": "first_talk",
    "definition": "V@3",
    "task": 7,
    "run": 2,
    "to": "actor/a",
    "who": "actor/b",
    "role": "vap",
    "register": "person",
    "page": "case",
    "track": "V.school",
    "duty": "row-1",
}


class Names:
    """Names that show for what they stand."""

    def step(self, definition: str, activity: str, task: int | None) -> str:
        return f"step {definition}.{activity}"

    def called(self, definition: str, activity: str) -> str:
        return "D-WACHT" if activity == "intake_and_waiting" else ""

    def definition(self, key: str) -> str:
        return f"path {key}"

    def track(self, key: str) -> str:
        return f"track {key}"

    def run(self, number: int) -> str:
        return f"run {number}"

    def duty(self, name: str) -> str:
        return f"duty {name}"

    def role(self, slug: str) -> str:
        return f"role {slug}"

    def register(self, key: str) -> str:
        return f"register {key}"

    def page(self, name: str) -> str:
        return f"page {name}"

    def actor(self, pseudonym: str) -> str:
        return f"actor {pseudonym}"


def written_by(path: Path) -> set[str]:
    """Types of events that an action writes: the texts of that shape in its code."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in texts if TYPE.fullmatch(text)}


def written_by_actions() -> set[str]:
    return set().union(*(written_by(path) for path in ACTIONS.glob("*.py")))


def test_every_type_that_the_actions_write_has_its_sentence() -> None:
    assert written_by_actions() - SENTENCES.keys() == set()


def test_no_sentence_is_left_of_a_type_that_nothing_writes() -> None:
    assert SENTENCES.keys() - written_by_actions() == set()


def test_an_unknown_type_is_refused_and_never_left_out() -> None:
    with pytest.raises(HistoryRefused, match=r"task\.forgotten"):
        describe("task.forgotten", REF, Names())


@pytest.mark.parametrize("event_type", sorted(SENTENCES))
def test_a_sentence_is_one_sentence_without_a_hole(event_type: str) -> None:
    words = describe(event_type, REF, Names())
    assert words.endswith(".")
    assert "%(" not in words
    assert "None" not in words


@pytest.mark.parametrize(
    "event_type",
    [it for it in SENTENCES if it.startswith(("task.", "deadline."))],
)
def test_what_happened_to_a_step_names_the_step(event_type: str) -> None:
    assert "step V.first_talk" in describe(event_type, REF, Names())


def test_who_was_asked_in_and_to_whom_was_handed_over_is_named() -> None:
    assert "actor actor/b" in describe("member.added", REF, Names())
    assert "role vap" in describe("member.ended", REF, Names())
    assert "actor actor/a" in describe("task.delegated", REF, Names())


def test_a_term_without_a_step_is_of_a_duty() -> None:
    ref = {key: value for key, value in REF.items() if key != "activity"}
    assert "duty row-1" in describe("deadline.passed", ref, Names())


def test_a_version_is_no_part_of_the_key() -> None:
    assert step_of(REF, Names()) == "step V.first_talk"
    assert step_of({}, Names()) == ""
    assert "path V" in describe("definition.published", REF, Names())
    assert "3" in describe("definition.published", REF, Names())


@pytest.mark.parametrize("word", sorted(set(TOLD.values())))
def test_everything_that_the_actions_tell_as_a_consequence_is_known(word: str) -> None:
    said = consequences({"followed": [f"{word} V.first_talk#2"]}, Names())
    assert len(said) == (0 if word in {"returned", "ended"} else 1)


def test_an_unknown_consequence_is_refused() -> None:
    with pytest.raises(HistoryRefused, match="vanished"):
        consequences({"followed": ["vanished V.x"]}, Names())


def test_a_consequence_is_told_once_and_names_what_it_is_about() -> None:
    said = consequences({"followed": ["opened V.first_talk#1", "opened V.first_talk#2", "ended V"]}, Names())
    assert len(said) == 1
    assert "step V.first_talk" in said[0]
    assert "track V.school" in consequences({"followed": ["track_opened V.school"]}, Names())[0]
    assert "path OTS" in consequences({"followed": ["jumped OTS"]}, Names())[0]
    assert "duty V.help_starts" in consequences({"followed": ["duty_opened V.help_starts"]}, Names())[0]


def test_a_call_is_not_told_beside_the_step_that_it_opens() -> None:
    both = ["opened V.intake_and_waiting", "opened D-WACHT.plan_intake"]
    assert consequences({"followed": both}, Names()) == consequences({"followed": both[1:]}, Names())
    assert "step V.intake_and_waiting" in consequences({"followed": both[:1]}, Names())[0]


@pytest.mark.parametrize("followed", [None, "opened V.x", 3, {}])
def test_without_a_list_nothing_followed(followed: Any) -> None:
    assert consequences({"followed": followed}, Names()) == ()
