"""Words of the family page: kinds of people, relations, authority, help."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

KINDS: Final = {
    "child": _("child"),
    "parent": _("parent"),
    "family": _("family member"),
    "network": _("from their own network"),
    "organisation": _("organisation"),
    "professional": _("professional"),
}
GROUPS: Final = (
    ("child", _("Children")),
    ("parent", _("Parents")),
    ("family", _("Other family")),
    ("network", _("Their own network")),
    ("organisation", _("Organisations that are guardian")),
    ("professional", _("Professionals without an account")),
)
"""Kind to the heading above all of that kind, in the order of the page."""
RELATIONS: Final = {
    "parent_of": _("parent of %(name)s"),
    "sibling_of": _("brother or sister of %(name)s"),
    "partner_of": _("partner of %(name)s"),
    "grandparent_of": _("grandparent of %(name)s"),
    "foster_parent_of": _("foster parent of %(name)s"),
    "representative_of": _("represents %(name)s by law"),
    "other": pgettext_lazy("relation", "knows %(name)s"),
}
REVERSED: Final = {
    "parent_of": _("child of %(name)s"),
    "sibling_of": _("brother or sister of %(name)s"),
    "partner_of": _("partner of %(name)s"),
    "grandparent_of": _("grandchild of %(name)s"),
    "foster_parent_of": _("foster child of %(name)s"),
    "representative_of": _("is represented by %(name)s"),
    "other": pgettext_lazy("relation", "knows %(name)s"),
}
RELATION_CHOICES: Final = (
    ("parent_of", _("Parent of")),
    ("sibling_of", _("Brother or sister of")),
    ("partner_of", _("Partner of")),
    ("grandparent_of", _("Grandparent of")),
    ("foster_parent_of", _("Foster parent of")),
    ("representative_of", _("Mentor, curator or other legal representative of")),
    ("other", pgettext_lazy("relation", "Knows")),
)
AUTHORITY: Final = {"gezag": _("parental authority"), "voogdij": _("guardianship")}
SOURCES: Final = {
    "register": _("register of parental authority"),
    "court": _("decision of the court"),
    "family_says": _("the family says so"),
}
SOURCE_CHOICES: Final = (
    ("register", _("I looked it up in the register of parental authority")),
    ("court", _("I saw the decision of the court")),
    ("family_says", _("The family told me; I have not looked it up")),
)
ATTENDS: Final = {
    "ja": _("goes to school"),
    "deels": _("goes to school for a part of the time"),
    "nee": _("does not go to school"),
}
HELP: Final = {
    "proposed": _("Proposed"),
    "matched": _("Found"),
    "waiting": _("Waiting"),
    "running": _("Runs"),
    "stopped": _("Stopped"),
    "not_started": _("Did not start"),
}
HELP_STATUS: Final = {
    "proposed": "todo",
    "matched": "todo",
    "waiting": "waiting",
    "running": "busy",
    "stopped": "done",
    "not_started": "not_needed",
}
"""Status of a kind of help to the status that `components/status.html` knows."""
