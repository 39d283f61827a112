"""More than the gate is there for: one greedy client, and ten times the rate of everybody."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from panshi.rig.small_day import SSE, SZSE, row
from panshi.scenario.loaded_day import RATE, LoadedDay, Setup
from panshi.scenario.strain import SERVED, check_growth, own_kib
from panshi.scenario.trial import Invariant, Scenario, Words

if TYPE_CHECKING:
    from panshi.opening.rules import Row
    from panshi.scenario.trial import Trial

TIMES: Final = 10
BLOCK: Final = 2 * RATE
"""Requests a second of one client from which on the gate refuses its orders."""
CLIENT, SLIDING_SECOND = 4, 1
TOO_FAST: Final = 30801
REFUSED = Invariant(
    "excess_is_refused",
    Words("超出速率的委托以 30801 拒绝", "orders beyond the rate are refused with 30801"),
)
ONLY_EXCESS = Invariant(
    "nothing_else_is_refused",
    Words(
        "守规矩的客户没有委托被拒绝；恢复正常速率后不再拒绝",
        "no order of a polite client is refused, and none of anybody once the rate is normal again",
    ),
)


def _limit(market: int) -> Row:
    return row("LoadLimit", scope=CLIENT, metric=SLIDING_SECOND, id=market, warn=RATE, block=BLOCK)


def _pressed(trial: Trial, greedy: tuple[int, ...]) -> None:
    day = LoadedDay(trial, Setup(rows=[_limit(market) for market in (SSE, SZSE)]))
    day.start()
    before = own_kib(day.gate)
    known = {market: len(client.told.answered) for market, client in day.clients.items()}
    trial.inject(
        f"{len(greedy)} 个客户以 {TIMES} 倍速率申报",
        f"{TIMES} times the usual rate from {len(greedy)} of {len(day.clients)} clients",
    )
    for market in greedy:
        day.clients[market].hurry(RATE * TIMES)
    day.run(1_500 if trial.short else 20_000)
    for market in greedy:
        day.clients[market].hurry(RATE)
    trial.inject("恢复正常速率", "the usual rate again")
    check_growth(trial, day.gate, before)
    for market, client in day.clients.items():
        trial.expect(SERVED, client.logons, 1)
        trial.expect(SERVED, len(client.told.answered) > known[market], wanted=True)
    _check_refusals(trial, day, greedy)
    day.finish()


def _check_refusals(trial: Trial, day: LoadedDay, greedy: tuple[int, ...]) -> None:
    """Hold that the excess was refused and nothing else, and that it ends with the excess."""
    for market, client in day.clients.items():
        codes = Counter(client.told.refused.values())
        trial.observe(**{f"refused_of_client_{market}": dict(codes)})
        if market in greedy:
            trial.check(REFUSED, [] if codes[TOO_FAST] else [f"client {market}: found {codes}"])
        elif codes[TOO_FAST]:
            trial.check(ONLY_EXCESS, [f"client {market}: found {codes}"])
    day.settle()
    for client in day.clients.values():
        client.go_on()
    for market, client in day.clients.items():
        # What was sent too fast is in the sliding second for a second more.
        client.wait_answers(2 * BLOCK)
        told = client.told.refused
        late = [told[number] for number in list(client.sent)[-BLOCK:] if number in told]
        wrong = [code for code in late if code == TOO_FAST]
        trial.check(ONLY_EXCESS, [f"client {market}: {len(wrong)} refused"] if wrong else [])


def _greedy(trial: Trial) -> None:
    _pressed(trial, (SSE,))


def _ten_times(trial: Trial) -> None:
    _pressed(trial, (SSE, SZSE))


SCENARIOS = (
    Scenario(
        "greedy-client",
        Words("一个客户以十倍速率申报", "one client sends at ten times its rate"),
        _greedy,
    ),
    Scenario(
        "ten-times-load",
        Words("全部客户以十倍速率申报", "every client sends at ten times its rate"),
        _ten_times,
    ),
)
