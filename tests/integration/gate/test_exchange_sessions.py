"""The gate as the order system of an exchange gateway, which is the test itself."""

import pytest

from panshi.rig.exchange import Exchange, accepted, cancelled, filled
from panshi.rig.gate import Gate, at, gateway
from panshi.rig.messages import shanghai_order, sse_cancel, sse_order, szse_order
from panshi.rig.peer import Peer
from panshi.rig.small_day import SSE, SZSE, client, customer, pbu
from tests.integration.gate.conftest import NewGate, Shanghai, begin

pytestmark = pytest.mark.integration

Unstarted = tuple[Gate, Exchange]


def state_of(gate: Gate, wanted: int) -> None:
    gate.wait_for(lambda status: status["gateways"][0]["state"] == wanted)


def test_logon_names_the_gate_and_its_day(unstarted: Unstarted) -> None:
    gate, exchange = unstarted
    gate.gateways[0] |= {"heartbeat_s": 20, "version": "0.58"}
    gate.configure()
    gate.launch()
    _, logon = exchange.expect_logon()
    assert (logon["SenderCompID"], logon["TargetCompID"]) == ("PANSHI", "TDGW")
    assert (logon["HeartBtInt"], logon["PrtclVersion"]) == (20, "0.58")
    assert logon["TradeDate"] == 20230711


def test_every_stream_is_asked_for_in_requests_that_can_be_answered(unstarted: Unstarted) -> None:
    gate, exchange = unstarted
    exchange.pbus, exchange.sets = ("20001", "20002"), tuple(range(1, 31))
    gate.launch()
    session, logon = exchange.expect_logon()
    exchange.welcome(session, logon)
    first, second = exchange.expect_sync(session), exchange.expect_sync(session)
    assert (len(first), len(second)) == (42, 18)
    wanted = {(pbu, number) for pbu in exchange.pbus for number in exchange.sets}
    assert set(first) | set(second) == wanted
    assert set(first.values()) | set(second.values()) == {1}


def test_another_trade_date_is_no_day_to_trade_on(unstarted: Unstarted) -> None:
    gate, exchange = unstarted
    gate.launch()
    session, logon = exchange.expect_logon()
    session.send(40, **logon | {"TradeDate": 20230712})
    session.expect_end()
    assert "trade date must be 20230711, found 20230712" in gate.log_text()
    assert gate.status()["gateways"][0]["state"] == 0
    exchange.logged_on()
    state_of(gate, 3)


def test_a_refused_logon_is_tried_again(unstarted: Unstarted) -> None:
    gate, exchange = unstarted
    gate.launch()
    for code, text in [(5003, "Already Login, try again"), (5006, "Not Ready")]:
        session, _ = exchange.expect_logon()
        session.send(41, SessionStatus=code, Text=text)
        # A refused order system closes; it says nothing more.
        session.expect_end()
        assert f'"status":{code}' in gate.log_text()
    exchange.logged_on()
    state_of(gate, 3)


def test_an_exchange_that_is_not_ready_takes_the_session_down(shanghai: Shanghai) -> None:
    client = shanghai.gate.sse()
    shanghai.session.send(41, SessionStatus=5006, Text="Not Ready")
    assert shanghai.session.expect(41)["SessionStatus"] == 0
    shanghai.session.expect_end()
    assert client.expect(209)["PlatformState"] == 0
    client.send(58, **sse_order("A000000001", BranchID="00001"))
    assert client.expect(204)["OrdRejReason"] == 30006
    shanghai.session = shanghai.exchange.logged_on()
    assert client.expect(209)["PlatformState"] == 2
    client.send(58, **sse_order("A000000002", BranchID="00001"))
    assert shanghai.session.expect(58)["ClOrdID"] == "A000000002"


