"""The twin's entrance: one input in, its outputs as a list of dictionaries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.twin import checks, closing, limits, reports, streams
from tests.twin import state as s
from tests.twin.ledger import Ledger
from tests.twin.verdict import DeniedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.twin.state import Customer, Order, Row


class Twin:
    """A slow engine: same inputs, same outputs as the native one."""

    def __init__(self) -> None:
        """Start empty."""
        self.state = s.State()
        self.ledger = Ledger(self.state)

    def apply(self, seq: int, name: str, row: Row) -> list[Row]:
        """Apply one input and return its outputs."""
        state = self.state
        out: list[Row] = []
        if "time_ns" in row:
            state.now = max(state.now, row["time_ns"])
        handler: Callable[..., None] | None = getattr(self, f"on_{name}", None)
        if name == "NewOrder":
            self.new_order(seq, row, out)
        elif name == "CancelOrder":
            self.cancel(seq, row, out)
        elif name == "Report":
            reports.apply_report(self.ledger, seq, row, out)
        elif name in ("Timer", "CancelAll", "DayClose"):
            closing.apply(self.ledger, seq, name, row, out)
        elif name == "SetState":
            self.set_state(seq, row, out)
        elif handler is not None:
            handler(row)
        else:
            self.load(name, row)
        return out

    def on_DayOpen(self, row: Row) -> None:  # noqa: N802 - named after the record
        """Open the day."""
        self.state.day = row

    def on_Command(self, row: Row) -> None:  # noqa: N802 - named after the record
        """Commands only leave a trace."""

    def on_ClientState(self, row: Row) -> None:  # noqa: N802 - named after the record
        """Log a client in or out."""
        self.state.clients[row["client"]].online = row["online"] == 1

    def on_GatewayState(self, row: Row) -> None:  # noqa: N802 - named after the record
        """Remember the state of a gateway."""
        self.state.gateways[row["gateway"]].state = row["state"]

    def on_Quote(self, row: Row) -> None:  # noqa: N802 - named after the record
        """Remember the best prices of a security."""
        security = self.state.securities[(row["market"], row["code"])]
        security.bid, security.ask, security.last = row["bid_e5"], row["ask_e5"], row["last_e5"]

    def on_GatewayStream(self, row: Row) -> None:  # noqa: N802 - named after the record
        """Remember a stream that a gateway carries."""
        streams.carry(self.state, row)

    def load(self, name: str, row: Row) -> None:
        """Take one reference row."""
        state = self.state
        match name:
            case "LoadRule":
                state.rules[row["rule"]] = row
            case "LoadPhase":
                state.phases.append(row)
            case "LoadFee":
                state.fees[(row["rule"], row["fee_group"])] = row
            case "LoadSecurity":
                key = (row["market"], row["code"])
                if key in state.securities:
                    state.securities[key].row = row
                else:
                    state.securities[key] = s.Security(row, len(state.securities))
            case "LoadCustomer":
                self.load_customer(row)
            case "LoadAccount":
                key = (row["market"], row["account"])
                if key in state.accounts:
                    state.accounts[key].row = row
                else:
                    state.accounts[key] = s.Account(row, len(state.accounts))
            case "LoadHolding":
                holding = s.Holding(
                    row["total_qty"], row["sellable_qty"], row["total_qty"], row["sellable_qty"]
                )
                state.holdings[(row["market"], row["account"], row["code"])] = holding
            case "LoadClient":
                client = state.clients.setdefault(row["client"], s.Client(row))
                client.row = row
                client.pbus |= row["pbu_mask"]
            case "LoadPbu":
                state.pbus.setdefault((row["market"], row["pbu"]), s.Pbu(row)).row = row
                if row["gateway"]:
                    state.gateways[row["gateway"]].pbus.add(row["pbu_no"])
            case _:
                self.load_parameter(name, row)

    def load_customer(self, row: Row) -> None:
        """Take a customer; a reload keeps the running cash."""
        known = self.state.customers.get(row["customer"])
        if known is None:
            self.state.customers[row["customer"]] = s.Customer(row, row["cash_e5"], row["cash_e5"])
        else:
            known.row = row

    def load_parameter(self, name: str, row: Row) -> None:
        """Take a branch, terminal, limit, switch or parameter."""
        state = self.state
        match name:
            case "LoadBranch":
                state.branches[row["branch"]] = row
            case "LoadTerminal":
                state.terminals[row["terminal"]] = row
            case "LoadLimit":
                state.limits[(row["scope"], row["metric"], row["id"])] = row
            case "LoadSwitch":
                state.switches[(row["code"], row["market"], row["group"])] = row["mode"]
            case "LoadParam":
                state.params[(row["param"], row["market"])] = row["value"]
            case _:
                message = f"unknown input {name}"
                raise ValueError(message)

    def set_state(self, seq: int, row: Row, out: list[Row]) -> None:
        """Set the trading state of a scope."""
        state, scope, level = self.state, row["scope"], row["state"]
        holder: Any
        if scope == s.CLIENT:
            holder = state.clients[row["id"]]
        elif scope == s.PBU:
            holder = next(p for p in state.pbus.values() if p.row["pbu_no"] == row["id"])
        elif scope == s.ACCOUNT:
            holder = state.accounts[(row["market"], row["key"])]
        elif scope == s.SECURITY:
            holder = state.securities[(row["market"], row["key"])]
        else:
            key = (scope, row["id"])
            before = state.states.get(key, 0)
            state.states[key] = level
            self.ledger.state_changed(seq, row, before, out)
            return
        before, holder.state = holder.state, level
        self.ledger.state_changed(seq, row, before, out)

    def fail_with(
        self, row: Row, seq: int, out: list[Row], subject: list[Customer]
    ) -> checks.Report:
        """Return the decider: consults the switch, warns or refuses."""

        def fail(code: int, limit: int = 0, found: int = 0) -> None:
            group = subject[0].row["group"] if subject else 0
            mode = self.state.mode(code, row["market"], group)
            if mode == 1:
                raise DeniedError(code, limit, found)
            if mode == 2:
                out.append(self.ledger.warning(seq, code, limit, found, client=row["client"]))

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
        except DeniedError as denied:
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
        except DeniedError as denied:
            number = target[0].number if target else s.NONE_ORDER
            self.ledger.refuse(seq, row, denied, out, cancel=True, order=number)
            self.ledger.count_refused_cancel(seq, row, out)
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
        if level not in (2, 3) and (level == 0 or policy != s.QUEUE):
            raise DeniedError(30006, 0, level)
        return policy == s.QUEUE
