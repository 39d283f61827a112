"""Warnings of the twin: metrics that reach their warn level, and checks that only warn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.twin import limits
from tests.twin import state as s

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.twin.checks import Subject
    from tests.twin.ledger import Ledger
    from tests.twin.state import Order, Row, Watch

METRIC_CODES = {
    **{metric: 30800 + metric for metric in range(1, 8)},
    8: 30507,
    9: 30901,
    10: 30902,
    11: 30903,
    12: 30702,
    14: 30904,
    15: 30810,
}
Reached = tuple[int, int, int, int, int, int]
"""Scope, limit number, number shown, metric, value before and value now."""


def warning(ledger: Ledger, seq: int, code: int, limit: int, found: int, **more: int) -> Row:
    """Return a warning; a warn-only check has no scope."""
    fields = {"scope": 0, "metric": 0, "id": 0, "client": 0} | more
    return ledger.output("Warning", input_seq=seq, code=code, limit=limit, found=found, **fields)


def reached(ledger: Ledger, seq: int, client: int, rows: Iterable[Reached], out: list[Row]) -> None:
    """Warn where a value goes from below its warn level to it or above it."""
    market = ledger.state.clients[client].row["market"]
    for scope, number, shown, metric, before, now in rows:
        limit = ledger.state.limit(market, scope, number, metric)
        if limit is not None and before < limit["warn"] <= now:
            what = {"scope": scope, "metric": metric, "id": shown, "client": client}
            code = METRIC_CODES[metric]
            out.append(warning(ledger, seq, code, limit["warn"], now, **what))


def refused_cancel(ledger: Ledger, seq: int, row: Row, out: list[Row]) -> None:
    """Count a refused cancel of a client and warn when there are too many in the minute."""
    state, number = ledger.state, row["client"]
    client, day = state.clients.get(number), state.day
    if client is None or day is None:
        return
    client.refused_cancels.append(state.now)
    offset = state.now - day["day_start_ns"]
    minute = day["day_start_ns"] + offset // s.MINUTE_NS * s.MINUTE_NS
    count = sum(1 for time in client.refused_cancels if time >= minute)
    reached(ledger, seq, number, [(s.CLIENT, number, number, 15, count - 1, count)], out)


def counts(ledger: Ledger, watch: Watch) -> tuple[int, ...]:
    """Return the counts with the event that was just counted."""
    state = ledger.state
    assert state.day is not None
    return tuple(count - 1 for count in watch.counts(state.now, state.day["day_start_ns"]))


def rates(ledger: Ledger, seq: int, order: Order, out: list[Row]) -> None:
    """Warn where a rate reaches its warn level."""
    for scope, number, shown, watch in ledger.scopes(order):
        found = zip(limits.RATE_METRICS, counts(ledger, watch), strict=True)
        rows = [(scope, number, shown, metric, count - 1, count) for metric, count in found]
        reached(ledger, seq, order.row["client"], rows, out)


def quick_cancels(ledger: Ledger, seq: int, order: Order, out: list[Row]) -> None:
    """Warn where the quick cancels of a scope reach their warn level with one more."""
    rows = [
        (scope, number, shown, 5, watch.quick_cancels - 1, watch.quick_cancels)
        for scope, number, shown, watch in ledger.scopes(order)
    ]
    reached(ledger, seq, order.row["client"], rows, out)


def ratios(ledger: Ledger, seq: int, order: Order, value: int, out: list[Row]) -> None:
    """Warn where a cancel ratio reaches its warn level with a cancel of this value."""
    base = ledger.state.param(3, order.row["market"], order.customer.row["group"])
    for scope, number, shown, watch in ledger.scopes(order):
        if watch.orders < base:
            continue
        pairs = zip((6, 7), watch.ratios(1, value), watch.ratios(), strict=True)
        rows = [(scope, number, shown, metric, before, now) for metric, before, now in pairs]
        reached(ledger, seq, order.row["client"], rows, out)


def committed(
    ledger: Ledger,
    seq: int,
    subject: Subject,
    order: Order,
    old: tuple[list[tuple[int, int]], int],
    identical: int,
    out: list[Row],
) -> None:
    """Warn where a metric other than a rate reaches its warn level with an order."""
    group, number, value = subject.customer.row["group"], subject.account.number, subject.value
    opened = order.account.open_orders
    rows: list[Reached] = [
        (s.ACCOUNT, group, number, 12, identical - 1, identical),
        (s.FIRM, 0, 0, 8, 0, value),
        (s.ACCOUNT, group, number, 8, 0, value),
        (s.ACCOUNT, group, number, 14, opened - 1, opened),
    ]
    scopes = limits.value_scopes(subject.account, subject.customer.row)
    for (scope, limit_number, own), (was_open, traded) in zip(scopes, old[0], strict=True):
        rows.append((scope, limit_number, own, 9, was_open, was_open + value))
        rows.append((scope, limit_number, own, 10, traded, traded + value))
    if order.is_buy:
        rule, shown = order.security.row["rule"], order.security.number
        rows.append((s.SECURITY, rule, shown, 11, old[1], old[1] + value))
    reached(ledger, seq, order.row["client"], rows, out)


def high_frequency(ledger: Ledger, seq: int, order: Order, out: list[Row]) -> None:
    """Mark an account that reaches the high-frequency numbers."""
    account, state = order.account, ledger.state
    if account.high_frequency:
        return
    sliding, second, _, day = counts(ledger, account.watch)
    market, client = order.row["market"], order.row["client"]
    group = order.customer.row["group"]
    for number, count in (
        (state.param(4, market, group), max(sliding, second)),
        (state.param(5, market, group), day),
    ):
        if number and count >= number:
            account.high_frequency = True
            what = {"scope": s.ACCOUNT, "id": account.number, "client": client}
            out.append(warning(ledger, seq, 30809, number, count, **what))
            return
