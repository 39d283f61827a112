"""The securities master as the venue lists it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from panshi.venue.config import ListedSecurity, MarketName

if TYPE_CHECKING:
    from collections.abc import Iterable

    from panshi.market.securities import Security


def build_listing(securities: Iterable[Security]) -> list[ListedSecurity]:
    """Return the venue's list of securities.

    Args:
        securities: Securities of the trade date.

    Returns:
        One row for each.
    """
    return [
        ListedSecurity(
            market=cast("MarketName", one.market.name.lower()),
            code=one.code,
            set_id=one.set_id,
            prev_close_e5=one.prev_close_e5,
            limit_up_e5=one.limit_up_e5,
            limit_down_e5=one.limit_down_e5,
            tick_e5=one.tick_e5,
            buy_min=one.lots.limit_min,
            buy_step=one.lots.buy_step,
            limit_max=one.lots.limit_max,
            market_max=one.lots.market_max,
            halted=one.flags.halted,
            fixed_price=one.flags.after_hours,
        )
        for one in securities
    ]
