"""Passwords of Shenzhen logons, toward clients and toward the exchange."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from panshi.cli.gate import app
from panshi.rig.exchange import Exchange
from panshi.rig.gate import BY, TGW, Gate, gateway, listen
from panshi.rig.messages import szse_logon
from panshi.rig.small_day import SZSE, client
from tests.integration.gate.conftest import NewGate

pytestmark = pytest.mark.integration

OTHER = "OMS02"
NOWHERE = ("127.0.0.1", 9)


def renew(file: Path, name: str) -> str:
    """Return the fresh password of a client, made as a person makes it."""
    made = CliRunner().invoke(app, ["password", str(file), "--client", name])
    assert made.exit_code == 0, made.output
    return made.stdout.strip()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "passwords"


@pytest.fixture
def guarded(new_gate: NewGate, file: Path) -> tuple[Gate, str]:
    """Serve Shenzhen with passwords; OMS01's is given, OMS02 is a client without one."""
    password = renew(file, "OMS01")
    gate = new_gate(gateway(SZSE, NOWHERE), rows=[client(SZSE, 3, OTHER)])
    gate.configure(listen=[listen(SZSE, gate.ports[1], passwords=str(file))])
    gate.launch()
    gate.wait_for(bool)
    return gate, password


def refused(gate: Gate, **logon: object) -> None:
    """Try to log on and be refused."""
    attempt = gate.connect(SZSE)
    szse_logon(attempt, **logon)
    answer = attempt.expect(2)
    assert answer == {"SessionStatus": 5, "Text": "bad user or password"}
    attempt.send(2, SessionStatus=0, Text="")
    attempt.expect_end()


def test_only_the_right_password_lets_a_client_in(guarded: tuple[Gate, str], file: Path) -> None:
    gate, password = guarded
    with gate.szse(Password=password) as oms:
        oms.expect_silence(0.05)
    gate.wait_offline()
    cases: list[tuple[str, dict[str, Any]]] = [
        ("wrong password", {"Password": ""}),
        ("wrong password", {"Password": password[:-1]}),
        ("wrong password", {"Password": password.swapcase()}),
        ("wrong password", {"SenderCompID": OTHER, "Password": password}),
        ("wrong CompID", {"SenderCompID": "NOBODY", "Password": password}),
        ("wrong CompID", {"TargetCompID": "OTHER", "Password": password}),
    ]
    before = gate.status()["journal"]["appended"]
    for _, logon in cases:
        refused(gate, **logon)
    # The journal has timers only; the log tells the duty officer what the client is not told.
    reasons = [line["type"] for line in gate.logged("client sent away")]
    assert reasons == [reason for reason, _ in cases]
    assert gate.stop() == 0
    rows = gate.journaled("ClientState")["ClientState"]
    assert [row["online"] for row in rows if row["journal_sequence"] > before] == []
    secrets = [password, file.read_text().split()[2]]
    for written in [gate.log, gate.errors, *gate.journal.iterdir()]:
        content = written.read_bytes()
        assert not any(secret.encode() in content for secret in secrets), written


def test_passwords_are_read_again_with_a_reload(guarded: tuple[Gate, str], file: Path) -> None:
    gate, password = guarded
    fresh = renew(file, OTHER)
    refused(gate, SenderCompID=OTHER, Password=fresh)
    day = {"path": str(gate.folder / "day")}
    gate.command("reload", **day)
    with gate.szse(SenderCompID=OTHER, Password=fresh):
        pass
    # A file that must not be used changes nothing.
    again = renew(file, "OMS01")
    file.chmod(0o640)
    reason = gate.refusal({"verb": "reload", **BY, **day})
    assert reason.endswith(f"passwords: {file}: mode must be 0600, found 0640")
    refused(gate, Password=again)
    with gate.szse(Password=password):
        pass
    assert [row["verb"] for row in gate.journaled("Command")["Command"]] == ["reload"]


@pytest.mark.parametrize("place", ["listen", "gateways"])
def test_a_file_that_others_may_read_stops_the_start(
    new_gate: NewGate, file: Path, place: str
) -> None:
    renew(file, "OMS01")
    file.chmod(0o604)
    if place == "listen":
        gate = new_gate(gateway(SZSE, NOWHERE))
        gate.configure(listen=[listen(SZSE, gate.ports[1], passwords=str(file))])
        key = f"listen 127.0.0.1:{gate.ports[1]}: passwords"
    else:
        gate = new_gate(gateway(SZSE, NOWHERE, password_file=str(file)))
        key = f"gateways, number {SZSE}: password_file"
    gate.launch()
    assert gate.ended() != 0
    assert f"{key}: {file}: mode must be 0600, found 0604" in gate.errors.read_text()


def test_the_exchange_is_shown_the_password_of_the_file(new_gate: NewGate, file: Path) -> None:
    exchange = Exchange("szse", platform=1)
    file.touch(mode=0o600)
    password = "Ab3_" + "Word!" * 2
    file.write_text(f"{password}\n", encoding="ascii")
    gate = new_gate(gateway(SZSE, exchange.address, password_file=str(file)))
    gate.launch()
    session, logon = exchange.expect_logon()
    assert (logon["SenderCompID"], logon["TargetCompID"]) == ("PANSHI", TGW)
    assert logon["Password"] == password
    session.send(2, SessionStatus=5, Text="bad user or password")
    session.close()
    gate.wait_for(lambda _: bool(gate.logged("exchange gateway lost")))
    assert gate.stop() == 0
    for written in [gate.log, gate.errors, *gate.journal.iterdir()]:
        assert password.encode() not in written.read_bytes(), written


def test_a_client_needs_a_name_of_one_word(file: Path) -> None:
    made = CliRunner().invoke(app, ["password", str(file), "--client", "two words"])
    assert made.exit_code != 0
    assert not file.exists()


def test_a_new_password_takes_the_place_of_the_old_one(file: Path) -> None:
    names = ["OMS01", "OMS02", "OMS01"]
    passwords = [renew(file, name) for name in names]
    assert len(set(passwords)) == len(passwords)
    rows = [line.split() for line in file.read_text().splitlines()]
    assert [row[0] for row in rows] == ["OMS02", "OMS01"]
    assert file.stat().st_mode & 0o777 == 0o600
