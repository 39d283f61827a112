"""What the twin remembers: plain rows in dictionaries, no tables, no tricks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.twin.verdict import STRUCTURAL

Row = dict[str, Any]
StreamKey = tuple[str, int, str, int]
Target = tuple[int, int, int, str]
CAPACITY = {
    "customers": 10_000,
    "owner_groups": 10_000,
    "desks": 256,
    "accounts": 20_000,
    "securities": 10_000,
    "holdings": 200_000,
    "orders": 200_000,
    "cancels": 100_000,
    "events": 400_000,
    "clients": 256,
    "gateways": 64,
    "streams": 4096,
    "rules": 256,
    "fee_groups": 64,
    "phases": 512,
    "branches": 1024,
    "terminals": 100_000,
    "limit_sets": 4096,
    "switches": 4096,
    "cancel_alls": 64,
    "schedules": 256,
    "fills": 800_000,
}
"""Rows of every table when nothing else is said."""

NONE_ORDER = 0xFFFFFFFF
NEVER = 2**63 - 1
DAY_NS = 86_400 * 10**9
SECOND_NS = 10**9
MINUTE_NS = 60 * SECOND_NS

FIRM, MARKET, PBU, CLIENT, ACCOUNT, CUSTOMER = range(1, 7)
GROUP, DESK, STRATEGY, SECURITY, GATEWAY = range(7, 12)
NORMAL, SELL_ONLY, CANCEL_ONLY, HALTED = range(4)
LIMIT, FIXED = 1, 8
QUEUED, SENT, WORKING, PARTLY, FILLED, CANCELLED, REJECTED, EXPIRED = range(1, 9)
OPEN_STATUSES = (QUEUED, SENT, WORKING, PARTLY)
ST, NO_LIMIT, FIXED_FLAG, MARGIN_BUY, SHORT_SELL, NO_BUY, NO_SELL = 1, 2, 8, 16, 32, 64, 128
REJECT, ACCEPT, QUEUE = 0, 1, 2
CANCEL_ALL_BATCH, GATEWAY_PRE_OPEN, CANCEL_ALL_RATE, PARAMS = 10, 18, 19, 20
"""Three parameters by their number, and how many there are."""
OF_MASS_CANCELS = {CANCEL_ALL_BATCH, CANCEL_ALL_RATE}
"""Parameters that no order needs."""
GROUP_PARAMS = range(1, 6)
"""Parameters that judge customers: a customer group may have rows of its own."""


@dataclass
class Watch:
    """Orders and cancels of one scope number: every time, and what became of them."""

    times: list[int] = field(default_factory=list)
    sliding: list[int] = field(default_factory=list)
    orders: int = 0
    order_value: int = 0
    cancelled: int = 0
    cancelled_value: int = 0
    quick_cancels: int = 0

    def counts(self, now: int, day_start: int) -> tuple[int, int, int, int]:
        """Return sliding second, clock second, clock minute and day, the next event included."""
        offset = now - day_start
        second = day_start + offset // SECOND_NS * SECOND_NS
        minute = day_start + offset // MINUTE_NS * MINUTE_NS
        return (
            sum(1 for time in self.sliding if time > now - SECOND_NS) + 1,
            sum(1 for time in self.times if time >= second) + 1,
            sum(1 for time in self.times if time >= minute) + 1,
            len(self.times) + 1,
        )

    def ratios(self, less: int = 0, less_value: int = 0) -> tuple[int, int]:
        """Return the cancel ratios by count and value, bp; `less`: before so many cancels more."""
        count = (self.cancelled - less) * 10_000 // self.orders if self.orders else 0
        part = self.cancelled_value - less_value
        return count, part * 10_000 // self.order_value if self.order_value else 0


@dataclass
class Signature:
    """One remembered order content of an account."""

    content: tuple[Any, ...]
    first: int
    count: int


@dataclass
class Account:
    """One securities account with its counters."""

    row: Row
    number: int
    watch: Watch = field(default_factory=Watch)
    signatures: list[Signature] = field(default_factory=list)
    next_signature: int = 0
    open_orders: int = 0
    high_frequency: bool = False


@dataclass
class Value:
    """Open and traded value of one scope, e5."""

    open: int = 0
    traded: int = 0


@dataclass
class Customer:
    """One customer with cash."""

    row: Row
    opening: int
    available: int
    frozen: int = 0
    bought: int = 0
    sold: int = 0
    fees: int = 0


@dataclass
class Holding:
    """One account's shares of one security."""

    opening: int = 0
    opening_sellable: int = 0
    total: int = 0
    sellable: int = 0
    frozen: int = 0
    bought: int = 0
    sold: int = 0
    open_buys: int = 0


