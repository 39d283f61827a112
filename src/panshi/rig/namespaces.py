"""Two network namespaces with a cable between them; what is cut there ends without a word."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from panshi.domain.errors import TrialError

if TYPE_CHECKING:
    from collections.abc import Iterator

NEW_NET: Final = 0x4000_0000
"""`CLONE_NEWNET` of Linux."""
OWN: Final = Path("/proc/thread-self/ns/net")
NAMED: Final = Path("/run/netns")
WEST, EAST = "192.0.2.1", "192.0.2.2"
"""Addresses of the two ends (RFC 5737); no packet leaves the namespaces."""
BITS: Final = 30


def lacking() -> str:
    """Return why there can be no namespaces here; empty when there can be."""
    if sys.platform != "linux" or shutil.which("ip") is None:
        return "network namespaces need Linux and its command ip"
    if os.geteuid() != 0:
        return "network namespaces can be made by root only"
    name = f"panshi-{os.getpid()}-probe"
    if _tried("netns", "add", name):
        return "this machine lets nobody make network namespaces"
    _ip("netns", "del", name)
    return ""


class Cable:
    """Two namespaces and the cable between them."""

    def __init__(self) -> None:
        """Make them; both ends are up."""
        self.names = tuple(f"panshi-{os.getpid()}-{end}" for end in ("west", "east"))
        west, east = self.names
        for name in self.names:
            _ip("netns", "add", name)
        _ip("-n", west, "link", "add", "cable", "type", "veth", "peer", "cable", "netns", east)
        for name, address in zip(self.names, (WEST, EAST), strict=True):
            _ip("-n", name, "address", "add", f"{address}/{BITS}", "dev", "cable")
            for device in ("lo", "cable"):
                _ip("-n", name, "link", "set", device, "up")

    def west(self) -> contextlib.AbstractContextManager[None]:
        """Be in the first namespace: sockets and processes made in the block are there for good."""
        return _inside(self.names[0])

    def east(self) -> contextlib.AbstractContextManager[None]:
        """Be in the second one."""
        return _inside(self.names[1])

    def cut(self) -> None:
        """Cut the cable: nothing arrives any more, the end of a connection neither."""
        _ip("-n", self.names[0], "link", "set", "cable", "down")

    def mend(self) -> None:
        """Join it again."""
        _ip("-n", self.names[0], "link", "set", "cable", "up")

    def remove(self) -> None:
        """Take both namespaces away; they live on while a process is in them."""
        for name in self.names:
            _ip("netns", "del", name)


def _tried(*words: str) -> str:
    path = shutil.which("ip") or "ip"
    done = subprocess.run([path, *words], capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    return done.stderr.strip() or f"status {done.returncode}" if done.returncode else ""


def _ip(*words: str) -> None:
    if trouble := _tried(*words):
        raise TrialError(f"ip {' '.join(words)}: {trouble}")


def _enter(place: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(place, NEW_NET):
        raise TrialError(f"setns: {os.strerror(ctypes.get_errno())}")


@contextlib.contextmanager
def _inside(name: str) -> Iterator[None]:
    with OWN.open("rb") as own, (NAMED / name).open("rb") as other:
        _enter(other.fileno())
        try:
            yield
        finally:
            _enter(own.fileno())
