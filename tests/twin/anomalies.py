"""What an exchange must not say: the anomaly, and the gateway's PBUs suspended for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.twin import state as s
from tests.twin import trading

if TYPE_CHECKING:
    from tests.twin.ledger import Ledger
    from tests.twin.state import Order, Row

SUSPEND_PARAM = {
    32002: 11,
    32003: 12,
    32004: 13,
    32005: 14,
    32006: 15,
    32007: 16,
    32008: 17,
    32009: 17,
    32012: 14,
    32013: 14,
    32014: 20,
}


def anomaly(
    ledger: Ledger,
    seq: int,
    row: Row,
    what: tuple[int, int, int],
    order: Order | None,
    out: list[Row],
) -> None:
    """Report an anomaly and suspend the gateway's PBUs where its parameter says so."""
    code, limit, found = what
    out.append(
        ledger.output(
            "Anomaly",
            input_seq=seq,
            limit=limit,
            found=found,
            code=code,
            order=order.number if order else s.NONE_ORDER,
            set_id=row.get("set_id", 0),
            gateway=row["gateway"],
            pbu=row.get("stream_pbu", ""),
            cl_ord_id=row.get("cl_ord_id", ""),
        )
    )
    if code not in SUSPEND_PARAM:
        return
    for pbu in ledger.state.pbus.values():
        level = ledger.state.param(SUSPEND_PARAM[code], pbu.row["market"])
        if pbu.leaves_by(row["gateway"]) and level <= s.HALTED:
            change = trading.suspend(ledger, seq, pbu.row, level, what)
            out.extend([change] if change else [])
