"""The client order systems of a random day: orders and cancels, clean ones and spoiled ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.twin.day import TRADE_DATE

if TYPE_CHECKING:
    from tests.twin.day import Named
    from tests.twin.flow import Flow
    from tests.twin.state import Row

PREFIXES = {1: "AA", 2: "BB", 3: "CC", 4: "D"}
PBUS = {1: ("20001", "20001", "20002", "20003"), 2: ("001000", "002000")}
CLEAN_SHARE = 0.75
HUGE_E3 = 9 * 10**18
FIXED = 8
TICKS = {3: 100}
"""Price tick by rule class; the others have 1000."""


def account_code(market: int, number: int) -> str:
    """Return the code of a customer's account."""
    return f"A{number:09d}" if market == 1 else f"0{number:09d}"


class Sender:
    """All client order systems."""

    def __init__(self, flow: Flow) -> None:
        """Share the flow's clock and chance."""
        self.flow = flow
        self.ids = 0
        self.used: list[Row] = []
        self.cancel_ids: list[Row] = []

    def next_id(self, client: int) -> str:
        """Return a fresh id of the client."""
        self.ids += 1
        return (PREFIXES.get(client, "AA") + f"{self.ids:08d}0")[:10]

    def order(self) -> Named:
        """Return an order: clean, or clean with something wrong in it."""
        row = self.clean()
        if self.flow.random.random() > CLEAN_SHARE:
            row |= self.spoiling(row)
        return "NewOrder", row

    def lost(self) -> Named:
        """Return an order that the exchange has and the journal had lost, sometimes a wrong one."""
        name, row = self.order()
        return name, row | {"recovered": 1}

    def clean(self) -> Row:
        """Return an order with nothing wrong in itself; money, shares and thresholds decide."""
        random = self.flow.random
        client = random.choices((1, 2, 3, 4), (60, 5, 33, 2))[0]
        market = 1 if client in (1, 2) else 2
        good = [row for row in self.flow.securities if row["market"] == market]
        tradable = [row for row in good if row["state"] == 1 and self.is_usual(row)]
        security = random.choice(tradable)
        number = random.choice(self.flow.sound or [1])
        code = account_code(market, number)
        designated = self.flow.designated.get(code, "")
        tick = TICKS.get(security["rule"], 1000)
        fixed = bool(security["flags"] & FIXED) and random.random() < 0.15
        close = security["close_e5"] or security["prev_close_e5"]
        return {
            "time_ns": self.flow.now,
            "price_e5": close
            if fixed
            else (security["prev_close_e5"] or 100_000) + random.randrange(-4, 5) * tick,
            "qty_e3": random.choice((100, 100, 100, 200, 300, 500)) * 1000,
            "min_qty_e3": 0,
            "stop_px_e5": 0,
            "recovered": 0,
            "transact_time": 0,
            "biz": 100010 if market == 1 else (370 if fixed else 10),
            "owner_type": market - 1,
            "client": client,
            "max_levels": 0,
            "market": market,
            "order_type": 8 if fixed else random.choices((1, 5), (95, 5))[0],
            "side": random.choice("12"),
            "ord_type": "2",
            "time_in_force": "0",
            "cash_margin": "1" if market == 2 else "",
            "pbu": designated or ("20001" if client == 2 else random.choice(PBUS[market])),
            "cl_ord_id": self.next_id(client),
            "security_id": security["code"],
            "account": code,
            "credit_tag": "",
            "clearing_firm": "",
            "branch_id": "00001" if market == 1 else "0001",
            "restrictions": "",
            "user_info": random.choices(("", "01"), (60, 40))[0],
        }

    def is_usual(self, security: Row) -> bool:
        """Return whether everybody may trade a security on both sides."""
        plain = not security["flags"] & 66 and security["upper_e5"] > 0
        return bool(
            plain and security["rule"] in (1, 3, 4, 5) and security["list_date"] <= TRADE_DATE
        )

    def spoiling(self, row: Row) -> Row:
        """Return the fields of an order that are changed, most of them wrongly."""
        random, flow = self.flow.random, self.flow
        sse = row["market"] == 1
        other = random.choice(flow.securities)
        number = random.randrange(1, 11)
        step = random.choice((-300, -50, -9, 9, 50, 300)) * 1000 + random.choice((0, 0, 1, 100))
        used = str(random.choice(self.used)["cl_ord_id"]) if self.used else "AA00000001"
        choices: tuple[Row, ...] = (
            {"time_ns": row["time_ns"] - 10**6},
            *({"price_e5": max(row["price_e5"] + step, 0)} for _ in range(3)),
            {"price_e5": 0},
            *({"qty_e3": qty * 1000} for qty in (1000, 5000, 50, 150, 270, 201, 2_000_000)),
            {"qty_e3": random.choice((1, 0, 100_001, HUGE_E3))},
            {"stop_px_e5": 1},
            {"biz": 300_010},
            {"owner_type": 103},
            {"client": random.choice((1, 2, 3, 4, 9))},
            *({"order_type": kind} for kind in (2, 3, 4, 6, 7, 8, 0)),
            {"side": "G"},
            {"cash_margin": random.choice("29")} if not sse else {"time_in_force": "3"},
            *(
                {"side": "2", "price_e5": row["price_e5"] + down}
                | ({"credit_tag": "RQ"} if sse else {"cash_margin": "2"})
                for down in (0, -3000, -8000)
            ),
            {"pbu": random.choice(("20001", "20009", "29999"))},
            {"cl_ord_id": random.choice((used, "ZZ" + row["cl_ord_id"][2:], "AA-0000001"))},
            {"security_id": random.choice((other["code"], "999999"))},
            {"security_id": other["code"], "price_e5": other["prev_close_e5"] or 100_000},
            *({"security_id": "600002", "price_e5": price} for price in (1000, 10**9)),
            {"security_id": "600008", "price_e5": 100_000},
            {"account": account_code(row["market"], number)},
            {"credit_tag": random.choice(("XY", "RZ", "RQ", "??"))} if sse else {"biz": 370},
            {"branch_id": random.choice(("00002", ""))},
            {"restrictions": random.choice("1E")} if not sse else {"user_info": "013P"},
            {"user_info": random.choice(("02", "03", "0110", "013P", "9"))},
            self.of_account(row, 5),
            *(self.of_account(row, one) for one in flow.limited.get(row["market"], ())[:2]),
            self.of_fixed(row),
        )
        return random.choice(choices)

    def of_account(self, row: Row, customer: int) -> Row:
        """Return the fields that make it an order of another customer's account."""
        account = account_code(row["market"], customer)
        designated = self.flow.designated.get(account, "")
        return {"account": account, "pbu": designated or row["pbu"], "user_info": "01"}

    def of_fixed(self, row: Row) -> Row:
        """Return the fields that make it an after-hours order."""
        fixing = [one for one in self.flow.securities if one["flags"] & FIXED]
        security = self.flow.random.choice(fixing)
        if security["market"] != row["market"]:
            return {"order_type": 8, "biz": row["biz"]}
        close = security["close_e5"] or security["prev_close_e5"]
        price = close + self.flow.random.choice((0, 1000, -1000))
        biz = 100010 if row["market"] == 1 else 370
        return {"order_type": 8, "biz": biz, "security_id": security["code"], "price_e5": price}

    def cancel(self) -> Named | None:
        """Return a cancel of some order, mostly a living one."""
        random = self.flow.random
        if not self.used:
            return None
        order = random.choice(self.used[-12:] if random.random() < 0.9 else self.used)
        client = random.choices((order["client"], 1, 3), (97, 2, 2))[0]
        orig = order["cl_ord_id"]
        if random.random() < 0.05:
            orig = "AA99999999"
        elif self.cancel_ids and random.random() < 0.03:
            order = random.choice(self.cancel_ids)
            client, orig = order["client"], order["cancel_id"]
        row = {
            "time_ns": self.flow.now,
            "transact_time": 0,
            "qty_e3": 0,
            "biz": order["biz"],
            "owner_type": 0,
            "client": client,
            "market": order["market"],
            "side": order["side"],
            "pbu": order["pbu"],
            "cl_ord_id": self.next_id(client),
            "orig_cl_ord_id": orig,
            "security_id": random.choices((order["security_id"], "600999"), (98, 2))[0],
            "account": "",
            "clearing_firm": "",
            "branch_id": "",
            "order_id": "",
            "user_info": "",
        }
        return "CancelOrder", row
