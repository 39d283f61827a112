"""Real orders given to simulated customers."""

from __future__ import annotations

from collections import Counter

import pytest

from panshi.demo.assignment import (
    AWAY_IN,
    BEST_FIVE,
    LIMIT,
    Assigned,
    Assignment,
    IdSeries,
    send_as,
)
from panshi.demo.parties import ODD_LOT_SELLERS
from panshi.market.flow import CANCEL, EXACT, NEW, REBUILT, FlowEvent
from panshi.venue.clients import CANCEL as KIND_CANCEL
from panshi.venue.clients import ORDER, Action, Event, pack_actions, record_names


def _flow() -> list[FlowEvent]:
    rows = []
    for number in range(400):
        side = "B" if number % 2 else "S"
        qty = 100 * (number % 7 + 1) + (57 if number % 40 == 0 else 0)
        rows.append(
            FlowEvent(
                "sse", "600536", 33_300_000 + number, number, NEW, side, 5_120_000, qty, number,
                "exact", "2023-07-11",
            )
        )  # fmt: skip
    rows.append(rows[3]._replace(event=CANCEL, ms=33_400_000, price_e5=0))
    rows.append(rows[5]._replace(event=CANCEL, ms=33_400_001, price_e5=0, order_no=9_999))
    return rows


def _assign(seed: int) -> Assigned:
    return Assignment(seed, IdSeries()).assign(_flow())


def test_the_same_seed_gives_the_same_actions_and_another_seed_others() -> None:
    assert _assign(1).actions == _assign(1).actions
    assert _assign(1).actions != _assign(2).actions


def test_most_orders_of_a_security_come_over_its_home_and_a_few_over_another() -> None:
    rows = _flow()[:400]
    rows += [row._replace(security="600761", order_no=row.order_no + 1_000) for row in rows]
    assigned = Assignment(1, IdSeries()).assign(rows)
    for security, home in (("600536", 0), ("600761", 1)):
        sessions = Counter(one.session for one in assigned.actions if one.security_id == security)
        assert 0 < sessions[1 - home] < 3 * 400 // AWAY_IN < sessions[home]


def test_nobody_buys_and_sells_the_same_security() -> None:
    orders = [action for action in _assign(1).actions if not action.orig_cl_ord_id]
    buyers = {order.account for order in orders if order.side == "1"}
    sellers = {order.account for order in orders if order.side == "2"}
    assert len(buyers) > 50
    assert len(sellers) > 50
    assert not buyers & sellers


def test_ids_have_ten_characters_with_the_prefix_of_the_session_and_come_once() -> None:
    actions = _assign(1).actions
    ids = [action.cl_ord_id for action in actions]
    assert len(set(ids)) == len(ids) == 401
    assert {len(one) for one in ids} == {10}
    assert {(one[0], action.session) for one, action in zip(ids, actions, strict=True)} == {
        ("A", 0),
        ("B", 1),
    }


def test_a_cancel_names_its_order_and_goes_the_same_way() -> None:
    actions = _assign(1).actions
    cancel = actions[-1]
    order = actions[3]
    assert cancel.kind == KIND_CANCEL
    assert cancel.orig_cl_ord_id == order.cl_ord_id
    assert (cancel.session, cancel.account, cancel.pbu) == (
        order.session,
        order.account,
        order.pbu,
    )


def test_an_odd_lot_comes_from_a_seller_who_sells_nothing_else_of_the_security() -> None:
    sales = [action for action in _assign(1).actions if action.kind == ORDER and action.side == "2"]
    odd = [action.account for action in sales if action.qty_e3 // 1000 % 100]
    assert len(odd) == 10
    assert all(Counter(action.account for action in sales)[account] == 1 for account in odd)
    assert all(int(account[1:]) in ODD_LOT_SELLERS for account in odd)


@pytest.mark.parametrize(
    ("market", "side", "kind", "qty", "sent"),
    [
        ("sse", "B", EXACT, 300, (300, LIMIT)),
        ("sse", "S", REBUILT, 157, (157, LIMIT)),
        ("sse", "B", REBUILT, 140, (200, BEST_FIVE)),
        ("sse", "B", EXACT, 140, (200, LIMIT)),
        ("szse", "B", REBUILT, 140, (200, LIMIT)),
    ],
)
def test_a_purchase_of_no_whole_lots_is_sent_as_what_it_must_have_been(
    market: str, side: str, kind: str, qty: int, sent: tuple[int, str]
) -> None:
    row = _flow()[0]._replace(market=market, side=side, kind=kind, qty=qty)
    assert send_as(row) == sent


def test_opening_needs_are_the_sums_of_what_is_assigned() -> None:
    found = _assign(1)
    orders = found.actions[:400]
    assert sum(found.buys_e5.values()) == sum(
        order.price_e5 * (order.qty_e3 // 1000) for order in orders if order.side == "1"
    )
    assert sum(found.sells.values()) == sum(
        order.qty_e3 // 1000 for order in orders if order.side == "2"
    )


def test_actions_and_events_have_the_fields_of_the_native_records() -> None:
    assert record_names() == (list(Action._fields), list(Event._fields))


def test_packed_actions_are_records_of_one_length() -> None:
    actions = _assign(1).actions
    packed = pack_actions(actions)
    assert len(packed) % len(actions) == 0
    assert packed[:8] == (33_300_000 * 1_000_000).to_bytes(8, "little")
