"""What a venue is told at its start, checked before anything is bound.

The names are those of the native code, which reads the result as JSON.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    model_validator,
)

from panshi.domain.clock import MS_NS, parse_day_ms
from panshi.domain.errors import BadInputError, BadRecordError

DAY_NS = 86_400_000_000_000
ALWAYS = (1 << 63) - 1
"""So often a fault strikes that strikes always."""


def _day_ns(value: object) -> object:
    """Let a moment of the day be written as HH:MM:SS."""
    return parse_day_ms(value) * MS_NS if isinstance(value, str) else value


def _count(value: object) -> object:
    """Let a count be written as `always`."""
    return ALWAYS if value == "always" else value


DayNs = Annotated[int, BeforeValidator(_day_ns), Field(ge=0, le=DAY_NS)]
Times = Annotated[int, BeforeValidator(_count), Field(gt=0)]
MarketName = Literal["sse", "szse"]
Address = Annotated[str, Field(pattern=r"^127\.0\.0\.\d{1,3}:\d{1,5}$")]
Code = Annotated[str, Field(pattern=r"^\d{6}$")]
Text8 = Annotated[str, Field(min_length=1, max_length=8)]
PhaseName = Literal[
    "closed",
    "opening_call",
    "opening_call_no_cancel",
    "opening_pause",
    "continuous",
    "noon",
    "closing_call",
    "fixed_pause",
    "fixed_price",
]


Whole = TypeVar("Whole", bound="Part")


class Part(BaseModel):
    """A table of a file: every key is known, and nothing changes it later."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Gateway(Part):
    """One gateway; all its addresses lead to the same one."""

    market: MarketName
    addresses: list[Address] = Field(min_length=1)
    comp_id: str = Field(min_length=1, max_length=20)
    pbus: list[Text8] = Field(min_length=1)
    sets: list[Annotated[int, Field(gt=0, lt=1000)]] = Field(min_length=1)
    platform: int = Field(default=0, ge=0, le=2)
    reports_only: bool = False
    password: str | None = None


class ListedSecurity(Part):
    """One security on the trade date; prices in 1/100000 yuan, 0 where there is no limit."""

    market: MarketName
    code: Code
    set_id: int = Field(default=0, ge=0)
    prev_close_e5: int = Field(ge=0)
    limit_up_e5: int = Field(default=0, ge=0)
    limit_down_e5: int = Field(default=0, ge=0)
    tick_e5: int = Field(default=1000, gt=0)
    buy_min: int = Field(default=100, gt=0)
    buy_step: int = Field(default=100, gt=0)
    limit_max: int = Field(default=1_000_000, gt=0)
    market_max: int = Field(default=1_000_000, gt=0)
    halted: bool = False
    fixed_price: bool = False
    cage_bp: int = Field(default=0, ge=0, lt=10_000)
    cage_ticks: int = Field(default=0, ge=0)


class Step(Part):
    """From a moment of the day on, the phase and the platforms' states hold."""

    at_ns: DayNs
    phase: PhaseName
    state: int = Field(ge=0, le=4)
    state_fixed: int = Field(default=0, ge=0, le=4)


class SseChoices(Part):
    """Choices that the Shanghai text leaves open."""

    profile: Literal["0.57", "0.58"] = "0.57"
    reply_comp_id: str = Field(default="TDGW", max_length=32)
    logout_on_bad_bytes: bool = True
    gateway_field_codes: bool = False
    order_before_sync: bool = True
    second_sync_restarts: bool = True
    tie: Literal["middle", "nearest"] = "middle"
    day: list[Step] | None = None


class SzseChoices(Part):
    """Choices that the Shenzhen text leaves open."""

    appl_version: str = "1.18"
    order_before_sync: bool = True
    second_sync_restarts: bool = True
    upcoming: Literal["reject", "queue"] = "queue"
    opening_pause: Literal["reject", "queue"] = "reject"
    tie: Literal["middle", "nearest"] = "nearest"
    day: list[Step] | None = None


class CodeChoice(Part):
    """A refusal code that differs from the venue's table."""

    market: MarketName
    cause: str
    code: int = Field(gt=0)


class Segment(Part):
    """A part of the day and the wall time it takes."""

    from_ns_of_day: DayNs
    to_ns_of_day: DayNs
    wall_ms: int = Field(ge=0)


class MarketClock(Part):
    """A day played in segments; the gate reads the same description.

    `start_unix_ns` is the wall moment at which the first segment starts; 0 is the venue's own
    start, which is of use only where nothing else follows the same clock.
    """

    trade_date: int = Field(ge=19_900_101, le=29_991_231)
    start_unix_ns: int = Field(ge=0)
    segments: list[Segment] = Field(min_length=1)


class Flap(Part):
    """A platform state shown for a while."""

    state: int = Field(ge=0, le=4)
    ms: int = Field(gt=0)


