"""What the exchanges of a random day say: streams, reports of what was sent, and their faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.twin.state import FIXED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.twin.day import Named
    from tests.twin.flow import Flow
    from tests.twin.state import Row

GATEWAYS = {"20001": 1, "20002": 1, "20003": 3, "001000": 2, "002000": 4}
"""Gateway of each PBU."""
FIXED_GATEWAYS = {"001000": 4}
"""Gateway of a PBU's after-hours orders where it is another one."""
LOGINS = {1: "20001", 3: "20003"}
"""PBU under which each Shanghai gateway is logged in; its reports carry this one."""
STRANGER = "20008"
"""PBU of somebody else's gateway, whose stream gateway 1 copies."""
EMPTY_REPORT = dict.fromkeys(
    (
        "price_e5",
        "last_px_e5",
        "qty_e3",
        "last_qty_e3",
        "leaves_e3",
        "cum_e3",
        "cancelled_e3",
        "amount_e5",
        "transact_time",
        "entry_time",
        "code",
        "biz",
        "trade_date",
        "owner_type",
        "max_levels",
        "min_qty_e3",
    ),
    0,
) | dict.fromkeys(
    (
        "side",
        "ord_type",
        "time_in_force",
        "ord_status",
        "cash_margin",
        "exec_type",
        "orig_cl_ord_id",
        "security_id",
        "account",
        "credit_tag",
        "clearing_firm",
        "branch_id",
        "restrictions",
        "order_id",
        "exec_id",
        "user_info",
        "text",
    ),
    "",
)


