"""Trading states: what a person or the engine set, and what the schedule says of the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.twin import state as s

if TYPE_CHECKING:
    from tests.twin.ledger import Ledger
    from tests.twin.state import Row, State, Target

SCHEDULED = 30010


def target_of(state: State, row: Row) -> Target | None:
    """Return whose state a row is about; None when there is no such one."""
    scope, number, coded = row["scope"], row["id"], (row["market"], row["key"])
    holds = {
        s.FIRM: True,
        s.MARKET: number in (1, 2),
        s.PBU: number in {pbu.row["pbu_no"] for pbu in state.pbus.values()},
        s.CLIENT: number in state.clients,
        s.ACCOUNT: coded in state.accounts,
        s.GROUP: 0 < number <= state.capacity["owner_groups"],
        s.STRATEGY: 0 < number < 1 << 16,
        s.SECURITY: coded in state.securities,
    }
    if not holds.get(scope, False):
        return None
    if scope in (s.ACCOUNT, s.SECURITY):
        return (scope, 0, *coded)
    return (scope, 0 if scope == s.FIRM else number, 0, "")


def changed(
    ledger: Ledger, seq: int, row: Row, levels: tuple[int, int], cause: tuple[int, int, int]
) -> Row:
    """Return the output of a state that was set anew."""
    code, limit, found = cause
    return ledger.output(
        "StateChanged",
        input_seq=seq,
        limit=limit,
        found=found,
        cause=code,
        id=row["id"],
        scope=row["scope"],
        **{"from": levels[0]},
        to=levels[1],
        market=row["market"],
        key=row["key"],
    )


def set_state(ledger: Ledger, seq: int, row: Row, out: list[Row]) -> None:
    """Set what a person wants; the schedule is not touched."""
    state = ledger.state
    if row["state"] > s.HALTED:
        out.append(ledger.load_refused(seq, "SetState", (33006, 3, row["state"])))
        return
    target = target_of(state, row)
    if target is None:
        out.append(ledger.load_refused(seq, "SetState", (33006, row["scope"], row["id"])))
        return
    before = state.level(target)
    state.states[target] = row["state"]
    out.append(changed(ledger, seq, row, (before, state.level(target)), (0, 0, 0)))


def suspend(
    ledger: Ledger, seq: int, pbu: Row, level: int, cause: tuple[int, int, int]
) -> Row | None:
    """Raise the state of a PBU because of an anomaly; None when it is as severe already."""
    state, target = ledger.state, (s.PBU, pbu["pbu_no"], 0, "")
    if level <= state.states.get(target, s.NORMAL):
        return None
    before = state.level(target)
    state.states[target] = level
    row = {"id": pbu["pbu_no"], "scope": s.PBU, "market": pbu["market"], "key": ""}
    return changed(ledger, seq, row, (before, state.level(target)), cause)


def follow_schedule(ledger: Ledger, seq: int, out: list[Row]) -> None:
    """Set and lift what the schedule says of the present time."""
    state = ledger.state
    if not state.is_open:
        return
    assert state.day is not None
    offset = state.now - state.day["day_start_ns"]
    for target, rows in state.schedule.items():
        covering = [row for row in rows if row["from_ns"] <= offset < row["to_ns"]]
        wanted = max(covering, key=lambda row: int(row["state"]), default=None)
        level = wanted["state"] if wanted else s.NORMAL
        if level == state.scheduled.get(target, s.NORMAL):
            continue
        before = state.level(target)
        state.scheduled[target] = level
        scope, number, market, key = target
        row = {"id": number, "scope": scope, "market": market, "key": key}
        times = (wanted["from_ns"], wanted["to_ns"]) if wanted and level else (0, 0)
        after = state.level(target)
        out.append(changed(ledger, seq, row, (before, after), (SCHEDULED, *times)))
