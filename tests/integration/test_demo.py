"""The demo as a person starts it: processes, sockets, journal, reconciliation."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from panshi.market.flow_sse import FILE as SSE_FILE
from panshi.market.flow_szse import FILE as SZSE_FILE

pytestmark = pytest.mark.integration

SHORT = ["--headless", "--json", "--until", "09:30:10", "--wall-s", "2"]
COMMAND = [sys.executable, "-m", "panshi.cli.main", "demo"]
CAUGHT = {
    "unreported_program_account": 30212,
    "order_storm": 30801,
    "repeated_cancel": 30706,
    "cancel_in_no_cancel_window": 30707,
    "short_sale_without_holding": 30603,
    "short_sale_beyond_holding": 30604,
    "wrong_branch_unknown": 30113,
    "wrong_branch_of_another": 30114,
}


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    done = subprocess.run([*COMMAND, *SHORT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_the_day_reconciles_and_its_journal_replays(found: dict[str, Any]) -> None:
    assert found["differences"] == []
    assert found["reconciled"] is True
    assert found["journal_verified"] is True
    assert found["replay_equal"] is True


def test_the_last_line_has_everything_that_a_program_asks_for(found: dict[str, Any]) -> None:
    forms = {
        **dict.fromkeys(("orders", "accepted", "cancels", "fills", "expired"), int),
        **dict.fromkeys(("refused", "anomalies", "latency_us", "misbehaviours"), dict),
        **dict.fromkeys(("reconciled", "journal_verified", "replay_equal"), bool),
        "differences": list,
        "misbehaviours_caught": dict,
    }
    assert {key: type(found.get(key)) for key in forms} == forms
    assert list(found["latency_us"]) == ["p50", "p90", "p99", "p99_9", "max"]
    assert found["misbehaviours_caught"] == CAUGHT


def test_every_order_is_accepted_or_refused(found: dict[str, Any]) -> None:
    assert found["orders"] > 8_000
    assert found["fills"] > 1_000
    assert found["cancels"] > 300
    refused = sum(found["refused"].values())
    assert found["orders"] - refused <= found["accepted"] <= found["orders"]
    assert found["anomalies"] == {}
    assert 0 < found["latency_us"]["p50"] <= found["latency_us"]["p99_9"]


def test_every_misbehaviour_is_caught_by_its_code(found: dict[str, Any]) -> None:
    caught = {name: one["code"] for name, one in found["misbehaviours"].items() if one["caught"]}
    assert caught == CAUGHT


def _children(parent: int) -> list[int]:
    """Return the processes that a process started, from the process table."""
    task = Path(f"/proc/{parent}/task/{parent}/children")
    return [int(word) for word in task.read_text(encoding="ascii").split()] if task.exists() else []


def _is_running(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    return (
        status.exists() and status.read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    )


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs the Linux process table")
@pytest.mark.parametrize("victim", [0, 1])
def test_a_process_that_dies_ends_the_demo_with_one_clear_line(victim: int) -> None:
    with subprocess.Popen(
        [*COMMAND, *SHORT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stderr is not None
        # The demo says when the trading begins, or ends by itself; then both processes run.
        next(line for line in demo.stderr if line.strip().endswith("trading"))
        children = _children(demo.pid)
        assert len(children) == 2, "the venue and then the gate"
        os.kill(children[victim], signal.SIGKILL)
        _, errors = demo.communicate()
    assert demo.returncode == 1
    last = errors.splitlines()[-1]
    assert last.startswith("panshi demo: ")
    assert not any(_is_running(child) for child in children)


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (
            ["--until", "09:20:00"],
            2,
            "播放的最后时刻 · last moment: must be 09:30:10 or later and 15:00:00 at most",
        ),
        (["--until", "noon"], 2, "written HH:MM:SS, found noon"),
        (
            ["--data", "nowhere"],
            1,
            f"nowhere: 须为行情数据目录 · must be a folder of market data with {SSE_FILE}",
        ),
        (["--data", "damaged"], 1, "panshi demo: 文件内容不符合要求 · damaged/normalized/"),
        (["--scenario", "no-such"], 1, "panshi demo: 场景 · scenario: must be one of"),
        (["--keep", "damaged"], 1, "panshi demo: damaged: 须为空目录 · must be an empty folder"),
        (["--keep", "damaged/file"], 1, "damaged/file: 已有同名文件 · File exists"),
    ],
)
def test_wrong_options_are_refused_with_what_must_hold(
    words: list[str], status: int, told: str, tmp_path: Path
) -> None:
    folder = tmp_path / "damaged"
    for name in ("file", SSE_FILE, SZSE_FILE):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"no market data")
    done = subprocess.run(
        [*COMMAND, "--headless", *words], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == status
    assert told in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
