"""Section 4: what the exchange says, and what it must not say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.twin import notices, streams
from tests.twin import state as s
from tests.twin.anomalies import anomaly

if TYPE_CHECKING:
    from tests.twin.ledger import Ledger
    from tests.twin.state import Order, Row

ACCEPTED, REJECTED, CANCELLED, FILL, CANCEL_REJECTED, PRE_REJECTED, END = range(1, 8)
VALUE_MAX = 2**63 - 1
"""No value of an order is larger."""

UNSENT = (33001, 33002)
"""Codes of the gate itself: no connection, queue full."""


def find_target(ledger: Ledger, row: Row) -> tuple[Order | None, bool]:
    """Return the order a report is about and whether its id is a cancel's."""
    state, kind = ledger.state, row["kind"]
    wanted = row["orig_cl_ord_id"] or row["cl_ord_id"] if kind == CANCELLED else row["cl_ord_id"]
    known = state.ids.get((row["market"], row["pbu"], wanted))
    if known is None:
        return None, False
    is_cancel = known[0] == "cancel"
    fits = kind == PRE_REJECTED or is_cancel == (kind == CANCEL_REJECTED)
    return (state.orders[known[1]], is_cancel) if fits else (None, False)


def shares(qty_e3: int) -> int:
    """Return whole shares; what is less than one counts as none, below 0 too."""
    return qty_e3 // 1000 if qty_e3 >= 0 else -(-qty_e3 // 1000)


def cancelled_shares(row: Row) -> int:
    """Return how many shares a report says were cancelled; a negative number counts as 0."""
    return max(0, shares(row["cancelled_e3"]))


def take_index(ledger: Ledger, seq: int, row: Row, out: list[Row]) -> bool:
    """Take the index of a report; return whether it is a new one."""
    state, key, index = ledger.state, streams.key_of(row), row["report_index"]
    last, begins = state.streams.get(key, 0), key not in state.streams
    room = state.capacity["streams"]
    if begins and len(state.streams) >= room:
        anomaly(ledger, seq, row, (32013, room, room + 1), None, out)
        return True
    if index <= last:
        state.totals["duplicates"] += 1
        return False
    state.streams[key] = index
    if begins and len(state.carriers) < room:
        state.carriers[(row["gateway"], key)] = True
    elif begins:
        anomaly(ledger, seq, row, (32013, room, room + 1), None, out)
    if key in state.ended:
        anomaly(ledger, seq, row, (32012, last, index), None, out)
    elif index > last + 1:
        anomaly(ledger, seq, row, (32005, last + 1, index), None, out)
    return True


def apply_report(ledger: Ledger, seq: int, row: Row, out: list[Row]) -> None:
    """Apply one report."""
    state = ledger.state
    if row["report_index"] and not take_index(ledger, seq, row, out):
        return
    if not ACCEPTED <= row["kind"] <= END:
        state.totals["reports"] += 1
        anomaly(ledger, seq, row, (32001, 0, 0), None, out)
        return
    if row["kind"] == END:
        state.totals["reports"] += 1
        streams.end(ledger, seq, row, out)
        return
    order, is_cancel = find_target(ledger, row)
    if streams.is_copy(row) or (order is None and streams.is_foreign(state, row)):
        state.totals["duplicates"] += 1
        return
    state.totals["reports"] += 1
    if row["kind"] in (REJECTED, PRE_REJECTED):
        count_reject(ledger, seq, row, order, out)
    if order is None:
        code = 32002 if row["kind"] == FILL else 32001
        anomaly(ledger, seq, row, (code, 0, 0), None, out)
        return
    judged_before = order.account.watch.cancelled
    value_before = order.account.watch.cancelled_value
    if not order.is_open and not is_cancel:
        anomaly(ledger, seq, row, (32010, 0, order.status), order, out)
    else:
        apply_to(ledger, seq, row, order, is_cancel=is_cancel, out=out)
    what = (row["kind"], row["set_id"])
    ledger.deliver(seq, order, what, out, numbered=row["report_index"] > 0)
    if order.account.watch.cancelled > judged_before:
        value = order.account.watch.cancelled_value - value_before
        notices.ratios(ledger, seq, order, value, out)


