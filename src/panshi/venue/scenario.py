"""Named days of the simulated exchange: what happens when, as data files in `scenarios/`.

A scenario does not know who is connected. It can be played against any order system that speaks to
the gateways, and says in words what that system sees and what a sound one does.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from panshi.domain.clock import MS_NS
from panshi.domain.errors import BadInputError
from panshi.domain.units import parse_e5
from panshi.market.flow import CANCEL, EXACT, NEW, FlowEvent
from panshi.venue.config import (
    Action,
    ActionWith,
    Code,
    DayNs,
    Fault,
    Flap,
    ListedSecurity,
    MarketClock,
    MarketName,
    Part,
    Segment,
    SseChoices,
    SzseChoices,
    Times,
    VenueConfig,
    load_table,
)
from panshi.venue.recorded_flow import pack_flow

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDER = Path(__file__).parent / "scenarios"
FIRST_ORDER_NO = 1_000_000
CODES: Final = {"sse": "600000", "szse": "000001"}
"""Securities in which a scenario's market trades where it names none."""

MessageName = Literal[
    "logon", "heartbeat", "state", "streams", "response", "fill", "cancel_reject", "reject"
]
MESSAGES: Final[dict[MessageName, dict[MarketName, int]]] = {
    "logon": {"sse": 40, "szse": 1},
    "heartbeat": {"sse": 33, "szse": 3},
    "state": {"sse": 209, "szse": 6},
    "streams": {"sse": 208, "szse": 9},
    "response": {"sse": 32, "szse": 200102},
    "fill": {"sse": 103, "szse": 200115},
    "cancel_reject": {"sse": 59, "szse": 290008},
    "reject": {"sse": 204, "szse": 4},
}
"""Message types by what they say; a response accepts, rejects or cancels an order."""


def _price_e5(value: object) -> object:
    return parse_e5(value) if isinstance(value, str) else value


PriceE5 = Annotated[int, BeforeValidator(_price_e5), Field(gt=0)]
"""A price; text is yuan."""


