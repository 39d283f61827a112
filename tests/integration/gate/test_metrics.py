"""The page of metrics and the status, which must say the same; and the status as people read it."""

import json
import socket
from urllib.request import urlopen

import pytest

from panshi.rig.exchange import Exchange, accepted, filled
from panshi.rig.gate import Gate, Line, gateway
from panshi.rig.messages import sse_cancel, sse_logon, sse_order
from panshi.rig.ports import reserve_ports
from panshi.rig.processes import Children
from panshi.rig.small_day import BRANCHES, SSE
from tests.integration.gate.conftest import NewGate, Shanghai, begin

pytestmark = pytest.mark.integration

CONNECTIONS = 32
"""Connections of the page of metrics that are held open at the same time."""
COUNTERS = ("orders", "cancels", "forwarded", "refused", "reports", "delivered", "anomalies")
STANDING = {
    "trade_date",
    "closed",
    "counts",
    "refused_by_code",
    "pending",
    "latency",
    "gateways",
    "clients",
    "clients_online",
    "connections",
    "door",
    "restricted",
}
Metrics = dict[str, float]


@pytest.fixture
def port() -> int:
    (found,) = reserve_ports(1)
    return found


@pytest.fixture
def busy(new_gate: NewGate, port: int) -> Shanghai:
    """Serve with a page of metrics, after a flow whose every number is known."""
    exchange = Exchange()
    gate = new_gate(gateway(SSE, exchange.address), metrics=f"127.0.0.1:{port}")
    served = begin(gate, exchange)
    oms, session = gate.sse(), served.session
    stranger = gate.connect(SSE)
    sse_logon(stranger, SenderCompID="NOBODY")
    stranger.expect(41)
    for number in (1, 2, 3):
        oms.send(58, **sse_order(f"A{number:09}", BranchID=BRANCHES[SSE]))
        order = session.expect(58)
        if number < 3:
            session.send(32, **accepted(order, 2 * number - 1))
            session.send(103, **filled(order, 2 * number, SetID=1))
            oms.expect(32)
            oms.expect(103)
    oms.send(58, **sse_order("A000000004", BranchID="99999"))
    oms.expect(204)
    oms.send(61, **sse_cancel("C000000001", "A000000001"))
    oms.expect(204)
    return served


def page(port: int, path: str = "/metrics") -> str:
    with urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return str(answer.read().decode())


def metrics(port: int) -> Metrics:
    """Read the page as Prometheus does: each sample has a help and a type before it."""
    found: Metrics = {}
    declared: dict[str, set[str]] = {}
    for line in page(port).splitlines():
        if line.startswith("# "):
            _, what, name, _ = line.split(" ", 3)
            assert what not in declared.setdefault(name, set())
            declared[name].add(what)
            continue
        sample, value = line.rsplit(" ", 1)
        assert sample not in found
        name = sample.split("{", maxsplit=1)[0]
        base = name.removesuffix("_sum").removesuffix("_count")
        assert declared.get(name, declared.get(base)) == {"HELP", "TYPE"}
        found[sample] = float(value)
    return found


def expected(status: Line) -> Metrics:
    """Say with the status what the page must hold."""
    rows: Metrics = {f"panshi_gate_{name}_total": status["counts"][name] for name in COUNTERS}
    rows["panshi_gate_warnings_total"] = status["counts"]["warnings"]
    for code, count in status["refused_by_code"].items():
        rows[f'panshi_gate_refusals_total{{code="{code}"}}'] = count
    for stage, row in status["latency"].items():
        label = f'stage="{stage}"'
        rows[f"panshi_gate_latency_ns_count{{{label}}}"] = row["count"]
        for quantile, name in (("0.5", "p50_ns"), ("0.99", "p99_ns"), ("0.999", "p99_9_ns")):
            rows[f'panshi_gate_latency_ns{{{label},quantile="{quantile}"}}'] = row[name]
    for row in status["gateways"]:
        rows[f'panshi_gate_gateway_state{{gateway="{row["gateway"]}"}}'] = row["state"]
    rows |= {
        "panshi_gate_queued": status["pending"]["queued"],
        "panshi_gate_unacknowledged": status["pending"]["unacknowledged"],
        "panshi_gate_connections": status["connections"],
        "panshi_gate_journal_full": 0,
        "panshi_gate_snapshot_sequence": 0,
        "panshi_gate_snapshot_trouble": 0,
    }
    return rows


