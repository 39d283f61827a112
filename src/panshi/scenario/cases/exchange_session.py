"""An exchange gateway without a session: held elsewhere, not ready, not open, restarted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panshi.rig.gate import OPEN
from panshi.rig.messages import sse_logon
from panshi.rig.peer import connect
from panshi.rig.small_day import SSE
from panshi.scenario.loaded_day import ADDRESSES, LoadedDay, Setup
from panshi.scenario.trial import Invariant, Scenario, Words

if TYPE_CHECKING:
    from typing import Any

    from panshi.scenario.trial import Trial

ALREADY_LOGIN, NOT_READY_CODE = 5003, 5006
NOT_READY_REFUSAL: Final = 30006
BREAK, CLOSED = 3, 4
WAITS = Invariant(
    "waits_and_comes_up",
    Words("登录被拒后继续尝试，直至成功", "a refused logon is tried again until it is taken"),
)
REFUSES = Invariant(
    "refuses_while_closed",
    Words(
        "平台未开放时委托以 30006 拒绝，不发往交易所",
        "while the platform is not open, orders are refused with 30006 and do not leave",
    ),
)
LEAVES = Invariant(
    "leaves_a_session_without_streams",
    Words(
        "会话没有回报流即登出重登，补齐回报",
        "a session without streams is left, and the next one brings what was missed",
    ),
)


def _taken(trial: Trial) -> None:
    day = LoadedDay(trial)
    trial.inject(
        "另一进程已用同一网关编号登录", "another process holds the gateway's logon already"
    )
    holder = connect("sse", day.venue.addresses[ADDRESSES[SSE]])
    sse_logon(holder, SenderCompID="PANSHI")
    holder.expect(40)
    trial.opened.callback(day.gate.stop)
    day.gate.launch()
    refused = f'"status":{ALREADY_LOGIN}'
    day.gate.wait_for(lambda _: day.gate.log_text().count(refused) > 1)
    states = [row["state"] for row in day.gate.status()["gateways"]]
    trial.expect(WAITS, states[0], 0)
    trial.inject("该进程退出", "that process leaves")
    holder.send(41, SessionStatus=0)
    holder.close()
    day.gate.wait_open()
    day.start_clients()
    day.run()
    trial.observe(refused_logons=day.gate.log_text().count(refused))
    day.finish()


def _fault(action: dict[str, Any], after: int) -> dict[str, Any]:
    """Return a fault of both gateways behind so many answers to orders."""
    rows = [
        {"action": action, "gateway": place, "msg_type": kind, "after": after}
        for place, kind in enumerate((32, 200102))
    ]
    return {"faults": rows}


def _not_ready(trial: Trial) -> None:
    trial.inject(
        "交易网关失去交易所连接 1.5 秒：登出 5006，其间登录被拒",
        "the gateway loses the exchange for 1.5 s: logout with 5006, logons are refused meanwhile",
    )
    day = LoadedDay(trial, Setup(venue=_fault({"not_ready": 1500}, 150)))
    day.start()
    day.run(300)
    journal = day.finish()
    trial.expect(REFUSES, journal.refused[NOT_READY_REFUSAL] > 0, wanted=True)
    log = day.gate.log_text()
    trial.check(
        WAITS, [] if f'"status":{NOT_READY_CODE}' in log else ["the log must tell of a logout 5006"]
    )


def _flaps(trial: Trial) -> None:
    times = 2 if trial.short else 6
    trial.inject(
        f"平台状态往复 {times} 次：开放、休市、关闭、开放",
        f"the platform state flaps {times} times: open, break, closed, open",
    )
    faults = [
        {
            "action": {"state_flap": {"state": BREAK + number % 2, "ms": 300}},
            "gateway": place,
            "msg_type": kind,
            "after": 100 + 150 * number,
        }
        for number in range(times)
        for place, kind in enumerate((32, 200102))
    ]
    day = LoadedDay(trial, Setup(venue={"faults": faults}))
    day.start()
    day.run(150 * times + 100)
    day.gate.wait_for(lambda status: all(row["state"] == OPEN for row in status["gateways"]))
    journal = day.finish()
    trial.expect(REFUSES, journal.refused[NOT_READY_REFUSAL] > 0, wanted=True)


def _not_welcomed(trial: Trial) -> None:
    lost = [
        {"action": "drop", "gateway": place, "msg_type": kind, "after": 1}
        for place, kind in enumerate((208, 9))
    ]
    setup = Setup(
        venue={"faults": lost}, link={"reconnect": {"retry_min_ms": 10, "welcome_timeout_ms": 500}}
    )
    day = LoadedDay(trial, setup)
    day.start()
    day.run()
    trial.inject(
        "连接中断；重新登录后交易网关不给出回报流（208、9 丢失）",
        "the lines are cut; after the next logon the gateways name no streams (208 and 9 are lost)",
    )
    for relay in day.relays.values():
        relay.cut()
    begun = "exchange gateway does not begin its session"
    day.gate.wait_for(lambda _: len(day.gate.logged(begun)) >= len(lost))
    day.gate.wait_open()
    day.run()
    missing = [row["missing"] for row in day.gate.logged(begun)]
    trial.expect(LEAVES, missing, ["list of streams"] * len(lost))
    day.finish()


def _restarted(trial: Trial) -> None:
    day = LoadedDay(trial)
    day.start()
    for relay in day.relays.values():
        trial.inject(
            "交易网关程序退出：连接复位，拒绝连接", "the gateway's program is gone: reset, refused"
        )
        relay.refuse()
        relay.cut()
        day.gate.wait_for(lambda status: any(row["state"] == 0 for row in status["gateways"]))
        trial.inject("交易网关程序重新启动", "it is started again")
        relay.accept()
        day.gate.wait_open()
        day.run()
    day.finish()


SCENARIOS = (
    Scenario(
        "logon-held-elsewhere",
        Words("网关编号已在别处登录（5003）", "the gateway number is logged in elsewhere (5003)"),
        _taken,
    ),
    Scenario(
        "exchange-not-ready",
        Words("交易网关未就绪（5006）", "the exchange gateway is not ready (5006)"),
        _not_ready,
    ),
    Scenario(
        "platform-state-flaps",
        Words("平台状态反复变化", "the platform state goes to and fro"),
        _flaps,
    ),
    Scenario(
        "exchange-names-no-streams",
        Words("登录后交易网关不给出回报流", "after a logon the exchange gateway names no streams"),
        _not_welcomed,
    ),
    Scenario(
        "exchange-gateway-restarted",
        Words("交易网关程序重启", "the exchange gateway's program ends and is started again"),
        _restarted,
    ),
)
