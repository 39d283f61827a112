"""Section 4: what the exchange says, and what it must not say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.twin import limits, streams, trading
from tests.twin import state as s

if TYPE_CHECKING:
    from tests.twin.ledger import Ledger
    from tests.twin.state import Order, Row

ACCEPTED, REJECTED, CANCELLED, FILL, CANCEL_REJECTED, PRE_REJECTED, END = range(1, 8)
SUSPEND_PARAM = {
    32002: 11,
    32003: 12,
    32004: 13,
    32005: 14,
    32006: 15,
    32007: 16,
    32008: 17,
    32009: 17,
    32012: 14,
}


def anomaly(
    ledger: Ledger,
    seq: int,
    row: Row,
    what: tuple[int, int, int],
    order: Order | None,
    out: list[Row],
) -> None:
    """Report an anomaly and suspend the gateway's PBUs where its parameter says so."""
    code, limit, found = what
    out.append(
        ledger.output(
            "Anomaly",
            input_seq=seq,
            limit=limit,
            found=found,
            code=code,
            order=order.number if order else s.NONE_ORDER,
            set_id=row.get("set_id", 0),
            gateway=row["gateway"],
            pbu=row.get("stream_pbu", ""),
            cl_ord_id=row.get("cl_ord_id", ""),
        )
    )
    if code not in SUSPEND_PARAM:
        return
    for pbu in ledger.state.pbus.values():
        level = ledger.state.param(SUSPEND_PARAM[code], pbu.row["market"])
        if pbu.row["gateway"] == row["gateway"] and level <= s.HALTED:
            change = trading.suspend(ledger, seq, pbu.row, level, what)
            out.extend([change] if change else [])


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


def take_index(ledger: Ledger, seq: int, row: Row, out: list[Row]) -> bool:
    """Take the index of a report; return whether it is a new one."""
    state, key, index = ledger.state, streams.key_of(row), row["report_index"]
    last = state.streams.get(key, 0)
    if index <= last:
        state.totals["duplicates"] += 1
        return False
    if key not in state.streams:
        state.carriers[(row["gateway"], key)] = True
    state.streams[key] = index
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
    by_request = row["kind"] == CANCELLED and row["orig_cl_ord_id"] != ""
    before = limits.ratios(order.account)
    judged_before = order.account.cancelled
    if not order.is_open and not is_cancel:
        anomaly(ledger, seq, row, (32010, 0, order.status), order, out)
    else:
        apply_to(ledger, seq, row, order, is_cancel=is_cancel, out=out)
    out.append(
        ledger.deliver(
            seq, order, kind=row["kind"], set_id=row["set_id"], numbered=row["report_index"] > 0
        )
    )
    if by_request and order.account.cancelled > judged_before:
        ratio_warnings(ledger, seq, order, before, out)


def count_reject(ledger: Ledger, seq: int, row: Row, order: Order | None, out: list[Row]) -> None:
    """Count a reject of the gateway and report a burst."""
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
            if row["cancelled_e3"]:
                take_out(ledger, seq, row, order, row["cancelled_e3"] // 1000, out, exact=False)
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
                order.account.cancelled += 1
                order.account.cancelled_value += (
                    min(row["cancelled_e3"] // 1000, rest) * order.value_price
                )
            take_out(ledger, seq, row, order, row["cancelled_e3"] // 1000, out, exact=True)
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
    qty, price = row["last_qty_e3"] // 1000, row["last_px_e5"]
    if order.last_exec is not None and order.last_exec == row["exec_id"]:
        anomaly(ledger, seq, row, (32006, 0, 0), order, out)
        return
    if qty > order.open_qty:
        anomaly(ledger, seq, row, (32003, order.open_qty, qty), order, out)
        return
    own = order.price
    if own is not None and ((price > own) if order.is_buy else (price < own)):
        anomaly(ledger, seq, row, (32004, own, price), order, out)
        return
    security = order.security.row
    if not security["flags"] & s.NO_LIMIT:
        if price > security["upper_e5"]:
            anomaly(ledger, seq, row, (32004, security["upper_e5"], price), order, out)
        elif price < security["lower_e5"]:
            anomaly(ledger, seq, row, (32004, security["lower_e5"], price), order, out)
    order.last_exec = row["exec_id"]
    ledger.state.totals["fills"] += 1
    ledger.book_fill(order, qty, price)
    if order.open_qty == 0:
        ledger.finish(order, s.FILLED if order.cancelled == 0 else s.CANCELLED, cancelled=0)


def ratio_warnings(
    ledger: Ledger, seq: int, order: Order, before: tuple[tuple[int, int], ...], out: list[Row]
) -> None:
    """Warn where a cancel ratio reaches its warn level."""
    account, state = order.account, ledger.state
    if account.orders < state.param(3, order.row["market"]):
        return
    for (metric, old), (_, new) in zip(before, limits.ratios(account), strict=True):
        limit = state.limit(s.ACCOUNT, order.customer.row["group"], metric)
        if limit is not None and old < limit["warn"] <= new:
            ledger.metric_warning(
                seq, order, (s.ACCOUNT, account.number, metric), limit["warn"], new, out
            )
