"""Files that hold a secret: only their owner may read them."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from panshi.domain.errors import BadInputError

if TYPE_CHECKING:
    from pathlib import Path


def read_private(path: Path) -> str:
    """Read a secret.

    Args:
        path: File of one line that only its owner may read.

    Returns:
        The line.

    Raises:
        BadInputError: If others may read the file.
        OSError: If the file cannot be read.
    """
    require_private(path)
    return path.read_text(encoding="utf-8").strip()


def require_private(path: Path) -> None:
    """Check that only its owner has access to a file.

    Args:
        path: The file.

    Raises:
        BadInputError: If others have.
        OSError: If there is no such file.
    """
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise BadInputError(f"{path}: 权限须为 0600 · mode must be 0600, found {mode:04o}")
