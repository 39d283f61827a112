"""The excerpt in the package: small, sound, within limits, and true to the day it comes from."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from panshi.demo.excerpt import (
    BYTES_MAX,
    DATA,
    FLOW,
    SHARES,
    UNTIL_MS,
    build_excerpt,
    load_demo_securities,
    load_excerpt,
)
from panshi.demo.replay import replay
from panshi.domain.words import Market
from panshi.market.flow import NEW, FlowEvent, require_sound, table_events


@pytest.fixture(scope="module")
def events() -> list[FlowEvent]:
    return table_events(load_excerpt())


def test_the_excerpt_is_small_and_says_where_it_comes_from() -> None:
    assert sum(path.stat().st_size for path in DATA.iterdir()) <= BYTES_MAX
    text = (DATA / "README.md").read_text(encoding="utf-8")
    for word in ("dolphindb/Tutorials_CN", "Apache-2.0", "assumed for the demo", "caution"):
        assert word in text


def test_the_excerpt_is_sound_and_has_both_exchanges(events: list[FlowEvent]) -> None:
    counts = require_sound(events)
    assert sum(counts.values()) == len(events) == 175_604
    assert Counter(event.market for event in events).keys() == {"sse", "szse"}
    assert all(33_300_000 <= event.ms < UNTIL_MS for event in events)
    assert [event.ms for event in events] == sorted(event.ms for event in events)


def test_every_order_lies_within_the_limits_of_its_security(events: list[FlowEvent]) -> None:
    master = load_demo_securities()
    for event in events:
        if event.event == NEW:
            one = master.get(Market(event.market), event.security)
            assert one is not None
            assert one.limit_down_e5 <= event.price_e5 <= one.limit_up_e5, event


def test_a_replay_of_the_excerpt_yields_the_trades_that_were_measured(
    events: list[FlowEvent],
) -> None:
    with SHARES.open(encoding="utf-8", newline="") as file:
        measured = {
            row["security"]: row for row in csv.DictReader(file) if row["until"] == "10:30:00"
        }
    for market in ("sse", "szse"):
        replayed = replay((one for one in events if one.market == market), UNTIL_MS)
        for security, matches in replayed.items():
            expected = measured[security]
            assert sum(match[3] for match in matches) == int(expected["replayed_qty"])
            assert int(expected["same_trades"]) / int(expected["real_trades"]) > 0.99


@pytest.mark.slow
def test_the_excerpt_is_what_its_script_makes_of_the_full_data(
    shared_data: Path, tmp_path: Path
) -> None:
    build_excerpt(shared_data / "data/market", tmp_path)
    for name in (FLOW.name, SHARES.name, "securities.csv"):
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes(), name
