"""Steps 15 to 20 of a new order: price, quantity, money, own orders, thresholds, aggregates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.twin import state as s
from tests.twin.checks import is_recovered
from tests.twin.money import bp_of, cage_bound, fee_e5
from tests.twin.verdict import DeniedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.twin.checks import Report, Subject
    from tests.twin.state import Account, Row, State, Watch

RATE_METRICS = (1, 2, 3, 4)
CONDUCT_METRICS = (5, 6, 7)
AUCTION_OVER = (7, 8)
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
    if row["order_type"] == s.FIXED:
        check_close(subject, price, fail)
    else:
        check_collar(state, subject, price, fail)
    if subject.short_sale and rule["short_floor"]:
        floor = security.last or security.row["prev_close_e5"]
        if floor == 0:
            fail(30408)
        elif price < floor:
            fail(30411, floor, price)


def check_close(subject: Subject, price: int, fail: Report) -> None:
    """Compare an after-hours order with the close, which must be known once the auctions end."""
    assert subject.security is not None
    assert subject.window is not None
    close = subject.security.row["close_e5"]
    if not close:
        if subject.window["phase"] in AUCTION_OVER:
            fail(30412)
    elif (price < close) if subject.buy else (price > close):
        fail(30409, close, price)


def check_collar(state: State, subject: Subject, price: int, fail: Report) -> None:
    """Compare a price with the firm's own range around the reference."""
    assert subject.security is not None
    limit = state.limit(subject.row["market"], s.SECURITY, subject.security.row["rule"], 13)
    if limit is None:
        raise DeniedError(30808, s.SECURITY, 13)
    reference = subject.reference
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
    elif window["phase"] in (1, 2):
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
            total = qty + bought_by_customer(state, subject)
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
        limit = state.limit(row["market"], scope, number, 8)
        if limit is None:
            raise DeniedError(30808, scope, 8)
        if subject.value > limit["block"]:
            fail(30507, limit["block"], subject.value)


def bought_by_customer(state: State, subject: Subject) -> int:
    """Return bought and open buys of all the customer's accounts of the market in the security."""
    assert subject.security is not None
    own = [
        (market, code, subject.security.row["code"])
        for (market, code), account in state.accounts.items()
        if account.row["customer"] == subject.account.row["customer"]
        and market == subject.row["market"]
    ]
    held = [state.holdings[key] for key in own if key in state.holdings]
    return sum(holding.bought + holding.open_buys for holding in held)


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
        if needed > subject.customer.available and not is_recovered(subject.row):
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
        and (order.row["order_type"] == s.FIXED) == (subject.row["order_type"] == s.FIXED)
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
    limit = state.limit(subject.row["market"], s.ACCOUNT, subject.customer.row["group"], 12)
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


def identical_window(state: State, subject: Subject) -> int:
    """Return the time within which identical orders of the customer count."""
    return state.param(2, subject.row["market"], subject.customer.row["group"])


def identical_count(state: State, subject: Subject) -> int:
    """Return how many identical orders there are with this one."""
    window = identical_window(state, subject)
    for seen in subject.account.signatures:
        if seen.content == signature(subject) and state.now - seen.first <= window:
            return seen.count + 1
    return 1


def rate_scopes(
    state: State, account: Account, group: int, row: Row, strategy: int, gateway: int
) -> Iterator[tuple[int, int, int, Watch]]:
    """Yield scope, limit number, number in warnings and what is watched of an order's scopes."""
    pbu = state.pbus[(row["market"], row["pbu"])]
    client, number = row["client"], pbu.row["pbu_no"]
    yield s.ACCOUNT, group, account.number, account.watch
    yield s.CLIENT, client, client, state.clients[client].watch
    yield s.PBU, number, number, pbu.watch
    yield s.GATEWAY, gateway, gateway, state.gateways[gateway].watch
    if strategy:
        yield s.STRATEGY, strategy, strategy, state.strategies[strategy]


def check_thresholds(state: State, subject: Subject, fail: Report) -> None:
    """Run step 19."""
    assert state.day is not None
    account, customer, market = subject.account, subject.customer.row, subject.row["market"]
    start = state.day["day_start_ns"]
    gateway = subject.pbu.gateway_of(subject.row["order_type"])
    scopes = list(
        rate_scopes(state, account, customer["group"], subject.row, subject.strategy, gateway)
    )
    for scope, number, _, watch in scopes:
        for metric, count in zip(RATE_METRICS, watch.counts(state.now, start), strict=True):
            compare(state, (market, scope, number, metric), count, 30800 + metric, fail)
    sliding, second, _, day = account.watch.counts(state.now, start)
    if subject.program:
        if max(sliding, second) > customer["program_rate"]:
            fail(30213, customer["program_rate"], max(sliding, second))
        if day > customer["program_day"]:
            fail(30214, customer["program_day"], day)
    base = state.param(3, market, customer["group"])
    for scope, number, _, watch in scopes:
        ratios = watch.ratios() if watch.orders >= base else (0, 0)
        for metric, found in zip(CONDUCT_METRICS, (watch.quick_cancels, *ratios), strict=True):
            compare(state, (market, scope, number, metric), found, 30800 + metric, fail)


def compare(
    state: State, key: tuple[int, int, int, int], found: int, code: int, fail: Report
) -> None:
    """Compare a value with the block level of its market, scope, limit number and metric."""
    market, scope, number, metric = key
    limit = state.limit(market, scope, number, metric)
    if limit is None:
        raise DeniedError(30808, scope, metric)
    if found > limit["block"]:
        fail(code, limit["block"], found)


def value_scopes(account: Account, customer: Row) -> tuple[tuple[int, int, int], ...]:
    """Return scope, limit number and own number of whatever keeps open and traded value."""
    return (
        (s.ACCOUNT, customer["group"], account.number),
        (s.CUSTOMER, customer["customer"], customer["customer"]),
        (s.GROUP, customer["owner_group"], customer["owner_group"]),
        (s.DESK, customer["desk"], customer["desk"]),
        (s.FIRM, 0, 0),
    )


def check_aggregates(state: State, subject: Subject, fail: Report) -> None:
    """Run step 20."""
    customer, security = subject.customer.row, subject.security
    assert security is not None
    market, opened = subject.row["market"], subject.account.open_orders + 1
    compare(state, (market, s.ACCOUNT, customer["group"], 14), opened, 30904, fail)
    for scope, number, own in value_scopes(subject.account, customer):
        kept = state.values[(scope, own)]
        compare(state, (market, scope, number, 9), kept.open + subject.value, 30901, fail)
        compare(state, (market, scope, number, 10), kept.traded + subject.value, 30902, fail)
    if subject.buy:
        total = security.bought.open + security.bought.traded + subject.value
        compare(state, (market, s.SECURITY, security.row["rule"], 11), total, 30903, fail)


def check_room(state: State, subject: Subject) -> None:
    """Run step 21."""
    room = state.capacity
    assert subject.security is not None
    for table, held, code in (
        ("orders", len(state.orders), 30007),
        ("events", len(state.live_events()), 30008),
        ("fills", state.fills, 30011),
    ):
        if held >= room[table] or (table == "orders" and state.ids_are_full()):
            raise DeniedError(code, room[table], room[table])
    new = subject.buy and state.holding(subject.account, subject.security) is None
    if new and len(state.holdings) >= room["holdings"]:
        raise DeniedError(30009, room["holdings"], room["holdings"])
