"""Leases on gateway numbers as rows of one table in PostgreSQL.

No wall clock decides anything. A row carries a count that its holder raises; whoever wants the
number watches the count on its own clock, and takes the row when the count has stood still for
longer than the holder itself relies on it.
"""

from __future__ import annotations

import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

import asyncpg

from panshi.domain.errors import LeaseError

if TYPE_CHECKING:
    from panshi.gate.config import LeaseConfig

TABLE: Final = """
create table if not exists panshi_lease (
    name text primary key,
    holder text,
    token bigint not null default 0,
    renewals bigint not null default 0,
    ttl_ms integer not null default 0
)
"""
_READ: Final = "select holder, token, renewals, ttl_ms from panshi_lease where name = $1"
_ADD: Final = "insert into panshi_lease (name) values ($1) on conflict do nothing"
_RENEW: Final = """
update panshi_lease set renewals = renewals + 1, ttl_ms = $4
where name = $1 and holder = $2 and token = $3
returning token
"""
_TAKE: Final = """
update panshi_lease set holder = $2, token = token + 1, renewals = 0, ttl_ms = $5
where name = $1 and token = $3 and renewals = $4 and holder is not distinct from $6
returning token
"""
_RELEASE: Final = "update panshi_lease set holder = null where name = $1 and holder = $2"
_FAILURES: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


class Row(NamedTuple):
    """A lease as the database has it."""

    holder: str | None
    token: int
    renewals: int
    ttl_ms: int


class LeaseStore:
    """One connection to the database, made again after each failure."""

    def __init__(self, config: LeaseConfig, password: str | None) -> None:
        """Keep how the database is reached.

        Args:
            config: The lease's configuration.
            password: Its user's password, or None.
        """
        self._config = config
        self._password = password
        self._patience_s = config.ttl_ms / 3_000
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    async def create(self) -> None:
        """Make the table unless it is there."""
        await self._execute(TABLE)

    async def read(self, name: str) -> Row:
        """Return a number's lease; its row is made when it is new."""
        row = await self._fetch(_READ, name)
        if row is None:
            await self._execute(_ADD, name)
            return Row(None, 0, 0, 0)
        return Row(row["holder"], row["token"], row["renewals"], row["ttl_ms"])

    async def renew(self, name: str, holder: str, token: int) -> bool:
        """Raise the count of a lease; False when it is held by somebody else."""
        return await self._fetch(_RENEW, name, holder, token, self._config.ttl_ms) is not None

    async def take(self, name: str, holder: str, seen: Row) -> int | None:
        """Take a lease that still is as it was seen; its new token, or None."""
        ttl_ms = self._config.ttl_ms
        row = await self._fetch(_TAKE, name, holder, seen.token, seen.renewals, ttl_ms, seen.holder)
        return None if row is None else int(row["token"])

    async def release(self, name: str, holder: str) -> None:
        """Give a lease back: anybody may take it at once."""
        await self._execute(_RELEASE, name, holder)

    async def close(self) -> None:
        """End the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*_FAILURES):
                await connection.close(timeout=self._patience_s)

    async def _connected(self) -> asyncpg.Connection[asyncpg.Record]:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(
                self._config.database,
                password=self._password,
                timeout=self._patience_s,
                command_timeout=self._patience_s,
                # A lease that a crash of the database could take back is none.
                server_settings={"synchronous_commit": "on", "application_name": "panshi lease"},
            )
        return self._connection

    async def _fetch(self, statement: str, *values: object) -> asyncpg.Record | None:
        try:
            connection = await self._connected()
            return await connection.fetchrow(statement, *values)
        except (*_FAILURES, ssl.SSLError) as error:
            raise await self._failed(error) from error

    async def _execute(self, statement: str, *values: object) -> None:
        try:
            connection = await self._connected()
            await connection.execute(statement, *values)
        except (*_FAILURES, ssl.SSLError) as error:
            raise await self._failed(error) from error

    async def _failed(self, error: Exception) -> LeaseError:
        connection, self._connection = self._connection, None
        if connection is not None:
            # What is still on its way must not be waited for.
            connection.terminate()
        words = " ".join(str(error).split()) or type(error).__name__
        return LeaseError(f"租约数据库 · database of the leases: must answer, found {words}")
