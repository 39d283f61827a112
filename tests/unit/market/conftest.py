"""Securities for tests of the master and the reference files."""

import datetime as dt
from dataclasses import replace

import pytest

from panshi.domain.words import Board, Market, Product
from panshi.market.securities import Lots, Security, SecurityFlags


@pytest.fixture
def share() -> Security:
    """Return an SSE main-board share."""
    return Security(
        market=Market.SSE,
        code="600961",
        name="株冶集团",
        board=Board.MAIN,
        product=Product.STOCK,
        prev_close_e5=909_000,
        limit_up_e5=1_000_000,
        limit_down_e5=818_000,
        tick_e5=1_000,
        lots=Lots(100, 100, 100, 1_000_000, 100, 1_000_000),
        list_date=dt.date(2004, 8, 30),
        flags=SecurityFlags(margin_buy=True),
        set_id=1,
    )


@pytest.fixture
def securities(share: Security) -> list[Security]:
    """Return shares of both boards of SSE, one without limit today, one halted under warning."""
    return [
        share,
        replace(share, code="600962", name="*ST中鲁", flags=SecurityFlags(st=True, halted=True)),
        replace(
            share,
            code="688001",
            name="华兴源创",
            board=Board.STAR,
            limit_up_e5=0,
            limit_down_e5=0,
            flags=SecurityFlags(no_limit=True, after_hours=True, short_sell=True),
        ),
    ]
