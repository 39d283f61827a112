"""Steps 15 to 20 of a new order: price, quantity, money, own orders, thresholds, aggregates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.twin import state as s
from tests.twin.money import bp_of, cage_bound, fee_e5
from tests.twin.verdict import DeniedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.twin.checks import Report, Subject
    from tests.twin.state import Account, Counters, Row, State

RATE_METRICS = (1, 2, 3, 4)
I64_MAX = 2**63 - 1


def checked(value: int) -> int:
    """Refuse what the native engine's 64-bit money could not hold."""
    if not -I64_MAX <= value <= I64_MAX:
        raise DeniedError(30605)
    return value


def find_reference(subject: Subject) -> int:
    """Return the reference price of the side, 0 if there is none."""
    assert subject.security is not None
    security = subject.security
    first, second = (security.ask, security.bid) if subject.buy else (security.bid, security.ask)
    return int(first or second or security.last or security.row["prev_close_e5"])


def check_price(state: State, subject: Subject, fail: Report) -> None:
    """Run step 15."""
    row, security, rule, window = subject.row, subject.security, subject.rule, subject.window
    assert security is not None
    assert rule is not None
    assert window is not None
    if row["order_type"] not in (s.LIMIT, s.FIXED) and not rule["protection"]:
        if not security.row["flags"] & s.NO_LIMIT and not (
            security.row["upper_e5"] and security.row["lower_e5"]
        ):
            raise DeniedError(30405)
        return
    price = subject.price = row["price_e5"]
    if price <= 0:
        raise DeniedError(30401, 0, price)
    tick = rule["tick_e5"]
    if price % tick:
        fail(30402, tick, price)
    check_bounds(subject, price, tick, fail)
    reference = subject.reference = find_reference(subject)
    caged = row["order_type"] == s.LIMIT and window["phase"] == 4 and rule["cage_bp"]
    if caged and security.row["state"] != 2:
        if reference == 0:
            fail(30408)
        else:
            bound = cage_bound(reference, rule, buy=subject.buy)
            if (price > bound) if subject.buy else (price < bound):
                fail(30407, bound, price)
    close = security.row["close_e5"]
    if row["order_type"] == s.FIXED:
        if close and ((price < close) if subject.buy else (price > close)):
            fail(30409, close, price)
        return
    limit = state.limit(s.SECURITY, security.row["rule"], 13)
    if limit is None:
        raise DeniedError(30808, s.SECURITY, 13)
    if reference == 0:
        fail(30408)
    elif (distance := abs(price - reference) * 10_000 // reference) > limit["block"]:
        fail(30410, limit["block"], distance)


def check_bounds(subject: Subject, price: int, tick: int, fail: Report) -> None:
    """Compare with the day's limits or the auction range of a security without limits."""
    security, rule, window = subject.security, subject.rule, subject.window
    assert security is not None
    assert rule is not None
    assert window is not None
    if not security.row["flags"] & s.NO_LIMIT:
        upper, lower = security.row["upper_e5"], security.row["lower_e5"]
        if not upper or not lower:
            raise DeniedError(30405)
        if price > upper:
            fail(30403, upper, price)
        if price < lower:
            fail(30404, lower, price)
    elif window["phase"] in (1, 2, 6):
        previous = security.row["prev_close_e5"]
        if rule["no_limit_high_bp"]:
            high = bp_of(previous, rule["no_limit_high_bp"], tick)
            if price > high:
                fail(30406, high, price)
        if rule["no_limit_low_bp"]:
            low = bp_of(previous, rule["no_limit_low_bp"], tick)
            if price < low:
                fail(30406, low, price)


def check_quantity(state: State, subject: Subject, fail: Report) -> None:
    """Run step 16."""
    row, rule, security = subject.row, subject.rule, subject.security
    assert rule is not None
    assert security is not None
    if row["qty_e3"] <= 0 or row["qty_e3"] % 1000:
        raise DeniedError(30501, 0, row["qty_e3"])
    qty = subject.qty = row["qty_e3"] // 1000
    kinds = {s.LIMIT: "max_limit_qty", s.FIXED: "max_fixed_qty"}
    most = rule[kinds.get(row["order_type"], "max_market_qty")]
    if qty > most:
        fail(30505, most, qty)
    holding = state.holding(subject.account, security)
    if subject.buy:
        if qty < rule["buy_min_qty"]:
            fail(30502, rule["buy_min_qty"], qty)
        elif (qty - rule["buy_min_qty"]) % rule["buy_step_qty"]:
            fail(30503, rule["buy_step_qty"], qty)
        if rule["day_buy_cap_qty"] and security.row["flags"] & s.ST:
            total = qty + (holding.bought + holding.open_buys if holding else 0)
            if total > rule["day_buy_cap_qty"]:
                fail(30506, rule["day_buy_cap_qty"], total)
    else:
        check_sale_lot(rule, holding.sellable - holding.frozen if holding else 0, qty, fail)
    if subject.price is not None:
        subject.value_price = subject.price
    elif not security.row["flags"] & s.NO_LIMIT:
        subject.value_price = security.row["upper_e5"]
    else:
        subject.value_price = security.last or security.row["prev_close_e5"]
    subject.value = checked(subject.value_price * qty)
    for scope, number in ((s.FIRM, 0), (s.ACCOUNT, subject.customer.row["group"])):
        limit = state.limit(scope, number, 8)
        if limit is None:
            raise DeniedError(30808, scope, 8)
        if subject.value > limit["block"]:
            fail(30507, limit["block"], subject.value)


def check_sale_lot(rule: Row, sellable: int, qty: int, fail: Report) -> None:
    """Take whole lots, or an odd lot as a whole."""
    least, step, odd = rule["sell_min_qty"], rule["sell_step_qty"], rule["odd_lot_qty"]
    if qty >= least and (qty - least) % step == 0:
        return
    if step > 1:
        whole = qty <= sellable and sellable % step > 0 and qty % step == sellable % step
    else:
        whole = qty == sellable and sellable < odd
    if not whole:
        if qty < odd:
            fail(30504, sellable, qty)
        else:
            fail(30503, step, qty)


def check_funds(state: State, subject: Subject) -> None:
    """Run step 17."""
    security = subject.security
    assert security is not None
    fee = state.fees.get((security.row["rule"], subject.customer.row["fee_group"]))
    if fee is None:
        raise DeniedError(30601)
    if subject.buy:
        if subject.price is None and security.row["flags"] & s.NO_LIMIT:
            raise DeniedError(30405)
        needed = checked(subject.value + fee_e5(fee, buy=True, amount=subject.value))
        if needed > subject.customer.available:
            raise DeniedError(30602, subject.customer.available, needed)
        return
    holding = state.holding(subject.account, security)
    if holding is None:
        raise DeniedError(30603, 0, subject.qty)
    free = holding.sellable - holding.frozen
    if subject.qty > free:
        raise DeniedError(30604, free, subject.qty)


def check_own_orders(state: State, subject: Subject, fail: Report) -> None:
    """Run step 18."""
    security = subject.security
    assert security is not None
    own = subject.price
    prices = [
        order.price
        for order in state.orders
        if order.is_open
        and order.security is security
        and order.is_buy is not subject.buy
        and order.customer.row["owner_group"] == subject.customer.row["owner_group"]
    ]
    if subject.buy:
        met = [p for p in prices if p is None or own is None or own >= p]
        best = min((p or 0 for p in met), default=0)
    else:
        met = [p for p in prices if p is None or own is None or own <= p]
        best = 0 if any(p is None for p in met) else max((p or 0 for p in met), default=0)
    if met:
        fail(30701, best, own or 0)
    limit = state.limit(s.ACCOUNT, subject.customer.row["group"], 12)
    if limit is None:
        raise DeniedError(30808, s.ACCOUNT, 12)
    if (count := identical_count(state, subject)) > limit["block"]:
        fail(30702, limit["block"], count)


def signature(subject: Subject) -> tuple[object, ...]:
    """Return what makes two orders identical."""
    row = subject.row
    return (
        row["market"],
        row["security_id"],
        row["side"],
        row["order_type"],
        row["price_e5"],
        subject.qty,
    )


def identical_count(state: State, subject: Subject) -> int:
    """Return how many identical orders there are with this one."""
    window = state.param(2, subject.row["market"])
    for seen in subject.account.signatures:
        if seen.content == signature(subject) and state.now - seen.first <= window:
            return seen.count + 1
    return 1


def rate_scopes(
    state: State, account: Account, group: int, client: Row, pbu: Row, strategy: int
) -> Iterator[tuple[int, int, int, Counters]]:
    """Yield scope, limit number, warning number and counters."""
    yield s.ACCOUNT, group, account.number, account.counters
    yield s.CLIENT, client["client"], client["client"], state.clients[client["client"]].counters
    yield s.PBU, pbu["pbu_no"], pbu["pbu_no"], state.pbus[(pbu["market"], pbu["pbu"])].counters
    if strategy:
        yield s.STRATEGY, strategy, strategy, state.strategies[strategy]


def check_thresholds(state: State, subject: Subject, fail: Report) -> None:
    """Run step 19."""
    assert state.day is not None
    account, customer = subject.account, subject.customer.row
    start = state.day["day_start_ns"]
    scopes = rate_scopes(
        state, account, customer["group"], subject.client.row, subject.pbu.row, subject.strategy
    )
    for scope, number, _, counters in scopes:
        for metric, count in zip(RATE_METRICS, counters.counts(state.now, start), strict=True):
            limit = state.limit(scope, number, metric)
            if limit is None:
                raise DeniedError(30808, scope, metric)
            if count > limit["block"]:
                fail(30800 + metric, limit["block"], count)
    sliding, second, _, day = account.counters.counts(state.now, start)
    if subject.program:
        if max(sliding, second) > customer["program_rate"]:
            fail(30213, customer["program_rate"], max(sliding, second))
        if day > customer["program_day"]:
            fail(30214, customer["program_day"], day)
    judged = account.orders >= state.param(3, subject.row["market"])
    for metric, found in ((5, account.quick_cancels), *ratios(account)):
        limit = state.limit(s.ACCOUNT, customer["group"], metric)
        if limit is None:
            raise DeniedError(30808, s.ACCOUNT, metric)
        if (metric == 5 or judged) and found > limit["block"]:
            fail(30800 + metric, limit["block"], found)


def ratios(account: Account) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the cancel ratios by count and by value, basis points."""
    count = account.cancelled * 10_000 // account.orders if account.orders else 0
    value = account.cancelled_value * 10_000 // account.order_value if account.order_value else 0
    return (6, count), (7, value)


def value_scopes(subject_customer: Row) -> tuple[tuple[int, int], ...]:
    """Return the scopes whose open and traded value is kept."""
    return (
        (s.CUSTOMER, subject_customer["customer"]),
        (s.GROUP, subject_customer["owner_group"]),
        (s.DESK, subject_customer["desk"]),
        (s.FIRM, 0),
    )


def check_aggregates(state: State, subject: Subject, fail: Report) -> None:
    """Run step 20."""
    customer, security = subject.customer.row, subject.security
    assert security is not None
    limit = state.limit(s.ACCOUNT, customer["group"], 14)
    if limit is None:
        raise DeniedError(30808, s.ACCOUNT, 14)
    if subject.account.open_orders + 1 > limit["block"]:
        fail(30904, limit["block"], subject.account.open_orders + 1)
    for scope, number in value_scopes(customer):
        kept = state.values[(scope, number)]
        for metric, code, base in ((9, 30901, kept.open), (10, 30902, kept.traded)):
            limit = state.limit(scope, number, metric)
            if limit is None:
                raise DeniedError(30808, scope, metric)
            if base + subject.value > limit["block"]:
                fail(code, limit["block"], base + subject.value)
    if subject.buy:
        limit = state.limit(s.SECURITY, security.row["rule"], 11)
        if limit is None:
            raise DeniedError(30808, s.SECURITY, 11)
        total = security.bought.open + security.bought.traded + subject.value
        if total > limit["block"]:
            fail(30903, limit["block"], total)
