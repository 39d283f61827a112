"""NautilusTrader's RiskEngine on our orders, wired as its own unit tests wire it.

`check` is `RiskEngine.execute` with an execution side that only counts; `submit` is
`Strategy.submit_order` down to a client that only counts: the order is cached, checked and
followed as in a live run.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import nautilus_trader
from nautilus_trader.common.component import LiveClock, MessageBus
from nautilus_trader.config import ExecEngineConfig, RiskEngineConfig
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.engine import ExecutionEngine
from nautilus_trader.execution.messages import SubmitOrder
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.enums import AccountType, OrderSide
from nautilus_trader.model.events import AccountState
from nautilus_trader.model.identifiers import ClientId, Venue
from nautilus_trader.model.objects import AccountBalance, Money, Price, Quantity
from nautilus_trader.portfolio.portfolio import Portfolio
from nautilus_trader.risk.engine import RiskEngine
from nautilus_trader.test_kit.mocks.exec_clients import MockExecutionClient
from nautilus_trader.test_kit.providers import TestInstrumentProvider
from nautilus_trader.test_kit.stubs.component import TestComponentStubs
from nautilus_trader.test_kit.stubs.events import TestEventStubs
from nautilus_trader.test_kit.stubs.identifiers import TestIdStubs
from nautilus_trader.trading.strategy import Strategy

from panshi.bench.peers.timing import Order, measure, read_orders

if TYPE_CHECKING:
    from collections.abc import Callable

VENUE = "SIM"
"""The venue of the test kit's account; elsewhere the account checks pass for want of an account."""
UNLIMITED = "100000000/00:00:01"
NOTIONAL_MAX = 500_000_000
RICH = 9e9


class World:
    """A risk engine with cash account, cache, portfolio and instruments."""

    def __init__(self, codes: set[str]) -> None:
        self.clock = LiveClock()
        self.trader = TestIdStubs.trader_id()
        self.bus = MessageBus(trader_id=self.trader, clock=self.clock)
        self.cache = TestComponentStubs.cache()
        parts = {"msgbus": self.bus, "cache": self.cache, "clock": self.clock}
        self.portfolio = Portfolio(**parts)
        self.execution = ExecutionEngine(**parts, config=ExecEngineConfig())
        shares = [TestInstrumentProvider.equity(symbol=code, venue=VENUE) for code in codes]
        limits = {str(share.id): NOTIONAL_MAX for share in shares}
        config = RiskEngineConfig(
            max_order_submit_rate=UNLIMITED,
            max_order_modify_rate=UNLIMITED,
            max_notional_per_order=limits,
        )
        self.risk = RiskEngine(portfolio=self.portfolio, **parts, config=config)
        self.client = MockExecutionClient(
            client_id=ClientId(VENUE),
            venue=Venue(VENUE),
            account_type=AccountType.CASH,
            base_currency=USD,
            **parts,
        )
        self.portfolio.update_account(self._account())
        self.execution.register_client(self.client)
        for share in shares:
            self.cache.add_instrument(share)
        self.shares = {str(share.id.symbol): share for share in shares}
        self.strategy = Strategy()
        self.strategy.register(trader_id=self.trader, portfolio=self.portfolio, **parts)
        self.passed = 0

    @staticmethod
    def _account() -> AccountState:
        balance = AccountBalance(Money(RICH, USD), Money(0, USD), Money(RICH, USD))
        return AccountState(
            account_id=TestEventStubs.cash_account_state().account_id,
            account_type=AccountType.CASH,
            base_currency=USD,
            reported=True,
            balances=[balance],
            margins=[],
            info={},
            event_id=UUID4(),
            ts_event=0,
            ts_init=0,
        )

    def count_only(self) -> None:
        """Put a counter where the execution engine stands."""

        def count(_command: object) -> None:
            self.passed += 1

        self.bus.deregister("ExecEngine.execute", self.execution.execute)
        self.bus.register("ExecEngine.execute", count)

    def order(self, order: Order) -> Any:  # noqa: ANN401 - their type, known to them only
        """Return an order of theirs."""
        return self.strategy.order_factory.limit(
            self.shares[order.code].id,
            OrderSide.BUY if order.buy else OrderSide.SELL,
            Quantity.from_int(order.qty),
            Price.from_str(f"{order.price:.2f}"),
        )

    def command(self, order: Any) -> SubmitOrder:  # noqa: ANN401 - as above
        """Return the command that their strategy would send for an order."""
        return SubmitOrder(
            trader_id=self.trader,
            strategy_id=self.strategy.id,
            order=order,
            command_id=UUID4(),
            ts_init=self.clock.timestamp_ns(),
            position_id=None,
        )


def main() -> None:
    """Measure, and print one JSON object."""
    orders = read_orders()
    codes = {order.code for order in orders}
    worlds: list[World] = []

    def check() -> tuple[Callable[[Any], object], list[Any]]:
        world = World(codes)
        world.count_only()
        worlds.append(world)
        commands = []
        for order in orders:
            made = world.order(order)
            world.cache.add_order(made, None)
            commands.append(world.command(made))
        return world.risk.execute, commands

    def submit() -> tuple[Callable[[Any], object], list[Any]]:
        world = World(codes)
        world.execution.start()
        return world.strategy.submit_order, [world.order(order) for order in orders]

    figures = {"check": measure(check), "submit": measure(submit)}
    passed = max(world.passed for world in worlds)
    sys.stdout.write(
        json.dumps(
            {"version": nautilus_trader.__version__, **figures, "checked_orders_passed": passed}
        )
    )


if __name__ == "__main__":
    main()
