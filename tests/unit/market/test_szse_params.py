"""The auction parameters of SZSE: round trip, completion of a master, damaged files."""

from dataclasses import replace
from pathlib import Path

import pytest

from panshi.domain.errors import BadRecordError
from panshi.domain.words import Market
from panshi.market.securities import SecuritiesMaster, Security
from panshi.market.szse_params import (
    AuctionParams,
    PriceLimitSetting,
    apply_auction_params,
    load_auction_params,
    write_auction_params,
)

RATE = PriceLimitSetting("T", has_limit=True, is_rate=True, up=1_000, down=1_000)
ABSOLUTE = PriceLimitSetting("T", has_limit=True, is_rate=False, up=50_000, down=60_000)
FREE = PriceLimitSetting("T", has_limit=False, is_rate=True, up=0, down=0)
PARAMS = AuctionParams(
    code="000001",
    buy_max=1_000_000,
    sell_max=1_000_000,
    buy_unit=100,
    sell_unit=1,
    market_buy_max=500_000,
    market_sell_max=500_000,
    market_buy_unit=100,
    market_sell_unit=1,
    tick_e5=1_000,
    settings=(replace(RATE, phase="O"), RATE),
)


@pytest.fixture
def master(share: Security) -> SecuritiesMaster:
    rows = [share, replace(share, market=Market.SZSE, code="000001", prev_close_e5=909_000)]
    return SecuritiesMaster({(row.market, row.code): row for row in rows})


@pytest.fixture
def params_file(tmp_path: Path) -> Path:
    path = tmp_path / "cashauctionparams_20261120.xml"
    write_auction_params(path, [PARAMS])
    return path


def test_what_is_written_is_read_again(params_file: Path) -> None:
    assert load_auction_params(params_file) == {"000001": PARAMS}


@pytest.mark.parametrize(
    ("setting", "expected"),
    [(RATE, (818_000, 1_000_000)), (ABSOLUTE, (849_000, 959_000)), (FREE, (0, 0))],
)
def test_a_master_is_completed(
    params_file: Path,
    master: SecuritiesMaster,
    setting: PriceLimitSetting,
    expected: tuple[int, int],
) -> None:
    write_auction_params(params_file, [replace(PARAMS, settings=(setting,))])
    done = apply_auction_params(params_file, master, load_auction_params(params_file))
    one = done.get(Market.SZSE, "000001")
    assert one is not None
    assert (one.limit_down_e5, one.limit_up_e5) == expected
    assert one.flags.no_limit is not setting.has_limit
    assert (one.lots.sell_step, one.lots.market_max) == (1, 500_000)
    assert done.get(Market.SSE, "600961") == master.get(Market.SSE, "600961")


def test_a_security_without_parameters_is_named(
    params_file: Path, master: SecuritiesMaster
) -> None:
    write_auction_params(params_file, [replace(PARAMS, code="000002")])
    with pytest.raises(BadRecordError, match="000001"):
        apply_auction_params(params_file, master, load_auction_params(params_file))


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("<BuyQtyUnit>100.00", "<BuyQtyUnit>hundred", "BuyQtyUnit"),
        ("<BuyQtyUnit>100.00", "<BuyQtyUnit>100.50", "BuyQtyUnit"),
        ("<BuyQtyUnit>100.00", "<BuyQtyUnit>", "BuyQtyUnit"),
        ("<PriceTick>0.0100", "<PriceTick>-0.01", "PriceTick"),
        ("<HasPriceLimit>Y", "<HasPriceLimit>maybe", "HasPriceLimit"),
        ("<Type>T", "<Type>X", "Type"),
        ("<SecurityID>000001", "<SecurityID>", "SecurityID"),
    ],
)
def test_a_bad_element_is_named(params_file: Path, old: str, new: str, field: str) -> None:
    text = params_file.read_text(encoding="utf-8")
    assert old in text
    params_file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(BadRecordError) as failure:
        load_auction_params(params_file)
    assert (failure.value.line, failure.value.field) == (1, field)


def test_a_torn_file_loads_nothing(params_file: Path) -> None:
    params_file.write_bytes(params_file.read_bytes()[:-20])
    with pytest.raises(BadRecordError, match="well-formed XML"):
        load_auction_params(params_file)


def test_a_document_type_is_refused(params_file: Path) -> None:
    params_file.write_text('<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', encoding="utf-8")
    with pytest.raises(BadRecordError, match="without a document type"):
        load_auction_params(params_file)


def test_a_file_without_securities_and_one_with_doubles_are_refused(params_file: Path) -> None:
    write_auction_params(params_file, [])
    with pytest.raises(BadRecordError, match="at least one security"):
        load_auction_params(params_file)
    write_auction_params(params_file, [PARAMS, PARAMS])
    with pytest.raises(BadRecordError, match="given once"):
        load_auction_params(params_file)
