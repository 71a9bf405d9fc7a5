"""Whether the place of a finding is a place in the JSON of its definition."""

import re

from padwijzer.workflows.core.definition import ProcessDefinition
from padwijzer.workflows.core.reading import write_definition


def stands_there(definition: ProcessDefinition, where: str) -> bool:
    """Whether a path, such as `activities[3].exits[0].to`, leads to something in the JSON of a definition."""
    value: object = write_definition(definition)
    for key, number in re.findall(r"(\w+)|\[(\d+)\]", where):
        if key:
            if not isinstance(value, dict) or key not in value:
                return False
            value = value[key]
        else:
            if not isinstance(value, list) or int(number) >= len(value):
                return False
            value = value[int(number)]
    return True
