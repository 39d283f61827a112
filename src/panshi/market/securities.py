"""The securities master: what is known of each security before the day begins."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from panshi.domain.errors import BadRecordError
from panshi.domain.words import Scope

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

    from panshi.domain.words import Board, Market, Product


@dataclass(frozen=True, slots=True)
class Lots:
    """Quantities of one order in shares (units of a fund, bonds of 100 yuan face)."""

    buy_step: int
    sell_step: int
    limit_min: int
    limit_max: int
    market_min: int
    market_max: int


@dataclass(frozen=True, slots=True)
class SecurityFlags:
    """Yes-or-no facts of a security on the trade date.

    `same_day` is a security whose purchase of today may be sold today; `no_limit` has no price
    limit today; `delisting` is in the delisting-arrangement period (退市整理期).
    """

    st: bool = False
    halted: bool = False
    no_limit: bool = False
    delisting: bool = False
    same_day: bool = False
    margin_buy: bool = False
    short_sell: bool = False
    after_hours: bool = False


@dataclass(frozen=True, slots=True)
class Security:
    """One security on one trade date; prices in 1/100000 yuan.

    The limit prices are 0 where `flags.no_limit` is set. `set_id` is the number of the platform
    part on which SSE trades the security, 0 where the file does not give it.
    """

    market: Market
    code: str
    name: str
    board: Board
    product: Product
    prev_close_e5: int
    limit_up_e5: int
    limit_down_e5: int
    tick_e5: int
    lots: Lots
    list_date: dt.date
    flags: SecurityFlags = field(default_factory=SecurityFlags)
    set_id: int = 0

    @property
    def scope(self) -> Scope:
        """Market, board and product: the key of the rules that hold for the security."""
        return Scope(self.market, self.board, self.product)


@dataclass(frozen=True, slots=True)
class SecuritiesMaster:
    """Securities of a trade date by market and code; grain: one row per security.

    `left_out` counts what a reference file holds beside them, by the exchange's word for the kind.
    """

    by_key: dict[tuple[Market, str], Security]
    left_out: dict[str, int] = field(default_factory=dict)

    def get(self, market: Market, code: str) -> Security | None:
        """Return a security, or None if the master does not hold it.

        Args:
            market: Exchange.
            code: Six digits.

        Returns:
            The security or None; an order in a security that is not held is refused.
        """
        return self.by_key.get((market, code))

    def __iter__(self) -> Iterator[Security]:
        """Yield the securities by market and code."""
        for key in sorted(self.by_key):
            yield self.by_key[key]

    def __len__(self) -> int:
        """Return how many securities the master holds."""
        return len(self.by_key)


def build_master(path: Path, rows: list[tuple[int, Security]]) -> SecuritiesMaster:
    """Check rows against each other and put them into a master.

    Args:
        path: File that the rows come from, for messages.
        rows: Line number and security.

    Returns:
        The master.

    Raises:
        BadRecordError: If a security comes twice, or its prices contradict each other.
    """
    by_key: dict[tuple[Market, str], Security] = {}
    lines: dict[tuple[Market, str], int] = {}
    for line, security in rows:
        key = (security.market, security.code)
        if key in lines:
            expected = f"one line for each security, {security.code} is on line {lines[key]}"
            raise BadRecordError(path, line, "code", expected, security.code)
        _require_consistent(path, line, security)
        by_key[key] = security
        lines[key] = line
    return SecuritiesMaster(by_key)


def _require_consistent(path: Path, line: int, security: Security) -> None:
    if len(security.code) != 6 or not (security.code.isascii() and security.code.isdigit()):  # noqa: PLR2004 - all codes have six
        raise BadRecordError(path, line, "code", "six digits", repr(security.code))
    if security.prev_close_e5 <= 0:
        raise BadRecordError(path, line, "prev_close", "above 0", str(security.prev_close_e5))
    if security.tick_e5 <= 0:
        raise BadRecordError(path, line, "tick", "above 0", str(security.tick_e5))
    low, high = security.limit_down_e5, security.limit_up_e5
    if security.flags.no_limit:
        return
    if not 0 < low <= security.prev_close_e5 <= high:
        expected = f"lower limit <= previous close {security.prev_close_e5} <= upper limit, above 0"
        raise BadRecordError(path, line, "limits", expected, f"{low} and {high} (1/100000 yuan)")
