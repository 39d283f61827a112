"""Item and Dependence: what has identity, place and life, and what it hangs on."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from panshi.console.events.governed import Governed
from panshi.console.identity.models import Scoped


class ItemSort(models.TextChoices):
    """What an item is.

    Source: 证联网运维管理细则 5.2.1, 5.3.1, 15.2.1, 19.2, 19.3.
    """

    DEVICE = "device", _("设备")
    LINE = "line", _("线路")
    ROOM = "room", _("机房")
    CABINET = "cabinet", _("机柜")
    SOFTWARE = "software", _("软件")
    ACCESS_POINT = "access-point", _("接入点")


class ItemState(models.TextChoices):
    """Where an item is in its life."""

    PLANNED = "planned", _("待投用")
    IN_SERVICE = "in-service", _("在用")
    SPARE = "spare", _("备用")
    RETIRED = "retired", _("已退役")


class Item(Scoped):
    """A device, line, room, cabinet, software or access point.

    The fields that the rules name and those that are searched are columns; the rest is in `extra`.

    Source: 证联网运维管理细则 5.1.6 (service life), 5.2.1 (eight fields of a device), 5.3.1 (four
    of software).
    """

    sort = models.CharField(_("类别"), max_length=16, choices=ItemSort.choices)
    code = models.CharField(_("设备编号"), max_length=64)
    """The organisation's own number; it tells one item from another in files, too."""
    name = models.CharField(_("名称"), max_length=200)
    state = models.CharField(
        _("状态"), max_length=16, choices=ItemState.choices, default=ItemState.IN_SERVICE
    )
    room = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("机房位置")
    )
    cabinet = models.CharField(_("机柜位置"), max_length=64, blank=True)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    brand_model = models.CharField(_("品牌型号"), max_length=100, blank=True)
    serial = models.CharField(_("产品序列号"), max_length=100, blank=True)
    warranty_until = models.DateField(_("保修期限"), null=True, blank=True)
    software_version = models.CharField(_("软件版本"), max_length=100, blank=True)
    in_service_on = models.DateField(_("投用日期"), null=True, blank=True)
    carrier = models.CharField(_("运营商"), max_length=64, blank=True)
    end_a = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("甲端")
    )
    end_b = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("乙端")
    )
    software_class = models.CharField(_("软件类别"), max_length=64, blank=True)
    licence_code = models.CharField(_("授权编码"), max_length=200, blank=True)
    licence_users = models.PositiveIntegerField(_("授权用户数"), null=True, blank=True)
    bought_on = models.DateField(_("购买时间"), null=True, blank=True)
    extra = models.JSONField(_("其他"), default=dict, blank=True)

    class Meta:
        """Lists ask by organisation, sort and room, in the order of codes."""

        verbose_name = _("配置项")
        verbose_name_plural = _("配置项")
        ordering: ClassVar = ["code", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "code"], name="item_code"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["code", "id"], name="item_by_code"),
            models.Index(fields=["sort", "code", "id"], name="item_by_sort"),
            models.Index(fields=["room", "code"], name="item_by_room"),
            models.Index(fields=["serial"], name="item_by_serial"),
        ]

    @override
    def __str__(self) -> str:
        """Return code and name."""
        return f"{self.code} {self.name}"


class Dependence(Governed):
    """One item hangs on another: without the upper one the lower one does not work."""

    upper = models.ForeignKey(Item, models.PROTECT, related_name="lower_ends")
    lower = models.ForeignKey(Item, models.PROTECT, related_name="upper_ends")

    class Meta:
        """A pair once, and nothing hangs on itself."""

        verbose_name = _("依赖关系")
        verbose_name_plural = _("依赖关系")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["upper", "lower"], name="dependence_once"),
            models.CheckConstraint(condition=~Q(upper=F("lower")), name="dependence_of_two"),
        ]

    @override
    def __str__(self) -> str:
        """Return what hangs on what."""
        return f"{self.lower_id} < {self.upper_id}"
