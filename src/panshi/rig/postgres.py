"""A PostgreSQL of a trial's own: on loopback, in a folder that vanishes with it."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from panshi.domain.errors import TrialError
from panshi.rig.ports import reserve_ports

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from panshi.rig.peer import Address

DEBIAN: Final = Path("/usr/lib/postgresql")
USER: Final = "postgres"
"""The server does not run as root; Debian's package makes this user."""
SETTINGS: Final = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "shared_buffers=16MB",
    "max_connections=20",
)
START_S: Final = "60"


def find_programs() -> Path | None:
    """Return the folder of initdb and pg_ctl, or None."""
    found = sorted(DEBIAN.glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    named = shutil.which("initdb")
    return None if named is None else Path(named).resolve().parent


def lacks_postgres() -> str | None:
    """Return why no PostgreSQL can be started here, or None."""
    if find_programs() is None:
        return "需要 PostgreSQL（Debian 包 postgresql）· needs PostgreSQL (Debian: postgresql)"
    if os.geteuid() == 0:
        try:
            pwd.getpwnam(USER)
        except KeyError:
            return "需要用户 postgres · needs the user postgres: the server does not run as root"
        if shutil.which("runuser") is None:
            return "需要 runuser 命令 · needs the command runuser"
    return None


@contextlib.contextmanager
def serving_postgres() -> Iterator[Address]:
    """Start a server and end it behind.

    Yields:
        Its address; the user is `postgres`, the database `postgres`, no password is asked for.

    Raises:
        TrialError: If it cannot be started.
    """
    programs = find_programs()
    if programs is None:
        raise TrialError(str(lacks_postgres()))
    (port,) = reserve_ports(1)
    with tempfile.TemporaryDirectory(prefix="panshi-postgres-") as name:
        data, log = Path(name) / "data", Path(name) / "log"
        if os.geteuid() == 0:
            shutil.chown(name, USER)
        settings = [word for one in SETTINGS for word in ("-c", one)]
        _run(
            programs / "initdb",
            ["-D", str(data), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"],
        )
        control = ["-D", str(data), "-w", "-t", START_S]
        options = " ".join(["-p", str(port), *settings])
        _run(programs / "pg_ctl", [*control, "-l", str(log), "-o", options, "start"])
        try:
            yield ("127.0.0.1", port)
        finally:
            _run(programs / "pg_ctl", [*control, "-m", "immediate", "stop"])


def _run(program: Path, words: Sequence[str]) -> None:
    before = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
    # The server that pg_ctl leaves behind must not hold a pipe open that somebody reads to its end.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(  # noqa: S603 - our own words
            [*before, str(program), *words], stdout=output, stderr=output, cwd="/", check=False
        )
        if done.returncode != 0:
            output.seek(0)
            found = output.read().decode(errors="replace").strip()
            raise TrialError(f"{program.name}: must succeed, found {found}")
