"""
Compiled flows between tests.

A version of a definition never changes, so its flow is remembered for the life of a process. A test that rolls back
makes another definition under the same version number possible; only tests can do that, so only they forget.
"""

import re

from viewflow.workflow import fields

from padwijzer.workflows.engine import flows


def forget_flows() -> None:
    """Forget every compiled flow and every reference that Viewflow has resolved."""
    for name in [name for name in vars(flows) if re.fullmatch(r"[A-Z][A-Z0-9_]*_v\d+", name)]:
        delattr(flows, name)
    for remembered in (
        fields.import_flow_by_ref,
        fields.get_flow_ref,
        fields.import_task_by_ref,
        fields.get_task_ref,
    ):
        remembered.cache_clear()
