"""The page of results: made from recorded figures, never typed.

A record is a JSON file of one measurement: its figures, when they were taken, at which commit and
on what machine. The page shows what `panshi.bench.goals` lists, each figure beside its goal.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from panshi.bench.goals import PARTS
from panshi.domain.clock import WallClock, format_wall_ns
from panshi.domain.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from panshi.bench.goals import Part, Shown

FOLDER: Final = Path("docs/bench")
PAGE: Final = "RESULTS.md"
HEAD: Final = """\
# 测量结果 · Results of the measurements

本页由 `panshi bench record` 与 `make docs` 从本目录的 JSON 记录生成，不手工填写。
数字只对所列机器有效。“负荷”是测量开始时的一分钟平均负荷：
高于 0 说明当时机器上另有程序在运行，延时与比值会偏高。

This page is made from the JSON records of this folder by `panshi bench record` and `make docs`; no
figure is typed in. Figures hold for the machine they name. *Load* is the one-minute load average
when the measurement began: above 0 other programs ran there, and latencies and ratios come out
higher.

"""
TABLE: Final = (
    "| 指标 · figure | 实测 · measured | 目标 · goal | 来源 · source | 结果 · result |\n"
    "|---|--:|--:|---|---|\n"
)
MET, NOT_MET, NONE = "达到 met", "**未达到 not met**", "—"
NS_STEPS: Final = ((1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs"))
UNITS: Final = {
    "ms": (1, 0, " ms"),
    "per_mille": (1_000, 2, " ×"),
    "times": (1, 1, " ×"),
    "bytes": (1 << 20, 0, " MiB"),
    "kib": (1, 0, " KiB"),
    "per_s": (1, 0, " /s"),
    "count": (1, 0, ""),
}
"""By unit what a value is divided by, its decimals, and how it ends."""
FIRST_EXACT_NS: Final = 10_000
"""Below this nanoseconds are shown as they are."""


def describe_machine() -> dict[str, Any]:
    """Return what figures depend on: processor, cores, memory, kernel, and how busy they are."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123 - a file of the kernel
        models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory / (1 << 30), 1),
        "kernel": platform.release(),
        "load": round(os.getloadavg()[0], 1),
    }


def describe_commit() -> str:
    """Return the commit that is measured, marked when files other than the records differ from it.

    Raises:
        BadInputError: If this is no repository.
    """
    commit = _git("rev-parse", "--short=10", "HEAD")
    changed = _git("status", "--porcelain", "--", ".", f":!{FOLDER}")
    return f"{commit}-dirty" if changed else commit


def _git(*words: str) -> str:
    command = [shutil.which("git") or "git", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - git
    if done.returncode != 0:
        raise BadInputError(f"bench: must run inside the repository, git says: {done.stderr}")
    return done.stdout.strip()


def write_record(
    folder: Path, name: str, figures: Mapping[str, Any], begun: Mapping[str, Any]
) -> None:
    """Write what a measurement found.

    Args:
        folder: Folder of the records.
        name: The measurement.
        figures: Its figures.
        begun: What `begin_record` gave before it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**begun, "figures": figures}, ensure_ascii=False, indent=1)
    (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def begin_record() -> dict[str, Any]:
    """Return date, commit and machine of a measurement that begins now."""
    return {
        "measured": format_wall_ns(WallClock().now_ns())[:16],
        "commit": describe_commit(),
        "machine": describe_machine(),
    }


def render(folder: Path) -> str:
    """Return the page.

    Args:
        folder: Folder of the records.

    Returns:
        Markdown, Chinese first.

    Raises:
        BadInputError: If a record lacks a figure that the page shows.
    """
    parts = []
    for name, part in PARTS.items():
        path = folder / f"{name}.json"
        if path.exists():
            record = json.loads(path.read_text(encoding="utf-8"))
            parts.append("\n".join(_part(path, part, record)))
    return HEAD + "\n".join(parts)


def _part(path: Path, part: Part, record: Mapping[str, Any]) -> Iterator[str]:
    machine = record["machine"]
    yield f"## {part.zh} · {part.en}\n"
    yield f"{part.note_zh}\n"
    yield f"{part.note_en}\n"
    yield (
        f"{record['measured']}（上海 Shanghai），commit `{record['commit']}`，"
        f"{machine['processor']}，{machine['cores']} 核 cores，{machine['memory_gib']} GiB，"
        f"Linux {machine['kernel']}，负荷 load {machine['load']}；记录 record `{path.name}`\n"
    )
    rows = "".join(f"{_row(path, shown, record['figures'])}\n" for shown in part.rows)
    yield TABLE + rows


def _row(path: Path, shown: Shown, figures: Mapping[str, Any]) -> str:
    found = _find(path, shown.path, figures)
    name = f"{shown.zh} · {shown.en}"
    goal = NONE
    if shown.most is not None:
        goal = f"≤ {write_value(shown.most, shown.unit)}"
    elif shown.least is not None:
        goal = f"≥ {write_value(shown.least, shown.unit)}"
    source = shown.source or NONE
    if isinstance(found, str):
        return f"| {name} | {NONE} | {goal} | {source} | 未测 not measured: {found} |"
    held = (shown.most is None or found <= shown.most) and (
        shown.least is None or found >= shown.least
    )
    result = NONE if goal == NONE else MET if held else NOT_MET
    return f"| {name} | {write_value(found, shown.unit)} | {goal} | {source} | {result} |"


def _find(path: Path, keys: str, figures: Any) -> float | str:  # noqa: ANN401 - nested JSON
    """Return the number at the keys, or why it was not measured."""
    value = figures
    for key in keys.split("."):
        if isinstance(value, dict) and "missing" in value:
            return str(value["missing"])
        if not isinstance(value, dict) or key not in value:
            raise BadInputError(f"{path}: must hold {keys}, found no {key}: record it again")
        value = value[key]
    return len(value) if isinstance(value, list) else value


def write_value(value: float, unit: str) -> str:
    """Write a figure for people.

    >>> write_value(1_530, "per_mille")
    '1.53 ×'

    Args:
        value: The figure.
        unit: Its unit, as `panshi.bench.goals` has it.

    Returns:
        Number and unit.
    """
    if unit == "ns":
        return _time(value)
    divisor, digits, name = UNITS[unit]
    return f"{value / divisor:,.{digits}f}{name}"


def _time(value: float) -> str:
    if value < FIRST_EXACT_NS:
        return f"{value:,} ns"
    step, name = next(((step, name) for step, name in NS_STEPS if value >= step))
    return f"{value / step:,.1f} {name}"
