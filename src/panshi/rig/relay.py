"""A line between two processes that can be slow, lossy, dead or cut, and keeps what went over it.

The kernel's own tools for this are not everywhere, and need rights. A relay of TCP connections
needs none; what it cannot do is lose bytes for good, because TCP would send them again: a lost part
comes later here, and everything behind it waits, as a receiver sees it.
"""

from __future__ import annotations

import contextlib
import random
import select
import socket
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from panshi.rig.peer import PATIENCE_S, RESET
from panshi.rig.ports import reserve_ports

if TYPE_CHECKING:
    from panshi.rig.peer import Address

Direction = Literal["forth", "back"]
"""`forth` is from whoever connected to the target, `back` the other way."""

PART_BYTES: Final = 65_536
QUEUE_BYTES: Final = 4 << 20
RETRANSMIT_S: Final = 0.2
"""After this time Linux sends a lost part again for the first time."""


@dataclass(slots=True)
class Condition:
    """How one direction behaves.

    Attributes:
        delay_s: Every part comes so much later.
        loss: Share of the parts that are lost once.
        held: Nothing passes and nothing is taken; what was sent comes when it passes again.
        cut_after: Bytes that still pass before the connection is cut; None does not cut.
    """

    delay_s: float = 0.0
    loss: float = 0.0
    held: bool = False
    cut_after: int | None = None


@dataclass(slots=True)
class _Way:
    """Bytes of one connection in one direction."""

    source: socket.socket
    sink: socket.socket
    direction: Direction
    queue: deque[tuple[float, bytes]] = field(default_factory=deque)
    queued: int = 0
    last_due: float = 0.0
    ended: bool = False
    finished: bool = False
    passed: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class Line:
    """One connection through the relay."""

    ways: tuple[_Way, _Way]
    conditions: dict[Direction, Condition]
    lock: threading.RLock
    closed: bool = False

    @property
    def forth(self) -> bytes:
        """Bytes that were handed to the target."""
        return self._passed(0)

    @property
    def back(self) -> bytes:
        """Bytes that were handed to whoever connected."""
        return self._passed(1)

    def _passed(self, way: int) -> bytes:
        # Whoever has read bytes finds them here: they are handed over and kept under the lock.
        with self.lock:
            return bytes(self.ways[way].passed)