class Exchange:
    """The far ends of every gateway."""

    def __init__(self, flow: Flow) -> None:
        """Share the flow's clock, chance and securities."""
        self.flow = flow
        self.sent: list[Row] = []
        self.cancels: list[tuple[Row, str]] = []
        self.indices: dict[tuple[int, str, int], int] = {}
        self.fills = 0

    def carried(self) -> Iterator[Named]:
        """Yield what the gateways carry: own streams, copies, a stranger's; some are not told."""
        for set_id in (1, 2, 3):
            for gateway, pbu, own in (
                (1, "20001", 1),
                (1, "20003", 0),
                (1, STRANGER, 0),
                (3, "20003", 1),
                (2, "", 1),
                (4, "", 1),
            ):
                if self.flow.random.random() < 0.95:
                    yield "GatewayStream", self.stream_row(gateway, pbu, set_id, own)

    def stream_row(self, gateway: int, pbu: str, set_id: int, own: int) -> Row:
        """Return the row of a stream that a gateway carries."""
        return {
            "time_ns": self.flow.now,
            "pbu": pbu,
            "set_id": set_id,
            "gateway": gateway,
            "market": 2 - gateway % 2,
            "own": own,
        }

    def ends(self) -> Iterator[Named]:
        """Yield the end of most exchange streams, some twice or with a report behind it."""
        places = [(1, "20001"), (1, "20003"), (3, "20003"), (1, STRANGER), (2, ""), (4, "")]
        streams = [(gateway, pbu, set_id) for gateway, pbu in places for set_id in (1, 2, 3)]
        self.flow.random.shuffle(streams)
        for gateway, pbu, set_id in streams:
            if self.flow.random.random() < 0.9:
                yield self.end_of(gateway, pbu, set_id)
            if self.flow.random.random() < 0.1 and (said := self.make_report()):
                yield said

    def end_of(self, gateway: int, pbu: str, set_id: int) -> Named:
        """Return the end of an exchange stream as one gateway brings it."""
        key = (gateway if pbu == "" else 0, pbu, set_id)
        self.indices[key] = self.indices.get(key, 0) + 1
        return "Report", EMPTY_REPORT | {
            "time_ns": self.flow.now,
            "report_index": self.indices[key],
            "set_id": set_id,
            "gateway": gateway,
            "market": 2 - gateway % 2,
            "kind": 7,
            "stream_pbu": pbu,
            "pbu": "",
            "cl_ord_id": "",
        }

    def report(self, order: Row, kind: int, **more: object) -> Named:
        """Return a report of an order in its stream."""
        random = self.flow.random
        set_id = next(
            (row["set_id"] for row in self.flow.securities if row["code"] == order["security_id"]),
            1,
        )
        gateway = GATEWAYS.get(order["pbu"], 1)
        if order.get("order_type") == FIXED:
            gateway = FIXED_GATEWAYS.get(order["pbu"], gateway)
        pbu = str(LOGINS.get(gateway) or order["pbu"])
        if random.random() < 0.01:
            pbu = STRANGER if order["market"] == 1 else "003000"
        stream = (0, pbu, set_id) if order["market"] == 1 else (gateway, "", set_id)
        jump = random.choices((1, 2, 0), (96, 2, 2))[0]
        index = self.indices.get(stream, 0) + jump
        self.indices[stream] = max(index, 1)
        if pbu == "20003" and random.random() < 0.5:
            gateway = 1
        row = (
            EMPTY_REPORT
            | {
                "time_ns": self.flow.now,
                "report_index": 0 if kind == 6 else max(index, 1),
                "set_id": set_id,
                "gateway": gateway,
                "market": order["market"],
                "kind": kind,
                "stream_pbu": pbu,
                "pbu": order["pbu"],
                "cl_ord_id": order["cl_ord_id"],
                "security_id": order["security_id"],
                "account": order["account"],
                "side": order["side"],
            }
            | more
        )
        return "Report", row

    def make_report(self) -> Named | None:
        """Return what an exchange might say next, sometimes what it must not."""
        random = self.flow.random
        if self.cancels and random.random() < 0.5:
            return self.answer_cancel(*self.cancels.pop(random.randrange(len(self.cancels))))
        if self.flow.sender.used and random.random() < 0.01:
            order = random.choice(self.flow.sender.used)
            kind = random.choice((1, 2, 3, 4, 5, 6))
            unknown = {"cl_ord_id": "XX00000000"} if random.random() < 0.3 else {}
            return self.report(order, kind, last_qty_e3=100_000, last_px_e5=1000, **unknown)
        if not self.sent:
            return None
        order = random.choice(self.sent)
        if not order["acked"]:
            order["acked"] = True
            kind = random.choices((1, 2, 6), (90, 7, 5))[0]
            if kind != 1:
                self.sent.remove(order)
            return self.report(order, kind, code=0 if kind == 1 else 203)
        return self.make_fill(order)

    def answer_cancel(self, order: Row, cancel_id: str) -> Named:
        """Return the answer to a cancel."""
        random = self.flow.random
        live = next((sent for sent in self.sent if sent["cl_ord_id"] == order["cl_ord_id"]), None)
        both = {"cl_ord_id": cancel_id, "orig_cl_ord_id": order["cl_ord_id"]}
        if live is None or random.random() < 0.1:
            return self.report(order, random.choice((5, 5, 6)), code=13430, **both)
        self.sent.remove(live)
        wrong = random.choices((0, 100_000), (95, 5))[0]
        return self.report(order, 3, cancelled_e3=live["left"] + wrong, **both)

    def make_fill(self, order: Row) -> Named:
        """Return a fill, or an unasked cancel."""
        random = self.flow.random
        if random.random() < 0.05:
            self.sent.remove(order)
            return self.report(order, 3, cancelled_e3=order["left"])
        qty = random.choice((order["left"], 100_000))
        qty = min(qty, order["left"]) + random.choices((0, 10_000_000), (98, 2))[0]
        order["left"] = max(order["left"] - qty, 0)
        if order["left"] == 0:
            self.sent.remove(order)
        price = order["price_e5"] or 1_000_000
        worse = 1000 if order["side"] == "1" else -1000
        price += random.choices((0, -worse, worse, 5_000_000), (70, 26, 2, 2))[0]
        self.fills += 1
        earlier = order.setdefault("fills", [])
        exec_id = f"{self.fills:016d}"
        if earlier and random.random() < 0.1:
            exec_id = random.choice(earlier)
        earlier.append(exec_id)
        unknown = random.random() < 0.01
        more = {"cl_ord_id": "XX00000000"} if unknown else {}
        return self.report(
            order, 4, last_qty_e3=qty, last_px_e5=max(price, 1000), exec_id=exec_id, **more
        )
