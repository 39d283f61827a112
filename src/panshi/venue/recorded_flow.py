"""The recorded market as one buffer that the venue plays by market time."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from panshi.domain.clock import MS_NS
from panshi.market.flow import NEW

if TYPE_CHECKING:
    from collections.abc import Iterable

    from panshi.market.flow import FlowEvent

RECORD = struct.Struct("<QqqQ6sBc")
"""ns of the day, price e5, shares, order number, code, market (1 SSE, 2 SZSE), B / S / C."""

_MARKETS = {"SSE": 1, "SZSE": 2}


def pack_flow(events: Iterable[FlowEvent]) -> bytes:
    """Pack a flow for the venue.

    Args:
        events: Rows in order of time, as `panshi.market.flow` gives them.

    Returns:
        40 bytes for each row.
    """
    return b"".join(
        RECORD.pack(
            row.ms * MS_NS,
            row.price_e5,
            row.qty,
            row.order_no,
            row.security.encode(),
            _MARKETS[row.market.upper()],
            row.side.encode() if row.event == NEW else b"C",
        )
        for row in events
    )
