"""The parameter files of SZSE: round trip, both nestings of the settings, damaged files."""

from pathlib import Path

import pytest

from panshi.domain.errors import BadRecordError
from panshi.market.szse_params import (
    load_auction_params,
    load_fixed_price_codes,
    write_auction_params,
)
from tests.unit.market.securities import PARAMS


@pytest.fixture
def params_file(tmp_path: Path) -> Path:
    path = tmp_path / "cashauctionparams_20261120.xml"
    write_auction_params(path, [PARAMS])
    return path


def test_what_is_written_is_read_again(params_file: Path) -> None:
    assert load_auction_params(params_file) == {"000001": PARAMS}


def test_settings_may_stand_in_the_group_itself(params_file: Path) -> None:
    text = params_file.read_text(encoding="utf-8")
    assert text.count("<Setting>") == 2
    flat = text.replace("<PriceLimitSetting>", "").replace("</PriceLimitSetting>", "")
    params_file.write_text(flat.replace("Setting>", "PriceLimitSetting>"), encoding="utf-8")
    assert load_auction_params(params_file) == {"000001": PARAMS}


def test_elements_that_are_new_are_ignored(params_file: Path) -> None:
    text = params_file.read_text(encoding="utf-8")
    text = text.replace("<securities>", "<securities><Version>9</Version>")
    text = text.replace("<PriceTick>", "<New>1</New><PriceTick>")
    params_file.write_text(text, encoding="utf-8")
    assert load_auction_params(params_file) == {"000001": PARAMS}


def test_after_hours_codes_are_those_of_their_file(params_file: Path) -> None:
    assert load_fixed_price_codes(params_file) == {"000001"}


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("<BuyQtyUnit>100.00", "<BuyQtyUnit>hundred", "BuyQtyUnit"),
        ("<BuyQtyUnit>100.00", "<BuyQtyUnit>100.50", "BuyQtyUnit"),
        ("<BuyQtyUnit>100.00", "<BuyQtyUnit>", "BuyQtyUnit"),
        ("<BuyQtyUnit>100.00</BuyQtyUnit>", "", "BuyQtyUnit"),
        ("<PriceTick>0.0100", "<PriceTick>-0.01", "PriceTick"),
        ("<HasPriceLimit>Y", "<HasPriceLimit>maybe", "HasPriceLimit"),
        ("<ReferPriceType>1", "<ReferPriceType>2", "ReferPriceType"),
        ("<LimitUpRate>0.100", "<LimitUpRate>0.10005", "LimitUpRate"),
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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE x [<!ENTITY a "b">]>',
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>',
        '<!DOCTYPE x SYSTEM "file:///etc/hostname">',
    ],
)
def test_a_document_type_is_refused_in_every_encoding(
    params_file: Path, declaration: str, encoding: str
) -> None:
    document = f'<?xml version="1.0" encoding="{encoding}"?>{declaration}<x>&c;</x>'
    params_file.write_bytes(document.encode(encoding))
    with pytest.raises(BadRecordError, match="without a document type"):
        load_auction_params(params_file)


def test_a_file_without_securities_and_one_with_doubles_are_refused(params_file: Path) -> None:
    write_auction_params(params_file, [])
    with pytest.raises(BadRecordError, match="at least one security"):
        load_auction_params(params_file)
    write_auction_params(params_file, [PARAMS, PARAMS])
    with pytest.raises(BadRecordError, match="given once"):
        load_auction_params(params_file)
