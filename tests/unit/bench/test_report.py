"""The page of results says what the records say, and what each figure has to reach."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from panshi.bench import report
from panshi.domain.errors import BadInputError

if TYPE_CHECKING:
    from pathlib import Path

WIRE = {"sse": {"median_ns": 71.4}, "szse": {"median_ns": 100.5}}


def recorded(folder: Path, name: str, figures: dict[str, Any]) -> str:
    begun = {
        "measured": "2026-07-20 10:00",
        "commit": "abc",
        "machine": {
            "processor": "CPU",
            "cores": 2,
            "memory_gib": 8.0,
            "kernel": "6.1",
            "load": 0.5,
        },
    }
    report.write_record(folder, name, figures, begun)
    return report.render(folder)


def test_a_goal_is_met_or_not_and_the_machine_is_named(tmp_path: Path) -> None:
    page = recorded(tmp_path, "wire", WIRE)
    assert "| 上交所中位数 · Shanghai, median | 71.4 ns | ≤ 100 ns | #2.2 | 达到 met |" in page
    assert "| 100.5 ns | ≤ 100 ns | #2.2 | **未达到 not met** |" in page
    assert "2026-07-20 10:00（上海 Shanghai），commit `abc`，CPU，2 核 cores" in page
    assert "load 0.5" in page
    assert "soak" not in page


def test_a_record_without_a_figure_of_the_page_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"must hold szse\.median_ns, found no szse"):
        recorded(tmp_path, "wire", {"sse": WIRE["sse"]})


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (9_999, "ns", "9,999 ns"),
        (2_188_554, "ns", "2.2 ms"),
        (25_000, "ns", "25.0 µs"),
        (3e9, "ns", "3.0 s"),
        (1_530, "per_mille", "1.53 ×"),
        (848_965_632, "bytes", "810 MiB"),
        (120_000, "per_s", "120,000 /s"),
        (0, "count", "0"),
    ],
)
def test_values_are_written_in_their_unit(value: float, unit: str, text: str) -> None:
    assert report.write_value(value, unit) == text


def test_what_was_not_installed_is_told_as_not_measured(tmp_path: Path) -> None:
    missing = {"missing": "not there"}
    state = dict.fromkeys(("median_ns", "p99_ns", "inputs_per_s", "memory_bytes"), 1)
    figures = {
        "hot": state,
        "cold": state,
        "synthetic": {"hot": state, "cold": state},
        "refused_early_ns": 1,
        "peers": {"nautilus_trader": missing, "vnpy_riskmanager": missing},
    }
    page = recorded(tmp_path, "engine", json.loads(json.dumps(figures)))
    assert page.count("未测 not measured: not there") == 4


def test_this_machine_is_described() -> None:
    machine = report.describe_machine()
    assert machine["cores"] >= 1
    assert set(machine) == {"processor", "cores", "memory_gib", "kernel", "load"}
