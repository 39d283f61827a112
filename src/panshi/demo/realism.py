"""How much of the real day's trading the simulated exchange yields from the same orders."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from panshi.demo.parties import SESSIONS, SSE
from panshi.demo.replay import replay

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from panshi.demo.replay import Match
    from panshi.market.flow import FlowEvent
    from panshi.rig.reconciliation import Fill, Order
    from panshi.venue.clients import Action

SHANGHAI: Final = {one.place for one in SESSIONS if one.market == SSE}


def share_as_recorded(
    events: Iterable[FlowEvent],
    until_ms: int,
    fills: Iterable[Fill],
    orders: Mapping[tuple[int, str], Order],
    order_nos: Mapping[str, tuple[str, int]],
) -> float | None:
    """Return the share of the recorded trades of Shanghai that came about again.

    The recorded trades are those of the plain replay, which for Shanghai is the real day trade by
    trade (see `data/README.md`). The same trade has the same buy order, sell order, price and
    quantity. Shenzhen numbers no trade by which its two sides could be put together.

    Args:
        events: The recorded flow that was played.
        until_ms: End of what was played, milliseconds of the day.
        fills: Fills of the day.
        orders: Orders of the day.
        order_nos: Security and recorded number of each order by its ClOrdID.

    Returns:
        A share from 0 to 1, to four places; None if there was nothing to compare with.
    """
    shanghai = [row for row in events if row.market == "sse"]
    recorded: Counter[tuple[str, Match]] = Counter(
        (security, match)
        for security, matches in replay(shanghai, until_ms).items()
        for match in matches
    )
    if not recorded:
        return None
    played = Counter(_trades(fills, orders, order_nos))
    return round((recorded & played).total() / recorded.total(), 4)


def count_overtaken(actions: Iterable[Action], arrived: Iterable[str]) -> int:
    """Count the requests that reached the gate behind a later one of the same security.

    Args:
        actions: What was to be sent, in its order.
        arrived: ClOrdIDs in the order in which the gate took them.

    Returns:
        The number; 0 when every security kept its recorded sequence.
    """
    places = {
        action.cl_ord_id: (place, (action.security_id, action.session in SHANGHAI))
        for place, action in enumerate(actions)
    }
    latest: dict[tuple[str, bool], int] = {}
    overtaken = 0
    for cl_ord_id in arrived:
        place, security = places[cl_ord_id]
        if place < latest.get(security, -1):
            overtaken += 1
        else:
            latest[security] = place
    return overtaken


def _trades(
    fills: Iterable[Fill],
    orders: Mapping[tuple[int, str], Order],
    order_nos: Mapping[str, tuple[str, int]],
) -> Iterable[tuple[str, Match]]:
    sides: dict[str, dict[str, tuple[str, int, int, int]]] = defaultdict(dict)
    for fill in fills:
        known = order_nos.get(fill.cl_ord_id)
        if fill.market == SSE and known is not None:
            side = orders[fill.market, fill.cl_ord_id].side
            sides[fill.exec_id][side] = (*known, fill.price_e5, fill.qty)
    for both in sides.values():
        if len(both) == len("BS"):
            security, buy_no, price_e5, qty = both["1"]
            yield security, (buy_no, both["2"][1], price_e5, qty)
