"""The demo does not hold when one figure is wrong, and says which."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from panshi.cli.demo import holds
from panshi.demo.outcome import conclude
from panshi.demo.playing import Plan, build_plan
from panshi.demo.script import Options, Script, write_script
from panshi.demo.trading_day import LEADS_S, Played, play
from panshi.venue.clients import FILL, record_names, unpack_events

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

Day = tuple[Plan, Script, Played]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    plan = build_plan("09:30:10", 2)
    script = write_script(Options(plan))
    told: list[str] = []

    def tell(word: str, what: Any) -> None:  # noqa: ANN401 - a text or the gate's status
        if word == "stage":
            told.append(what)

    # Nothing is ready at once, so that the first attempt is given up.
    leads_s = (0, *LEADS_S)
    played = play(tmp_path_factory.mktemp("demo"), plan, script, tell, leads_s)
    assert sum("starting venue and gate" in one for one in told) >= 2
    return plan, script, played


def _conclude(day: Day, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - fields have many types
    plan, script, played = day
    return conclude(plan, script, dataclasses.replace(played, **changes))


def test_a_day_reconciles_as_it_was_played(day: Day) -> None:
    found = _conclude(day)
    assert found["differences"] == []
    assert holds(found)


def test_a_fill_that_the_client_was_told_at_another_price_is_named(day: Day) -> None:
    events = bytearray(day[2].events)
    rows = list(unpack_events(bytes(events)))
    place = next(number for number, row in enumerate(rows) if row.kind == FILL)
    at = place * (len(events) // len(rows)) + 8 * record_names()[1].index("price_e5")
    events[at] ^= 1
    found = _conclude(day, events=bytes(events))
    assert not holds(found)
    assert found["difference_count"] == 2
    assert rows[place].cl_ord_id in found["differences"][0]
    assert "told to the client, not in the journal" in found["differences"][1]


def test_a_report_that_never_reached_the_journal_is_named(day: Day) -> None:
    found = _conclude(day, served=day[2].served + 1)
    assert not holds(found)
    assert found["differences"][0].startswith("reports in the venue's streams: ")


def test_a_client_that_was_told_nothing_is_named(day: Day) -> None:
    found = _conclude(day, events=b"")
    assert not holds(found)
    assert any("never answered" in one or "not told" in one for one in found["differences"])
    assert found["difference_count"] > len(found["differences"])


def test_a_byte_of_the_journal_that_was_changed_is_found_and_named(
    day: Day, tmp_path: Path
) -> None:
    copy = tmp_path / "journal"
    copy.mkdir()
    for path in day[2].journal.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    segment = max(copy.iterdir(), key=lambda path: path.stat().st_size)
    content = bytearray(segment.read_bytes())
    content[10_000] ^= 1
    segment.write_bytes(content)
    found = _conclude(day, journal=copy)
    assert not holds(found)
    assert found["journal_verified"] is False
    assert found["reconciled"] is False
    assert str(segment) in found["differences"][0]


def test_an_exchange_that_fills_more_than_was_ordered_ends_the_demo_with_status_1() -> None:
    command = [sys.executable, "-m", "panshi.cli.main", "demo", "--headless", "--json"]
    done = subprocess.run(
        [*command, "--until", "09:30:10", "--wall-s", "2", "--scenario", "over-fill"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["reconciled"] is False
    assert "32003" in found["anomalies"], "the gate saw the over-fill"
    # The gate has not booked what was too much: the venue's trade has one side in the journal.
    assert any("told to the client, not in the journal" in one for one in found["differences"])
    assert any("sold [0, 0]" in one for one in found["differences"])
    assert "差异 difference: " in done.stderr
