"""Writes to items, each through the door, with what was there before and what is there now."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from panshi.console.events.door import Act, Done, act
from panshi.console.events.refusal import RefusedError
from panshi.console.identity.deeds import INSTALLER, require_role
from panshi.console.identity.roles import Role
from panshi.console.items.models import Dependence, Item, ItemSort

if TYPE_CHECKING:
    from collections.abc import Mapping

    from panshi.console.identity.models import Organisation, User

WRITERS: Final = {
    ItemSort.DEVICE: (Role.NETWORK_ENGINEER, Role.SECURITY_ENGINEER),
    ItemSort.LINE: (Role.NETWORK_ENGINEER,),
    ItemSort.ROOM: (Role.ROOM_ENGINEER,),
    ItemSort.CABINET: (Role.ROOM_ENGINEER,),
    ItemSort.SOFTWARE: (Role.NETWORK_ENGINEER, Role.SECURITY_ENGINEER),
    ItemSort.ACCESS_POINT: (Role.NETWORK_ENGINEER, Role.ROOM_ENGINEER),
}
"""Who writes items of a sort; everybody else reads."""
FIXED: Final = frozenset({"id", "organisation", "sort"})
"""What an item keeps for life."""
FIELDS: Final = frozenset(field.name for field in Item._meta.concrete_fields) - FIXED  # noqa: SLF001 - Django's documented interface
ENDS: Final = ("room", "end_a", "end_b")


def create_item(
    actor: User | None, organisation: Organisation, sort: ItemSort, values: Mapping[str, object]
) -> Item:
    """Make an item.

    Args:
        actor: An engineer of its sort, or None at the machine itself.
        organisation: Whose it is.
        sort: What it is.
        values: Its fields by name; `code` and `name` must be there.

    Returns:
        The item.

    Raises:
        RefusedError: If the actor may not, or the values are wrong or double.
    """

    def change() -> Done[Item]:
        _require_writer(actor, organisation, sort)
        item = Item(organisation=organisation, sort=sort)
        after = _put(actor, item, values)
        told = {name: new for name, (_old, new) in after.items()}
        return Done(item, {"after": told}, f"item:{item.pk}")

    deed = Act(_name(actor), "item.create", f"item:{organisation.code}", organisation.code)
    return act(deed, change)


def change_item(actor: User | None, item: Item, values: Mapping[str, object]) -> Item:
    """Change fields of an item; every change of an item comes through here.

    Args:
        actor: An engineer of its sort, or None at the machine itself.
        item: What is changed.
        values: New values by the names of fields; the others stay.

    Returns:
        The item as it is now.

    Raises:
        RefusedError: If the actor may not, nothing changes, or a value is wrong.
    """

    def change() -> Done[Item]:
        # What the caller has may be old; the door's lock makes this the newest there is.
        newest = Item.objects.select_related("organisation").get(pk=item.pk)
        _require_writer(actor, newest.organisation, ItemSort(newest.sort))
        changed = _put(actor, newest, values)
        if not changed:
            raise RefusedError("nothing-changed", _("没有任何改动"), item=item.pk)
        before = {name: old for name, (old, _new) in changed.items()}
        after = {name: new for name, (_old, new) in changed.items()}
        return Done(newest, {"before": before, "after": after})

    deed = Act(_name(actor), "item.change", f"item:{item.pk}", item.organisation.code)
    return act(deed, change)


def relate_items(actor: User | None, upper: Item, lower: Item) -> Dependence:
    """Say that one item hangs on another.

    Args:
        actor: Who may write the lower item and see the upper one, or None at the machine itself.
        upper: What is needed.
        lower: What needs it.

    Returns:
        The relation.

    Raises:
        RefusedError: If the actor may not, or the two are one, or are related already.
    """

    def change() -> Done[Dependence]:
        _require_writer(actor, lower.organisation, ItemSort(lower.sort))
        _require_visible(actor, upper)
        if upper.pk == lower.pk:
            raise RefusedError("same-item", _("配置项不能依赖自己"), item=upper.pk)
        made, new = Dependence.objects.get_or_create(upper=upper, lower=lower)
        if not new:
            raise RefusedError("related-already", _("依赖关系已存在"), upper=upper.pk)
        return Done(made, {"upper": upper.pk})

    deed = Act(_name(actor), "item.relate", f"item:{lower.pk}", lower.organisation.code)
    return act(deed, change)


def _put(
    actor: User | None, item: Item, values: Mapping[str, object]
) -> dict[str, tuple[object, object]]:
    unknown = sorted(values.keys() - FIELDS)
    if unknown:
        raise RefusedError(
            "unknown-field",
            _("不能写入字段：%(names)s") % {"names": "、".join(unknown)},
            names=" ".join(unknown),
        )
    before = {name: _tell(getattr(item, name)) for name in values}
    for name, value in values.items():
        if isinstance(value, Item):
            _require_visible(actor, value)
        setattr(item, name, value)
    try:
        item.full_clean()
    except ValidationError as error:
        raise RefusedError(
            "wrong-values",
            "；".join(f"{name}：{' '.join(words)}" for name, words in error.message_dict.items()),
            names=" ".join(sorted(error.message_dict)),
        ) from error
    _require_rooms(item)
    after = {name: _tell(getattr(item, name)) for name in values}
    changed = {name: (before[name], after[name]) for name in after if before[name] != after[name]}
    if changed:
        item.save()
    return changed


def _require_rooms(item: Item) -> None:
    if item.room is not None and item.room.sort != ItemSort.ROOM:
        raise RefusedError("not-a-room", _("机房位置须为机房类配置项"), room=item.room.pk)
    for name in ENDS:
        if getattr(item, name) is not None and getattr(item, f"{name}_id") == item.pk:
            raise RefusedError("same-item", _("配置项不能依赖自己"), item=item.pk)


def _require_writer(actor: User | None, organisation: Organisation, sort: ItemSort) -> None:
    require_role(actor, *WRITERS[sort])
    if actor is not None and not actor.sees_all and actor.organisation_id != organisation.pk:
        raise RefusedError(
            "other-organisation", _("只能登记本机构的配置项"), organisation=organisation.code
        )


def _require_visible(actor: User | None, item: Item) -> None:
    if actor is not None and not Item.objects.visible_to(actor).filter(pk=item.pk).exists():
        raise RefusedError("other-organisation", _("只能登记本机构的配置项"), item=item.pk)


def _tell(value: object) -> object:
    if isinstance(value, Item):
        return value.pk
    return value.isoformat() if isinstance(value, dt.date) else value


def _name(actor: User | None) -> str:
    return INSTALLER if actor is None else actor.username
