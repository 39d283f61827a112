"""Rebuilding SSE orders: what the feed hides is put together from the trades."""

from pathlib import Path

import pytest

from panshi.domain.errors import BadRecordError
from panshi.market.flow import CANCEL, EXACT, NEW, REBUILT
from panshi.market.flow_sse import FeedRow, load_sse_day, rebuild_sse_orders

DATE = "2023-07-11"


def add(seq: int, side: str, price: int, qty: int, order_no: int) -> FeedRow:
    return FeedRow("600961", seq, 34_200_000 + seq, "ADD", side, price, qty, order_no, 0, 0)


def trade(seq: int, side: str, price: int, qty: int, numbers: tuple[int, int]) -> FeedRow:
    return FeedRow("600961", seq, 34_200_000 + seq, "TRD", side, price, qty, 0, *numbers)


def test_an_order_that_traded_at_once_is_rebuilt_from_its_trades() -> None:
    rows = [
        add(1, "S", 91_000, 300, 11),
        add(2, "S", 91_100, 500, 12),
        trade(3, "B", 91_000, 300, (20, 11)),
        trade(4, "B", 91_100, 200, (20, 12)),
    ]
    day = rebuild_sse_orders(DATE, rows)
    rebuilt = [event for event in day.events if event.order_no == 20]
    assert len(rebuilt) == 1
    one = rebuilt[0]
    assert (one.seq, one.side, one.price_e5, one.qty) == (3, "B", 911_000, 500)
    assert (one.event, one.kind, one.origin_date) == (NEW, REBUILT, DATE)
    assert [found.qty for found in day.trades] == [300, 200]


def test_an_order_that_left_a_rest_gets_its_whole_quantity_and_its_first_moment() -> None:
    rows = [
        add(1, "S", 91_000, 300, 11),
        trade(2, "B", 91_000, 300, (20, 11)),
        add(3, "B", 91_200, 700, 20),
        FeedRow("600961", 9, 34_200_009, "CXL", "B", 91_200, 700, 20, 0, 0),
    ]
    new, cancel = [event for event in rebuild_sse_orders(DATE, rows).events if event.order_no == 20]
    assert (new.seq, new.qty, new.price_e5, new.kind) == (2, 1_000, 912_000, EXACT)
    assert (cancel.event, cancel.seq, cancel.qty, cancel.price_e5) == (CANCEL, 9, 700, 0)


def test_a_seller_that_swept_has_the_lowest_price_it_took() -> None:
    rows = [
        add(1, "B", 91_000, 100, 11),
        add(2, "B", 90_900, 100, 12),
        trade(3, "S", 91_000, 100, (11, 30)),
        trade(4, "S", 90_900, 100, (12, 30)),
    ]
    seller = next(event for event in rebuild_sse_orders(DATE, rows).events if event.order_no == 30)
    assert (seller.side, seller.price_e5, seller.qty) == ("S", 909_000, 200)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRecordError, match=r"sse_order_events\.parquet"):
        load_sse_day(tmp_path, DATE)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "normalized").mkdir()
    (tmp_path / "normalized/sse_order_events.parquet").write_bytes(b"PAR1 torn")
    with pytest.raises(BadRecordError, match="readable Parquet"):
        load_sse_day(tmp_path, DATE)


def test_a_day_that_is_not_there_is_named(shared_data: Path) -> None:
    with pytest.raises(BadRecordError, match="rows of 1999-01-01"):
        load_sse_day(shared_data / "data/market", "1999-01-01")
