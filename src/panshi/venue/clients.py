"""Simulated client order systems: what they send, and what they were told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from panshi import _native
from panshi.wire.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ORDER, CANCEL = 1, 2
ACCEPTED, REJECTED, CANCELLED, FILL, CANCEL_REJECTED, PRE_REJECTED = 1, 2, 3, 4, 5, 6
"""Kinds of event; the numbers are the engine's kinds of report."""


class Action(NamedTuple):
    """An order or cancel; the fields and their order are those of the native record."""

    at_ns: int
    price_e5: int
    qty_e3: int
    session: int
    owner_type: int
    kind: int
    side: str
    ord_type: str
    spare: int
    cl_ord_id: str
    orig_cl_ord_id: str
    security_id: str
    account: str
    pbu: str
    branch_id: str
    user_info: str
    restrictions: str


class Event(NamedTuple):
    """What a session was told; the fields and their order are those of the native record."""

    market_ns: int
    latency_ns: int
    report_index: int
    price_e5: int
    qty_e3: int
    code: int
    set_id: int
    session: int
    kind: int
    side: str
    cl_ord_id: str
    orig_cl_ord_id: str
    security_id: str
    account: str
    exec_id: str
    stream_pbu: str


def _layout(place: int) -> Layout:
    return Layout(("action", "event")[place], _native.client_records()[place])


def record_names() -> tuple[list[str], list[str]]:
    """Return the names of the fields of an action and of an event as the native code has them."""
    actions, events = _native.client_records()
    return [name for name, _ in actions], [name for name, _ in events]


def pack_actions(actions: Iterable[Action]) -> bytes:
    """Pack actions for `run_clients`.

    Args:
        actions: Actions in the order of their time.

    Returns:
        The records, one after the other.
    """
    layout = _layout(0)
    return b"".join(layout.pack(action._asdict()) for action in actions)


def unpack_events(records: bytes) -> Iterator[Event]:
    """Unpack what `run_clients` returned.

    Args:
        records: The records.

    Yields:
        One event for each record; text without the padding on its right.
    """
    for row in _layout(1).unpack_rows(records):
        yield Event._make(row)


def run_clients(config: Mapping[str, object], actions: bytes) -> bytes:
    """Play actions in simulated client order systems until every report stream has ended.

    Args:
        config: Trade date, sessions, market clock and waiting times.
        actions: Records from `pack_actions`.

    Returns:
        The events as records, for `unpack_events`.

    Raises:
        BadInputError: If a session cannot log on, or a connection ends before its goodbye.
    """
    return _native.run_clients(json.dumps(dict(config)), actions)
