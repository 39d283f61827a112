"""The drill in which the main data centre is down, on a gate between order systems and a venue."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from panshi.cli import gate as commands
from panshi.domain.errors import BadInputError
from panshi.gate.journal_files import digest_range
from panshi.rig.gate import BY, Gate, at, gateway
from panshi.rig.messages import sse_order
from panshi.rig.small_day import SSE, SZSE
from panshi.rig.venue import from_now, serving
from tests.integration.gate.conftest import NewGate

pytestmark = pytest.mark.integration

WHO = ["--who", BY["who"], "--why", BY["why"]]


@pytest.fixture
def served(new_gate: NewGate) -> Iterator[Gate]:
    """Serve Shanghai, whose exchange has a main and a backup address."""
    with serving(from_now("10:00:00")) as addresses:
        gate = new_gate(gateway(SSE, addresses[0], backup=at(addresses[1])))
        gate.start()
        yield gate
        gate.stop()


def drill(gate: Gate, folder: Path, *more: str) -> str:
    """Run the command and return what it prints."""
    words = ["drill", "main-centre-down", "--control", str(gate.control), "--out", str(folder)]
    done = CliRunner().invoke(commands.app, [*words, *WHO, *more], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_drill_leaves_evidence(served: Gate, tmp_path: Path) -> None:
    oms = served.sse()
    oms.send(58, **sse_order("A000000001", BranchID="00001"))
    oms.expect(32)
    drill(served, tmp_path / "evidence")
    (data,) = (tmp_path / "evidence").glob("*.json")
    found = json.loads(data.read_text(encoding="utf-8"))
    assert (found["who"], found["why"], found["normal"]) == (BY["who"], BY["why"], True)
    assert [row["gateway"] for row in found["cut"]] == [SSE]
    assert [(one["gateway"], one["step"]) for one in found["outages"]] == [
        (SSE, "failure"),
        (SSE, "return"),
    ]
    assert found["orders"] == {
        "received": 0,
        "refused_not_connected": 0,
        "open_at_cut": 0,
        "open_at_end": 0,
    }
    # The centre was left for the drill, and gone back to by command; the hash is that of the range.
    causes = [row["cause"] for row in served.journaled("centres")["CentreChange"]]
    assert causes == [7, 1]
    span = found["journal"]
    assert span["sha256"] == digest_range(
        served.journal, span["first_sequence"], span["last_sequence"]
    )
    page = data.with_suffix(".md").read_text(encoding="utf-8")
    assert span["sha256"] in page
    assert f"{found['outages'][0]['wall_ms']:.1f}" in page
    # Orders flow again where they did before.
    oms.send(58, **sse_order("A000000002", BranchID="00001"))
    oms.expect(209)
    assert served.status()["gateways"][0]["centre"] == "main"


def test_a_rehearsal_changes_nothing(served: Gate, tmp_path: Path) -> None:
    before = served.journaled("commands", "centres")
    printed = drill(served, tmp_path / "evidence", "--rehearse")
    assert served.status()["gateways"][0]["address"] in printed
    assert served.journaled("commands", "centres") == before
    assert not (tmp_path / "evidence").exists()


def test_a_drill_that_would_end_trading_is_refused(new_gate: NewGate) -> None:
    with serving(from_now("10:00:00")) as addresses:
        both = gateway(SSE, addresses[0], backup=at(addresses[1]))
        gate = new_gate(both, gateway(SZSE, addresses[2]))
        gate.start()
        request = {"verb": "drill-begin", **BY, "centre": "main"}
        reason = "centre: gateway 2 must have an address in the backup centre, found none"
        assert gate.refusal(request) == reason
        assert [row["cut_off"] for row in gate.status()["gateways"]] == [None, None]
        gate.stop()


def test_a_drill_that_was_left_half_done(served: Gate, tmp_path: Path) -> None:
    served.command("drill-begin", centre="main")
    served.wait_for(lambda status: status["gateways"][0]["state"] == 3)
    row = served.status()["gateways"][0]
    assert (row["centre"], row["cut_off"]) == ("backup", "main")
    with pytest.raises(BadInputError, match="must be logged in at the main centre"):
        drill(served, tmp_path, "--rehearse")
    reason = served.refusal({"verb": "drill-begin", **BY, "centre": "main"})
    assert reason.startswith("drill-begin: no drill may be under way")
    words = ["drill", "end", "--control", str(served.control), *WHO]
    assert CliRunner().invoke(commands.app, words).exit_code == 0
    served.command("switch", gateway=SSE, centre="main")
    served.wait_for(lambda status: status["gateways"][0]["centre"] == "main")
    served.wait_open()
