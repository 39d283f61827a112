"""A seeded random day of orders, cancels, reports and faults, steered by the engine's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.twin.day import DAY_START_NS, TRADE_DATE, at, make_day, schedule_row
from tests.twin.exchange import Exchange
from tests.twin.sender import Sender

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from tests.twin.day import Named
    from tests.twin.state import Row

STARTS = (
    at(9, 14, 58),
    at(9, 19, 50),
    at(9, 24, 50),
    at(9, 29, 50),
    at(9, 59),
    at(14, 56, 50),
    at(15, 0, 20),
    at(15, 4, 50),
)
ROOM = {"orders": 4096, "cancels": 4096, "events": 4096, "accounts": 64, "customers": 64}
TIGHT = (
    *({"orders": 12}, {"orders": 20, "cancels": 2}, {"events": 2}, {"fills": 6}),
    *({"holdings": 40}, {"streams": 9}, {"schedules": 4}, {"cancel_alls": 1}),
    {"limit_sets": 1, "switches": 3},
)
"""Table sizes of a day whose tables are used up."""
SMALL = frozenset(
    (
        *("rule", "market", "phase", "state", "fee_group", "access", "client", "prefix_len"),
        *(
            "pbu_no",
            "gateway",
            "fixed_gateway",
            "terminal",
            "valid",
            "scope",
            "metric",
            "param",
            "mode",
        ),
        *("owner_group", "desk", "customer", "order_policy", "cage_bp", "terminal_at"),
        "strategy_len",
    )
)
"""Fields whose every wrong value the engine must refuse; others are only set to 0."""
WIDE = frozenset(
    ("rule", "customer", "owner_group", "cage_bp", "terminal", "gateway", "fixed_gateway")
)
"""Those of them that are wider than a byte."""
EVENTS = {
    "order": 40,
    "cancel": 14,
    "report": 40,
    "quote": 5,
    "timer": 5,
    "state": 2,
    "client": 1,
    "gateway": 1,
    "mass": 0.3,
    "row": 1,
    "mended": 10,
    "lost": 2,
}
"""How often each kind of input comes."""


class Flow:
    """Makes one input after the other."""

    def __init__(self, random: Random, tight: dict[str, int] | None = None) -> None:
        """Remember the source of chance and how much room the day has, by chance if untold."""
        self.random = random
        if tight is None:
            tight = random.choice(TIGHT) if random.random() < 0.2 else {}
        self.capacity = ROOM | tight
        self.now = DAY_START_NS + at(9, 14, 59)
        self.orders: dict[int, Row] = {}
        self.loaded: list[Named] = []
        self.broken: list[Named] = []
        self.securities: list[Row] = []
        self.sound: list[int] = []
        self.limited: dict[int, list[int]] = {}
        self.designated: dict[str, str] = {}
        self.sender = Sender(self)
        self.exchange = Exchange(self)

    def inputs(self, count: int) -> Iterator[Named]:
        """Yield the day's rows, the opening and `count` random inputs, then the close."""
        yield from self.rows()
        if self.random.random() < 0.3:
            yield self.make_order()
        yield "DayOpen", self.opening(TRADE_DATE)
        for client in (1, 2, 3, 4):
            yield self.client_row(client, 1)
        for gateway in (1, 2, 3, 4):
            yield self.gateway_row(gateway, 3)
        yield from self.exchange.carried()
        jumps = sorted(self.random.sample(range(count), len(STARTS)))
        for number in range(count):
            if jumps and number == jumps[0]:
                jumps.pop(0)
                self.now = max(self.now, DAY_START_NS + STARTS[len(STARTS) - len(jumps) - 1])
            self.now += self.random.choice((1, 10**6, 10**7, 10**8, 3 * 10**8))
            yield self.event()
        yield from self.exchange.ends()
        yield "DayClose", {"time_ns": self.now}
        yield self.make_order()

    def rows(self) -> Iterator[Named]:
        """Yield the day's rows and learn from them whose orders can pass."""
        for name, row in make_day(self.random):
            self.loaded.append((name, row))
            if name == "LoadSecurity":
                self.securities.append(row)
            if name == "LoadCustomer" and row["state"] == 1 and row["customer"] < 9:
                self.sound.append(row["customer"])
            if name == "LoadAccount":
                self.designated[row["account"]] = row["pbu"]
                if row["state"] != 1:
                    self.limited.setdefault(row["market"], []).append(row["customer"])
                    if row["customer"] in self.sound:
                        self.sound.remove(row["customer"])
            yield name, row

    def opening(self, trade_date: int) -> Row:
        """Return the row that opens the day."""
        return {
            "time_ns": self.now,
            "day_start_ns": DAY_START_NS,
            "trade_date": trade_date,
            "epoch": 1,
        }

    def event(self) -> Named:
        """Return the next random input."""
        kind = self.random.choices(tuple(EVENTS), tuple(EVENTS.values()))[0]
        made: Named | None = getattr(self, f"make_{kind}")()
        return made or self.make_order()

    def observe(self, seq: int, name: str, row: Row, outputs: list[Row]) -> None:
        """Learn from the engine's outputs what reached the exchange and what must be mended."""
        if name == "NewOrder":
            self.orders[seq] = row
        for output in outputs:
            if output["record"] in ("Forward", "Recovered"):
                order = self.orders[output["input_seq"]]
                self.sender.used.append(order)
                self.exchange.sent.append(order | {"left": order["qty_e3"], "acked": False})
            elif output["record"] == "ForwardCancel":
                target, cancel_id = self.orders[output["order_seq"]], output["cl_ord_id"]
                self.exchange.cancels.append((target, cancel_id))
                self.sender.cancel_ids.append(target | {"cancel_id": cancel_id})
            elif output["record"] == "StateChanged" and output["to"] and output["cause"] != 30010:
                self.broken.append(self.state_row(output, 0))

    def make_mended(self) -> Named | None:
        """Bring back to order what was broken, sooner or later."""
        if not self.broken:
            return None
        name, row = self.broken.pop()
        return name, row | ({"time_ns": self.now} if "time_ns" in row else {})

    def make_order(self) -> Named:
        """Return an order."""
        return self.sender.order()

    def make_lost(self) -> Named:
        """Return an order that is made again after a recovery."""
        return self.sender.lost()

    def make_cancel(self) -> Named | None:
        """Return a cancel."""
        return self.sender.cancel()

    def make_report(self) -> Named | None:
        """Return what an exchange might say next."""
        return self.exchange.make_report()

    def make_quote(self) -> Named:
        """Return best prices near the previous close."""
        security = self.random.choice(self.securities)
        far = self.random.choices((6, 40), (85, 15))[0]
        middle = security["prev_close_e5"] + self.random.randrange(-far, far + 1) * 1000
        price = max(middle, 0)
        return "Quote", {
            "time_ns": self.now,
            "bid_e5": self.random.choice((price, 0)),
            "ask_e5": self.random.choice((price + 1000, 0)),
            "last_e5": self.random.choices((price, 0, -1), (50, 50, 1))[0],
            "code": self.random.choices((security["code"], "999999"), (99, 1))[0],
            "market": security["market"],
        }

    def make_timer(self) -> Named:
        """Return a timer, sometimes after a long silence."""
        self.now += self.random.choices((0, 31 * 10**9), (95, 5))[0]
        return "Timer", {"time_ns": self.now}

    def state_row(self, what: Row, level: int) -> Named:
        """Return the row that sets a trading state."""
        kept = {name: what[name] for name in ("scope", "market", "id", "key")}
        return "SetState", kept | {"time_ns": self.now, "state": level}

    def make_state(self) -> Named:
        """Set a trading state somewhere."""
        random = self.random
        scope, number, market, key = random.choice(
            (
                (1, 0, 0, ""),
                (2, 1, 0, ""),
                *((3, pbu, 0, "") for pbu in (0, 1, 2, 77)),
                (4, 1, 0, ""),
                (5, 0, 1, "A000000001"),
                (7, 1, 0, ""),
                (9, 3, 0, ""),
                (10, 0, 1, "600000"),
                (8, 1, 0, ""),
            )
        )
        what = {"scope": scope, "market": market, "id": number, "key": key}
        return self.state_row(what, random.choices((0, 1, 2, 3, 4), (60, 13, 13, 13, 1))[0])

    def make_row(self) -> Named:
        """Load a row of the day again, changed or spoiled, or a row of the schedule."""
        random = self.random
        if random.random() < 0.3:
            return schedule_row(random, self.now - DAY_START_NS)
        if random.random() < 0.05:
            return "DayOpen", self.opening(random.choice((TRADE_DATE, TRADE_DATE + 1, 0)))
        name, row = random.choice(self.loaded)
        self.broken.append((name, row))
        row = dict(row)
        if random.random() < 0.85:
            names = [field for field, value in row.items() if isinstance(value, int)]
            field = random.choice(names)
            wild = (0, 1, 2, 3, 9, 60_000 if field in WIDE else 200)
            row[field] = random.choice(wild) if field in SMALL else random.choice((0, row[field]))
        return name, row

    def client_row(self, client: int, online: int) -> Named:
        """Return the row that logs a client in or out."""
        return "ClientState", {"time_ns": self.now, "client": client, "online": online}

    def make_client(self) -> Named:
        """Log a client in or out."""
        client, online = self.random.choice((1, 2, 3, 4, 99)), self.random.choice((0, 1))
        if client < 9 and not online:
            self.broken.append(self.client_row(client, 1))
        return self.client_row(client, online)

    def gateway_row(self, gateway: int, level: int) -> Named:
        """Return the row that tells the state of a gateway."""
        return "GatewayState", {
            "time_ns": self.now,
            "gateway": gateway,
            "state": level,
            "market": 2 - gateway % 2,
            "silent_ms": 0,
            "silent_max_ms": 0,
        }

    def make_gateway(self) -> Named:
        """Change the state of a gateway, for some time."""
        gateway = self.random.choice((1, 2, 3, 4))
        self.broken.append(self.gateway_row(gateway, 3))
        name, row = self.gateway_row(gateway, self.random.choice((0, 1, 2, 2, 4, 5, 6, 7)))
        if row["state"] == 0 and self.random.random() < 0.2:
            row["silent_ms"], row["silent_max_ms"] = self.random.choice((6101, 7000)), 6100
        return name, row

    def make_mass(self) -> Named:
        """Cancel everything of a scope."""
        scope, number, market, key = self.random.choice(
            (
                (1, 0, 0, ""),
                (2, 2, 0, ""),
                (3, 0, 0, ""),
                (4, 1, 0, ""),
                (5, 0, 1, "A000000002"),
                (6, 3, 0, ""),
                (7, 1, 0, ""),
                (8, 1, 0, ""),
                (9, 3, 0, ""),
                (10, 0, 2, "000001"),
                (11, 1, 0, ""),
                (12, 0, 0, ""),
            )
        )
        self.sender.ids += 1000
        return "CancelAll", {
            "time_ns": self.now,
            "scope": scope,
            "market": market,
            "id": number,
            "key": key,
            "first_id": self.sender.ids,
            "prefix": "PG",
        }
