"""Whether the exchange's reference files and the rulebook say the same of each security.

The gate takes limit prices from the files, and ticks, lots, maxima and times from the rulebook.
Where the two differ one of them is wrong for the day, and somebody has to look before it begins.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from typing_extensions import override

from panshi.domain.units import format_yuan
from panshi.domain.words import Board, Product
from panshi.rulebook.prices import LimitState, PriceRange, compute_price_limits
from panshi.rulebook.quantities import load_quantity_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panshi.market.calendar import TradingCalendar
    from panshi.market.securities import SecuritiesMaster, Security
    from panshi.rulebook.book import RulesInForce


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One fact of one security, as the file and as the rulebook has it."""

    security: Security
    fact: str
    file: str
    rulebook: str

    @override
    def __str__(self) -> str:
        """Return the disagreement as one line for people."""
        one = self.security
        return (
            f"{one.market}/{one.code} {one.name}: {self.fact}: 文件 file {self.file}, "
            f"规则库 rulebook {self.rulebook}"
        )


def find_disagreements(
    master: SecuritiesMaster, rules: RulesInForce, calendar: TradingCalendar
) -> Iterator[Disagreement]:
    """Compare every security of a master with the rules of the day.

    Args:
        master: Securities as the exchange's files have them.
        rules: Rules of the trade date.
        calendar: Trading days, by which the days since the listing are counted.

    Yields:
        What differs, by market and code.

    Raises:
        RuleMissingError: If a row that decides is not in force.
        OutsideCalendarError: If the calendar does not cover the trade date.
    """
    for security in master:
        for fact, file, rulebook in _facts(security, rules, calendar):
            if file != rulebook:
                yield Disagreement(security, fact, file, rulebook)


def _facts(
    one: Security, rules: RulesInForce, calendar: TradingCalendar
) -> Iterator[tuple[str, str, str]]:
    lots = load_quantity_rule(rules, one.scope)
    tick_e5 = rules.integer("price.tick", one.scope)
    yield "价格档位 tick", format_yuan(one.tick_e5), format_yuan(tick_e5)
    yield "买入单位 buy step", str(one.lots.buy_step), str(lots.buy_step)
    yield "限价上限 limit maximum", str(one.lots.limit_max), str(lots.limit_max)
    yield "市价上限 market maximum", str(one.lots.market_max), str(lots.market_max)
    same_day = rules.integer("settlement.sellable_after", one.scope) == 0
    yield "当日回转 same day", str(one.flags.same_day), str(same_day)
    if one.flags.after_hours:
        enabled = rules.flag("after_hours.enabled", one.scope)
        yield "盘后定价 after hours", str(True), str(enabled)
    state = _limit_state(one, rules, calendar)
    found = _file_limits(one)
    if one.board is Board.FUND:
        # Only the exchange's list tells which funds have the wide limit; the file shows it.
        wide = compute_price_limits(rules, one.scope, one.prev_close_e5, replace(state, wide=True))
        state = replace(state, wide=found == _format_limits(wide))
    limits = compute_price_limits(rules, one.scope, one.prev_close_e5, state)
    yield "涨跌停价 price limits", found, _format_limits(limits)


def _limit_state(one: Security, rules: RulesInForce, calendar: TradingCalendar) -> LimitState:
    listed_day = calendar.count_from(one.list_date, rules.trade_date)
    # The file does not count the days of a delisting period; without a limit it is the first.
    delisting_day = (1 if one.flags.no_limit else 2) if one.flags.delisting else 0
    is_stock = one.product is Product.STOCK
    return LimitState(
        listed_day=listed_day, st=one.flags.st and is_stock, delisting_day=delisting_day
    )


def _file_limits(one: Security) -> str:
    if one.flags.no_limit:
        return _format_limits(None)
    return _format_limits(PriceRange(one.limit_down_e5, one.limit_up_e5))


def _format_limits(limits: PriceRange | None) -> str:
    if limits is None:
        return "无 none"
    return f"{format_yuan(limits.low_e5 or 0)}-{format_yuan(limits.high_e5 or 0)}"
