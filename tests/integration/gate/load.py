"""Orders without pause: one client sends, the exchange answers, until one of them is gone."""

import itertools
import threading
from dataclasses import dataclass, field

from panshi.rig.exchange import accepted
from panshi.rig.messages import shanghai_order
from panshi.rig.peer import Message, Peer

BATCH = 20
AHEAD = 5000
"""Orders that may be without an answer: more would be refused because the queue is full."""


@dataclass
class Load:
    """A running load; every list grows until the connections end."""

    client: Peer
    session: Peer
    sent: list[str] = field(default_factory=list)
    arrived: list[str] = field(default_factory=list)
    reports: list[Message] = field(default_factory=list)
    told: list[Message] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)
    room: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(AHEAD // BATCH))

    def begin(self) -> None:
        """Start to send and to answer."""
        for work in (self._send, self._answer):
            self.threads.append(threading.Thread(target=work))
            self.threads[-1].start()

    def read(self, count: int) -> None:
        """Read reports until so many were told."""
        while len(self.told) < count:
            self.told.append(self.client.expect(32))

    def join(self) -> None:
        """Wait for the end that the death of the gate brings, and read what it still said."""
        for thread in self.threads:
            thread.join()
        while (message := self.client.read()) is not None:
            self.told.append(message["fields"])

    def resume(self, session: Peer, begin: int) -> None:
        """Send the reports from an index on to a gate that came back."""
        for report in self.reports[begin - 1 :]:
            session.send(32, **report)

    def _send(self) -> None:
        try:
            for first in itertools.count(0, BATCH):
                self.room.acquire()
                numbers = [f"A{first + number:09}" for number in range(BATCH)]
                self.client.send_bytes(b"".join(map(shanghai_order, numbers)))
                self.sent += numbers
        except OSError:
            return

    def _answer(self) -> None:
        try:
            while (message := self.session.read()) is not None:
                order = message["fields"]
                self.arrived.append(order["ClOrdID"])
                self.reports.append(accepted(order, len(self.arrived)))
                self.session.send(32, **self.reports[-1])
                if len(self.arrived) % BATCH == 0:
                    self.room.release()
        except OSError:
            return
        finally:
            # Whoever waits for room finds out by sending that nobody takes orders any more.
            self.room.release(AHEAD)
