"""Client terminal information: what is valid, and what can be read without the key."""

import datetime as dt
from pathlib import Path

import pytest
from typer.testing import CliRunner

from panshi.cli.gate import app
from panshi.domain.errors import BadInputError, BadRecordError
from panshi.gate.terminal import (
    Terminal,
    load_key,
    load_terminal_rules,
    open_store,
    seal_rows,
    write_key,
)
from panshi.gate.terminal import parse_terminal as parse_with
from panshi.rulebook.book import Rulebook

RULES = load_terminal_rules(Rulebook.load().on(dt.date(2026, 11, 20)))


def parse_terminal(text: str) -> Terminal:
    return parse_with(text, RULES)


PC = "PC;IIP=203.0.113.7;IPORT=51234;LIP=192.168.1.20;MAC=00163E0A0B0C;HD=WD-1;PCN=NA@ext;1"


def test_a_full_pc_text_is_valid() -> None:
    found = parse_terminal(PC)
    assert found.valid
    assert found.items["PCN"] == "NA"
    assert found.extension == ("ext", "1")


def test_an_unreadable_item_is_na_and_its_key_stays() -> None:
    assert parse_terminal(PC.replace("MAC=00163E0A0B0C", "MAC=NA")).valid


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (PC.replace("PC;", "XX;"), "kind must be one of"),
        (PC.replace("HD=WD-1;", ""), "HD must be named"),
        (PC.replace("HD=WD-1", "HD=Unknown"), "HD must be its value"),
        (PC.replace("HD=WD-1", "HD=[*]"), "HD must be its value"),
        (PC.replace("203.0.113.7", "203.0.113.256"), "IIP must be an IPv4 address"),
        (PC.replace("51234", "70000"), "IPORT must be a port"),
        (PC.replace("00163E0A0B0C", "00163E"), "MAC must be a MAC address"),
        (PC.replace("PCN=NA", "PCN"), "an item must be KEY=value"),
        (PC.replace("PCN=NA", "HD=2"), "HD must be named once"),
        (PC.replace("ext", "x" * 200), "at most 256 characters"),
        ("MA;IIP=1.2.3.4;IPORT=5;LIP=10.0.0.1", "MAC must be named"),
        ("TO", "TEL must be named"),
        ("TO;TEL=12ab", "TEL must be a telephone number"),
    ],
)
def test_each_fault_is_named(text: str, fault: str) -> None:
    found = parse_terminal(text)
    assert not found.valid
    assert any(fault in each for each in found.faults), found.faults


def test_the_store_opens_only_with_its_key(tmp_path: Path) -> None:
    source = tmp_path / "terminals"
    source.write_text(f"1\t{PC}\n2\tTO;TEL=02112345678\n")
    for name in ("key", "other"):
        write_key(tmp_path / name)
    key = load_key(tmp_path / "key")
    lines = [line for _, _, line in seal_rows(source, key, RULES)]
    assert "203.0.113.7" not in "".join(lines)
    assert open_store(lines, key) == {1: PC, 2: "TO;TEL=02112345678"}
    with pytest.raises(BadInputError, match="must open with this key"):
        open_store(lines, load_key(tmp_path / "other"))
    swapped = lines[0].replace('"terminal": 1', '"terminal": 2')
    with pytest.raises(BadInputError, match="must open with this key"):
        open_store([swapped], key)


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    write_key(path)
    path.chmod(0o640)
    with pytest.raises(BadInputError, match="mode must be 0600, found 0640"):
        load_key(path)
    path.chmod(0o600)
    path.write_text("ab")
    with pytest.raises(BadInputError, match="64 hexadecimal digits"):
        load_key(path)


@pytest.mark.parametrize("content", ["x\tPC\n", "1 PC\n", "0\tPC\n", "1\tPC\n1\tPC\n"])
def test_a_line_without_its_own_number_is_refused(tmp_path: Path, content: str) -> None:
    source = tmp_path / "terminals"
    source.write_text(content)
    with pytest.raises(BadRecordError, match="number"):
        list(seal_rows(source, bytes(32), RULES))


def test_the_command_writes_rows_for_the_engine_and_no_secret(tmp_path: Path) -> None:
    source = tmp_path / "terminals"
    source.write_text(f"7\t{PC}\n8\tPC;IIP=NA\n")
    names = {name: str(tmp_path / name) for name in ("key", "store", "rows")}
    assert CliRunner().invoke(app, ["terminal", "key", names["key"]]).exit_code == 0
    arguments = ["--key", names["key"], "--store", names["store"], "--out", names["rows"]]
    arguments += ["--date", "2026-11-20"]
    result = CliRunner().invoke(app, ["terminal", "import", str(source), *arguments])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "rows").read_text() == "terminal,kind,valid\n7,1,1\n8,1,0\n"
    assert (tmp_path / "store").stat().st_mode & 0o077 == 0
    assert "203.0.113.7" not in result.output


@pytest.mark.parametrize("wrong", ["key", "store"])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_the_command_takes_no_key_and_no_store_that_others_have_access_to(
    tmp_path: Path, wrong: str, mode: int
) -> None:
    source = tmp_path / "terminals"
    source.write_text(f"7\t{PC}\n")
    names = {name: str(tmp_path / name) for name in ("key", "store", "rows")}
    write_key(tmp_path / "key")
    (tmp_path / "store").write_text("the store of yesterday\n")
    (tmp_path / "store").chmod(0o600)
    (tmp_path / wrong).chmod(mode)
    arguments = ["--key", names["key"], "--store", names["store"], "--out", names["rows"]]
    command = ["terminal", "import", str(source), *arguments, "--date", "2026-11-20"]
    with pytest.raises(BadInputError, match=f"{wrong}: .* mode must be 0600, found {mode:04o}"):
        CliRunner().invoke(app, command, catch_exceptions=False)
    assert (tmp_path / "store").read_text() == "the store of yesterday\n"
    assert not (tmp_path / "rows").exists()
    (tmp_path / wrong).chmod(0o600)
    assert CliRunner().invoke(app, command).exit_code == 0
    assert open_store((tmp_path / "store").read_text().splitlines(), load_key(tmp_path / "key"))
