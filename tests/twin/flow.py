"""A seeded random day of orders, cancels, reports and faults, steered by the engine's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.twin.day import DAY_START_NS, TRADE_DATE, at, make_day, schedule_row
from tests.twin.exchange import Exchange

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
    at(15, 4, 50),
)
CLEAN_SHARE = 0.7
SMALL = frozenset(
    (
        *("rule", "market", "phase", "state", "fee_group", "access", "client", "prefix_len"),
        *(
            "pbu_no",
            "gateway",
            "terminal",
            "valid",
            "scope",
            "metric",
            "param",
            "mode",
            "owner_group",
        ),
        *("desk", "customer", "order_policy", "cage_bp", "terminal_at", "strategy_len"),
    )
)
"""Fields whose every wrong value the engine must refuse; others are only set to 0."""
WIDE = frozenset(("rule", "customer", "owner_group", "cage_bp", "terminal", "gateway"))
"""Those of them that are wider than a byte."""


class Flow:
    """Makes one input after the other."""

    def __init__(self, random: Random) -> None:
        """Remember the seeded source of chance."""
        self.random = random
        self.now = DAY_START_NS + at(9, 14, 59)
        self.ids = 0
        self.orders: dict[int, Row] = {}
        self.used: list[Row] = []
        self.loaded: list[Named] = []
        self.spoiled: list[Named] = []
        self.securities: list[Row] = []
        self.exchange = Exchange(self)
        self.sound: list[int] = []

    def inputs(self, count: int) -> Iterator[Named]:
        """Yield the day's rows, the opening and `count` random inputs, then the close."""
        for name, row in make_day(self.random):
            self.loaded.append((name, row))
            if name == "LoadSecurity":
                self.securities.append(row)
            if name == "LoadCustomer" and row["state"] == 1:
                self.sound.append(row["customer"])
            yield name, row
        yield (
            "DayOpen",
            {
                "time_ns": self.now,
                "day_start_ns": DAY_START_NS,
                "trade_date": TRADE_DATE,
                "epoch": 1,
            },
        )
        for client in (1, 2, 3, 4):
            yield "ClientState", {"time_ns": self.now, "client": client, "online": 1}
        for gateway, market in ((1, 1), (2, 2), (3, 1), (4, 2)):
            yield (
                "GatewayState",
                {"time_ns": self.now, "gateway": gateway, "state": 3, "market": market},
            )
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

    def event(self) -> Named:
        """Return the next random input."""
        kind = self.random.choices(
            (
                *("order", "cancel", "report", "quote", "timer", "state", "client", "gateway"),
                *("mass", "row"),
            ),
            (40, 14, 40, 5, 5, 2, 2, 2, 0.3, 1),
        )[0]
        maker = getattr(self, f"make_{kind}")
        made: Named = maker()
        return made

    def observe(self, seq: int, name: str, row: Row, outputs: list[Row]) -> None:
        """Learn from the engine's outputs what reached the exchange."""
        if name == "NewOrder":
            self.orders[seq] = row
        for output in outputs:
            if output["record"] == "Forward":
                order = self.orders[output["input_seq"]]
                self.used.append(order)
                self.exchange.sent.append(order | {"left": order["qty_e3"], "acked": False})
            elif output["record"] == "ForwardCancel":
                target = self.orders[output["order_seq"]]
                self.exchange.cancels.append((target, output["cl_ord_id"]))

    def next_id(self, client: int) -> str:
        """Return a fresh id of the client, sometimes a used, foreign or broken one."""
        self.ids += 1
        prefix = {1: "AA", 2: "BB", 3: "CC", 4: "D"}[client]
        good = (prefix + f"{self.ids:08d}0")[:10]
        if self.used and self.random.random() < 0.02:
            return str(self.random.choice(self.used)["cl_ord_id"])
        return self.random.choices((good, "ZZ" + good[2:], "AA-0000001"), (97, 2, 1))[0]

    def make_order(self) -> Named:
        """Return an order, mostly sensible."""
        random = self.random
        if random.random() < CLEAN_SHARE:
            return self.make_clean_order()
        client = random.choices((1, 2, 3, 4, 9), (45, 20, 25, 10, 1))[0]
        market = 1 if client in (1, 2) else 2
        if random.random() < 0.01:
            market = 3 - market
        fitting = [row for row in self.securities if row["market"] == market]
        security = random.choices(
            fitting, [6 if row["state"] == 1 and row["rule"] < 9 else 1 for row in fitting]
        )[0]
        kind = random.choices((1, 2, 3, 4, 5, 6, 7, 8, 0), (80, 4, 2, 2, 2, 2, 2, 4, 1))[0]
        number = random.randrange(1, 10)
        step = random.choice((-300, -50, -9, -3, -1, 0, 0, 1, 3, 9, 50, 300))
        price = max(
            security["prev_close_e5"] + step * 1000 + random.choices((0, 1, 100), (97, 1, 2))[0], 0
        )
        fixed = kind == 8 and market == 2
        return "NewOrder", {
            "time_ns": self.now - random.choice((0, 0, 0, 10**6)),
            "price_e5": random.choices((price, 0), (97, 3))[0],
            "qty_e3": random.choice((100, 100, 200, 300, 1000, 5000, 50, 150, 270, 201, 2_000_000))
            * 1000
            + random.choices((0, 1), (99, 1))[0],
            "min_qty_e3": 0,
            "stop_px_e5": random.choices((0, 1), (200, 1))[0],
            "transact_time": 0,
            "biz": random.choices(
                (100010 if market == 1 else (370 if fixed else 10), 300010), (99, 1)
            )[0],
            "owner_type": random.choices((1, 103), (98, 2))[0] if market == 2 else 0,
            "client": client,
            "max_levels": 0,
            "market": market,
            "order_type": kind,
            "side": random.choices(("1", "2", "G"), (50, 50, 1))[0],
            "ord_type": "2",
            "time_in_force": "0",
            "cash_margin": random.choices(("1", "2", "9"), (95, 4, 1))[0] if market == 2 else "",
            "pbu": random.choices(
                ("20001", "20002", "20003", "20009", "29999"), (70, 10, 15, 3, 2)
            )[0]
            if market == 1
            else random.choice(("001000", "002000")),
            "cl_ord_id": self.next_id(client if client != 9 else 1),
            "security_id": random.choices((security["code"], "999999"), (98, 2))[0],
            "account": f"A{number:09d}" if market == 1 else f"0{number:09d}",
            "credit_tag": random.choices(("", "XY", "RZ", "RQ", "??"), (94, 2, 2, 1, 1))[0]
            if market == 1
            else "",
            "clearing_firm": "",
            "branch_id": random.choices(
                ("00001" if market == 1 else "0001", "00002", ""), (97, 2, 1)
            )[0],
            "restrictions": random.choices(("", "1", "E"), (90, 5, 5))[0] if market == 2 else "",
            "user_info": random.choices(
                ("", "01", "02", "03", "0110", "013P"), (60, 30, 1, 1, 4, 4)
            )[0],
        }

    def make_clean_order(self) -> Named:
        """Return an order with nothing wrong in itself; money, shares and thresholds decide."""
        random = self.random
        client = random.choices((1, 3), (60, 40))[0]
        market = 1 if client == 1 else 2
        good = [
            row
            for row in self.securities
            if row["market"] == market and row["state"] == 1 and row["rule"] in (1, 3, 4, 5)
        ]
        security, number = random.choice(good), random.choice(self.sound or [1])
        kind = random.choices((1, 5), (95, 5))[0]
        tick = 100 if security["rule"] == 3 else 1000
        price = security["prev_close_e5"] + random.randrange(-4, 5) * tick
        row = self.make_plain(client, market, security, number)
        return "NewOrder", row | {
            "price_e5": price,
            "order_type": kind,
            "qty_e3": random.choice((100, 100, 100, 200, 300, 500)) * 1000,
            "side": random.choice("12"),
        }

    def make_plain(self, client: int, market: int, security: Row, number: int) -> Row:
        """Return the fields of an order that hold nothing special."""
        random = self.random
        return {
            "time_ns": self.now,
            "min_qty_e3": 0,
            "stop_px_e5": 0,
            "transact_time": 0,
            "biz": 100010 if market == 1 else 10,
            "owner_type": market - 1,
            "client": client,
            "max_levels": 0,
            "market": market,
            "ord_type": "2",
            "time_in_force": "0",
            "cash_margin": "1" if market == 2 else "",
            "pbu": random.choice(("20001", "20001", "20002", "20003"))
            if market == 1
            else random.choice(("001000", "002000")),
            "cl_ord_id": self.next_id(client),
            "security_id": security["code"],
            "account": f"A{number:09d}" if market == 1 else f"0{number:09d}",
            "credit_tag": "",
            "clearing_firm": "",
            "branch_id": "00001" if market == 1 else "0001",
            "restrictions": "",
            "user_info": "",
        }

    def make_cancel(self) -> Named:
        """Return a cancel of some order, mostly a living one."""
        random = self.random
        if not self.used:
            return self.make_timer()
        order = random.choice(self.used[-12:] if random.random() < 0.9 else self.used)
        client = random.choices((order["client"], 1), (97, 3))[0]
        return "CancelOrder", {
            "time_ns": self.now,
            "transact_time": 0,
            "qty_e3": 0,
            "biz": order["biz"],
            "owner_type": 0,
            "client": client,
            "market": order["market"],
            "side": order["side"],
            "pbu": order["pbu"],
            "cl_ord_id": self.next_id(client),
            "orig_cl_ord_id": random.choices((order["cl_ord_id"], "AA99999999"), (97, 3))[0],
            "security_id": random.choices((order["security_id"], "600999"), (98, 2))[0],
            "account": "",
            "clearing_firm": "",
            "branch_id": "",
            "order_id": "",
            "user_info": "",
        }

    def make_report(self) -> Named:
        """Return what an exchange might say next; an order while it has nothing to say."""
        return self.exchange.make_report() or self.make_order()

    def make_quote(self) -> Named:
        """Return best prices near the previous close."""
        security = self.random.choice(self.securities)
        middle = security["prev_close_e5"] + self.random.randrange(-40, 41) * 1000
        return "Quote", {
            "time_ns": self.now,
            "bid_e5": self.random.choice((middle, 0)),
            "ask_e5": self.random.choice((middle + 1000, 0)),
            "last_e5": self.random.choice((middle, 0)),
            "code": security["code"],
            "market": security["market"],
        }

    def make_timer(self) -> Named:
        """Return a timer."""
        return "Timer", {"time_ns": self.now}

    def make_state(self) -> Named:
        """Set or clear a trading state somewhere."""
        scope, number, market, key = self.random.choice(
            (
                (1, 0, 0, ""),
                (2, 1, 0, ""),
                *((3, pbu, 0, "") for pbu in (0, 0, 0, 1, 2, 2, 2)),
                (4, 1, 0, ""),
                (5, 0, 1, "A000000001"),
                (7, 1, 0, ""),
                (9, 3, 0, ""),
                (10, 0, 1, "600000"),
            )
        )
        level = self.random.choices((0, 1, 2, 3), (91, 3, 3, 3))[0]
        return "SetState", {
            "time_ns": self.now,
            "scope": scope,
            "state": level,
            "market": market,
            "id": number,
            "key": key,
        }

    def make_row(self) -> Named:
        """Load a row of the day again, changed or spoiled, or a row of the schedule."""
        random = self.random
        if self.spoiled and random.random() < 0.7:
            return self.spoiled.pop()
        if random.random() < 0.3:
            return schedule_row(random, self.now - DAY_START_NS)
        name, row = random.choice(self.loaded)
        self.spoiled.append((name, row))
        row = dict(row)
        if random.random() < 0.85:
            names = [field for field, value in row.items() if isinstance(value, int)]
            field = random.choice(names)
            wild = (0, 1, 2, 3, 9, 60_000 if field in WIDE else 200)
            row[field] = random.choice(wild) if field in SMALL else random.choice((0, row[field]))
        return name, row

    def make_client(self) -> Named:
        """Log a client in, rarely out."""
        online = self.random.choices((1, 0), (95, 5))[0]
        return "ClientState", {
            "time_ns": self.now,
            "client": self.random.choice((1, 2, 3, 4)),
            "online": online,
        }

    def make_gateway(self) -> Named:
        """Change the state of a gateway, mostly to open."""
        number = self.random.choice((1, 2, 3, 4))
        state = self.random.choices((3, 2, 0, 1, 4), (92, 2, 2, 2, 2))[0]
        return "GatewayState", {
            "time_ns": self.now,
            "gateway": number,
            "state": state,
            "market": 2 - number % 2,
        }

    def make_mass(self) -> Named:
        """Cancel everything of a scope."""
        scope, number, market, key = self.random.choice(
            (
                (1, 0, 0, ""),
                (2, 2, 0, ""),
                (4, 1, 0, ""),
                (7, 1, 0, ""),
                (5, 0, 1, "A000000002"),
                (10, 0, 2, "000001"),
            )
        )
        self.ids += 1000
        return "CancelAll", {
            "time_ns": self.now,
            "scope": scope,
            "market": market,
            "id": number,
            "key": key,
            "first_id": self.ids,
            "prefix": "PG",
        }
