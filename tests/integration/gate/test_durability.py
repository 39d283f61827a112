"""Deaths of a gate under load, in each durability mode: what was said stays said."""

import pytest

from panshi.gate import journal, process
from panshi.gate.journal_files import records
from panshi.rig.exchange import Exchange, accepted
from panshi.rig.gate import Gate, gateway
from panshi.rig.journal_files import durable_sequence, lose_behind
from panshi.rig.messages import sse_order
from panshi.rig.peer import Peer
from panshi.rig.small_day import SSE, customer
from tests.integration.gate.conftest import NewGate, begin
from tests.integration.gate.load import Load

pytestmark = pytest.mark.integration

RICH = customer(1, high_frequency=1, cash_e5=10**15)
TOLD = 200


def killed_under_load(gate: Gate, exchange: Exchange) -> Load:
    """Run a load and kill the gate in the middle of it."""
    session = begin(gate, exchange).session
    load = Load(gate.sse(), session)
    load.begin()
    load.read(TOLD)
    gate.kill()
    load.join()
    return load


def come_back(gate: Gate, exchange: Exchange, load: Load) -> tuple[Peer, int]:
    """Start again, let the exchange send what it is asked for, and give the index asked from."""
    gate.launch()
    session, logon = exchange.expect_logon()
    exchange.welcome(session, logon)
    asked = exchange.expect_sync(session)["20001", 1]
    gate.wait_open()
    load.resume(session, asked)
    return session, asked


def journaled_orders(gate: Gate) -> set[str]:
    (table,) = journal.read(gate.journal, ["orders"]).values()
    return {str(number) for number in table["cl_ord_id"].to_pylist()}


def check_journal(gate: Gate) -> None:
    """Stop in order and look at what is left."""
    assert gate.stop() == 0
    assert journal.verify(gate.journal).ok
    assert process.replay(gate.journal).difference is None


@pytest.mark.parametrize("durability", ["A", "B", "C"])
def test_a_killed_process_loses_nothing(new_gate: NewGate, durability: str) -> None:
    exchange = Exchange()
    gate = new_gate(gateway(SSE, exchange.address), rows=[RICH], journal={"durability": durability})
    load = killed_under_load(gate, exchange)
    # Whatever left for the exchange had been journaled, and the reports that were told too.
    assert set(load.arrived) <= journaled_orders(gate)
    session, asked = come_back(gate, exchange, load)
    assert asked > len(load.told)
    again = gate.sse()
    reports = [again.expect(32) for _ in load.arrived]
    assert reports[: len(load.told)] == load.told
    assert [row["ClOrdID"] for row in reports] == load.arrived
    assert [row["ReportIndex"] for row in reports] == list(range(1, len(reports) + 1))
    # No id is taken twice, and the numbers go on.
    again.send(58, **sse_order(load.arrived[-1], BranchID="00001"))
    assert again.expect(204)["OrdRejReason"] == 30106
    again.send(58, **sse_order("B000000001", BranchID="00001"))
    session.send(32, **accepted(session.expect(58), len(load.arrived) + 1))
    assert again.expect(32)["ReportIndex"] == len(load.arrived) + 1
    again.close()
    session.close()
    check_journal(gate)


@pytest.mark.parametrize("durability", ["B", "C"])
def test_a_power_cut_loses_nothing_that_a_client_was_told(
    new_gate: NewGate, durability: str
) -> None:
    exchange = Exchange()
    gate = new_gate(gateway(SSE, exchange.address), rows=[RICH], journal={"durability": durability})
    load = killed_under_load(gate, exchange)
    lost = lose_behind(gate.journal, durable_sequence(gate.journal))
    kept = journaled_orders(gate)
    session, _ = come_back(gate, exchange, load)
    again = gate.sse()
    known = [number for number in load.arrived if number in kept]
    reports = [again.expect(32) for _ in known]
    assert reports[: len(load.told)] == load.told
    assert [row["ClOrdID"] for row in reports] == known
    unknown = len(load.arrived) - len(known)
    if durability == "C":
        # Nothing had left that the disk did not have.
        assert unknown == 0
    # Reports of orders that the journal lost are anomalies for a person to look at.
    counts = gate.wait_counts(reports=len(load.arrived))
    assert counts["anomalies"] == unknown
    assert (lost > 0) or (unknown == 0)
    again.close()
    session.close()
    check_journal(gate)


def test_a_power_cut_in_mode_a_keeps_a_prefix(new_gate: NewGate) -> None:
    exchange = Exchange()
    gate = new_gate(
        gateway(SSE, exchange.address),
        rows=[RICH],
        journal={"durability": "A", "sync_interval_ms": 60_000},
    )
    load = killed_under_load(gate, exchange)
    assert lose_behind(gate.journal, durable_sequence(gate.journal)) > TOLD
    kept = journaled_orders(gate)
    assert kept < set(load.arrived)
    session, _ = come_back(gate, exchange, load)
    known = [number for number in load.arrived if number in kept]
    again = gate.sse()
    assert [again.expect(32)["ClOrdID"] for _ in known] == known
    again.close()
    session.close()
    check_journal(gate)


def test_a_lost_tail_never_leads_to_an_id_used_twice(new_gate: NewGate) -> None:
    exchange = Exchange()
    gate = new_gate(gateway(SSE, exchange.address))
    session = begin(gate, exchange).session
    oms = gate.sse()
    oms.send(58, **sse_order("A000000001", BranchID="00001"))
    session.send(32, **accepted(session.expect(58), 1))
    oms.expect(32)
    used = []
    for _ in range(3):
        gate.command("cancel-all", scope="firm")
        used.append(session.expect(61)["ClOrdID"])
        gate.kill()
        # The disk lies: the mass cancel and everything behind it is gone.
        kind = {layout.number: name for name, layout in journal.layouts().items()}
        (command,) = (row for row in records(gate.journal) if kind[row.kind] == "Command")
        assert lose_behind(gate.journal, command.sequence - 1) > 0
        gate.launch()
        session = exchange.logged_on()
        gate.wait_open()
    assert len(set(used)) == len(used)
    assert all(number.startswith("Z9") for number in used)
