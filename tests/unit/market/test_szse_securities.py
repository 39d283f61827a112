"""The securities of SZSE and their join with the parameters: kinds, states, limits, bad files."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from panshi.domain.errors import BadRecordError
from panshi.domain.words import Board, Market, Product
from panshi.market.securities import Lots, SecuritiesMaster, SecurityFlags
from panshi.market.szse_params import AuctionParams, PriceLimitSetting
from panshi.market.szse_securities import build_szse_master, load_szse_securities
from tests.unit.market.securities import LIMIT, PARAMS, szse_record, write_szse


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "securities_20261120.xml"


def join(path: Path, *params: AuctionParams, fixed: str = "") -> SecuritiesMaster:
    by_code = {one.code: one for one in params}
    fixed_price = frozenset({fixed} - {""})
    return build_szse_master(path, load_szse_securities(path), by_code, fixed_price)


@pytest.mark.parametrize(
    ("kind", "same_day", "board", "product"),
    [
        ("1", "N", Board.MAIN, Product.STOCK), ("3", "N", Board.CHINEXT, Product.STOCK),
        ("36", "N", Board.MAIN, Product.STOCK), ("37", "N", Board.CHINEXT, Product.STOCK),
        ("8", "Y", Board.BOND, Product.CONVERTIBLE), ("14", "N", Board.FUND, Product.FUND),
        ("19", "Y", Board.FUND, Product.ETF_SAME_DAY), ("41", "N", Board.FUND, Product.FUND),
    ],
)  # fmt: skip
def test_the_type_tells_board_and_product(
    path: Path, kind: str, same_day: str, board: Board, product: Product
) -> None:
    write_szse(path, szse_record("000001", kind, same_day))
    one = load_szse_securities(path).by_code["000001"]
    assert (one.board, one.product, one.flags.same_day) == (board, product, same_day == "Y")
    assert (one.name, one.prev_close_e5) == ("平安银行", 909_000)
    assert one.list_date == dt.date(1991, 4, 3)


@pytest.mark.parametrize(
    ("states", "flags"),
    [
        ((), {}), (("2", "3"), {}), (("1",), {"halted": True}), (("4",), {"st": True}),
        (("5", "1"), {"st": True, "halted": True}), (("10",), {"delisting": True}),
        (("18",), {"delisting": True}), (("14",), {}),
    ],
)  # fmt: skip
def test_states_become_flags(path: Path, states: tuple[str, ...], flags: dict[str, bool]) -> None:
    write_szse(path, szse_record("000001", "1", "N", *states))
    found = load_szse_securities(path).by_code["000001"].flags
    assert found == SecurityFlags(margin_buy=True, **flags)


def test_kinds_that_are_not_traded_are_counted(path: Path) -> None:
    others = [szse_record("200011", "4"), szse_record("131810", "12"), szse_record("131811", "12")]
    write_szse(path, szse_record(), szse_record("000002"), *others)
    master = join(path, PARAMS)
    assert len(master) == 1
    assert master.left_out == {"4": 1, "12": 2, "no auction parameters": 1}


@pytest.mark.parametrize(
    ("setting", "low", "high", "no_limit"),
    [
        (LIMIT, 818_000, 1_000_000, False),
        # The element is named a limit price, not a move.
        (replace(LIMIT, is_rate=False, up=1_250_000, down=850_000), 850_000, 1_250_000, False),
        (replace(LIMIT, has_limit=False, up=0, down=0), 0, 0, True),
    ],
)
def test_limits_are_those_of_continuous_trading(
    path: Path, setting: PriceLimitSetting, low: int, high: int, *, no_limit: bool
) -> None:
    write_szse(path, szse_record())
    settings = (PARAMS.settings[0], setting)
    one = join(path, replace(PARAMS, settings=settings), fixed="000001").get(Market.SZSE, "000001")
    assert one is not None
    assert (one.limit_down_e5, one.limit_up_e5, one.flags.no_limit) == (low, high, no_limit)
    assert one.flags.after_hours
    assert one.lots == Lots(100, 1, 100, 1_000_000, 100, 500_000)
    assert one.tick_e5 == 1_000


def test_limits_that_contradict_the_close_or_are_missing_are_refused(path: Path) -> None:
    write_szse(path, szse_record())
    wrong = replace(LIMIT, is_rate=False, up=800_000, down=700_000)
    with pytest.raises(BadRecordError, match="lower limit <= previous close"):
        join(path, replace(PARAMS, settings=(wrong,)))
    with pytest.raises(BadRecordError, match="type T"):
        join(path, replace(PARAMS, settings=PARAMS.settings[:1]))


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("<PrevClosePx>9.0900", "<PrevClosePx>nine", "PrevClosePx"),
        ("<PrevClosePx>9.0900</PrevClosePx>", "", "PrevClosePx"),
        ("<ListDate>19910403", "<ListDate>19911340", "ListDate"),
        ("<DayTrading>N", "<DayTrading>?", "DayTrading"),
        ("<SecurityType>1", "<SecurityType>", "SecurityType"),
        ("<Symbol>平安银行", "<Symbol>", "Symbol"),
        ("<CrdSellUnderlying>N", "<CrdSellUnderlying>0", "CrdSellUnderlying"),
    ],
)
def test_a_bad_element_is_named(path: Path, old: str, new: str, field: str) -> None:
    write_szse(path, szse_record("000002"), szse_record().replace(old, new))
    with pytest.raises(BadRecordError) as failure:
        load_szse_securities(path)
    assert (failure.value.line, failure.value.field) == (2, field)


def test_a_security_that_comes_twice_is_refused(path: Path) -> None:
    write_szse(path, szse_record(), szse_record())
    with pytest.raises(BadRecordError, match="given once"):
        load_szse_securities(path)
