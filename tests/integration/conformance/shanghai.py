"""The words with which the Shanghai cards speak to a gateway."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING

from panshi.rig.messages import sse_cancel, sse_order
from panshi.wire.codec import encode_line

if TYPE_CHECKING:
    from panshi.rig.peer import Message, Peer

TEXT = "SSE IS122 Binary 0.57"
NUMBERS = itertools.count()


def fresh() -> str:
    """Return a ClOrdID that no card has used."""
    return f"C{next(NUMBERS):09d}"


def send_order(client: Peer, **changes: object) -> str:
    """Send an order that differs from the usual one, and return its ClOrdID."""
    number = fresh()
    client.send(58, **sse_order(number, **changes))
    return number


def send_cancel(client: Peer, original: str, **changes: object) -> str:
    """Send a cancel, and return its ClOrdID."""
    number = fresh()
    client.send(61, **sse_cancel(number, original, **changes))
    return number


def trade(client: Peer, **changes: object) -> Message:
    """Send an order that is accepted and return its acknowledgement."""
    number = send_order(client, **changes)
    report = client.expect(32)
    assert (report["ClOrdID"], report["ExecType"], report["OrdStatus"]) == (number, "0", "0")
    return report


def sync(client: Peer, begin: int = 1) -> int:
    """Ask for the first stream of the usual PBU from an index, and return its last index."""
    client.send(206, NoGroups=[{"Pbu": "20001", "SetID": 1, "BeginReportIndex": begin}])
    answer = client.expect(207)["NoGroups"][0]
    assert answer["RejReason"] == 0
    return int(answer["EndReportIndex"])


def order_bytes(number: str, seq: int) -> bytes:
    """Return a bid far below the market, under a MsgSeqNum of its own."""
    message = {"type": 58, "seq": seq, "fields": sse_order(number, Price=950_000)}
    return bytes.fromhex(encode_line("sse", json.dumps(message)))
