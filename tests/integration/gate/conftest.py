"""Gates between order systems and a simulated exchange, or a stand-in that the test speaks for."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.conformance.venue_process import serving
from tests.integration.conformance.wire_client import OPENED, Client
from tests.integration.gate.exchange_gateway import LISTENING, Exchange
from tests.integration.gate.gate_day import SSE, SZSE
from tests.integration.gate.gate_process import Gate, from_now, gateway


@pytest.fixture(autouse=True)
def close_connections() -> Iterator[None]:
    """Close what a test opened, also when it failed."""
    yield
    close_all()


def close_all() -> None:
    while OPENED:
        OPENED.pop().close()
    while LISTENING:
        LISTENING.pop().close()


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    """Serve both markets from 10:00 on."""
    clock = from_now("10:00:00")
    with serving(clock) as addresses:
        links = [gateway(SSE, addresses[0]), gateway(SZSE, addresses[2])]
        served = Gate(tmp_path, links, clock)
        served.start()
        yield served
        end(served)


@dataclass
class Shanghai:
    """A gate whose one exchange gateway is the test itself."""

    gate: Gate
    exchange: Exchange
    session: Client

    def restart(self) -> None:
        """Start the gate again and take its logon."""
        self.gate.launch()
        self.session = self.exchange.logged_on()
        self.gate.wait_for(lambda status: status["gateways"][0]["state"] == 3)


@pytest.fixture
def unstarted(tmp_path: Path) -> Iterator[tuple[Gate, Exchange]]:
    """Make a gate with one Shanghai gateway ready, to be started by the test."""
    exchange = Exchange()
    served = Gate(tmp_path, [gateway(SSE, exchange.address)], from_now("10:00:00"))
    yield served, exchange
    end(served)


@pytest.fixture
def shanghai(unstarted: tuple[Gate, Exchange]) -> Shanghai:
    """Serve Shanghai from 10:00 on, its gateway logged on and open."""
    served, exchange = unstarted
    served.launch()
    session = exchange.logged_on()
    served.wait_for(lambda status: status["gateways"][0]["state"] == 3)
    return Shanghai(served, exchange, session)


def end(served: Gate) -> None:
    """End the gate's process if it still runs, with nobody left to wait for."""
    close_all()
    if served.process is not None and served.process.poll() is None:
        served.stop()
