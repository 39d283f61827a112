"""vn.py's risk manager on our orders: its main engine, its five compiled rules, a gateway of ours.

`check` is `RiskEngine.check_allowed`; `submit` is `MainEngine.send_order` with the order's event
back from the gateway and through every handler, as in a live run.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

# It keeps its settings in a folder of the working directory.
home = tempfile.TemporaryDirectory()
os.chdir(home.name)
(Path(home.name) / ".vntrader").mkdir()

from vnpy.event import EventEngine  # noqa: E402 - only after the change of folder
from vnpy.trader.constant import (  # noqa: E402
    Direction,
    Exchange,
    Offset,
    OrderType,
    Product,
    Status,
)
from vnpy.trader.engine import MainEngine  # noqa: E402
from vnpy.trader.gateway import BaseGateway  # noqa: E402
from vnpy.trader.object import ContractData, OrderRequest  # noqa: E402
from vnpy.trader.setting import SETTINGS  # noqa: E402
from vnpy_riskmanager.engine import RiskEngine  # noqa: E402

from panshi.bench.peers.timing import Order, measure, read_orders  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "PEER"
UNLIMITED = 10**9
LIMITS = {
    **dict.fromkeys(
        (
            "active_order_limit",
            "total_order_limit",
            "total_cancel_limit",
            "total_trade_limit",
            "contract_order_limit",
            "contract_cancel_limit",
            "contract_trade_limit",
            "duplicate_order_limit",
        ),
        UNLIMITED,
    ),
    "order_volume_limit": 1_000_000,
    "order_value_limit": 1e9,
}


class Gateway(BaseGateway):  # type: ignore[misc] # it has no type information
    """A gateway that fills every order at once."""

    default_name = NAME
    exchanges = (Exchange.SSE,)

    def __init__(self, event_engine: EventEngine, gateway_name: str) -> None:
        super().__init__(event_engine, gateway_name)
        self.sent = 0

    def connect(self, setting: dict[str, Any]) -> None:
        """Tell which securities there are."""
        for code in setting["codes"]:
            self.on_contract(
                ContractData(
                    symbol=code,
                    exchange=Exchange.SSE,
                    name=code,
                    product=Product.EQUITY,
                    size=1,
                    pricetick=0.01,
                    min_volume=100,
                    max_volume=1_000_000,
                    gateway_name=NAME,
                )
            )

    def send_order(self, req: OrderRequest) -> str:
        """Fill it."""
        self.sent += 1
        order = req.create_order_data(str(self.sent), NAME)
        order.status = Status.ALLTRADED
        self.on_order(order)
        return f"{NAME}.{self.sent}"

    def cancel_order(self, req: object) -> None:
        """Not used."""

    def subscribe(self, req: object) -> None:
        """Not used."""

    def close(self) -> None:
        """Nothing is open."""

    def query_account(self) -> None:
        """Not used."""

    def query_position(self) -> None:
        """Not used."""


def request(order: Order) -> OrderRequest:
    """Return an order of theirs."""
    return OrderRequest(
        symbol=order.code,
        exchange=Exchange.SSE,
        direction=Direction.LONG if order.buy else Direction.SHORT,
        type=OrderType.LIMIT,
        volume=order.qty,
        price=order.price,
        offset=Offset.NONE,
    )


def main() -> None:
    """Measure, and print one JSON object."""
    SETTINGS["log.active"] = False
    logging.disable(logging.CRITICAL)
    orders = read_orders()
    requests = [request(order) for order in orders]
    engine = MainEngine(EventEngine())
    risk = engine.add_engine(RiskEngine)
    for rule in risk.rules.values():
        rule.update_setting(LIMITS)
    gateway = engine.add_gateway(Gateway)
    gateway.connect({"codes": sorted({order.code for order in orders})})

    def settle() -> None:
        while not engine.event_engine._queue.empty():  # noqa: SLF001 - it tells nothing else
            time.sleep(0.0002)

    def check() -> tuple[Callable[[OrderRequest], object], list[OrderRequest]]:
        settle()
        return lambda req: risk.check_allowed(req, NAME), requests

    def submit() -> tuple[Callable[[OrderRequest], object], list[OrderRequest]]:
        settle()
        return lambda req: engine.send_order(req, NAME), requests

    check()
    passed = sum(bool(risk.check_allowed(req, NAME)) for req in requests)
    figures = {"check": measure(check, settle), "submit": measure(submit, settle)}
    engine.event_engine.stop()
    sys.stdout.write(
        json.dumps(
            {
                "version": f"{version('vnpy')} + riskmanager {version('vnpy_riskmanager')}",
                **figures,
                "checked_orders_passed": passed,
            }
        )
    )


if __name__ == "__main__":
    main()
