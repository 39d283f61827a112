"""Sessions at the gate's ports: logons, bad bytes, streams from any index, crash and restart."""

import json

import pytest

from panshi.domain.errors import BadInputError
from panshi.gate import process
from panshi.wire.codec import encode_line
from tests.integration.conformance.wire_client import (
    Client,
    connect,
    sse_logon,
    sse_order,
    szse_logon,
)
from tests.integration.gate.gate_process import Gate

pytestmark = pytest.mark.integration


def stranger(gate: Gate) -> Client:
    return connect("sse", ("127.0.0.1", gate.ports[0]))


def test_a_second_logon_is_refused(gate: Gate) -> None:
    gate.sse()
    second = stranger(gate)
    sse_logon(second)
    assert second.expect(41)["SessionStatus"] == 5003


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"TargetCompID": "OTHER"}, 5005),
        ({"SenderCompID": "NOBODY"}, 5005),
        ({"PrtclVersion": "0.49"}, 5014),
    ],
)
def test_a_wrong_logon_is_refused(gate: Gate, changes: dict[str, str], status: int) -> None:
    client = stranger(gate)
    sse_logon(client, **changes)
    assert client.expect(41)["SessionStatus"] == status


def test_anything_before_the_logon_is_refused(gate: Gate) -> None:
    client = stranger(gate)
    client.send(58, **sse_order("A000000001"))
    assert client.expect(41)["SessionStatus"] == 5012


def test_a_wrong_checksum_and_an_oversize_message_end_the_session(gate: Gate) -> None:
    client = gate.sse()
    good = bytes.fromhex(encode_line("sse", '{"type": 33, "seq": 3, "fields": {}}'))
    client.send_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    assert client.expect(41)["SessionStatus"] == 5001
    client.close()
    other = stranger(gate)
    other.send_bytes((58).to_bytes(4, "big") + (1).to_bytes(8, "big") + (5000).to_bytes(4, "big"))
    assert other.expect(41)["SessionStatus"] == 5000


def test_a_message_in_pieces_is_taken_whole(gate: Gate) -> None:
    client = gate.sse()
    message = {"type": 58, "seq": 3, "fields": sse_order("A000000001", BranchID="00001")}
    data = bytes.fromhex(encode_line("sse", json.dumps(message)))
    for at in range(0, len(data), 7):
        client.send_bytes(data[at : at + 7])
    assert client.expect(32)["ExecType"] == "0"


def test_a_bad_shenzhen_partition_drops_the_whole_request(gate: Gate) -> None:
    client = connect("szse", ("127.0.0.1", gate.ports[1]))
    szse_logon(client)
    for kind in (1, 6, 9):
        client.expect(kind)
    wanted = [{"PartitionNo": 1, "ReportIndex": 1}, {"PartitionNo": 77, "ReportIndex": 1}]
    client.send(5, NoPartitions=wanted)
    assert client.expect(4)["BusinessRejectReason"] == 20106


def test_reports_are_replayed_from_any_index(gate: Gate) -> None:
    client = gate.sse()
    for number in range(4):
        price = 990_000 - 1000 * number
        client.send(58, **sse_order(f"A00000000{number}", BranchID="00001", Price=price))
        client.expect(32)
    client.close()
    gate.wait_for(lambda status: status["clients_online"] == 0)
    again = gate.sse(begin=3)
    replayed = [again.expect(32) for _ in range(2)]
    assert [row["ReportIndex"] for row in replayed] == [3, 4]
    assert [row["ClOrdID"] for row in replayed] == ["A000000002", "A000000003"]
    again.expect_silence()


def test_a_killed_gate_goes_on_where_it_was(gate: Gate) -> None:
    client = gate.sse()
    client.send(58, **sse_order("A000000001", BranchID="00001", Price=990_000))
    client.expect(32)
    gate.kill()
    client.close()
    gate.start()
    again = gate.sse()
    assert again.expect(32)["ClOrdID"] == "A000000001"
    again.send(58, **sse_order("A000000001", BranchID="00001", Price=990_000))
    assert again.expect(204)["OrdRejReason"] == 30106
    again.send(58, **sse_order("A000000002", BranchID="00001", Price=990_000))
    assert again.expect(32)["ReportIndex"] == 2
    gate.command("day-close")
    assert gate.stop() == 0
    assert process.replay(gate.journal).difference is None


def test_commands_need_a_name_and_a_reason(gate: Gate) -> None:
    with pytest.raises(BadInputError, match="who and why must be given"):
        process.ask(gate.control, {"verb": "set-state", "scope": "firm", "state": "halted"})
    with pytest.raises(BadInputError, match="verb: must be status"):
        gate.command("fly")