@dataclass
class Order:
    """One order that was forwarded or queued."""

    number: int
    seq: int
    row: Row
    account: Account
    customer: Customer
    security: Security
    fee_key: tuple[int, int]
    gateway: int
    strategy: int
    program: bool
    price: int | None
    value_price: int
    qty: int
    time: int
    status: int
    sent: int = 0
    traded: int = 0
    cancelled: int = 0
    amount: int = 0
    charged: int = 0
    frozen: int = 0
    cancel_pending: bool = False
    cancel_requested: bool = False
    queued_cancel: tuple[int, Row] | None = None
    terminal: int = 0
    fills: set[str] = field(default_factory=set)

    @property
    def open_qty(self) -> int:
        """Shares neither traded nor cancelled."""
        return self.qty - self.traded - self.cancelled

    @property
    def is_buy(self) -> bool:
        """Whether the order buys."""
        return bool(self.row["side"] == "1")

    @property
    def is_open(self) -> bool:
        """Whether the order may still trade."""
        return self.status in OPEN_STATUSES


@dataclass
class Security:
    """One security with its live prices."""

    row: Row
    number: int
    bid: int = 0
    ask: int = 0
    last: int = 0
    bought: Value = field(default_factory=Value)


@dataclass
class Client:
    """One client session."""

    row: Row
    pbus: int = 0
    online: bool = False
    watch: Watch = field(default_factory=Watch)
    refused_cancels: list[int] = field(default_factory=list)


@dataclass
class Pbu:
    """One PBU."""

    row: Row
    watch: Watch = field(default_factory=Watch)

    def gateway_of(self, order_type: int) -> int:
        """Return the gateway that orders of a type leave by; 0: none."""
        fixed: int = self.row["fixed_gateway"] if order_type == FIXED else 0
        return fixed or int(self.row["gateway"])

    def leaves_by(self, gateway: int) -> bool:
        """Return whether orders leave by a gateway."""
        return gateway != 0 and gateway in (self.row["gateway"], self.row["fixed_gateway"])


@dataclass
class Gateway:
    """One exchange gateway: state and return anomalies."""

    state: int = 0
    burst_start: int | None = None
    burst_count: int = 0
    overdue: bool = False
    pbus: set[int] = field(default_factory=set)
    turn: int = 0
    watch: Watch = field(default_factory=Watch)


