"""`panshi gate close`, `seal` and `summary`: the end of a trading day."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console, Group
from rich.table import Table

from panshi.cli.main import EXIT_NOT_HELD
from panshi.domain.errors import BadInputError
from panshi.gate import journal, process
from panshi.gate.bundle import write_bundle
from panshi.gate.config import GateConfig, load_config
from panshi.gate.day_summary import CHECKS, DaySummary, summarise_day

SUMMARY: Final = "summary.json"
"""Name of the summary beside the segments of a sealed journal."""
STREAM: Final = "市场 market {market} 网关 gateway {gateway} {pbu} 分区 set {set_id}"
LACKS: Final = {
    "gateway": "交易网关 {gateway} 今日没有报告任何回报流 · the gateway has named no stream",
    "end": STREAM + " 的回报流尚未结束 · the stream has not ended",
    "reports": STREAM + " 的回报流只有 {count} 条，应为 {end} 条 · the stream is not whole",
    "unknown": "委托 {cl_ord_id}（交易单元 PBU {pbu}）没有应答 · the order has no answer",
}
POLL_S: Final = 0.1
MISSING: Final = "尚未结束 · the day is not over"

Config = Annotated[Path, typer.Option("--config", help="网关配置 · TOML file of the gate")]
Folder = Annotated[Path, typer.Argument(help="日志目录 · directory of the journal")]
Out = Annotated[Path | None, typer.Option("--out", help="写入 JSON 文件 · file for the JSON")]
Json = Annotated[bool, typer.Option("--json", help="JSON 输出 · print JSON")]


def close(
    config: Config,
    who: Annotated[str, typer.Option("--who", help="操作人 · named person")],
    why: Annotated[str, typer.Option("--why", help="原因 · reason")],
    out: Out = None,
    *,
    force: Annotated[
        bool,
        typer.Option("--force", help="缺少项已知，仍然日终 · close although something is missing"),
    ] = False,
    as_json: Json = False,
) -> None:
    """日终：核对、收市、封存日志、汇总 · end the day: compare, close, seal the journal, sum up."""
    found = load_config(config)
    control = require_control(found, config)
    state = process.ask(control, {"verb": "day-end"})
    for lack in state["lacks"]:
        typer.echo(f"{MISSING}: {LACKS[lack['kind']].format(**lack)}", err=True)
    if state["lacks"] and not force:
        raise typer.Exit(EXIT_NOT_HELD)
    request = {"verb": "close", "who": who, "why": why, "force": int(force)}
    process.ask(control, request)
    _wait_ended(control)
    show_summary(Path(found.journal.dir), found, out, as_json=as_json)


def seal(folder: Folder) -> None:
    """封存已收市的日志 · seal the journal of a closed day whose gate ended before it could."""
    if len(journal.read(folder, ["DayTotal"])["DayTotal"]) == 0:
        raise BadInputError(f"{folder}: must be of a day that was closed, found no totals")
    journal.seal(folder)
    found = journal.read_seal(folder)
    typer.echo(f"已封存 · sealed: {'' if found is None else found.digest}")


def summary(
    folder: Folder,
    config: Annotated[
        Path | None, typer.Option("--config", help="网关配置 · for its capacity")
    ] = None,
    out: Out = None,
    *,
    as_json: Json = False,
) -> None:
    """日终汇总 · compare the totals of a day with the exchange's ends and the journal's replay."""
    show_summary(folder, load_config(config) if config else None, out, as_json=as_json)


def bundle(
    config: Config,
    out: Annotated[Path, typer.Option("--out", help="新文件 · new file, .tar.gz")],
    from_seq: Annotated[
        int | None, typer.Option("--from-seq", help="首条日志序号 · first record", min=1)
    ] = None,
    to_seq: Annotated[
        int | None, typer.Option("--to-seq", help="末条日志序号 · last record", min=1)
    ] = None,
) -> None:
    """诊断包：版本、配置、状态、日志，不含口令与密钥 · pack what support needs, without secrets."""
    names = write_bundle(load_config(config), out, from_seq, to_seq)
    typer.echo(f"{out}: {', '.join(names)}")


def require_control(config: GateConfig, path: Path) -> Path:
    """Return the control socket of a configuration.

    Args:
        config: The configuration.
        path: Its file, for the message.

    Returns:
        The socket.

    Raises:
        BadInputError: If there is none.
    """
    if config.control is None:
        raise BadInputError(f"{path}: control: must be given, found nothing")
    return Path(config.control)


def show_summary(
    folder: Path, config: GateConfig | None, out: Path | None, *, as_json: bool
) -> None:
    """Sum up a day, show it, and end with status 1 when it does not hold.

    Args:
        folder: The journal.
        config: The gate's configuration, for its capacity.
        out: File for the JSON; None: none.
        as_json: Print JSON instead of tables.
    """
    found = summarise_day(folder, config.capacity if config else None)
    text = json.dumps(found.to_json(), ensure_ascii=False)
    if out is not None:
        out.write_text(text + "\n", encoding="utf-8")
    if as_json:
        typer.echo(text)
    else:
        Console().print(summary_tables(found))
    if not found.held:
        raise typer.Exit(EXIT_NOT_HELD)


def _wait_ended(control: Path) -> None:
    """Wait until no gate answers any more; it says goodbye to its sessions and seals."""
    while True:
        try:
            process.ask(control, {"verb": "status"})
        except (OSError, BadInputError):
            return
        time.sleep(POLL_S)


def summary_tables(found: DaySummary) -> Group:
    """Lay out a summary.

    Args:
        found: The summary.

    Returns:
        Tables one below the other.
    """
    checks = Table("检查 check", "成立 holds", "差异 difference")
    for name, differences in found.differences.items():
        checks.add_row(
            CHECKS[name], "是 yes" if not differences else "否 no", "\n".join(differences[:3])
        )
    seal = found.seal
    counts = Table(f"{found.trade_date} 合计 totals", "数值 value")
    rows: dict[str, Any] = {
        "日志记录 records": found.records,
        "SM3": "-" if seal is None else seal.digest,
        **found.counts,
        **{f"资金 cash: {name}": value for name, value in found.cash.items()},
        **{f"持仓 shares: {name}": value for name, value in found.shares.items()},
    }
    for name, value in rows.items():
        counts.add_row(name, str(value))
    return Group(
        checks, counts, _listed("回报流 stream", found.streams), _listed("PBU", found.pbus)
    )


def _listed(title: str, rows: list[dict[str, Any]]) -> Table:
    table = Table(title=title)
    for name in rows[0] if rows else ():
        table.add_column(name)
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    return table
