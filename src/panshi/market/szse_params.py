"""The auction parameters of SZSE, cashauctionparams_YYYYMMDD.xml: read whole or not at all.

The file gives lots, maxima, tick and price-limit rates of each security. It gives neither name,
previous close nor listing day: these are in securities_YYYYMMDD.xml, whose layout was not found
in public, and therefore come from a CSV master that this file then completes.

Source: SZSE data file exchange 1.42 sections 3 and 3.4 as recorded in
docs/rules/reference_files.md. The nesting of elements (one `security` below the root) is assumed.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from panshi.domain.errors import BadRecordError
from panshi.domain.units import BP, format_scaled, parse_scaled
from panshi.domain.words import Market
from panshi.market.securities import SecuritiesMaster, Security, build_master
from panshi.rulebook.prices import price_limits_e5

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SIZE_MAX = 256 * 1024 * 1024
"""Largest file that is read: the whole market takes a few tens of MiB."""

SETTING = "PriceLimitSetting"
SETTING_TYPES = ("O", "T", "C")
"""Opening call, continuous trading, closing call."""

_RATE, _ABSOLUTE = "1", "2"


@dataclass(frozen=True, slots=True)
class PriceLimitSetting:
    """Price limit of one phase: a rate in 1/10000 or an absolute move in 1/100000 yuan."""

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
    root = _parse_tree(path)
    params: dict[str, AuctionParams] = {}
    for number, element in enumerate(root, start=1):
        one = _Element(path, number, element).parse()
        if one.code in params:
            raise BadRecordError(path, number, "SecurityID", "given once", one.code)
        params[one.code] = one
    if not params:
        raise BadRecordError(path, 0, "", "at least one security", "none")
    return params


def _parse_tree(path: Path) -> ET.Element:
    size = path.stat().st_size
    if size > SIZE_MAX:
        raise BadRecordError(path, 0, "", f"at most {SIZE_MAX} bytes", f"{size}")
    content = path.read_bytes()
    # A document type is where entity bombs live, and the exchange's files have none.
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise BadRecordError(path, 0, "", "XML without a document type", "a document type")
    try:
        return ET.fromstring(content)  # noqa: S314 - document types were refused above
    except ET.ParseError as error:
        line = error.position[0]
        raise BadRecordError(path, line, "", "well-formed XML", str(error)) from error


class _Element:
    """One security; each reader names the security's number and the element."""

    def __init__(self, path: Path, number: int, element: ET.Element) -> None:
        self.path = path
        self.number = number
        self.element = element

    def text(self, element: ET.Element, name: str) -> str:
        value = (element.findtext(name) or "").strip()
        if not value:
            raise BadRecordError(self.path, self.number, name, "filled", "nothing")
        return value

    def scaled(self, element: ET.Element, name: str, places: int) -> int:
        value = self.text(element, name)
        try:
            number = parse_scaled(value, places)
        except ValueError as error:
            expected = f"a number of at most {places} places"
            raise BadRecordError(self.path, self.number, name, expected, repr(value)) from error
        if number < 0:
            raise BadRecordError(self.path, self.number, name, ">= 0", repr(value))
        return number

    def parse(self) -> AuctionParams:
        quantities = {key: self.scaled(self.element, name, 0) for key, name in _QUANTITIES.items()}
        return AuctionParams(
            code=self.text(self.element, "SecurityID"),
            tick_e5=self.scaled(self.element, "PriceTick", 5),
            settings=tuple(self.parse_setting(one) for one in self.element.iter(SETTING)),
            **quantities,
        )

    def parse_setting(self, element: ET.Element) -> PriceLimitSetting:
        phase = self.choice(element, "Type", SETTING_TYPES)
        if self.choice(element, "HasPriceLimit", ("Y", "N")) == "N":
            return PriceLimitSetting(phase, has_limit=False, is_rate=True, up=0, down=0)
        is_rate = self.choice(element, "LimitType", (_RATE, _ABSOLUTE)) == _RATE
        suffix, places = ("Rate", 4) if is_rate else ("Absolute", 5)
        up = self.scaled(element, f"LimitUp{suffix}", places)
        down = self.scaled(element, f"LimitDown{suffix}", places)
        return PriceLimitSetting(phase, has_limit=True, is_rate=is_rate, up=up, down=down)

    def choice(self, element: ET.Element, name: str, words: tuple[str, ...]) -> str:
        value = self.text(element, name)
        if value not in words:
            expected = f"one of {', '.join(words)}"
            raise BadRecordError(self.path, self.number, name, expected, repr(value))
        return value


