"""The venues that the cards are shown against, each at its own moment of the day."""

from collections.abc import Iterator

import pytest

from panshi.rig.messages import sse_logon, szse_logon
from panshi.rig.peer import Address, Message, Peer, close_opened, connect
from panshi.rig.venue import play, serving
from panshi.wire.codec import Protocol


@pytest.fixture(scope="session")
def open_venue() -> Iterator[list[Address]]:
    """Serve from 10:00 on, in continuous trading."""
    with serving(play("10:00:00")) as addresses:
        yield addresses


@pytest.fixture(autouse=True)
def close_clients() -> Iterator[None]:
    """Close what a test opened, also when it failed."""
    yield
    close_opened()


def answered_logon(protocol: Protocol, address: Address) -> tuple[Peer, Message]:
    """Log on and return the answer's fields; the client before may still be on its way out."""
    for _ in range(50):
        client = connect(protocol, address)
        (sse_logon if protocol == "sse" else szse_logon)(client)
        answer = client.read()
        assert answer is not None
        if answer["type"] in {40, 1}:
            return client, answer["fields"]
        client.close()
    raise AssertionError(f"no logon at {address} in 50 attempts")


def logged_on(protocol: Protocol, address: Address) -> Peer:
    """Log on and read what the gateway tells of itself."""
    client, _ = answered_logon(protocol, address)
    client.expect(209 if protocol == "sse" else 6)
    client.expect(208 if protocol == "sse" else 9)
    return client


@pytest.fixture
def sse(open_venue: list[Address]) -> Iterator[Peer]:
    """Log on to the Shanghai gateway, all streams asked for from their end on."""
    client = logged_on("sse", open_venue[0])
    groups = [
        {"Pbu": "20001", "SetID": set_id, "BeginReportIndex": 4_000_000_000}
        for set_id in [1, 2, 20]
    ]
    client.send(206, NoGroups=groups)
    answers = client.expect(207)["NoGroups"]
    for group, answer in zip(groups, answers, strict=True):
        group["BeginReportIndex"] = answer["EndReportIndex"] + 1
    client.send(206, NoGroups=groups)
    client.expect(207)
    yield client
    client.close()


@pytest.fixture
def szse(open_venue: list[Address]) -> Iterator[Peer]:
    """Log on to the Shenzhen gateway, all partitions asked for; old reports are read away."""
    client = logged_on("szse", open_venue[2])
    client.send(5, NoPartitions=[{"PartitionNo": 1, "ReportIndex": 1}])
    while True:
        try:
            client.read(0.2)
        except TimeoutError:
            break
    yield client
    client.close()
