"""A whole day in little time: it ends by itself, and nothing was broken."""

from pathlib import Path

import pytest

from panshi.bench.soak import measure


@pytest.mark.slow
def test_a_day_is_played_to_its_end_and_nothing_breaks(tmp_path: Path) -> None:
    figures = measure(tmp_path, hours=0.01, rate=100)
    assert figures["broken"] == []
    assert figures["exit_status"] == 0
    assert figures["counts"]["fills"] > 0
    assert {"09", "10", "13", "14"} <= set(figures["latency"])
    assert figures["rss_kib"]["last"]["orders"] > figures["rss_kib"]["10"]["orders"] > 0
