"""The exchange says what it must not: repeats, gaps, bursts of rejects, too much, wrong prices."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from panshi.scenario.invariants import NOTHING_LOST, VENUE_AGREES
from panshi.scenario.loaded_day import LoadedDay, Setup
from panshi.scenario.trial import Invariant, Scenario, Words

if TYPE_CHECKING:
    from panshi.scenario.trial import Trial

RESPONSES, FILLS = (32, 200102), (103, 200115)
CANCEL_ONLY: Final = 2
SUSPENDING: Final = [
    ("LoadParam", {"param": param, "value": CANCEL_ONLY}) for param in (*range(11, 18), 20)
]
"""Each anomaly takes the gateway's PBUs to cancel-only."""
BURST, BURST_WINDOW_NS = 20, 10**9
UNKNOWN_FILL, FILL_PRICE, STREAM_GAP = 32002, 32004, 32005
REJECT_BURST, AFTER_END = 32007, 32010
STATE_CANCEL_ONLY: Final = 30003

NOTICED = Invariant(
    "anomaly_noticed",
    Words("异常被发现并以代码入日志", "the anomaly is noticed and journaled with its code"),
)
SUSPENDED = Invariant(
    "suspends_itself",
    Words(
        "网关自行将交易单元转为只可撤单，直至人工恢复",
        "the gate takes the PBU to cancel-only by itself, until a person lets it trade again",
    ),
)
NOT_BOOKED = Invariant(
    "not_booked",
    Words("多报的成交不入账", "what was filled beyond an order does not move cash or shares"),
)
SILENT = Invariant(
    "repeats_have_no_effect",
    Words("重复的回报不产生任何作用", "a report that comes again has no effect"),
)


class Case(NamedTuple):
    """What the exchange does wrong and what the gate makes of it."""

    action: str | dict[str, Any]
    kinds: tuple[int, int]
    code: int
    zh: str
    en: str


def _faults(action: str | dict[str, Any], kinds: tuple[int, int], **more: int) -> dict[str, Any]:
    rows = [
        {"action": action, "gateway": place, "msg_type": kind, "after": 60, **more}
        for place, kind in enumerate(kinds)
    ]
    return {"faults": rows}


def _suspended(case: Case, trial: Trial) -> None:
    trial.inject(case.zh, case.en)
    burst = [
        ("LoadParam", {"param": 6, "value": BURST}),
        ("LoadParam", {"param": 7, "value": BURST_WINDOW_NS}),
    ]
    setup = Setup(rows=[*SUSPENDING, *burst], venue=_faults(case.action, case.kinds))
    day = LoadedDay(trial, setup)
    day.start()
    # Both markets are struck, and each stands still until somebody has looked at it.
    day.gate.wait_for(lambda status: status["counts"]["anomalies"] >= len(case.kinds))
    day.gate.wait_for(lambda status: str(STATE_CANCEL_ONLY) in status["refused_by_code"])
    for number in range(len(case.kinds)):
        day.gate.command("set-state", scope="pbu", id=number, state="normal")
    day.run(50)
    lost = {NOTHING_LOST, VENUE_AGREES} if case.code == STREAM_GAP else set()
    journal = day.finish(leave_out=tuple(lost))
    trial.expect(NOTICED, journal.anomalies[case.code], len(case.kinds))
    trial.check(
        SUSPENDED,
        [
            f"{what}: must be {case.code} and more than 0, found {found}"
            for what, found in (
                ("causes of changed states", journal.causes[case.code]),
                ("refusals meanwhile", journal.refused[STATE_CANCEL_ONLY]),
            )
            if found == 0
        ],
    )


def _repeated(trial: Trial) -> None:
    times = 20 if trial.short else 200
    trial.inject(
        f"回报重复发送：确认与成交各 {times} 条", f"{times} acknowledgements and fills come twice"
    )
    faults = [
        *_faults("duplicate", RESPONSES, times=times)["faults"],
        *_faults("duplicate", FILLS, times=times)["faults"],
    ]
    day = LoadedDay(trial, Setup(venue={"faults": faults}))
    day.start()
    day.run()
    journal = day.finish()
    trial.expect(SILENT, dict(journal.anomalies), {})


def _over_filled(trial: Trial) -> None:
    times = 1 if trial.short else 20
    trial.inject(
        f"{times} 笔成交以新的成交编号再报一次",
        f"{times} fills are reported a second time under a new number",
    )
    day = LoadedDay(trial, Setup(rows=SUSPENDING, venue=_faults("over_fill", FILLS, times=times)))
    day.start()
    day.gate.wait_for(lambda status: status["counts"]["anomalies"] >= len(FILLS) * times)
    journal = day.finish()
    trial.expect(NOTICED, journal.anomalies[AFTER_END], len(FILLS) * times)
    trial.expect(NOT_BOOKED, len(journal.told_fills) - len(journal.fills), len(FILLS) * times)


CASES = {
    "reject-burst": Case(
        {"reject_burst": BURST},
        RESPONSES,
        REJECT_BURST,
        f"交易所连续拒绝 {BURST} 笔委托",
        f"the exchange rejects {BURST} orders in a row",
    ),
    "unknown-fill": Case(
        "unknown_fill",
        FILLS,
        UNKNOWN_FILL,
        "一笔成交的委托无人申报",
        "a fill is reported of an order that nobody has sent",
    ),
    "fill-price-outside": Case(
        "price_outside",
        FILLS,
        FILL_PRICE,
        "一笔成交的价格为十倍",
        "a fill is reported at ten times its price",
    ),
    "index-gap": Case(
        "index_gap",
        RESPONSES,
        STREAM_GAP,
        "回报流缺少一个序号",
        "an index is missing in the report stream",
    ),
}

SCENARIOS = (
    Scenario("reports-repeated", Words("回报重复", "reports come twice"), _repeated),
    Scenario(
        "over-fill",
        Words("成交超过委托数量", "fills of orders that are filled already"),
        _over_filled,
    ),
    *(
        Scenario(name, Words(case.zh, case.en), partial(_suspended, case))
        for name, case in CASES.items()
    ),
)
