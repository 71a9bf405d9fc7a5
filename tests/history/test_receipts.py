"""The receipt code: eight characters that point at one event, which is in the history and is sound."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.complete_task import complete_task
from padwijzer.workflows.actions.deviation import Deviation
from padwijzer.workflows.actions.skip_task import skip_task
from padwijzer.workflows.core.definition import Obligation, Performer
from padwijzer.workflows.history.receipts import ALPHABET, receipt
from padwijzer.workflows.history.verifying import verify_stream
from padwijzer.workflows.models import Event, Task
from tests.support.cases import Family, a_case, at
from tests.support.clock import publish, steps
from tests.support.definitions import definition, step
from tests.support.history import tampering

hashes = st.binary(min_size=32, max_size=32)


def bits_of(code: str) -> int:
    """The number that a code stands for."""
    number = 0
    for character in code.replace("-", ""):
        number = number * 32 + ALPHABET.index(character)
    return number


def found(family: Family, code: str) -> list[Event]:
    """The events of a case that a code points at: by hand, from the text that was hashed."""
    events = Event.objects.filter(stream=family.case.stream).order_by("seq")
    label = b"wfhist/v1/event\n"
    return [it for it in events if receipt(sha256(label + it.envelope.encode()).digest()) == code]


# The code


def test_the_code_of_the_published_vector_never_changes() -> None:
    event = "12838a67af29da4d295f57217af31cbd46e5532cc09bbd2cab1aca7e9bb22fab"
    assert receipt(bytes.fromhex(event)) == "2A1R-MSXF"
    assert (receipt(bytes(32)), receipt(b"\xff" * 32)) == ("0000-0000", "ZZZZ-ZZZZ")


def test_nobody_misreads_a_code() -> None:
    assert len(set(ALPHABET)) == 32
    assert not set("ILOU") & set(ALPHABET)


@given(hashes)
def test_a_code_is_the_first_forty_bits_of_its_event(digest: bytes) -> None:
    code = receipt(digest)
    assert (len(code), code[4]) == (9, "-")
    assert bits_of(code) == int.from_bytes(digest[:5], "big")


@given(hashes, st.integers(0, 39))
def test_another_bit_is_another_code(digest: bytes, bit: int) -> None:
    changed = int.from_bytes(digest, "big") ^ 1 << (255 - bit)
    assert receipt(changed.to_bytes(32, "big")) != receipt(digest)


# The event it points at


@pytest.fixture
def family(db: None) -> Family:
    publish(steps())
    return a_case()


def test_the_code_that_is_given_points_at_the_one_event_of_the_step(family: Family) -> None:
    task = family.task("watch")
    done = complete_task(Acting(family.worker, at("2026-11-03")), task.pk, {})
    (event,) = found(family, done.receipt)
    told = json.loads(event.envelope)
    assert (told["type"], told["ref"]["task"]) == ("task.completed", task.pk)
    assert event.seq == Task.objects.get(pk=task.pk).event
    assert verify_stream(family.case.stream) == []


def test_a_form_that_is_handed_in_again_gives_the_same_code(family: Family) -> None:
    task = family.task("watch")
    acting = Acting(family.worker, at("2026-11-03"))
    first, second = (complete_task(acting, task.pk, {}, form_key="form-1") for _ in range(2))
    assert second.receipt == first.receipt
    assert len(found(family, first.receipt)) == 1


def test_a_step_that_is_skipped_has_its_code_too(db: None) -> None:
    consultant = (Performer("jeugdconsulent"),)
    extra = step("extra", "last", obligation=Obligation.POLICY, performers=consultant)
    publish(
        definition("V", step("begin", "extra", performers=consultant), extra, step("last", performers=consultant))
    )
    family = a_case()
    task = family.task("extra")
    done = skip_task(Acting(family.worker, at("2026-11-03")), task.pk, deviation=Deviation("Dit past nu niet"))
    (event,) = found(family, done.receipt)
    assert json.loads(event.envelope)["type"] == "task.skipped"
    assert event.seq == Task.objects.get(pk=task.pk).event


def test_the_codes_of_a_case_are_all_different(family: Family) -> None:
    codes = [family.does(key, {}).receipt for key in ("watch", "last")]
    assert len(set(codes)) == 2


def test_after_a_change_the_code_points_at_nothing_and_the_history_is_not_sound(family: Family) -> None:
    done = family.does("watch", {})
    (event,) = found(family, done.receipt)
    changed = event.envelope.replace('"task.completed"', '"task.skipped"')
    with tampering() as cursor:
        cursor.execute("UPDATE padwijzer_workflows_event SET envelope = %s WHERE id = %s", [changed, event.pk])
        assert found(family, done.receipt) == []
        assert verify_stream(family.case.stream) != []
