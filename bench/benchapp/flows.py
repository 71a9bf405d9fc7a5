"""The workload as a plain Viewflow flow, in code as its documentation shows it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from viewflow import this
from viewflow.workflow import flow, lock
from viewflow.workflow.flow.views import UpdateProcessView
from viewflow.workflow.models import Process

from bench.workload import DEADLINE_DAYS, ROLE_OF


def step(key: str) -> Any:
    return flow.View(UpdateProcessView.as_view(fields=[])).Permission(f"benchapp.do_{ROLE_OF[key]}")


def arm(key: str) -> Any:
    return lambda activation: activation.process.data["arm"] == key


class WorkloadFlow(flow.Flow):
    process_class = Process
    lock_impl = lock.SelectForUpdateLock(nowait=False)

    start = flow.StartHandle().Next(this.h01)
    h01 = step("h01").Next(this.h02)
    h02 = step("h02").Next(this.h03)
    h03 = step("h03").Next(this.h04)
    h04 = step("h04").Next(this.h05)
    h05 = step("h05").OnTimeout(timedelta(days=DEADLINE_DAYS), this.escalated, interrupting=False).Next(this.h06)
    h06 = step("h06").Next(this.choose)
    choose = flow.Switch().Case(this.xa, cond=arm("a")).Case(this.xb, cond=arm("b")).Default(this.xc)
    xa = step("xa").Next(this.h07)
    xb = step("xb").Next(this.h07)
    xc = step("xc").Next(this.h07)
    h07 = step("h07").Next(this.h08)
    h08 = step("h08").Next(this.h09)
    h09 = step("h09").Next(this.h10)
    h10 = step("h10").Next(this.h11)
    h11 = step("h11").Next(this.h12)
    h12 = step("h12").Next(this.split)
    split = flow.Split().Next(this.p1).Next(this.p2)
    p1 = step("p1").Next(this.join)
    p2 = step("p2").Next(this.join)
    join = flow.Join().Next(this.h13)
    h13 = step("h13").Next(this.h14)
    h14 = step("h14").Next(this.h15)
    h15 = step("h15").Next(this.h16)
    h16 = step("h16").Next(this.h17)
    h17 = step("h17").Next(this.h18)
    h18 = step("h18").Next(this.again)
    again = flow.If(lambda activation: activation.process.data["redo"]).Then(this.h16).Else(this.end)
    end = flow.End()
    escalated = flow.End()
