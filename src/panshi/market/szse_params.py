"""The trading parameters of SZSE: auction (cashauctionparams) and after-hours (fixedpriceparams).

The files give lots, maxima, tick and price limits of each security. Names, previous closes and
listing days stand in securities_YYYYMMDD.xml, which `panshi.market.szse_securities` reads.

Source: SZSE data file exchange 1.42 (2025-08), 3.4 and 3.22. The text names the elements; that
the settings stand as `Setting` below `PriceLimitSetting` is seen in public readers of the file,
and settings without that level are read as well.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import TYPE_CHECKING

from panshi.domain.errors import BadRecordError
from panshi.domain.units import format_scaled
from panshi.market.szse_xml import RECORD, iterate_records

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from panshi.market.szse_xml import XmlRecord

GROUP, SETTING = "PriceLimitSetting", "Setting"
SETTING_TYPES = ("O", "T", "C")
"""Opening call, continuous trading, closing call."""

_RATE, _ABSOLUTE = "1", "2"
_PREVIOUS_CLOSE = "1"


@dataclass(frozen=True, slots=True)
class PriceLimitSetting:
    """Price limit of one phase: rates in 1/10000, or the two limit prices in 1/100000 yuan."""

    phase: str
    has_limit: bool
    is_rate: bool
    up: int
    down: int


@dataclass(frozen=True, slots=True)
class AuctionParams:
    """Auction parameters of one SZSE security; quantities in shares, tick in 1/100000 yuan."""

    code: str
    buy_max: int
    sell_max: int
    buy_unit: int
    sell_unit: int
    market_buy_max: int
    market_sell_max: int
    market_buy_unit: int
    market_sell_unit: int
    tick_e5: int
    settings: tuple[PriceLimitSetting, ...]


_QUANTITIES = {
    "buy_max": "BuyQtyUpperLimit",
    "sell_max": "SellQtyUpperLimit",
    "buy_unit": "BuyQtyUnit",
    "sell_unit": "SellQtyUnit",
    "market_buy_max": "MarketBuyQtyUpperLimit",
    "market_sell_max": "MarketSellQtyUpperLimit",
    "market_buy_unit": "MarketBuyQtyUnit",
    "market_sell_unit": "MarketSellQtyUnit",
}


def load_auction_params(path: Path) -> dict[str, AuctionParams]:
    """Load the auction parameters of SZSE.

    Args:
        path: File cashauctionparams_YYYYMMDD.xml.

    Returns:
        Parameters by security code.

    Raises:
        BadRecordError: If the file is no XML, holds a document type, or an element is missing or
            does not hold; nothing is loaded then. The line is the number of the security.

    Source:
        SZSE data file exchange 1.42, section 3.4.
    """
    params: dict[str, AuctionParams] = {}
    for record in iterate_records(path):
        one = _parse_params(record)
        if one.code in params:
            raise BadRecordError(path, record.number, "SecurityID", "given once", one.code)
        params[one.code] = one
    return params


def load_fixed_price_codes(path: Path) -> frozenset[str]:
    """Load which securities take part in after-hours fixed-price trading (盘后定价交易).

    Args:
        path: File fixedpriceparams_YYYYMMDD.xml.

    Returns:
        Security codes.

    Raises:
        BadRecordError: As `load_auction_params`.

    Source:
        SZSE data file exchange 1.42, section 3.22.
    """
    return frozenset(record.text("SecurityID") for record in iterate_records(path))


def _parse_params(record: XmlRecord) -> AuctionParams:
    quantities = {key: record.scaled(name, 0) for key, name in _QUANTITIES.items()}
    groups = list(record.parts(GROUP))
    settings = [one for group in groups for one in group.parts(SETTING)] or groups
    return AuctionParams(
        code=record.text("SecurityID"),
        tick_e5=record.scaled("PriceTick", 5),
        settings=tuple(_parse_setting(one) for one in settings),
        **quantities,
    )


def _parse_setting(record: XmlRecord) -> PriceLimitSetting:
    phase = record.choice("Type", SETTING_TYPES)
    if not record.flag("HasPriceLimit"):
        return PriceLimitSetting(phase, has_limit=False, is_rate=True, up=0, down=0)
    is_rate = record.choice("LimitType", (_RATE, _ABSOLUTE)) == _RATE
    if is_rate:
        record.choice("ReferPriceType", (_PREVIOUS_CLOSE,))
    suffix, places = ("Rate", 4) if is_rate else ("Absolute", 5)
    up = record.scaled(f"LimitUp{suffix}", places)
    down = record.scaled(f"LimitDown{suffix}", places)
    return PriceLimitSetting(phase, has_limit=True, is_rate=is_rate, up=up, down=down)


def write_auction_params(path: Path, params: Iterable[AuctionParams]) -> None:
    """Write auction parameters of SZSE, for tests and for the simulated exchange.

    Args:
        path: File to write.
        params: Parameters, in the order in which they are written.
    """
    root = ET.Element("securities")
    for one in params:
        element = ET.SubElement(root, RECORD)
        ET.SubElement(element, "SecurityID").text = one.code
        ET.SubElement(element, "SecurityIDSource").text = "102"
        for key, name in _QUANTITIES.items():
            ET.SubElement(element, name).text = f"{getattr(one, key)}.00"
        ET.SubElement(element, "PriceTick").text = format_scaled(one.tick_e5, 5, digits_min=4)
        settings = ET.SubElement(element, GROUP)
        for setting in one.settings:
            group = ET.SubElement(settings, SETTING)
            ET.SubElement(group, "Type").text = setting.phase
            ET.SubElement(group, "HasPriceLimit").text = "Y" if setting.has_limit else "N"
            if setting.has_limit:
                ET.SubElement(group, "ReferPriceType").text = _PREVIOUS_CLOSE
                ET.SubElement(group, "LimitType").text = _RATE if setting.is_rate else _ABSOLUTE
                suffix, places = ("Rate", 4) if setting.is_rate else ("Absolute", 5)
                for side, value in (("Up", setting.up), ("Down", setting.down)):
                    name = f"Limit{side}{suffix}"
                    ET.SubElement(group, name).text = format_scaled(value, places, digits_min=3)
    path.write_bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
