"""Nobody but a standby gets the journal, and nobody but the primary is followed."""

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from panshi.rig.gate import gateway
from panshi.rig.peer import PATIENCE_S
from panshi.rig.relay import Condition
from panshi.rig.small_day import SSE
from tests.integration.gate.conftest import NewGate
from tests.integration.gate.test_standby import SILENCE_MS, Pair
from tests.integration.gate.test_tls import certificate

pytestmark = pytest.mark.integration

CHALLENGE_BYTES, HELLO_BYTES = 40, 112
PLACES = 4
MAGIC = b"PANSHIS2"


@pytest.fixture
def pair(new_gate: NewGate, tmp_path: Path) -> Iterator[Pair]:
    """Make a gate and its standby, not started."""
    made = Pair(new_gate, tmp_path)
    yield made
    made.line.stop()


def all_that_comes(peer: socket.socket) -> bytes:
    """Return everything up to the end of a connection."""
    found = b""
    while True:
        try:
            part = peer.recv(65_536)
        except ConnectionResetError:
            return found
        if not part:
            return found
        found += part


def test_a_stranger_gets_a_number_and_nothing_else(pair: Pair) -> None:
    pair.begin()
    # What a standby said once is of no use again.
    heard = pair.line.lines[0].forth[:HELLO_BYTES]
    assert heard.startswith(MAGIC)
    for said in (b"", bytes(HELLO_BYTES), heard, heard[:50]):
        refused = pair.primary.status()["standbys"]["refused"]
        with socket.create_connection(pair.line.target, PATIENCE_S) as peer:
            peer.sendall(said)
            if len(said) < HELLO_BYTES:
                peer.shutdown(socket.SHUT_WR)
            found = all_that_comes(peer)
        assert len(found) <= CHALLENGE_BYTES
        assert found[:8] in {MAGIC, b""}
        while pair.primary.status()["standbys"]["refused"] == refused:
            assert pair.primary.runs()
    # The standby goes on beside them.
    pair.trade(2)
    pair.wait_level()
    assert pair.primary.status()["standbys"]["count"] == 1
    assert pair.primary.logged("standby sent away")


def test_a_standby_without_the_secret_is_sent_away(pair: Pair, tmp_path: Path) -> None:
    other = tmp_path / "other.secret"
    other.touch(mode=0o600)
    other.write_text("y" * 32, encoding="ascii")
    pair.follow(automatic=True, secret=str(other))
    pair.primary.launch()
    pair.session = pair.exchange.logged_on()
    pair.primary.wait_open()
    pair.standby.launch()
    pair.primary.wait_for(lambda status: status["standbys"]["refused"] >= 2)
    status = pair.standby.status()
    assert (status["synced"], status["journal"]["appended"]) == (False, 0)
    assert pair.primary.status()["standbys"]["count"] == 0
    reasons = {line["reason"] for line in pair.primary.logged("standby sent away")}
    assert reasons == {"it does not have the secret"}


@pytest.mark.bound("standbys that follow")
def test_a_fifth_standby_is_told_that_there_is_no_place(pair: Pair, new_gate: NewGate) -> None:
    pair.follow(automatic=False)
    pair.begin()
    others = [new_gate(gateway(SSE, pair.exchange.address)) for _ in range(4)]
    for one in others:
        one.clock = pair.primary.clock
        one.configure(claim=pair.standby.changes["claim"], standby=pair.standby.changes["standby"])
    for one in others[:3]:
        one.launch()
        one.wait_for(lambda status: status["synced"])
    assert pair.primary.status()["standbys"]["count"] == PLACES
    others[3].launch()
    assert others[3].ended() != 0
    wanted = f"standbys: at most {PLACES} may follow a gate, found {PLACES} that do"
    assert wanted in others[3].last_words()
    assert wanted in {line["reason"] for line in pair.primary.logged("standby sent away")}
    standbys = pair.primary.status()["standbys"]
    assert (standbys["count"], standbys["places"]) == (PLACES, PLACES)
    # Whoever leaves makes room for one.
    assert others[0].stop() == 0
    pair.primary.wait_for(lambda status: status["standbys"]["count"] == PLACES - 1)
    others[3].launch()
    others[3].wait_for(lambda status: status["synced"])


def test_a_standby_tells_how_far_behind_it_is(pair: Pair) -> None:
    pair.begin()
    last = pair.primary.status()["journal"]["appended"]
    status = pair.standby.wait_for(lambda status: status["checked"] >= last)
    bytes_before = status["received_bytes"]
    assert status["received"] == status["journal"]["appended"] >= last
    assert status["silent_ms"] < SILENCE_MS
    pair.primary.wait_for(lambda status: status["standbys"]["lag_records"] == 0)
    # Cut off, it stays where it was, while the primary goes on.
    pair.line.refuse()
    pair.line.cut()
    pair.primary.wait_for(lambda status: status["standbys"]["count"] == 0)
    assert pair.primary.status()["standbys"]["lag_records"] is None
    left = pair.standby.wait_for(lambda status: not status["connected"])
    pair.trade(2)
    assert pair.standby.status()["last_record_ns"] == left["last_record_ns"]
    pair.line.accept()
    pair.wait_level()
    status = pair.standby.status()
    assert status["received_bytes"] > bytes_before
    assert status["last_record_ns"] > left["last_record_ns"] > 0


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_a_line_with_tls_cannot_be_read(pair: Pair, tmp_path: Path) -> None:
    certificate(tmp_path, "authority")
    certificate(tmp_path, "port", "authority")
    certificate(tmp_path, "stranger")
    files = {"certificate": str(tmp_path / "port.pem"), "key": str(tmp_path / "port.key")}
    pair.publish(publish_tls=files)
    follow = {"ca": str(tmp_path / "authority.pem"), "name": "127.0.0.1"}
    pair.follow(automatic=False, follow_tls=follow)
    pair.begin()
    for number in range(2, 6):
        pair.line.set("back", Condition(delay_s=0.01, loss=0.05, cut_after=150))
        pair.trade(number)
        pair.wait_level()
    pair.line.set(None, Condition())
    passed = b"".join(line.back + line.forth for line in pair.line.lines)
    assert b"A00000000" not in passed
    assert MAGIC not in passed
    # Another authority's primary is not followed.
    assert pair.standby.stop() == 0
    pair.follow(automatic=True, follow_tls={**follow, "ca": str(tmp_path / "stranger.pem")})
    pair.standby.launch()
    pair.standby.wait_for(lambda status: "certificate" in str(status["trouble"]))
    assert pair.standby.stop() == 0
    pair.follow(automatic=True, follow_tls=follow)
    pair.standby.launch()
    pair.wait_level()
    pair.primary.kill()
    pair.take_over()
    pair.shared()


def test_a_line_without_tls_shows_what_passes(pair: Pair) -> None:
    pair.begin()
    assert b"A000000001" in pair.line.lines[0].back
