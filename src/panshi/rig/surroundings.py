"""Surroundings that fail on command: a disk whose syncs fail, a disk that is small."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from panshi.domain.errors import TrialError

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCES: Final = Path(__file__).with_name("preload")
COMPILER: Final = "cc"
MOUNT, UNMOUNT = "mount", "umount"
BLOCK_BYTES: Final = 1 << 20


def lacks_compiler() -> str | None:
    """Return why nothing can be put before the kernel's calls here, or None."""
    if shutil.which(COMPILER) is None:
        return f"需要 C 编译器 · needs a C compiler ({COMPILER}), found none"
    return None


def lacks_mount() -> str | None:
    """Return why no disk can be mounted here, or None."""
    if os.geteuid() != 0:
        return "需要 root 权限：挂载小磁盘 · needs root: it mounts a small disk"
    if shutil.which(MOUNT) is None or shutil.which(UNMOUNT) is None:
        return "需要 mount 命令 · needs the command mount, found none"
    return None


def build_preload(name: str, folder: Path) -> Path:
    """Build a library that stands before calls of the kernel when it is named in LD_PRELOAD.

    Args:
        name: Stem of its source in `preload/`.
        folder: Where the library goes.

    Returns:
        The library.

    Raises:
        TrialError: If the compiler does not take it.
    """
    library = folder / f"{name}.so"
    words = [COMPILER, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCES / f"{name}.c")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - our own source
    if done.returncode != 0:
        raise TrialError(f"{' '.join(words)}: must compile, found {done.stderr.strip()}")
    return library


@contextlib.contextmanager
def small_disk(folder: Path, mebibytes: int) -> Iterator[Path]:
    """Mount a small disk in memory.

    Args:
        folder: Where; it is made.
        mebibytes: Its size.

    Yields:
        The folder.

    Raises:
        TrialError: If it cannot be mounted.
    """
    folder.mkdir()
    size = f"size={mebibytes}m"
    words = [MOUNT, "-t", "tmpfs", "-o", size, "none", str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    if done.returncode != 0:
        raise TrialError(f"{' '.join(words)}: must mount, found {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run([UNMOUNT, "-l", str(folder)], check=True)  # noqa: S603 - our own words


def fill_disk(folder: Path, spare_bytes: int) -> Path:
    """Take the room of a disk away, also from whoever writes there meanwhile.

    Args:
        folder: A folder on it.
        spare_bytes: Room that is left.

    Returns:
        The file that takes it; its removal gives it back.
    """
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        missing = shutil.disk_usage(folder).free - spare_bytes
        while missing > 0:
            try:
                missing -= file.write(bytes(min(missing, BLOCK_BYTES)))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                break  # somebody else took the last of it: the disk is full
    return ballast
