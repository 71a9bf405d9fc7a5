"""
The history as it is stored: insert only, by these models and by triggers (`history/protection.py`).

The envelope is kept as the exact text that was hashed; personal values stand in openings only. A database owner can
get round every guard here; what betrays him are hashes that somebody keeps elsewhere.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models.functions import Length, Now
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from padwijzer.workflows.core.envelopes import HASH_BYTES, SALT_BYTES
from padwijzer.workflows.core.errors import HistoryRefused
from padwijzer.workflows.core.streams import LONGEST

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

SYSTEM_ACTOR = "system"  # who acts when nobody does: the clock, a migration


def _refuse(what: str, change: str) -> NoReturn:
    raise HistoryRefused(
        "append_only",
        what,
        f"{change} is not possible: the history only grows",
        hint="Append an event that corrects or withdraws the earlier one.",
    )


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Rows can be added and read, never changed or removed."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refused. Raises: HistoryRefused."""
        _refuse(self.model.__name__, "an update")

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None) -> NoReturn:
        """Refused. Raises: HistoryRefused."""
        _refuse(self.model.__name__, "an update")

    def delete(self) -> NoReturn:
        """Refused. Raises: HistoryRefused."""
        _refuse(self.model.__name__, "deleting")

    def _raw_delete(self, using: str | None) -> NoReturn:
        _refuse(self.model.__name__, "deleting")

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """
        Adds rows in one statement; keywords as Django's.

        Raises:
            HistoryRefused: with `update_conflicts`, which would change rows that are there.
        """
        if args or kwargs.get("update_conflicts"):
            _refuse(self.model.__name__, "an update")
        return super().bulk_create(objs, **kwargs)


class AppendOnlyModel(models.Model):
    """A row that is written once."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(
        self,
        *args: Any,
        force_insert: bool | tuple[models.base.ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """
        Adds the row.

        Raises:
            HistoryRefused: the row is there already.
        """
        if args or force_update or update_fields is not None or not self._state.adding:
            _refuse(type(self).__name__, "an update")
        super().save(force_insert=force_insert or True, using=using)

    def delete(self, using: str | None = None, keep_parents: bool = False) -> NoReturn:
        """Refused. Raises: HistoryRefused."""
        _refuse(type(self).__name__, "deleting")


class Event(AppendOnlyModel):
    """
    What happened, chained to what happened before it in the same stream.

    Attributes:
        stream: see `core/streams.py`.
        seq: place in the stream, from 0.
        prev: hash of the event before it, or the genesis; 32 bytes.
        hash: hash of `envelope`; 32 bytes.
        envelope: the exact text that was hashed (RFC 8785).
        recorded_at: the clock of the database at the insert. It is not hashed and proves nothing by itself.
    """

    stream = models.CharField(_("stream"), max_length=LONGEST)
    seq = models.BigIntegerField(_("place in the stream"))
    prev = models.BinaryField(_("hash of the event before"), max_length=HASH_BYTES)
    hash = models.BinaryField(_("hash"), max_length=HASH_BYTES, unique=True)
    envelope = models.TextField(_("envelope"))
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now())

    class Meta(AppendOnlyModel.Meta):
        abstract = False
        verbose_name = _("event")
        verbose_name_plural = _("events")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=["stream", "seq"], name="padwijzer_event_place"),
            models.UniqueConstraint(fields=["stream", "prev"], name="padwijzer_event_no_fork"),
            models.CheckConstraint(condition=models.Q(seq__gte=0), name="padwijzer_event_seq"),
            models.CheckConstraint(condition=Exact(Length("prev"), HASH_BYTES), name="padwijzer_event_prev"),
            models.CheckConstraint(condition=Exact(Length("hash"), HASH_BYTES), name="padwijzer_event_hash"),
        )


class Head(AppendOnlyModel):
    """
    The end of a stream: what its next event points back to. Whoever appends, locks it first.

    Only `history/append.py` moves it.

    Attributes:
        stream: which stream.
        seq: of the last event; -1 while the first one is being written.
        hash: of the last event, or the genesis; 32 bytes.
        at: when the last event happened, as in its envelope; empty before the first.
        sealed_seq: last event under a signed checkpoint; -1 when there is none.
    """

    stream = models.CharField(_("stream"), max_length=LONGEST, primary_key=True)
    seq = models.BigIntegerField(_("place of the last event"))
    hash = models.BinaryField(_("hash of the last event"), max_length=HASH_BYTES)
    at = models.CharField(_("moment of the last event"), max_length=27, blank=True)
    sealed_seq = models.BigIntegerField(_("place of the last sealed event"), default=-1)

    class Meta(AppendOnlyModel.Meta):
        abstract = False
        verbose_name = _("head of a stream")
        verbose_name_plural = _("heads of streams")
        default_permissions = ()
        constraints = (
            models.CheckConstraint(condition=models.Q(seq__gte=-1), name="padwijzer_head_seq"),
            models.CheckConstraint(
                condition=models.Q(sealed_seq__gte=-1, sealed_seq__lte=models.F("seq")), name="padwijzer_head_sealed"
            ),
            models.CheckConstraint(condition=Exact(Length("hash"), HASH_BYTES), name="padwijzer_head_hash"),
        )


class Opening(AppendOnlyModel):
    """
    What opens one commitment of an event: salt and value. The only place of the history with personal data.

    Attributes:
        event: whose field it is.
        name: of the field, as in the envelope.
        salt: 32 random bytes.
        value: the value as JSON text (RFC 8785).
        key_id: which key the value is encrypted with; empty when it is not.
    """

    wagtail_reference_index_ignore = True

    pk = models.CompositePrimaryKey("event_id", "name")
    event = models.ForeignKey(Event, models.PROTECT, related_name="openings", db_index=False)
    name = models.CharField(_("field"), max_length=LONGEST)
    salt = models.BinaryField(_("salt"), max_length=SALT_BYTES)
    value = models.TextField(_("value"))
    key_id = models.CharField(_("key"), max_length=64, null=True, blank=True)  # noqa: DJ001  # null says: not encrypted

    class Meta(AppendOnlyModel.Meta):
        abstract = False
        verbose_name = _("opening")
        verbose_name_plural = _("openings")
        default_permissions = ()
        constraints = (
            models.CheckConstraint(condition=Exact(Length("salt"), SALT_BYTES), name="padwijzer_opening_salt"),
        )


class PseudonymManager(models.Manager["Pseudonym"]):
    """Finds or gives pseudonyms."""

    def of(self, user: AbstractBaseUser) -> str:
        """
        The pseudonym under which a user stands in the history; given at the first call.

        Args:
            user: a stored user.

        Returns:
            `actor/` and 32 random hexadecimal digits.
        """
        row, _new = self.get_or_create(user_id=user.pk, defaults={"pseudonym": f"actor/{secrets.token_hex(16)}"})
        return row.pseudonym


class Pseudonym(models.Model):
    """
    Who is meant by an actor in the history. When the user goes, the link goes and the events stay.

    Attributes:
        pseudonym: as in the envelopes.
        user: whose it is, as long as there is such a user.
        label: what is shown when there is none.
    """

    wagtail_reference_index_ignore = True

    pseudonym = models.CharField(_("pseudonym"), max_length=64, primary_key=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("user")
    )
    label = models.CharField(_("label"), max_length=200, blank=True)

    objects = PseudonymManager()

    class Meta:
        verbose_name = _("pseudonym")
        verbose_name_plural = _("pseudonyms")
        default_permissions = ()
