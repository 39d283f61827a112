"""The reference messages as text: names and values as their description says, and back."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from panshi.cli.wire import app
from panshi.wire import codec
from panshi.wire.codec import Protocol

FOLDER = Path(__file__).parent


def _vectors(protocol: Protocol) -> dict[str, str]:
    lines = (FOLDER / f"{protocol}.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines if not line.startswith("#"))


CASES = [(protocol, name) for protocol in codec.PROTOCOLS for name in _vectors(protocol)]


@pytest.mark.parametrize(("protocol", "name"), CASES)
def test_vector_comes_back(protocol: Protocol, name: str) -> None:
    message = bytes.fromhex(_vectors(protocol)[name])
    shown = codec.decode(protocol, message)
    assert "error" not in shown
    assert "extra" not in shown
    assert codec.encode(protocol, shown) == message


@pytest.mark.parametrize("from_file", [True, False])
@pytest.mark.parametrize("protocol", codec.PROTOCOLS)
def test_vectors_come_back_through_the_command_line(
    protocol: Protocol, *, from_file: bool, tmp_path: Path
) -> None:
    digits = "".join(f"{one}\n" for one in _vectors(protocol).values())
    file = tmp_path / "messages"
    name = str(file) if from_file else "-"
    file.write_text(digits, encoding="ascii")
    options = ["--protocol", protocol]
    shown = CliRunner().invoke(app, ["decode", *options, "--json", name], input=digits)
    assert (shown.exit_code, shown.stderr) == (0, "")
    objects = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [list(one)[:3] for one in objects] == [["type", "message", "fields"]] * len(objects)
    file.write_text(shown.stdout, encoding="utf-8")
    back = CliRunner().invoke(app, ["encode", *options, name], input=shown.stdout)
    assert (back.exit_code, back.stderr, back.stdout) == (0, "", digits)


def test_vectors_are_those_of_the_facts(shared_data: Path) -> None:
    path = shared_data / "spec/protocols.md"
    if not path.is_file():
        pytest.skip(f"protocol facts are not at {path}")
    text = path.read_text(encoding="utf-8")
    block = re.compile(r"^(SSE-\d\d|SZ-\d\d|20[78](?=,)).*:\n```\n([0-9a-f]+)\n```", re.MULTILINE)
    named = dict(block.findall(text))
    assert _vectors("szse") == {name: one for name, one in named.items() if name[:3] == "SZ-"}
    assert _vectors("sse") == {name: one for name, one in named.items() if name[:3] == "SSE"} | {
        f"captured-{name}": one for name, one in named.items() if name.isdigit()
    }


def test_all_vectors_are_here() -> None:
    assert {protocol: len(_vectors(protocol)) for protocol in codec.PROTOCOLS} == {
        "sse": 14,
        "szse": 12,
    }


def test_shanghai_order_reads_as_described() -> None:
    shown = codec.decode("sse", bytes.fromhex(_vectors("sse")["SSE-05"]))
    assert (shown["type"], shown["seq"], shown["message"]) == (58, 3, "NewOrderSingle")
    fields = shown["fields"]
    assert (fields["SecurityID"], fields["Side"], fields["OrdType"]) == ("600000", "1", "2")
    assert (fields["Price"], fields["OrderQty"]) == (1_234_000, 100_000)
    assert fields["TransactTime"] == 930_001_234_567


def test_shenzhen_order_reads_as_described() -> None:
    shown = codec.decode("szse", bytes.fromhex(_vectors("szse")["SZ-06"]))
    assert (shown["type"], shown["message"]) == (100_101, "NewOrder")
    assert "seq" not in shown
    fields = shown["fields"]
    assert (fields["SecurityID"], fields["Price"], fields["OrderQty"]) == (
        "000001",
        123_400,
        10_000,
    )
    assert (fields["TimeInForce"], fields["CashMargin"]) == ("0", "1")


def test_captured_stream_list_reads_as_described() -> None:
    shown = codec.decode("sse", bytes.fromhex(_vectors("sse")["captured-208"]))
    assert shown["fields"] == {
        "PlatformID": 0,
        "Pbu": ["37167"],
        "SetID": [1, 2, 3, 4, 5, 6, 20, 991, 992],
    }


def test_page_of_messages_is_what_the_code_says(repo_root: Path) -> None:
    page = repo_root / "docs/rules/wire-messages.md"
    assert page.read_text(encoding="utf-8") == codec.messages_page(), "run make docs"
    for protocol, name in CASES:
        kind = json.loads(codec.decode_line(protocol, _vectors(protocol)[name]))
        assert f"### {kind['type']} {kind['message']}: " in codec.messages_page()
