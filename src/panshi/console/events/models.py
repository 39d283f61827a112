"""The table that keeps the ledger."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from panshi.ledger.entry import FIELDS, TABLE, Entry


class Event(models.Model):
    """One record of the ledger; its columns are the fields of `panshi.ledger.entry.Entry`.

    Rows are written by `panshi.console.events.door` only. Triggers of the database refuse changes,
    removals, and rows that do not follow the last one.
    """

    sequence = models.BigIntegerField(_("序号"), primary_key=True)
    happened_ns = models.BigIntegerField(_("发生时间"))
    recorded_ns = models.BigIntegerField(_("记录时间"))
    actor = models.CharField(_("人员"), max_length=150)
    organisation = models.CharField(_("机构"), max_length=64, blank=True)
    action = models.CharField(_("动作"), max_length=64)
    subject = models.CharField(_("对象"), max_length=200)
    data = models.TextField(_("内容"))
    # A fork would have two rows with one digest before them: it fails loudly.
    previous = models.CharField(_("前一摘要"), max_length=64, unique=True)
    digest = models.CharField(_("摘要"), max_length=64, unique=True)

    class Meta:
        """The table has the name that the stand-alone check looks for."""

        db_table = TABLE
        ordering: ClassVar = ["sequence"]
        verbose_name = _("事件")
        verbose_name_plural = _("事件")
        indexes: ClassVar = [
            models.Index(fields=["subject", "sequence"], name="event_subject"),
            models.Index(fields=["actor", "sequence"], name="event_actor"),
        ]

    @override
    def __str__(self) -> str:
        """Return place and deed."""
        return f"{self.sequence} {self.action} {self.subject}"

    def as_entry(self) -> Entry:
        """Return the row as the ledger knows it."""
        return Entry(**{name: getattr(self, name) for name in FIELDS})
