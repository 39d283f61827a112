"""The relay passes bytes on as it is told to, and keeps what it passed."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from panshi.rig.relay import RETRANSMIT_S, Condition, Relay


class Echo:
    """A server that sends back what it gets, each connection in a thread of its own."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.threads: list[threading.Thread] = []
        self.main = threading.Thread(target=self._accept)
        self.main.start()

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            self.threads.append(threading.Thread(target=self._serve, args=(peer,)))
            self.threads[-1].start()

    def _serve(self, peer: socket.socket) -> None:
        with peer:
            try:
                while data := peer.recv(65_536):
                    peer.sendall(data)
            except OSError:
                return

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.main.join()
        for thread in self.threads:
            thread.join()


@pytest.fixture
def relay() -> Iterator[Relay]:
    echo = Echo()
    found = Relay(echo.listener.getsockname())
    found.start()
    yield found
    found.stop()
    echo.close()


def client(relay: Relay) -> socket.socket:
    return socket.create_connection(relay.address, 10)


def read(peer: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = peer.recv(count - len(data))
        if not part:
            break
        data += part
    return data


def test_bytes_pass_both_ways_and_are_kept(relay: Relay) -> None:
    data = bytes(range(256)) * 4096
    with client(relay) as peer:
        sender = threading.Thread(target=peer.sendall, args=(data,))
        sender.start()
        assert read(peer, len(data)) == data
        sender.join()
    (line,) = relay.lines
    assert line.forth == line.back == data


def test_an_end_is_passed_on(relay: Relay) -> None:
    with client(relay) as peer:
        peer.sendall(b"last words")
        peer.shutdown(socket.SHUT_WR)
        assert read(peer, 100) == b"last words"


def test_a_delayed_direction_is_late_and_the_other_is_not(relay: Relay) -> None:
    relay.set("back", Condition(delay_s=0.2))
    with client(relay) as peer:
        begun = time.monotonic()
        peer.sendall(b"x")
        assert read(peer, 1) == b"x"
        assert time.monotonic() - begun >= 0.2


def test_a_lost_part_comes_later_and_in_its_order(relay: Relay) -> None:
    relay.set("forth", Condition(loss=1.0))
    with client(relay) as peer:
        begun = time.monotonic()
        for number in range(10):
            peer.sendall(b"%d" % number)
        assert read(peer, 10) == b"0123456789"
        assert time.monotonic() - begun >= RETRANSMIT_S


def test_what_is_held_comes_when_the_line_is_whole_again(relay: Relay) -> None:
    with client(relay) as peer:
        relay.set("forth", Condition(held=True))
        peer.sendall(b"held")
        peer.settimeout(0.1)
        with pytest.raises(TimeoutError):
            peer.recv(1)
        relay.set(None, Condition())
        peer.settimeout(10)
        assert read(peer, 4) == b"held"


def test_a_line_is_cut_behind_a_byte(relay: Relay) -> None:
    relay.set("forth", Condition(cut_after=3))
    with client(relay) as peer:
        peer.sendall(b"abcdef")
        with pytest.raises(ConnectionResetError):
            peer.recv(1)
    (line,) = relay.lines
    assert line.forth == b"abc"


def test_a_reset_and_a_refusal_look_like_a_dead_process(relay: Relay) -> None:
    with client(relay) as peer:
        peer.sendall(b"x")
        read(peer, 1)
        relay.refuse()
        relay.cut()
        with pytest.raises(ConnectionResetError):
            peer.recv(1)
    with pytest.raises(ConnectionRefusedError):
        client(relay)
    relay.accept()
    with client(relay) as peer:
        peer.sendall(b"y")
        assert read(peer, 1) == b"y"
