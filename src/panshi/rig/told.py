"""What an order system was told: report streams without a hole, and what became of each request."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from panshi.rig.reconciliation import Fill
from panshi.rig.small_day import SSE, SZSE

if TYPE_CHECKING:
    from panshi.rig.peer import Message

Stream = tuple[str, int]
"""PBU and set in Shanghai; nothing and partition in Shenzhen."""

RESPONSES: Final = {32, 200102}
FILLS: Final = {103, 200115}
CANCEL_REJECTS: Final = {59, 290008}
REFUSALS: Final = {
    204: ("ClOrdID", "OrdRejReason"),
    4: ("BusinessRejectRefID", "BusinessRejectReason"),
}
"""Messages outside the streams, with the fields of request and code."""
ENDS: Final = {210, 7}
REPORTS: Final = RESPONSES | FILLS | CANCEL_REJECTS
PRICE_E5: Final = {SSE: 1, SZSE: 10}
"""The wire's unit of a price in 1/100000 yuan."""
SHARE: Final = {SSE: 1000, SZSE: 100}
"""A share in the wire's unit of quantity."""
WRONG_MAX: Final = 20


def stream_of(message: Message) -> Stream:
    """Return the stream that a report belongs to.

    Args:
        message: The report.

    Returns:
        Its stream.
    """
    fields = message["fields"]
    return (fields.get("Pbu", ""), fields.get("SetID") or fields.get("PartitionNo", 0))


@dataclass
class Told:
    """Everything that one order system was told, over all its sessions.

    Attributes:
        market: 1 SSE, 2 SZSE.
        streams: Reports by stream, the one with index 1 first.
        answered: Requests of which it was told anything.
        refused: Code by request, as the gate refused it.
        rejected: Requests that the exchange rejected.
        fills: Fills in the order of their telling.
        kinds: How often each type came, repeats left out.
        repeats: Reports that came again and were the same.
        ended: Streams that have ended, with the index of the end.
        wrong: What no sound gate says.
    """

    market: int
    streams: dict[Stream, list[Message]] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    refused: dict[str, int] = field(default_factory=dict)
    rejected: set[str] = field(default_factory=set)
    fills: list[Fill] = field(default_factory=list)
    kinds: Counter[int] = field(default_factory=Counter)
    repeats: int = 0
    ended: dict[Stream, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def next_index(self, stream: Stream) -> int:
        """Return the index to ask from."""
        return len(self.streams.get(stream, ())) + 1

    def take(self, message: Message) -> None:
        """Take one message.

        Args:
            message: As the codec reads it.
        """
        kind, fields = message["type"], message["fields"]
        if kind in REPORTS:
            self._report(kind, message)
        elif kind in REFUSALS:
            number, code = REFUSALS[kind]
            self.kinds[kind] += 1
            self.refused[fields[number]] = fields[code]
            self.answered.add(fields[number])
        elif kind in ENDS:
            self.kinds[kind] += 1
            self.ended[stream_of(message)] = fields.get("EndReportIndex") or fields["ReportIndex"]

    def _report(self, kind: int, message: Message) -> None:
        fields, stream = message["fields"], stream_of(message)
        index, known = fields["ReportIndex"], self.streams.setdefault(stream, [])
        if 0 < index <= len(known):
            if known[index - 1]["fields"] == fields:
                self.repeats += 1
            else:
                self._note(f"{stream} index {index}: was {known[index - 1]}, is {message}")
            return
        if index != len(known) + 1:
            self._note(f"{stream}: must be index {len(known) + 1}, found {index}")
            return
        known.append(message)
        self.kinds[kind] += 1
        number = fields["ClOrdID"]
        self.answered.add(number)
        if kind in FILLS:
            self.fills.append(
                Fill(
                    self.market,
                    number,
                    fields.get("TrdCnfmID") or fields["ExecID"],
                    fields["LastPx"] * PRICE_E5[self.market],
                    fields["LastQty"] // SHARE[self.market],
                )
            )
        elif fields.get("ExecType") == "8" or fields.get("OrdStatus") == "8":
            self.rejected.add(number)

    def _note(self, text: str) -> None:
        if len(self.wrong) < WRONG_MAX:
            self.wrong.append(text)
