"""Record, Step, Vote, Link and Proof: what all kinds keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from panshi.console.events.governed import Governed
from panshi.console.identity.models import Scoped, ScopedQuerySet

if TYPE_CHECKING:
    from panshi.console.identity.models import User


class Record(Scoped):
    """One act or case of any kind; a row for each.

    What a search, a sum or a constraint needs is a column, the rest is in `data`, checked by the
    record's kind.
    """

    kind = models.CharField(_("类别"), max_length=32)
    kind_version = models.PositiveIntegerField(_("类别版本"))
    series = models.CharField(max_length=32)
    """Prefix and year, inside which numbers follow each other."""
    serial = models.PositiveIntegerField()
    number = models.CharField(_("编号"), max_length=48, unique=True)
    title = models.CharField(_("名称"), max_length=200)
    state = models.CharField(_("状态"), max_length=32)
    data = models.JSONField(_("内容"), default=dict)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="records",
        verbose_name=_("发起人"),
        null=True,
        blank=True,
    )
    """Empty where the platform itself opened it."""
    due_at = models.DateTimeField(_("期限"), null=True, blank=True)
    happened_at = models.DateTimeField(_("发生时间"))
    recorded_at = models.DateTimeField(_("记录时间"))
    entered_at = models.DateTimeField(_("进入状态时间"))
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    keep_until = models.DateField(_("保存至"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    """Goes up with every write, so that nobody writes over what they did not see."""

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta:
        """Lists ask by kind and state, newest first."""

        verbose_name = _("记录")
        verbose_name_plural = _("记录")
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["series", "serial"], name="record_serial"),
            models.CheckConstraint(
                condition=Q(happened_at__lte=F("recorded_at")), name="record_happened_before"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["kind", "state", "-id"], name="record_kind_state"),
            models.Index(fields=["kind", "-id"], name="record_kind"),
            models.Index(fields=["organisation", "kind", "-id"], name="record_organisation"),
            models.Index(
                fields=["due_at"], condition=Q(closed_at__isnull=True), name="record_open_due"
            ),
        ]

    @override
    def __str__(self) -> str:
        """Return number and title."""
        return f"{self.number} {self.title}"

    @property
    def subject(self) -> str:
        """Return what events call it."""
        return f"{self.kind}:{self.number}"


class Part(models.TextChoices):
    """What a step is for.

    Source: 证联网运维管理细则 15.6.2(4).
    """

    BEFORE = "before", _("前置检查")
    WORK = "work", _("操作步骤")
    AFTER = "after", _("实施后检查")
    BACK = "back", _("回退步骤")


class StepQuerySet(ScopedQuerySet["Step"]):
    """Steps, as far as their records may be seen."""

    scope: ClassVar[str] = "record__organisation"


class Step(Governed):
    """A line of what is done inside a record, by one person and checked by another."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="steps")
    order = models.PositiveIntegerField(_("序号"))
    part = models.CharField(_("部分"), max_length=8, choices=Part.choices, default=Part.WORK)
    text = models.CharField(_("操作项"), max_length=500)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="operated_steps",
        verbose_name=_("操作人"),
    )
    checker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="checked_steps",
        verbose_name=_("检查人"),
    )
    planned_start = models.DateTimeField(_("计划开始"), null=True, blank=True)
    planned_end = models.DateTimeField(_("计划结束"), null=True, blank=True)
    started_at = models.DateTimeField(_("开始"), null=True, blank=True)
    ended_at = models.DateTimeField(_("结束"), null=True, blank=True)
    checked_at = models.DateTimeField(_("检查"), null=True, blank=True)
    succeeded = models.BooleanField(_("成功"), null=True, blank=True)
    result = models.CharField(_("结果"), max_length=500, blank=True)

    objects: ClassVar[Any] = StepQuerySet.as_manager()

    class Meta:
        """The database, too, wants two persons."""

        verbose_name = _("步骤")
        verbose_name_plural = _("步骤")
        ordering: ClassVar = ["record", "order"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record", "order"], name="step_order"),
            models.CheckConstraint(condition=~Q(operator=F("checker")), name="step_two_persons"),
        ]

    @override
    def __str__(self) -> str:
        """Return place and text."""
        return f"{self.order} {self.text}"


class VoteRow(Governed):
    """One opinion of one person; never changed, a later one stands beside it."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="votes")
    policy = models.CharField(_("评审"), max_length=32)
    voter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="votes", verbose_name=_("评审人")
    )
    opinion = models.CharField(_("意见"), max_length=8)
    words = models.CharField(_("说明"), max_length=500, blank=True)
    digest = models.CharField(_("内容摘要"), max_length=64)
    cast_at = models.DateTimeField(_("时间"))

    class Meta:
        """Named for people."""

        db_table = "records_vote"
        verbose_name = _("评审意见")
        verbose_name_plural = _("评审意见")
        ordering: ClassVar = ["pk"]

    @override
    def __str__(self) -> str:
        """Return who said what."""
        return f"{self.voter} {self.opinion}"


class Link(Governed):
    """A record that has to do with another."""

    source = models.ForeignKey(Record, models.PROTECT, related_name="links_out")
    target = models.ForeignKey(Record, models.PROTECT, related_name="links_in")
    relation = models.CharField(_("关系"), max_length=32)

    class Meta:
        """One link of a relation, and none to itself."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "target", "relation"], name="link_once"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="link_not_itself"),
        ]

    @override
    def __str__(self) -> str:
        """Return both ends."""
        return f"{self.source.number} {self.relation} {self.target.number}"


class Proof(Governed):
    """Evidence that appeared because a record was moved: the clause, the move and its event."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="proofs")
    clause = models.CharField(_("条款"), max_length=32)
    transition = models.CharField(_("动作"), max_length=32)
    event = models.BigIntegerField(_("事件序号"))
    happened_at = models.DateTimeField(_("发生时间"))

    class Meta:
        """Asked for by clause and period."""

        verbose_name = _("证据")
        verbose_name_plural = _("证据")
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [
            models.Index(fields=["clause", "happened_at"], name="proof_clause_time")
        ]

    @override
    def __str__(self) -> str:
        """Return clause and record."""
        return f"{self.clause} {self.record.number}"


def name_of(user: User | None) -> str:
    """Return a user's login name; blank for the platform itself."""
    return "" if user is None else user.username
