"""Worked call auctions, played over real sockets in both markets, at the opening and at the close.

Each example is a security of its own, so that one venue plays them all at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from panshi.rig.messages import sse_order, szse_order
from panshi.rig.peer import close_opened
from panshi.rig.venue import play, serving
from tests.integration.conformance.conftest import logged_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panshi.rig.peer import Peer
    from panshi.wire.codec import Protocol

pytestmark = pytest.mark.integration

FILE: Final = Path(__file__).with_name("auctions.txt")
STATE: Final = {"sse": 209, "szse": 6}
FILL: Final = {"sse": 103, "szse": 200115}
PRICE_SCALE: Final = {"sse": 100_000, "szse": 10_000}
QTY_SCALE: Final = {"sse": 1000, "szse": 100}
ROUNDS: Final = [("09:24:50", "09:25:10"), ("14:59:50", "15:00:10")]


@dataclass
class Example:
    """Orders in the order of their arrival as side, quantity, price, traded; prices by market."""

    name: str
    close: Decimal = Decimal()
    orders: list[tuple[str, int, Decimal, int]] = field(default_factory=list)
    prices: dict[str, Decimal | None] = field(default_factory=dict)


def read_examples() -> list[Example]:
    examples: list[Example] = []
    for line in FILE.read_text(encoding="utf-8").splitlines():
        word, _, rest = line.partition(" ")
        if not line or word == "#":
            continue
        if word == "example":
            examples.append(Example(rest))
        elif word == "close":
            examples[-1].close = Decimal(rest)
        elif word == "price":
            given = [None if text == "none" else Decimal(text) for text in rest.split()]
            examples[-1].prices = dict(zip(("sse", "szse"), given, strict=True))
        else:
            qty, at, price, arrow, traded = rest.split()
            assert (word in {"buy", "sell"}, at, arrow) == (True, "@", "->")
            order = ("1" if word == "buy" else "2", int(qty), Decimal(price), int(traded))
            examples[-1].orders.append(order)
    return examples


EXAMPLES: Final = read_examples()


def _code(market: Protocol, place: int) -> str:
    return f"{600_000 + place if market == 'sse' else 1 + place:06d}"


def _listed(market: Protocol) -> list[dict[str, Any]]:
    return [
        {
            "market": market,
            "code": _code(market, place),
            "set_id": 1,
            "prev_close_e5": int(one.close * 100_000),
        }
        for place, one in enumerate(EXAMPLES)
    ]


def _send(client: Peer, market: Protocol) -> None:
    for place, one in enumerate(EXAMPLES):
        for number, (side, qty, price, _) in enumerate(one.orders):
            fields = {
                "SecurityID": _code(market, place),
                "Side": side,
                "OrderQty": qty * QTY_SCALE[market],
                "Price": int(price * PRICE_SCALE[market]),
            }
            identity = f"A{place:04d}{number:05d}"
            if market == "sse":
                client.send(58, **sse_order(identity, **fields))
            else:
                client.send(100101, **szse_order(identity, **fields))


Traded = dict[str, tuple[int, set[Decimal]]]


def _traded(client: Peer, market: Protocol) -> Traded:
    """Read until the platform shows its next state; quantity and prices by ClOrdID."""
    found: Traded = {}
    while True:
        message = client.read(60)
        assert message is not None
        if message["type"] == STATE[market]:
            return found
        if message["type"] == FILL[market]:
            one = message["fields"]
            qty, prices = found.get(one["ClOrdID"], (0, set()))
            price = Decimal(one["LastPx"]) / PRICE_SCALE[market]
            found[one["ClOrdID"]] = (qty + one["LastQty"] // QTY_SCALE[market], prices | {price})


@pytest.fixture(autouse=True)
def close_clients() -> Iterator[None]:
    yield
    close_opened()


@pytest.mark.parametrize(("start", "end"), ROUNDS)
@pytest.mark.parametrize("market", ["sse", "szse"])
def test_every_example_trades_as_it_was_worked(market: Protocol, start: str, end: str) -> None:
    with serving(play(start, end, 20_000), securities=_listed(market)) as addresses:
        client = logged_on(market, addresses[0 if market == "sse" else 2])
        if market == "sse":
            client.send(206, NoGroups=[{"Pbu": "20001", "SetID": 1, "BeginReportIndex": 1}])
        else:
            client.send(5, NoPartitions=[{"PartitionNo": 1, "ReportIndex": 1}])
        _send(client, market)
        found = _traded(client, market)
    for place, one in enumerate(EXAMPLES):
        price = one.prices[market]
        for number, (_, _, _, traded) in enumerate(one.orders):
            expected = (traded, {price}) if traded else (0, set())
            assert found.get(f"A{place:04d}{number:05d}", (0, set())) == expected, one.name


def test_the_examples_hold_what_they_must() -> None:
    assert len(EXAMPLES) >= 10
    for one in EXAMPLES:
        bought, sold = (
            sum(traded for given, _, _, traded in one.orders if given == side) for side in "12"
        )
        assert bought == sold, one.name
        assert (bought == 0) == (one.prices["sse"] is None), one.name
