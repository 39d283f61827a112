"""`panshi bench`: measurements; with `--json` the last line of each is one JSON object."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from panshi.bench import engine as engine_bench
from panshi.bench import fair as fair_bench
from panshi.bench import gate as gate_bench
from panshi.bench import journal as journal_bench
from panshi.bench import recovery as recovery_bench
from panshi.bench import report
from panshi.bench import soak as soak_bench
from panshi.bench import stop as stop_bench
from panshi.bench import takeover as takeover_bench
from panshi.bench import wire as wire_bench
from panshi.cli.main import EXIT_NOT_HELD
from panshi.domain.errors import BadInputError

SOAK_HOURS, SOAK_REAL_S = 1 / 6, 120
"""A recorded soak: ten minutes, two of them at the speed of the day."""
app = typer.Typer(no_args_is_help=True)

AsJson = Annotated[
    bool, typer.Option("--json", help="最后一行为一个 JSON 对象 · one JSON object on the last line")
]


class Stage(StrEnum):
    """Part of the gate to be measured."""

    WHOLE = "whole"
    ENGINE = "engine"


@app.callback()
def bench() -> None:
    """性能测量 · measurements."""


@app.command()
def wire(*, as_json: AsJson = False) -> None:
    """报文编解码 · decode and encode of a new order."""
    _show("wire", wire_bench.measure(), as_json=as_json)


@app.command()
def journal(
    directory: Annotated[
        Path | None,
        typer.Option("--dir", help="被测磁盘上的目录 · a folder on the disk to be measured"),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """日志的追加、落盘与读取 · append, sync and read of the journal."""
    _show("journal", journal_bench.measure(directory), as_json=as_json)


@app.command()
def gate(
    stage: Annotated[
        Stage, typer.Option("--stage", help="被测环节 · the part to be measured")
    ] = Stage.WHOLE,
    recorded: Annotated[
        Path | None,
        typer.Option(
            "--journal",
            help="实测此日志的委托流，缺省用演示日 · flow of this journal, not the demo's day",
        ),
    ] = None,
    directory: Annotated[
        Path | None,
        typer.Option("--dir", help="被测磁盘上的目录 · a folder on the disk to be measured"),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """网关全程或各环节的耗时 · how long the gate, or a part of it, takes."""
    figures: Mapping[str, object]
    match stage:
        case Stage.WHOLE:
            figures = gate_bench.measure(directory)
        case Stage.ENGINE:
            figures = {**engine_bench.measure(recorded)}
    _show(f"gate --stage {stage}", figures, as_json=as_json)


@app.command()
def recovery(
    directory: Annotated[
        Path | None,
        typer.Option("--dir", help="被测磁盘上的目录 · a folder on the disk to be measured"),
    ] = None,
    records: Annotated[
        int, typer.Option("--records", min=1_000, help="日志记录数 · records of the day")
    ] = recovery_bench.RECORDS,
    *,
    as_json: AsJson = False,
) -> None:
    """中断后再启动 · a start that finds a day under way, with a snapshot and without."""
    _show("recovery", recovery_bench.measure(directory, records=records), as_json=as_json)


@app.command()
def soak(
    hours: Annotated[
        float,
        typer.Option(
            "--hours", min=0.01, help="全天所用小时，6.33 为实时 · hours of the whole day"
        ),
    ] = 0.2,
    rate: Annotated[
        int, typer.Option("--rate", min=1, help="每市场每秒申报数 · requests a second and market")
    ] = soak_bench.RATE_DEFAULT,
    real_s: Annotated[
        int,
        typer.Option(
            "--real-s", min=0, help="10:00 起按实际速度的秒数 · seconds at the speed of the day"
        ),
    ] = 0,
    directory: Annotated[
        Path | None,
        typer.Option("--dir", help="被测磁盘上的目录 · a folder on the disk to be measured"),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """完整模拟交易日的持续压力 · a whole simulated day under load, from 09:15 to its end."""
    figures = soak_bench.measure(directory, hours, rate, real_s)
    _show("soak", figures, as_json=as_json)
    if figures["broken"]:
        raise typer.Exit(EXIT_NOT_HELD)


@app.command()
def takeover(
    rounds: Annotated[
        int, typer.Option("--rounds", min=1, help="次数 · how often")
    ] = takeover_bench.ROUNDS,
    *,
    as_json: AsJson = False,
) -> None:
    """备用网关接管 · kill -9 of a gate under load until its standby has every gateway open."""
    _show("takeover", takeover_bench.measure(rounds=rounds), as_json=as_json)


@app.command()
def stop(
    directory: Annotated[
        Path | None,
        typer.Option("--dir", help="被测磁盘上的目录 · a folder on the disk to be measured"),
    ] = None,
    stops: Annotated[
        int, typer.Option("--stops", min=1, help="停止次数 · how often it is stopped")
    ] = stop_bench.STOPS,
    *,
    as_json: AsJson = False,
) -> None:
    """满载下停止：从命令到最后一笔委托 · a stop under full load: command to last order out."""
    _show("stop", stop_bench.measure(directory, stops=stops), as_json=as_json)


@app.command()
def fair(
    directory: Annotated[
        Path | None,
        typer.Option("--dir", help="被测磁盘上的目录 · a folder on the disk to be measured"),
    ] = None,
    rounds: Annotated[
        int, typer.Option("--rounds", min=1, help="轮数 · rounds")
    ] = fair_bench.ROUNDS,
    *,
    as_json: AsJson = False,
) -> None:
    """一个客户以十倍额定负荷申报时其余客户的延时 · polite clients beside a greedy one."""
    _show("fair", fair_bench.measure(directory, rounds=rounds), as_json=as_json)


@app.command(name="all")
def everything(
    directory: Annotated[
        Path | None,
        typer.Option("--dir", help="被测磁盘上的目录 · a folder on the disk to be measured"),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """除持续压力外的全部测量 · every measurement but the soak, one after the other."""
    names = [name for name in MEASUREMENTS if name != "soak"]
    figures = {name: _measure(name, directory) for name in names}
    _show("all", figures, as_json=as_json)


@app.command()
def record(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="测量名，缺省为除持续压力外的全部 · names; all but the soak if left out"
        ),
    ] = None,
    into: Annotated[
        Path, typer.Option("--into", help="记录所在目录 · folder of the records")
    ] = report.FOLDER,
    directory: Annotated[
        Path | None,
        typer.Option("--dir", help="被测磁盘上的目录 · a folder on the disk to be measured"),
    ] = None,
) -> None:
    """测量、记录并生成结果页 · measure, keep the figures, and write the page of results."""
    wanted = names or [name for name in MEASUREMENTS if name != "soak"]
    unknown = [name for name in wanted if name not in MEASUREMENTS]
    if unknown:
        known, found = ", ".join(MEASUREMENTS), ", ".join(unknown)
        raise BadInputError(f"测量 · measurement: must be one of {known}, found {found}")
    for name in wanted:
        begun = report.begin_record()
        report.write_record(into, name, _measure(name, directory), begun)
    (into / report.PAGE).write_text(report.render(into), encoding="utf-8")


MEASUREMENTS: dict[str, Callable[[Path | None], Mapping[str, object]]] = {
    "wire": lambda _: {**wire_bench.measure()},
    "engine": lambda _: {**engine_bench.measure()},
    "journal": lambda directory: {**journal_bench.measure(directory)},
    "gate": gate_bench.measure,
    "fair": fair_bench.measure,
    "recovery": recovery_bench.measure,
    "takeover": lambda _: takeover_bench.measure(),
    "stop": stop_bench.measure,
    "soak": lambda directory: soak_bench.measure(directory, SOAK_HOURS, real_s=SOAK_REAL_S),
}


def _measure(name: str, directory: Path | None) -> Mapping[str, object]:
    return MEASUREMENTS[name](directory)


def _show(name: str, figures: Mapping[str, object], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(figures))
        return
    table = Table("指标 figure", "值 value", title=f"panshi bench {name}")
    for key, value in figures.items():
        for row, shown in _rows(key, value):
            table.add_row(row, shown)
    Console().print(table)


def _rows(key: str, value: object) -> list[tuple[str, str]]:
    """Flatten nested figures into rows: `append.median_ns`, `142`."""
    if isinstance(value, Mapping):
        return [row for name, inner in value.items() for row in _rows(f"{key}.{name}", inner)]
    if isinstance(value, list):
        return [row for at, inner in enumerate(value) for row in _rows(f"{key}.{at}", inner)]
    return [(key, f"{value:,}" if isinstance(value, int) else str(value))]
