"""The end of the day: what is missing is named, the totals are compared, the journal is sealed."""

import json
import subprocess
from typing import Any

import pytest

from panshi.domain.errors import BadInputError
from panshi.gate.day_summary import summarise_day
from panshi.gate.journal import read_seal, seal
from panshi.rig.exchange import accepted
from panshi.rig.gate import BY, Gate
from panshi.rig.messages import sse_order
from panshi.rig.peer import Message, Peer
from panshi.rig.processes import COMMAND
from panshi.rig.small_day import BRANCHES, PBUS, SSE
from tests.integration.gate.conftest import Shanghai, begin

pytestmark = pytest.mark.integration


def order(shanghai: Shanghai, client: Peer, number: str) -> Message:
    """Send an order and return it as the exchange got it."""
    client.send(58, **sse_order(number, BranchID=BRANCHES[SSE]))
    return shanghai.session.expect(58)


def end(shanghai: Shanghai, set_id: int, index: int) -> None:
    """End a stream of the exchange."""
    shanghai.session.send(210, Pbu=PBUS[SSE], SetID=set_id, EndReportIndex=index)


def lacks(gate: Gate, count: int) -> list[dict[str, Any]]:
    """Return what is missing, once it is so much."""
    gate.wait_for(lambda _: len(gate.ask("day-end")["lacks"]) == count)
    return list(gate.ask("day-end")["lacks"])


def panshi(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the gate."""
    return subprocess.run([*COMMAND, "gate", *words], capture_output=True, text=True, check=False)


def test_each_thing_that_is_missing_is_named(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    silent = order(shanghai, gate.sse(), "A000000001")
    sets = [row["set_id"] for row in gate.ask("day-end")["streams"]]
    kinds = [row["kind"] for row in lacks(gate, len(sets) + 1)]
    assert kinds == ["end"] * len(sets) + ["unknown"]
    refused = gate.refusal({"verb": "close", **BY})
    assert "must be over" in refused
    assert "order A000000001 of PBU 20001 has no answer" in refused
    for set_id in sets:
        # The first stream names an end behind reports that never came.
        end(shanghai, set_id, 3 if set_id == sets[0] else 1)
        if set_id == sets[0]:
            # They are asked for once more in a new session, and the exchange does not have them.
            shanghai.exchange.answer_goodbye(shanghai.session)
            shanghai.session = shanghai.exchange.logged_on()
            end(shanghai, set_id, 3)
    short, unknown = lacks(gate, 2)
    assert (short["kind"], short["set_id"], short["count"], short["end"]) == (
        "reports", sets[0], 1, 3,
    )  # fmt: skip
    assert (unknown["kind"], unknown["cl_ord_id"]) == ("unknown", silent["ClOrdID"])
    # Nothing was closed meanwhile; who knows what is missing can close all the same.
    assert not gate.status()["closed"]
    gate.command("close", force=1)
    assert gate.ended() == 0
    found = summarise_day(gate.journal)
    assert not found.held
    assert found.differences["none_unknown"] == ["market 1: A000000001"]
    assert "must have 3 reports, found 1" in found.differences["streams_whole"][0]


def test_a_whole_day_is_closed_sealed_and_summed_up(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    client = gate.sse()
    shanghai.session.send(32, **accepted(order(shanghai, client, "A000000001"), 1))
    client.expect(32)
    for row in gate.ask("day-end")["streams"]:
        end(shanghai, row["set_id"], 2 if row["set_id"] == 1 else 1)
    assert lacks(gate, 0) == []
    sequence = gate.command("close")["sequence"]
    assert gate.ended() == 0
    found = summarise_day(gate.journal)
    assert found.held, found.differences
    assert found.counts["orders"] == 1
    assert found.counts["expired"] == 1
    known = read_seal(gate.journal)
    assert known is not None
    assert known.sequence > sequence
    gate.launch()
    assert gate.ended() != 0
    assert "sealed behind sequence" in gate.errors.read_text(encoding="utf-8")
    shown = panshi("summary", str(gate.journal), "--json")
    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout) == found.to_json()
    table = panshi("summary", str(gate.journal)).stdout
    assert "资金守恒" in table
    assert "cash" in table


def test_nothing_is_closed_by_itself_while_an_order_has_no_answer(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    gate.stop()
    gate.configure(day_end={"automatic": True})
    shanghai.restart()
    client = gate.sse()
    sent = order(shanghai, client, "A000000001")
    for row in gate.ask("day-end")["streams"]:
        if row["set_id"] != 1:
            end(shanghai, row["set_id"], 1)
            client.expect(210)
    assert [row["kind"] for row in lacks(gate, 2)] == ["end", "unknown"]
    shanghai.session.send(32, **accepted(sent, 1))
    client.expect(32)
    assert [row["kind"] for row in lacks(gate, 1)] == ["end"]
    end(shanghai, 1, 2)
    assert gate.ended() == 0
    assert read_seal(gate.journal) is not None
    commands = gate.journaled("Command")["Command"]
    assert [(row["verb"], row["who"]) for row in commands] == [("close", "panshi")]


def test_a_closed_day_whose_gate_died_is_sealed_by_hand(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    open_day = panshi("seal", str(gate.journal))
    assert open_day.returncode == 2
    assert "found no totals" in open_day.stderr
    gate.command("day-close")
    gate.kill()
    assert panshi("seal", str(gate.journal)).returncode == 0
    assert read_seal(gate.journal) is not None


def test_a_changed_byte_leaves_no_summary(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    gate.command("day-close")
    gate.stop()
    seal(gate.journal)
    found = summarise_day(gate.journal)
    assert found.differences["counts_agree"] == []
    segment = min(gate.journal.glob("*.pjl"))
    content = bytearray(segment.read_bytes())
    content[content.index(b"day-close")] ^= 1
    segment.write_bytes(content)
    with pytest.raises(BadInputError, match="corrupt"):
        summarise_day(gate.journal)


def test_the_gate_goes_on_within_the_day_after_an_ordered_stop(shanghai: Shanghai) -> None:
    gate, exchange = shanghai.gate, shanghai.exchange
    shanghai.session.send(32, **accepted(order(shanghai, gate.sse(), "A000000001"), 1))
    gate.wait_counts(reports=1)
    gate.command("shutdown")
    assert gate.ended() == 0
    assert read_seal(gate.journal) is None
    again = begin(gate, exchange)
    client = again.gate.sse()
    assert client.expect(32)["ClOrdID"] == "A000000001"
    assert order(again, client, "A000000002")["ClOrdID"] == "A000000002"
    assert BY["who"] in {row["who"] for row in gate.journaled("Command")["Command"]}
