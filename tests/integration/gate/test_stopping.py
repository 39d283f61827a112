"""Stops: latched beside the journal, obeyed before any order, taken back by a second person."""

import os
import socket
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from panshi.cli.gate import app
from panshi.domain.errors import BadInputError
from panshi.gate import process
from panshi.gate.config import GateConfig
from panshi.gate.passwords import renew_password
from panshi.rig.exchange import Exchange, accepted, filled
from panshi.rig.gate import BY, SECOND, Gate, gateway
from panshi.rig.messages import sse_logon, sse_order
from panshi.rig.peer import Peer
from panshi.rig.small_day import SSE, account, customer, day_records
from tests.integration.gate.conftest import NewGate, Shanghai, begin

pytestmark = pytest.mark.integration

HALTED, ONLY_CANCELS = 30002, 30003
UNKNOWN_FILL, HALTED_STATE = 11, 3
HALT = {"verb": "set-state", "scope": "firm", "state": "halted", **BY}


def config_of(gate: Gate) -> GateConfig:
    return GateConfig.model_validate_json(gate.config.read_text())


def order(oms: Peer, number: int) -> str:
    cl_ord_id = f"A{number:09}"
    oms.send(58, **sse_order(cl_ord_id, BranchID="00001"))
    return cl_ord_id


def open_order(shanghai: Shanghai, oms: Peer, number: int) -> None:
    """Have the exchange take an order."""
    order(oms, number)
    shanghai.session.send(32, **accepted(shanghai.session.expect(58), number))
    oms.expect(32)


def refusal(oms: Peer, number: int) -> int:
    order(oms, number)
    return int(oms.expect(204)["OrdRejReason"])


