"""The twin's entrance: one input in, its outputs as a list of dictionaries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.twin import (
    anomalies,
    checks,
    closing,
    limits,
    loading,
    notices,
    reports,
    streams,
    trading,
)
from tests.twin import state as s
from tests.twin.ledger import Ledger
from tests.twin.verdict import DeniedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.twin.state import Customer, Order, Row


class Twin:
    """A slow engine: same inputs, same outputs as the native one."""

    def __init__(self, codes: Iterable[int] = (), **capacity: int) -> None:
        """Start empty, with room for so many rows and the codes that switches may name."""
        self.state = s.State(capacity, frozenset(codes))
        self.ledger = Ledger(self.state)

    def apply(self, seq: int, name: str, row: Row) -> list[Row]:
        """Apply one input and return its outputs."""
        state = self.state
        out: list[Row] = []
        if "time_ns" in row:
            state.now = max(state.now, row["time_ns"])
        trading.follow_schedule(self.ledger, seq, out)
        if name == "NewOrder":
            self.new_order(seq, row, out)
        elif name == "CancelOrder":
            self.cancel(seq, row, out)
        elif name == "Report":
            reports.apply_report(self.ledger, seq, row, out)
        elif name in ("Timer", "CancelAll", "DayClose"):
            closing.apply(self.ledger, seq, name, row, out)
        elif name == "SetState":
            trading.set_state(self.ledger, seq, row, out)
        elif name != "Command":
            self.take(seq, name, row, out)
        trading.follow_schedule(self.ledger, seq, out)
        return out

    def take(self, seq: int, name: str, row: Row, out: list[Row]) -> None:
        """Take a row that says how things are, or say why not."""
        handler: Callable[[Row], None] | None = getattr(self, f"on_{name}", None)
        try:
            if handler is not None:
                handler(row)
            else:
                loading.load(self.state, name, row)
            if row.get("silent_ms"):
                what = (32014, row["silent_max_ms"], row["silent_ms"])
                anomalies.anomaly(self.ledger, seq, {"gateway": row["gateway"]}, what, None, out)
        except DeniedError as denied:
            what = (denied.code, denied.limit, denied.found)
            out.append(self.ledger.load_refused(seq, name, what))

    def on_ClientState(self, row: Row) -> None:  # noqa: N802 - named after the record
        """Log a client in or out."""
        if row["client"] not in self.state.clients:
            raise DeniedError(30101, 0, row["client"])
        self.state.clients[row["client"]].online = row["online"] == 1

    def on_GatewayState(self, row: Row) -> None:  # noqa: N802 - named after the record
        """Remember the state of a gateway."""
        number = row["gateway"]
        if not 0 < number <= self.state.capacity["gateways"] or row["state"] > 6:
            raise DeniedError(30005, 0, number)
        self.state.gateways[number].state = row["state"]
        if row["state"] == 0:
            waiting = {found for what, found in self.state.queue if what == "cancel"}
            for order in self.state.orders:
                if order.is_open and order.gateway == number and order.number not in waiting:
                    order.cancel_pending = False

    def on_Quote(self, row: Row) -> None:  # noqa: N802 - named after the record
        """Remember the best prices of a security."""
        security = self.state.securities.get((row["market"], row["code"]))
        if security is None:
            raise DeniedError(30303)
        prices = (row["bid_e5"], row["ask_e5"], row["last_e5"])
        if min(prices) < 0:
            raise DeniedError(33006, 0, min(prices))
        security.bid, security.ask, security.last = prices

    def on_GatewayStream(self, row: Row) -> None:  # noqa: N802 - named after the record
        """Remember a stream that a gateway carries."""
        streams.carry(self.state, row)

    def fail_with(
        self, row: Row, seq: int, out: list[Row], subject: list[Customer]
    ) -> checks.Report:
        """Return the decider: consults the switch, warns or refuses."""

        def fail(code: int, limit: int = 0, found: int = 0) -> None:
            group = subject[0].row["group"] if subject else 0
            mode = 0 if checks.is_recovered(row) else self.state.mode(code, row["market"], group)
            if mode == 1:
                raise DeniedError(code, limit, found)
            if mode == 2:
                out.append(
                    notices.warning(self.ledger, seq, code, limit, found, client=row["client"])
                )

        return fail

    def new_order(self, seq: int, row: Row, out: list[Row]) -> None:
        """Check an order and commit it, or refuse it."""
        state = self.state
        state.totals["orders"] += 1
        owner: list[Customer] = []
        fail = self.fail_with(row, seq, out, owner)
        try:
            client, pbu = checks.find_session(state, row, fail, cancel=False)
            checks.check_fields(row)
            account, customer = checks.find_owner(state, row, client, fail, owner)
            subject = checks.Subject(row, client, pbu, account, customer)
            checks.check_terminal(state, subject, fail)
            checks.check_owner_states(state, subject, fail)
            checks.find_security(state, subject, fail)
            checks.check_program_and_credit(subject, fail)
            checks.check_window(state, subject, fail)
            checks.check_gateway(state, subject)
            limits.check_price(state, subject, fail)
            limits.check_quantity(state, subject, fail)
            limits.check_funds(state, subject)
            limits.check_own_orders(state, subject, fail)
            limits.check_thresholds(state, subject, fail)
            limits.check_aggregates(state, subject, fail)
            limits.check_room(state, subject)
        except DeniedError as denied:
            if checks.is_recovered(row):
                what = (denied.code, denied.limit, denied.found)
                out.append(self.ledger.load_refused(seq, "NewOrder", what))
            else:
                self.ledger.refuse(seq, row, denied, out, cancel=False)
            return
        self.ledger.commit(seq, subject, out)

    def cancel(self, seq: int, row: Row, out: list[Row]) -> None:
        """Check a cancel and pass it on, or refuse it."""
        state = self.state
        state.totals["cancels"] += 1
        target: list[Order] = []
        try:
            queue = self.check_cancel(seq, row, out, target)
            if state.ids_are_full():
                room = state.capacity["orders"]
                raise DeniedError(30007, room, room)
        except DeniedError as denied:
            number = target[0].number if target else s.NONE_ORDER
            self.ledger.refuse(seq, row, denied, out, cancel=True, order=number)
            notices.refused_cancel(self.ledger, seq, row, out)
            return
        order = target[0]
        state.ids[(row["market"], row["pbu"], row["cl_ord_id"])] = ("cancel", order.number)
        if order.status == s.QUEUED:
            self.ledger.end_queued(seq, order, out)
        elif queue:
            order.queued_cancel = (seq, row)
            order.cancel_pending = True
            state.queue.append(("cancel", order.number))
            out.append(self.ledger.queued(seq, order, cancel=1))
        else:
            self.ledger.forward_cancel(seq, order, row["cl_ord_id"], out)

    def check_cancel(self, seq: int, row: Row, out: list[Row], target: list[Order]) -> bool:
        """Run section 3; return whether the cancel must wait."""
        state = self.state
        owner: list[Customer] = []
        fail = self.fail_with(row, seq, out, owner)
        client, _ = checks.find_session(state, row, fail, cancel=True)
        known = state.ids.get((row["market"], row["pbu"], row["orig_cl_ord_id"]))
        if known is None:
            raise DeniedError(30703)
        if known[0] == "cancel":
            raise DeniedError(30709)
        order = state.orders[known[1]]
        target.append(order)
        owner.append(order.customer)
        if order.row["client"] != client.row["client"]:
            fail(30704)
        if order.row["biz"] != row["biz"] or order.row["security_id"] != row["security_id"]:
            fail(30708)
        if not order.is_open:
            raise DeniedError(30705, 0, order.status)
        if order.cancel_pending:
            fail(30706)
        policy = self.ledger.cancel_policy(order, fail)
        if order.status == s.QUEUED:
            return False
        if order.gateway == 0:
            raise DeniedError(30005)
        level = state.gateways[order.gateway].state
        if level not in (2, 3, 6) and (level == 0 or policy != s.QUEUE):
            raise DeniedError(30006, 0, level)
        return policy == s.QUEUE
