"""`padwijzer explore`: how large the shipped paths are."""

from __future__ import annotations

from argparse import Namespace
from time import perf_counter

from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.exploring import table, written
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.releases import shipped


def run(options: Namespace) -> int:
    """Print the table of states. Returns: 0; 1 when the shipped release cannot be compiled."""
    plan = compile_release(shipped(include_skeletons=options.skeletons), allow_skeletons=options.skeletons)
    if not isinstance(plan, Plan):
        for finding in plan:
            print(f"{finding.definition} {finding.where}: {finding.message}")
        return 1
    print(written(table(plan, perf_counter, options.product)))
    return 0
