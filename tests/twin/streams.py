"""Streams of reports: who carries them, whom they feed, and when a client's stream ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.twin import state as s
from tests.twin.loading import within
from tests.twin.verdict import DeniedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.twin.ledger import Ledger
    from tests.twin.state import Row, State, StreamKey

END = 7


def key_of(row: Row) -> StreamKey:
    """Return what names a stream: the PBU in Shanghai, the gateway in Shenzhen."""
    pbu = row["stream_pbu"] if "stream_pbu" in row else row["pbu"]
    if row["market"] == 1:
        return ("sse", 0, pbu, row["set_id"])
    return ("szse", row["gateway"], "", row["set_id"])


def carry(state: State, row: Row) -> None:
    """Remember that a gateway carries a stream, as its own or as a copy."""
    within(row["market"], 1, 2)
    within(row["own"], 0, 1)
    within(row["gateway"], 1, state.capacity["gateways"])
    if row["market"] == 1 and not row["pbu"]:
        raise DeniedError(30107)
    key, room = key_of(row), state.capacity["streams"]
    known = key in state.streams and (row["gateway"], key) in state.carriers
    if not known and room <= max(len(state.carriers), len(state.streams) - (key in state.streams)):
        raise DeniedError(33006, room, room + 1)
    state.streams.setdefault(key, 0)
    state.carriers[(row["gateway"], key)] = row["own"] == 1


def is_copy(row: Row) -> bool:
    """Return whether a Shenzhen report repeats what another PBU was told."""
    return bool(row["market"] == 2 and row["stream_pbu"] and row["stream_pbu"] != row["pbu"])


def is_foreign(state: State, row: Row) -> bool:
    """Return whether a stream is only a copy of somebody else's."""
    if not row["report_index"]:
        return False
    own = [is_own for (_, key), is_own in state.carriers.items() if key == key_of(row)]
    return bool(own) and not any(own)


def feeders(state: State, pbus: set[int]) -> Iterator[StreamKey]:
    """Yield the own streams of every gateway that carries, or carried, one of these PBUs."""
    for (gateway, key), is_own in state.carriers.items():
        if is_own and state.gateways[gateway].pbus & pbus:
            yield key


def nothing_feeds(state: State, pbus: set[int], set_id: int) -> bool:
    """Return whether the PBUs' gateways are known and none of their streams of the set lives."""
    known = list(feeders(state, pbus))
    return bool(known) and all(key in state.ended for key in known if key[3] == set_id)


def end(ledger: Ledger, seq: int, row: Row, out: list[Row]) -> None:
    """End an exchange stream and every client stream that nothing feeds any more."""
    state, key = ledger.state, key_of(row)
    if key not in state.streams or key in state.ended:
        return
    state.ended.add(key)
    for client in state.clients.values():
        if client.row["market"] != row["market"]:
            continue
        numbers = {
            pbu.row["pbu_no"]: code
            for (market, code), pbu in state.pbus.items()
            if market == row["market"] and client.pbus >> pbu.row["pbu_no"] & 1
        }
        if row["market"] == 2:
            if nothing_feeds(state, set(numbers), row["set_id"]):
                tell_end(ledger, seq, client.row["client"], "", row["set_id"], out)
            continue
        for number, code in numbers.items():
            if nothing_feeds(state, {number}, row["set_id"]):
                tell_end(ledger, seq, client.row["client"], code, row["set_id"], out)


def tell_end(ledger: Ledger, seq: int, client: int, pbu: str, set_id: int, out: list[Row]) -> None:
    """Tell a client the end of its stream, once."""
    key = (client, pbu, set_id)
    if key in ledger.state.told_end:
        return
    index = ledger.next_index(key)
    if index is not None:
        ledger.state.told_end.add(key)
    out.append(
        ledger.output(
            "Deliver",
            input_seq=seq,
            report_index=index or 0,
            order_seq=0,
            set_id=set_id,
            order=s.NONE_ORDER,
            pbu=pbu,
            client=client,
            kind=END,
        )
    )
