"""Section 6: timers, mass cancels and the close of the day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.twin import checks
from tests.twin import state as s
from tests.twin.anomalies import anomaly
from tests.twin.verdict import DeniedError

if TYPE_CHECKING:
    from tests.twin.ledger import Ledger
    from tests.twin.state import Customer, Order, Row

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def apply(ledger: Ledger, seq: int, name: str, row: Row, out: list[Row]) -> None:
    """Apply one of the inputs of this section."""
    if name == "CancelAll":
        begin_mass_cancel(ledger, seq, row, out)
    elif name == "Timer":
        release_queue(ledger, out)
        find_overdue(ledger, seq, out)
        run_mass_cancels(ledger, out)
    else:
        close(ledger, seq, out)


def begin_mass_cancel(ledger: Ledger, seq: int, row: Row, out: list[Row]) -> None:
    """Remember a mass cancel; the timers do its work."""
    state, room = ledger.state, ledger.state.capacity["cancel_alls"]
    refusal = None
    if not s.FIRM <= row["scope"] <= s.GATEWAY:
        refusal = (33006, 0, row["scope"])
    elif state.param(s.CANCEL_ALL_BATCH, 0) == 0:
        refusal = (30811, 0, s.CANCEL_ALL_BATCH)
    elif len(state.mass) >= room:
        refusal = (33006, room, room + 1)
    if refusal is not None:
        out.append(ledger.load_refused(seq, "CancelAll", refusal))
        return
    begun = {"seq": seq, "cursor": 0, "next": row["first_id"], "sent": 0, "skipped": 0}
    state.mass.append(row | begun)


def refuse_all(code: int, limit: int = 0, found: int = 0) -> None:
    """Refuse whatever fails: a release consults no switch."""
    raise DeniedError(code, limit, found)


def unless_off(ledger: Ledger, order: Order) -> checks.Report:
    """Return a decider that refuses only where the check is on."""

    def fail(code: int, limit: int = 0, found: int = 0) -> None:
        if ledger.state.mode(code, order.row["market"], order.customer.row["group"]) == 1:
            raise DeniedError(code, limit, found)

    return fail


def release_queue(ledger: Ledger, out: list[Row]) -> None:
    """Send, refuse or keep what waits."""
    state = ledger.state
    waiting, state.queue = state.queue, []
    for what, number in waiting:
        order = state.orders[number]
        keep = (
            release_order(ledger, order, out)
            if what == "order"
            else release_cancel(ledger, order, out)
        )
        if keep:
            state.queue.append((what, number))


def release_order(ledger: Ledger, order: Order, out: list[Row]) -> bool:
    """Release one order; return whether it stays."""
    state = ledger.state
    if order.status != s.QUEUED:
        return False
    try:
        check_states(ledger, order)
        window = state.window(order.security)
        if window is None:
            raise DeniedError(30302)
        policy = window["fixed_policy" if order.row["order_type"] == s.FIXED else "order_policy"]
        if policy == s.REJECT:
            unless_off(ledger, order)(30310, 0, window["phase"])
            policy = s.ACCEPT
    except DeniedError as denied:
        ledger.finish(order, s.REJECTED, cancelled=order.open_qty)
        ledger.refuse(order.seq, order.row, denied, out, cancel=False, order=order.number)
        return False
    level = state.gateways[order.gateway].state
    ready = level == 3 or (level == 2 and state.param(18, order.row["market"]) == s.ACCEPT)
    if policy == s.QUEUE or not ready:
        return True
    order.status = s.SENT
    out.append(ledger.forward(order))
    return False


def check_states(ledger: Ledger, order: Order) -> None:
    """Check the trading states and the security of an order that waited."""
    state, row = ledger.state, order.row
    levels = (
        (s.FIRM, 0, 0, ""),
        (s.MARKET, row["market"], 0, ""),
        (s.CLIENT, row["client"], 0, ""),
        (s.PBU, state.pbus[(row["market"], row["pbu"])].row["pbu_no"], 0, ""),
        (s.ACCOUNT, 0, row["market"], row["account"]),
        (s.GROUP, order.customer.row["owner_group"], 0, ""),
        (s.STRATEGY, order.strategy, 0, ""),
        (s.SECURITY, 0, row["market"], row["security_id"]),
    )
    for target in levels:
        checks.check_state(state.level(target), target[0], buy=order.is_buy, fail=refuse_all)
    checks.check_listed(state, order.security.row, refuse_all)
    if order.security.row["state"] == 3:
        raise DeniedError(30305)


def release_cancel(ledger: Ledger, order: Order, out: list[Row]) -> bool:
    """Release one cancel; return whether it stays."""
    assert order.queued_cancel is not None
    cancel_seq, row = order.queued_cancel
    try:
        if not order.is_open:
            raise DeniedError(30705, 0, order.status)
        policy = ledger.cancel_policy(order, unless_off(ledger, order))
    except DeniedError as denied:
        order.cancel_pending = False
        ledger.refuse(cancel_seq, row, denied, out, cancel=True, order=order.number)
        return False
    if policy == s.QUEUE or ledger.state.gateways[order.gateway].state not in (2, 3, 6):
        return True
    ledger.forward_cancel(cancel_seq, order, row["cl_ord_id"], out)
    return False


def find_overdue(ledger: Ledger, seq: int, out: list[Row]) -> None:
    """Find gateways whose acknowledgements are overdue."""
    state = ledger.state
    for number in sorted(state.gateways):
        gateway = state.gateways[number]
        sent = [
            order for order in state.orders if order.gateway == number and order.status == s.SENT
        ]
        market = next((p.row["market"] for p in state.pbus.values() if p.leaves_by(number)), 0)
        most, oldest = state.param(8, market), state.param(9, market)
        age = max((state.now - order.sent for order in sent), default=0)
        found = None
        if most and len(sent) > most:
            found = (32008, most, len(sent))
        elif oldest and age > oldest:
            found = (32009, oldest, age)
        if found and not gateway.overdue:
            anomaly(ledger, seq, {"gateway": number}, found, None, out)
        gateway.overdue = found is not None


def in_scope(order: Order, row: Row, ledger: Ledger) -> bool:
    """Return whether a mass cancel means this order."""
    pbu = ledger.state.pbus[(order.row["market"], order.row["pbu"])].row
    customer = order.customer.row
    coded = row["market"] == order.row["market"]
    return bool(
        {
            s.FIRM: True,
            s.MARKET: order.row["market"] == row["id"],
            s.PBU: pbu["pbu_no"] == row["id"],
            s.CLIENT: order.row["client"] == row["id"],
            s.ACCOUNT: coded and order.account.row["account"] == row["key"],
            s.CUSTOMER: customer["customer"] == row["id"],
            s.GROUP: customer["owner_group"] == row["id"],
            s.DESK: customer["desk"] == row["id"],
            s.STRATEGY: order.strategy == row["id"],
            s.SECURITY: coded and order.security.row["code"] == row["key"],
            s.GATEWAY: order.gateway == row["id"],
        }[row["scope"]]
    )


def base36(number: int) -> str:
    """Return eight base-36 digits."""
    text = ""
    for _ in range(8):
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
    return text


def run_mass_cancels(ledger: Ledger, out: list[Row]) -> None:
    """Send the next batch of the first unfinished mass cancel."""
    state = ledger.state
    left = state.param(s.CANCEL_ALL_BATCH, 0)
    looks = 64 * left
    while state.mass and left > 0:
        row = state.mass[0]
        while row["cursor"] < len(state.orders) and left > 0 and looks > 0:
            order = state.orders[row["cursor"]]
            row["cursor"] += 1
            looks -= order.is_open
            if order.is_open and not order.cancel_pending and in_scope(order, row, ledger):
                left -= cancel_one(ledger, order, row, out)
        if any(order.is_open for order in state.orders[row["cursor"] :]):
            return
        state.mass.pop(0)
        out.append(
            ledger.output(
                "CancelAllDone", input_seq=row["seq"], sent=row["sent"], skipped=row["skipped"]
            )
        )


def cancel_one(ledger: Ledger, order: Order, row: Row, out: list[Row]) -> int:
    """Cancel one order of a mass cancel; return how many cancels that took."""
    if order.status == s.QUEUED:
        ledger.end_queued(row["seq"], order, out)
        row["sent"] += 1
        return 1
    window = ledger.state.window(order.security)
    policy = "fixed_cancel" if order.row["order_type"] == s.FIXED else "cancel_policy"
    ready = ledger.state.gateways[order.gateway].state in (2, 3, 6)
    taken = window is not None and window[policy] == s.ACCEPT and ready
    if not taken or ledger.state.ids_are_full():
        row["skipped"] += 1
        return 0
    own_id = row["prefix"] + base36(row["next"])
    row["next"] += 1
    row["sent"] += 1
    ledger.state.ids[(order.row["market"], order.row["pbu"], own_id)] = ("cancel", order.number)
    ledger.forward_cancel(row["seq"], order, own_id, out, own=True)
    return 1


def close(ledger: Ledger, seq: int, out: list[Row]) -> None:
    """Expire what is open and state the totals."""
    state = ledger.state
    state.is_open = False
    state.queue = []
    for order in state.orders:
        if order.is_open:
            rest = order.open_qty
            ledger.finish(order, s.EXPIRED, cancelled=rest)
            state.totals["expired"] += 1
            out.append(ledger.ended(seq, order, rest))
    out.extend(cash_total(ledger, customer) for customer in state.customers.values())
    for (market, account, code), holding in state.holdings.items():
        out.append(
            ledger.output(
                "HoldingTotal",
                opening_qty=holding.opening,
                total_qty=holding.total,
                sellable_qty=holding.sellable - holding.frozen,
                frozen_qty=holding.frozen,
                bought_qty=holding.bought,
                sold_qty=holding.sold,
                account=account,
                market=market,
                code=code,
            )
        )
    out.append(ledger.output("DayTotal", **state.totals))


def cash_total(ledger: Ledger, customer: Customer) -> Row:
    """Return the closing cash of one customer."""
    return ledger.output(
        "CashTotal",
        opening_e5=customer.opening,
        available_e5=customer.available,
        frozen_e5=customer.frozen,
        bought_e5=customer.bought,
        sold_e5=customer.sold,
        fees_e5=customer.fees,
        customer=customer.row["customer"],
    )
