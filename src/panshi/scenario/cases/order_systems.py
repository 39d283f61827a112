"""Order systems that misbehave or die: one that does not read, one that sends everything again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panshi.rig.small_day import SSE, SZSE
from panshi.scenario.invariants import DUPLICATE
from panshi.scenario.loaded_day import LoadedDay, Setup
from panshi.scenario.strain import check_growth, own_kib
from panshi.scenario.trial import Invariant, Scenario, Words

if TYPE_CHECKING:
    from panshi.scenario.trial import Trial

BOUNDS: Final = {
    "client_backlog_bytes": 65_536,
    "client_socket_bytes": 4_096,
    "replay_bytes": 16_384,
}
DROPPED = Invariant(
    "slow_client_dropped",
    Words("不读取的客户被断开", "a client that does not read loses its session"),
)
OTHERS_SERVED = Invariant(
    "others_are_served",
    Words("其他客户不受影响", "other clients are served all the while"),
)
REFUSED_AGAIN = Invariant(
    "repeats_are_refused",
    Words("重发的申报以 30106 拒绝", "what comes again under its id is refused with 30106"),
)


def _never_reading(trial: Trial) -> None:
    day = LoadedDay(trial, Setup(gate={"bounds": BOUNDS}))
    slow, other = day.clients[SSE], day.clients[SZSE]
    slow.window = BOUNDS["client_socket_bytes"]
    day.start()
    trial.inject(
        "上交所一侧的客户不再读取，但继续申报",
        "the Shanghai client reads no more and goes on sending",
    )
    grown_from = own_kib(day.gate)
    slow.reads = False
    dropped = '"type":"does not read"'
    day.gate.wait_for(lambda _: dropped in day.gate.log_text())
    before = len(other.told.answered)
    other.wait_answers(100)
    trial.observe(answers_of_the_other_meanwhile=len(other.told.answered) - before)
    trial.expect(OTHERS_SERVED, other.logons, 1)
    check_growth(trial, day.gate, grown_from)
    trial.inject("客户重新读取", "it reads again")
    logons = slow.logons
    slow.reads = True
    slow.wait_logon(logons + 1)
    day.run()
    log = day.gate.log_text()
    trial.check(DROPPED, [] if log.count(dropped) else ["the log must tell that it was dropped"])
    trial.expect(DROPPED, slow.logons > 1, wanted=True)
    day.finish()


def _sent_again(trial: Trial) -> None:
    day = LoadedDay(trial)
    day.start()
    again = 0
    for _ in range(2 if trial.short else 6):
        trial.inject(
            "客户机器断线，重连后把最近的申报全部重发",
            "the clients' machines go down; back again, they send everything recent once more",
        )
        for client in day.clients.values():
            logons = client.logons
            client.drop()
            client.wait_logon(logons + 1)
            recent = list(client.sent)[-200:]
            client.resend(recent)
            again += len(recent)
        day.run()
    trial.observe(requests_sent_again=again)
    journal = day.finish()
    trial.check(
        REFUSED_AGAIN,
        [] if journal.refused[DUPLICATE] else [f"must be refused, found {journal.refused}"],
    )


SCENARIOS = (
    Scenario(
        "never-reads",
        Words("客户端不读取回报", "a client that does not read its reports"),
        _never_reading,
    ),
    Scenario(
        "client-sends-again",
        Words("客户端断线重连后重复申报", "clients are cut off and send their requests again"),
        _sent_again,
    ),
)
