"""The measurement of the engine: its keys are a promise, its flow is accepted."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from panshi.bench import engine
from panshi.bench.peers import run as peers
from panshi.bench.peers.run import HOW, INTERPRETER, PEERS
from panshi.domain.errors import BadInputError

if TYPE_CHECKING:
    from pathlib import Path


GIB = 1 << 30
PART = ("--until", "09:30:10", "--wall-s", "2")


def test_the_synthetic_flow_is_accepted_and_the_large_state_stays_below_a_gibibyte() -> None:
    figures = engine.measure_synthetic(20_000, engine.INPUTS_DEFAULT)
    for state in (figures["hot"], figures["cold"]):
        assert 0 < state["median_ns"] <= state["p99_ns"]
        assert state["inputs_per_s"] > 0
        assert state["refused"] * 100 < state["orders"]
    assert figures["cold"]["open_orders"] > 190_000
    assert GIB // 2 < figures["cold"]["memory_bytes"] <= GIB
    assert 0 < figures["refused_early_ns"] < figures["hot"]["order_median_ns"]


@pytest.mark.slow
def test_the_real_flow_is_measured_on_its_own_state_and_on_the_large_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    journal = engine.play_day(tmp_path / "day", PART)
    monkeypatch.chdir(tmp_path)
    figures = engine.measure(journal, inputs=2_000)
    for state in (figures["hot"], figures["cold"]):
        assert state["orders"] > 10_000
        assert state["inputs"] > 2 * state["orders"]
        assert state["inputs_per_s"] > 0
    # What the demo's named misbehaviours are refused for is of its own accounts.
    assert figures["hot"]["refused"] < 100
    assert figures["cold"]["refused"] * 100 < figures["cold"]["orders"]
    assert figures["cold"]["open_orders"] > 190_000
    assert figures["cold"]["memory_bytes"] <= GIB
    # Without the peers ours is measured all the same, and each says how to get it.
    assert figures["peers"]["panshi"]["orders_per_cpu_s"] > 0
    assert figures["peers"]["panshi"]["refused"] == 0
    for name in PEERS:
        assert HOW in figures["peers"][name]["missing"]  # type: ignore[literal-required]


def test_a_day_that_started_anew_is_read_where_it_was_played(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for lead in (4, 8, 16):
        (tmp_path / f"lead-{lead}" / "journal").mkdir(parents=True)
    monkeypatch.setattr(sys, "executable", "true")
    assert engine.play_day(tmp_path).parent.name == "lead-16"


def test_a_day_that_cannot_be_played_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="08:00:00"):
        engine.play_day(tmp_path, ["--until", "08:00:00"])


@pytest.mark.bench
def test_the_peers_take_the_same_orders() -> None:
    if not INTERPRETER.exists():
        pytest.skip(f"{INTERPRETER}: {HOW}")
    figures = peers.measure(orders=500)
    for name in PEERS:
        row = figures[name]  # type: ignore[literal-required]
        assert row["checked_orders_passed"] == 500
        assert row["check"]["orders_per_cpu_s"] > row["submit"]["orders_per_cpu_s"] > 0
        assert row["check"]["panshi_is_times"] > 1


def test_a_peer_that_breaks_is_told_as_missing(tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'no module named x' >&2\nexit 1\n")
    broken.chmod(0o755)
    figures = peers.measure(broken, orders=10)
    assert "no module named x" in figures["nautilus_trader"]["missing"]
