"""Messages of order systems on the small day, each with every field that a sound one fills in."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from panshi.rig.peer import TRAILER_BYTES
from panshi.rig.small_day import BRANCHES, SSE
from panshi.rig.small_day import TRADE_DAY as TRADE_DATE
from panshi.wire.codec import encode_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from panshi.rig.peer import Message, Peer
    from panshi.wire.codec import Protocol

TRANSACT_TIME: Final = TRADE_DATE * 10**9 + 100_000_000
NO_IDS: Final = ("?" * 10, "!" * 10)
"""Stand where a template's ClOrdID and OrigClOrdID go; no other field has such texts."""


def sse_logon(peer: Peer, **changes: object) -> None:
    """Log on as a Shanghai order system.

    Args:
        peer: The connection.
        **changes: Fields that differ from the usual.
    """
    wanted: Message = {
        "SenderCompID": "OMS01",
        "TargetCompID": "TDGW",
        "HeartBtInt": 30,
        "PrtclVersion": "0.57",
        "TradeDate": TRADE_DATE,
    }
    peer.send(40, **{**wanted, **changes})


def szse_logon(peer: Peer, **changes: object) -> None:
    """Log on as a Shenzhen order system.

    Args:
        peer: The connection.
        **changes: Fields that differ from the usual.
    """
    wanted: Message = {
        "SenderCompID": "OMS01",
        "TargetCompID": "TGW01",
        "HeartBtInt": 30,
        "Password": "",
        "DefaultApplVerID": "1.18",
    }
    peer.send(1, **{**wanted, **changes})


def sse_order(number: str, **changes: object) -> Message:
    """Return the fields of a Shanghai order: 100 shares bought at 10 yuan.

    Args:
        number: Its ClOrdID.
        **changes: Fields that differ.

    Returns:
        The fields of a 58.
    """
    wanted: Message = {
        "BizID": 100010,
        "BizPbu": "20001",
        "ClOrdID": number,
        "SecurityID": "600000",
        "Account": "A000000001",
        "Side": "1",
        "Price": 1_000_000,
        "OrderQty": 100_000,
        "OrdType": "2",
        "TimeInForce": "0",
        "TransactTime": 1000000000000,
        "UserInfo": "desk1",
    }
    return {**wanted, **changes}


def sse_cancel(number: str, original: str, **changes: object) -> Message:
    """Return the fields of a Shanghai cancel.

    Args:
        number: Its ClOrdID.
        original: That of the order.
        **changes: Fields that differ.

    Returns:
        The fields of a 61.
    """
    wanted: Message = {
        "BizID": 100010,
        "BizPbu": "20001",
        "ClOrdID": number,
        "SecurityID": "600000",
        "OrigClOrdID": original,
        "TransactTime": 1000000000000,
        "UserInfo": "desk2",
    }
    return {**wanted, **changes}


def szse_order(number: str, **changes: object) -> Message:
    """Return the fields of a Shenzhen order: 100 shares bought at 10 yuan.

    Args:
        number: Its ClOrdID.
        **changes: Fields that differ.

    Returns:
        The fields of a 100101.
    """
    wanted: Message = {
        "ApplID": "010",
        "SubmittingPBUID": "100100",
        "SecurityID": "000001",
        "SecurityIDSource": "102",
        "OwnerType": 1,
        "ClearingFirm": "00",
        "TransactTime": TRANSACT_TIME,
        "UserInfo": "desk1",
        "ClOrdID": number,
        "AccountID": "0000000001",
        "Side": "1",
        "OrdType": "2",
        "OrderQty": 10_000,
        "Price": 100_000,
        "TimeInForce": "0",
        "CashMargin": "1",
    }
    return {**wanted, **changes}


def szse_cancel(number: str, original: str, **changes: object) -> Message:
    """Return the fields of a Shenzhen cancel.

    Args:
        number: Its ClOrdID.
        original: That of the order.
        **changes: Fields that differ.

    Returns:
        The fields of a 190007.
    """
    wanted: Message = {
        "ApplID": "010",
        "SubmittingPBUID": "100100",
        "SecurityID": "000001",
        "SecurityIDSource": "102",
        "OwnerType": 1,
        "ClearingFirm": "00",
        "TransactTime": TRANSACT_TIME,
        "UserInfo": "desk2",
        "ClOrdID": number,
        "OrigClOrdID": original,
        "Side": "1",
    }
    return {**wanted, **changes}


def sse_streams(begin: int = 1, pbus: Sequence[str] = ("20001",)) -> list[Message]:
    """Return the groups of a 206 for both sets of some PBUs.

    Args:
        begin: First index asked for.
        pbus: The PBUs.

    Returns:
        The groups.
    """
    return [
        {"Pbu": pbu, "SetID": number, "BeginReportIndex": begin}
        for pbu in pbus
        for number in (1, 2)
    ]


def szse_streams(begin: int = 1) -> list[Message]:
    """Return the rows of a Shenzhen request for both partitions.

    Args:
        begin: First index asked for.

    Returns:
        The rows.
    """
    return [{"PartitionNo": number, "ReportIndex": begin} for number in (1, 2)]


@dataclass(frozen=True, slots=True)
class Template:
    """One message that is encoded once; the others differ in their ids only, and are made fast."""

    parts: tuple[bytes, ...]
    slots: tuple[int, ...]
    checksum: int

    def fill(self, *numbers: str) -> bytes:
        """Return the message under its ids.

        Args:
            *numbers: ClOrdID of ten characters, and OrigClOrdID of a cancel.

        Returns:
            The bytes.
        """
        texts = [numbers[slot].encode() for slot in self.slots]
        checksum = (self.checksum + sum(map(sum, texts))) % 256
        filled = b"".join(b"".join(pair) for pair in zip(self.parts, texts, strict=False))
        return filled + self.parts[-1] + struct.pack(">I", checksum)


def encode_template(protocol: Protocol, kind: int, fields: Message) -> Template:
    """Encode a message once.

    Args:
        protocol: What is spoken.
        kind: Type of the message.
        fields: Its fields; the ids are `NO_IDS`.

    Returns:
        The template.
    """
    message: Message = {"type": kind, "fields": fields}
    if protocol == "sse":
        message["seq"] = 1
    data = bytes.fromhex(encode_line(protocol, json.dumps(message)))[:-TRAILER_BYTES]
    places = sorted(
        (data.index(text.encode()), slot)
        for slot, text in enumerate(NO_IDS)
        if text.encode() in data
    )
    parts, start = [], 0
    for place, slot in places:
        parts.append(data[start:place])
        start = place + len(NO_IDS[slot])
    parts.append(data[start:])
    return Template(tuple(parts), tuple(slot for _, slot in places), sum(map(sum, parts)))


@cache
def _usual_order() -> Template:
    return encode_template("sse", 58, sse_order(NO_IDS[0], BranchID=BRANCHES[SSE]))


def shanghai_order(number: str) -> bytes:
    """Return the bytes of the usual Shanghai order, made fast.

    Args:
        number: Its ClOrdID.

    Returns:
        The message.
    """
    return _usual_order().fill(number)
