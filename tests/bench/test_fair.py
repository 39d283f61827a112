"""The measurement of fairness: both kinds of loop, and a greedy client that is really served."""

from pathlib import Path

from panshi.bench.fair import measure


def test_polite_clients_are_measured_alone_and_beside_a_greedy_one(tmp_path: Path) -> None:
    figures = measure(tmp_path, rounds=1, orders=50)
    for kind in ("blocking", "spinning"):
        rows = figures[kind]
        assert set(rows) == {"unloaded", "loaded"}
        for row in rows.values():
            assert 0 < row["p50_ns"] <= row["p99_ns"] <= row["p99_9_ns"]
        assert rows["loaded"]["p99_ns_per_mille_of_unloaded"] > 0
        assert rows["loaded"]["greedy_answered_per_s"] > 0
    assert list(tmp_path.iterdir()) == []