def test_platform_states_are_passed_on(shanghai: Shanghai) -> None:
    client = shanghai.gate.sse()
    for state in (3, 1, 2, 4, 0):
        shanghai.session.send(209, PlatformID=0, PlatformState=state)
        assert client.expect(209) == {"PlatformID": 0, "PlatformState": state}
    # The same state once more is no news.
    shanghai.session.send(209, PlatformID=0, PlatformState=0)
    shanghai.session.send(209, PlatformID=0, PlatformState=2)
    assert client.expect(209)["PlatformState"] == 2


def test_the_backup_address_is_tried_when_the_main_one_fails(new_gate: NewGate) -> None:
    main, backup = Exchange(), Exchange()
    gate = new_gate(gateway(SSE, main.address, backup=at(backup.address)))
    gate.launch()
    first = main.logged_on()
    state_of(gate, 3)
    main.listener.close()
    first.close()
    second = backup.logged_on()
    state_of(gate, 3)
    # Gone again: the main address refuses, so the backup one is next.
    second.close()
    backup.logged_on()
    state_of(gate, 3)


def test_a_restart_asks_for_reports_behind_the_last_journaled_one(shanghai: Shanghai) -> None:
    client = shanghai.gate.sse()
    client.send(58, **sse_order("A000000001", BranchID="00001"))
    order = shanghai.session.expect(58)
    shanghai.session.send(32, **accepted(order, 1))
    shanghai.session.send(103, **filled(order, 2, SetID=1))
    client.expect(32)
    client.expect(103)
    # Without a restart: the connection breaks.
    shanghai.session.close()
    session, logon = shanghai.exchange.expect_logon()
    shanghai.exchange.welcome(session, logon)
    assert shanghai.exchange.expect_sync(session) == {("20001", 1): 3, ("20001", 2): 1}
    # With one: the journal says the same.
    shanghai.gate.kill()
    shanghai.gate.launch()
    session, logon = shanghai.exchange.expect_logon()
    shanghai.exchange.welcome(session, logon)
    assert shanghai.exchange.expect_sync(session) == {("20001", 1): 3, ("20001", 2): 1}
    # What comes once more all the same counts once.
    session.send(103, **filled(order, 2))
    shanghai.gate.wait_counts(reports=3)
    again = shanghai.gate.sse()
    assert [again.expect(32)["ReportIndex"], again.expect(103)["ReportIndex"]] == [1, 2]
    again.expect_silence()


def test_a_shenzhen_gateway_is_asked_per_partition(new_gate: NewGate) -> None:
    exchange = Exchange("szse", sets=(7, 9), platform=1)
    gate = new_gate(gateway(SZSE, exchange.address))
    gate.launch()
    session, logon = exchange.expect_logon()
    assert (logon["TargetCompID"], logon["DefaultApplVerID"]) == ("TGW01", "1.18")
    exchange.welcome(session, logon)
    assert exchange.expect_sync(session) == {("", 7): 1, ("", 9): 1}
    client = gate.szse()
    assert client.protocol == "szse"
    client.send(100101, **szse_order("C000000001", BranchID="0001"))
    assert session.expect(100101)["ClOrdID"] == "C000000001"


def test_heartbeats_and_their_absence(unstarted: Unstarted) -> None:
    gate, exchange = unstarted
    gate.launch()
    session, logon = exchange.expect_logon()
    exchange.welcome(session, logon | {"HeartBtInt": 1})
    exchange.expect_sync(session)
    session.expect(33)
    # Half a message does not count as a word, and two silent intervals are the end.
    session.send_bytes(bytes(12))
    session.expect(33)
    session.expect_end()
    assert "nothing heard for two heartbeat intervals" in gate.log_text()
    exchange.logged_on()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (bytes(16) + b"\0\0\0\1", "checksum"),
        ((103).to_bytes(4, "big") + bytes(8) + (9999).to_bytes(4, "big"), "4096"),
        (b"\0\0\0\x67" + bytes(12) + b"\0\0\0\x67", "body"),
    ],
)
def test_what_is_no_message_ends_the_session_with_a_reason(
    shanghai: Shanghai, data: bytes, reason: str
) -> None:
    shanghai.session.send_bytes(data)
    shanghai.session.expect_end()
    log = shanghai.gate.log_text()
    assert "bad message from the exchange gateway" in log
    assert reason in log
    shanghai.exchange.logged_on()
    state_of(shanghai.gate, 3)


