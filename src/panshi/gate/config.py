"""Configuration of a gate: a TOML file, checked before anything starts."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from ipaddress import ip_address, ip_network
from pathlib import Path
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

from panshi import _native
from panshi.domain.errors import BadInputError, BadRecordError

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    from pydantic_core import ErrorDetails

Market = Literal[1, 2]
_SZSE = 2


def _host(text: str) -> IPv4Address | IPv6Address:
    """Return the host of an address with its port; the native code reads the same text."""
    host, _, port = text.rpartition(":")
    inner = host.removeprefix("[").removesuffix("]")
    try:
        found = ip_address(inner)
    except ValueError:
        found = None
    written = None if found is None else inner if found.version == IPV4 else f"[{inner}]"
    if found is None or host != written or not port.isascii() or not port.isdecimal():
        raise ValueError("must be an address with its port such as 127.0.0.1:9001")
    if not 0 < int(port) <= PORT_MAX:
        raise ValueError(f"must be an address with a port from 1 to {PORT_MAX}")
    return found


def _address(text: str) -> str:
    _host(text)
    return text


def _loopback(text: str) -> str:
    if not _host(text).is_loopback:
        raise ValueError("must be a loopback address such as 127.0.0.1:9105")
    return text


IPV4, PORT_MAX = 4, 65_535
Address = Annotated[str, AfterValidator(_address)]
Loopback = Annotated[str, AfterValidator(_loopback)]


def _range(text: str) -> str:
    """Check a range of addresses; the native code reads the same text."""
    try:
        ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError(f"must be an address or a range such as 10.1.0.0/16: {error}") from error
    return text


def _is_loopback(address: str) -> bool:
    """Tell whether an address with its port is one of this machine."""
    return ip_address(address.rpartition(":")[0].strip("[]")).is_loopback


Range = Annotated[str, AfterValidator(_range)]
Positive = Annotated[int, Field(gt=0)]
Count = Annotated[int, Field(ge=0, lt=1 << 32)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class JournalConfig(_Part):
    """Where and how the journal of the day is written."""

    dir: str
    segment_bytes: Annotated[int, Field(ge=16_384, multiple_of=4096)] = 64 << 20
    durability: Literal["A", "B", "C", "D"] = "B"
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
    unwelcome: Count = 1


class ReconnectConfig(_Part):
    """How a gateway's sessions are made again, and in which data centre."""

    first: Literal["main", "backup"] = "main"
    retry_min_ms: Annotated[int, Field(ge=1, le=60_000)] = 100
    retry_max_ms: Annotated[int, Field(ge=1, le=600_000)] = 5_000
    connect_timeout_ms: Annotated[int, Field(ge=1, le=60_000)] = 3_000
    welcome_timeout_ms: Annotated[int, Field(ge=1, le=600_000)] = 10_000
    switch_after: SwitchAfterConfig = SwitchAfterConfig()

    @model_validator(mode="after")
    def _check_bounds(self) -> Self:
        if self.retry_max_ms < self.retry_min_ms:
            raise ValueError(
                f"must be bounds with retry_max_ms at least retry_min_ms: {self.retry_max_ms} is "
                f"less than {self.retry_min_ms}"
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
    unknown: Literal["hold", "resend_same_id"] = "hold"

    @field_validator("unknown", mode="before")
    @classmethod
    def _check_query(cls, policy: object) -> object:
        if policy == "query":
            raise ValueError(
                "must be hold or resend_same_id: neither exchange's protocol has a query for an "
                "order (SSE Binary v0.57, SZSE Binary v1.32)"
            )
        return policy

    @model_validator(mode="after")
    def _check_resend(self) -> Self:
        if self.unknown == "resend_same_id" and self.market == _SZSE:
            raise ValueError(
                "must be a gateway with unknown = hold in market 2: SZSE Binary v1.32 does "
                "not say that an order whose ClOrdID is used is rejected, so sending it again may "
                "trade twice"
            )
        return self


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


class StopConfig(_Part):
    """How people stop trading: where stops are latched, their own socket, who can prove a name."""

    latch: str | None = None
    socket: str | None = None
    persons: str | None = None


class CancelOnDisconnectConfig(_Part):
    """An order system whose open orders are cancelled when no session of it is left."""

    market: Market
    comp_id: Annotated[str, Field(min_length=1, max_length=32)]
    grace_ms: Annotated[int, Field(ge=0, le=3_600_000)]


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
            raise ValueError(
                "must be a database without a password, which belongs into password_file"
            )
        needed = self.margin_ms + 2 * self.goodbye_ms + 3 * self.period_ms
        if self.ttl_ms < needed:
            raise ValueError(
                f"must be times with ttl_ms at least margin_ms + 2 goodbye_ms + 3 period_ms: "
                f"{self.ttl_ms} is less than {needed}"
            )
        return self


class ClaimConfig(_Part):
    """How gateway numbers are kept from being logged in twice."""

    locks: str = "/run/lock/panshi"
    lease: LeaseConfig | None = None


class DayEndConfig(_Part):
    """What is done at the end of the day without being asked."""

    automatic: bool = False


class RoomConfig(_Part):
    """Room that the day needs on the journal's disk; see docs/operations/gate.md."""

    expected_orders: Count = 0
    bytes_per_order: Positive = 2_500
    warn_bytes: Annotated[int, Field(ge=0)] = 1 << 30
    cancel_only_bytes: Annotated[int, Field(ge=0)] = 256 << 20


class ClockCheckConfig(_Part):
    """How far the own clock may be from the exchange's before the gate warns."""

    warn_ms: Annotated[int, Field(gt=0, lt=86_400_000)] = 1_000


class FollowTlsConfig(_Part):
    """TLS toward a primary: authorities of its certificate, and the name in it."""

    ca: str
    name: Annotated[str, Field(min_length=1)]


class StandbyConfig(_Part):
    """The journal's way to standbys, or from the gate that this one stands by for."""

    publish: Address | None = None
    allow: tuple[Range, ...] = ()
    follow: Address | None = None
    automatic: bool = False
    secret: str | None = None
    publish_tls: TlsConfig | None = None
    follow_tls: FollowTlsConfig | None = None
    without: Literal["halt", "continue"] = "halt"
    lag_ms: Annotated[int, Field(ge=50, le=60_000)] = 1_000
    silence_ms: Annotated[int, Field(ge=200, le=60_000)] = 3_000
    stuck_ms: Annotated[int, Field(ge=0, le=600_000)] = 5_000

    @model_validator(mode="after")
    def _check_way(self) -> Self:
        if self.publish and not self.allow and not _is_loopback(self.publish):
            raise ValueError(
                "allow must name the standbys' addresses: the journal holds every order"
            )
        if (self.publish or self.follow) and self.secret is None:
            raise ValueError(
                "secret must name a file of at least 32 characters that both sides have: whoever "
                "follows is sent every order"
            )
        if self.automatic and self.follow is None:
            raise ValueError("automatic must be left out where nothing is followed")
        return self


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
    metrics: Loopback | None = None
    quotes: str | None = None
    log: str | None = None
    clock: dict[str, object] | None = None
    recovery: RecoveryConfig = RecoveryConfig()
    stop: StopConfig = StopConfig()
    cancel_on_disconnect: tuple[CancelOnDisconnectConfig, ...] = ()
    bounds: BoundsConfig = BoundsConfig()
    capacity: dict[str, Positive] = {}
    day_end: DayEndConfig = DayEndConfig()
    room: RoomConfig = RoomConfig()
    clock_check: ClockCheckConfig = ClockCheckConfig()
    cancel_prefix: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{2}$")] = "Z9"
    claim: ClaimConfig = ClaimConfig()
    standby: StandbyConfig = StandbyConfig()

    @model_validator(mode="after")
    def _check_durability(self) -> Self:
        if self.journal.durability == "D" and self.standby.publish is None:
            raise ValueError("standby.publish must be set for durability D, which waits for it")
        return self

    @model_validator(mode="after")
    def _check_takeover(self) -> Self:
        standby = self.standby
        far = standby.follow is not None and not _is_loopback(standby.follow)
        if standby.automatic and far and self.claim.lease is None:
            raise ValueError(
                "claim.lease must be set to take over by itself from another machine: a lost "
                "connection does not say that the primary has stopped"
            )
        return self

    @model_validator(mode="after")
    def _check_keeper(self) -> Self:
        if self.claim.lease is not None and self.control is None:
            raise ValueError(
                "must be keys with control beside a lease, whose keeper reaches the gate there"
            )
        return self

    @field_validator("listen")
    @classmethod
    def _check_addresses(cls, ports: tuple[ListenConfig, ...]) -> tuple[ListenConfig, ...]:
        seen: set[str] = set()
        for port in ports:
            if port.address in seen:
                raise ValueError(
                    f"must be ports with an address each, {port.address} is there twice"
                )
            seen.add(port.address)
        return ports

    @field_validator("capacity")
    @classmethod
    def _check_tables(cls, sizes: dict[str, int]) -> dict[str, int]:
        known = load_tables()
        if not known.issuperset(sizes):
            raise ValueError(f"must be names of tables of the engine: {', '.join(sorted(known))}")
        return sizes

    @field_validator("gateways")
    @classmethod
    def _check_numbers(cls, gateways: tuple[GatewayConfig, ...]) -> tuple[GatewayConfig, ...]:
        seen: set[int] = set()
        for gateway in gateways:
            if gateway.number in seen:
                raise ValueError(
                    f"must be gateways with a number each, {gateway.number} is there twice"
                )
            seen.add(gateway.number)
        return gateways

    @property
    def latch(self) -> str:
        """The file in which stops are latched; the native code finds the same."""
        return self.stop.latch or str(Path(self.journal.dir).with_name("stop.latch"))


@cache
def load_tables() -> frozenset[str]:
    """Return the names of the engine's tables, whose sizes `capacity` gives."""
    sections = {name: fields for name, _, _, fields in _native.gate_snapshot_layout()}
    return frozenset(name for name, *_ in sections["capacity"])


def load_config(path: Path) -> GateConfig:
    """Load and check a configuration file.

    Args:
        path: TOML file.

    Returns:
        The configuration.

    Raises:
        BadRecordError: If the file is no TOML, or a key does not hold what it must; the text names
            file, key and expectation.
        BadInputError: If several keys do not; the text names each of them.
        OSError: If the file cannot be read.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadRecordError(path, 0, "", "a TOML file", str(error)) from error
    try:
        return GateConfig.model_validate(content)
    except ValidationError as error:
        found = error.errors()
        # A list counts its sound rows only: with a wrong one in it, it seems too short as well.
        inner = {one["loc"][:depth] for one in found for depth in range(len(one["loc"]))}
        wrong = [_wrong(path, one) for one in found if one["loc"] not in inner]
        if len(wrong) == 1:
            raise wrong[0] from error
        all_of_them = "; ".join(str(one) for one in wrong)
        count = len(wrong)
        raise BadInputError(
            f"配置有 {count} 处不符合要求 · {count} keys are wrong: {all_of_them}"
        ) from error


def _wrong(path: Path, error: ErrorDetails) -> BadRecordError:
    key = ".".join(str(part) for part in error["loc"])
    return BadRecordError(path, 0, key, _expectation(error), _found(error))


def _expectation(error: ErrorDetails) -> str:
    """Return what must hold, in words that follow `must be`."""
    if error["type"] in KINDS:
        return KINDS[error["type"]]
    words = error["msg"].removeprefix("Value error, ").removeprefix("must be ")
    words = words.removeprefix("Input should be ")
    return BOUNDED.sub(lambda found: f"{BOUNDED_KINDS[found[1]]} that should ", words)


def _found(error: ErrorDetails) -> str:
    """Return what was found; what is in a table is not told, it may be a secret."""
    value = error["input"]
    if error["type"] == "missing":
        return "nothing"
    if isinstance(value, dict):
        return f"the keys {', '.join(value)}"
    if isinstance(value, (list, tuple)):
        return f"{len(value)} rows"
    return WHO.sub("//...@", repr(value))


KINDS = {
    "missing": "a key that is there",
    "extra_forbidden": "a key that a gate has",
}
WHO = re.compile(r"//.*@")
"""User and password of a database's address."""
BOUNDED = re.compile(r"^(String|Tuple) should ")
BOUNDED_KINDS = {"String": "a text", "Tuple": "a list"}