class Relay:
    """Listens on a port of loopback and passes connections on to a target."""

    def __init__(self, target: Address, seed: int = 1) -> None:
        """Listen; `start` begins to pass.

        Args:
            target: Where connections go.
            seed: Seed of which parts are lost.
        """
        self.target = target
        self.lines: list[Line] = []
        self._chance = random.Random(seed)  # noqa: S311 - losses are to be repeatable
        self._conditions: dict[Direction, Condition] = {"forth": Condition(), "back": Condition()}
        self._lock = threading.RLock()
        self._wake, self._woken = socket.socketpair()
        self._woken.settimeout(0)
        self._stopped = False
        self._listener: socket.socket | None = None
        (self._port,) = reserve_ports(1)
        self.accept()
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)

    @property
    def address(self) -> Address:
        """Where it listens."""
        return ("127.0.0.1", self._port)

    def start(self) -> None:
        """Begin to pass."""
        self._thread.start()

    def stop(self) -> None:
        """Close everything."""
        with self._lock:
            self._stopped = True
        self._ring()
        if self._thread.is_alive():
            self._thread.join(PATIENCE_S)
        self.refuse()
        self.cut()
        self._wake.close()
        self._woken.close()

    def set(self, direction: Direction | None, condition: Condition) -> None:
        """Say how a direction behaves from now on, on every line.

        Args:
            direction: Which; None is both.
            condition: How.
        """
        with self._lock:
            for one in (one for one in self._conditions if direction in {None, one}):
                self._conditions[one] = condition
                for line in self.lines:
                    line.conditions[one] = condition
        self._ring()

    def freeze(self) -> None:
        """Let every line that stands now stay as it is, dead for good; later ones behave as usual.

        So a line looks whose other end has lost its power: nobody says that it is over.
        """
        with self._lock:
            for line in self.lines:
                line.conditions = {"forth": Condition(held=True), "back": Condition(held=True)}
        self._ring()

    def cut(self, *, reset: bool = True) -> None:
        """End every connection.

        Args:
            reset: As a machine that has lost it does; otherwise as one that closes it.
        """
        with self._lock:
            for line in self.lines:
                self._close(line, reset=reset)
        self._ring()

    def refuse(self) -> None:
        """Listen no more: connections are refused as if the process were gone."""
        with self._lock:
            if self._listener is not None:
                self._listener.close()
                self._listener = None
        self._ring()

    def accept(self) -> None:
        """Listen again on the same port."""
        with self._lock:
            if self._listener is None:
                self._listener = socket.socket()
                self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                self._listener.bind(("127.0.0.1", self._port))
                self._listener.listen()
                self._listener.settimeout(0)
        self._ring()

    def _ring(self) -> None:
        with contextlib.suppress(OSError):
            self._wake.send(b"x")

    def _run(self) -> None:
        while True:
            with self._lock:
                if self._stopped:
                    return
                watched, wait_s = self._watched()
            poller = select.poll()
            for descriptor, events in watched.items():
                poller.register(descriptor, events)
            poller.poll(None if wait_s is None else max(0, wait_s) * 1000 + 1)
            with contextlib.suppress(BlockingIOError):
                self._woken.recv(PART_BYTES)
            with self._lock:
                if self._stopped:
                    return
                self._turn(time.monotonic())

    def _watched(self) -> tuple[dict[int, int], float | None]:
        """Return what is waited for, and the seconds until something is due."""
        watched = {self._woken.fileno(): select.POLLIN}
        if self._listener is not None:
            watched[self._listener.fileno()] = select.POLLIN
        now, due = time.monotonic(), None
        standing = [line for line in self.lines if not line.closed]
        ways = ((line.conditions, way) for line in standing for way in line.ways)
        for conditions, way in ways:
            if conditions[way.direction].held:
                continue
            if not way.ended and way.queued < QUEUE_BYTES:
                number = way.source.fileno()
                watched[number] = watched.get(number, 0) | select.POLLIN
            if way.queue and way.queue[0][0] <= now:
                number = way.sink.fileno()
                watched[number] = watched.get(number, 0) | select.POLLOUT
            elif way.queue:
                due = min(way.queue[0][0], due or way.queue[0][0])
        return watched, None if due is None else due - now

    def _turn(self, now: float) -> None:
        self._take_connections()
        for line in self.lines:
            for way in line.ways:
                if line.closed or line.conditions[way.direction].held:
                    continue
                try:
                    self._read(line, way, now)
                    self._write(line, way, now)
                except BlockingIOError:
                    continue
                except OSError:
                    self._close(line, reset=True)
            if not line.closed and all(way.finished for way in line.ways):
                self._close(line, reset=False)

    def _take_connections(self) -> None:
        while self._listener is not None:
            try:
                near, _ = self._listener.accept()
            except BlockingIOError:
                return
            try:
                far = socket.create_connection(self.target, PATIENCE_S)
            except OSError:
                near.close()
                continue
            for one in (near, far):
                one.settimeout(0)
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            ways = (_Way(near, far, "forth"), _Way(far, near, "back"))
            self.lines.append(Line(ways, dict(self._conditions), self._lock))

    def _read(self, line: Line, way: _Way, now: float) -> None:
        if way.ended or way.queued >= QUEUE_BYTES:
            return
        condition = line.conditions[way.direction]
        try:
            data = way.source.recv(PART_BYTES)
        except BlockingIOError:
            return
        if not data:
            way.ended = True
            return
        late_s = RETRANSMIT_S if self._chance.random() < condition.loss else 0
        way.last_due = max(now + condition.delay_s + late_s, way.last_due)
        way.queue.append((way.last_due, data))
        way.queued += len(data)

    def _write(self, line: Line, way: _Way, now: float) -> None:
        condition = line.conditions[way.direction]
        while way.queue and way.queue[0][0] <= now:
            due, data = way.queue.popleft()
            part = data if condition.cut_after is None else data[: condition.cut_after]
            try:
                count = way.sink.send(part) if part else 0
            except BlockingIOError:
                way.queue.appendleft((due, data))
                return
            way.passed += part[:count]
            way.queued -= count
            if count < len(data):
                way.queue.appendleft((due, data[count:]))
            if condition.cut_after is not None:
                condition.cut_after -= count
                if condition.cut_after == 0:
                    condition.cut_after = None
                    self._close(line, reset=True)
                    return
        if way.ended and not way.queue and not way.finished:
            way.finished = True
            way.sink.shutdown(socket.SHUT_WR)

    def _close(self, line: Line, *, reset: bool) -> None:
        if line.closed:
            return
        line.closed = True
        for way in line.ways:
            if reset:
                with contextlib.suppress(OSError):
                    way.source.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            way.source.close()
