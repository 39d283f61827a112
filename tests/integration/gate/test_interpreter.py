"""No Python code runs while a gate serves: its interpreter can be held meanwhile."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from panshi.rig.exchange import Exchange, accepted, cancelled, filled
from panshi.rig.gate import Gate
from panshi.rig.messages import sse_cancel, sse_order
from panshi.rig.small_day import BRANCHES, SSE
from tests.integration.gate.conftest import begin

pytestmark = pytest.mark.integration

ORDERS = 100
HALTED = 30002
HOLD = """
import ctypes, os, threading, time

def tick():
    with open(os.environ["PANSHI_TICKS"], "ab", buffering=0) as file:
        while True:
            file.write(b".")
            time.sleep(0.001)

def hold():
    # One call of C that gives nothing back: a PyDLL keeps the interpreter's lock while it runs.
    system = ctypes.PyDLL(None).system
    for _ in open(os.environ["PANSHI_HOLD"]):
        system(b'echo held > "$PANSHI_HELD"; read line < "$PANSHI_FREE"')

for one in (tick, hold):
    threading.Thread(target=one, daemon=True).start()
"""
"""A thread of Python that shows whether Python runs, and one that keeps it from running."""


class Interpreter:
    """The interpreter of a gate's process, to be held."""

    def __init__(self, folder: Path) -> None:
        self.environment: dict[str, str] = {}
        self.pipes: dict[str, int] = {}
        for name in ("HOLD", "HELD", "FREE"):
            path = folder / name
            os.mkfifo(path)
            # Open for both directions nobody waits for the other side.
            self.pipes[name] = os.open(path, os.O_RDWR)
            self.environment[f"PANSHI_{name}"] = str(path)
        self.ticks = folder / "ticks"
        self.ticks.touch()
        self.environment["PANSHI_TICKS"] = str(self.ticks)

    def wait_running(self) -> None:
        """Wait until Python code has run from now on."""
        before = self.count()
        while self.count() == before:
            os.sched_yield()

    def count(self) -> int:
        """Return how often the thread of Python has run."""
        return self.ticks.stat().st_size

    def hold(self) -> None:
        """Hold the lock; it is held when this returns."""
        os.write(self.pipes["HOLD"], b"hold\n")
        assert os.read(self.pipes["HELD"], 5) == b"held\n"

    def free(self) -> None:
        """Give the lock back."""
        os.write(self.pipes["FREE"], b"free\n")


@pytest.fixture
def interpreter(tmp_path: Path) -> Iterator[Interpreter]:
    """Make the way to hold an interpreter; whoever holds it at the end lets it go."""
    made = Interpreter(tmp_path)
    yield made
    made.free()
    for pipe in made.pipes.values():
        os.close(pipe)


def test_orders_pass_while_the_interpreter_is_held(
    unstarted: tuple[Gate, Exchange], interpreter: Interpreter
) -> None:
    gate, exchange = unstarted
    gate.environment, gate.beside = os.environ | interpreter.environment, HOLD
    session = begin(gate, exchange).session
    interpreter.wait_running()
    interpreter.hold()
    ran = interpreter.count()
    # A client that comes now is let in, checked, journaled, answered, and seen from outside.
    oms = gate.sse()
    for number in range(1, ORDERS + 1):
        oms.send(58, **sse_order(f"A{number:09}", BranchID=BRANCHES[SSE]))
        order = session.expect(58)
        session.send(32, **accepted(order, 2 * number - 1))
        assert oms.expect(32)["ReportIndex"] == 2 * number - 1
        if number % 2:
            session.send(103, **filled(order, 2 * number, SetID=1))
            assert oms.expect(103)["LastQty"] == order["OrderQty"]
            continue
        oms.send(61, **sse_cancel(f"C{number:09}", f"A{number:09}"))
        session.send(32, **cancelled(session.expect(61), order, 2 * number))
        assert oms.expect(32)["ExecType"] == "4"
    oms.send(58, **sse_order("B000000001", BranchID="99999"))
    assert oms.expect(204)["OrdRejReason"] > 0
    # Who stops comes by the stop's own socket, which needs no Python either.
    assert gate.stop_trading()["sequence"] > 0
    oms.send(58, **sse_order("B000000002", BranchID=BRANCHES[SSE]))
    assert oms.expect(204)["OrdRejReason"] == HALTED
    counts = gate.status()["counts"]
    assert (counts["orders"], counts["forwarded"], counts["refused"]) == (ORDERS + 2, ORDERS, 2)
    assert interpreter.count() == ran
    interpreter.free()
    interpreter.wait_running()
    oms.close()
    session.close()
    assert gate.stop() == 0
    assert len(gate.journaled("NewOrder")["NewOrder"]) == ORDERS + 2
