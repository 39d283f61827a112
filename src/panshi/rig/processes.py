"""Child processes: started, watched and ended by their ids."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from panshi.domain.errors import BadInputError
from panshi.gate.process import ask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

END_S = 10
"""Seconds that a process may take to end in order."""
POLL_S = 0.05
COMMAND: Final = (sys.executable, "-m", "panshi.cli.main")
"""Words that start `panshi` with the interpreter that runs now."""
SPARE_BYTES = 2 << 30
"""Room that the journal and the logs of the largest run may take."""


def require_room(folder: Path, needed: int = SPARE_BYTES) -> None:
    """Check that a folder's disk has room for a run.

    Args:
        folder: The folder.
        needed: Bytes.

    Raises:
        BadInputError: If there is less.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BadInputError(
            f"{folder}: 磁盘空间不足 · must have {needed >> 20} MiB free, found {free >> 20} MiB"
        )


@contextlib.contextmanager
def kept_folder(keep: Path | None, prefix: str) -> Iterator[Path]:
    """Give the folder of a run: one that is removed, or an empty one that is kept.

    Args:
        keep: The folder that is kept; None: one that is removed.
        prefix: First part of the name of one that is removed.

    Yields:
        The folder.

    Raises:
        BadInputError: If files are in the one that is kept.
    """
    if keep is None:
        with tempfile.TemporaryDirectory(prefix=prefix) as name:
            yield Path(name)
        return
    keep.mkdir(parents=True, exist_ok=True)
    if any(keep.iterdir()):
        raise BadInputError(f"{keep}: 须为空目录 · must be an empty folder, found files in it")
    yield keep


def to_toml(table: dict[str, Any]) -> str:
    """Write a configuration as TOML.

    Args:
        table: Texts, numbers, truth values, lists and tables; what is None is left out.

    Returns:
        One key a line; tables inline.
    """
    return "".join(
        f"{key} = {_value(value)}\n" for key, value in table.items() if value is not None
    )


def _value(value: Any) -> str:  # noqa: ANN401 - a configuration holds values of any kind
    if isinstance(value, dict):
        inner = ", ".join(
            f"{key} = {_value(part)}" for key, part in value.items() if part is not None
        )
        return f"{{ {inner} }}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_value(part) for part in value)}]"
    return json.dumps(value, ensure_ascii=False)


@dataclass(slots=True)
class Child:
    """One process and the files that it writes to."""

    name: str
    process: subprocess.Popen[bytes]
    output: Path
    errors: Path

    def require_alive(self) -> None:
        """Check that the process runs.

        Raises:
            BadInputError: If it has ended; the text has its last words.
        """
        status = self.process.poll()
        if status is not None:
            raise BadInputError(
                f"{self.name} (pid {self.process.pid}): 进程意外退出 · must run, "
                f"has ended with status {status}: {self.last_words()}"
            )

    def kill(self) -> None:
        """Kill the process as a fault does, and wait for its end."""
        self.process.kill()
        self.process.wait()

    def last_words(self) -> str:
        """Return the last line that the process wrote to its standard error."""
        lines = self.errors.read_text(encoding="utf-8", errors="replace").splitlines()
        return lines[-1] if lines else "no words"


class Children:
    """Every process of a run; leaving the block ends them."""

    def __init__(self, folder: Path) -> None:
        """Keep where the processes write to.

        Args:
            folder: Folder of the run.
        """
        self._folder = folder
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End every process that still runs, the youngest first."""
        for child in reversed(self._children):
            self.end(child)

    def start(
        self,
        name: str,
        arguments: Sequence[str],
        environment: Mapping[str, str] | None = None,
        program: Sequence[str] = COMMAND,
    ) -> Child:
        """Start a process of its own.

        Args:
            name: Name for messages and files; a later process of the same name writes over them.
            arguments: The words after the program's.
            environment: Its environment; None is that of this process.
            program: The program, usually the `panshi` command.

        Returns:
            The process.
        """
        output, errors = self._folder / f"{name}.out", self._folder / f"{name}.err"
        with output.open("wb") as out, errors.open("wb") as err:
            process = subprocess.Popen(  # noqa: S603 - our own command and arguments
                [*program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=environment,
            )
        child = Child(name, process, output, errors)
        self._children.append(child)
        return child

    def require_alive(self) -> None:
        """Check that every process runs.

        Raises:
            BadInputError: If one has ended.
        """
        for child in self._children:
            child.require_alive()

    def end(self, child: Child) -> int:
        """End a process in order, or at once if it does not listen.

        Args:
            child: The process.

        Returns:
            Its status.
        """
        if child.process.poll() is None:
            child.process.terminate()
            try:
                child.process.wait(END_S)
            except subprocess.TimeoutExpired:
                child.process.kill()
        return child.process.wait()


def wait_for_listeners(child: Child, count: int, until_s: float) -> None:
    """Wait until the venue has said where it listens.

    Args:
        child: The venue.
        count: Addresses that it must name.
        until_s: Moment of the monotonic clock at which patience ends.

    Raises:
        BadInputError: If it ends or takes too long.
    """
    while child.output.read_bytes().count(b'"listening"') < count:
        child.require_alive()
        if time.monotonic() > until_s:
            raise BadInputError(f"{child.name}: 启动超时 · must listen in time, found nothing")
        time.sleep(POLL_S)


def wait_for_gateways(child: Child, control: Path, count: int, until_s: float) -> None:
    """Wait until the gate is connected to every exchange gateway.

    Args:
        child: The gate.
        control: Its control socket.
        count: Gateways.
        until_s: Moment of the monotonic clock at which patience ends.

    Raises:
        BadInputError: If it ends or takes too long.
    """
    while True:
        child.require_alive()
        try:
            found = ask(control, {"verb": "status"})["gateways"]
            connected = sum(row["connected"] for row in found)
        except OSError:
            connected = 0
        if connected == count:
            return
        if time.monotonic() > until_s:
            raise BadInputError(
                f"{child.name}: 启动超时 · must be connected to {count} exchange gateways in "
                f"time, found {connected}"
            )
        time.sleep(POLL_S)