class ActionWith(Part):
    """A fault that has a size; exactly one key is given."""

    delay: int | None = Field(default=None, ge=0)
    slow: int | None = Field(default=None, gt=0)
    not_ready: int | None = Field(default=None, gt=0)
    reject_burst: int | None = Field(default=None, gt=0)
    state_flap: Flap | None = None

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"must give one key of an action, found {given}")
        return self


ActionName = Literal[
    "drop",
    "duplicate",
    "reorder",
    "bad_checksum",
    "half_message",
    "disconnect",
    "half_open",
    "over_fill",
    "unknown_fill",
    "price_outside",
    "index_gap",
]


def _action_form(value: object) -> str:
    return "name" if isinstance(value, str) else "sized"


Action = Annotated[
    Annotated[ActionName, Tag("name")] | Annotated[ActionWith, Tag("sized")],
    Discriminator(_action_form),
]


class Fault(Part):
    """A scripted fault and its trigger."""

    action: Action
    gateway: int | None = Field(default=None, ge=0)
    at_ns_of_day: DayNs = 0
    until_ns_of_day: DayNs | None = None
    msg_type: int | None = Field(default=None, gt=0)
    after: int = Field(default=0, ge=0)
    every: int = Field(default=1, gt=0)
    times: Times = 1


class VenueConfig(Part):
    """Everything that decides how a venue behaves."""

    trade_date: int = Field(ge=19_900_101, le=29_991_231)
    gateways: list[Gateway] = Field(min_length=1)
    securities: list[ListedSecurity] = []
    open_listing: bool = False
    ack_only: bool = False
    member_pbus: list[Text8] = []
    sse: SseChoices = SseChoices()
    szse: SzseChoices = SzseChoices()
    orders_per_second: int | None = Field(default=None, gt=0)
    slow_reader_reports: int = Field(default=1_000_000, gt=0)
    codes: list[CodeChoice] = []
    faults: list[Fault] = []
    clock: MarketClock | None = None
    end_with_clock: bool = False
    quotes: Path | None = None
    spin: bool = False

    def to_json(self) -> str:
        """Return the configuration as the native code reads it."""
        return self.model_dump_json(exclude_none=True)


def load_config(path: Path) -> VenueConfig:
    """Load a configuration file.

    Args:
        path: TOML file.

    Returns:
        The configuration.

    Raises:
        BadInputError: If the file is no TOML.
        BadRecordError: If a key does not hold; it names file, key and expectation.
    """
    return load_table(path, VenueConfig)


def load_table(path: Path, kind: type[Whole]) -> Whole:
    """Load a TOML file as one table of a kind.

    Args:
        path: TOML file.
        kind: What it must be.

    Returns:
        The table.

    Raises:
        BadInputError: If the file is no TOML.
        BadRecordError: If a key does not hold; it names file, key and expectation.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path}: 须为 TOML · must be TOML, found {error}") from error
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        # A key that is not there and one that is not known are told by pydantic as whole sentences.
        said = {"missing": ("given", "nothing"), "extra_forbidden": ("a known key", key)}
        told = said.get(first["type"], (first["msg"], repr(first["input"])[:80]))
        raise BadRecordError(path, 0, key, *told) from error


def default_config(trade_date: int, *, sse_port: int | None, szse_port: int | None) -> VenueConfig:
    """Return a venue that takes any security and any PBU, for trying things out.

    Args:
        trade_date: YYYYMMDD.
        sse_port: Port of the Shanghai gateway on loopback; 0 takes a free one, None leaves it out.
        szse_port: The same for Shenzhen.

    Returns:
        The configuration.

    Raises:
        BadInputError: If no port is given.
    """
    gateways = []
    if sse_port is not None:
        gateways.append(
            Gateway(
                market="sse",
                addresses=[f"127.0.0.1:{sse_port}"],
                comp_id="TDGW",
                pbus=["20001"],
                sets=[1, 2, 3, 4, 5, 6, 20],
            )
        )
    if szse_port is not None:
        gateways.append(
            Gateway(
                market="szse",
                addresses=[f"127.0.0.1:{szse_port}"],
                comp_id="TGW01",
                pbus=["100100"],
                sets=[1, 2],
                platform=1,
            )
        )
    if not gateways:
        raise BadInputError(
            "venue: 缺少端口或配置 · must be given --config, --sse-port or --szse-port, found none"
        )
    start_ns = parse_day_ms("09:30:00") * MS_NS
    day = Segment(
        from_ns_of_day=start_ns, to_ns_of_day=DAY_NS, wall_ms=(DAY_NS - start_ns) // MS_NS
    )
    return VenueConfig(
        trade_date=trade_date,
        gateways=gateways,
        open_listing=True,
        clock=MarketClock(trade_date=trade_date, start_unix_ns=0, segments=[day]),
    )
