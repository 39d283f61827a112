"""A client order system under load: it sends, reads everything, and comes back when it was cut off.

It does what the protocols ask of a sound one: it keeps the last index of every stream, asks for the
reports behind it when it is back, and counts what it is told twice as a repeat.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Final

from panshi.domain.errors import TrialError
from panshi.rig.messages import sse_logon, szse_logon
from panshi.rig.peer import RESET, connect
from panshi.rig.small_day import PBUS, PROTOCOLS, SSE
from panshi.rig.told import Told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from panshi.rig.peer import Address, Message, Peer
    from panshi.rig.told import Stream

RETRY_S: Final = 0.05
TURN_S: Final = 0.01
READ_S: Final = 1.0
BEAT_S: Final = 10.0
AHEAD: Final = 2_000
"""Requests without an answer at which it sends no more: a sound one does not flood."""
SETTLE_S: Final = 60.0
SETS: Final = (1, 2)
OVERLAP: Final = 20
LOGOUTS: Final = {41, 2}


class OrderSystem:
    """One client with its two threads; `stop` ends them."""

    def __init__(
        self,
        market: int,
        address: Address,
        flow: Iterator[tuple[str, bytes]],
        *,
        rate: int = 1_000,
        comp_id: str = "OMS01",
    ) -> None:
        """Say whom it talks to and what it sends; `start` begins.

        Args:
            market: 1 SSE, 2 SZSE.
            address: The gate's port.
            flow: ClOrdIDs and messages, without end.
            rate: Messages a second.
            comp_id: The name it logs on by.
        """
        self.market = market
        self.address = address
        self.told = Told(market)
        self.sent: dict[str, bytes] = {}
        self.logons = 0
        self.goodbyes = 0
        self.reads = True
        self.window = 0
        self._flow = flow
        self._rate = rate
        self._comp_id = comp_id
        self._peer: Peer | None = None
        self._news = threading.Condition()
        self._sending = False
        self._over = threading.Event()
        self._ended_by = "nothing yet"
        self._failure: Exception | None = None
        self._threads = [
            threading.Thread(target=self._keep, args=(work,), name=f"client-{market}", daemon=True)
            for work in (self._serve, self._send)
        ]

    def start(self) -> None:
        """Log on, and send as soon as that is done."""
        self._sending = True
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Say goodbye and end."""
        self._over.set()
        with self._news:
            peer = self._peer
        if peer is not None:
            with contextlib.suppress(OSError):
                peer.send(41, SessionStatus=0) if self.market == SSE else peer.send(2)
        for thread in self._threads:
            thread.join(SETTLE_S)

    def pause(self) -> None:
        """Send nothing more for the time being."""
        with self._news:
            self._sending = False

    def go_on(self) -> None:
        """Send again."""
        with self._news:
            self._sending = True

    def hurry(self, rate: int) -> None:
        """Send at another rate from now on.

        Args:
            rate: Messages a second.
        """
        with self._news:
            self._rate = rate

    def unanswered(self) -> list[str]:
        """Return the requests of which it was told nothing, in the order of sending."""
        with self._news:
            return [number for number in self.sent if number not in self.told.answered]

    def wait_answers(self, more: int) -> None:
        """Wait until so many more requests were answered.

        Args:
            more: How many.

        Raises:
            TrialError: If they are not.
        """
        with self._news:
            wanted = len(self.told.answered) + more
            self._wait(lambda: len(self.told.answered) >= wanted, f"{wanted} answered requests")

    def wait_offline(self) -> None:
        """Wait until it has noticed that its session is over, where it cannot come back at once.

        One that can may be back before the waiting thread has looked: wait for its next logon then.

        Raises:
            TrialError: If it does not.
        """
        with self._news:
            self._wait(lambda: self._peer is None, "the end of its session")

    def wait_logon(self, count: int) -> None:
        """Wait until it has logged on so often, and has a session.

        Args:
            count: How often.

        Raises:
            TrialError: If it does not.
        """
        with self._news:
            holds = lambda: self._peer is not None and self.logons >= count  # noqa: E731
            self._wait(holds, f"logon {count}")

    def settle(self) -> None:
        """Wait until everything that was said before is known here.

        One more request is sent; its report comes behind all others of the stream. A refusal does
        not, so then another request is tried, no faster than it sends otherwise: a client that was
        too fast is refused until its last second is slow again.

        Raises:
            TrialError: If no report comes.
        """
        with self._news:
            self._sending, number = False, ""
            until = time.monotonic() + SETTLE_S
            while time.monotonic() < until:
                self._wait(lambda: self._peer is not None, "a session")
                number, data = next(self._flow)
                self._send_one(number, data)
                self._wait(partial(self._is_answered, number), f"an answer to {number}")
                if number not in self.told.refused:
                    return
                self._news.wait_for(self._over.is_set, 1 / self._rate)
        raise TrialError(
            f"order system {self.market}: a request must pass the gate in {SETTLE_S} s, found code "
            f"{self.told.refused[number]}"
        )

    def _is_answered(self, number: str) -> bool:
        return number in self.told.answered

    def drop(self) -> None:
        """Cut its own session off, as when its machine dies; it comes back by itself."""
        with self._news:
            if self._peer is not None:
                self._peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                self._peer.socket.shutdown(socket.SHUT_RDWR)

    def resend(self, numbers: list[str]) -> None:
        """Send requests once more under their ids, as after a disconnection.

        Args:
            numbers: Their ClOrdIDs.
        """
        with self._news:
            self._wait(lambda: self._peer is not None, "a session")
            for number in numbers:
                self._send_one(number, self.sent[number])

    def _wait(self, holds: Callable[[], bool], what: str) -> None:
        self._news.wait_for(lambda: self._failure is not None or holds(), SETTLE_S)
        if self._failure is not None:
            raise TrialError(f"order system {self.market}: {self._failure}") from self._failure
        if not holds():
            raise TrialError(
                f"order system {self.market}: must get {what}, found {len(self.sent)} sent, "
                f"{len(self.told.answered)} answered, {self._session()}"
            )

    def _session(self) -> str:
        if self._peer is not None:
            return f"session {self.logons} open"
        return f"no session after {self.logons}: ended by {self._ended_by}"

    def _send_one(self, number: str, data: bytes) -> None:
        self.sent[number] = data
        if self._peer is not None:
            try:
                self._peer.send_bytes(data)
            except OSError:
                # Half a message may have left: nothing can follow it, so the session is over.
                with contextlib.suppress(OSError):
                    self._peer.socket.shutdown(socket.SHUT_RDWR)

    def _keep(self, work: Callable[[], None]) -> None:
        """Do the work of a thread, and keep what ended it for whoever waits."""
        try:
            work()
        except Exception as error:  # noqa: BLE001 - it is raised again where somebody waits
            with self._news:
                self._failure = error
                self._news.notify_all()

    def _send(self) -> None:
        begun = time.monotonic()
        due, beat_s = 0.0, begun
        while not self._over.wait(TURN_S):
            now = time.monotonic()
            due, begun = min(due + (now - begun) * self._rate, self._rate * 0.1), now
            with self._news:
                if self._peer is None:
                    due = 0.0
                    continue
                if now - beat_s > BEAT_S:
                    beat_s = now
                    with contextlib.suppress(OSError):
                        self._peer.send(33 if self.market == SSE else 3)
                waiting = len(self.sent) - len(self.told.answered)
                while self._sending and due >= 1 and waiting < AHEAD:
                    self._send_one(*next(self._flow))
                    due, waiting = due - 1, waiting + 1

    def _serve(self) -> None:
        while not self._over.is_set():
            peer = None
            try:
                peer = connect(PROTOCOLS[self.market], self.address, self.window)
                first = self._log_on(peer)
                with self._news:
                    self._peer = peer
                    self.logons += 1
                    self._news.notify_all()
                self._read(peer, first)
                self._ended_by = "the gate closed it"
            except (OSError, TrialError) as error:
                self._ended_by = f"{type(error).__name__}: {error}"
                self._over.wait(RETRY_S)
            with self._news:
                self._peer = None
                self._news.notify_all()
            if peer is not None:
                peer.close()

    def _log_on(self, peer: Peer) -> list[Message]:
        """Log on and ask for every stream; what was told meanwhile."""
        if self.market == SSE:
            sse_logon(peer, SenderCompID=self._comp_id)
            for kind in (40, 209, 208):
                peer.expect(kind)
            groups = [
                {
                    "Pbu": PBUS[SSE],
                    "SetID": one,
                    "BeginReportIndex": self._begin((PBUS[SSE], one)),
                }
                for one in SETS
            ]
            peer.send(206, NoGroups=groups)
            return self._until(peer, 207)
        szse_logon(peer, SenderCompID=self._comp_id)
        for kind in (1, 6, 9):
            peer.expect(kind)
        rows = [{"PartitionNo": one, "ReportIndex": self._begin(("", one))} for one in SETS]
        peer.send(5, NoPartitions=rows)
        return []

    def _begin(self, stream: Stream) -> int:
        """Return the index to ask from: a few known reports are to come again and be the same."""
        return max(1, self.told.next_index(stream) - OVERLAP)

    def _until(self, peer: Peer, kind: int) -> list[Message]:
        """Return what comes before a message of this type."""
        met: list[Message] = []
        while True:
            message = peer.read()
            if message is None:
                raise TrialError(f"must get message {kind}, found the end of the connection")
            if message["type"] == kind:
                return met
            met.append(message)

    def _read(self, peer: Peer, first: list[Message]) -> None:
        for known in first:
            self._take(known)
        while True:
            if not self.reads:
                self._over.wait(RETRY_S)
                if self._over.is_set():
                    return
                continue
            try:
                message = peer.read(READ_S)
            except TimeoutError:
                if self._over.is_set():
                    return
                continue
            if message is None:
                return
            if message["type"] in LOGOUTS:
                self.goodbyes += 1
                return
            self._take(message)

    def _take(self, message: Message) -> None:
        with self._news:
            self.told.take(message)
            self._news.notify_all()
