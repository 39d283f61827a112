"""A small trading day for the twins: few rows, but one of every kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panshi.gate.engine import load_reasons
from tests.twin.state import NEVER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from tests.twin.state import Row

TRADE_DATE = 20260720
ANOMALIES = 32_000
"""The first code that no check of an order gives."""
DAY_START_NS = 1_784_476_800 * 10**9
MINUTE = 60 * 10**9
ALL_TYPES = 0b1111_1110
Named = tuple[str, "Row"]


def at(hour: int, minute: int, second: int = 0) -> int:
    """Return ns of the day."""
    return (hour * 3600 + minute * 60 + second) * 10**9


def rule(number: int, market: int, **more: int) -> Named:
    """Return a rule class with main-board numbers unless told otherwise."""
    row = {
        "rule": number,
        "market": market,
        "same_day": 0,
        "protection": int(market == 1),
        "tick_e5": 1000,
        "buy_min_qty": 100,
        "buy_step_qty": 100,
        "sell_min_qty": 100,
        "sell_step_qty": 100,
        "odd_lot_qty": 100,
        "max_limit_qty": 1_000_000,
        "max_market_qty": 500_000,
        "max_fixed_qty": 1_000_000,
        "day_buy_cap_qty": 0,
        "cage_bp": 200,
        "cage_ticks": 10,
        "market_no_limit": int(number in (1, 5)),
        "short_floor": int(number != 2),
        "no_limit_low_bp": 5000,
        "no_limit_high_bp": 90_000,
        "types_call": 1 << 1,
        "types_continuous": ALL_TYPES & ~(1 << 8),
        "types_fixed": 1 << 8,
        "permissions": 0,
        "disclosures": 0,
        "risk_grade": 1,
    }
    return "LoadRule", row | more


def phases(market: int) -> Iterator[Named]:
    """Yield the session clock of one market."""
    windows = (
        (at(9, 15), at(9, 20), 1, 1, 1, 0, 0),
        (at(9, 20), at(9, 25), 2, 1, 0, 0, 0),
        (at(9, 25), at(9, 30), 3, 2, 2 * (market == 2), 1, 1),
        (at(9, 30), at(11, 30), 4, 1, 1, 1, 1),
        (at(11, 30), at(13, 0), 5, 0, 0, 0, 0),
        (at(13, 0), at(14, 57), 4, 1, 1, 1, 1),
        (at(14, 57), at(15, 0), 6, 1, 0, 1, 1),
        (at(15, 0), at(15, 5), 7, 0, 0, 1, 1),
        (at(15, 5), at(15, 30), 8, 0, 0, 1, 1),
    )
    for start, end, phase, order, cancel, fixed, fixed_cancel in windows:
        yield (
            "LoadPhase",
            {
                "market": market,
                "phase": phase,
                "order_policy": order,
                "cancel_policy": cancel,
                "fixed_policy": fixed,
                "fixed_cancel": fixed_cancel,
                "rule": 0,
                "start_ns": start,
                "end_ns": end,
            },
        )


def fees() -> Iterator[Named]:
    """Yield the fees of every rule class and fee group."""
    for number in (1, 2, 3, 4, 5):
        for group in (1, 2):
            yield (
                "LoadFee",
                {
                    "rule": number,
                    "fee_group": group,
                    "commission_e8": 25_000 * group,
                    "commission_min_e5": 500_000,
                    "stamp_buy_e8": 0,
                    "stamp_sell_e8": 50_000 * (number != 3),
                    "transfer_e8": 1000,
                    "handling_e8": 3410,
                    "regulatory_e8": 2000,
                },
            )


def securities(random: Random) -> Iterator[Named]:
    """Yield one security of every kind."""
    for number, (market, code, rule_class, flags, state) in enumerate(
        (
            (1, "600000", 1, 48, 1),
            (1, "688001", 2, 8, 1),
            (1, "510300", 3, 0, 1),
            (2, "000001", 4, 56, 1),
            (1, "600001", 5, 1, 1),
            (1, "600002", 1, 2, 1),
            (1, "600003", 1, 0, 3),
            (1, "600004", 1, 0, 2),
            (2, "000002", 4, 66, 1),
            (1, "600005", 1, 0, 0),
            (1, "600006", 9, 0, 1),
            (1, "600007", 1, 0, 1),
            (1, "600008", 1, 2, 1),
            (2, "000003", 4, 1, 1),
            (1, "600009", 1, 0, 1),
        )
    ):
        previous = 0 if code == "600008" else random.randrange(300, 5000) * 1000
        free = flags & 2 or code == "600007"
        yield (
            "LoadSecurity",
            {
                "code": code,
                "market": market,
                "state": state,
                "rule": rule_class,
                "flags": flags,
                "set_id": number % 3 + 1,
                "list_date": TRADE_DATE + 1 if code == "600009" else 20200101,
                "prev_close_e5": previous,
                "upper_e5": 0 if free else (previous * 11 + 5000) // 10_000 * 1000,
                "lower_e5": 0 if free else (previous * 9 + 5000) // 10_000 * 1000,
                "close_e5": random.choice((0, previous)),
            },
        )


def reference(random: Random) -> Iterator[Named]:
    """Yield rules, fees, securities, PBUs, branches and terminals."""
    yield rule(1, 1)
    yield rule(
        2,
        1,
        buy_min_qty=200,
        buy_step_qty=1,
        sell_min_qty=200,
        sell_step_qty=1,
        odd_lot_qty=200,
        max_limit_qty=100_000,
        max_market_qty=50_000,
        cage_ticks=0,
        permissions=1,
        disclosures=1,
        risk_grade=3,
    )
    yield rule(3, 1, tick_e5=100, same_day=1, cage_bp=0)
    yield rule(4, 2, max_limit_qty=NEVER)
    yield rule(5, 1, day_buy_cap_qty=900, disclosures=2)
    yield from without_one(random, list(fees()))
    yield from securities(random)
    for market in (1, 2):
        yield from phases(market)
    for pbu, market, number, gateway, fixed in (
        ("20001", 1, 0, 1, 0),
        ("20002", 1, 1, 1, 0),
        ("001000", 2, 2, 2, 4),
        ("20009", 1, 3, 0, 0),
        ("20003", 1, 4, 3, 0),
        ("002000", 2, 5, 4, 0),
    ):
        row: Row = {"pbu": pbu, "market": market, "pbu_no": number, "gateway": gateway}
        yield "LoadPbu", row | {"fixed_gateway": fixed}
    for branch, open_ in (("00001", 1), ("0001", 1), ("00002", 0)):
        yield "LoadBranch", {"branch": branch, "state": open_}
    for terminal, valid in ((1, 1), (2, 0)):
        yield "LoadTerminal", {"terminal": terminal, "kind": 1, "valid": valid}


def people(random: Random) -> Iterator[Named]:
    """Yield customers, accounts, holdings and clients."""
    for number in range(1, 9):
        yield (
            "LoadCustomer",
            {
                "customer": number,
                "owner_group": 1 + number // 3,
                "permissions": 1 if number % 2 else 0,
                "disclosures": number % 4,
                "program_rate": random.choice((1, 5)),
                "program_day": random.choice((4, 60)),
                "group": 1 + number % 2,
                "fee_group": 1 + number % 2,
                "desk": 1 + number % 3,
                "state": random.choices((1, 2, 3, 4, 5), (92, 2, 2, 2, 2))[0],
                "risk_grade": random.choice((1, 3, 5)),
                "program_state": random.choice((0, 3, 5)),
                "program_confirm": 1 + number % 2,
                "high_frequency": int(number == 1),
                "margin": int(number < 4),
                "cash_e5": random.choice((10**7, 10**12, 10**13)),
            },
        )
        for market in (1, 2):
            code = f"A{number:09d}" if market == 1 else f"0{number:09d}"
            yield (
                "LoadAccount",
                {
                    "account": code,
                    "market": market,
                    "state": random.choices((1, 2, 3, 4, 5), (92, 2, 2, 2, 2))[0],
                    "access": 1 + number % 2,
                    "branch": "00001" if market == 1 else "0001",
                    "pbu": random.choice(("", "20001" if market == 1 else "001000")),
                    "customer": number,
                    "permissions": 1,
                    "owner_type": 1,
                    "strategy": random.choice((0, 0, 3)),
                    "program": int(number == 5),
                },
            )
            codes = (
                ("600000", "688001", "510300", "600001", "600002", "600004")
                if market == 1
                else ("000001", "000002")
            )
            for security in codes:
                if random.random() < 0.8:
                    total = random.choice((0, 50, 150, 1000, 1270, 100_000))
                    yield (
                        "LoadHolding",
                        {
                            "account": code,
                            "market": market,
                            "code": security,
                            "total_qty": total,
                            "sellable_qty": random.choice((total, total // 2)),
                        },
                    )


def stranger() -> Named:
    """Return an account whose customer is not loaded."""
    row = {
        "account": "A000000010",
        "market": 1,
        "state": 1,
        "access": 1,
        "branch": "00001",
        "pbu": "",
        "customer": 30,
        "permissions": 1,
        "owner_type": 1,
        "strategy": 0,
        "program": 0,
    }
    return "LoadAccount", row


def clients() -> Iterator[Named]:
    """Yield the client sessions."""
    for client, market, prefix in ((1, 1, "AA"), (2, 1, "BB"), (3, 2, "CC"), (4, 2, "")):
        yield (
            "LoadClient",
            {
                "comp_id": f"OMS{client}",
                "prefix": prefix,
                "prefix_len": len(prefix),
                "market": market,
                "client": client,
                "access_mask": 7 if client != 2 else 3,
                "pbu_mask": 0b11_1111 if client != 2 else 0b0011,
                "terminal": 1 if client != 4 else 0,
                "strategy": 2 * (client == 2),
                "program": int(client == 4),
                "terminal_required": 1,
                "terminal_at": 0,
                "terminal_len": 2,
                "strategy_at": 2,
                "strategy_len": 1,
                "program_at": 3,
                "program_len": 1,
            },
        )


def numbers(random: Random) -> Iterator[Named]:
    """Yield limits, parameters and some switches."""
    rates = random.choice(
        (
            {1: (3, 6), 2: (4, 7), 3: (30, 60), 4: (150, 300)},
            {1: (5, 9), 2: (2, 3), 3: (30, 60), 4: (150, 300)},
            {1: (5, 9), 2: (6, 9), 3: (4, 8), 4: (30, 60)},
            {1: (20, 30), 2: (20, 30), 3: (60, 90), 4: (10, 16)},
        )
    )
    conduct = {5: (2, 12), 6: (3000, 8000), 7: (2500, 8500)}
    for scope in (4, 3, 11, 9, 5):
        for metric, (warn, block) in rates.items():
            factor = {4: 4, 3: 6, 11: 7, 9: 3, 5: 1}[scope]
            yield limit(scope, 0, metric, warn * factor, block * factor)
        for metric, (warn, block) in conduct.items():
            yield limit(scope, 0, metric, warn, block if scope == 5 else max(block, 9000))
    yield limit(5, 2, 1, 2, 4)
    yield limit(5, 2, 1, 1, 3, market=2)
    yield limit(random.choice((1, 5)), 0, 8, 10**10, 10**12, market=1)
    yield limit(random.choice((6, 7, 8, 1)), 0, 9, 10**9, 10**13, market=random.choice((1, 2)))
    for metric, warn, block in ((12, 2, 3), (14, 5, 12)):
        yield limit(5, 0, metric, warn, block)
    yield limit(1, 0, 8, 10**12, 10**13)
    yield limit(5, 0, 8, 10**11, 3 * 10**12)
    yield limit(5, 0, 9, 2 * 10**11, random.choice((4 * 10**11, 10**13)))
    yield limit(5, 0, 10, 10**9, random.choice((10**10, 10**13)))
    for scope in (6, 7, 8, 1):
        yield limit(scope, 0, 9, 10**12, 4 * 10**13)
        yield limit(scope, 0, 10, 5 * 10**12, random.choice((10**14, NEVER)))
    yield limit(10, 0, 11, 10**10, random.choice((3 * 10**10, 8 * 10**12)))
    yield limit(10, 0, 13, 500, 900)
    yield limit(10, 1, 13, NEVER, 1500)
    yield limit(4, 0, 15, 3, NEVER)
    values = {
        1: 10**9,
        2: 5 * 10**9,
        3: 4,
        4: random.choice((4, 8)),
        5: random.choice((15, 60)),
        6: random.choice((2, 6)),
        7: 10**10,
        8: random.choice((3, 40)),
        9: 30 * 10**9,
        10: 3,
        11: 2,
        12: 2,
        **dict.fromkeys((13, 14), 0),
        15: 1,
        16: 0,
        17: 0,
        18: random.choice((0, 1, 2)),
        19: random.choice((1, 20, 1000)),
        20: random.choice((0, 1)),
    }
    for param, value in values.items():
        yield parameter(param, 0, value)
    yield parameter(1, 2, 2 * 10**9)
    yield parameter(1, 0, 3 * 10**9, 2)
    yield parameter(random.choice((2, 3, 4)), random.choice((0, 1, 2)), random.choice((0, 9)), 1)
    switched = (30104, 30111, 30113, 30210, 30215, 30310, 30407, 30410, 30505, 30701, 30702, 30801)
    any_check = [reason.code for reason in load_reasons() if reason.code < ANOMALIES]
    for code in (*random.sample(switched, 4), *random.sample(any_check, 2)):
        yield (
            "LoadSwitch",
            {
                "code": code,
                "group": random.choice((0, 1)),
                "market": random.choice((0, 1)),
                "mode": random.choice((0, 2, 1)),
            },
        )


def parameter(number: int, market: int, value: int, group: int = 0) -> Named:
    """Return one row of a parameter."""
    return "LoadParam", {"param": number, "market": market, "value": value, "group": group}


def limit(scope: int, number: int, metric: int, warn: int, block: int, *, market: int = 0) -> Named:
    """Return one limit row."""
    return "LoadLimit", {
        "scope": scope,
        "metric": metric,
        "market": market,
        "id": number,
        "warn": warn,
        "block": block,
    }


def schedule_row(random: Random, around: int = at(10, 0)) -> Named:
    """Return a row of the schedule that begins near a time of the day, sometimes a wrong one."""
    scope, number, market, key = random.choice(
        (
            (1, 0, 0, ""),
            (2, 2, 0, ""),
            (3, 1, 0, ""),
            (4, 1, 0, ""),
            (5, 0, 1, "A000000003"),
            (7, 2, 0, ""),
            (9, 3, 0, ""),
            (10, 0, 1, "600000"),
            (8, 1, 0, ""),
        )
    )
    start = around + random.choice((-5, 0, 2, 20)) * 10**9
    return "LoadSchedule", {
        "scope": scope,
        "state": random.choices((0, 1, 2, 3, 4), (30, 30, 20, 15, 5))[0],
        "market": market,
        "id": number,
        "key": key,
        "from_ns": start,
        "to_ns": start + random.choice((10**9, 10**10, 3 * 10**10, 0)),
    }


def without_one(random: Random, rows: list[Named]) -> list[Named]:
    """Return the rows of a day, rarely without one that is needed."""
    if random.random() < 0.1:
        needed = ("LoadLimit", "LoadFee", "LoadParam")
        rows.remove(random.choice([row for row in rows if row[0] in needed]))
    return rows


def make_day(random: Random) -> Iterator[Named]:
    """Yield the whole reference day."""
    yield from reference(random)
    yield from people(random)
    yield stranger()
    yield from clients()
    yield from without_one(random, list(numbers(random)))
    for _ in range(3):
        yield schedule_row(random, at(10, 0))
