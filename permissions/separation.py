"""
Separation of duties (vierogenprincipe): two duties that one and the same person may not both have.

Whoever wrote a draft does not approve it; whoever decides did not advise; whoever deviated does not close the review
of it; nobody judges an emergency access of one's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from padwijzer.permissions.policies import Verdict


class Duty(StrEnum):
    """Something that somebody does, and that somebody else must do the other half of."""

    AUTHOR = "author"
    APPROVER = "approver"
    DECIDER = "decider"
    ADVISER = "adviser"
    DEVIATOR = "deviator"
    DEVIATION_REVIEWER = "deviation_reviewer"
    GLASS_USER = "glass_user"
    GLASS_REVIEWER = "glass_reviewer"
    DESTRUCTION_PROPOSER = "destruction_proposer"
    DESTRUCTION_APPROVER = "destruction_approver"


@dataclass(frozen=True, slots=True)
class Deed:
    """Who did what, in the matter at hand. Args: duty: what; by: pseudonym."""

    duty: Duty
    by: str


SEPARATIONS: Final[Mapping[frozenset[Duty], Promise]] = {
    frozenset({Duty.AUTHOR, Duty.APPROVER}): _("Whoever changed this draft does not approve it."),
    frozenset({Duty.DECIDER, Duty.ADVISER}): _("Whoever advised does not decide."),
    frozenset({Duty.DEVIATOR, Duty.DEVIATION_REVIEWER}): _("Whoever deviated does not close the review of it."),
    frozenset({Duty.GLASS_USER, Duty.GLASS_REVIEWER}): _("Nobody judges an emergency access of one's own."),
    frozenset({Duty.DESTRUCTION_PROPOSER, Duty.DESTRUCTION_APPROVER}): _(
        "Two people decide that a file is destroyed."
    ),
}
"""Pairs of duties, and the sentence that a refused person reads."""

SEPARATE = Verdict(True, _("No other duty stands in the way."))
NOBODY = Verdict(False, _("It must be known who does this."))


def may_also(duty: Duty, who: str, deeds: Iterable[Deed]) -> Verdict:
    """
    Whether somebody may take on a duty, given who did what in the same matter.

    Args:
        duty: what they would do.
        who: pseudonym; an empty one is refused.
        deeds: what was done, for example everybody who saved a revision since the last publication.

    Returns:
        The answer and why, in a sentence.
    """
    if not who:
        return NOBODY
    for deed in deeds:
        why = SEPARATIONS.get(frozenset({duty, deed.duty}))
        if why is not None and deed.by == who:
            return Verdict(False, why)
    return SEPARATE
