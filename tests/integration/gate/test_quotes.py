"""The feed of best prices: what it makes of the price cage, and what becomes of it when it dies."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from panshi.gate.records import RecordCodec
from panshi.rig.exchange import Exchange
from panshi.rig.gate import Gate, gateway
from panshi.rig.messages import sse_order, sse_streams
from panshi.rig.peer import Peer
from panshi.rig.small_day import BRANCHES, SECURITIES, SSE
from panshi.rig.venue import Venue, from_now
from tests.integration.conformance.conftest import logged_on
from tests.integration.gate.conftest import NewGate, Shanghai, begin

pytestmark = pytest.mark.integration

PRICE_CAGE = 30407
FRAME_MAX = 4096
CODEC = RecordCodec()
LOST, BACK = "quote feed lost, the last prices stay", "quote feed is back"


class Market:
    """A simulated exchange that the gate only hears the prices of; another one trades there."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.path = folder / "quotes"
        self._venue = Venue(folder, from_now("10:00:00"), {"quotes": str(self.path)}, alone=True)
        self._number = 0

    def start(self) -> None:
        """Start its process; nobody has ordered anything yet."""
        self._venue.start()
        self._trader = logged_on("sse", self._venue.addresses[0])
        self._trader.send(206, NoGroups=sse_streams())
        self._trader.expect(207)

    def rest(self, side: str, yuan: str) -> None:
        """Let an order of somebody else stand in its book."""
        self._number += 1
        order = sse_order(f"M{self._number:09}", Side=side, Price=e5(yuan))
        self._trader.send(58, **order)
        assert self._trader.expect(32)["ExecType"] == "0"

    def kill(self) -> None:
        assert self._venue.child is not None
        self._venue.child.kill()

    def stop(self) -> None:
        self._venue.stop()


def e5(yuan: str) -> int:
    whole, _, part = yuan.partition(".")
    return int(whole) * 100_000 + int(part.ljust(5, "0"))


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Market]:
    served = Market(tmp_path / "market")
    served.start()
    yield served
    served.stop()


@pytest.fixture
def served(new_gate: NewGate, market: Market) -> Shanghai:
    exchange = Exchange()
    return begin(new_gate(gateway(SSE, exchange.address), quotes=str(market.path)), exchange)


def wait_price(gate: Gate, side: str, yuan: str) -> None:
    """Wait until the gate has taken a best price from the feed."""
    gate.wait_for(
        lambda _: any(
            row["code"] == SECURITIES[SSE] and row[side] == e5(yuan)
            for row in gate.journaled("Quote")["Quote"]
        )
    )


def test_the_cage_follows_the_best_prices_of_the_feed(served: Shanghai, market: Market) -> None:
    oms = served.gate.sse()
    # Nobody offers: the previous close of 10.00 is the reference, and 10.20 the highest bid.
    goes(served, oms, 1, "10.20")
    refused(oms, 2, "10.21")
    market.rest("2", "10.50")
    wait_price(served.gate, "ask_e5", "10.50")
    goes(served, oms, 3, "10.71")
    refused(oms, 4, "10.72")
    market.rest("2", "10.10")
    wait_price(served.gate, "ask_e5", "10.10")
    # 102 % of 10.10 is 10.302.
    goes(served, oms, 5, "10.30")
    refused(oms, 6, "10.31")
    row = served.gate.journaled("Refuse")["Refuse"][-1]
    assert (row["code"], row["limit"], row["found"]) == (PRICE_CAGE, e5("10.30"), e5("10.31"))


def test_a_feed_whose_process_dies_is_opened_again(served: Shanghai, market: Market) -> None:
    oms = served.gate.sse()
    market.rest("2", "10.50")
    wait_price(served.gate, "ask_e5", "10.50")
    market.kill()
    served.gate.wait_for(lambda _: bool(served.gate.logged(LOST)))
    # The last prices stay.
    goes(served, oms, 1, "10.71")
    refused(oms, 2, "10.72")
    assert not served.gate.logged(BACK)
    market.start()
    served.gate.wait_for(lambda _: bool(served.gate.logged(BACK)))
    market.rest("2", "10.10")
    wait_price(served.gate, "ask_e5", "10.10")
    refused(oms, 3, "10.31")
    goes(served, oms, 4, "10.30")
    assert [row["reason"] for row in served.gate.logged(LOST)] == ["it ended"]


def goes(served: Shanghai, oms: Peer, number: int, yuan: str) -> None:
    """Hold that a purchase goes out to the exchange."""
    oms.send(58, **sse_order(f"A{number:09}", BranchID=BRANCHES[SSE], Price=e5(yuan)))
    assert served.session.expect(58)["Price"] == e5(yuan)


def refused(oms: Peer, number: int, yuan: str) -> None:
    """Hold that the cage keeps a purchase back."""
    oms.send(58, **sse_order(f"A{number:09}", BranchID=BRANCHES[SSE], Price=e5(yuan)))
    assert oms.expect(204)["OrdRejReason"] == PRICE_CAGE


class Frames:
    """A feed that says what the test has it say."""

    def __init__(self, path: Path) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._listener.settimeout(10)
        self._peer: socket.socket | None = None

    def accept(self) -> None:
        """Wait until the gate opens the feed."""
        self._hang_up()
        self._peer, _ = self._listener.accept()

    def send(self, kind: int, payload: bytes, length: int | None = None) -> None:
        size = len(payload) if length is None else length
        assert self._peer is not None
        self._peer.sendall(size.to_bytes(4, "little") + kind.to_bytes(4, "little") + payload)

    def quote(self, yuan: str) -> None:
        values: dict[str, int | str] = {"code": SECURITIES[SSE], "market": SSE, "ask_e5": e5(yuan)}
        self.send(CODEC.tables["Quote"].type, CODEC.layouts["Quote"].pack(values))

    def close(self) -> None:
        self._hang_up()
        self._listener.close()

    def _hang_up(self) -> None:
        if self._peer is not None:
            self._peer.close()


@pytest.fixture
def frames(tmp_path: Path) -> Iterator[Frames]:
    feed = Frames(tmp_path / "frames")
    yield feed
    feed.close()


@pytest.mark.bound("one frame of the feed of best prices")
def test_a_frame_has_so_many_bytes_and_what_is_longer_ends_the_feed(
    new_gate: NewGate, frames: Frames, tmp_path: Path
) -> None:
    exchange = Exchange()
    gate = new_gate(gateway(SSE, exchange.address), quotes=str(tmp_path / "frames"))
    served = begin(gate, exchange)
    frames.accept()
    # A frame of another kind is passed over up to the longest, whole or in parts.
    frames.send(99, bytes(FRAME_MAX))
    frames.send(CODEC.tables["Quote"].type, b"short")
    frames.quote("10.50")
    wait_price(gate, "ask_e5", "10.50")
    assert not gate.logged(LOST)
    # Of a longer one the head is enough: nothing is kept for it.
    frames.send(99, b"", FRAME_MAX + 1)
    frames.accept()
    frames.quote("10.10")
    wait_price(gate, "ask_e5", "10.10")
    assert [row["reason"] for row in gate.logged(LOST)] == ["it sent no frame"]
    assert [row["ask_e5"] for row in gate.journaled("Quote")["Quote"]] == [e5("10.50"), e5("10.10")]
    oms = gate.sse()
    goes(served, oms, 1, "10.30")
    refused(oms, 2, "10.31")
