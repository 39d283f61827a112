"""Loopback ports for servers that must know theirs before they listen, each given out once.

A port that the kernel chose and that was let go again may be anybody's before the server listens:
the kernel gives it to the next connection that goes out. These ports lie where the kernel chooses
none, and whoever takes one holds a lock on its number until the process ends, so that of several
processes at work on one machine no two have the same. Only where the kernel is set to choose from
nearly all ports are some of its own taken too.
"""

from __future__ import annotations

import fcntl
import functools
import os
import socket
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

from panshi.domain.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

KERNEL_RANGE: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
KERNEL_RANGE_WIDEST: Final = (16_000, 65_535)
"""What is assumed where the kernel does not say from where it chooses."""
PORTS: Final = range(10_000, 65_536)
"""Below are the ports of well-known services."""
STRIDE: Final = 97
"""Processes of neighbouring numbers begin so far from each other."""


def reserve_ports(count: int) -> list[int]:
    """Take loopback ports that stay this process's own until it ends.

    Args:
        count: How many.

    Returns:
        Different ports on which nobody listens, outside of the kernel's range while there are any.

    Raises:
        BadInputError: If there are not so many.
    """
    return _reserve().take(count)


def offered_ports(kernel: tuple[int, int], turn: int) -> list[int]:
    """Return the ports in the order in which they are offered.

    Args:
        kernel: First and last port from which the kernel chooses.
        turn: Where to begin among the others, so that not everybody begins at the same.

    Returns:
        Those that the kernel gives to no connection that goes out, and then its own.
    """
    first, last = kernel
    others = [port for port in PORTS if not first <= port <= last]
    begin = turn * STRIDE % max(1, len(others))
    return [*others[begin:], *others[:begin], *(port for port in PORTS if first <= port <= last)]


def kernel_range(path: Path = KERNEL_RANGE) -> tuple[int, int]:
    """Return from where the kernel chooses the port of a connection that goes out.

    Args:
        path: Where it says so.

    Returns:
        First and last port.
    """
    try:
        first, last = map(int, path.read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return KERNEL_RANGE_WIDEST
    return first, last


class Reserve:
    """The ports of this process.

    A byte of one file stands for each port. Locks of this kind are the process's, which has the
    file open once, and neither its threads nor its children can let go of them.
    """

    def __init__(self, offered: Sequence[int]) -> None:
        """Keep what may be taken.

        Args:
            offered: Ports, in the order in which they are tried.
        """
        self._offered = offered
        self._thread = threading.Lock()
        self._file: int | None = None
        self._taken: set[int] = set()

    def take(self, count: int) -> list[int]:
        """Take ports; see `reserve_ports`.

        Args:
            count: How many.

        Returns:
            The ports.

        Raises:
            BadInputError: If there are not so many.
        """
        found: list[int] = []
        with self._thread:
            file = self._open()
            for port in self._offered:
                if len(found) == count:
                    break
                if port not in self._taken and _take(file, port):
                    self._taken.add(port)
                    found.append(port)
        if len(found) < count:
            raise BadInputError(
                f"127.0.0.1: 回环端口不足 · must have {count} ports free of "
                f"{len(self._offered)}, found {len(found)}"
            )
        return found

    def _open(self) -> int:
        if self._file is None:
            folder = Path(tempfile.gettempdir())
            name = f"panshi-ports-{os.getuid()}"
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            self._file = os.open(folder / name, flags, 0o600)
        return self._file


def _take(file: int, port: int) -> bool:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    if _is_free(port):
        return True
    fcntl.lockf(file, fcntl.LOCK_UN, 1, port)
    return False


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@functools.cache
def _reserve() -> Reserve:
    return Reserve(offered_ports(kernel_range(), os.getpid()))
