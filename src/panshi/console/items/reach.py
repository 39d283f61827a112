"""What hangs on an item, from the tables."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import F

from panshi.console.items.impact import compute_impact
from panshi.console.items.models import Dependence, Item

if TYPE_CHECKING:
    from panshi.console.identity.models import User


def find_impact(user: User, item: Item) -> list[tuple[Item, int]]:
    """Return what a user may see of everything that hangs on an item.

    What stands in a room hangs on it, and a line hangs on both its ends, without anybody saying so.

    Args:
        user: Who asks.
        item: The item that fails.

    Returns:
        Items with their distance, nearest first. The walk goes through items that the user does
        not see, so that what hangs behind them is not lost.
    """
    hanging = defaultdict[int, list[int]](list)
    pairs = Dependence.objects.values_list("upper_id", "lower_id")
    for name in ("room_id", "end_a_id", "end_b_id"):
        own = Item.objects.order_by().filter(**{f"{name}__isnull": False})
        pairs = pairs.union(own.values_list(F(name), "pk"))
    for upper, lower in pairs:
        hanging[upper].append(lower)
    distances = compute_impact(item.pk, hanging)
    seen = Item.objects.visible_to(user).in_bulk(list(distances))
    return [(seen[key], distance) for key, distance in distances.items() if key in seen]
