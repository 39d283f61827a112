"""The bundle for support: everything that helps, and no secret."""

import json
import tarfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from panshi.cli.gate import app
from panshi.rig.gate import Gate, gateway, listen
from panshi.rig.messages import sse_order
from panshi.rig.small_day import BRANCHES, SSE, SZSE
from tests.integration.gate.conftest import NewGate

pytestmark = pytest.mark.integration

NOWHERE = ("127.0.0.1", 9)
TOWARD_EXCHANGE = "gw-secret-7"


def gate_command(*words: str) -> tuple[int, str]:
    """Run a command of the gate."""
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.output


@pytest.fixture
def guarded(new_gate: NewGate, tmp_path: Path) -> tuple[Gate, list[bytes]]:
    """Serve with a client's password, one toward the exchange and sealed terminals beside it."""
    hashes, own = tmp_path / "hashes", tmp_path / "own"
    password = CliRunner().invoke(app, ["password", str(hashes), "--client", "OMS01"]).stdout
    own.write_text(TOWARD_EXCHANGE)
    own.chmod(0o600)
    terminals, key = tmp_path / "terminals.txt", tmp_path / "terminals.key"
    text = "PC;IIP=123.112.154.118;IPORT=50361;LIP=192.168.118.107;MAC=54EE750B1713FCF8AE5CBD58"
    terminals.write_text(f"1\t{text}\n")
    gate_command("terminal", "key", str(key))
    store = tmp_path / "terminals.sealed"
    words = ["terminal", "import", str(terminals), "--key", str(key), "--store", str(store)]
    code, said = gate_command(
        *words, "--out", str(tmp_path / "terminals.csv"), "--date", "2026-07-20"
    )
    assert code == 0, said
    gate = new_gate(gateway(SSE, NOWHERE), gateway(SZSE, NOWHERE, password_file=str(own)))
    gate.alone = False
    gate.configure(
        listen=[listen(SSE, gate.ports[0]), listen(SZSE, gate.ports[1], passwords=str(hashes))]
    )
    gate.launch()
    gate.wait_for(bool)
    client = gate.szse(Password=password.strip())
    client.close()
    secret = [password.strip().encode(), TOWARD_EXCHANGE.encode(), text.encode()]
    secret += hashes.read_bytes().split()[1:]
    secret += [key.read_bytes(), key.read_bytes().hex().encode(), store.read_bytes().strip()]
    return gate, secret


def unpack(path: Path) -> dict[str, bytes]:
    """Return the content of a bundle by name."""
    with tarfile.open(path) as archive:
        files = {name: archive.extractfile(name) for name in archive.getnames()}
        return {name: file.read() for name, file in files.items() if file is not None}


def test_a_bundle_has_what_helps_and_no_secret(
    guarded: tuple[Gate, list[bytes]], tmp_path: Path
) -> None:
    gate, secrets = guarded
    out = tmp_path / "bundle.tar.gz"
    code, said = gate_command("bundle", "--config", str(gate.config), "--out", str(out))
    assert code == 0, said
    assert out.stat().st_mode & 0o777 == 0o600
    found = unpack(out)
    assert set(found) >= {
        "versions.json", "config.json", "status.json", "states.json", "limits.json",
        "unknown.json", "day-end.json", "log.jsonl", "journal.json", "journal.jsonl",
    }  # fmt: skip
    assert json.loads(found["status.json"])["trade_date"] == 20230711
    assert json.loads(found["config.json"])["journal"]["dir"] == str(gate.journal)
    assert json.loads(found["journal.json"])["findings"] == []
    assert b"client logged in" in found["log.jsonl"]
    for secret in secrets:
        assert len(secret) >= len(TOWARD_EXCHANGE)
        assert not [name for name, content in found.items() if secret in content], secret


def test_a_secret_in_the_log_is_not_carried_out(
    guarded: tuple[Gate, list[bytes]], tmp_path: Path
) -> None:
    gate, _ = guarded
    with gate.log.open("a", encoding="utf-8") as log:
        log.write(json.dumps({"event": "slip", "detail": TOWARD_EXCHANGE}) + "\n")
    out = tmp_path / "bundle.tar.gz"
    code, _ = gate_command("bundle", "--config", str(gate.config), "--out", str(out))
    assert code != 0
    assert not out.exists()


def test_the_range_of_the_journal_is_chosen_and_the_gate_may_be_gone(
    gate: Gate, tmp_path: Path
) -> None:
    client = gate.sse()
    client.send(58, **sse_order("A000000001", BranchID=BRANCHES[SSE]))
    client.expect(32)
    gate.stop()
    config = tmp_path / "gate.toml"
    config.write_text(
        f"control = {json.dumps(str(gate.control))}\n"
        f"[journal]\ndir = {json.dumps(str(gate.journal))}\n"
        '[[listen]]\nmarket = 1\naddress = "127.0.0.1:1"\ncomp_id = "TDGW"\n'
        '[[gateways]]\nnumber = 1\nmarket = 1\nmain = "127.0.0.1:2"\n'
        'comp_id = "PANSHI"\ntarget_comp_id = "TDGW"\n',
        encoding="utf-8",
    )
    out = tmp_path / "bundle.tar.gz"
    words = ["--out", str(out), "--from-seq", "5", "--to-seq", "9"]
    code, said = gate_command("bundle", "--config", str(config), *words)
    assert code == 0, said
    found = unpack(out)
    rows = [json.loads(line) for line in found["journal.jsonl"].splitlines()]
    assert [row["journal_sequence"] for row in rows] == [5, 6, 7, 8, 9]
    assert "no gate serves it" in json.loads(found["status.json"])["error"]
