"""Two people on one step, a button pressed twice, and input that nobody expects."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from padwijzer.workflows.models import Case, Document, Event, Task
from tests.journeys.conftest import Office
from tests.journeys.telling import BORN, CHILD, FIRST_TALK, QUESTION, TODAY, hands_over
from tests.support.cases import Family, a_case, a_user
from tests.support.walking import PASSWORD, Walker, title_of

pytestmark = pytest.mark.once

LONGEST = 20_000
ODD = (
    "Gezin 👨‍👩‍👧 zegt: \u202eomgekeerd\u202c, \u0627\u0644\u0639\u0631\u0628\u064a\u0629 en \u00e9.\n"
    "<script>document.title = 'gekaapt'</script><img src=x onerror=\"document.title='gekaapt'\">"
    "{{ 7*7 }} {% now 'Y' %} ' OR 1=1; -- &amp; &lt;b&gt;"
)


@pytest.fixture
def family(office: Office) -> Family:
    return a_case(office.anna, day=TODAY - timedelta(days=3))


def is_completed_once(family: Family, activity: str, following: str) -> bool:
    """Whether a step was completed once in the history, and brought one following step."""
    done = Task.objects.get(case=family.case, activity=activity)
    told = Event.objects.filter(stream=family.case.stream, envelope__contains='"type":"task.completed"')
    times = sum(bool(re.search(rf'"task":{done.pk}\b', it.envelope)) for it in told)
    return (times, Task.objects.filter(case=family.case, activity=following).count()) == (1, 1)


def test_who_comes_second_reads_who_was_first_and_finds_his_text_under_the_drafts(
    office: Office, family: Family, somebody: Callable[..., Walker]
) -> None:
    rik = a_user("jeugdconsulent", name="Rik Smit", password=PASSWORD)
    family.joins(rik, "jeugdconsulent", TODAY - timedelta(days=2))
    anna, other = somebody(office.anna, pictures="second"), somebody(rik)
    anna.goes("step_start", family.task("first_talk").pk)
    anna.begins()
    anna.fills({**FIRST_TALK, "waarom_nu": "Hier typte Anna aan."})

    elsewhere = somebody(office.anna)
    elsewhere.goes("case", family.case.pk)
    hands_over(elsewhere, rik)
    other.goes("case", family.case.pk)
    other.does("V", "first_talk", FIRST_TALK)

    with anna.page.expect_response(lambda it: it.request.is_navigation_request()) as answer:
        anna.presses_main()
    assert answer.value.status == 409
    assert "Rik Smit" in anna.words
    anna.presses_main()
    assert anna.at == "tasks"
    drafts = anna.page.locator("#kladversies")
    assert "Kladversies" in drafts.inner_text()
    assert "Hier typte Anna aan." not in anna.words
    anna.page.locator("main details summary", has_text=title_of("V", "first_talk")).click()
    assert "Hier typte Anna aan." in anna.words


def test_the_last_button_pressed_twice_completes_once(
    office: Office, family: Family, somebody: Callable[..., Walker]
) -> None:
    anna = somebody(office.anna)
    anna.goes("step_start", family.task("first_talk").pk)
    anna.begins()
    anna.answers(FIRST_TALK)
    anna.page.locator("main form .utrecht-button--primary-action").dblclick()
    anna.page.wait_for_url("**/klaar/")
    assert anna.at == "step_done"
    assert anna.page.locator(".pw-receipt__code").inner_text()
    assert is_completed_once(family, "first_talk", "choose_person")


def test_a_new_question_handed_in_twice_opens_one_case(office: Office, somebody: Callable[..., Walker]) -> None:
    anna = somebody(office.anna)
    anna.goes("new_question")
    anna.fills({"kind-name": CHILD, "kind-birth_date": BORN})
    anna.presses_main()
    anna.fills(QUESTION)
    anna.page.locator("main form .pw-buttons .utrecht-button--primary-action").dblclick()
    anna.page.wait_for_url("**/zaken/*/")
    assert Case.objects.count() == 1


@pytest.mark.parametrize("text", [ODD, ("é" * 99 + " ") * (LONGEST // 100)], ids=["odd", "longest"])
def test_what_is_typed_comes_back_as_it_was_typed(
    office: Office, family: Family, somebody: Callable[..., Walker], text: str
) -> None:
    anna = somebody(office.anna, width=390, pictures="odd")
    task = family.task("first_talk").pk
    anna.goes("step_start", task)
    anna.begins()
    anna.answers({**FIRST_TALK, "ons_verhaal": text})
    shown = " ".join(text.split())
    for page in ("step_check", "step_start"):
        assert shown in anna.words
        assert "gekaapt" not in anna.page.title()
        assert not anna.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert anna.page.locator("main img").count() == 0
        if page == "step_check":
            anna.hands_in()
            anna.goes("step_start", task)
    assert is_completed_once(family, "first_talk", "choose_person")


def test_a_text_that_is_too_long_is_said_in_a_sentence_and_kept(
    office: Office, family: Family, somebody: Callable[..., Walker]
) -> None:
    anna = somebody(office.anna)
    anna.goes("step_start", family.task("first_talk").pk)
    anna.begins()
    anna.page.locator("textarea").evaluate_all("(all) => all.forEach((it) => it.removeAttribute('maxlength'))")
    anna.fills({**FIRST_TALK, "waarom_nu": "x" * (LONGEST + 1)})
    anna.presses_main()
    assert anna.at == "step"
    assert len(anna.faults) == 1
    assert "Waarom komt deze vraag nu?" in anna.faults[0]
    assert len(anna.page.locator("[name=waarom_nu]").input_value()) == LONGEST + 1
    assert anna.page.locator("[name=wil_gezin]").input_value() == FIRST_TALK["wil_gezin"]


@pytest.fixture
def anna(office: Office, somebody: Callable[..., Walker]) -> Walker:
    return somebody(office.anna, pictures="odd-input")


@pytest.mark.parametrize(
    "bad",
    [("foto.png", b"<script>alert(1)</script>"), ("virus.exe", b"MZ\x90\x00"), ("leeg.pdf", b"")],
    ids=lambda it: it[0],
)
def test_a_file_of_the_wrong_kind_is_refused_in_a_sentence(
    anna: Walker, family: Family, asks_for_a_file: str, tmp_path: Path, bad: tuple[str, bytes]
) -> None:
    file = tmp_path / bad[0]
    file.write_bytes(bad[1])
    anna.goes("step_start", family.task("first_talk").pk)
    anna.begins()
    anna.fills(FIRST_TALK)
    anna.presses_main()
    anna.fills({"uitleg_steun": "ja", asks_for_a_file: file})
    anna.presses_main()
    assert anna.at == "step"
    assert len(anna.faults) == 1
    assert anna.faults[0].endswith(".")
    assert anna.page.locator("[name=uitleg_steun][value=ja]").is_checked()
    assert not Document.objects.exists()
