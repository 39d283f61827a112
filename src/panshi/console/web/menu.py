"""The menu: eight groups, each with the pages that stand in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class GroupName(StrEnum):
    """Where a page stands; a kind of record names one of these."""

    WORKBENCH = "workbench"
    DUTY = "duty"
    CHANGE = "change"
    INCIDENT = "incident"
    ITEM = "item"
    GATE = "gate"
    COMPLIANCE = "compliance"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the menu."""

    label: StrOrPromise
    url: str
    """What `reverse` makes an address of, with the words behind a blank as its arguments."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the menu, in the order of the day's work."""

    name: GroupName
    label: StrOrPromise
    icon: str
    entries: list[Entry] = field(default_factory=list)


GROUPS: Final = {
    group.name: group
    for group in (
        Group(GroupName.WORKBENCH, _("工作台"), "layout-dashboard"),
        Group(GroupName.DUTY, _("值班运行"), "clock-24"),
        Group(GroupName.CHANGE, _("变更管理"), "replace"),
        Group(GroupName.INCIDENT, _("事件应急"), "alert-triangle"),
        Group(GroupName.ITEM, _("资产配置"), "server-2"),
        Group(GroupName.GATE, _("订单网关"), "gauge"),
        Group(GroupName.COMPLIANCE, _("合规证据"), "shield-check"),
        Group(GroupName.SYSTEM, _("系统管理"), "settings"),
    )
}


def enter(group: GroupName, label: StrOrPromise, url: str) -> None:
    """Put a page into the menu; called while the applications are made ready.

    Args:
        group: Where it stands.
        label: What is read.
        url: Name of its address, with arguments behind blanks.
    """
    entry = Entry(label, url)
    if entry not in GROUPS[group].entries:
        GROUPS[group].entries.append(entry)
