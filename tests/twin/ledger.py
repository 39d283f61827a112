"""The twin's bookkeeping: commits, releases, settlement and the outputs they cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.twin import limits
from tests.twin import state as s
from tests.twin.money import fee_e5
from tests.twin.verdict import DeniedError

if TYPE_CHECKING:
    from tests.twin.checks import Report, Subject
    from tests.twin.state import Order, Row, State

METRIC_CODES = {
    1: 30801,
    2: 30802,
    3: 30803,
    4: 30804,
    5: 30805,
    6: 30806,
    7: 30807,
    8: 30507,
    9: 30901,
    10: 30902,
    11: 30903,
    12: 30702,
    14: 30904,
    15: 30810,
}


class Ledger:
    """Changes the state and says what came of it."""

    def __init__(self, state: State) -> None:
        """Work on this state."""
        self.state = state

    def output(self, name: str, **fields: object) -> Row:
        """Return one output at the present time."""
        return {"record": name, "time_ns": self.state.now, **fields}

    def warning(self, seq: int, code: int, limit: int, found: int, **more: int) -> Row:
        """Return a warning; a warn-only check has no scope."""
        fields = {"scope": 0, "metric": 0, "id": 0, "client": 0} | more
        return self.output("Warning", input_seq=seq, code=code, limit=limit, found=found, **fields)

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

    def count_refused_cancel(self, seq: int, row: Row, out: list[Row]) -> None:
        """Count a refused cancel of a client and warn when there are too many in the minute."""
        client = self.state.clients.get(row["client"])
        day = self.state.day
        if client is None or day is None:
            return
        client.refused_cancels.append(self.state.now)
        offset = self.state.now - day["day_start_ns"]
        minute = day["day_start_ns"] + offset // s.MINUTE_NS * s.MINUTE_NS
        count = sum(1 for time in client.refused_cancels if time >= minute)
        limit = self.state.limit(s.CLIENT, row["client"], 15)
        if limit is not None and count == limit["warn"]:
            out.append(
                self.warning(
                    seq,
                    30810,
                    limit["warn"],
                    count,
                    scope=s.CLIENT,
                    metric=15,
                    id=row["client"],
                    client=row["client"],
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
            subject.pbu.row["gateway"],
            subject.strategy,
            subject.program,
            subject.price,
            subject.value_price,
            subject.qty,
            state.now,
            s.SENT,
        )
        if subject.policy == s.QUEUE:
            order.status = s.QUEUED
            state.queue.append(("order", order.number))
            out.append(self.queued(seq, order, cancel=0))
        else:
            out.append(self.forward(order))
        old = self.old_values(order)
        state.orders.append(order)
        state.ids[(row["market"], row["pbu"], row["cl_ord_id"])] = ("order", order.number)
        self.freeze(order)
        account = subject.account
        account.orders += 1
        account.order_value += subject.value
        account.open_orders += 1
        self.remember_signature(subject)
        for kept in self.kept_values(order):
            kept.open += subject.value
        if order.is_buy:
            order.security.bought.open += subject.value
        self.count_event(order)
        self.rate_warnings(seq, order, out)
        self.commit_warnings(seq, subject, order, old, identical, out)
        self.high_frequency(seq, order, out)

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
                if self.state.now - seen.first <= self.state.param(2, subject.row["market"]):
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
        return [self.state.values[key] for key in limits.value_scopes(order.customer.row)]

    def old_values(self, order: Order) -> tuple[list[tuple[int, int]], int]:
        """Return open and traded value of each scope and the security's, before the order."""
        kept = [(value.open, value.traded) for value in self.kept_values(order)]
        bought = order.security.bought
        return kept, bought.open + bought.traded

    def count_event(self, order: Order) -> None:
        """Count one order or cancel in every rate."""
        for _, _, _, counters in self.scopes(order):
            counters.times.append(self.state.now)

    def scopes(self, order: Order) -> list[tuple[int, int, int, s.Counters]]:
        """Return the rate scopes of an order."""
        pbu = self.state.pbus[(order.row["market"], order.row["pbu"])].row
        client = self.state.clients[order.row["client"]].row
        group = order.customer.row["group"]
        return list(
            limits.rate_scopes(self.state, order.account, group, client, pbu, order.strategy)
        )

    def counts(self, counters: s.Counters) -> tuple[int, int, int, int]:
        """Return the counts with the event that was just counted."""
        assert self.state.day is not None
        counted = counters.counts(self.state.now, self.state.day["day_start_ns"])
        return counted[0] - 1, counted[1] - 1, counted[2] - 1, counted[3] - 1

    def rate_warnings(self, seq: int, order: Order, out: list[Row]) -> None:
        """Warn where a rate reaches its warn level."""
        for scope, number, shown, counters in self.scopes(order):
            for metric, count in zip(limits.RATE_METRICS, self.counts(counters), strict=True):
                limit = self.state.limit(scope, number, metric)
                if limit is not None and count == limit["warn"]:
                    self.metric_warning(
                        seq, order, (scope, shown, metric), limit["warn"], count, out
                    )

    def metric_warning(
        self,
        seq: int,
        order: Order,
        what: tuple[int, int, int],
        warn: int,
        found: int,
        out: list[Row],
    ) -> None:
        """Append the warning of one metric."""
        scope, shown, metric = what
        out.append(
            self.warning(
                seq,
                METRIC_CODES[metric],
                warn,
                found,
                scope=scope,
                metric=metric,
                id=shown,
                client=order.row["client"],
            )
        )

    def commit_warnings(
        self,
        seq: int,
        subject: Subject,
        order: Order,
        old: tuple[list[tuple[int, int]], int],
        identical: int,
        out: list[Row],
    ) -> None:
        """Warn where a metric other than a rate reaches its warn level."""
        group, number, value = subject.customer.row["group"], subject.account.number, subject.value
        rows: list[tuple[int, int, int, int, int, int]] = [
            (s.ACCOUNT, group, number, 12, identical - 1, identical),
            (s.FIRM, 0, 0, 8, 0, value),
            (s.ACCOUNT, group, number, 8, 0, value),
            (
                s.ACCOUNT,
                group,
                number,
                14,
                order.account.open_orders - 1,
                order.account.open_orders,
            ),
        ]
        for (scope, key), (was_open, traded) in zip(
            limits.value_scopes(subject.customer.row), old[0], strict=True
        ):
            rows.append((scope, key, key, 9, was_open, was_open + value))
            rows.append((scope, key, key, 10, traded, traded + value))
        if order.is_buy:
            security = order.security
            rows.append(
                (s.SECURITY, security.row["rule"], security.number, 11, old[1], old[1] + value)
            )
        for scope, key, shown, metric, before, after in rows:
            limit = self.state.limit(scope, key, metric)
            if limit is not None and before < limit["warn"] <= after:
                self.metric_warning(seq, order, (scope, shown, metric), limit["warn"], after, out)

    def high_frequency(self, seq: int, order: Order, out: list[Row]) -> None:
        """Mark an account that reaches the high-frequency numbers."""
        account = order.account
        if account.high_frequency:
            return
        sliding, second, _, day = self.counts(account.counters)
        market = order.row["market"]
        for number, count in (
            (self.state.param(4, market), max(sliding, second)),
            (self.state.param(5, market), day),
        ):
            if number and count >= number:
                account.high_frequency = True
                out.append(
                    self.warning(
                        seq,
                        30809,
                        number,
                        count,
                        scope=s.ACCOUNT,
                        id=account.number,
                        client=order.row["client"],
                    )
                )
                return

    def forward(self, order: Order) -> Row:
        """Send an order: return its output."""
        order.sent = self.state.now
        self.state.totals["forwarded"] += 1
        return self.output(
            "Forward",
            input_seq=order.seq,
            order=order.number,
            gateway=order.gateway,
            client=order.row["client"],
        )

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
        self.rate_warnings(seq, order, out)
        if self.state.now - order.time < self.state.param(1, order.row["market"]):
            account = order.account
            account.quick_cancels += 1
            limit = self.state.limit(s.ACCOUNT, order.customer.row["group"], 5)
            if limit is not None and account.quick_cancels == limit["warn"]:
                what = (s.ACCOUNT, account.number, 5)
                self.metric_warning(seq, order, what, limit["warn"], account.quick_cancels, out)
        self.high_frequency(seq, order, out)

    def end_queued(self, seq: int, order: Order, out: list[Row]) -> None:
        """End an order that never left, and tell its client."""
        rest = order.open_qty
        self.finish(order, s.CANCELLED, cancelled=rest)
        out.append(self.ended(seq, order, rest))
        set_id = order.security.row["set_id"]
        out.append(self.deliver(seq, order, kind=3, set_id=set_id, numbered=True))

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

    def deliver(self, seq: int, order: Order, *, kind: int, set_id: int, numbered: bool) -> Row:
        """Return the output that passes a report on, numbered in the client's stream."""
        pbu = order.row["pbu"] if order.row["market"] == 1 else ""
        index = 0
        if numbered:
            index = self.next_index((order.row["client"], pbu, set_id))
        return self.output(
            "Deliver",
            input_seq=seq,
            report_index=index,
            order_seq=order.seq,
            set_id=set_id,
            order=order.number,
            pbu=pbu,
            client=order.row["client"],
            kind=kind,
        )

    def next_index(self, key: tuple[int, str, int]) -> int:
        """Return the next index of a client's stream, 0 behind its end."""
        if key in self.state.told_end:
            return 0
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