def test_a_stop_comes_by_its_own_socket_and_stays_for_the_next_process(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    for path in (gate.stop_socket, gate.folder / "stop.latch"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    oms = gate.sse()
    answer = gate.stop_trading()
    assert refusal(oms, 1) == HALTED
    (row,) = gate.status()["stops"]
    assert (row["stop"], row["taken"], row["who"]) == (
        answer["stop"],
        answer["sequence"],
        BY["who"],
    )
    gate.kill()
    shanghai.restart()
    assert refusal(gate.sse(), 2) == HALTED
    commands = gate.journaled("Command")["Command"]
    assert [row["verb"] for row in commands] == ["stop", "stop"]
    assert {row["stop"] for row in commands} == {answer["stop"]}


def test_a_stop_that_is_written_while_no_gate_runs_holds_from_the_first_order(
    unstarted: tuple[Gate, Exchange],
) -> None:
    gate, exchange = unstarted
    answer, by_latch = process.stop(config_of(gate), HALT)
    assert by_latch
    assert answer["sequence"] is None
    served = begin(gate, exchange)
    assert refusal(served.gate.sse(), 1) == HALTED
    assert served.gate.status()["stops"][0]["why"] == BY["why"]


def test_where_the_socket_does_not_answer_the_latch_is_written(new_gate: NewGate) -> None:
    exchange = Exchange()
    gate = new_gate(gateway(SSE, exchange.address), stop={})
    served = begin(gate, exchange)
    oms = served.gate.sse()
    answer, by_latch = process.stop(config_of(gate), {**HALT, "state": "cancel-only"})
    assert by_latch
    assert answer["sequence"] is not None
    assert refusal(oms, 1) == ONLY_CANCELS


def test_who_stopped_may_not_let_trade_again(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    gate.stop_trading()
    again = {"verb": "set-state", "scope": "firm", **BY}
    assert gate.refusal({**again, "state": "normal"}).startswith("who: must be another person")
    assert gate.refusal({**again, "state": "sell-only"}).startswith("who: must be another person")
    # A weaker stop of somebody else takes nothing back.
    gate.stop_trading(state="sell-only", **SECOND)
    assert refusal(gate.sse(), 1) == HALTED
    assert gate.refusal({**again, **SECOND, "state": "normal"}).startswith("who: must be another")
    third = gate.rearm(who="值班员丙")
    assert third["stops"] == 2
    gate.wait_for(lambda status: status["stops"] == [])
    assert gate.ask("states") == []
    last = gate.journaled("Command")["Command"][-1]
    assert (last["verb"], last["who"], last["stop"]) == ("set-state", "值班员丙", 2)


def test_a_scope_may_be_let_trade_again_in_part(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    gate.stop_trading()
    gate.rearm(state="cancel-only")
    status = gate.wait_for(lambda status: len(status["stops"]) == 1)
    assert [(row["who"], row["state"]) for row in status["stops"]] == [(BY["who"], "CancelOnly")]
    gate.kill()
    shanghai.restart()
    assert refusal(gate.sse(), 1) == ONLY_CANCELS


def test_names_are_proved_where_persons_have_secrets(new_gate: NewGate, tmp_path: Path) -> None:
    persons = tmp_path / "persons"
    secret = {"one": renew_password(persons, "one"), "two": renew_password(persons, "two")}
    exchange = Exchange()
    gate = new_gate(gateway(SSE, exchange.address), stop={"persons": str(persons)})
    gate.configure(stop={"persons": str(persons), "socket": str(gate.stop_socket)})
    served = begin(gate, exchange)
    assert gate.stop_trading(who="one")["proof"] == "None"
    assert gate.stop_trading(who="one", secret=secret["two"])["proof"] == "None"
    assert gate.stop_trading(who="one", secret=secret["one"])["proof"] == "Secret"
    again = {"verb": "set-state", "scope": "firm", "state": "normal", "who": "two", "why": "x"}
    for given, reason in [
        ({}, "secret: must be that of two, found none"),
        ({"secret": secret["one"]}, "secret: must be that of two"),
        ({"who": "one", "secret": secret["one"]}, "who: must be another person"),
    ]:
        assert gate.refusal({**again, **given}).startswith(reason)
    gate.rearm(who="two", secret=secret["two"])
    assert [row["proof"] for row in gate.journaled("Command")["Command"]] == [0, 0, 1, 1]
    assert served.gate.ask("states") == []
    said = gate.last_words() + gate.journal.joinpath("..", "log").read_text()
    assert not any(one in said for one in secret.values())


def test_the_same_stop_again_leaves_room_for_others(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    first = gate.stop_trading(scope="client", id=1)
    for ask in [gate.stop_trading] * 99 + [lambda **more: gate.command("set-state", **more)]:
        again = ask(scope="client", id=1, state="halted")
        assert again["stop"] == first["stop"]
        assert again["sequence"] > first["sequence"]
    other = gate.stop_trading(scope="market", id=SSE)
    assert [row["stop"] for row in gate.status()["stops"]] == [first["stop"], other["stop"]]
    assert refusal(gate.sse(), 1) == HALTED
    # One resumption takes all of them back; then the same person may stop it anew.
    assert gate.rearm(scope="client", id=1)["stops"] == 1
    gate.wait_for(lambda status: len(status["stops"]) == 1)
    anew = gate.stop_trading(scope="client", id=1)
    assert anew["stop"] not in {first["stop"], other["stop"]}
    assert [row["stop"] for row in gate.status()["stops"]] == [other["stop"], anew["stop"]]


def test_persons_come_and_go_by_a_reload(new_gate: NewGate, tmp_path: Path) -> None:
    persons, day = tmp_path / "persons", tmp_path / "more"
    day.write_bytes(day_records([customer(7)]))
    secret = {name: renew_password(persons, name) for name in ("one", "two")}
    gate = new_gate(gateway(SSE, Exchange().address))
    gate.configure(stop={"persons": str(persons), "socket": str(gate.stop_socket)})
    gate.launch()
    gate.wait_for(bool)
    reload = {"verb": "reload", "path": str(day), **BY}

    def stopped_by(name: str) -> object:
        return gate.stop_trading(who=name, secret=secret[name])["proof"]

    secret["three"] = renew_password(persons, "three")
    assert stopped_by("three") == "None"
    rows = persons.read_text().splitlines(keepends=True)
    persons.write_text("".join(row for row in rows if not row.startswith("two ")))
    gate.command("reload", path=str(day))
    # The stop socket and the loop know the same persons.
    assert [stopped_by(name) for name in ("three", "two", "one")] == ["Secret", "None", "Secret"]
    by_loop = {"verb": "set-state", "scope": "client", "id": 1, "state": "normal", "why": "x"}
    gate.stop_trading(scope="client", id=1)
    gone = {**by_loop, "who": "two", "secret": secret["two"]}
    assert gate.refusal(gone).startswith("secret: must be that of two")
    # A file that cannot be used changes nothing, neither here nor there.
    persons.write_text("one password\n")
    assert "persons:1: must be CompID, salt and hash" in gate.refusal(reload)
    persons.unlink()
    assert gate.refusal(reload).startswith("stop: persons: ")
    assert [stopped_by(name) for name in ("three", "two", "one")] == ["Secret", "None", "Secret"]
    gate.rearm(scope="client", id=1, who="three", secret=secret["three"])


def test_an_isolated_client_loses_its_session_and_its_orders(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    oms = gate.sse()
    open_order(shanghai, oms, 1)
    process.stop(config_of(gate), {"verb": "isolate", "client": 1, **BY})
    assert shanghai.session.expect(61)["OrigClOrdID"] == "A000000001"
    assert oms.expect(41)
    oms.close()
    peer = gate.connect(SSE)
    sse_logon(peer)
    assert peer.expect(41)
    (source,) = gate.logged("client sent away")
    assert source["type"] == "isolated by a stop"
    gate.rearm(scope="client", id=1)
    gate.wait_for(lambda status: status["stops"] == [])
    gate.sse(begin=2)


def test_the_orders_of_who_is_away_are_cancelled_after_the_grace(new_gate: NewGate) -> None:
    exchange = Exchange()
    away = [{"market": SSE, "comp_id": "OMS01", "grace_ms": 50}]
    served = begin(new_gate(gateway(SSE, exchange.address), cancel_on_disconnect=away), exchange)
    oms = served.gate.sse()
    open_order(served, oms, 1)
    oms.close()
    assert served.session.expect(61)["OrigClOrdID"] == "A000000001"
    (command,) = served.gate.journaled("Command")["Command"]
    assert (command["verb"], command["who"], command["proof"]) == (
        "cancel-on-disconnect",
        "panshi",
        2,
    )


def test_a_stop_with_all_orders_cancelled_reaches_those_of_a_gateway_that_comes_back(
    shanghai: Shanghai,
) -> None:
    gate = shanghai.gate
    open_order(shanghai, gate.sse(), 1)
    shanghai.session.close()
    gate.wait_for(lambda status: not status["gateways"][0]["connected"])
    gate.stop_trading(cancel_all=True)
    shanghai.session = shanghai.exchange.logged_on()
    assert shanghai.session.expect(61)["OrigClOrdID"] == "A000000001"


def test_no_stop_loosens_what_the_gate_has_suspended_itself(new_gate: NewGate) -> None:
    exchange = Exchange()
    suspends = [("LoadParam", {"param": UNKNOWN_FILL, "value": HALTED_STATE})]
    gate = new_gate(gateway(SSE, exchange.address), rows=suspends)
    served = begin(gate, exchange)
    oms = gate.sse()
    open_order(served, oms, 1)
    oms.send(58, **sse_order("A000000002", BranchID="00001"))
    unknown = {**served.session.expect(58), "ClOrdID": "A000000099"}
    served.session.send(103, **filled(unknown, 2))
    gate.wait_for(lambda status: status["counts"]["anomalies"] == 1)
    assert refusal(oms, 3) == HALTED
    gate.stop_trading(scope="pbu", id=0, state="sell-only")
    assert refusal(oms, 4) == HALTED
    # Letting it go on in part is letting it go on: the stopper may not, another person may.
    with pytest.raises(BadInputError, match="another person"):
        gate.command("set-state", scope="pbu", id=0, state="cancel-only")
    gate.rearm(scope="pbu", id=0, state="cancel-only")
    assert refusal(oms, 5) == ONLY_CANCELS
    gate.kill()
    shanghai = begin(gate, exchange)
    assert refusal(gate.sse(begin=9), 6) == ONLY_CANCELS
    assert shanghai.gate.status()["restricted"] == 1


def test_a_stop_of_what_comes_later_holds_from_then_on(shanghai: Shanghai, tmp_path: Path) -> None:
    gate = shanghai.gate
    gate.stop()
    late = {"scope": "account", "market": 1, "key": "A000000077"}
    process.stop(config_of(gate), {**HALT, **late})
    begun = begin(gate, shanghai.exchange)
    gate.wait_for(lambda _: bool(gate.logged("stop not taken")))
    day = tmp_path / "more"
    day.write_bytes(day_records([customer(7), *account(SSE, "A000000077", 7, "00001")]))
    gate.command("reload", path=str(day))
    oms = gate.sse()
    oms.send(58, **sse_order("A000000001", BranchID="00001", Account="A000000077"))
    assert oms.expect(204)["OrdRejReason"] == HALTED
    assert begun.gate is gate


def test_a_stop_of_what_is_not_there_any_more_can_be_taken_back(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    gate.stop()
    gone = {"scope": "account", "market": 1, "key": "A000000077"}
    process.stop(config_of(gate), {**HALT, **gone})
    begin(gate, shanghai.exchange)
    gate.rearm(**gone)
    gate.wait_for(lambda status: status["stops"] == [])


def test_a_code_has_one_spelling(shanghai: Shanghai) -> None:
    request = {**HALT, "scope": "account", "market": 1, "key": "A000000001 \0"}
    assert "key: must be letters and digits" in shanghai.gate.refusal(request)


def test_a_file_of_a_secret_keeps_nobody_from_stopping(shanghai: Shanghai, tmp_path: Path) -> None:
    config = tmp_path / "gate.toml"
    shanghai.gate.write_toml(config)
    words = ["stop", "--config", str(config), "--who", "甲", "--why", "乙"]
    done = CliRunner().invoke(app, [*words, "--secret-file", str(tmp_path / "none")])
    assert "the stop goes on" in done.output
    assert done.exit_code == 0
    assert refusal(shanghai.gate.sse(), 1) == HALTED


def test_who_connects_and_says_nothing_keeps_nobody_from_stopping(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    silent = [socket.socket(socket.AF_UNIX) for _ in range(10)]
    for one in silent:
        one.connect(str(gate.stop_socket))
    assert gate.stop_trading()["sequence"]
    for one in silent:
        one.close()


def test_what_is_not_there_cannot_be_stopped(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    request = {**HALT, "scope": "pbu", "id": 63}
    with pytest.raises(BadInputError, match="the gate knows nothing of this scope"):
        process.ask(gate.stop_socket, request)
    assert gate.status()["stops"] == []
    with pytest.raises(BadInputError, match="state: must be stricter than Normal"):
        process.ask(gate.stop_socket, {**HALT, "state": "normal"})


def test_invented_names_leave_room_for_what_is_there(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    room = 128
    for number in range(room):
        gate.stop_trading(scope="strategy", id=1_000 + number)
    oms = gate.sse()
    open_order(shanghai, oms, 1)
    with pytest.raises(
        BadInputError, match=f"at most {room} stops of this kind of scope may stand"
    ):
        gate.stop_trading(scope="strategy", id=5_000)
    gate.stop_trading(scope="account", market=SSE, key="A000000001")
    assert refusal(oms, 2) == HALTED
    firm = gate.stop_trading()
    assert [row["stop"] for row in gate.status()["stops"]] == list(range(1, firm["stop"] + 1))
    assert firm["stop"] == room + 2


def test_two_gates_do_not_obey_one_latch(shanghai: Shanghai, new_gate: NewGate) -> None:
    latch = shanghai.gate.folder / "stop.latch"
    other = new_gate(gateway(SSE, shanghai.exchange.address), stop={"latch": str(latch)})
    other.launch()
    assert other.ended() != 0
    assert "must be of one gate only" in other.errors.read_text()


def test_only_the_owner_may_stop(shanghai: Shanghai) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root: it asks as another user")
    gate = shanghai.gate
    for path in (gate.stop_socket, *gate.stop_socket.parents[:3]):
        path.chmod(0o777)
    child = os.fork()
    if child == 0:
        os.setuid(65534)
        try:
            process.ask(gate.stop_socket, HALT)
        except (BadInputError, OSError):
            os._exit(0)
        os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    assert gate.status()["stops"] == []
