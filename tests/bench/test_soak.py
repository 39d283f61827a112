"""A whole day in little time: it ends by itself, and nothing was broken."""

from pathlib import Path

import pytest

from panshi.bench.soak import measure


@pytest.mark.slow
def test_a_day_is_played_to_its_end_and_nothing_breaks(tmp_path: Path) -> None:
    figures = measure(tmp_path, hours=0.01, rate=100, real_s=5)
    assert figures["broken"] == []
    assert figures["exit_status"] == 0
    assert figures["counts"]["fills"] > 0
    assert {"09", "10", "13", "14"} <= set(figures["latency"])
    memory = figures["memory"]
    assert len(memory) > 10
    assert memory[-1]["orders"] > memory[len(memory) // 2]["orders"] > 0
    assert all(row["rss_kib"] >= row["own_kib"] > 0 for row in memory)
    assert figures["growth"]["first"]["orders"] > 0
    assert figures["growth"]["forward_p99_per_mille"] > 0
