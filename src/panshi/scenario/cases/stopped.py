"""People stop the gate in the middle of a loaded day; what they stopped stays stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panshi.gate import process
from panshi.rig.gate import BY
from panshi.rig.small_day import SSE, SZSE
from panshi.scenario.loaded_day import LoadedDay, Setup
from panshi.scenario.trial import Invariant, Scenario, Words

if TYPE_CHECKING:
    from panshi.scenario.trial import Trial

STATE_HALTED: Final = 30002
NOTHING_NEW = Invariant(
    "nothing_new_leaves",
    Words(
        "从停止到恢复，没有新委托离开网关",
        "no new order leaves the gate between the stop and the word that lets it trade again",
    ),
)
SECOND_PERSON = Invariant(
    "second_person",
    Words("停止者本人不能恢复交易", "who stopped cannot let trade again"),
)
CANCELLED = Invariant(
    "all_cancelled",
    Words("停止范围内的未成交委托全部撤销", "no order of the stopped scope stays open"),
)
OTHERS_TRADE = Invariant(
    "others_untouched",
    Words("其他客户端照常交易", "the other clients trade on"),
)
KEPT_OUT = Invariant(
    "kept_out",
    Words("被隔离的客户端不能登录", "the isolated client cannot log on"),
)


def _check_nothing_new(trial: Trial, day: LoadedDay, stop: int, rearmed: int) -> None:
    sent = day.gate.journaled("Forward")["Forward"]
    between = [row["journal_sequence"] for row in sent if stop < row["journal_sequence"] < rearmed]
    trial.check(NOTHING_NEW, [f"an order was sent on at sequence {seq}" for seq in between])


def _try_to_rearm(trial: Trial, day: LoadedDay, **target: object) -> None:
    usual = {"verb": "set-state", "state": "normal", **BY}
    refused = day.gate.refusal({**usual, **target})
    who = "who: must be another person"
    trial.check(SECOND_PERSON, [] if refused.startswith(who) else [refused])


def _under_load(trial: Trial) -> None:
    day = LoadedDay(trial)
    day.start()
    for _ in range(1 if trial.short else 5):
        trial.inject("负载下停止全公司并全撤", "the firm is stopped under load, orders cancelled")
        stop = day.gate.stop_trading(cancel_all=True)
        day.gate.wait_for(lambda status: str(STATE_HALTED) in status["refused_by_code"])
        day.run(20)
        _try_to_rearm(trial, day, scope="firm")
        rearmed = day.gate.rearm()
        trial.inject("第二人恢复交易", "a second person lets trade again")
        day.run(50)
        _check_nothing_new(trial, day, stop["sequence"], rearmed["sequence"])
    day.finish()


def _over_restart(trial: Trial) -> None:
    day = LoadedDay(trial)
    day.start()
    trial.inject("停止后立即强制杀死网关", "the firm is stopped, and the gate is killed at once")
    stop = day.gate.stop_trading()
    day.gate.kill()
    for client in day.clients.values():
        client.wait_offline()
    day.gate.start()
    trial.observe(stops_after_restart=day.gate.status()["stops"])
    day.run(20)
    _try_to_rearm(trial, day, scope="firm")
    rearmed = day.gate.rearm()
    day.run(50)
    _check_nothing_new(trial, day, stop["sequence"], rearmed["sequence"])
    day.finish()


def _isolated(trial: Trial) -> None:
    day = LoadedDay(trial)
    day.start()
    trial.inject("隔离上交所客户端", "the Shanghai client is isolated")
    process.ask(day.gate.stop_socket, {"verb": "isolate", "client": SSE, **BY})
    day.clients[SSE].wait_offline()
    before = day.gate.status()["counts"]["forwarded"]
    day.clients[SZSE].wait_answers(50)
    after = day.gate.status()["counts"]["forwarded"]
    trial.check(OTHERS_TRADE, [] if after > before else [f"{after} orders sent on, as before"])
    row = next(row for row in day.gate.status()["clients"] if row["client"] == SSE)
    trial.check(KEPT_OUT, [str(row)] if row["online"] else [])
    trial.expect(CANCELLED, [row["missed"] for row in day.gate.logged("mass cancel done")], [0])
    _try_to_rearm(trial, day, scope="client", id=SSE)
    day.gate.rearm(scope="client", id=SSE)
    day.run(50)
    day.finish()


def _disconnected(trial: Trial) -> None:
    away = [{"market": SSE, "comp_id": "OMS01", "grace_ms": 0}]
    day = LoadedDay(trial, Setup(gate={"cancel_on_disconnect": away}))
    day.start()
    trial.inject("上交所客户端断线", "the Shanghai client is cut off")
    client = day.clients[SSE]
    logons = client.logons
    client.drop()
    day.gate.wait_for(lambda _: bool(day.gate.logged("mass cancel done")))
    client.wait_logon(logons + 1)
    day.run(50)
    done = day.gate.logged("mass cancel done")
    trial.observe(mass_cancels=[(row["sent"], row["missed"]) for row in done])
    trial.expect(CANCELLED, [row["sent"] > 0 for row in done][:1], [True])
    day.finish()


SCENARIOS = (
    Scenario(
        "stop-under-load",
        Words("负载下停止全公司并全撤", "the firm is stopped under load, its orders cancelled"),
        _under_load,
    ),
    Scenario(
        "stop-over-restart",
        Words(
            "停止后杀死网关并重启，仍然停止", "a gate that was stopped, killed and started again"
        ),
        _over_restart,
    ),
    Scenario(
        "isolate-client",
        Words("隔离一个客户端，其他不受影响", "one client is isolated, the others trade on"),
        _isolated,
    ),
    Scenario(
        "cancel-on-disconnect",
        Words("客户端断线，其委托被撤销", "a client is cut off and its orders are cancelled"),
        _disconnected,
    ),
)
