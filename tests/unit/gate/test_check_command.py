"""`panshi gate check`: a configuration that does not hold is named by file, key and expectation."""

import sys
from pathlib import Path
from typing import Any

import pytest

from panshi.cli.main import EXIT_BAD_INPUT, main
from panshi.gate.config import GateConfig, load_config
from panshi.rig.processes import to_toml

LISTEN = {"market": 1, "address": "127.0.0.1:9001", "comp_id": "TDGW", "streams": [1, 2]}
GATEWAY = {
    "number": 1,
    "market": 1,
    "main": "127.0.0.1:8001",
    "comp_id": "PANSHI",
    "target_comp_id": "TDGW",
}
LEASE = {"database": "postgresql://gate@10.1.0.9/panshi"}
Table = dict[str, Any]


def config(**changes: object) -> Table:
    return {"journal": {"dir": "journal"}, "listen": [LISTEN], "gateways": [GATEWAY], **changes}


def gateways(**changes: object) -> Table:
    return config(gateways=[GATEWAY | changes])


def check(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[int, str, str]:
    """Run the command; its status and what it wrote to both outputs."""
    monkeypatch.setattr(sys, "argv", ["panshi", "gate", "check", str(path)])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


BAD: list[tuple[Table, str, str, str]] = [
    ({"listen": [LISTEN], "gateways": [GATEWAY]}, "journal", "a key that is there", "nothing"),
    (config(listen=[]), "listen", "a list that should have at least 1 item", "0 rows"),
    (config(gatways=[GATEWAY]), "gatways", "a key that a gate has", "1 rows"),
    (config(journal="journal"), "journal", "a valid dictionary", "'journal'"),
    (config(journal={"dir": "x", "durability": "E"}), "journal.durability", "'A', 'B'", "'E'"),
    (
        config(journal={"dir": "x", "segment_bytes": 20_000}),
        "journal.segment_bytes",
        "a multiple of 4096",
        "20000",
    ),
    (config(spin="perhaps"), "spin", "a valid boolean", "'perhaps'"),
    (config(core=-1), "core", "greater than or equal to 0", "-1"),
    (config(cancel_prefix="Z"), "cancel_prefix", "a text that should match", "'Z'"),
    (config(metrics="10.1.0.5:9105"), "metrics", "a loopback address", "'10.1.0.5:9105'"),
    (config(metrics="127.0.0.1"), "metrics", "an address with its port", "'127.0.0.1'"),
    (config(bounds={"connections": 0}), "bounds.connections", "greater than 0", "0"),
    (config(bounds={"conections": 9}), "bounds.conections", "a key that a gate has", "9"),
    (
        config(bounds={"message_bytes": 100}),
        "bounds.message_bytes",
        "greater than or equal to 4096",
        "100",
    ),
    (config(capacity={"orders": 0}), "capacity.orders", "greater than 0", "0"),
    (config(capacity={"order": 9}), "capacity", "names of tables of the engine", "the keys order"),
    (
        config(listen=[LISTEN, LISTEN | {"market": 3}]),
        "listen.1.market",
        "1 or 2",
        "3",
    ),
    (
        config(listen=[LISTEN, LISTEN | {"market": 2}]),
        "listen",
        "ports with an address each, 127.0.0.1:9001 is there twice",
        "2 rows",
    ),
    (
        config(listen=[LISTEN | {"allow": ["10.1.0.0/40"]}]),
        "listen.0.allow.0",
        "an address or a range",
        "'10.1.0.0/40'",
    ),
    (
        config(access=[{"market": 1, "comp_id": "OMS01", "addresses": []}]),
        "access.0.addresses",
        "a list that should have at least 1 item",
        "0 rows",
    ),
    (gateways(number="one"), "gateways.0.number", "a valid integer", "'one'"),
    (gateways(main="exchange:8001"), "gateways.0.main", "an address with its port", "'exchange"),
    (gateways(main="127.0.0.256:80"), "gateways.0.main", "an address with its port", "'127.0"),
    (gateways(main="[::1:8001"), "gateways.0.main", "an address with its port", "'[::1:8001'"),
    (gateways(backup="127.0.0.1:0"), "gateways.0.backup", "a port from 1 to 65535", "'127.0"),
    (gateways(backup="127.0.0.1:70000"), "gateways.0.backup", "a port from 1 to 65535", "'127"),
    (gateways(comp_id=""), "gateways.0.comp_id", "a text that should have at least 1", "''"),
    (gateways(heartbeat_s=61), "gateways.0.heartbeat_s", "less than or equal to 60", "61"),
    (
        gateways(unknown="query"),
        "gateways.0.unknown",
        "neither exchange's protocol has a query for an order",
        "'query'",
    ),
    (
        gateways(market=2, unknown="resend_same_id"),
        "gateways.0",
        "a gateway with unknown = hold in market 2: SZSE Binary v1.32 does not say",
        "the keys",
    ),
    (
        gateways(reconnect={"retry_min_ms": 500, "retry_max_ms": 100}),
        "gateways.0.reconnect",
        "retry_max_ms at least retry_min_ms: 100 is less than 500",
        "the keys retry_min_ms, retry_max_ms",
    ),
    (
        config(gateways=[GATEWAY, GATEWAY | {"market": 2}]),
        "gateways",
        "gateways with a number each, 1 is there twice",
        "2 rows",
    ),
    (
        config(claim={"lease": LEASE}),
        "",
        "keys with control beside a lease",
        "the keys journal, listen, gateways, claim",
    ),
]


@pytest.mark.parametrize(("table", "key", "expected", "found"), BAD)
def test_what_is_wrong_is_named(  # noqa: PLR0913, PLR0917 - a row of the table and two fixtures
    table: Table,
    key: str,
    expected: str,
    found: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "gate.toml"
    path.write_text(to_toml(table), encoding="utf-8")
    status, out, err = check(path, capsys, monkeypatch)
    assert (status, out) == (EXIT_BAD_INPUT, "")
    where = f"{path}, field {key}: must be " if key else f"{path}: must be "
    assert err.startswith(f"panshi: 文件内容不符合要求 · {where}")
    must, _, was = err.removeprefix(f"panshi: 文件内容不符合要求 · {where}").rpartition(", found ")
    assert expected in must
    assert was.startswith(found)
    assert err.count("\n") == 1


def test_everything_that_is_wrong_is_named_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "gate.toml"
    path.write_text('foo = 1\njournal = "journal"\n')
    status, out, said = check(path, capsys, monkeypatch)
    assert (status, out) == (EXIT_BAD_INPUT, "")
    for field, expected in (
        ("listen", "a key that is there, found nothing"),
        ("gateways", "a key that is there, found nothing"),
        ("journal", "a valid dictionary"),
        ("foo", "a key that a gate has, found 1"),
    ):
        assert f"{path}, field {field}: must be {expected}" in said


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"listen = [", "must be a TOML file, found Invalid value"),
        (b"\xff\xfe", "must be a TOML file, found 'utf-8' codec can't decode"),
        (b"spin = true\nspin = false\n", "must be a TOML file, found Cannot overwrite a value"),
    ],
)
def test_a_file_that_is_no_toml_is_named(
    content: bytes,
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "gate.toml"
    path.write_bytes(content)
    status, _, err = check(path, capsys, monkeypatch)
    assert status == EXIT_BAD_INPUT
    assert err.startswith(f"panshi: 文件内容不符合要求 · {path}: {words}")
    status, _, err = check(tmp_path / "none.toml", capsys, monkeypatch)
    assert (status, err) == (
        EXIT_BAD_INPUT,
        f"panshi: {tmp_path / 'none.toml'}: 文件或目录不存在 · No such file or directory\n",
    )


def test_a_secret_in_a_wrong_place_is_not_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "gate.toml"
    lease = {"database": "postgresql://gate:t0psecret@10.1.0.9/panshi"}
    path.write_text(to_toml(config(claim={"lease": lease}, control="control")), encoding="utf-8")
    status, _, err = check(path, capsys, monkeypatch)
    assert status == EXIT_BAD_INPUT
    assert "field claim.lease: must be a database without a password" in err
    assert "t0psecret" not in err


@pytest.mark.parametrize("address", ["127.0.0.1:9105", "[::1]:9105"])
def test_a_sound_file_is_counted(
    address: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "gate.toml"
    table = config(metrics=address, capacity={"orders": 1000})
    path.write_text(to_toml(table), encoding="utf-8")
    status, out, err = check(path, capsys, monkeypatch)
    assert (status, err) == (0, "")
    assert out == "配置有效 · valid: 1 个接入端口 ports, 1 个交易所网关 exchange gateways\n"
    assert load_config(path) == GateConfig.model_validate(table)
