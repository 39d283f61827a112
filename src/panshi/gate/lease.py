"""The keeper of a gate's leases: it takes and renews them, and grants the gate what they are worth.

What the gate may rely on ends before anybody else may take the lease: the grant is counted from
the moment before the renewal was sent, and is shorter than the lease by a margin; a taker counts
the whole lease and the margin from the moment after it saw the last renewal. Between the two lie
differences of the machines' clock rates and one turn of the gate's loop, whatever a database, a
network or a process does meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from panshi.domain.clock import MS_NS, boot_ns
from panshi.domain.errors import BadInputError, LeaseError
from panshi.gate import process

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from panshi.gate.config import LeaseConfig
    from panshi.gate.lease_store import Row

BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
MOUNTS: Final = Path("/proc/self/ns/mnt")
ANSWER_S: Final = 1.0


class Store(Protocol):
    """Where leases are kept."""

    async def read(self, name: str) -> Row:
        """Return a number's lease."""
        ...

    async def renew(self, name: str, holder: str, token: int) -> bool:
        """Raise the count of a lease."""
        ...

    async def take(self, name: str, holder: str, seen: Row) -> int | None:
        """Take a lease that still is as it was seen."""
        ...

    async def release(self, name: str, holder: str) -> None:
        """Give a lease back."""
        ...


@dataclass(frozen=True, slots=True)
class Grant:
    """What a gate may rely on of one number."""

    name: str
    until_ns: int
    token: int


@dataclass(slots=True)
class _Number:
    """A number as the keeper sees it."""

    path: Path
    token: int | None = None
    seen: Row | None = None
    seen_ns: int = 0
    refused: str = ""
    relied_ns: int = 0
    """The moment up to which the gate may rely on it, as far as it was ever told."""


def name_holder(control: Path) -> str:
    """Return who holds a gate's leases: the same for each keeper of this gate, for no other's.

    Args:
        control: Control socket of the gate.

    Returns:
        Machine, its boot, the container, and the gate's control socket.
    """
    boot = BOOT_ID.read_text(encoding="ascii").strip()
    return f"{socket.gethostname()}/{boot}/{MOUNTS.stat().st_ino}{control.resolve()}"


@dataclass
class Keeper:
    """Keeps the leases of one gate.

    Attributes:
        config: The lease's configuration.
        control: Control socket of the gate.
        store: Where leases are kept.
        tell: Is told what changes, as names and values.
        clock: Nanoseconds since boot.
    """

    config: LeaseConfig
    control: Path
    store: Store
    tell: Callable[[Mapping[str, object]], None]
    clock: Callable[[], int] = boot_ns
    _numbers: dict[str, _Number] = field(default_factory=dict)
    _trouble: str = ""

    def __post_init__(self) -> None:
        """Name the holder."""
        self.holder = name_holder(self.control)

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the leases until told to stop, then give them back.

        Args:
            stop: Set when it is to end.
        """
        while not stop.is_set():
            await self.turn()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self.config.period_ms / 1000)
        await self.hand_back()

    async def turn(self) -> None:
        """Take or renew each lease once, and grant the gate what they are worth."""
        rows = self._grant([])
        if rows is None:
            await self._release_of_the_dead()
            return
        for row in rows:
            if row["leased"]:
                self._numbers.setdefault(row["name"], _Number(Path(row["path"])))
        try:
            grants = [
                grant
                for name, number in self._numbers.items()
                if (grant := await self._hold(name, number)) is not None
            ]
        except LeaseError as error:
            self._note_trouble(str(error))
            return
        self._note_trouble("")
        if grants:
            # Before it is told: an answer that is lost does not take the grant back.
            for grant in grants:
                self._numbers[grant.name].relied_ns = grant.until_ns
            self._grant(grants)

    async def hand_back(self) -> None:
        """Have the gate say its goodbyes, then give every lease back."""
        until_ns = self.clock() + self.config.goodbye_ms * MS_NS
        held = [(name, one) for name, one in self._numbers.items() if one.token is not None]
        told = self._grant([Grant(name, until_ns, one.token or 0) for name, one in held])
        if told is None:
            # It may not have heard, and then it relies on what it was told last.
            until_ns = max([until_ns, *(one.relied_ns for _, one in held)])
        while self.clock() < until_ns:
            rows = self._grant([])
            if rows is None:
                await self._release_of_the_dead()
                held = [(name, one) for name, one in held if one.token is not None]
            elif all(row["session"] == "down" for row in rows):
                break
            if not held:
                return
            await asyncio.sleep(0.01)
        else:
            # The gate has closed what was left at that moment; the margin is its time to do so.
            await asyncio.sleep(self.config.margin_ms / 1000)
        self._grant([Grant(name, 0, one.token or 0) for name, one in held])
        with contextlib.suppress(LeaseError):
            await self._release(held)

    async def _hold(self, name: str, number: _Number) -> Grant | None:
        row = await self.store.read(name)
        read_ns = self.clock()
        if number.seen != row:
            number.seen, number.seen_ns = row, read_ns
        begun_ns = self.clock()
        if row.holder == self.holder:
            token = row.token if await self.store.renew(name, self.holder, row.token) else None
        elif row.holder is None or read_ns - number.seen_ns >= self._patience_ns(row):
            token = await self.store.take(name, self.holder, row)
        else:
            token = None
        if token != number.token:
            event = "lease lost" if token is None else "lease held"
            self.tell({"event": event, "name": name, "token": token, "before": row.holder})
            number.token = token
        if token is None:
            return None
        worth_ns = (self.config.ttl_ms - self.config.margin_ms) * MS_NS
        return Grant(name, begun_ns + worth_ns, token)

    def _patience_ns(self, row: Row) -> int:
        """How long a count must stand still before the lease is anybody's."""
        return (row.ttl_ms + self.config.margin_ms) * MS_NS

    def _grant(self, grants: Sequence[Grant]) -> list[dict[str, Any]] | None:
        """Tell the gate what it may rely on; None when it does not answer or does not want to."""
        rows = [{"name": one.name, "until_ns": one.until_ns, "token": one.token} for one in grants]
        try:
            found = process.ask(self.control, {"verb": "grant", "grants": rows}, ANSWER_S)
        except (OSError, BadInputError) as error:
            self._note_trouble(str(error))
            return None
        return list(found)

    async def _release_of_the_dead(self) -> None:
        """Give back the leases of a gate that has died: nobody holds its locks any more."""
        held = [(name, one) for name, one in self._numbers.items() if one.token is not None]
        with contextlib.ExitStack() as locks:
            free = [(name, one) for name, one in held if _is_free(one.path, locks)]
            with contextlib.suppress(LeaseError):
                await self._release(free)

    async def _release(self, held: Sequence[tuple[str, _Number]]) -> None:
        for name, number in held:
            await self.store.release(name, self.holder)
            number.token = None
            self.tell({"event": "lease given back", "name": name})

    def _note_trouble(self, words: str) -> None:
        if words != self._trouble:
            self._trouble = words
            self.tell({"event": "trouble", "reason": words} if words else {"event": "trouble over"})


def _is_free(path: Path, locks: contextlib.ExitStack) -> bool:
    """Take a lock for as long as the stack is open; False when somebody holds it.

    A file that is not there says nothing: whoever locked it before it was removed holds it still.
    """
    try:
        file = locks.enter_context(path.open("rb"))
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
