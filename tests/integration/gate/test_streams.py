"""Report streams toward clients: contiguous per client and partition, sent from any index."""

import pytest

from panshi.rig.exchange import Exchange, accepted, filled
from panshi.rig.gate import Gate, gateway
from panshi.rig.messages import (
    shanghai_order,
    sse_cancel,
    sse_order,
    sse_streams,
    szse_logon,
    szse_order,
)
from panshi.rig.peer import Message, Peer
from panshi.rig.small_day import SSE, SZSE, account, client, customer
from tests.integration.gate.conftest import NewGate, Shanghai, begin

pytestmark = pytest.mark.integration


def trade(shanghai: Shanghai, oms: Peer, count: int) -> list[Message]:
    """Have orders accepted in alternate sets; the reports as the client got them."""
    reports = []
    for number in range(count):
        oms.send(58, **sse_order(f"A{number:09}", BranchID="00001"))
        order = shanghai.session.expect(58)
        index = number // 2 + 1
        shanghai.session.send(32, **accepted(order, index, SetID=number % 2 + 1))
        reports.append(oms.expect(32))
    return reports


def test_each_set_is_counted_on_its_own(shanghai: Shanghai) -> None:
    reports = trade(shanghai, shanghai.gate.sse(), 4)
    assert [(row["SetID"], row["ReportIndex"]) for row in reports] == [
        (1, 1),
        (2, 1),
        (1, 2),
        (2, 2),
    ]


def test_nothing_flows_before_it_is_asked_for(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    oms = gate.sse()
    oms.send(206, NoGroups=[{"Pbu": "20001", "SetID": 2, "BeginReportIndex": 1}])
    oms.expect(207)
    oms.close()
    gate.wait_offline()
    silent = gate.logged_on_sse()
    silent.send(58, **sse_order("A000000001", BranchID="00001"))
    order = shanghai.session.expect(58)
    shanghai.session.send(32, **accepted(order, 1))
    gate.wait_counts(delivered=1)
    silent.expect_silence()
    # Asked for now, in a session that has been there all the time.
    silent.send(206, NoGroups=sse_streams())
    assert [row["EndReportIndex"] for row in silent.expect(207)["NoGroups"]] == [1, 0]
    assert silent.expect(32)["ReportIndex"] == 1


@pytest.mark.parametrize(
    ("begin", "expected"),
    [(1, [1, 2, 3, 4]), (3, [3, 4]), (4, [4]), (5, []), (7, [])],
)
def test_reports_come_from_any_index(shanghai: Shanghai, begin: int, expected: list[int]) -> None:
    gate, session = shanghai.gate, shanghai.session
    oms = gate.sse()
    first = trade(shanghai, oms, 8)
    oms.close()
    gate.wait_offline()
    again = gate.logged_on_sse()
    again.send(206, NoGroups=[{"Pbu": "20001", "SetID": 1, "BeginReportIndex": begin}])
    (answer,) = again.expect(207)["NoGroups"]
    assert (answer["RejReason"], answer["EndReportIndex"], answer["Text"]) == (0, 4, "Success")
    replayed = [again.expect(32) for _ in expected]
    assert replayed == [row for row in first if row["SetID"] == 1 and row["ReportIndex"] >= begin]
    again.expect_silence(0.1)
    # Live ones follow; with a begin beyond the end those before it are never sent.
    for index in (5, 6, 7):
        again.send(58, **sse_order(f"B{index:09}", BranchID="00001"))
        order = session.expect(58)
        session.send(32, **accepted(order, index))
        if index >= begin:
            assert again.expect(32)["ReportIndex"] == index


def test_a_new_request_starts_its_streams_again(shanghai: Shanghai) -> None:
    oms = shanghai.gate.sse()
    reports = trade(shanghai, oms, 4)
    oms.send(206, NoGroups=sse_streams(begin=2))
    oms.expect(207)
    assert [oms.expect(32), oms.expect(32)] == [reports[2], reports[3]]


def test_what_was_wrong_in_a_request_is_said_group_by_group(shanghai: Shanghai) -> None:
    oms = shanghai.gate.logged_on_sse()
    groups = [
        {"Pbu": "20001", "SetID": 1, "BeginReportIndex": 1},
        {"Pbu": "20002", "SetID": 1, "BeginReportIndex": 1},
        {"Pbu": "20001", "SetID": 77, "BeginReportIndex": 1},
        {"Pbu": "20001", "SetID": 2, "BeginReportIndex": 0},
        {"Pbu": "20001", "SetID": 2, "BeginReportIndex": 2**32},
    ]
    oms.send(206, NoGroups=groups)
    answers = oms.expect(207)["NoGroups"]
    assert [row["RejReason"] for row in answers] == [0, 5011, 5010, 5013, 5013]
    oms.send(58, **sse_order("A000000001", BranchID="00001"))
    order = shanghai.session.expect(58)
    shanghai.session.send(32, **accepted(order, 1))
    assert oms.expect(32)["ReportIndex"] == 1


def test_a_request_beyond_one_answer_gets_several(shanghai: Shanghai) -> None:
    oms = shanghai.gate.logged_on_sse()
    wrong = {"Pbu": "20001", "SetID": 77, "BeginReportIndex": 1}
    oms.send(206, NoGroups=[wrong] * 99 + sse_streams())
    answers = [oms.expect(207)["NoGroups"] for _ in range(3)]
    assert [len(part) for part in answers] == [42, 42, 17]
    assert [row["RejReason"] for part in answers for row in part] == [5010] * 99 + [0, 0]
    oms.send(206, NoGroups=[])
    assert oms.expect(207)["NoGroups"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"PartitionNo": 77, "ReportIndex": 1},
        {"PartitionNo": 1, "ReportIndex": 1},
        {"PartitionNo": 2, "ReportIndex": 0},
    ],
)
def test_one_bad_shenzhen_partition_drops_the_whole_request(gate: Gate, wrong: Message) -> None:
    oms = gate.connect(SZSE)
    szse_logon(oms)
    for kind in (1, 6, 9):
        oms.expect(kind)
    oms.send(5, NoPartitions=[{"PartitionNo": 1, "ReportIndex": 1}, wrong])
    refused = oms.expect(4)
    assert (refused["BusinessRejectReason"], refused["RefMsgType"]) == (20106, 5)
    oms.send(100101, **szse_order("C000000001", BranchID="0001"))
    gate.wait_counts(delivered=1)
    oms.expect_silence(0.1)
    oms.send(5, NoPartitions=[{"PartitionNo": 1, "ReportIndex": 1}])
    assert oms.expect(200102)["ReportIndex"] == 1


