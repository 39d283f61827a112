"""`panshi wire`: what it prints and how it ends."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from panshi.bench import wire as bench
from panshi.cli.wire import app
from panshi.domain.errors import BadInputError

HEARTBEAT = "0000002100000000000000020000000000000023"
SHOWN = {"type": 33, "seq": 2, "message": "Heartbeat", "fields": {}}
SYNC = "000000050000001c0000000200000001000000000000000100000002000000000000000100000028"


def test_decode_prints_one_object_a_line() -> None:
    given = f"{HEARTBEAT}\n\n{HEARTBEAT[:-1]}4\n{HEARTBEAT}\n"
    done = CliRunner().invoke(app, ["decode", "--protocol", "sse", "--json"], input=given)
    first, bad, last = map(json.loads, done.stdout.splitlines())
    assert first == last == SHOWN
    assert bad.keys() == {"error"}
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
    assert "line 2: character 1: must be a hex digit, found 'z'" in done.stdout


def test_decode_shows_bytes_behind_the_known_fields() -> None:
    line = json.dumps({"type": 301, "extra": "00ff"})
    digits = CliRunner().invoke(app, ["encode", "--protocol", "sse"], input=line).stdout
    done = CliRunner().invoke(app, ["decode", "--protocol", "sse"], input=digits)
    assert "301 Unknown" in done.stdout
    assert "00ff" in done.stdout


def test_encode_is_the_inverse() -> None:
    line = json.dumps(SHOWN)
    done = CliRunner().invoke(app, ["encode", "--protocol", "sse", "-"], input=line)
    assert (done.exit_code, done.stdout) == (0, HEARTBEAT + "\n")


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
