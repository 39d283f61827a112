"""The disk under a loaded gate fails: a torn tail, a power cut, no room, a sync that fails."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Final

from panshi.rig.journal_files import durable_sequence, lose_behind, write_half
from panshi.rig.surroundings import (
    build_preload,
    fill_disk,
    lacks_compiler,
    lacks_mount,
    small_disk,
)
from panshi.scenario.loaded_day import LoadedDay, Setup
from panshi.scenario.trial import Invariant, Scenario, Words

if TYPE_CHECKING:
    from pathlib import Path

    from panshi.scenario.trial import Trial

SEGMENT_BYTES: Final = 256 << 10
DISK_MEBIBYTES, SPARE_BYTES = 32, 64 << 10
"""Room for the journal of the whole day at full length: only the ballast may fill the disk."""
ROOM: Final = {"warn_bytes": 8 << 20, "cancel_only_bytes": 4 << 20}
CANCEL_ONLY: Final = 30003
NONE: Final = {"warn_bytes": 0, "cancel_only_bytes": 0}
HALTED: Final = 3
NOT_BEGUN = Invariant(
    "no_start_without_room",
    Words(
        "磁盘容不下预计的一天时网关不启动",
        "a gate does not start a day that its disk cannot hold",
    ),
)
STAYS = Invariant(
    "cancels_only_until_resumed",
    Words(
        "空间不足时只放行撤单，直到有人恢复",
        "with too little room only cancels pass, until a person lets orders pass again",
    ),
)
TAIL_CUT = Invariant(
    "torn_tail_cut",
    Words("启动时截去残缺的尾部并写明", "the start cuts the torn tail off and says so"),
)
HALTS = Invariant(
    "halts_in_time",
    Words(
        "网关以状态 3 停止并写明原因",
        "the gate halts with status 3 and says why",
    ),
)
WARNED = Invariant(
    "warned_before",
    Words("停止之前已告警", "it was said before, while there was room"),
)


def _torn(trial: Trial) -> None:
    day = LoadedDay(trial, Setup(gate={"journal": {"durability": "C"}}))
    day.start()
    times = 1 if trial.short else 3
    for _ in range(times):
        trial.inject(
            "断电：进程消失，未落盘的尾部丢失，下一条记录只写了一半",
            "a power cut: what was not synced is lost, and the next record is half written",
        )
        day.gate.kill()
        for client in day.clients.values():
            client.wait_offline()
        lose_behind(day.gate.journal, durable_sequence(day.gate.journal))
        write_half(day.gate.journal)
        day.gate.start()
        day.run()
    log = day.gate.log_text()
    trial.expect(TAIL_CUT, log.count("dropped a torn tail"), times)
    day.finish()


def _come_back(day: LoadedDay) -> None:
    """Wait for the end that the disk brings, and start again on a sound one."""
    status = day.gate.ended()
    day.trial.observe(halted_with=status)
    words = day.gate.errors.read_text(encoding="utf-8")
    day.trial.check(
        HALTS,
        [
            f"must be {wanted}, found {found!r}"
            for wanted, found, holds in (
                (HALTED, status, status == HALTED),
                ("a reason", words, "journal" in words),
            )
            if not holds
        ],
    )
    for client in day.clients.values():
        client.wait_offline()


def _full(trial: Trial) -> None:
    disk = trial.opened.enter_context(small_disk(trial.folder / "disk", DISK_MEBIBYTES))
    journal = disk / "journal"
    settings = {"dir": str(journal), "segment_bytes": SEGMENT_BYTES}
    day = LoadedDay(trial, Setup(gate={"journal": settings, "room": NONE}))
    day.gate.journal = journal
    day.start()
    trial.inject("磁盘被其他文件占满", "other files take all room of the disk")
    ballast = fill_disk(disk, SPARE_BYTES)
    _come_back(day)
    log = day.gate.log_text()
    trial.check(WARNED, [] if "journal disk is full" in log else ["the log must warn of the disk"])
    trial.inject("腾出空间，用同一条命令重启", "room is made, the same command starts it again")
    ballast.unlink()
    day.gate.start()
    day.run()
    day.finish()


def _failed_sync(durability: str, trial: Trial) -> None:
    broken = trial.folder / "broken"
    day = LoadedDay(trial, Setup(gate={"journal": {"durability": durability}}))
    day.gate.environment = os.environ | {
        "LD_PRELOAD": str(build_preload("failing_sync", trial.folder)),
        "PANSHI_BROKEN_DISK": str(broken),
    }
    day.start()
    trial.inject("此后每次落盘都失败", "from now on every sync fails")
    broken.touch()
    _come_back(day)
    trial.inject(
        "磁盘修复，用同一条命令重启", "the disk is sound again, the same command starts it"
    )
    broken.unlink()
    day.gate.start()
    day.run()
    day.finish()


def _run_low(day: LoadedDay, disk: Path, level: str, threshold: int) -> Path:
    """Take room away until less than a threshold is left; the file that takes it."""
    mebibytes = threshold >> 20
    day.trial.inject(
        f"磁盘只剩不到 {mebibytes} MiB", f"less than {mebibytes} MiB are left on the disk"
    )
    ballast = fill_disk(disk, threshold - SPARE_BYTES)
    found = day.gate.wait_for(lambda status: status["room"]["level"] == level)
    day.trial.expect(WARNED, found["room"]["level"], level)
    return ballast


def _low(trial: Trial) -> None:
    disk = trial.opened.enter_context(small_disk(trial.folder / "disk", DISK_MEBIBYTES))
    journal = disk / "journal"
    settings = {"dir": str(journal), "segment_bytes": SEGMENT_BYTES}
    vast = {"expected_orders": 10**9}
    day = LoadedDay(trial, Setup(gate={"journal": settings, "room": ROOM | vast}))
    day.gate.journal = journal
    trial.inject(
        "预计委托数超过磁盘所能容纳", "more orders are expected than the disk has room for"
    )
    day.gate.launch()
    trial.expect(NOT_BEGUN, day.gate.ended(), 2)
    words = day.gate.errors.read_text(encoding="utf-8")
    trial.check(NOT_BEGUN, [] if "must have room for" in words else [f"must say so: {words!r}"])
    day.gate.configure(room=ROOM)
    day.start()
    ballast = _run_low(day, disk, "low", ROOM["warn_bytes"])
    _run_low(day, disk, "cancel-only", ROOM["cancel_only_bytes"])
    trial.inject("腾出空间，由人恢复交易", "room is made and a person lets trading go on")
    ballast.unlink()
    day.gate.wait_for(lambda status: status["room"]["level"] == "enough")
    trial.expect(STAYS, day.gate.ask("states")[0]["state"], "CancelOnly")
    day.gate.command("set-state", scope="firm", state="normal")
    day.run()
    journal_found = day.finish()
    trial.expect(STAYS, journal_found.refused[CANCEL_ONLY] > 0, wanted=True)


SCENARIOS = (
    Scenario(
        "disk-running-low",
        Words(
            "磁盘空间不足：拒绝开始、告警、只许撤单",
            "the journal's disk runs low: no start, a warning, cancels only",
        ),
        _low,
        lacks=(lacks_mount,),
    ),
    Scenario(
        "torn-journal-tail",
        Words("断电后日志尾部残缺", "the journal's tail is torn by a power cut"),
        _torn,
    ),
    Scenario(
        "disk-full",
        Words("日志磁盘写满", "the journal's disk is full"),
        _full,
        lacks=(lacks_mount,),
    ),
    *(
        Scenario(
            f"sync-failed-{mode.lower()}",
            Words(f"落盘失败，落盘方式 {mode}", f"a sync fails, durability {mode}"),
            partial(_failed_sync, mode),
            lacks=(lacks_compiler,),
        )
        for mode in "ABC"
    ),
)