def test_shenzhen_partitions_are_replayed_too(gate: Gate) -> None:
    oms = gate.szse()
    for number in range(4):
        price = 99_000 - 100 * number
        oms.send(100101, **szse_order(f"C00000000{number}", BranchID="0001", Price=price))
    reports = [oms.expect(200102) for _ in range(4)]
    assert [row["ReportIndex"] for row in reports] == [1, 2, 3, 4]
    oms.close()
    gate.wait_offline()
    again = gate.szse(begin=3)
    assert [again.expect(200102), again.expect(200102)] == reports[2:]
    again.expect_silence(0.1)


def two_clients() -> list[tuple[str, dict[str, int | str]]]:
    """Return two order systems, A and B, each with an account of its own behind one PBU."""
    rows = [
        client(SSE, SSE, "OMS01", prefix="A", prefix_len=1),
        client(SSE, 3, "OMS02", prefix="B0", prefix_len=2, access_mask=2),
        customer(2),
        *account(SSE, "A000000002", 2, "00001", access=1),
    ]
    return [(name, dict(fields)) for name, fields in rows]


def test_clients_share_one_exchange_session_by_their_prefixes(new_gate: NewGate) -> None:
    exchange = Exchange()
    gate = new_gate(gateway(SSE, exchange.address), rows=two_clients())
    session = begin(gate, exchange).session
    first, second = gate.sse(), gate.sse(SenderCompID="OMS02")
    own = {"BranchID": "00001"}
    first.send(58, **sse_order("B000000001", **own))
    assert first.expect(204)["OrdRejReason"] == 30105
    second.send(58, **sse_order("B000000001", **own))
    assert second.expect(204)["OrdRejReason"] == 30110
    orders = {}
    for oms, number, code in [
        (first, "A000000001", "A000000001"),
        (second, "B000000002", "A000000002"),
        (second, "B000000003", "A000000002"),
        (first, "A000000004", "A000000001"),
    ]:
        oms.send(58, **sse_order(number, Account=code, **own))
        orders[number] = session.expect(58)
    for index, order in enumerate(orders.values(), start=1):
        session.send(32, **accepted(order, index))
    session.send(103, **filled(orders["B000000003"], 5))
    # One stream at the exchange, two here, each without a hole.
    got = [second.expect(32), second.expect(32), second.expect(103)]
    assert [(row["ReportIndex"], row["ClOrdID"]) for row in got] == [
        (1, "B000000002"),
        (2, "B000000003"),
        (3, "B000000003"),
    ]
    got = [first.expect(32), first.expect(32)]
    assert [(row["ReportIndex"], row["ClOrdID"]) for row in got] == [
        (1, "A000000001"),
        (2, "A000000004"),
    ]
    # Nobody cancels what another one ordered.
    first.send(61, **sse_cancel("A000000005", "B000000002"))
    assert first.expect(204)["OrdRejReason"] == 30704
    first.expect_silence(0.1)


@pytest.mark.bound(
    "bytes waiting for one client",
    "bytes that the kernel holds for one client",
    "replay toward one client",
)
def test_a_client_that_does_not_read_is_dropped_and_then_has_everything(new_gate: NewGate) -> None:
    exchange = Exchange()
    bounds = {
        "client_backlog_bytes": 65_536,
        "client_socket_bytes": 4096,
        "replay_bytes": 16_384,
    }
    rows = [*two_clients(), customer(1, high_frequency=1, cash_e5=10**15)]
    gate = new_gate(gateway(SSE, exchange.address), rows=rows, bounds=bounds)
    session = begin(gate, exchange).session
    slow, other = gate.sse(window=4096), gate.sse(SenderCompID="OMS02")
    index = 0
    while gate.status()["clients_online"] == 2:
        numbers = [f"A{index + number:09}" for number in range(100)]
        slow.send_bytes(b"".join(map(shanghai_order, numbers)))
        for _ in numbers:
            index += 1
            session.send(32, **accepted(session.expect(58), index))
        gate.wait_counts(reports=index)
    assert "does not read" in gate.log_text()
    # The other client is not touched.
    other.send(58, **sse_order("B000000001", BranchID="00001", Account="A000000002"))
    session.send(32, **accepted(session.expect(58), index + 1))
    assert other.expect(32)["ReportIndex"] == 1
    # And the slow one finds every report when it comes again and reads.
    again = gate.sse()
    replayed = [again.expect(32) for _ in range(index)]
    assert [row["ReportIndex"] for row in replayed] == list(range(1, index + 1))
    assert [row["ClOrdID"] for row in replayed] == [f"A{number:09}" for number in range(index)]
    again.expect_silence(0.1)
