"""Securities for tests of the master and the reference files."""

from dataclasses import replace

import pytest

from panshi.domain.words import Board
from panshi.market.securities import Security, SecurityFlags
from tests.unit.market.securities import SHARE


@pytest.fixture
def share() -> Security:
    """Return an SSE main-board share."""
    return SHARE


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
