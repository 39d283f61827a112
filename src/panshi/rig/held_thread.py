"""One thread of a process is held, as by a device that does not answer; its others go on."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from typing import TYPE_CHECKING, Final

from panshi.domain.errors import TrialError

if TYPE_CHECKING:
    from collections.abc import Iterator

SEIZE: Final = 0x4206
INTERRUPT: Final = 0x4207
DETACH: Final = 17
WALL: Final = 0x4000_0000
"""`PTRACE_*` and `__WALL` of Linux."""


@contextlib.contextmanager
def held_main_thread(pid: int) -> Iterator[None]:
    """Hold a child's first thread for as long as the block lasts, or until the child is killed.

    Args:
        pid: Process id of a child of this process.

    Yields:
        Nothing.

    Raises:
        TrialError: If the system does not let this process hold it.
    """
    if sys.platform != "linux":
        raise TrialError(f"threads can be held on Linux only, found {sys.platform}")
    trace = ctypes.CDLL(None, use_errno=True).ptrace
    trace.argtypes = [ctypes.c_long] * 4
    for request in (SEIZE, INTERRUPT):
        if trace(request, pid, 0, 0) != 0:
            reason = os.strerror(ctypes.get_errno())
            raise TrialError(f"the thread of {pid} must be one that can be held: {reason}")
    os.waitpid(pid, WALL)
    try:
        yield
    finally:
        # One that was killed meanwhile is not there any more.
        trace(DETACH, pid, 0, 0)
