"""What the clients were told, and how late, as plain rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from panshi.demo.parties import SESSIONS
from panshi.rig.evidence import E3
from panshi.rig.reconciliation import Fill
from panshi.venue.clients import CANCEL_REJECTED, CANCELLED, FILL, PRE_REJECTED, REJECTED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from panshi.venue.clients import Event


@dataclass(slots=True)
class ClientEvidence:
    """What the clients were told."""

    fills: list[Fill] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    kinds: Counter[int] = field(default_factory=Counter)
    latencies_ns: list[int] = field(default_factory=list)


def read_events(events: Iterable[Event]) -> ClientEvidence:
    """Sort what the clients were told.

    Args:
        events: Events in the order of arrival.

    Returns:
        Fills, refusals outside and inside the streams, what was answered and how late.
    """
    found = ClientEvidence()
    for event in events:
        found.kinds[event.kind] += 1
        found.answered.add(event.cl_ord_id)
        if event.latency_ns:
            found.latencies_ns.append(event.latency_ns)
        if event.kind == FILL:
            market = SESSIONS[event.session].market
            found.fills.append(
                Fill(market, event.cl_ord_id, event.exec_id, event.price_e5, event.qty_e3 // E3)
            )
        elif event.kind == CANCELLED:
            # An order that the gate still held back is ended by its cancel without a word before.
            found.answered.add(event.orig_cl_ord_id or event.cl_ord_id)
        elif event.kind in {PRE_REJECTED, REJECTED, CANCEL_REJECTED}:
            found.refused[event.cl_ord_id] = event.code
    return found
