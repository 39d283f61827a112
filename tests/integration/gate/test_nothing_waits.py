"""What does not answer, is full or is no file holds up no order."""

import json
import os
from pathlib import Path

import pytest

from panshi.rig.exchange import Exchange, accepted
from panshi.rig.gate import BY, Gate
from panshi.rig.messages import sse_order, sse_streams
from tests.integration.gate.conftest import Shanghai, begin

pytestmark = pytest.mark.integration

REASON = "x" * 60_000
"""Long enough that some tens of lines fill the log's queue, short enough for a request."""


def trade(shanghai: Shanghai, number: int) -> None:
    """Let an order of a new session be accepted."""
    oms = shanghai.gate.sse(number)
    oms.send(58, **sse_order(f"A{number:09}", BranchID="00001"))
    order = shanghai.session.expect(58)
    shanghai.session.send(32, **accepted(order, number))
    assert oms.expect(32)["ClOrdID"] == f"A{number:09}"
    oms.close()


def fill(pipe: int) -> None:
    """Write into a pipe what it holds."""
    os.set_blocking(pipe, False)
    for size in (4096, 1):
        try:
            while True:
                os.write(pipe, bytes(size))
        except BlockingIOError:
            continue
    os.set_blocking(pipe, True)


@pytest.mark.bound("structured log that waits to be written")
def test_a_log_that_nobody_reads_holds_up_no_order(
    unstarted: tuple[Gate, Exchange], tmp_path: Path
) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    pipe = os.open(path, os.O_RDWR)
    fill(pipe)
    gate, exchange = unstarted
    gate.configure(log=str(path))
    shanghai = begin(gate, exchange)
    trade(shanghai, 1)
    stuck = gate.status()["log"]
    assert stuck["waiting"] > 0
    assert stuck["dropped"] == 0
    limit = {"scope": "client", "id": 1, "metric": "Day", "block": 1000}
    while gate.status()["log"]["dropped"] < 10:
        gate.command("set-limit", **{**limit, "why": REASON})
    trade(shanghai, 2)
    counts = gate.status()["log"]
    # Somebody reads it again: what was left out is told.
    lines = b""
    while b"log lines dropped" not in lines:
        lines += os.read(pipe, 1 << 20)
        if gate.status()["log"]["waiting"] == 0:
            gate.command("set-limit", **limit)
    while not lines.endswith(b"\n"):
        lines += os.read(pipe, 1 << 20)
    rows = [json.loads(line) for line in lines.strip(b"\0").splitlines()]
    (told,) = [row for row in rows if row["event"] == "log lines dropped"]
    assert told["count"] == told["total"] >= counts["dropped"]
    assert rows[0]["event"] == "journal opened"
    # And the process ends although the log is full again.
    fill(pipe)
    assert gate.stop() == 0
    os.close(pipe)


def test_a_reload_takes_no_pipe(shanghai: Shanghai, tmp_path: Path) -> None:
    path = tmp_path / "rows"
    os.mkfifo(path)
    request = {"verb": "reload", "path": str(path), **BY}
    reason = f"path: {path}: must be a file, found something else"
    assert shanghai.gate.refusal(request) == reason
    trade(shanghai, 1)


def test_reports_are_told_again_by_turns(unstarted: tuple[Gate, Exchange]) -> None:
    gate, exchange = unstarted
    gate.configure(bounds={"turn_messages": 1})
    shanghai = begin(gate, exchange)
    first = gate.sse()
    for number in range(1, 201):
        first.send(58, **sse_order(f"A{number:09}", BranchID="00001"))
        order = shanghai.session.expect(58)
        shanghai.session.send(32, **accepted(order, number))
        first.expect(32)
    first.send(206, NoGroups=sse_streams())
    first.expect(207)
    # An order in the middle of them has its answer behind them, and nothing lacks.
    first.send(58, **sse_order("A000000201", BranchID="00001"))
    order = shanghai.session.expect(58)
    shanghai.session.send(32, **accepted(order, 201))
    told = [first.expect(32)["ReportIndex"] for _ in range(201)]
    assert told == list(range(1, 202))