class State:
    """Everything the twin knows."""

    def __init__(self, capacity: dict[str, int], codes: frozenset[int]) -> None:
        """Start with an empty day of so many rows at most, and with the codes that exist."""
        self.capacity = CAPACITY | capacity
        self.codes = codes
        self.day: Row | None = None
        self.is_open = False
        self.now = 0
        self.rules: dict[int, Row] = {}
        self.phases: list[Row] = []
        self.fees: dict[tuple[int, int], Row] = {}
        self.securities: dict[tuple[int, str], Security] = {}
        self.customers: dict[int, Customer] = {}
        self.accounts: dict[tuple[int, str], Account] = {}
        self.holdings: dict[tuple[int, str, str], Holding] = {}
        self.clients: dict[int, Client] = {}
        self.pbus: dict[tuple[int, str], Pbu] = {}
        self.branches: dict[str, Row] = {}
        self.terminals: dict[int, Row] = {}
        self.limits: dict[tuple[int, int, int, int], Row] = {}
        self.switches: dict[tuple[int, int, int], int] = {}
        self.params: dict[tuple[int, int, int], int] = {}
        self.gateways: defaultdict[int, Gateway] = defaultdict(Gateway)
        self.orders: list[Order] = []
        self.ids: dict[tuple[int, str, str], tuple[str, int]] = {}
        self.streams: dict[StreamKey, int] = {}
        self.ended: set[StreamKey] = set()
        self.carriers: dict[tuple[int, StreamKey], bool] = {}
        self.delivered: dict[tuple[int, str, int], int] = {}
        self.told_end: set[tuple[int, str, int]] = set()
        self.strategies: defaultdict[int, Watch] = defaultdict(Watch)
        self.states: dict[Target, int] = {}
        self.scheduled: dict[Target, int] = {}
        self.schedule: dict[Target, list[Row]] = {}
        self.values: defaultdict[tuple[int, int], Value] = defaultdict(Value)
        self.queue: list[tuple[str, int]] = []
        self.events: list[int] = []
        self.fills = 0
        self.mass: list[Row] = []
        self.totals: dict[str, int] = dict.fromkeys(
            (
                "orders",
                "cancels",
                "forwarded",
                "refused",
                "reports",
                "duplicates",
                "fills",
                "expired",
            ),
            0,
        )

    def level(self, target: Target) -> int:
        """Return the more severe of what was set and what is scheduled for a scope number."""
        return max(self.states.get(target, NORMAL), self.scheduled.get(target, NORMAL))

    def level_of(self, scope: int, number: int) -> int:
        """Return the trading state of a numbered scope."""
        return self.level((scope, number, 0, ""))

    def live_events(self) -> list[int]:
        """Return the times of the orders and cancels of the last second that found room."""
        return [time for time in self.events if time > self.now - SECOND_NS]

    def ids_are_full(self) -> bool:
        """Return whether no order or cancel can take an id any more."""
        return len(self.ids) >= self.capacity["orders"] + self.capacity["cancels"]

    def param(self, number: int, market: int, group: int = 0) -> int:
        """Return a scalar parameter: the group's row, else the one for all; the market's first."""
        for key in ((market, group), (0, group), (market, 0), (0, 0)):
            if (number, *key) in self.params:
                return self.params[(number, *key)]
        return 0

    def mode(self, code: int, market: int, group: int) -> int:
        """Return what a failed check does: 0 nothing, 1 refuse, 2 warn."""
        if code in STRUCTURAL:
            return 1
        for key in ((market, group), (0, group), (market, 0), (0, 0)):
            if (code, *key) in self.switches:
                return self.switches[(code, *key)]
        return 1

    def limit(self, market: int, scope: int, number: int, metric: int) -> Row | None:
        """Return the limit row of a scope's number, else its default row; the market's first."""
        for key in ((number, market), (number, 0), (0, market), (0, 0)):
            if (scope, metric, *key) in self.limits:
                return self.limits[(scope, metric, *key)]
        return None

    def holding(self, account: Account, security: Security) -> Holding | None:
        """Return the holding row, if there is one."""
        return self.holdings.get(
            (account.row["market"], account.row["account"], security.row["code"])
        )

    def window(self, security: Security) -> Row | None:
        """Return the clock window of the security at this time: the rule class first."""
        assert self.day is not None
        offset = self.now - self.day["day_start_ns"]
        covering = [
            row
            for row in self.phases
            if row["market"] == security.row["market"] and row["start_ns"] <= offset < row["end_ns"]
        ]
        own: list[Row] = [row for row in covering if row["rule"] == security.row["rule"] != 0]
        common = [row for row in covering if row["rule"] == 0]
        return next(iter(own or common), None)