def test_the_page_says_what_the_status_says(busy: Shanghai, port: int) -> None:
    status = busy.gate.status()
    found = metrics(port)
    # The time itself is journaled, so between two looks there can be more.
    records = found["panshi_gate_journal_records"]
    later = busy.gate.status()["journal"]["appended"]
    assert status["journal"]["appended"] <= records <= later
    assert 0 <= found["panshi_gate_journal_undurable"] < records
    wanted = expected(status)
    assert {name: found.get(name) for name in wanted} == wanted
    known = {"orders": 4, "cancels": 1, "forwarded": 3, "refused": 2, "reports": 4, "delivered": 4}
    assert {name: found[f"panshi_gate_{name}_total"] for name in known} == known
    assert found["panshi_gate_unacknowledged"] == 1
    assert found['panshi_gate_latency_ns_count{stage="report"}'] == 2
    assert found['panshi_gate_latency_ns_sum{stage="exchange"}'] > 0
    assert sum(status["refused_by_code"].values()) == known["refused"]
    away = {name: count for name, count in found.items() if "sent_away" in name and count}
    assert away == {'panshi_gate_sent_away_total{reason="wrong CompID"}': 1}
    for row in status["tables"]:
        for figure in ("used", "room"):
            assert found[f'panshi_gate_table_{figure}{{table="{row["table"]}"}}'] == row[figure]
    # Nothing is on the page of which the status, or this test, does not know.
    others = {name.split("{")[0] for name in set(found) - set(wanted)}
    assert others == {
        "panshi_gate_sent_away_total",
        "panshi_gate_log_dropped_total",
        "panshi_gate_latency_ns_sum",
        "panshi_gate_journal_records",
        "panshi_gate_journal_undurable",
        "panshi_gate_journal_disk_free_bytes",
        "panshi_gate_clock_offset_ns",
        "panshi_gate_table_used",
        "panshi_gate_table_room",
    }
    assert found["panshi_gate_log_dropped_total"] == status["log"]["dropped"] == 0
    # Other programs use the disk too, so only its presence can be known.
    assert found["panshi_gate_journal_disk_free_bytes"] > 0


def test_there_is_one_page_and_it_takes_whole_requests(busy: Shanghai, port: int) -> None:
    for request, status in (
        (b"GET /metrics HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\n"),
        (b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 404 Not Found\r\n"),
        (b"POST /metrics HTTP/1.1\r\n\r\n", b"HTTP/1.1 404 Not Found\r\n"),
        (bytes(65_536), b""),
    ):
        with socket.create_connection(("127.0.0.1", port), 10) as peer:
            peer.sendall(request[:5])
            peer.sendall(request[5:])
            answer = b""
            try:
                while part := peer.recv(65_536):
                    answer += part
            except ConnectionResetError:
                pass
            assert answer[: len(status)] == status
            assert bool(answer) == bool(status)
    assert busy.gate.status()["counts"]["orders"] == 4


@pytest.mark.bound("control and metrics connections, each")
def test_connections_that_are_held_open_make_room(busy: Shanghai, port: int) -> None:
    held = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(CONNECTIONS + 5)]
    try:
        assert metrics(port)["panshi_gate_orders_total"] == 4
        # The ones that were silent longest went, one for each that came too many.
        for peer in held[:6]:
            assert peer.recv(1) == b""
        for peer in held[6:]:
            peer.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
            assert peer.recv(15) == b"HTTP/1.1 200 OK"
    finally:
        for peer in held:
            peer.close()
    # Order systems have their own bound and were not touched.
    assert busy.gate.status()["clients_online"] == 1


@pytest.mark.parametrize("address", ["0.0.0.0:9105", "10.1.0.5:9105", "[::]:9105"])
def test_a_page_for_other_machines_is_no_start(
    unstarted: tuple[Gate, Exchange], address: str
) -> None:
    gate, _ = unstarted
    config = json.loads(gate.config.read_text())
    gate.config.write_text(json.dumps(config | {"metrics": address}))
    gate.launch()
    assert gate.ended() != 0
    words = gate.errors.read_text()
    assert f"metrics: must be a loopback address, found {address}" in words
    assert not gate.journal.exists()


def test_the_status_is_told_as_tables_and_as_json(busy: Shanghai) -> None:
    gate = busy.gate
    with Children(gate.folder) as children:
        arguments = ["gate", "status", "--control", str(gate.control)]
        said = children.start("json", [*arguments, "--json"])
        assert said.process.wait() == 0
        found, status = json.loads(said.output.read_text()), gate.status()
        assert found.keys() == status.keys()
        assert found["journal"].keys() == status["journal"].keys()
        # Time goes on between the two, and so does the journal; the rest stands.
        assert {name: found[name] for name in STANDING} == {name: status[name] for name in STANDING}
        shown = children.start("tables", [*arguments], {"COLUMNS": "200", "PATH": ""})
        assert shown.process.wait() == 0
        text = shown.output.read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in text.splitlines()]
    for row in (
        ["状态 state", "运行中 serving"],
        ["交易日 trade date", "20230711"],
        ["收到委托 orders received", "4"],
        ["已拒绝 refused", "2"],
        ["未确认委托 unacknowledged", "1"],
        ["落盘方式 durability", "B"],
    ):
        assert row in rows
    assert any(row[:4] == ["1", "上交所 SSE", "已登录 up", "开市 open"] for row in rows)
    assert any(row[:4] == ["1", "OMS01", "上交所 SSE", "是 yes"] for row in rows)
    for code, count in status["refused_by_code"].items():
        assert any(row[:2] == [code, str(count)] for row in rows)
    assert any(row[:2] == ["应答至送达 answered to reported", "2"] for row in rows)


def test_a_status_of_nobody_is_a_clear_error(busy: Shanghai) -> None:
    gate = busy.gate
    assert gate.stop() == 0
    with Children(gate.folder) as children:
        asked = children.start("asked", ["gate", "status", "--control", str(gate.control)])
        assert asked.process.wait() == 2
        assert "no gate serves it" in asked.last_words() or str(gate.control) in asked.last_words()
