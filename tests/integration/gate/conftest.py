"""Gates between order systems and a simulated exchange, or a stand-in that the test speaks for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from panshi.opening.rules import Row
from panshi.rig.exchange import Exchange
from panshi.rig.gate import Gate, gateway
from panshi.rig.peer import Address, Peer, close_opened
from panshi.rig.postgres import lacks_postgres, serving_postgres
from panshi.rig.small_day import SSE, SZSE
from panshi.rig.venue import from_now, serving

NewGate = Callable[..., Gate]


@pytest.fixture(autouse=True)
def close_connections() -> Iterator[None]:
    """Close what a test opened, also when it failed."""
    yield
    close_opened()


@pytest.fixture(scope="session")
def database() -> Iterator[Address]:
    """Serve a PostgreSQL for every test that needs one."""
    lacking = lacks_postgres()
    if lacking is not None:
        pytest.skip(lacking)
    with serving_postgres() as address:
        yield address


@pytest.fixture
def new_gate(tmp_path: Path) -> Iterator[NewGate]:
    """Give a way to make gates, each in a folder of its own; all end with the test."""
    made: list[Gate] = []

    def make(
        *links: dict[str, Any],
        rows: Sequence[Row] = (),
        start: str = "10:00:00",
        **changes: object,
    ) -> Gate:
        folder = tmp_path / f"gate{len(made) + 1}"
        clock = from_now(start)
        made.append(Gate(folder, list(links), clock, list(rows), changes, alone=True))
        return made[-1]

    yield make
    # With nobody left, no gate waits for a goodbye.
    close_opened()
    for one in made:
        if one.child is not None:
            one.stop()


@pytest.fixture
def gate(new_gate: NewGate) -> Iterator[Gate]:
    """Serve both markets from 10:00 on, the venue behind it."""
    with serving(from_now("10:00:00")) as addresses:
        served = new_gate(gateway(SSE, addresses[0]), gateway(SZSE, addresses[2]))
        served.start()
        yield served
        close_opened()
        served.stop()


@dataclass
class Shanghai:
    """A gate whose one exchange gateway is the test itself."""

    gate: Gate
    exchange: Exchange
    session: Peer

    def restart(self) -> None:
        """Start the gate again and take its logon."""
        self.gate.launch()
        self.session = self.exchange.logged_on()
        self.gate.wait_open()


@pytest.fixture
def unstarted(new_gate: NewGate) -> tuple[Gate, Exchange]:
    """Make a gate with one Shanghai gateway ready, to be started by the test."""
    exchange = Exchange()
    return new_gate(gateway(SSE, exchange.address)), exchange


@pytest.fixture
def shanghai(unstarted: tuple[Gate, Exchange]) -> Shanghai:
    """Serve Shanghai from 10:00 on, its gateway logged on and open."""
    gate, exchange = unstarted
    return begin(gate, exchange)


def begin(gate: Gate, exchange: Exchange) -> Shanghai:
    """Start a gate, log its gateway on and open it."""
    gate.launch()
    session = exchange.logged_on()
    gate.wait_open()
    return Shanghai(gate, exchange, session)
