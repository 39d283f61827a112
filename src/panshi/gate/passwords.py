"""Passwords of order systems and secrets of persons: made by a machine, kept as salted hashes."""

from __future__ import annotations

import os
import secrets
import string
import tempfile
from pathlib import Path
from typing import Final

from panshi import _native
from panshi.domain.errors import BadInputError

PASSWORD_CHARACTERS: Final = 16
"""As many as the Logon of TGW has room for."""
NAME_BYTES: Final = 32
"""As many as a command has room for in the journal."""
_ALPHABET: Final = string.ascii_letters + string.digits
_SALT_BYTES: Final = 16


def renew_password(path: Path, client: str) -> str:
    """Make a fresh password for a client and put its salted hash into the file.

    Args:
        path: File of the clients' hashes; made with mode 0600 if it does not exist.
        client: The client's `CompID`, or the person's name.

    Returns:
        The password, which is kept nowhere.

    Raises:
        BadInputError: If the client's name has a space in it or none at all.
        OSError: If the file cannot be read or written.
    """
    if len(client.split()) != 1 or len(client.encode()) > NAME_BYTES:
        raise BadInputError(
            f"client: must be one word of at most {NAME_BYTES} bytes, found {client!r}"
        )
    password = "".join(secrets.choice(_ALPHABET) for _ in range(PASSWORD_CHARACTERS))
    salt = secrets.token_bytes(_SALT_BYTES)
    found = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    kept = [line for line in found if line.split()[:1] != [client]]
    row = f"{client} {salt.hex()} {_native.gate_password_hash(salt, password.encode()).hex()}"
    _replace(path, "".join(f"{line}\n" for line in [*kept, row]))
    return password


def _replace(path: Path, text: str) -> None:
    # A reader sees the old file or the new one, and nobody else sees either: mkstemp gives 0600.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink()
        raise
