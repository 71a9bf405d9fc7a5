"""
People who keep working: each does one step after the other in cases of their own, through the pages.

A step that was handed in and got no answer is handed in again with the very same form, as a browser does when it is
told to try once more. Everything that was acknowledged is remembered, to be found back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from threading import Condition
from time import monotonic

from django.urls import reverse

from padwijzer.forms.core.schema import FieldSpec
from padwijzer.workflows.core.definition import (
    Completed,
    Constant,
    End,
    FromField,
    Moment,
    Open,
    OpenDuty,
    Opened,
    OpenTrack,
    Owner,
    Performer,
    ProcessDefinition,
    Record,
)
from tests.races.office import check_page, done_page, hand_in_form, leads_to
from tests.support.clock import deadline
from tests.support.definitions import choice, definition, is_, step, text, track
from tests.support.server import Answer, Browser, Gone

MARK = "merk"
"""The question whose answer no other step has."""
IMPATIENT = 3
"""One in so many steps is handed in twice: the first time nobody waits for the answer."""
NEXT = re.compile(r'primary-action pw-button" href="[^"]*/taken/(\d+)/"')


def the_path() -> ProcessDefinition:
    """
    Two steps in turn, for ever, each with much to write.

    `talk` writes a row of a register, opens a duty and a track, and has a deadline; `agree` writes another row,
    discharges the duty and closes the track. What is half done shows.
    """
    mark = FieldSpec(MARK, text("Merk"), "text", required=True)
    worker = (Performer("jeugdconsulent"),)
    duty = OpenDuty("to_do", text("Afspraken maken"), "first_talk_2w", ("agree",))
    return definition(
        "V",
        step(
            "talk",
            "agree",
            fields=(mark,),
            records=(Record("meeting", (("kind", Constant("talk")), ("note", FromField(MARK)))),),
            opens=(
                Open(duty, Moment.COMPLETING, owner=Owner.FAMILY),
                Open(OpenTrack("watch"), Moment.COMPLETING, owner=Owner.FAMILY),
            ),
            deadlines=(deadline("first_talk_2w", Opened("talk")),),
            performers=worker,
        ),
        step(
            "agree",
            (is_("verder", "ja"), "talk"),
            End(),
            fields=(mark, choice("verder")),
            records=(Record("agreement", (("what", FromField(MARK)), ("done", FromField("verder")))),),
            performers=worker,
        ),
        step("watch", performers=(Performer("gezinscoach"),)),
        tracks=(track("watch", activity="watch", closes_on=(Completed("agree"),)),),
    )


@dataclass(slots=True)
class HandedIn:
    """A step that was handed in. Args: task: the step; mark: its answer; form: what was sent."""

    task: int
    mark: str
    form: dict[str, list[str]]


@dataclass(slots=True)
class Watch:
    """
    What all workers do at this moment; the killer waits for it.

    Attributes:
        handing_in: how many wait for the answer to a step that they handed in.
        done: how many steps were acknowledged.
        took: how many seconds the last such answer took that no kill held up.
        kills: how often the server was killed.
        is_over: whether they go home after what they are doing.
        fault: what somebody met that should not be; then all go home.
    """

    changed: Condition = field(default_factory=Condition)
    handing_in: int = 0
    done: int = 0
    took: float = 0.1
    kills: int = 0
    is_over: bool = False
    fault: Exception | None = None


class Worker:
    """
    Somebody at work.

    Args:
        name: begins each mark.
        browser: in which he is signed in.
        tasks: the open step of each of his cases.
        watch: shared by all.

    Attributes:
        acknowledged: marks of the steps of which the server said that they are done.
        unanswered: the step that was handed in and got no answer yet.
        broken_off: how often the server went away while a step was handed in.
    """

    def __init__(self, name: str, browser: Browser, tasks: list[int], watch: Watch) -> None:
        self._browser = browser
        self._tasks = tasks
        self._watch = watch
        self._marks: Iterator[str] = (f"{name}-{number}" for number in count())
        self.acknowledged: list[str] = []
        self.unanswered: HandedIn | None = None
        self.broken_off = 0

    def works(self) -> None:
        """Do steps, in each case in turn, until the day is over."""
        case = 0
        is_done = False
        try:
            while not self._watch.is_over or self.unanswered is not None:
                try:
                    if is_done:
                        self._tasks[case] = self._next(self._tasks[case])
                        case = (case + 1) % len(self._tasks)
                        is_done = False
                    self._hand_in(self.unanswered or self._fill_in(self._tasks[case]))
                    is_done = True
                except Gone:
                    continue  # the next request waits until the server is there again
        except Exception as fault:
            with self._watch.changed:
                self._watch.fault = fault
                self._watch.is_over = True
                self._watch.changed.notify_all()
            raise

    def _fill_in(self, task: int) -> HandedIn:
        page = reverse("padwijzer:step", args=[task, 1])
        mark = next(self._marks)
        form = self._got(page).form(MARK)
        form |= {MARK: [mark], "verder": ["ja"]}
        answer = self._browser.post(page, form)
        assert leads_to(answer, check_page(task)), answer
        return HandedIn(task, mark, hand_in_form(self._browser, task))

    def _hand_in(self, handed_in: HandedIn) -> None:
        self.unanswered = handed_in
        with self._watch.changed:
            kills, before = self._watch.kills, monotonic()
            self._watch.handing_in += 1
            self._watch.changed.notify_all()
        page = check_page(handed_in.task)
        try:
            if len(self.acknowledged) % IMPATIENT == 0:
                self._browser.post_and_leave(page, handed_in.form)
            answer = self._browser.post(page, handed_in.form)
        except Gone:
            self.broken_off += 1
            raise
        finally:
            with self._watch.changed:
                self._watch.handing_in -= 1
                if kills == self._watch.kills:
                    self._watch.took = monotonic() - before
        assert leads_to(answer, done_page(handed_in.task)), answer
        self.acknowledged.append(handed_in.mark)
        self.unanswered = None
        with self._watch.changed:
            self._watch.done += 1
            self._watch.changed.notify_all()

    def _next(self, task: int) -> int:
        return int(NEXT.findall(self._got(done_page(task)).text)[0])

    def _got(self, path: str) -> Answer:
        answer = self._browser.get(path)
        assert answer.status == 200, (path, answer)
        return answer
