"""The words with which the Shenzhen cards speak to a gateway."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from panshi.rig.messages import szse_cancel, szse_order

if TYPE_CHECKING:
    from panshi.rig.peer import Message, Peer

TEXT = "SZSE Binary 1.32"
NUMBERS = itertools.count()


def fresh() -> str:
    """Return a ClOrdID that no card has used."""
    return f"Z{next(NUMBERS):09d}"


def send_order(client: Peer, **changes: object) -> str:
    """Send an order that differs from the usual one, and return its ClOrdID."""
    number = fresh()
    client.send(100101, **szse_order(number, **changes))
    return number


def send_cancel(client: Peer, original: str, **changes: object) -> str:
    """Send a cancel, and return its ClOrdID."""
    number = fresh()
    client.send(190007, **szse_cancel(number, original, **changes))
    return number


def trade(client: Peer, **changes: object) -> Message:
    """Send an order that is accepted and return its confirmation."""
    number = send_order(client, **changes)
    report = client.expect(200102)
    assert (report["ClOrdID"], report["ExecType"], report["OrdStatus"]) == (number, "0", "0")
    return report


def sync(client: Peer, begin: int = 1) -> None:
    """Ask for the first partition from an index; nothing answers."""
    client.send(5, NoPartitions=[{"PartitionNo": 1, "ReportIndex": begin}])
