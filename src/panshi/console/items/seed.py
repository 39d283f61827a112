"""The network's access points and hosting rooms, from the tables of the rules."""

from __future__ import annotations

import csv
from importlib import resources
from typing import TYPE_CHECKING

from panshi.console.items.deeds import create_item, relate_items
from panshi.console.items.models import Item, ItemSort

if TYPE_CHECKING:
    from panshi.console.identity.models import Organisation


def load_seed(organisation: Organisation) -> int:
    """Enter the access points and hosting rooms that are not there yet.

    A room hangs on the access points through which it reaches the network. What somebody has
    changed since stays as it is.

    Args:
        organisation: Whose items they become; the centre's.

    Returns:
        How many items were made.

    Source: 证联网运维管理细则, tables 19.2 and 19.3; the codes TG-1 to TG-8 are ours, by the
    table's own numbers.
    """
    table = resources.files("panshi.console.items").joinpath("data/access_points.csv")
    own = Item.objects.filter(organisation=organisation)
    known = {item.code: item for item in own.select_related("organisation")}
    made = 0
    for row in csv.DictReader(table.read_text(encoding="utf-8").splitlines()):
        if row["code"] in known:
            continue
        extra = {"source": row["source"]}
        if row["holder"]:
            extra["holder"] = row["holder"]
        values = {"code": row["code"], "name": row["name"], "address": row["address"]}
        item = create_item(None, organisation, ItemSort(row["sort"]), {**values, "extra": extra})
        known[item.code] = item
        made += 1
        for code in row["access_points"].split():
            relate_items(None, known[code], item)
    return made