def test_unknown_message_types_are_passed_over(shanghai: Shanghai) -> None:
    shanghai.session.send_bytes((777).to_bytes(4, "big") + bytes(12) + b"\0\0\0\x0c")
    client = shanghai.gate.sse()
    client.send(58, **sse_order("A000000001", BranchID="00001"))
    assert shanghai.session.expect(58)["ClOrdID"] == "A000000001"


def test_two_gateways_carry_two_pbus(new_gate: NewGate) -> None:
    first, second = Exchange(), Exchange(pbus=("20002",))
    links = [gateway(SSE, first.address), gateway(SSE, second.address, number=3)]
    more = [pbu(SSE, "20002", 2, 3), client(SSE, SSE, "OMS01", pbu_mask=0b101)]
    gate = new_gate(*links, rows=more)
    gate.launch()
    sessions = {"20001": first.logged_on(), "20002": second.logged_on()}
    gate.wait_open()
    oms = gate.sse(pbus=("20001", "20002"))
    for number, (code, session) in enumerate(sessions.items()):
        oms.send(58, **sse_order(f"A00000000{number}", BranchID="00001", BizPbu=code))
        order = session.expect(58)
        session.send(32, **accepted(order, 1))
        report = oms.expect(32)
        assert (report["Pbu"], report["ReportIndex"], report["BizPbu"]) == (code, 1, code)
    # One gateway down refuses its own PBU only.
    sessions["20002"].close()
    gate.wait_for(lambda status: status["gateways"][1]["state"] == 0)
    oms.send(58, **sse_order("A000000003", BranchID="00001", BizPbu="20002"))
    assert oms.expect(204)["OrdRejReason"] == 30006
    oms.send(58, **sse_order("A000000004", BranchID="00001"))
    assert sessions["20001"].expect(58)["ClOrdID"] == "A000000004"


def test_cancels_meet_their_order_at_the_exchange(shanghai: Shanghai) -> None:
    client = shanghai.gate.sse()
    client.send(58, **sse_order("A000000001", BranchID="00001"))
    order = shanghai.session.expect(58)
    shanghai.session.send(32, **accepted(order, 1))
    client.expect(32)
    client.send(61, **sse_cancel("A000000002", "A000000001"))
    cancel = shanghai.session.expect(61)
    shanghai.session.send(32, **cancelled(cancel, order, 2))
    report = client.expect(32)
    assert (report["ClOrdID"], report["OrigClOrdID"]) == ("A000000002", "A000000001")


def send_until_refused(gate: Gate, client: Peer) -> tuple[list[str], list[str]]:
    """Send orders that nobody reads until some are refused; ids of those taken, and of these."""
    sent: list[str] = []
    while True:
        numbers = [f"A{len(sent) + number:09}" for number in range(100)]
        client.send_bytes(b"".join(map(shanghai_order, numbers)))
        sent += numbers
        counts = gate.wait_counts(orders=len(sent))
        if counts["reports"]:
            break
    answers = [client.expect(204) for _ in range(counts["reports"])]
    assert {row["OrdRejReason"] for row in answers} == {33002}
    refused = [row["ClOrdID"] for row in answers]
    return [number for number in sent if number not in refused], refused


@pytest.fixture
def unread(new_gate: NewGate) -> tuple[Gate, Peer]:
    """Serve with a gateway that the kernel reads little for, and give its session."""
    exchange = Exchange(window=4096)
    gate = new_gate(
        gateway(SSE, exchange.address),
        rows=[customer(1, high_frequency=1, cash_e5=10**15)],
        bounds={"gateway_backlog_bytes": 196_608, "gateway_socket_bytes": 4096},
    )
    return gate, begin(gate, exchange).session


