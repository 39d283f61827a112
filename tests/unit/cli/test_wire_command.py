"""`panshi wire`: what it prints and how it ends."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

import pytest
from typer.testing import CliRunner

from panshi.bench import wire as bench
from panshi.cli.wire import app
from panshi.domain.errors import BadInputError
from panshi.wire.codec import PROTOCOLS
from panshi.wire.labels import FIELD_NAMES, describe_number
from panshi.wire.lines import iterate_stream
from tests.wire_tables import read_messages

HEARTBEAT = "0000002100000000000000020000000000000023"
SHOWN = {"type": 33, "message": "Heartbeat", "fields": {}, "seq": 2}
SYNC = "000000050000001c0000000200000001000000000000000100000002000000000000000100000028"


def test_decode_prints_one_object_a_line() -> None:
    given = f"{HEARTBEAT}\n\n{HEARTBEAT[:-1]}4\n{HEARTBEAT}\n"
    done = CliRunner().invoke(app, ["decode", "--protocol", "sse", "--json"], input=given)
    first, bad, last = map(json.loads, done.stdout.splitlines())
    assert first == last == SHOWN
    assert bad.keys() == {"error"}
    assert bad["error"].startswith("line 3: ")
    assert "checksum must be the byte sum modulo 256, 35, found 36" in bad["error"]
    assert done.exit_code == 1


def test_decode_of_good_lines_ends_with_0(tmp_path: Path) -> None:
    file = tmp_path / "messages.txt"
    file.write_text(SYNC, encoding="ascii")
    done = CliRunner().invoke(app, ["decode", "--protocol", "szse", str(file)])
    assert done.exit_code == 0
    assert "5 ReportSynchronization" in done.stdout
    assert '"ReportIndex": 1' in done.stdout


def test_decode_as_table_names_the_bad_line() -> None:
    given = f"{HEARTBEAT}\nzz\n"
    done = CliRunner().invoke(app, ["decode", "--protocol", "sse"], input=given)
    assert done.exit_code == 1
    assert "33 Heartbeat, seq 2" in done.stdout
    assert "line 2: character 1: must be a hex digit, found 'z'" in done.stderr


def test_decode_shows_bytes_behind_the_known_fields() -> None:
    line = json.dumps({"type": 301, "extra": "00ff"})
    digits = CliRunner().invoke(app, ["encode", "--protocol", "sse"], input=line).stdout
    done = CliRunner().invoke(app, ["decode", "--protocol", "sse"], input=digits)
    assert "301 Unknown" in done.stdout
    assert "00ff" in done.stdout
    assert "known by number only" in done.stdout


def test_decode_as_table_reads_numbers_and_names_aloud() -> None:
    line = json.dumps({"type": 58, "fields": {"Price": 1_234_000, "OrderQty": 100_000}})
    digits = CliRunner().invoke(app, ["encode", "--protocol", "sse"], input=line).stdout
    done = CliRunner().invoke(app, ["decode", "--protocol", "sse"], input=digits)
    assert re.search(r"Price +│ 价格 +│ 1234000 +│ 12.34 元", done.stdout)
    assert re.search(r"OrderQty +│ 订单数量 +│ 100000 +│ 100 ", done.stdout)
    assert describe_number("sse", "GrossTradeAmt", -1) == ""
    assert describe_number("szse", "Price", 123_400) == "12.34 元"


def test_every_field_has_a_chinese_name() -> None:
    names = set()
    for protocol in PROTOCOLS:
        for message in read_messages(protocol).values():
            names |= {row.name for row in message.rows}
            for group in message.groups:
                names |= {group.key, *(row.name for row in group.rows)}
    assert names == set(FIELD_NAMES)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (HEARTBEAT.upper(), ""),
        (f" {HEARTBEAT[:7]} \t{HEARTBEAT[7:]} \r", ""),
        (HEARTBEAT[:-1], "hex digits must come in pairs, found 39 digits"),
        (HEARTBEAT[:-2], "the header says 20 bytes in all, found 19"),
        (HEARTBEAT * 2, "found 40; a line holds exactly one message"),
        (HEARTBEAT[:24] + "00001000" + HEARTBEAT[32:], "at most 4096 bytes, this one says 4116"),
        ("\u78d0\u77f3", "must be a hex digit"),
        ("00" * (1 << 20), "line: must have at most 1048576 bytes, found more"),
    ],
)
def test_lines_of_every_shape(given: str, words: str) -> None:
    text = f"{HEARTBEAT}\n{given}\n  \n{HEARTBEAT}"
    done = CliRunner().invoke(app, ["decode", "--protocol", "sse", "--json"], input=text)
    first, shown, last = map(json.loads, done.stdout.splitlines())
    assert first == last == SHOWN
    if words:
        assert done.exit_code == 1
        assert shown["error"].startswith("line 2: ")
        assert words in shown["error"]
    else:
        assert (done.exit_code, shown) == (0, SHOWN)


def test_nothing_in_is_nothing_out() -> None:
    for command in ("decode", "encode"):
        done = CliRunner().invoke(app, [command, "--protocol", "szse", "--json"], input="")
        assert (done.exit_code, done.output) == (0, "")


def test_lines_are_taken_as_they_come_and_never_held() -> None:
    taken = []

    def messages() -> Iterator[bytes]:
        for number in range(100_000):
            taken.append(number)
            yield HEARTBEAT.encode() + b"\n"

    class Stream:
        def __init__(self) -> None:
            self.source = messages()

        def readline(self, _limit: int) -> bytes:
            return next(self.source, b"")

    lines = iterate_stream(cast("IO[bytes]", Stream()))
    for number in range(1, 4):
        assert next(lines) == (number, HEARTBEAT)
        assert len(taken) == number
    assert sum(1 for _ in lines) == len(taken) - 3 == 99_997


@pytest.mark.parametrize("command", ["decode", "encode"])
def test_a_reader_that_leaves_ends_an_endless_input(command: str) -> None:
    line = HEARTBEAT if command == "decode" else json.dumps(SHOWN)
    arguments = [sys.executable, "-m", "panshi.cli.main", "wire", command, "--protocol", "sse"]
    # Unbuffered pipes: nothing is left to be written when the process has gone.
    process = subprocess.Popen(
        [*arguments, "--json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write(f"{line}\n".encode())
    # The answer comes while the input is still open.
    first = process.stdout.readline().decode().strip()
    assert first in {HEARTBEAT, json.dumps(SHOWN)}
    process.stdout.close()
    with suppress(BrokenPipeError):
        while process.poll() is None:
            process.stdin.write(f"{line}\n".encode() * 100)
    process.stdin.close()
    assert (process.wait(), process.stderr.read()) == (1, b"")
    process.stderr.close()


def test_encode_is_the_inverse() -> None:
    line = json.dumps(SHOWN)
    done = CliRunner().invoke(app, ["encode", "--protocol", "sse", "-"], input=line)
    assert (done.exit_code, done.stdout) == (0, HEARTBEAT + "\n")


def test_encode_numbers_the_messages_that_have_no_number() -> None:
    given = '{"type": 33}\n{"type": 33, "seq": 7}\n{"type": 33}\n{"type": 0, "x": 1}\n{"type": 33}'
    done = CliRunner().invoke(app, ["encode", "--protocol", "sse", "--json"], input=given)
    shown = [line for line in done.stdout.splitlines() if not line.startswith("{")]
    assert [int(line[8:24], 16) for line in shown] == [1, 7, 8, 9]
    given = json.dumps({"type": 33, "seq": (1 << 64) - 1}) + '\n{"type": 33}'
    done = CliRunner().invoke(app, ["encode", "--protocol", "sse"], input=given)
    assert done.stdout.splitlines()[1][8:24] == "0" * 16
    done = CliRunner().invoke(app, ["encode", "--protocol", "szse"], input='{"type": 3}\n' * 2)
    assert done.stdout.splitlines() == ["000000030000000000000003"] * 2


def test_encode_says_what_is_wrong_with_a_line() -> None:
    given = '{"type": 33}\n{"type": 33, "fields": {"A": 1}}\n'
    done = CliRunner().invoke(app, ["encode", "--protocol", "sse"], input=given)
    assert done.exit_code == 1
    assert len(done.stdout.splitlines()) == 1
    assert "line 2: Heartbeat: must be without fields, found A" in done.stderr
    done = CliRunner().invoke(app, ["encode", "--protocol", "sse", "--json"], input=given)
    assert "without fields" in json.loads(done.stdout.splitlines()[1])["error"]


def test_bytes_that_are_no_text_are_a_bad_line(tmp_path: Path) -> None:
    file = tmp_path / "messages.bin"
    file.write_bytes(b"\xff\xfe\n")
    done = CliRunner().invoke(app, ["decode", "--protocol", "sse", "--json", str(file)])
    assert done.exit_code == 1
    assert "must be a hex digit" in done.stdout


def test_bad_usage_is_bad_input(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["decode", "--protocol", "bse"], input=HEARTBEAT)
    assert isinstance(done.exception, BadInputError)
    missing = str(tmp_path / "missing")
    done = CliRunner().invoke(app, ["decode", "--protocol", "sse", missing])
    assert isinstance(done.exception, FileNotFoundError)


@pytest.mark.bench
def test_bench_measures_what_was_asked_for() -> None:
    figures = bench.measure(1_000_000)
    for figure in (figures["sse"], figures["szse"]):
        assert figure["orders"] >= 1_000_000
        assert 0 < figure["median_ns"] <= figure["p99_ns"]
