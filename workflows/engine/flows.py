"""
The home of compiled flows: `engine.flows.<Key>_v<number>`, made on demand and remembered.

Viewflow stores a flow as `app_label/module.Class` and imports it again in any process; so the class is made here when
its name is asked for. A name that looks like a flow and leads nowhere raises: Viewflow would read a missing flow back
as None, and a case would stand still without a word.
"""

from __future__ import annotations

import re
from typing import Any

from padwijzer.workflows.core.errors import FlowNotFound
from padwijzer.workflows.core.reading import read_definition
from padwijzer.workflows.engine.building import build_flow
from padwijzer.workflows.models import DefinitionVersion

NAME = re.compile(r"(?P<key>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)_v(?P<number>[1-9][0-9]*)")


def flow_name(key: str, number: int) -> str:
    """Name of the class of a version of a definition, for example `D_TOEST_v3`."""
    return f"{key.replace('-', '_')}_v{number}"


def flow_class(key: str, number: int) -> Any:
    """
    The flow of a version of a definition.

    Raises:
        FlowNotFound: when that version was never published here.
    """
    name = flow_name(key, number)
    return globals().get(name) or __getattr__(name)


def __getattr__(name: str) -> Any:
    match = NAME.fullmatch(name)
    if match is None:
        raise AttributeError(name)
    key = match["key"].replace("_", "-")
    version = DefinitionVersion.objects.filter(key=key, number=int(match["number"])).first()
    if version is None:
        raise FlowNotFound(name)
    built = build_flow(name, __name__, read_definition(version.content))
    globals()[name] = built
    return built