@pytest.mark.bound("bytes waiting for one gateway", "bytes that the kernel holds for one gateway")
def test_a_gateway_that_does_not_read_gets_no_more_orders_but_cancels(
    unread: tuple[Gate, Peer],
) -> None:
    gate, session = unread
    client = gate.sse()
    taken, refused = send_until_refused(gate, client)
    assert (len(taken) > 400, len(refused) > 0) == (True, True)
    client.send(61, **sse_cancel("C000000001", taken[-1]))
    gate.wait_counts(forwarded_cancels=1)
    # Read again: every order that was not refused is there, in its order, then the cancel.
    assert [session.expect(58)["ClOrdID"] for _ in taken] == taken
    assert session.expect(61)["OrigClOrdID"] == taken[-1]


def test_one_client_cannot_take_the_whole_queue_of_a_gateway(new_gate: NewGate) -> None:
    exchange = Exchange(window=4096)
    gate = new_gate(
        gateway(SSE, exchange.address),
        rows=[customer(1, high_frequency=1, cash_e5=10**15), client(SSE, 3, "OMS02")],
        bounds={"gateway_backlog_bytes": 131_072, "gateway_socket_bytes": 4096},
    )
    session = begin(gate, exchange).session
    greedy, polite = gate.sse(), gate.sse(SenderCompID="OMS02")
    taken, refused = send_until_refused(gate, greedy)
    orders = len(taken) + len(refused)
    numbers = [f"B{number:09}" for number in range(100)]
    polite.send_bytes(b"".join(map(shanghai_order, numbers)))
    counts = gate.wait_counts(orders=orders + len(numbers))
    assert counts["reports"] == len(refused)
    assert [session.expect(58)["ClOrdID"] for _ in range(len(taken) + 100)] == taken + numbers
    # What has left gives its room back.
    greedy.send_bytes(b"".join(shanghai_order(f"A9{number:08}") for number in range(100)))
    assert gate.wait_counts(orders=orders + 200)["reports"] == len(refused)


def test_what_was_not_sent_when_a_session_ended_comes_back_refused(
    unread: tuple[Gate, Peer],
) -> None:
    gate, session = unread
    client = gate.sse()
    taken, _ = send_until_refused(gate, client)
    client.send(61, **sse_cancel("C000000001", taken[-1]))
    gate.wait_counts(forwarded_cancels=1)
    session.close()
    assert client.expect(209)["PlatformState"] == 0
    back: dict[str, int] = {}
    while "C000000001" not in back:
        row = client.expect(204)
        back[row["ClOrdID"]] = row["OrdRejReason"]
    assert set(back.values()) == {33001}
    del back["C000000001"]
    # The tail that lay in the gate came back; what the kernel had is not judged.
    assert list(back) == taken[-len(back) :]
    assert 0 < len(back) < len(taken)
    assert gate.status()["pending"]["unacknowledged"] == len(taken) - len(back)


def test_a_refused_cancel_does_not_answer_its_order(shanghai: Shanghai) -> None:
    client = shanghai.gate.sse()
    client.send(58, **sse_order("A000000001", BranchID="00001"))
    shanghai.session.expect(58)
    client.send(61, **sse_cancel("A000000002", "A000000001"))
    cancel = shanghai.session.expect(61)
    names = ["BizID", "BizPbu", "ClOrdID", "SecurityID", "OrigClOrdID", "BranchID", "UserInfo"]
    rejected = {name: cancel[name] for name in names} | {"Pbu": "20001", "SetID": 1}
    shanghai.session.send(59, **rejected, ReportIndex=1, CxlRejReason=1, TradeDate=20230711)
    client.expect(59)
    assert shanghai.gate.status()["pending"]["unacknowledged"] == 1
