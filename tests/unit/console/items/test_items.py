"""Items are written by engineers of their sort, with before and after, and hang on each other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from panshi.console.events.models import Event
from panshi.console.events.refusal import RefusedError
from panshi.console.identity.roles import Role
from panshi.console.items.deeds import WRITERS, change_item, create_item, relate_items
from panshi.console.items.impact import compute_impact
from panshi.console.items.models import Dependence, Item, ItemSort
from panshi.console.items.reach import find_impact
from panshi.console.items.seed import load_seed

if TYPE_CHECKING:
    from panshi.console.identity.models import Organisation
    from tests.unit.console.conftest import MakeUser

pytestmark = pytest.mark.django_db


def make(organisation: Organisation, code: str, sort: ItemSort = ItemSort.DEVICE) -> Item:
    return create_item(None, organisation, sort, {"code": code, "name": f"名称{code}"})


def test_walks_end_where_items_hang_on_each_other() -> None:
    assert compute_impact(1, {1: [2], 2: [1, 3], 3: [3, 2]}) == {2: 1, 3: 2}
    assert compute_impact(1, {2: [1]}) == {}


def test_each_sort_is_written_by_its_roles_only(centre: Organisation, make_user: MakeUser) -> None:
    assert set(WRITERS) == set(ItemSort)
    users = {role: make_user(role) for role in Role}
    for sort, writers in WRITERS.items():
        for role, user in users.items():
            values = {"code": f"{sort}-{role}", "name": "名"}
            if role in writers:
                create_item(user, centre, sort, values)
                continue
            with pytest.raises(RefusedError) as refused:
                create_item(user, centre, sort, values)
            assert refused.value.code == "not-permitted"


def test_a_change_tells_before_and_after(centre: Organisation, make_user: MakeUser) -> None:
    engineer, item = make_user(Role.NETWORK_ENGINEER), make(centre, "D-1")
    changed = change_item(
        engineer, item, {"serial": "S-9", "warranty_until": "2027-03-01", "name": item.name}
    )
    assert str(changed.warranty_until) == "2027-03-01"
    told = json.loads(Event.objects.latest("sequence").data)
    assert told == {
        "before": {"serial": "", "warranty_until": None},
        "after": {"serial": "S-9", "warranty_until": "2027-03-01"},
    }
    with pytest.raises(RefusedError) as refused:
        change_item(engineer, item, {"serial": "S-9"})
    assert refused.value.code == "nothing-changed"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": ""}, "wrong-values"),
        ({"code": "D-2"}, "wrong-values"),
        ({"warranty_until": "2027-02-30"}, "wrong-values"),
        ({"licence_users": "-1"}, "wrong-values"),
        ({"sort": "line"}, "unknown-field"),
        ({"colour": "red"}, "unknown-field"),
    ],
)
def test_wrong_values_are_refused(
    centre: Organisation, values: dict[str, object], code: str
) -> None:
    item, _other = make(centre, "D-1"), make(centre, "D-2")
    with pytest.raises(RefusedError) as refused:
        change_item(None, item, values)
    assert refused.value.code == code
    item.refresh_from_db()
    assert (item.code, item.name, item.sort) == ("D-1", "名称D-1", "device")


def test_a_device_stands_in_a_room_and_not_in_a_device(centre: Organisation) -> None:
    item, other = make(centre, "D-1"), make(centre, "D-2")
    with pytest.raises(RefusedError) as refused:
        change_item(None, item, {"room": other})
    assert refused.value.code == "not-a-room"


def test_an_item_does_not_hang_on_itself_and_on_another_once(centre: Organisation) -> None:
    item, other = make(centre, "D-1"), make(centre, "D-2")
    relate_items(None, item, other)
    for upper, code in ((item, "related-already"), (other, "same-item")):
        with pytest.raises(RefusedError) as refused:
            relate_items(None, upper, other)
        assert refused.value.code == code


def test_an_engineer_of_a_node_keeps_to_the_node(
    centre: Organisation, node: Organisation, make_user: MakeUser
) -> None:
    engineer = make_user(Role.NETWORK_ENGINEER, organisation=node)
    own, others = make(node, "D-1"), make(centre, "D-1")
    room = make(centre, "R-1", ItemSort.ROOM)
    assert list(Item.objects.visible_to(engineer)) == [own]
    for attempt in (
        lambda: create_item(engineer, centre, ItemSort.DEVICE, {"code": "D-2", "name": "名"}),
        lambda: change_item(engineer, others, {"name": "名"}),
        lambda: change_item(engineer, own, {"room": room}),
        lambda: relate_items(engineer, others, own),
    ):
        with pytest.raises(RefusedError) as refused:
            attempt()
        assert refused.value.code == "other-organisation"


def test_what_hangs_on_a_room(
    centre: Organisation, node: Organisation, make_user: MakeUser
) -> None:
    room, far = make(centre, "R-1", ItemSort.ROOM), make(centre, "D-2")
    near, line = make(centre, "D-1"), make(centre, "L-1", ItemSort.LINE)
    behind = make(node, "D-3")
    change_item(None, near, {"room": room})
    change_item(None, line, {"end_a": near, "end_b": far})
    relate_items(None, line, behind)
    relate_items(None, behind, near)
    assert find_impact(make_user(), room) == [(near, 1), (line, 2), (behind, 3)]
    assert find_impact(make_user(organisation=node), room) == [(behind, 3)]


def test_the_seed_is_loaded_once_and_does_not_write_over(centre: Organisation) -> None:
    assert load_seed(centre) == 20
    assert Item.objects.filter(sort=ItemSort.ACCESS_POINT).count() == 12
    assert Dependence.objects.count() == 16
    assert all("表19." in item.extra["source"] for item in Item.objects.all())
    change_item(None, Item.objects.get(code="SH-1"), {"name": "改过"})
    assert load_seed(centre) == 0
    assert Item.objects.get(code="SH-1").name == "改过"
