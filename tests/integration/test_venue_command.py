"""`panshi venue`: its start, its end, and what it says about a wrong configuration."""

import json
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from panshi.domain.errors import BadInputError, BadRecordError
from panshi.market.flow import FlowEvent, build_table, write_flow_file
from panshi.rig.messages import sse_order
from panshi.rig.venue import LISTED, play, serving
from panshi.venue.config import MarketClock, default_config, load_config
from panshi.venue.recorded_flow import RECORD, pack_flow
from tests.integration.conformance.conftest import logged_on

GATEWAY = '[[gateways]]\nmarket = "sse"\naddresses = ["127.0.0.1:0"]\ncomp_id = "TDGW"\n'
WHOLE = f'trade_date = 20230711\n{GATEWAY}pbus = ["20001"]\nsets = [1]\n'
PANSHI = [sys.executable, "-m", "panshi.cli.main", "venue"]


@pytest.mark.integration
def test_serve_says_where_it_listens_and_ends_on_a_signal() -> None:
    command = [*PANSHI, "serve", "--sse-port", "0", "--ack-only"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        listening = json.loads(process.stdout.readline())
        host, _, port = listening["address"].rpartition(":")
        socket.create_connection((host, int(port)), timeout=10).close()
        process.send_signal(signal.SIGTERM)
        served = json.loads(process.stdout.readline())
        assert process.wait(timeout=10) == 0
    assert listening["event"] == "listening"
    assert served["event"] == "served"


@pytest.mark.integration
def test_an_address_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [*PANSHI, "serve", "--sse-port", str(port)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 2
    assert f"无法监听 · must listen on 127.0.0.1:{port}" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.integration
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["serve"], "缺少端口或配置 · must be given --config, --sse-port or --szse-port"),
        (["serve", "--config", "none.toml"], "none.toml: 文件或目录不存在 · No such file"),
        (["check", "broken.toml"], "broken.toml: 须为 TOML · must be TOML, found"),
        (["serve", "--sse-port", "0", "--flow", "broken.toml"], "文件内容不符合要求 · broken.toml"),
        (["scenario", "run", "no-such", "--sse-port", "0"], "场景 · scenario: must be one of"),
        (
            ["scenario", "run", "part.toml", "--sse-port", "0"],
            "文件内容不符合要求 · part.toml, field effect: must be given, found nothing",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line_in_both_languages(
    words: list[str], told: str, tmp_path: Path
) -> None:
    (tmp_path / "broken.toml").write_text("x =", encoding="utf-8")
    (tmp_path / "part.toml").write_text('title = {zh = "一", en = "one"}\n', encoding="utf-8")
    done = subprocess.run(
        [*PANSHI, *words], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("trade_date = ", ["must be TOML"]),
        (WHOLE + "colour = 1\n", ["gateways.0.colour"]),
        ("trade_date = 1\n" + WHOLE.partition("\n")[2], ["trade_date", "19900101"]),
        (WHOLE.replace("127.0.0.1", "192.0.2.1"), ["gateways.0.addresses.0"]),
        (WHOLE + '[[faults]]\naction = "explode"\n', ["faults.0.action"]),
    ],
)
def test_a_wrong_configuration_names_file_and_key(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    path = tmp_path / "venue.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises((BadInputError, BadRecordError)) as caught:
        load_config(path)
    for word in ["venue.toml", *words]:
        assert word in str(caught.value)


def test_moments_may_be_written_as_times(tmp_path: Path) -> None:
    path = tmp_path / "venue.toml"
    fault = '[[faults]]\naction = {slow = 1000}\nat_ns_of_day = "09:30:00"\n'
    path.write_text(WHOLE + fault, encoding="utf-8")
    config = load_config(path)
    assert config.faults[0].at_ns_of_day == 34_200_000_000_000
    assert json.loads(config.to_json())["faults"][0]["action"] == {"slow": 1000}


def test_a_venue_without_gateway_is_refused() -> None:
    with pytest.raises(BadInputError, match="--sse-port"):
        default_config(20230711, sse_port=None, szse_port=None)


def test_the_recorded_flow_is_packed_row_by_row() -> None:
    row = FlowEvent("SSE", "600000", 34_200_010, 1, "NEW", "S", 1_000_000, 300, 7, "exact", "d")
    cancel = row._replace(market="SZSE", event="CXL", price_e5=0)
    packed = pack_flow([row, cancel])
    rows = [RECORD.unpack_from(packed, at) for at in (0, 40)]
    assert rows[0] == (34_200_010_000_000, 1_000_000, 300, 7, b"600000", 1, b"S")
    assert rows[1][-2:] == (2, b"C")


@pytest.mark.integration
def test_best_prices_are_published_and_sent_whole_to_a_new_reader(tmp_path: Path) -> None:
    path = tmp_path / "quotes"
    frame = struct.Struct("<IIQqqq8sB7x")
    with serving(play("10:00:00"), quotes=str(path)) as addresses:
        reader = socket.socket(socket.AF_UNIX)
        reader.settimeout(10)
        reader.connect(str(path))
        size = len(LISTED) * frame.size
        first = b""
        while len(first) < size:
            first += reader.recv(size - len(first))
        frames = list(frame.iter_unpack(first))
        assert [one[:2] for one in frames] == [(48, 34)] * len(LISTED)
        assert [one[3:6] for one in frames] == [(0, 0, 0)] * len(LISTED)
        client = logged_on("sse", addresses[0])
        client.send(58, **sse_order("QUOTE00001", Price=990_000))
        quote = frame.unpack(reader.recv(frame.size))
        client.close()
        reader.close()
    assert quote[3:] == (990_000, 0, 0, b"600000  ", 1)


@pytest.mark.integration
def test_a_recorded_day_is_played_to_its_end(tmp_path: Path) -> None:
    def row(ms: int, number: int, side: str, event: str = "NEW") -> FlowEvent:
        return FlowEvent(
            "sse", "600000", ms, number, event, side, 1_000_000, 100, number, "exact", "2023-07-11"
        )

    start_ms = 34_200_000
    rows = [row(start_ms + 10 * at, at, "BS"[at % 2]) for at in range(1, 101)]
    rows.append(row(start_ms + 2_000, 1, "B", "CXL"))
    path = tmp_path / "flow.parquet"
    write_flow_file(path, build_table(rows))
    clock = play("09:00:00", "15:30:00", 500)
    config = default_config(20230711, sse_port=0, szse_port=None).model_copy(
        update={"clock": MarketClock.model_validate(clock), "end_with_clock": True}
    )
    code = (
        "import sys; from pathlib import Path\n"
        "from panshi.market.flow import load_flow_file, table_events\n"
        "from panshi.venue.config import VenueConfig\n"
        "from panshi.venue.recorded_flow import pack_flow\n"
        "from panshi.venue.server import serve\n"
        "flow = pack_flow(table_events(load_flow_file(Path(sys.argv[2]))))\n"
        "print(serve(VenueConfig.model_validate_json(sys.argv[1]), flow).orders)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, config.to_json(), str(path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.splitlines()[-1] == "100"
