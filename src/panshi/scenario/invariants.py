"""What must hold whatever happens, and the comparisons that show it.

A day is seen from four sides: what the order systems sent and were told, what the gate's journal
says, what went over the wires to the exchange, and what the exchange's own count says.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from panshi.gate import journal as gate_journal
from panshi.gate.process import replay
from panshi.rig.flow import HELD_QTY as SELLER_QTY
from panshi.rig.flow import SELLERS, opening_cash_e5
from panshi.rig.peer import HEADER, TRAILER_BYTES
from panshi.rig.reconciliation import FeeTable, compare_books, compare_fills, compute_books
from panshi.rig.small_day import ACCOUNTS, HELD_QTY, SECURITIES, TRADE_DATE
from panshi.rig.told import ENDS, REPORTS, stream_of
from panshi.rulebook.book import Rulebook
from panshi.scenario.trial import Invariant, Words
from panshi.wire.codec import decode_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from panshi.rig.evidence import JournalEvidence
    from panshi.rig.peer import Message
    from panshi.rig.reconciliation import HoldingKey
    from panshi.rig.told import Told
    from panshi.wire.codec import Protocol

REQUESTS: Final = {58, 61, 100101, 190007}
DUPLICATE: Final = 30106
GATE_CODES: Final = range(30_000, 40_000)
"""Other codes are refusals of the exchange that the gate has passed on."""
SHOWN: Final = 3

JOURNALED_FIRST = Invariant(
    "journaled_before_sent",
    Words("到达交易所的申报全部已入日志", "what reached the exchange had been journaled"),
)
SENT_ONCE = Invariant(
    "sent_once", Words("没有申报到达交易所两次", "no request reached the exchange twice")
)
REFUSED_NOT_SENT = Invariant(
    "refused_not_sent",
    Words("被网关拒绝的申报没有到达交易所", "what the gate refused did not reach the exchange"),
)
NOTHING_LOST = Invariant(
    "nothing_lost",
    Words(
        "交易所的每条回报都入日志一次，无缺失",
        "every report of the exchange is in the journal once",
    ),
)
NOTHING_INVENTED = Invariant(
    "nothing_invented",
    Words("客户只收到自己申报的回报", "clients are told only of what they have sent"),
)
TOLD_STAYS = Invariant(
    "told_stays_told",
    Words(
        "客户的回报流连续，重发内容相同",
        "each client's stream is without a hole, and what comes again is the same",
    ),
)
ANSWERED_OR_UNKNOWN = Invariant(
    "answered_or_unknown",
    Words(
        "已发送的委托要么有结果，要么列为未知",
        "every order that was sent was answered to its client, or the gate counts it as unknown",
    ),
)
FILLS_AGREE = Invariant(
    "fills_agree",
    Words("日志与客户的成交一致", "journal and clients have the same fills"),
)
BOOKS_BALANCE = Invariant(
    "books_balance",
    Words(
        "资金与持仓经独立重算分毫不差", "cash and shares, computed again, agree to the last unit"
    ),
)
JOURNAL_SOUND = Invariant(
    "journal_sound", Words("日志逐字节校验无误", "the journal is as it was written, byte for byte")
)
REPLAY_EQUAL = Invariant(
    "replay_equal",
    Words("重放日志得到相同输出", "the journal replayed gives every output again"),
)
VENUE_AGREES = Invariant(
    "exchange_agrees",
    Words("交易所的回报数与日志一致", "the exchange has made as many reports as the journal has"),
)


@dataclass(slots=True)
class Wires:
    """What went over the lines between gate and exchange in one market.

    Attributes:
        market: 1 SSE, 2 SZSE.
        sent: ClOrdIDs that reached the exchange, as often as they did.
        reports: Indices that reached the gate, by stream.
    """

    market: int
    sent: Counter[str] = field(default_factory=Counter)
    reports: dict[tuple[str, int], set[int]] = field(default_factory=lambda: defaultdict(set))


def read_messages(protocol: Protocol, data: bytes) -> Iterator[Message]:
    """Yield the whole messages in the bytes of one connection.

    Args:
        protocol: What was spoken.
        data: The bytes.

    Yields:
        Messages as the codec reads them.
    """
    header, at = HEADER[protocol], 0
    while at + header.size <= len(data):
        end = at + header.size + header.unpack_from(data, at)[-1] + TRAILER_BYTES
        if end > len(data):
            return
        yield json.loads(decode_line(protocol, data[at:end].hex()))
        at = end


def read_wires(market: int, protocol: Protocol, lines: Iterable[tuple[bytes, bytes]]) -> Wires:
    """Read what went over the connections of one market.

    Args:
        market: 1 SSE, 2 SZSE.
        protocol: What was spoken.
        lines: Bytes that reached the exchange and bytes that reached the gate, by connection.

    Returns:
        Requests and reports.
    """
    found = Wires(market)
    for forth, back in lines:
        found.sent.update(
            message["fields"]["ClOrdID"]
            for message in read_messages(protocol, forth)
            if message.get("type") in REQUESTS
        )
        for message in read_messages(protocol, back):
            if message.get("type") in REPORTS:
                found.reports[stream_of(message)].add(message["fields"]["ReportIndex"])
            elif message.get("type") in ENDS:
                fields = message["fields"]
                index = fields.get("EndReportIndex") or fields["ReportIndex"]
                found.reports[stream_of(message)].add(index)
    return found


def compare_sent(wires: Wires, told: Told, journal: JournalEvidence) -> dict[Invariant, list[str]]:
    """Compare what reached the exchange with journal and client.

    Args:
        wires: The wires of a market.
        told: What its client was told.
        journal: The gate's journal.

    Returns:
        Differences by invariant.
    """
    sent = set(wires.sent)
    passed = journal.passed[wires.market]
    own = {number: code for number, code in told.refused.items() if code in GATE_CODES}
    refused = {number for number, code in own.items() if code != DUPLICATE}
    return {
        JOURNALED_FIRST: [f"{one}: sent, not in the journal" for one in sorted(sent - passed)],
        SENT_ONCE: [f"{one}: sent {times} times" for one, times in wires.sent.items() if times > 1],
        REFUSED_NOT_SENT: [f"{one}: refused and sent" for one in sorted(sent & refused)],
    }


def compare_fates(journal: JournalEvidence, clients: Iterable[Told], unknown: int) -> list[str]:
    """Compare the orders without an answer with those that the gate counts as unknown.

    Args:
        journal: The gate's journal.
        clients: What every client was told.
        unknown: Orders that the gate had sent without an answer, before its day was closed.

    Returns:
        One text if the numbers differ.
    """
    silent = [
        number
        for told in clients
        for market, number in journal.orders
        if market == told.market
        and number in journal.passed[market]
        and number not in told.answered
    ]
    if len(silent) == unknown:
        return []
    shown = ", ".join(sorted(silent)[:SHOWN])
    return [f"{len(silent)} sent orders without an answer ({shown}), {unknown} unknown to the gate"]


def compare_told(told: Told, sent: Iterable[str]) -> dict[Invariant, list[str]]:
    """Compare what a client was told with what it sent.

    Args:
        told: What it was told.
        sent: ClOrdIDs that it sent.

    Returns:
        Differences by invariant.
    """
    strange = told.answered - set(sent)
    return {
        NOTHING_INVENTED: [f"{one}: told, never sent" for one in sorted(strange)],
        TOLD_STAYS: list(told.wrong),
    }


def compare_streams(wires: Iterable[Wires], journal: JournalEvidence) -> list[str]:
    """List the reports of the exchange that the journal does not have, and the reverse.

    Args:
        wires: The wires of every market.
        journal: The gate's journal.

    Returns:
        One text for each stream that differs.
    """
    arrived: dict[tuple[int, int], int] = Counter()
    kept: dict[tuple[int, int], int] = Counter()
    for one in wires:
        for (_, number), indices in one.reports.items():
            arrived[one.market, number] += len(indices)
    for (market, _, number), indices in journal.streams.items():
        kept[market, number] += len(indices)
    return [
        f"market {market}, set {number}: {arrived[market, number]} reports arrived, "
        f"{kept[market, number]} are in the journal"
        for market, number in sorted(arrived.keys() | kept.keys())
        if arrived[market, number] != kept[market, number]
    ]


def compare_day_books(journal: JournalEvidence) -> list[str]:
    """Compute cash and shares of the trading day again and compare.

    Args:
        journal: The journal of a day that was closed.

    Returns:
        One text for each difference.
    """
    opening: dict[HoldingKey, int] = {}
    for market, code in SECURITIES.items():
        opening[market, ACCOUNTS[market], code] = HELD_QTY
        opening[market, SELLERS[market], code] = SELLER_QTY
    fees = FeeTable(Rulebook.load().on(TRADE_DATE))
    books, wrong = compute_books(opening_cash_e5(), opening, journal.orders, journal.fills, fees)
    return wrong + compare_books(books, journal.books)


def compare_clients(journal: JournalEvidence, clients: Iterable[Told]) -> list[str]:
    """Compare the fills that were told with those in the journal.

    Args:
        journal: The gate's journal.
        clients: What every client was told.

    Returns:
        One text for each difference.
    """
    return compare_fills(journal.told_fills, [fill for told in clients for fill in told.fills])


def check_journal(folder: Path) -> dict[Invariant, list[str]]:
    """Read a journal again byte for byte and replay it.

    Args:
        folder: The journal.

    Returns:
        Differences by invariant.
    """
    found: dict[Invariant, Any] = {
        JOURNAL_SOUND: [str(finding) for finding in gate_journal.verify(folder).findings]
    }
    difference = replay(folder).difference
    return found | {REPLAY_EQUAL: [] if difference is None else [difference]}
