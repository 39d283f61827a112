"""Rebuilding SZSE orders from trades and cancels alone."""

import zipfile
from pathlib import Path

import pytest

from panshi.domain.errors import BadRecordError, FlowError
from panshi.market.flow import CANCEL, ESTIMATED, EXACT, NEW, REBUILT, FlowEvent
from panshi.market.flow_szse import (
    FILE,
    MEMBER,
    SzseEvent,
    load_szse_day,
    parse_float_price_e5,
    rebuild_szse_orders,
)

OPEN = 34_200_000


def fill(seq: int, buy: int, sell: int, price_e5: int, qty: int) -> SzseEvent:
    return SzseEvent(seq, OPEN + seq, is_cancel=False, buy_no=buy, sell_no=sell,
                     price_e5=price_e5, qty=qty)  # fmt: skip


def cancel(seq: int, buy: int, sell: int, qty: int) -> SzseEvent:
    return SzseEvent(seq, OPEN + seq, is_cancel=True, buy_no=buy, sell_no=sell,
                     price_e5=0, qty=qty)  # fmt: skip


def rebuild(*events: SzseEvent) -> dict[int, FlowEvent]:
    day = rebuild_szse_orders("000001", "2023-02-01", list(events))
    return {event.order_no: event for event in day.events if event.event == NEW}


def test_an_order_that_stood_has_its_exact_price_and_whole_quantity() -> None:
    orders = rebuild(fill(10, 5, 9, 1_500_000, 300), fill(20, 5, 19, 1_500_000, 100),
                     cancel(30, 5, 0, 600))  # fmt: skip
    assert (orders[5].side, orders[5].price_e5, orders[5].qty) == ("B", 1_500_000, 1_000)
    assert orders[5].kind == EXACT


def test_an_order_that_only_took_has_its_worst_fill() -> None:
    orders = rebuild(fill(10, 9, 5, 1_500_000, 300), fill(11, 9, 6, 1_501_000, 100))
    assert (orders[9].price_e5, orders[9].qty, orders[9].kind) == (1_501_000, 400, REBUILT)


def test_an_order_that_never_traded_is_estimated_behind_the_market() -> None:
    trades = [fill(10, 5, 9, 1_500_000, 100), fill(25, 5, 24, 1_490_000, 100)]
    orders = rebuild(*trades, cancel(30, 21, 0, 700), fill(40, 5, 39, 1_480_000, 100))
    assert orders[21].kind == ESTIMATED
    assert orders[21].qty == 700
    # The lowest trade while it stood was 14.90; order 21 stands two ticks behind.
    assert orders[21].price_e5 == 1_488_000


def test_an_order_arrives_with_its_own_next_event_or_after_the_one_before() -> None:
    orders = rebuild(fill(10, 5, 9, 1_500_000, 100), cancel(30, 21, 0, 700),
                     fill(40, 35, 39, 1_500_000, 100))  # fmt: skip
    assert orders[9].ms == OPEN + 10
    assert orders[21].ms == OPEN + 30
    assert orders[35].ms == OPEN + 40
    assert orders[5].ms == OPEN + 10


def test_auction_fills_tell_no_exact_price() -> None:
    auction = SzseEvent(10, 33_900_000, is_cancel=False, buy_no=5, sell_no=9,
                        price_e5=1_500_000, qty=100)  # fmt: skip
    orders = rebuild(auction)
    assert {orders[5].kind, orders[9].kind} == {REBUILT}


def test_cancels_carry_side_and_quantity() -> None:
    rows = [fill(10, 5, 9, 1_500_000, 100), cancel(30, 0, 21, 700)]
    day = rebuild_szse_orders("000001", "2023-02-01", rows)
    found = [(event.event, event.side, event.qty) for event in day.events if event.order_no == 21]
    assert found == [(NEW, "S", 700), (CANCEL, "S", 700)]


def test_a_day_without_any_trade_gives_no_price_to_estimate_from() -> None:
    with pytest.raises(FlowError, match="order 21"):
        rebuild(cancel(30, 0, 21, 700))


@pytest.mark.parametrize(
    ("text", "price_e5"),
    [
        ("14.699999999999999", 1_470_000),
        ("7.400000000000001", 740_000),
        ("0", 0),
        ("15", 1_500_000),
    ],
)
def test_prices_written_from_floats_go_to_the_nearest_tick(text: str, price_e5: int) -> None:
    assert parse_float_price_e5(text) == price_e5


HEADING = (
    "ApplSeqNum,BidApplSeqNum,OfferApplSeqNum,SecurityID,TradePrice,TradeQty,ExecType,TradeTime"
)
GOOD = "10,5,9,000001,15.0,100,F,2023.02.01T09:30:00.010"


def write_zip(folder: Path, *lines: str) -> Path:
    path = folder / FILE
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(MEMBER, "\n".join([HEADING, *lines]) + "\n")
    return path


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("10,5", "ten,5", "ApplSeqNum"),
        ("15.0", "1e1", "TradePrice"),
        ("100,F", "100,X", "ExecType"),
        ("09:30", "25:30", "TradeTime"),
        (",100,", ",,", "TradeQty"),
    ],
)
def test_a_bad_cell_names_line_and_column(tmp_path: Path, old: str, new: str, field: str) -> None:
    write_zip(tmp_path, GOOD, GOOD.replace(old, new, 1))
    with pytest.raises(BadRecordError) as failure:
        load_szse_day(tmp_path, "000001", "2023-02-01")
    assert (failure.value.line, failure.value.field) == (3, field)


def test_a_torn_file_and_an_empty_answer_are_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path, GOOD)
    with pytest.raises(BadRecordError, match="rows of 600000"):
        load_szse_day(tmp_path, "600000", "2023-02-01")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(BadRecordError, match="zip file"):
        load_szse_day(tmp_path, "000001", "2023-02-01")
