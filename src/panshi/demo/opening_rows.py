"""The demo's customers, sessions, limits and parameters as reference records of the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panshi.demo.parties import (
    BRANCHES,
    CUSTOMERS,
    GATEWAYS,
    GROUP_NORMAL,
    GROUP_WATCHED,
    PROGRAM_UNREPORTED,
    SESSIONS,
    STORM,
)
from panshi.gate.engine import load_levels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panshi.demo.parties import Account
    from panshi.opening.rules import Row

NEVER: Final = (1 << 63) - 1
YUAN_E5: Final = 100_000
CASH_STEP_E5: Final = 10_000 * YUAN_E5
NAMED_CASH_E5: Final = 1_000_000 * YUAN_E5
FEE_RESERVE_BP: Final = 100
FEE_RESERVE_PER_ORDER_E5: Final = 10 * YUAN_E5

SCOPE_FIRM, SCOPE_ACCOUNT = 1, 5
SLIDING_SECOND, CALENDAR_SECOND, IDENTICAL_ORDERS, ORDER_VALUE = 1, 2, 12, 8
STORM_BLOCK: Final = 20
"""Orders and cancels that the watched group may send in a sliding second."""
LEVELS: Final = {
    (SCOPE_FIRM, ORDER_VALUE, 0): (50_000_000 * YUAN_E5, 100_000_000 * YUAN_E5),
    (SCOPE_ACCOUNT, ORDER_VALUE, 0): (50_000_000 * YUAN_E5, 100_000_000 * YUAN_E5),
    (SCOPE_ACCOUNT, SLIDING_SECOND, 0): (200, 300),
    (SCOPE_ACCOUNT, CALENDAR_SECOND, 0): (200, 300),
    (SCOPE_ACCOUNT, IDENTICAL_ORDERS, 0): (20, 50),
    (SCOPE_ACCOUNT, SLIDING_SECOND, GROUP_WATCHED): (STORM_BLOCK // 2, STORM_BLOCK),
}
"""Warn and block level by scope, metric and number; all others never warn and never block."""

SECOND_NS: Final = 1_000_000_000
CANCEL_ONLY: Final = 2
PARAMS: Final = {
    2: SECOND_NS,  # identical orders count within a second
    3: 100,  # orders before cancel ratios are judged
    6: 1_000,  # exchange rejects in a burst
    7: SECOND_NS,  # its window
    8: 1_000_000,  # unacknowledged orders; market time runs faster than the machines
    9: 3_600 * SECOND_NS,  # their age, for the same reason
    10: 100,  # cancels of mass cancels per timer and gateway
    11: CANCEL_ONLY,  # after a fill of an unknown order
    12: CANCEL_ONLY,  # after an over-fill
    13: CANCEL_ONLY,  # after a fill outside the limits
    14: CANCEL_ONLY,  # after a gap
    15: CANCEL_ONLY,  # after a repeated fill
    16: CANCEL_ONLY,  # after a reject burst
    17: CANCEL_ONLY,  # after overdue acknowledgements
    20: 0,  # a session given up for silence: its gateway is down anyway
    18: 2,  # orders are queued while the gateway is pre-open
}
"""Value of each scalar parameter by its number (`panshi_engine::kind::Param`).

The quick cancel and the high-frequency numbers are those of the rulebook.
"""

PROGRAM_CONFIRMED: Final = 5


def opening_cash_e5(buys_e5: int, count: int) -> int:
    """Return the cash of a customer at the open: enough for all its buys to stand at once.

    Args:
        buys_e5: Value of all its buys at their limits.
        count: Number of its buys.

    Returns:
        The value, 1 % and 10 yuan an order for fees, rounded up to 10,000 yuan.
    """
    needed = buys_e5 + buys_e5 * FEE_RESERVE_BP // 10_000 + count * FEE_RESERVE_PER_ORDER_E5
    return -(-needed // CASH_STEP_E5) * CASH_STEP_E5


def build_party_rows(
    accounts: dict[tuple[int, int], Account],
    cash_e5: dict[int, int],
    holdings: dict[tuple[int, int, str], int],
) -> Iterator[Row]:
    """Yield branches, PBUs, customers, accounts, holdings, sessions, limits and parameters.

    Args:
        accounts: Accounts by market and customer.
        cash_e5: Opening cash by customer; others have none.
        holdings: Opening shares by market, customer and security.

    Yields:
        Names and fields of records, parents before children.
    """
    for codes in BRANCHES.values():
        for code in codes:
            yield "LoadBranch", {"branch": code, "state": 1}
    for session in SESSIONS:
        yield (
            "LoadPbu",
            {
                "pbu": session.pbu,
                "market": session.market,
                "pbu_no": session.place,
                "gateway": next(one.number for one in GATEWAYS if session.pbu in one.pbus),
            },
        )
    yield "LoadTerminal", {"terminal": 1, "kind": 5, "valid": 1}
    for customer in CUSTOMERS:
        yield _customer(customer, cash_e5.get(customer, 0))
    for account in accounts.values():
        yield _account(account)
    for (market, customer, code), qty in holdings.items():
        yield (
            "LoadHolding",
            {
                "account": accounts[market, customer].code,
                "market": market,
                "code": code,
                "total_qty": qty,
                "sellable_qty": qty,
            },
        )
    for session in SESSIONS:
        yield (
            "LoadClient",
            {
                "comp_id": session.comp_id,
                "prefix": session.prefix,
                "prefix_len": len(session.prefix),
                "market": session.market,
                "client": session.client,
                "access_mask": 1 << session.place,
                "pbu_mask": 1 << session.place,
                "terminal": 1,
                "terminal_required": 1,
            },
        )
    yield from _numbers()


def _customer(customer: int, cash_e5: int) -> Row:
    return "LoadCustomer", {
        "customer": customer,
        "owner_group": customer,
        "program_rate": 300,
        "program_day": 20_000,
        "group": GROUP_WATCHED if customer == STORM else GROUP_NORMAL,
        "fee_group": 1,
        "desk": 1,
        "state": 1,
        "risk_grade": 5,
        "program_state": 0 if customer == PROGRAM_UNREPORTED else PROGRAM_CONFIRMED,
        "program_confirm": 2,
        "cash_e5": cash_e5,
    }


def _account(account: Account) -> Row:
    return "LoadAccount", {
        "account": account.code,
        "market": account.market,
        "state": 1,
        "access": account.session.place,
        "branch": account.branch,
        "pbu": account.session.pbu,
        "customer": account.customer,
        "owner_type": 1,
        "program": int(account.program),
    }


def _numbers() -> Iterator[Row]:
    for level in load_levels():
        warn, block = LEVELS.get((level.scope, level.metric, 0), (NEVER, NEVER))
        yield _limit(level.scope, level.metric, 0, warn, block)
    for (scope, metric, number), (warn, block) in LEVELS.items():
        if number:
            yield _limit(scope, metric, number, warn, block)
    for param, value in PARAMS.items():
        yield "LoadParam", {"param": param, "value": value}


def _limit(scope: int, metric: int, number: int, warn: int, block: int) -> Row:
    return "LoadLimit", {
        "scope": scope,
        "metric": metric,
        "id": number,
        "warn": warn,
        "block": block,
    }
