"""Every permission that exists, each with the sentence an administrator reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Reach(StrEnum):
    """To what a permission applies, and so on what it depends."""

    STEP = "step"
    """One step of a case: involvement in the case, in a role that may do that step."""
    CASE = "case"
    """One case: involvement in it."""
    ORGANISATION = "organisation"
    """No case: a role in the organisation is enough."""


@dataclass(frozen=True, slots=True)
class Permission:
    """
    Something that somebody may do.

    Args:
        key: stable key, `verb_noun`.
        sentence: what an administrator reads.
        reach: to what it applies.
        needs_mandate: whether a mandate of the owning organisation is needed too (Awb article 10:1).
        writes: whether it changes something; a closed case and a time-boxed grant allow only reading.
        on_closed_case: whether it can be done in a closed case although it writes.
        task_holder_only: whether only the holder of the task may do it.
        never_blocked: whether involvement alone is enough, whatever the state of the case.
    """

    key: str
    sentence: Promise
    reach: Reach
    needs_mandate: bool = False
    writes: bool = True
    on_closed_case: bool = False
    task_holder_only: bool = False
    never_blocked: bool = False


_ALL: Final = (
    # steps
    Permission("claim_task", _("Take up a task"), Reach.STEP),
    Permission("release_task", _("Give back a task that one has taken up"), Reach.STEP, task_holder_only=True),
    Permission("delegate_task", _("Hand over a task to a colleague"), Reach.STEP),
    Permission("perform_step", _("Fill in a step and complete it"), Reach.STEP),
    Permission("advise_on_step", _("Give advice on a decision without deciding"), Reach.CASE),
    Permission("take_decision", _("Take the decision in a step"), Reach.STEP),
    Permission("sign_decision", _("Take a formal decision of the municipality"), Reach.STEP, needs_mandate=True),
    Permission("deviate", _("Deviate from a step with a reason"), Reach.STEP),
    Permission("review_deviation", _("Look again at a deviation of a colleague"), Reach.CASE),
    # cases
    Permission("open_case", _("Open a case for a family"), Reach.ORGANISATION),
    Permission("see_case", _("See a case in which one is involved"), Reach.CASE, writes=False),
    Permission("see_history", _("See what happened in a case"), Reach.CASE, writes=False),
    Permission("see_readers", _("See who looked at a case"), Reach.CASE, writes=False),
    Permission("download_file", _("Download the part of the file that one may see"), Reach.CASE, writes=False),
    Permission("change_people", _("Change the people of a family"), Reach.CASE),
    Permission("manage_members", _("Change who is involved in a case"), Reach.CASE),
    Permission("add_own_step", _("Add a step of one's own to a case"), Reach.CASE),
    Permission("note_contact", _("Note that people spoke with each other"), Reach.CASE),
    Permission("share_information", _("Share information with another party"), Reach.CASE),
    Permission("correct_record", _("Correct something that was recorded wrongly"), Reach.CASE, on_closed_case=True),
    Permission("suspend_deadline", _("Let a term stand still and run again"), Reach.CASE),
    Permission("extend_deadline", _("Extend a term"), Reach.CASE),
    Permission("suspend_case", _("Let a path rest and go on with it"), Reach.CASE),
    Permission("withdraw_case", _("Withdraw a request for help"), Reach.CASE),
    Permission("reopen_case", _("Open a closed case again"), Reach.CASE, on_closed_case=True),
    Permission("start_emergency", _("Start the emergency route"), Reach.CASE, never_blocked=True),
    # family
    Permission("give_consent", _("Give consent"), Reach.CASE),
    Permission("withdraw_consent", _("Withdraw consent"), Reach.CASE),
    Permission("write_own_view", _("Write a view in one's own words"), Reach.CASE, on_closed_case=True),
    Permission("write_confidential_note", _("Write a note that only named people may read"), Reach.CASE),
    Permission("ask_other_contact_person", _("Ask for another contact person"), Reach.CASE),
    Permission("choose_what_confidant_sees", _("Choose what the own confidant (JIM) may see"), Reach.CASE),
    Permission("tick_own_task", _("Mark an own task in the plan as done"), Reach.CASE),
    # providers and guardianship institutions
    Permission("answer_assignment", _("Answer on an assignment: intake, status, evaluation"), Reach.CASE),
    Permission("give_signal", _("Give a signal about a child"), Reach.CASE),
    # exceptional access
    Permission("break_glass", _("Open a case in an emergency, with a reason, for an hour"), Reach.ORGANISATION),
    Permission("review_glass", _("Judge an emergency access of somebody else"), Reach.ORGANISATION),
    Permission("audit_case", _("Review one named case, with a reason and an end date"), Reach.CASE, writes=False),
    # organisation
    Permission(
        "see_audit", _("See history, deviations and deadlines without names"), Reach.ORGANISATION, writes=False
    ),
    Permission("verify_history", _("Check that nobody changed the history"), Reach.ORGANISATION, writes=False),
    Permission("see_reports", _("See reports without names"), Reach.ORGANISATION, writes=False),
    Permission("propose_change", _("Propose a change of a path"), Reach.ORGANISATION),
    Permission("edit_definition", _("Edit a draft of a path"), Reach.ORGANISATION),
    Permission("publish_release", _("Approve and publish a release made by somebody else"), Reach.ORGANISATION),
    Permission("test_definition", _("Try out a path with invented people"), Reach.ORGANISATION),
    Permission("manage_roles", _("Give and end roles and mandates"), Reach.ORGANISATION),
    Permission("propose_destruction", _("Propose that a file is destroyed"), Reach.ORGANISATION),
    Permission("approve_destruction", _("Approve that a file is destroyed"), Reach.ORGANISATION),
    Permission("run_clock", _("Let terms end and reminders go out; only the system does"), Reach.ORGANISATION),
)

CATALOGUE: Final[Mapping[str, Permission]] = MappingProxyType({permission.key: permission for permission in _ALL})
"""Key to permission. What is not in it does not exist, and is refused."""
