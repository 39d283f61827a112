"""Fees: sides, minimum, rounding of each item."""

import datetime as dt

import pytest

from panshi.domain.words import Board, Market, Product, Scope, Side
from panshi.rulebook.book import Rulebook
from panshi.rulebook.fees import Fees, compute_fees, fee_item_e5, load_fee_schedule

RULES = Rulebook.load().on(dt.date(2026, 11, 20))
MAIN = Scope(Market.SSE, Board.MAIN, Product.STOCK)
FUND = Scope(Market.SSE, Board.FUND, Product.FUND)


def test_a_small_order_pays_the_least_commission() -> None:
    fees = compute_fees(load_fee_schedule(RULES, MAIN, Side.BUY), 100_000_000)
    assert fees == Fees(500_000, 0, 1_000, 3_000, 2_000)
    assert fees.total_e5 == 506_000


def test_a_seller_pays_stamp_duty_besides() -> None:
    buy = compute_fees(load_fee_schedule(RULES, MAIN, Side.BUY), 10_000_000_000)
    sell = compute_fees(load_fee_schedule(RULES, MAIN, Side.SELL), 10_000_000_000)
    assert sell.total_e5 - buy.total_e5 == sell.stamp_e5 == 5_000_000


def test_an_order_without_fills_pays_nothing() -> None:
    assert compute_fees(load_fee_schedule(RULES, MAIN, Side.SELL), 0).total_e5 == 0


def test_funds_pay_neither_stamp_duty_nor_transfer_fee() -> None:
    fees = compute_fees(load_fee_schedule(RULES, FUND, Side.SELL), 10_000_000_000)
    assert (fees.stamp_e5, fees.transfer_e5) == (0, 0)


@pytest.mark.parametrize(
    ("amount_e5", "fee_e5"), [(0, 0), (999_999, 0), (1_000_000, 1_000), (2_999_999, 1_000)]
)
def test_half_a_fen_is_rounded_up(amount_e5: int, fee_e5: int) -> None:
    # 0.05 % of 10 yuan is exactly half a fen.
    assert fee_item_e5(amount_e5, 500_000) == fee_e5


def test_a_negative_amount_is_refused() -> None:
    with pytest.raises(ValueError, match="must be"):
        fee_item_e5(-1, 500_000)
