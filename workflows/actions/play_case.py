"""
Play a case script on the real engine, and look after every step whether what is expected is so.

It makes invented users and a case of its own and leaves them there: run it in a database that is thrown away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import get_user_model

from padwijzer.forms.core.conditions import Collection, Unknown, Value
from padwijzer.forms.core.field_types import Json, to_json
from padwijzer.forms.core.field_types.rows import KEY
from padwijzer.forms.core.nodes import Node
from padwijzer.forms.core.schema import Column, FieldSpec
from padwijzer.permissions.models import Mandate, Organisation, RoleAssignment
from padwijzer.permissions.policies import may_see
from padwijzer.permissions.roles import shipped_roles
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.add_member import add_member
from padwijzer.workflows.actions.change_register import change_register
from padwijzer.workflows.actions.complete_task import complete_task
from padwijzer.workflows.actions.deviation import Deviation
from padwijzer.workflows.actions.open_case import NewPerson, open_case
from padwijzer.workflows.actions.open_track import open_track
from padwijzer.workflows.actions.skip_task import skip_task
from padwijzer.workflows.actions.work import Work, new_id
from padwijzer.workflows.core.case_file import CaseFile, CaseLookup, RegisterView, Row
from padwijzer.workflows.core.consent import must_consent
from padwijzer.workflows.core.deadlines import explain, local_day, read_explanation
from padwijzer.workflows.core.errors import Blocked, DeviationNeeded, InvalidAnswers, Refused
from padwijzer.workflows.core.registers import ColumnSpec, from_json, registers
from padwijzer.workflows.core.registers import to_json as cell_to_json
from padwijzer.workflows.core.scripts import (
    BROUGHT_ABOUT,
    PERSON,
    REFUSALS,
    CaseScript,
    Deed,
    Expectation,
    Kind,
    Person,
    Step,
    StepName,
)
from padwijzer.workflows.core.scripts import Row as ScriptRow
from padwijzer.workflows.models import OPEN, Case, Draft, Notice, Opening, RegisterRow, RunningDeadline, Task
from padwijzer.workflows.queries.seeing import access_to_answer, access_to_column, viewer_of
