"""What was published, and never changes again: versions of definitions, and releases of them together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class PublishedQuerySet(models.QuerySet[Any]):
    """Rows that are added and read; a change or a deletion in bulk is refused."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise TypeError("What is published never changes.")

    def delete(self) -> NoReturn:
        """Refuse."""
        raise TypeError("What is published is never deleted.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise TypeError("What is published never changes.")

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Insert; keywords as Django's. Raises: TypeError with `update_conflicts`, which would change rows."""
        if args or kwargs.get("update_conflicts"):
            raise TypeError("What is published never changes.")
        return super().bulk_create(objs, **kwargs)

    def _raw_delete(self, using: str | None) -> NoReturn:
        raise TypeError("What is published is never deleted.")


class Published(models.Model):
    """A row that is written once."""

    objects = PublishedQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert. Raises: TypeError when the row exists already."""
        if not self._state.adding:
            raise TypeError("What is published never changes.")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise TypeError("What is published is never deleted.")


class DefinitionVersion(Published):
    """
    One published version of a definition: its canonical JSON and SHA-256.

    Key and number are part of the name under which Viewflow stores its flow, so they never change.
    """

    key = models.CharField(_("key"), max_length=40)
    number = models.PositiveIntegerField(_("version"))
    digest = models.CharField(_("SHA-256"), max_length=64, unique=True)
    content = models.TextField(_("canonical JSON"))
    published_at = models.DateTimeField(_("published at"))

    class Meta(Published.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["key", "number"], name="padwijzer_one_version_of_a_number")]


class Release(Published):
    """
    Definitions published together, as one whole, with what belongs to them.

    Attributes:
        members: definition key to version number, for every definition.
        start: key of the definition on which a case starts.
        terms: the terms file as it was, by key.
        safeguards: the pack that it was proven to keep, as JSON in its own order; empty when older than proofs.
        proof: the record of that proof, as canonical JSON; empty when older than proofs.
        digest: SHA-256 over the digests of all members, the start, the terms and the pack.
    """

    number = models.PositiveIntegerField(_("number"), unique=True)
    start = models.CharField(_("start"), max_length=40)
    members = models.JSONField(_("definitions"))
    terms = models.JSONField(_("terms"))
    safeguards = models.TextField(_("safeguards"), default="")
    proof = models.TextField(_("proof"), default="")
    digest = models.CharField(_("SHA-256"), max_length=64, unique=True)
    reason = models.TextField(_("reason"), blank=True)
    published_at = models.DateTimeField(_("published at"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("published by")
    )

    class Meta(Published.Meta):
        abstract = False
        ordering = ["-number"]
