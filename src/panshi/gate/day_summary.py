"""The summary of a day: its totals compared with the exchange's ends and the journal's replay.

Everything is read from the journal. A day whose summary holds is whole: every stream came to the
end that the exchange has told, every count agrees with the records, cash and shares are conserved,
the replay gives every output again, and the journal is sealed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from panshi.gate import journal
from panshi.gate.process import replay

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pyarrow as pa

SSE: Final = 1
END, FILL = 7, 4
SHOWN: Final = 10
KINDS: Final = (
    "NewOrder", "CancelOrder", "Report", "Forward", "Refuse", "Anomaly", "GatewayStream",
    "CashTotal", "HoldingTotal", "DayTotal", "Deliver",
)  # fmt: skip
CHECKS: Final = {
    "day_closed": "已收市 · the day was closed",
    "journal_sealed": "日志已封存 · the journal is sealed",
    "journal_intact": "日志逐字节校验无误 · every byte of the journal is as it was written",
    "replay_equal": "重放得到相同输出 · the journal replayed gives every output again",
    "streams_whole": "回报流完整，与交易所的结束序号一致 · every stream came whole to its end",
    "counts_agree": "合计与记录条数一致 · the totals are those of the records",
    "cash_conserved": "资金守恒 · opening + sold - bought - fees = available, nothing frozen",
    "shares_conserved": "持仓守恒 · opening + bought - sold = total, nothing frozen",
    "none_unknown": "没有未确认的委托 · no order is without an answer",
}
"""What must hold at the end of a day."""


@dataclass(slots=True)
class DaySummary:
    """The end of one day.

    Attributes:
        trade_date: As yyyymmdd.
        records: Records of the journal.
        seal: Its end; None while it is not sealed.
        state_hash: Hash of the engine's state after the replay.
        counts: Totals of the day.
        streams: Every stream of the exchange: indices seen, index of its end.
        pbus: Orders, cancels, fills and traded value by PBU.
        cash: Sums over all customers.
        shares: Sums over all holdings.
        refused: Refusals by code.
        anomalies: Anomalies by code.
        differences: By check, what was found against it.
    """

    trade_date: int = 0
    records: int = 0
    seal: journal.Seal | None = None
    state_hash: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    streams: list[dict[str, Any]] = field(default_factory=list)
    pbus: list[dict[str, Any]] = field(default_factory=list)
    cash: dict[str, int] = field(default_factory=dict)
    shares: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    anomalies: dict[str, int] = field(default_factory=dict)
    differences: dict[str, list[str]] = field(default_factory=dict)

    @property
    def held(self) -> bool:
        """Whether everything that must hold does."""
        return not any(self.differences.values())

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        seal = self.seal
        return {
            "trade_date": self.trade_date,
            "held": self.held,
            "journal": {
                "records": self.records,
                "sealed": None if seal is None else {"sequence": seal.sequence, "sm3": seal.digest},
                "state_hash": f"{self.state_hash:016x}",
            },
            "counts": self.counts,
            "streams": self.streams,
            "pbus": self.pbus,
            "cash": self.cash,
            "shares": self.shares,
            "refused_by_code": self.refused,
            "anomalies_by_code": self.anomalies,
            "checks": {
                name: {"held": not found, "differences": found[:SHOWN]}
                for name, found in self.differences.items()
            },
        }


def summarise_day(folder: Path, capacity: Mapping[str, int] | None = None) -> DaySummary:
    """Read a day's journal and compare its totals.

    Args:
        folder: The journal.
        capacity: Table sizes that differ from the default, as the gate had them.

    Returns:
        The summary; what does not hold is in it, not raised.

    Raises:
        BadInputError: If the journal cannot be read.
        OSError: If a file cannot be read.
    """
    verification = journal.verify(folder)
    replayed = replay(folder, capacity)
    tables = journal.read(folder, KINDS)
    found = DaySummary(records=verification.records, state_hash=replayed.state_hash)
    found.trade_date = next((row.trade_date for row in verification.segments), 0)
    found.seal = journal.read_seal(folder)
    found.refused = _by_code(tables["Refuse"])
    found.anomalies = _by_code(tables["Anomaly"])
    _sum_pbus(tables, found)
    found.differences = {
        "day_closed": [] if len(tables["DayTotal"]) == 1 else ["must have totals, found none"],
        "journal_sealed": [] if found.seal else ["must be sealed, found it open"],
        "journal_intact": [str(row) for row in verification.findings],
        "replay_equal": [] if replayed.difference is None else [replayed.difference],
        "streams_whole": _compare_streams(tables, found),
        "counts_agree": _compare_counts(tables, found),
        "cash_conserved": _compare_cash(tables["CashTotal"], found),
        "shares_conserved": _compare_shares(tables["HoldingTotal"], found),
        "none_unknown": _list_unknown(tables),
    }
    return found


def _rows(table: pa.Table, *names: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(table[name].to_pylist() for name in names), strict=True)


def _by_code(table: pa.Table) -> dict[str, int]:
    return {str(code): count for code, count in sorted(Counter(table["code"].to_pylist()).items())}


def _compare_streams(tables: dict[str, pa.Table], found: DaySummary) -> list[str]:
    seen: dict[tuple[int, str, int], set[int]] = defaultdict(set)
    ends: dict[tuple[int, str, int], int] = {}
    own = set()
    for market, gateway, pbu, set_id, is_own in _rows(
        tables["GatewayStream"], "market", "gateway", "pbu", "set_id", "own"
    ):
        key = (market, pbu if market == SSE else str(gateway), set_id)
        seen[key] = set()
        if is_own:
            own.add(key)
    names = ("market", "gateway", "stream_pbu", "set_id", "report_index", "kind")
    for market, gateway, pbu, set_id, index, kind in _rows(tables["Report"], *names):
        if index == 0:
            continue
        key = (market, pbu if market == SSE else str(gateway), set_id)
        seen[key].add(index)
        if kind == END:
            ends[key] = index
    wrong = []
    for key, indices in sorted(seen.items()):
        market, owner, set_id = key
        end = ends.get(key)
        row = {"market": market, "owner": owner, "set_id": set_id, "own": key in own}
        found.streams.append(row | {"seen": len(indices), "end": end})
        if end is None and key in own:
            wrong.append(f"market {market}, {owner}, set {set_id}: must have ended, found no end")
        elif end is not None and indices != set(range(1, end + 1)):
            wrong.append(
                f"market {market}, {owner}, set {set_id}: must have {end} reports, "
                f"found {len(indices)}"
            )
    return wrong


def _sum_pbus(tables: dict[str, pa.Table], found: DaySummary) -> None:
    sums: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for name, kind in (("orders", "NewOrder"), ("cancels", "CancelOrder")):
        for market, pbu in _rows(tables[kind], "market", "pbu"):
            sums[market, pbu][name] += 1
    seen = set()
    names = ("market", "gateway", "stream_pbu", "set_id", "report_index", "kind", "pbu")
    for *key, kind, pbu, price_e5, qty_e3 in _rows(
        tables["Report"], *names, "last_px_e5", "last_qty_e3"
    ):
        if kind != FILL or tuple(key) in seen:
            continue
        seen.add(tuple(key))
        row = sums[key[0], pbu]
        row["fills"] += 1
        row["traded_qty_e3"] += qty_e3
        row["traded_value_e5"] += price_e5 * qty_e3 // 1000
    columns = ("orders", "cancels", "fills", "traded_qty_e3", "traded_value_e5")
    found.pbus = [
        {"market": market, "pbu": pbu} | {name: row[name] for name in columns}
        for (market, pbu), row in sorted(sums.items())
    ]


def _compare_counts(tables: dict[str, pa.Table], found: DaySummary) -> list[str]:
    totals = tables["DayTotal"].to_pylist()
    if not totals:
        return []
    found.counts = {
        name: totals[-1][name]
        for name in (
            "orders", "cancels", "forwarded", "refused", "reports", "duplicates", "fills", "expired"
        )
    }  # fmt: skip
    wanted = {
        "orders": len(tables["NewOrder"]),
        "cancels": len(tables["CancelOrder"]),
        "forwarded": len(tables["Forward"]),
        "refused": len(tables["Refuse"]),
    }
    wrong = [
        f"{name}: the total says {found.counts[name]}, the records {count}"
        for name, count in wanted.items()
        if found.counts[name] != count
    ]
    taken = found.counts["reports"] + found.counts["duplicates"]
    if taken != len(tables["Report"]):
        wrong.append(f"reports: the total says {taken}, the records {len(tables['Report'])}")
    return wrong


def _compare_cash(table: pa.Table, found: DaySummary) -> list[str]:
    names = ("opening_e5", "available_e5", "frozen_e5", "bought_e5", "sold_e5", "fees_e5")
    found.cash = {name: sum(table[name].to_pylist()) for name in names}
    wrong = []
    for customer, opening, available, frozen, bought, sold, fees in _rows(
        table, "customer", *names
    ):
        left = opening + sold - bought - fees
        if left != available or frozen != 0:
            wrong.append(
                f"customer {customer}: must have {left} e5 and nothing frozen, "
                f"found {available} and {frozen}"
            )
    return wrong


def _compare_shares(table: pa.Table, found: DaySummary) -> list[str]:
    names = ("opening_qty", "total_qty", "frozen_qty", "bought_qty", "sold_qty")
    found.shares = {name: sum(table[name].to_pylist()) for name in names}
    wrong = []
    for account, code, opening, total, frozen, bought, sold in _rows(
        table, "account", "code", *names
    ):
        left = opening + bought - sold
        if left != total or frozen != 0:
            wrong.append(
                f"{account} {code}: must be {left} and nothing frozen, found {total} and {frozen}"
            )
    return wrong


def _list_unknown(tables: dict[str, pa.Table]) -> list[str]:
    """List the orders that were sent and to which nothing came back."""
    told = set(tables["Deliver"]["order"].to_pylist())
    sent = {
        order: sequence
        for order, sequence in _rows(tables["Forward"], "order", "input_seq")
        if order not in told
    }
    wanted = set(sent.values())
    names = {
        sequence: (market, cl_ord_id)
        for sequence, market, cl_ord_id in _rows(
            tables["NewOrder"], "journal_sequence", "market", "cl_ord_id"
        )
        if sequence in wanted
    }
    return [f"market {market}: {cl_ord_id}" for market, cl_ord_id in names.values()]