def count_reject(ledger: Ledger, seq: int, row: Row, order: Order | None, out: list[Row]) -> None:
    """Count a reject of the gateway and report a burst; what could not be sent is none."""
    if row["report_index"] == 0 and row["code"] in UNSENT:
        return
    state, gateway = ledger.state, ledger.state.gateways[row["gateway"]]
    most, window = state.param(6, row["market"]), state.param(7, row["market"])
    if gateway.burst_start is None or state.now - gateway.burst_start > window:
        gateway.burst_start, gateway.burst_count = state.now, 0
    gateway.burst_count += 1
    if most and gateway.burst_count == most:
        anomaly(ledger, seq, row, (32007, most, most), order, out)


def apply_to(
    ledger: Ledger, seq: int, row: Row, order: Order, *, is_cancel: bool, out: list[Row]
) -> None:
    """Apply a report to an open order."""
    match row["kind"]:
        case 1:
            if order.status == s.SENT:
                order.status = s.WORKING
            if cancelled_shares(row):
                take_out(ledger, seq, row, order, cancelled_shares(row), out, exact=False)
        case 2:
            reject(ledger, order)
        case 6:
            if is_cancel:
                order.cancel_pending = False
            else:
                reject(ledger, order)
        case 3:
            rest = order.open_qty
            order.cancel_pending = False
            if row["orig_cl_ord_id"]:
                value = min(cancelled_shares(row), rest) * order.value_price
                for _, _, _, watch in ledger.scopes(order):
                    watch.cancelled += 1
                    watch.cancelled_value += value
            take_out(ledger, seq, row, order, cancelled_shares(row), out, exact=True)
        case 5:
            order.cancel_pending = False
        case _:
            fill(ledger, seq, row, order, out)


def reject(ledger: Ledger, order: Order) -> None:
    """End an order that the exchange refused."""
    ledger.finish(order, s.REJECTED, cancelled=order.open_qty)


def take_out(
    ledger: Ledger, seq: int, row: Row, order: Order, qty: int, out: list[Row], *, exact: bool
) -> None:
    """Take cancelled shares out and end the order when nothing is open."""
    rest = order.open_qty
    if qty > rest or (exact and qty != rest):
        anomaly(ledger, seq, row, (32011, rest, qty), order, out)
    taken = min(qty, rest)
    if taken == rest:
        ledger.finish(order, s.CANCELLED, cancelled=taken)
    else:
        ledger.reduce(order, taken)


def fill(ledger: Ledger, seq: int, row: Row, order: Order, out: list[Row]) -> None:
    """Book a fill, or say why not."""
    qty, price = shares(row["last_qty_e3"]), row["last_px_e5"]
    if row["exec_id"] in order.fills:
        anomaly(ledger, seq, row, (32006, 0, 0), order, out)
        return
    if qty <= 0 or qty > order.open_qty:
        anomaly(ledger, seq, row, (32003, order.open_qty, qty), order, out)
        return
    own = order.price
    worse = own is not None and ((price > own) if order.is_buy else (price < own))
    if price <= 0 or worse:
        anomaly(ledger, seq, row, (32004, own or 0, price), order, out)
        return
    security = order.security.row
    if not security["flags"] & s.NO_LIMIT:
        if price > security["upper_e5"]:
            anomaly(ledger, seq, row, (32004, security["upper_e5"], price), order, out)
        elif price < security["lower_e5"]:
            anomaly(ledger, seq, row, (32004, security["lower_e5"], price), order, out)
    if order.amount + qty * price > VALUE_MAX:
        anomaly(ledger, seq, row, (32004, own or 0, price), order, out)
        return
    if ledger.state.fills < ledger.state.capacity["fills"]:
        order.fills.add(row["exec_id"])
        ledger.state.fills += 1
    ledger.state.totals["fills"] += 1
    ledger.book_fill(order, qty, price)
    if order.open_qty == 0:
        ledger.finish(order, s.FILLED if order.cancelled == 0 else s.CANCELLED, cancelled=0)
