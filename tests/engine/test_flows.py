"""Flows are made when their name is asked for, in any process; a name that leads nowhere raises."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from viewflow.workflow.fields import get_flow_ref, import_flow_by_ref

from padwijzer.workflows.actions import complete_task as completing
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.core.errors import FlowNotFound
from padwijzer.workflows.engine import flows
from padwijzer.workflows.engine.building import PathFlow
from padwijzer.workflows.engine.flows import flow_class, flow_name
from padwijzer.workflows.engine.nodes import StepActivation
from padwijzer.workflows.history.verifying import verify_all
from padwijzer.workflows.models import Event, PathRun, Task
from tests.support.cases import a_case, at
from tests.support.clock import another_case, publish, steps
from tests.support.definitions import definition, step
from tests.support.flows import forget_flows

ROOT = Path(__file__).resolve().parents[2]
FRESH = """
import json, sys
import django
django.setup()
from django.contrib.auth import get_user_model
from django.utils.dateparse import parse_datetime
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.complete_task import complete_task
from padwijzer.workflows.engine import flows
from padwijzer.workflows.models import Task
asked = json.load(sys.stdin)
before = sorted(name for name in vars(flows) if flows.NAME.fullmatch(name))
acting = Acting(get_user_model().objects.get(pk=asked["user"]), parse_datetime(asked["at"]))
done = complete_task(acting, asked["task"], {})
print(json.dumps({
    "before": before,
    "after": sorted(name for name in vars(flows) if flows.NAME.fullmatch(name)),
    "receipt": done.receipt,
    "opened": [Task.objects.get(pk=task).activity for task in done.opened],
}))
"""


def compiled() -> set[str]:
    """The flows that this process has made."""
    return {name for name in vars(flows) if flows.NAME.fullmatch(name)}


# Names


@pytest.mark.django_db
def test_a_flow_is_made_once_and_found_again_by_the_reference_that_is_stored() -> None:
    publish(steps())
    forget_flows()
    assert compiled() == set()
    found = flow_class("V", 1)
    assert issubclass(found, PathFlow)
    assert flow_class("V", 1) is found
    assert compiled() == {"V_v1"}
    reference = get_flow_ref(found)
    assert reference.endswith("flows.V_v1")
    assert import_flow_by_ref(reference) is found


@pytest.mark.django_db
def test_a_key_with_a_hyphen_is_found_again() -> None:
    publish(steps(), definition("D-TOEST", step("ask")))
    forget_flows()
    assert flow_name("D-TOEST", 1) == "D_TOEST_v1"
    assert flow_class("D-TOEST", 1).definition.key == "D-TOEST"


@pytest.mark.django_db
@pytest.mark.parametrize(("key", "number"), [("V", 2), ("V", 99), ("X", 1), ("D-X", 1)])
def test_a_version_that_was_never_published_raises_and_is_not_remembered(key: str, number: int) -> None:
    publish(steps())
    with pytest.raises(FlowNotFound, match=flow_name(key, number)):
        flow_class(key, number)
    assert flow_name(key, number) not in compiled()


@pytest.mark.django_db
def test_a_stored_reference_that_leads_nowhere_raises_instead_of_reading_as_nothing() -> None:
    publish(steps())
    family = a_case()
    forget_flows()
    PathRun.objects.filter(case=family.case).update(flow_class="padwijzer_workflows/engine.flows.V_v9")
    with pytest.raises(FlowNotFound):
        str(PathRun.objects.get(case=family.case).flow_class)


@pytest.mark.parametrize("name", ["V", "v_v1", "V_v0", "V_v01", "V_1", "V-X_v1", "_V_v1", "V__X_v1", "__path__"])
def test_a_name_that_is_no_flow_is_just_not_there(name: str) -> None:
    with pytest.raises(AttributeError):
        getattr(flows, name)


# Another process


@pytest.mark.django_db(transaction=True)
def test_a_process_that_never_saw_the_release_carries_the_case_on() -> None:
    publish(steps())
    family = a_case()
    task = family.task("watch")
    asked = {"user": family.worker.pk, "at": at("2026-11-03").isoformat(), "task": task.pk}
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PADWIJZER_TEST_DB_NAME": str(connection.settings_dict["NAME"]),
        "PYTHONPATH": str(ROOT),
    }
    ran = subprocess.run(
        [sys.executable, "-c", FRESH],
        input=json.dumps(asked),
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert (told["before"], told["after"], told["opened"]) == ([], ["V_v1"], ["last"])
    assert Task.objects.get(pk=task.pk).outcome == "done"
    assert family.task("last").is_open
    assert verify_all() == []


# What a task keeps


def test_a_task_has_no_column_for_the_variables_of_a_failed_step() -> None:
    assert "data" not in {field.name for field in Task._meta.get_fields()}
    task = Task(activity="first_talk")
    task.data = {"naam": "Noor de Wit"}
    assert task.data == {}
    assert "Noor" not in json.dumps(task.__dict__, default=str)


@pytest.mark.django_db
def test_a_step_that_fails_half_way_leaves_nothing_of_what_was_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    publish(steps(ask="text"))
    family = another_case()
    task = family.task("begin")
    events = Event.objects.count()

    def fail(*_args: Any, **_keywords: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(completing, "follow_up", fail)
    with pytest.raises(RuntimeError):
        completing.complete_task(Acting(family.worker, at("2026-11-03")), task.pk, {"dag": "Bij oma Roos"})
    assert Event.objects.count() == events
    assert family.task("begin").pk == task.pk
    assert "oma Roos" not in everything_stored()


def test_a_failure_inside_a_node_is_not_swallowed() -> None:
    any_task: Any = object()
    with pytest.raises(RuntimeError), StepActivation.exception_guard(any_task):
        raise RuntimeError


def everything_stored() -> str:
    """All that is kept of tasks and runs, in one text."""
    return json.dumps([*Task.objects.values(), *PathRun.objects.values()], default=str)
