"""The excerpt of real order flow that comes with the package, and the script that makes it.

`python -m panshi.demo.excerpt DIR` rebuilds the files of `data/` from the full market data in
DIR; what they are, where they come from and what to know before use is in `data/README.md`.
"""

from __future__ import annotations

import csv
import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from panshi.demo.replay import ReplayShare, compare, replay
from panshi.domain.clock import format_day_ms, parse_day_ms
from panshi.domain.errors import BadInputError
from panshi.domain.units import format_yuan, parse_e5
from panshi.domain.words import Board, Market, Product, Scope
from panshi.market.flow import build_table, load_flow_file, require_sound, write_flow_file
from panshi.market.limits_seen import infer_prev_closes_e5
from panshi.market.recorded import load_recorded_days
from panshi.market.securities import Lots, Security, SecurityFlags
from panshi.market.securities_csv import load_securities_csv, write_securities_csv
from panshi.rulebook.book import Rulebook
from panshi.rulebook.prices import LimitState, compute_price_limits
from panshi.rulebook.quantities import load_quantity_rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from panshi.market.flow import RecordedDay
    from panshi.market.securities import SecuritiesMaster
    from panshi.rulebook.book import RulesInForce

DATA = Path(__file__).parent / "data"
FLOW = DATA / "flow.parquet"
SECURITIES = DATA / "securities.csv"
SHARES = DATA / "replay_shares.csv"

TRADE_DATE = dt.date(2023, 7, 11)
"""The day that a run on the recorded flow takes place on; other days stand beside it."""

UNTIL_MS = parse_day_ms("10:30:00")
LEFT_OUT = {"600519"}
"""In the full data, not in the excerpt."""

BYTES_MAX = 3 * 1024 * 1024
LISTING = "reference/a_share_securities_20250618.csv"

PREV_CLOSE_GIVEN = {
    ("sse", "600519"): ("1845.76", "2023-02-01", "snapshot of that day"),
    ("szse", "000001"): ("14.99", "2023-02-01", "assumed for the demo"),
}
"""Previous closes that the extremes of the orders do not give: yuan, day, basis."""


def load_excerpt() -> pa.Table:
    """Load the excerpt of real order flow.

    Returns:
        Table of `panshi.market.flow.SCHEMA`, from 09:15 to 10:30.

    Raises:
        BadRecordError: If the file in the package is damaged.
    """
    return load_flow_file(FLOW)


def load_demo_securities() -> SecuritiesMaster:
    """Load the securities of the recorded flow, those of the full data included.

    Returns:
        The master for TRADE_DATE.

    Raises:
        BadRecordError: If the file in the package is damaged.
    """
    return load_securities_csv(SECURITIES)


def build_excerpt(folder: Path, target: Path = DATA) -> None:
    """Make the files of the excerpt from the full market data.

    Args:
        folder: Folder of market data.
        target: Folder to write to.

    Raises:
        BadInputError: If the data contradicts itself or the excerpt would be too large.
    """
    days = load_recorded_days(folder)
    events = [
        event
        for day in days
        for event in day.events
        if event.ms < UNTIL_MS and event.security not in LEFT_OUT
    ]
    require_sound(events)
    flow = target / FLOW.name
    write_flow_file(flow, build_table(events))
    if flow.stat().st_size > BYTES_MAX:
        raise BadInputError(f"{flow}: must be at most {BYTES_MAX} bytes, is {flow.stat().st_size}")
    write_securities_csv(target / SECURITIES.name, build_securities(folder, days))
    write_shares(target / SHARES.name, days)


def build_securities(folder: Path, days: Sequence[RecordedDay]) -> list[Security]:
    """Build the master of the securities that the recorded days need.

    Args:
        folder: Folder of market data, with the list of listed shares.
        days: Recorded days.

    Returns:
        Securities by market and code, with the price limits that the rulebook gives.

    Raises:
        BadInputError: If a previous close cannot be told.
    """
    book = Rulebook.load()
    listing = _load_listing(folder / LISTING)
    securities: list[Security] = []
    for day in days:
        for market, code in sorted({(event.market, event.security) for event in day.events}):
            rules = book.on(dt.date.fromisoformat(day.events[0].origin_date))
            close_e5 = _prev_close_e5(market, code, day, rules)
            one = _build_security(Market(market), code, listing[code], close_e5, rules)
            securities.append(one)
    return sorted(securities, key=lambda one: (one.market, one.code))


