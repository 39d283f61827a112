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

MS_NS = 10**6
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
    markets = sorted({market for market, _ in state.pbus})
    needed = [(0, s.CANCEL_ALL_BATCH), *((market, s.CANCEL_ALL_RATE) for market in markets)]
    missing = [one for one in needed if state.param(one[1], one[0]) == 0]
    refusal = None
    if not s.FIRM <= row["scope"] <= s.GATEWAY:
        refusal = (33006, 0, row["scope"])
    elif missing:
        refusal = (30811, *missing[0])
    elif len(state.mass) >= room:
        refusal = (33006, room, room + 1)
    if refusal is not None:
        out.append(ledger.load_refused(seq, "CancelAll", refusal))
        return
    left = {gateway: 0 for gateway, known in sorted(state.gateways.items()) if known.pbus}
    counts = {"asked": 0, "sent": 0, "missed": 0}
    begun = {"seq": seq, "end": len(state.orders), "counted": 0, "ids": 0, "left": left}
    state.mass.append(row | begun | counts)


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
    """Count what is meant, then let every gateway have its next cancels."""
    state = ledger.state
    batch = state.param(s.CANCEL_ALL_BATCH, 0)
    budget = Budget(batch)
    for row in state.mass:
        count_mass(ledger, row, budget, out)
    for gateway in sorted({gateway for row in state.mass for gateway in row["left"]}):
        budget = Budget(batch)
        for row in state.mass:
            if gateway in row["left"] and run_pass(ledger, row, gateway, budget, out):
                del row["left"][gateway]
    for row in [row for row in state.mass if row["counted"] == row["end"] and not row["left"]]:
        end_mass(ledger, row, out)


def end_mass(ledger: Ledger, row: Row, out: list[Row]) -> None:
    """Tell of a mass cancel that has come to its end."""
    ledger.state.mass.remove(row)
    counts = {key: row[key] for key in ("asked", "sent", "missed")}
    out.append(ledger.output("CancelAllDone", input_seq=row["seq"], **counts))


class Budget:
    """What one timer may still do at one gateway, or of the counting."""

    def __init__(self, batch: int) -> None:
        """Begin with a batch and 64 looks for each of it."""
        self.left, self.looks = batch, 64 * batch

    def is_spent(self) -> bool:
        """Return whether nothing is left of it."""
        return self.left <= 0 or self.looks <= 0


def next_open(ledger: Ledger, first: int, end: int) -> Order | None:
    """Return the first open order from one number to before another."""
    orders = ledger.state.orders[first:end]
    return next((order for order in orders if order.is_open), None)


def count_mass(ledger: Ledger, row: Row, budget: Budget, out: list[Row]) -> None:
    """Count the orders of the scope and end those that wait in the gate."""
    while row["counted"] < row["end"]:
        order = next_open(ledger, row["counted"], row["end"])
        if order is None:
            row["counted"] = row["end"]
            return
        if budget.is_spent():
            return
        budget.looks -= 1
        row["counted"] = order.number + 1
        if in_scope(order, row, ledger):
            row["asked"] += 1
            if order.status == s.QUEUED:
                ledger.end_queued(row["seq"], order, out)
                row["sent"] += 1
                budget.left -= 1


def run_pass(ledger: Ledger, row: Row, gateway: int, budget: Budget, out: list[Row]) -> bool:
    """Go on with what one gateway takes of a mass cancel; return whether nothing is left."""
    while (order := next_open(ledger, row["left"][gateway], row["counted"])) is not None:
        if budget.is_spent():
            return False
        budget.looks -= 1
        if order.gateway == gateway and in_scope(order, row, ledger):
            reason = why_not(ledger, order)
            if reason is not None:
                miss(ledger, order, row, reason, out)
            elif not take_turn(ledger, order):
                return False
            else:
                cancel_one(ledger, order, row, out)
                budget.left -= 1
        row["left"][gateway] = order.number + 1
    return bool(row["counted"] == row["end"])


def why_not(ledger: Ledger, order: Order) -> tuple[int, int, int] | None:
    """Return the reason why an order's cancel cannot leave now, with its numbers."""
    state = ledger.state
    window = state.window(order.security)
    policy = "fixed_cancel" if order.row["order_type"] == s.FIXED else "cancel_policy"
    level = state.gateways[order.gateway].state
    if order.cancel_pending:
        return 30706, 0, 0
    if window is None:
        return 30302, 0, 0
    if window[policy] != s.ACCEPT:
        return 30707, 0, window["phase"]
    if level not in (2, 3, 6):
        return 30006, 0, level
    if state.ids_are_full():
        return 30007, state.capacity["orders"], state.capacity["orders"]
    return None


def miss(
    ledger: Ledger, order: Order, row: Row, reason: tuple[int, int, int], out: list[Row]
) -> None:
    """Say that an order could not be cancelled, and why."""
    row["missed"] += 1
    code, limit, found = reason
    out.append(
        ledger.output(
            "CancelMissed",
            input_seq=row["seq"],
            order_seq=order.seq,
            limit=limit,
            found=found,
            code=code,
            order=order.number,
            gateway=order.gateway,
            client=order.row["client"],
        )
    )


def take_turn(ledger: Ledger, order: Order) -> bool:
    """Take the turn of a gateway's next cancel; return False before its time."""
    state = ledger.state
    rate = state.param(s.CANCEL_ALL_RATE, order.row["market"]) or 1
    gateway = state.gateways[order.gateway]
    if gateway.turn > state.now:
        return False
    gateway.turn = max(gateway.turn, state.now - 100 * MS_NS + 1) - (-1100 * MS_NS // rate)
    return True


def cancel_one(ledger: Ledger, order: Order, row: Row, out: list[Row]) -> None:
    """Send the cancel of one order of a mass cancel."""
    own_id = row["prefix"] + base36(row["first_id"] + row["ids"])
    row["ids"] += 1
    row["sent"] += 1
    ledger.state.ids[(order.row["market"], order.row["pbu"], own_id)] = ("cancel", order.number)
    ledger.forward_cancel(row["seq"], order, own_id, out, own=True)


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
    for row in list(state.mass):
        end_mass(ledger, row, out)
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
