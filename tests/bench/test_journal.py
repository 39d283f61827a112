"""The measurement of the journal runs and its figures hang together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panshi.bench import journal

if TYPE_CHECKING:
    from pathlib import Path


def test_a_short_measurement_gives_every_figure_and_leaves_nothing(tmp_path: Path) -> None:
    figures = journal.measure(tmp_path, appends=5_000, records=5_000)
    for spread in (figures["append"], figures["append_batched"], figures["raw_fdatasync"]):
        assert 0 < spread["median_ns"] <= spread["p99_ns"]
    assert [figure["rate"] for figure in figures["live"]] == list(journal.RATES)
    for figure in figures["live"]:
        assert figure["syncs"] > 0
        assert 0 < figure["p50_us"] <= figure["p99_us"]
    assert set(figures["group_commit_per_s"]) == {"1", "8", "64", "512", "4096"}
    assert figures["arrow_per_s"] > 0
    assert list(tmp_path.iterdir()) == []