def apply_auction_params(
    path: Path, master: SecuritiesMaster, params: dict[str, AuctionParams]
) -> SecuritiesMaster:
    """Complete the SZSE securities of a master with lots, tick and limits of the exchange's file.

    Args:
        path: File that the parameters come from, for messages.
        master: Master from CSV.
        params: Parameters by code; those without a security in the master are left out.

    Returns:
        A new master; other markets are unchanged.

    Raises:
        BadRecordError: If an SZSE security of the master has no parameters.
    """
    rows: list[tuple[int, Security]] = []
    for number, security in enumerate(master, start=1):
        if security.market is not Market.SZSE:
            rows.append((number, security))
            continue
        if security.code not in params:
            raise BadRecordError(path, 0, "SecurityID", f"given for {security.code}", "nothing")
        rows.append((number, _complete(security, params[security.code])))
    return build_master(path, rows)


def _complete(security: Security, one: AuctionParams) -> Security:
    lots = replace(
        security.lots,
        buy_step=one.buy_unit,
        sell_step=one.sell_unit,
        limit_max=min(one.buy_max, one.sell_max),
        market_max=min(one.market_buy_max, one.market_sell_max),
    )
    flags, low, high = security.flags, security.limit_down_e5, security.limit_up_e5
    setting = next((item for item in one.settings if item.phase == "T"), None)
    if setting is not None and not setting.has_limit:
        flags, low, high = replace(flags, no_limit=True), 0, 0
    elif setting is not None and setting.is_rate:
        down = min(setting.down, BP)
        limits = price_limits_e5(security.prev_close_e5, setting.up, down, one.tick_e5)
        low, high = limits.low_e5 or 0, limits.high_e5 or 0
        flags = replace(flags, no_limit=False)
    elif setting is not None:
        low = max(security.prev_close_e5 - setting.down, one.tick_e5)
        high = security.prev_close_e5 + setting.up
        flags = replace(flags, no_limit=False)
    return replace(
        security, lots=lots, flags=flags, limit_down_e5=low, limit_up_e5=high, tick_e5=one.tick_e5
    )


def write_auction_params(path: Path, params: Iterable[AuctionParams]) -> None:
    """Write auction parameters of SZSE, for tests and for the simulated exchange.

    Args:
        path: File to write.
        params: Parameters, in the order in which they are written.
    """
    root = ET.Element("securities")
    for one in params:
        element = ET.SubElement(root, "security")
        ET.SubElement(element, "SecurityID").text = one.code
        ET.SubElement(element, "SecurityIDSource").text = "102"
        for key, name in _QUANTITIES.items():
            ET.SubElement(element, name).text = f"{getattr(one, key)}.00"
        ET.SubElement(element, "PriceTick").text = format_scaled(one.tick_e5, 5, digits_min=4)
        for setting in one.settings:
            group = ET.SubElement(element, SETTING)
            ET.SubElement(group, "Type").text = setting.phase
            ET.SubElement(group, "HasPriceLimit").text = "Y" if setting.has_limit else "N"
            if setting.has_limit:
                ET.SubElement(group, "LimitType").text = _RATE if setting.is_rate else _ABSOLUTE
                suffix, places = ("Rate", 4) if setting.is_rate else ("Absolute", 5)
                for side, value in (("Up", setting.up), ("Down", setting.down)):
                    name = f"Limit{side}{suffix}"
                    ET.SubElement(group, name).text = format_scaled(value, places, digits_min=3)
    path.write_bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
