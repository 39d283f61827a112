"""What the exchange's files and the rulebook say differently is found and said in words."""

import datetime as dt
from dataclasses import replace

import pytest

from panshi.domain.words import Board, Product
from panshi.market.agreement import find_disagreements
from panshi.market.calendar import TradingCalendar
from panshi.market.securities import Lots, SecuritiesMaster, Security, SecurityFlags
from panshi.rulebook.book import Rulebook

BOOK, CALENDAR = Rulebook.load(), TradingCalendar.load()
BEFORE, AFTER = dt.date(2026, 7, 3), dt.date(2026, 7, 6)
ST_5, ST_10 = (864_000, 954_000), (818_000, 1_000_000)


def facts(security: Security, day: dt.date = AFTER) -> list[str]:
    master = SecuritiesMaster({(security.market, security.code): security})
    return [one.fact for one in find_disagreements(master, BOOK.on(day), CALENDAR)]


def test_a_share_like_the_rules_agrees(share: Security) -> None:
    assert facts(share) == []
    new = replace(share, limit_up_e5=0, limit_down_e5=0, list_date=AFTER)
    assert facts(replace(new, flags=SecurityFlags(no_limit=True, after_hours=True))) == []


@pytest.mark.parametrize(
    ("day", "limits", "found"),
    [(BEFORE, ST_5, []), (BEFORE, ST_10, ["涨跌停价 price limits"]), (AFTER, ST_10, []),
     (AFTER, ST_5, ["涨跌停价 price limits"])],
)  # fmt: skip
def test_a_risk_warning_follows_the_day(
    share: Security, day: dt.date, limits: tuple[int, int], found: list[str]
) -> None:
    low, high = limits
    st = replace(share, flags=SecurityFlags(st=True), limit_down_e5=low, limit_up_e5=high)
    assert facts(st, day) == found


def test_each_fact_is_compared(share: Security) -> None:
    odd = replace(
        share,
        tick_e5=100,
        lots=Lots(1, 1, 1, 900_000, 1, 500_000),
        flags=SecurityFlags(same_day=True, after_hours=True),
        limit_up_e5=999_000,
    )
    assert [fact.split()[-1] for fact in facts(odd, BEFORE)] == [
        "tick", "step", "maximum", "maximum", "day", "hours", "limits",
    ]  # fmt: skip
    delisting = SecurityFlags(delisting=True)
    assert facts(replace(share, flags=delisting)) == []
    free = replace(share, flags=replace(delisting, no_limit=True), limit_up_e5=0, limit_down_e5=0)
    assert facts(free) == []


@pytest.mark.parametrize(
    ("down", "up", "found"),
    [(818_100, 999_900, []), (727_200, 1_090_800, []), (818_100, 1_000_000, ["limits"])],
)
def test_a_fund_may_have_either_limit(
    share: Security, down: int, up: int, found: list[str]
) -> None:
    fund = replace(
        share,
        board=Board.FUND,
        product=Product.FUND,
        tick_e5=100,
        limit_down_e5=down,
        limit_up_e5=up,
    )
    assert [fact.split()[-1] for fact in facts(fund)] == found


def test_a_disagreement_is_one_line(share: Security) -> None:
    fund = replace(share, board=Board.FUND, product=Product.FUND)
    master = SecuritiesMaster({(fund.market, fund.code): fund})
    first = next(find_disagreements(master, BOOK.on(AFTER), CALENDAR))
    assert str(first) == "sse/600961 株冶集团: 价格档位 tick: 文件 file 0.01, 规则库 rulebook 0.001"