def _load_listing(path: Path) -> dict[str, tuple[str, dt.date]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {
            row["symbol"]: (
                row["name"],
                dt.date.fromisoformat(
                    f"{row['list_date'][:4]}-{row['list_date'][4:6]}-{row['list_date'][6:]}"
                ),
            )
            for row in csv.DictReader(file)
        }


def _scope(market: Market) -> Scope:
    return Scope(market, Board.MAIN, Product.STOCK)


def _prev_close_e5(market: str, code: str, day: RecordedDay, rules: RulesInForce) -> int:
    given = PREV_CLOSE_GIVEN.get((market, code))
    if given is not None:
        return parse_e5(given[0])
    scope = _scope(Market(market))
    closes = infer_prev_closes_e5(
        (event.price_e5 for event in day.events if event.security == code and event.price_e5),
        rules.integer("price_limit.ratio", scope),
        rules.integer("price.tick", scope),
    )
    if len(closes) != 1:
        found = ", ".join(format_yuan(one) for one in closes) or "none"
        raise BadInputError(f"{code}: the orders must tell one previous close, found {found}")
    return closes[0]


def _build_security(
    market: Market, code: str, listed: tuple[str, dt.date], close_e5: int, rules: RulesInForce
) -> Security:
    name, list_date = listed
    scope = _scope(market)
    limits = compute_price_limits(rules, scope, close_e5, LimitState(listed_day=1_000))
    if limits is None or limits.low_e5 is None or limits.high_e5 is None:
        raise BadInputError(f"{code}: must have a price limit on {rules.trade_date}, found none")
    lots = load_quantity_rule(rules, scope)
    return Security(
        market=market,
        code=code,
        name=name,
        board=scope.board,
        product=scope.product,
        prev_close_e5=close_e5,
        limit_up_e5=limits.high_e5,
        limit_down_e5=limits.low_e5,
        tick_e5=rules.integer("price.tick", scope),
        lots=Lots(
            buy_step=lots.buy_step,
            sell_step=lots.sell_step,
            limit_min=lots.buy_min,
            limit_max=lots.limit_max,
            market_min=lots.buy_min,
            market_max=lots.market_max,
        ),
        list_date=list_date,
        flags=SecurityFlags(after_hours=rules.flag("after_hours.enabled", scope)),
    )


def measure(days: Sequence[RecordedDay], until_ms: int) -> dict[str, ReplayShare]:
    """Measure how much of the real trades a plain replay of the rebuilt orders yields.

    Args:
        days: Recorded days.
        until_ms: Moment at which the replay ends.

    Returns:
        The shares by security.
    """
    shares: dict[str, ReplayShare] = {}
    for day in days:
        matches = replay((event for event in day.events if event.ms < until_ms), until_ms)
        for security, found in matches.items():
            real = [one for one in day.trades if one.security == security and one.ms < until_ms]
            shares[security] = compare(real, found)
    return shares


def write_shares(path: Path, days: Sequence[RecordedDay]) -> None:
    """Write the measured shares of the excerpt's stretch and of the whole day.

    Args:
        path: CSV file to write.
        days: Recorded days.
    """
    columns = ("real_trades", "same_trades", "real_qty", "same_pair_qty", "replayed_qty")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["security", "until", *columns])
        for until_ms in (UNTIL_MS, parse_day_ms("15:30:00")):
            for security, share in sorted(measure(days, until_ms).items()):
                values = [getattr(share, name) for name in columns]
                writer.writerow([security, format_day_ms(until_ms), *values])


if __name__ == "__main__":
    build_excerpt(Path(sys.argv[1]))