class Words(Part):
    """A sentence in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Stretch(Part):
    """A part of the day and the seconds of wall time that it takes."""

    start: DayNs
    end: DayNs
    wall_s: float = Field(gt=0)


class ScriptedFault(Part):
    """A fault of every gateway of a market, or of all; each gateway counts for itself.

    `on` is the message that triggers it, under one name for both markets; the other keys are those
    of a `Fault`.
    """

    action: Action
    on: MessageName | None = None
    market: MarketName | None = None
    at: DayNs = 0
    until: DayNs | None = None
    after: int = Field(default=0, ge=0)
    every: int = Field(default=1, gt=0)
    times: Times = 1

    def for_gateway(self, number: int, market: MarketName, speed: float) -> Fault:
        """Return the fault of one gateway.

        Args:
            number: Index of the gateway.
            market: Its market.
            speed: How many times faster the day is played; what has a length keeps its share of it.

        Returns:
            The fault.
        """
        return Fault(
            action=_faster(self.action, speed),
            gateway=number,
            at_ns_of_day=self.at,
            until_ns_of_day=self.until,
            msg_type=None if self.on is None else MESSAGES[self.on][market],
            after=self.after,
            every=self.every,
            times=self.times,
        )


def _faster(action: Action, speed: float) -> Action:
    if isinstance(action, str):
        return action
    flap, not_ready = action.state_flap, action.not_ready
    if flap is not None:
        return ActionWith(state_flap=Flap(state=flap.state, ms=max(1, round(flap.ms / speed))))
    if not_ready is not None:
        return ActionWith(not_ready=max(1, round(not_ready / speed)))
    return action


class MarketOrder(Part):
    """An order, or many alike, of the market around the order system.

    Without a code it comes in the security of that name in CODES, in both markets.
    """

    market: MarketName | None = None
    code: Code | None = None
    at: DayNs
    side: Literal["B", "S"]
    price: PriceE5
    qty: int = Field(gt=0)
    cancel_at: DayNs | None = None
    count: int = Field(default=1, gt=0)
    every_ms: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _place(self) -> Self:
        if (self.market is None) != (self.code is None):
            raise ValueError("must give market and code together, or neither")
        return self

    def places(self) -> list[tuple[str, str]]:
        """Return market and code of each security that the order comes in."""
        if self.market is None or self.code is None:
            return list(CODES.items())
        return [(self.market, self.code)]


class Scenario(Part):
    """A day of the exchange.

    Attributes:
        title: What happens.
        effect: What the order system sees on the wire.
        sound: What a sound order system does.
        clock: The day's parts in order.
        faults: What goes wrong.
        securities: What is listed; with none, any code is taken, as a share without price limit.
        orders: The market's own orders and cancels.
        sse: Choices of the Shanghai gateways.
        szse: Choices of the Shenzhen gateways.
        orders_per_second: What one gateway takes.
    """

    title: Words
    effect: Words
    sound: Words
    clock: tuple[Stretch, ...] = Field(min_length=1)
    faults: tuple[ScriptedFault, ...] = ()
    securities: tuple[ListedSecurity, ...] = ()
    orders: tuple[MarketOrder, ...] = ()
    sse: SseChoices = SseChoices()
    szse: SzseChoices = SzseChoices()
    orders_per_second: int | None = Field(default=None, gt=0)


def list_scenarios() -> dict[str, Scenario]:
    """Return every scenario by its name.

    Raises:
        BadInputError: If a file of the package is damaged.
    """
    return {path.stem: load_table(path, Scenario) for path in sorted(FOLDER.glob("*.toml"))}


def load_scenario(name: str) -> Scenario:
    """Load a scenario.

    Args:
        name: Its name, or the path of a file of the same form.

    Returns:
        The scenario.

    Raises:
        BadInputError: If there is none of that name or the file does not hold.
    """
    path = Path(name) if name.endswith(".toml") else FOLDER / f"{name}.toml"
    if not path.is_file():
        known = "、".join(one.stem for one in sorted(FOLDER.glob("*.toml")))
        raise BadInputError(
            f"场景 · scenario: must be one of {known} or a .toml file, found {name}"
        )
    return load_table(path, Scenario)


def apply_scenario(scenario: Scenario, base: VenueConfig, speed: float = 1) -> VenueConfig:
    """Return a venue that plays a scenario.

    Args:
        scenario: The day.
        base: Gateways, and securities where the scenario names none.
        speed: How many times faster than the scenario says.

    Returns:
        The configuration.
    """
    listed = list(scenario.securities) or base.securities
    markets = [gateway.market for gateway in base.gateways]
    return base.model_copy(
        update={
            "securities": listed,
            "open_listing": base.open_listing and not scenario.securities,
            "sse": scenario.sse,
            "szse": scenario.szse,
            "orders_per_second": scenario.orders_per_second or base.orders_per_second,
            "faults": [*base.faults, *gateway_faults(scenario, markets, speed)],
            "clock": _clock(scenario, base.trade_date, speed),
            "end_with_clock": True,
        }
    )


def gateway_faults(
    scenario: Scenario, markets: Sequence[MarketName], speed: float = 1
) -> list[Fault]:
    """Return the faults of a scenario for gateways.

    Args:
        scenario: The day.
        markets: Market of each gateway, in their order.
        speed: How many times faster than the scenario says.

    Returns:
        A fault for each of its rows and each gateway that the row is about.
    """
    return [
        row.for_gateway(number, market, speed)
        for row in scenario.faults
        for number, market in enumerate(markets)
        if row.market in {None, market}
    ]


def _clock(scenario: Scenario, trade_date: int, speed: float) -> MarketClock:
    segments = [
        Segment(
            from_ns_of_day=part.start,
            to_ns_of_day=part.end,
            wall_ms=max(1, round(part.wall_s * 1000 / speed)),
        )
        for part in scenario.clock
    ]
    return MarketClock(trade_date=trade_date, start_unix_ns=0, segments=segments)


def pack_market(scenario: Scenario) -> bytes:
    """Pack the market's own orders for the venue.

    Args:
        scenario: The day.

    Returns:
        Records as `recorded_flow.pack_flow` gives them.
    """
    events: list[FlowEvent] = []
    for row in scenario.orders:
        for number in range(row.count):
            for market, code in row.places():
                events += _market_order(row, market, code, number, len(events))
    return pack_flow(sorted(events, key=lambda event: event.ms))


def _market_order(
    row: MarketOrder, market: str, code: str, number: int, place: int
) -> list[FlowEvent]:
    """Return the order of a row with this number, and its cancel if it has one."""
    later_ms = number * row.every_ms
    order = FlowEvent(
        market=market,
        security=code,
        ms=row.at // MS_NS + later_ms,
        seq=place,
        event=NEW,
        side=row.side,
        price_e5=row.price,
        qty=row.qty,
        order_no=FIRST_ORDER_NO + place,
        kind=EXACT,
        origin_date="",
    )
    if row.cancel_at is None:
        return [order]
    cancel_ms = row.cancel_at // MS_NS + later_ms
    return [order, order._replace(event=CANCEL, ms=cancel_ms, price_e5=0)]
