"""Which database a console runs on: SQLite in its home, or PostgreSQL by its address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from panshi.domain.errors import BadInputError

if TYPE_CHECKING:
    from pathlib import Path

BUSY_S: Final = 20
"""How long a writer waits for another one before it gives up."""
SCHEMES: Final = frozenset({"postgres", "postgresql"})


def describe_database(url: str, sqlite: Path) -> dict[str, object]:
    """Return Django's description of the database.

    Args:
        url: `postgresql://user:password@host:port/name?option=value`; empty for SQLite.
        sqlite: Path of the SQLite database.

    Returns:
        The entry of `DATABASES`.

    Raises:
        BadInputError: If the address is none of PostgreSQL, or names no database.
    """
    return _describe_postgres(url) if url else _describe_sqlite(sqlite)


def _describe_sqlite(path: Path) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            # A writer takes its lock at once. One that reads first and writes later could find
            # that another writer was faster, and would fail instead of waiting.
            "transaction_mode": "IMMEDIATE",
            "timeout": BUSY_S,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }


def _describe_postgres(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    name = unquote(parts.path.removeprefix("/"))
    if parts.scheme not in SCHEMES or not name:
        # The address has a password and is not told.
        raise BadInputError(
            "DATABASE_URL 须为 postgresql://用户:口令@主机:端口/库名 · must be "
            f"postgresql://user:password@host:port/name, found scheme {parts.scheme!r}"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": "" if parts.port is None else str(parts.port),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }
