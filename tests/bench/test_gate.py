"""The measurement of a whole gate: every part answers, nothing is lost."""

from pathlib import Path

from panshi.bench.gate import measure


def test_every_mode_is_measured_beside_the_relay(tmp_path: Path) -> None:
    figures = measure(tmp_path, rounds=1, single=50, flood=1_000)
    for kind in ("blocking", "spinning"):
        rows = figures[kind]
        assert set(rows) == {"relay", "A", "B", "C"}
        for row in rows.values():
            assert 0 < row["p50_ns"] <= row["p99_ns"] <= row["p99_9_ns"]
            assert row["orders_per_s"] > 0
        # Each order leaves its record, what became of it, and its report, at the least.
        assert all(rows[mode]["journal_records"] > 3 * 1_100 for mode in "ABC")
        assert all(rows[mode]["p50_ns_per_mille_of_relay"] > 0 for mode in "ABC")
    for mode in ("A", "B"):
        assert figures["venue"][mode]["orders_per_s"] > 0
    assert list(tmp_path.iterdir()) == []
