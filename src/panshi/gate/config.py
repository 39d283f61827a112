"""Configuration of a gate: a TOML file, checked before anything starts."""

from __future__ import annotations

import tomllib
from ipaddress import ip_network
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from panshi.domain.errors import BadRecordError

if TYPE_CHECKING:
    from pathlib import Path

Market = Literal[1, 2]
Address = Annotated[str, Field(pattern=r"^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:]+\]):\d{1,5}$")]


def _range(text: str) -> str:
    """Check a range of addresses; the native code reads the same text."""
    try:
        ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError(f"must be an address or a range such as 10.1.0.0/16: {error}") from error
    return text


Range = Annotated[str, AfterValidator(_range)]
Positive = Annotated[int, Field(gt=0)]
Count = Annotated[int, Field(ge=0, lt=1 << 32)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class JournalConfig(_Part):
    """Where and how the journal of the day is written."""

    dir: str
    segment_bytes: Annotated[int, Field(ge=16_384, multiple_of=4096)] = 64 << 20
    durability: Literal["A", "B", "C"] = "B"
    sync_interval_ms: Positive = 10


class TlsConfig(_Part):
    """TLS on a port: PEM files; the key's may be read by its owner only."""

    certificate: str
    key: str
    client_ca: str | None = None


class ListenConfig(_Part):
    """A port for order systems: the gate stands there as the exchange's gateway would."""

    market: Market
    platform: Annotated[int, Field(ge=0, le=6)] = 0
    address: Address
    comp_id: Annotated[str, Field(min_length=1, max_length=32)]
    streams: tuple[Positive, ...] = ()
    version_min: Annotated[str, Field(pattern=r"^\d+\.\d+$")] = "0.50"
    passwords: str | None = None
    allow: tuple[Range, ...] = ()
    tls: TlsConfig | None = None


class AccessConfig(_Part):
    """Where an order system may log on from; without a row it may from everywhere."""

    market: Market
    comp_id: Annotated[str, Field(min_length=1, max_length=32)]
    addresses: Annotated[tuple[Range, ...], Field(min_length=1)]


class SwitchAfterConfig(_Part):
    """Failures in a row at a centre after which the other one is tried, by cause; 0: never."""

    connect: Count = 1
    loss: Count = 1
    not_ready: Count = 1
    heartbeat: Count = 1
    refused: Count = 0


class ReconnectConfig(_Part):
    """How a gateway's sessions are made again, and in which data centre."""

    first: Literal["main", "backup"] = "main"
    retry_min_ms: Annotated[int, Field(ge=1, le=60_000)] = 100
    retry_max_ms: Annotated[int, Field(ge=1, le=600_000)] = 5_000
    connect_timeout_ms: Annotated[int, Field(ge=1, le=60_000)] = 3_000
    switch_after: SwitchAfterConfig = SwitchAfterConfig()

    @model_validator(mode="after")
    def _check_bounds(self) -> Self:
        if self.retry_max_ms < self.retry_min_ms:
            raise ValueError(
                f"retry_max_ms must be at least retry_min_ms {self.retry_min_ms}, "
                f"found {self.retry_max_ms}"
            )
        return self


class GatewayConfig(_Part):
    """One exchange gateway with its main and its backup address."""

    number: Annotated[int, Field(ge=1, le=65_535)]
    market: Market
    platform: Annotated[int, Field(ge=0, le=6)] = 0
    main: Address
    backup: Address | None = None
    comp_id: Annotated[str, Field(min_length=1, max_length=32)]
    target_comp_id: Annotated[str, Field(min_length=1, max_length=32)]
    password_file: str | None = None
    heartbeat_s: Annotated[int, Field(ge=5, le=60)] = 10
    version: str | None = None
    reconnect: ReconnectConfig = ReconnectConfig()


class BoundsConfig(_Part):
    """Limits of queues and connections; what happens at each is in docs/operations/gate.md."""

    client_backlog_bytes: Positive = 8 << 20
    gateway_backlog_bytes: Positive = 4 << 20
    client_socket_bytes: Annotated[int, Field(ge=4096, le=64 << 20)] = 256 << 10
    gateway_socket_bytes: Annotated[int, Field(ge=4096, le=64 << 20)] = 256 << 10
    connections: Positive = 256
    connections_per_address: Positive = 64
    turn_messages: Positive = 64
    replay_bytes: Positive = 256 << 10
    message_bytes: Annotated[int, Field(ge=4096, le=65_536)] = 8 << 10


class RecoveryConfig(_Part):
    """How a day that was under way is taken up again."""

    snapshot_records: Annotated[int, Field(ge=0)] = 250_000
    snapshots_kept: Annotated[int, Field(ge=1, le=1000)] = 3
    activate: Literal["at_once", "synced", "clear", "command"] = "clear"
    settle_ms: Annotated[int, Field(ge=0, le=600_000)] = 3000


class LeaseConfig(_Part):
    """A lease among machines, kept in PostgreSQL by `panshi gate lease`."""

    database: Annotated[str, Field(pattern=r"^postgres(ql)?://")]
    password_file: str | None = None
    ttl_ms: Annotated[int, Field(ge=200, le=60_000)] = 3_000
    margin_ms: Annotated[int, Field(ge=10, le=10_000)] = 300
    goodbye_ms: Annotated[int, Field(ge=10, le=10_000)] = 500
    period_ms: Annotated[int, Field(ge=10, le=10_000)] = 200

    @model_validator(mode="after")
    def _check_times(self) -> Self:
        if "@" in self.database and ":" in self.database.split("//")[1].split("@")[0]:
            raise ValueError("database must not hold a password: it belongs into password_file")
        needed = self.margin_ms + 2 * self.goodbye_ms + 3 * self.period_ms
        if self.ttl_ms < needed:
            raise ValueError(
                f"ttl_ms must be at least margin_ms + 2 goodbye_ms + 3 period_ms = {needed}, "
                f"found {self.ttl_ms}"
            )
        return self


class ClaimConfig(_Part):
    """How gateway numbers are kept from being logged in twice."""

    locks: str = "/run/lock/panshi"
    lease: LeaseConfig | None = None


class GateConfig(_Part):
    """Everything that decides how a gate runs."""

    journal: JournalConfig
    listen: Annotated[tuple[ListenConfig, ...], Field(min_length=1)]
    gateways: Annotated[tuple[GatewayConfig, ...], Field(min_length=1)]
    access: tuple[AccessConfig, ...] = ()
    spin: bool = False
    core: Annotated[int, Field(ge=0, lt=1024)] | None = None
    timer_ms: Positive = 10
    control: str | None = None
    metrics: Address | None = None
    quotes: str | None = None
    log: str | None = None
    clock: dict[str, object] | None = None
    recovery: RecoveryConfig = RecoveryConfig()
    bounds: BoundsConfig = BoundsConfig()
    capacity: dict[str, Positive] = {}
    cancel_prefix: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{2}$")] = "Z9"
    claim: ClaimConfig = ClaimConfig()

    @model_validator(mode="after")
    def _check_keeper(self) -> Self:
        if self.claim.lease is not None and self.control is None:
            raise ValueError("control must be set with a lease: its keeper reaches the gate there")
        return self

    @field_validator("gateways")
    @classmethod
    def _check_numbers(cls, gateways: tuple[GatewayConfig, ...]) -> tuple[GatewayConfig, ...]:
        seen: set[int] = set()
        for gateway in gateways:
            if gateway.number in seen:
                raise ValueError(
                    f"each gateway must have its own number, {gateway.number} is twice"
                )
            seen.add(gateway.number)
        return gateways


def load_config(path: Path) -> GateConfig:
    """Load and check a configuration file.

    Args:
        path: TOML file.

    Returns:
        The configuration.

    Raises:
        BadRecordError: If the file is no TOML, or a key does not hold what it must; the text names
            file, key and expectation.
        OSError: If the file cannot be read.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadRecordError(path, 0, "", "a TOML file", str(error)) from error
    try:
        return GateConfig.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        found = repr(first["input"]) if first["type"] != "missing" else "nothing"
        raise BadRecordError(path, 0, key, _expectation(first["msg"]), found) from error


def _expectation(message: str) -> str:
    return message[:1].lower() + message[1:]
