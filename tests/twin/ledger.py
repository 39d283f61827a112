"""The twin's bookkeeping: commits, releases, settlement and the outputs they cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.twin import limits, notices
from tests.twin import state as s
from tests.twin.anomalies import anomaly
from tests.twin.checks import is_recovered
from tests.twin.money import fee_e5
from tests.twin.verdict import DeniedError

if TYPE_CHECKING:
    from tests.twin.checks import Report, Subject
    from tests.twin.state import Order, Row, State


class Ledger:
    """Changes the state and says what came of it."""

    def __init__(self, state: State) -> None:
        """Work on this state."""
        self.state = state

    def output(self, name: str, **fields: object) -> Row:
        """Return one output at the present time."""
        return {"record": name, "time_ns": self.state.now, **fields}

    def refuse(
        self,
        seq: int,
        row: Row,
        denied: DeniedError,
        out: list[Row],
        *,
        cancel: bool,
        order: int = s.NONE_ORDER,
    ) -> None:
        """Refuse an order or a cancel."""
        self.state.totals["refused"] += 1
        out.append(
            self.output(
                "Refuse",
                input_seq=seq,
                code=denied.code,
                limit=denied.limit,
                found=denied.found,
                order=order,
                client=row["client"],
                cancel=int(cancel),
                cl_ord_id=row["cl_ord_id"],
            )
        )

    def load_refused(self, seq: int, name: str, what: tuple[int, int, int]) -> Row:
        """Return the output of a row that was not taken."""
        code, limit, found = what
        return {
            "record": "LoadRefused",
            "input_seq": seq,
            "limit": limit,
            "found": found,
            "code": code,
            "input_type": name,
        }

    def cancel_policy(self, order: Order, fail: Report) -> int:
        """Return what the window does with a cancel of this order."""
        window = self.state.window(order.security)
        if window is None:
            raise DeniedError(30302)
        fixed = order.row["order_type"] == s.FIXED
        policy = int(window["fixed_cancel"] if fixed else window["cancel_policy"])
        if policy == s.REJECT:
            fail(30707, 0, window["phase"])
            return s.ACCEPT
        return policy

    def commit(self, seq: int, subject: Subject, out: list[Row]) -> None:
        """Take an order that passed every check."""
        state, row = self.state, subject.row
        assert subject.security is not None
        identical = limits.identical_count(state, subject)
        order = s.Order(
            len(state.orders),
            seq,
            row,
            subject.account,
            subject.customer,
            subject.security,
            (subject.security.row["rule"], subject.customer.row["fee_group"]),
            subject.pbu.gateway_of(row["order_type"]),
            subject.strategy,
            subject.program,
            subject.price,
            subject.value_price,
            subject.qty,
            state.now,
            s.SENT,
            terminal=subject.terminal,
        )
        if subject.policy == s.QUEUE:
            order.status = s.QUEUED
            state.queue.append(("order", order.number))
            out.append(self.queued(seq, order, cancel=0))
        elif not is_recovered(row):
            out.append(self.forward(order))
        old = self.old_values(order)
        state.orders.append(order)
        state.ids[(row["market"], row["pbu"], row["cl_ord_id"])] = ("order", order.number)
        self.freeze(order)
        if is_recovered(row):
            out.append(self.recovered(order))
        subject.account.open_orders += 1
        self.remember_signature(subject)
        for kept in self.kept_values(order):
            kept.open += subject.value
        if order.is_buy:
            order.security.bought.open += subject.value
        self.count_event(order)
        for _, _, _, watch in self.scopes(order):
            watch.orders += 1
            watch.order_value += subject.value
        notices.rates(self, seq, order, out)
        notices.committed(self, seq, subject, order, old, identical, out)
        notices.high_frequency(self, seq, order, out)

    def freeze(self, order: Order) -> None:
        """Freeze cash or shares of a new order."""
        if order.is_buy:
            self.refreeze(order)
            key = (
                order.account.row["market"],
                order.account.row["account"],
                order.security.row["code"],
            )
            holding = self.state.holdings.setdefault(key, s.Holding())
            holding.open_buys += order.qty
        else:
            holding_row = self.state.holding(order.account, order.security)
            assert holding_row is not None
            holding_row.frozen += order.qty

    def refreeze(self, order: Order) -> None:
        """Bring the frozen cash of a buy to what its open quantity needs."""
        worst = order.open_qty * order.value_price
        fees = fee_e5(self.fee(order), buy=True, amount=order.amount + worst)
        needed = worst + fees - order.charged
        if not order.is_open:
            needed = 0
        order.customer.available += order.frozen - needed
        order.customer.frozen += needed - order.frozen
        order.frozen = needed

    def fee(self, order: Order) -> Row:
        """Return the fee row that is in force for an order."""
        return self.state.fees[order.fee_key]

    def remember_signature(self, subject: Subject) -> None:
        """Count the order's content among the last four."""
        account, content = subject.account, limits.signature(subject)
        for seen in account.signatures:
            if seen.content == content:
                if self.state.now - seen.first <= limits.identical_window(self.state, subject):
                    seen.count += 1
                else:
                    seen.first, seen.count = self.state.now, 1
                return
        fresh = s.Signature(content, self.state.now, 1)
        if len(account.signatures) < 4:
            account.signatures.append(fresh)
        else:
            account.signatures[account.next_signature] = fresh
        account.next_signature = (account.next_signature + 1) % 4

    def kept_values(self, order: Order) -> list[s.Value]:
        """Return the value rows that the order counts in."""
        scopes = limits.value_scopes(order.account, order.customer.row)
        return [self.state.values[(scope, own)] for scope, _, own in scopes]

    def old_values(self, order: Order) -> tuple[list[tuple[int, int]], int]:
        """Return open and traded value of each scope and the security's, before the order."""
        kept = [(value.open, value.traded) for value in self.kept_values(order)]
        bought = order.security.bought
        return kept, bought.open + bought.traded

    def count_event(self, order: Order) -> None:
        """Count one order or cancel in every rate; without room in all but the sliding second."""
        state = self.state
        slides = len(state.live_events()) < state.capacity["events"]
        for _, _, _, watch in self.scopes(order):
            watch.times.append(state.now)
            watch.sliding += [state.now] * slides
        state.events += [state.now] * slides

    def scopes(self, order: Order) -> list[tuple[int, int, int, s.Watch]]:
        """Return the rate scopes of an order."""
        group = order.customer.row["group"]
        scopes = limits.rate_scopes(
            self.state, order.account, group, order.row, order.strategy, order.gateway
        )
        return list(scopes)

    def forward(self, order: Order) -> Row:
        """Send an order: return its output."""
        self.state.totals["forwarded"] += 1
        return self.sent(order)

    def sent(self, order: Order) -> Row:
        """Have an order stand as sent; return what is said of it."""
        order.sent = self.state.now
        return self.output(
            "Forward",
            input_seq=order.seq,
            order=order.number,
            gateway=order.gateway,
            client=order.row["client"],
            terminal=order.terminal,
            strategy=order.strategy,
            program=int(order.program),
        )

    def recovered(self, order: Order) -> Row:
        """Return the output of an order that was made again."""
        said = self.sent(order)
        return said | {"record": "Recovered", "frozen_e5": order.frozen}

    def queued(self, seq: int, order: Order, *, cancel: int) -> Row:
        """Return the output that says something waits."""
        return self.output(
            "Queued", input_seq=seq, order=order.number, client=order.row["client"], cancel=cancel
        )

    def forward_cancel(
        self, seq: int, order: Order, cancel_id: str, out: list[Row], *, own: bool = False
    ) -> None:
        """Send a cancel and count it."""
        order.cancel_pending = True
        order.cancel_requested = True
        out.append(
            self.output(
                "ForwardCancel",
                input_seq=0 if own else seq,
                order_seq=order.seq,
                order=order.number,
                gateway=order.gateway,
                client=order.row["client"],
                cl_ord_id=cancel_id,
            )
        )
        self.count_event(order)
        if own:
            return
        notices.rates(self, seq, order, out)
        market, group = order.row["market"], order.customer.row["group"]
        if self.state.now - order.time < self.state.param(1, market, group):
            for _, _, _, watch in self.scopes(order):
                watch.quick_cancels += 1
            notices.quick_cancels(self, seq, order, out)
        notices.high_frequency(self, seq, order, out)

    def end_queued(self, seq: int, order: Order, out: list[Row]) -> None:
        """End an order that never left, and tell its client."""
        rest = order.open_qty
        self.finish(order, s.CANCELLED, cancelled=rest)
        out.append(self.ended(seq, order, rest))
        set_id = order.security.row["set_id"]
        self.deliver(seq, order, (3, set_id), out, numbered=True)

    def ended(self, seq: int, order: Order, rest: int) -> Row:
        """Return the output of an order that ended without the exchange."""
        return self.output(
            "Ended",
            input_seq=seq,
            order_seq=order.seq,
            rest_qty=rest,
            order=order.number,
            client=order.row["client"],
            status=order.status,
        )

    def deliver(
        self, seq: int, order: Order, what: tuple[int, int], out: list[Row], *, numbered: bool
    ) -> None:
        """Pass a report (its kind and set) on, numbered in the client's stream."""
        pbu = order.row["pbu"] if order.row["market"] == 1 else ""
        kind, set_id = what
        index = self.next_index((order.row["client"], pbu, set_id)) if numbered else 0
        if index is None:
            room = self.state.capacity["streams"]
            row = order.row | {"gateway": order.gateway, "set_id": set_id, "stream_pbu": pbu}
            anomaly(self, seq, row, (32013, room, room + 1), order, out)
        deliver = self.output(
            "Deliver",
            input_seq=seq,
            report_index=index or 0,
            order_seq=order.seq,
            set_id=set_id,
            order=order.number,
            pbu=pbu,
            client=order.row["client"],
            kind=kind,
        )
        out.append(deliver)

    def next_index(self, key: tuple[int, str, int]) -> int | None:
        """Return the next index of a client's stream: 0 behind its end, None without room."""
        if key in self.state.told_end:
            return 0
        held = self.state.delivered
        if key not in held and len(held) >= self.state.capacity["streams"]:
            return None
        self.state.delivered[key] = self.state.delivered.get(key, 0) + 1
        return self.state.delivered[key]

    def finish(self, order: Order, status: int, *, cancelled: int) -> None:
        """End an order: release what is frozen and take its rest out of the open values."""
        self.reduce(order, cancelled)
        order.status = status
        order.account.open_orders -= 1
        order.cancel_pending = False
        if order.is_buy:
            self.refreeze(order)

    def reduce(self, order: Order, qty: int) -> None:
        """Take cancelled shares out of an open order."""
        holding = self.state.holding(order.account, order.security)
        assert holding is not None
        order.cancelled += qty
        value = qty * order.value_price
        for kept in self.kept_values(order):
            kept.open -= value
        if order.is_buy:
            holding.open_buys -= qty
            order.security.bought.open -= value
            self.refreeze(order)
        else:
            holding.frozen -= qty

    def book_fill(self, order: Order, qty: int, price: int) -> None:
        """Settle one fill."""
        holding = self.state.holding(order.account, order.security)
        assert holding is not None
        customer, amount = order.customer, qty * price
        order.traded += qty
        order.amount += amount
        fee = fee_e5(self.fee(order), buy=order.is_buy, amount=order.amount) - order.charged
        order.charged += fee
        customer.fees += fee
        for kept in self.kept_values(order):
            kept.open -= qty * order.value_price
            kept.traded += amount
        if order.is_buy:
            customer.bought += amount
            customer.available -= amount + fee
            holding.total += qty
            holding.bought += qty
            holding.open_buys -= qty
            if self.state.rules[order.fee_key[0]]["same_day"]:
                holding.sellable += qty
            order.security.bought.open -= qty * order.value_price
            order.security.bought.traded += amount
            self.refreeze(order)
        else:
            customer.sold += amount
            customer.available += amount - fee
            holding.frozen -= qty
            holding.sellable -= qty
            holding.total -= qty
            holding.sold += qty
        order.status = s.PARTLY
