"""Closed lists of words that every room uses: market, board, product, side, phase, order kind."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from typing_extensions import override


class Market(StrEnum):
    """Exchange on which a security is listed."""

    SSE = "sse"
    SZSE = "szse"


class Board(StrEnum):
    """Board (板块) of an exchange, as far as its rules differ."""

    MAIN = "main"
    STAR = "star"
    CHINEXT = "chinext"
    FUND = "fund"
    BOND = "bond"


class Product(StrEnum):
    """Kind of security, as far as its rules differ.

    `ETF_SAME_DAY` are bond, money, gold, commodity-futures and cross-border funds: what was bought
    today may be sold today. `FUND` is every other exchange-traded fund.
    """

    STOCK = "stock"
    FUND = "fund"
    ETF_SAME_DAY = "etf_same_day"
    CONVERTIBLE = "convertible"


class Side(StrEnum):
    """Direction of an order."""

    BUY = "B"
    SELL = "S"


class Phase(StrEnum):
    """What the market does at a moment of the trading day."""

    CLOSED = "closed"
    OPENING_CALL = "opening_call"
    OPENING_CALL_NO_CANCEL = "opening_call_no_cancel"
    OPENING_PAUSE = "opening_pause"
    CONTINUOUS = "continuous"
    NOON = "noon"
    CLOSING_CALL = "closing_call"
    FIXED_PRICE_PAUSE = "fixed_price_pause"
    FIXED_PRICE = "fixed_price"


class Acceptance(StrEnum):
    """What happens to an order or a cancel that arrives in a phase.

    `ACCEPT` sends it on, `QUEUE` keeps it until the next phase that accepts, `REJECT` refuses it.
    """

    ACCEPT = "accept"
    QUEUE = "queue"
    REJECT = "reject"


class OrderKind(StrEnum):
    """Kind of an order (订单类型)."""

    LIMIT = "limit"
    BEST5_CANCEL = "best5_cancel"
    BEST5_LIMIT = "best5_limit"
    OWN_BEST = "own_best"
    OPPOSITE_BEST = "opposite_best"
    IOC_CANCEL = "ioc_cancel"
    FILL_OR_KILL = "fill_or_kill"
    FIXED_PRICE = "fixed_price"


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """Where a rule holds: market, board and product together."""

    market: Market
    board: Board
    product: Product

    @override
    def __str__(self) -> str:
        return f"{self.market}/{self.board}/{self.product}"


SCOPES: tuple[Scope, ...] = (
    Scope(Market.SSE, Board.MAIN, Product.STOCK),
    Scope(Market.SSE, Board.STAR, Product.STOCK),
    Scope(Market.SSE, Board.FUND, Product.FUND),
    Scope(Market.SSE, Board.FUND, Product.ETF_SAME_DAY),
    Scope(Market.SSE, Board.BOND, Product.CONVERTIBLE),
    Scope(Market.SZSE, Board.MAIN, Product.STOCK),
    Scope(Market.SZSE, Board.CHINEXT, Product.STOCK),
    Scope(Market.SZSE, Board.FUND, Product.FUND),
    Scope(Market.SZSE, Board.FUND, Product.ETF_SAME_DAY),
    Scope(Market.SZSE, Board.BOND, Product.CONVERTIBLE),
)
"""Every combination that exists; a rule row with `*` spreads over the ones that match."""
