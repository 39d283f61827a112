"""The demo on the whole market data instead of the excerpt: opening, and a day of every order."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

COMMAND = [sys.executable, "-m", "panshi.cli.main", "demo", "--headless", "--json"]


def play(*words: str) -> dict[str, Any]:
    """Return what the demo says at its end."""
    done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def check(found: dict[str, Any]) -> None:
    """Hold that the day adds up to the last share and fen."""
    assert found["differences"] == []
    held = [found[key] for key in ("reconciled", "journal_verified", "replay_equal")]
    assert held == [True, True, True]
    assert all(one["caught"] for one in found["misbehaviours"].values())
    assert found["orders"] - sum(found["refused"].values()) <= found["accepted"] <= found["orders"]


def test_the_opening_of_the_whole_data(shared_data: Path) -> None:
    found = play("--data", str(shared_data / "data/market"), "--until", "09:30:10", "--wall-s", "2")
    check(found)
    assert found["orders"] > 14_000


@pytest.mark.slow
def test_the_day_of_the_whole_data(shared_data: Path) -> None:
    found = play("--data", str(shared_data / "data/market"))
    check(found)
    assert found["orders"] > 390_000


def test_a_folder_without_data_is_refused_with_its_name(tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "--data", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert str(tmp_path) in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
