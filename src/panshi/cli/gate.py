"""`panshi gate`: serve, check, steer and verify the order gate."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console, RenderableType
from rich.table import Table

from panshi.cli import gate_day, gate_failover
from panshi.cli.dates import parse_trade_date
from panshi.cli.gate_tables import (
    limits_table,
    mass_cancel_tables,
    states_table,
    status_tables,
    unknown_table,
)
from panshi.cli.main import EXIT_BAD_INPUT, EXIT_NOT_HELD
from panshi.domain.errors import BadInputError, HaltedError
from panshi.gate import process
from panshi.gate.config import load_config
from panshi.gate.engine import load_reasons
from panshi.gate.journal import read_seal
from panshi.gate.journal import verify as verify_journal
from panshi.gate.passwords import renew_password
from panshi.gate.private_file import read_private, require_private
from panshi.gate.terminal import KINDS, load_key, load_terminal_rules, seal_rows, write_key
from panshi.market.calendar import TradingCalendar
from panshi.market.securities_csv import load_securities_csv
from panshi.opening.closes import load_closes
from panshi.opening.day import build_day, load_rows, require_taken, security_key
from panshi.opening.required import require_levels, require_params
from panshi.rulebook.book import Rulebook

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
terminal = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(terminal, name="terminal", help="客户交易终端信息 · client terminal information")
gate_failover.add_to(app)

Config = Annotated[Path, typer.Option("--config", help="网关配置 · TOML file of the gate")]
Day = Annotated[Path, typer.Option("--day", help="当日参考数据 · reference records of the day")]
Control = Annotated[Path, typer.Option("--control", help="控制套接字 · control socket")]
Journal = Annotated[Path, typer.Argument(help="日志目录 · directory of the journal")]
Who = Annotated[str, typer.Option("--who", help="操作人 · named person")]
SecretFile = Annotated[
    Path | None,
    typer.Option("--secret-file", help="操作人口令文件 · file with the person's secret"),
]
Why = Annotated[str, typer.Option("--why", help="原因 · reason")]
Json = Annotated[bool, typer.Option("--json", help="JSON 输出 · print JSON")]
ScopeName = Annotated[str, typer.Option("--scope", help="范围 · scope, e.g. firm, pbu, account")]
Number = Annotated[int, typer.Option("--id", help="编号 · number within the scope")]
MarketNumber = Annotated[int, typer.Option("--market", help="1 上交所 SSE, 2 深交所 SZSE")]
Key = Annotated[str, typer.Option("--key", help="账户或证券代码 · account or security code")]


@app.command()
def serve(config: Config, day: Day) -> None:
    """运行网关 · serve until SIGTERM, SIGINT or shutdown on the control socket."""
    found, rows = load_config(config), day.read_bytes()
    if found.standby.follow is not None:
        _fail(
            f"{config}: 这是备用网关，用 standby · a standby is started with `panshi gate standby`"
        )
    try:
        orders, last = process.serve(found, rows)
    except BadInputError as error:
        raise BadInputError(
            f"网关未启动 · the gate did not start, configuration {config}, day records {day}: "
            f"{error}"
        ) from error
    except HaltedError as error:
        raise HaltedError(f"网关已停止 · the gate halted: {error}") from error
    typer.echo(f"已停止 · stopped: {orders} 笔委托 orders, 日志序号 journal sequence {last}")
    folder = Path(found.journal.dir)
    if read_seal(folder) is not None:
        gate_day.show_summary(folder, found, folder / gate_day.SUMMARY, as_json=False)


@app.command()
def check(config: Annotated[Path, typer.Argument(help="网关配置 · TOML file")]) -> None:
    """校验配置 · check a configuration file."""
    found = load_config(config)
    typer.echo(
        f"配置有效 · valid: {len(found.listen)} 个接入端口 ports, "
        f"{len(found.gateways)} 个交易所网关 exchange gateways"
    )


@app.command()
def prepare(
    folder: Annotated[Path, typer.Argument(help="CSV 目录 · folder of the day's CSV files")],
    securities: Annotated[Path, typer.Option("--securities", help="证券主数据 · master CSV")],
    trade_date: Annotated[str, typer.Option("--date", help="交易日 · trade date YYYY-MM-DD")],
    out: Annotated[Path, typer.Option("--out", help="输出文件 · file to write")],
    config: Annotated[
        Path | None, typer.Option("--config", help="网关配置 · gate's TOML, for its capacity")
    ] = None,
) -> None:
    """生成当日参考数据 · build the day's reference records and have an engine take them."""
    date = parse_trade_date(trade_date)
    if not TradingCalendar.load().is_trading_day(date):
        _fail(f"{date}: 不是交易日 · must be a trading day")
    master = list(load_securities_csv(securities))
    rows = list(load_rows(folder, date))
    require_levels(rows)
    require_params(rows)
    closes = load_closes(folder, {security_key(one) for one in master})
    block = build_day(date, Rulebook.load().on(date), master, rows, closes)
    require_taken(block, load_config(config).capacity if config else None)
    out.write_bytes(block)
    typer.echo(f"{out}: {len(block)} 字节 bytes")


@app.command()
def status(control: Control, *, as_json: Json = False) -> None:
    """运行状态 · what a running gate is doing."""
    found = _ask(control, {"verb": "status"})
    if as_json or found.get("role") == "standby":
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    Console().print(status_tables(found))


@app.command()
def states(control: Control, *, as_json: Json = False) -> None:
    """受限范围 · every scope whose trading state is not normal."""
    _print_rows(_ask(control, {"verb": "states"}), states_table, as_json=as_json)


@app.command()
def limits(control: Control, *, as_json: Json = False) -> None:
    """阈值 · every limit in force."""
    _print_rows(_ask(control, {"verb": "limits"}), limits_table, as_json=as_json)


@app.command()
def unknown(control: Control, *, as_json: Json = False) -> None:
    """未确认委托 · orders, and cancels of orders, of which nobody knows what became."""
    _print_rows(_ask(control, {"verb": "unknown"}), unknown_table, as_json=as_json)


@app.command("mass-cancels")
def mass_cancels(control: Control, *, as_json: Json = False) -> None:
    """全撤进度 · how far mass cancels are, and what they could not cancel."""
    _print_rows(_ask(control, {"verb": "mass-cancels"}), mass_cancel_tables, as_json=as_json)


@app.command()
def activate(
    control: Control,
    who: Who,
    why: Why,
    gateway: Annotated[
        int, typer.Option("--gateway", help="交易网关编号，0 为全部 · its number, 0: all that wait")
    ] = 0,
    *,
    unsynced: Annotated[
        bool,
        typer.Option(
            "--unsynced",
            help="回报未收齐也恢复，须指明编号 · although reports are missing; needs a number",
        ),
    ] = False,
) -> None:
    """恢复报单 · let gateways take orders again after a recovery."""
    request = {"verb": "activate", "who": who, "why": why, "gateway": gateway}
    _change(control, {**request, "unsynced": unsynced})


@app.command()
def resolve(
    control: Control,
    who: Who,
    why: Why,
    order: Annotated[int, typer.Option("--order", help="网关内委托序号 · its number, see unknown")],
    cl_ord_id: Annotated[str, typer.Option("--id", help="申报编号，须与之相符 · its ClOrdID")],
) -> None:
    """退回交易所没有的委托 · give back an order that the exchange does not have."""
    change = {"verb": "resolve", "order": order, "cl_ord_id": cl_ord_id}
    _change(control, change | {"who": who, "why": why})


@app.command()
def stop(
    config: Config,
    who: Who,
    why: Why,
    scope: ScopeName = "firm",
    number: Number = 0,
    market: MarketNumber = 0,
    key: Key = "",
    state: Annotated[
        str, typer.Option("--state", help="halted, cancel-only, sell-only")
    ] = "halted",
    secret: SecretFile = None,
    *,
    cancel_all: Annotated[
        bool, typer.Option("--cancel-all", help="并撤销全部未成交委托 · cancel its orders too")
    ] = False,
) -> None:
    """紧急停止 · stop a scope and latch it; cancels still pass."""
    request = {"verb": "set-state", "who": who, "why": why, "scope": scope, "id": number}
    request |= {"market": market, "key": key, "state": state, "cancel_all": cancel_all}
    _stop(config, request, secret)


@app.command()
def isolate(
    client: Annotated[int, typer.Argument(help="客户端编号 · number of the client")],
    config: Config,
    who: Who,
    why: Why,
    secret: SecretFile = None,
) -> None:
    """隔离一个客户端 · cancel a client's orders, end its session and keep it out."""
    request = {"verb": "isolate", "who": who, "why": why, "client": client}
    _stop(config, request, secret)


@app.command()
def resume(
    control: Control,
    who: Who,
    why: Why,
    scope: ScopeName = "firm",
    number: Number = 0,
    market: MarketNumber = 0,
    key: Key = "",
    state: Annotated[
        str, typer.Option("--state", help="normal, sell-only, cancel-only")
    ] = "normal",
    secret: SecretFile = None,
) -> None:
    """恢复交易 · let a scope trade again; not by the person who stopped it."""
    request = {"verb": "set-state", "who": who, "why": why, "scope": scope, "id": number}
    request |= {"market": market, "key": key, "state": state}
    _change(control, request | _secret(secret))


@app.command("cancel-all")
def cancel_all(
    control: Control,
    who: Who,
    why: Why,
    scope: ScopeName = "firm",
    number: Number = 0,
    market: MarketNumber = 0,
    key: Key = "",
) -> None:
    """全部撤单 · cancel every open order of a scope."""
    request = {"verb": "cancel-all", "who": who, "why": why, "scope": scope}
    _change(control, request | {"id": number, "market": market, "key": key})


@app.command("set-limit")
def set_limit(
    control: Control,
    who: Who,
    why: Why,
    scope: ScopeName,
    metric: Annotated[str, typer.Option("--metric", help="指标 · metric, e.g. Minute, OpenValue")],
    block: Annotated[int, typer.Option("--block", help="阻断值 · refuse above")],
    warn: Annotated[int | None, typer.Option("--warn", help="预警值 · warn at or above")] = None,
    number: Number = 0,
    market: Annotated[int, typer.Option("--market", help="1 上交所, 2 深交所, 0 两市 both")] = 0,
) -> None:
    """修改阈值 · change a limit without a restart."""
    request = {"verb": "set-limit", "who": who, "why": why, "scope": scope, "id": number}
    request |= {"metric": metric, "block": block, "warn": warn, "market": market}
    _change(control, request)


@app.command()
def reload(
    control: Control,
    who: Who,
    why: Why,
    day: Annotated[Path, typer.Option("--day", help="参考数据 · records to take")],
) -> None:
    """重新加载 · take accounts, limits or other reference records without a restart."""
    request = {"verb": "reload", "who": who, "why": why, "path": str(day.resolve())}
    _change(control, request)


@app.command()
def switch(
    gateway: Annotated[int, typer.Argument(help="交易网关编号 · number of the exchange gateway")],
    centre: Annotated[str, typer.Argument(help="数据中心 · data centre: main, backup")],
    control: Control,
    who: Who,
    why: Why,
) -> None:
    """切换数据中心 · lead an exchange gateway's sessions to its main or backup centre."""
    request = {"verb": "switch", "who": who, "why": why, "gateway": gateway, "centre": centre}
    _change(control, request)


@app.command("day-close")
def day_close(control: Control, who: Who, why: Why) -> None:
    """收市 · close the trading day: open orders expire, totals are journaled."""
    _change(control, {"verb": "day-close", "who": who, "why": why})


app.command("close")(gate_day.close)
app.command("seal")(gate_day.seal)
app.command("summary")(gate_day.summary)
app.command("bundle")(gate_day.bundle)


@app.command()
def verify(journal: Journal, *, as_json: Json = False) -> None:
    """校验日志 · read a journal again and find any changed byte."""
    found = verify_journal(journal)
    if as_json:
        rows = [asdict(row) | {"file": str(row.file)} for row in found.findings]
        shown = {"ok": found.ok, "records": found.records, "live": found.live, "findings": rows}
        typer.echo(json.dumps(shown, ensure_ascii=False))
    else:
        for finding in found.findings:
            typer.echo(str(finding), err=True)
        typer.echo(
            f"{'完整 intact' if found.ok else '已损坏 damaged'}: {found.records} 条记录 records"
        )
    if not found.ok:
        raise typer.Exit(EXIT_NOT_HELD)


@app.command()
def replay(
    journal: Journal,
    config: Annotated[
        Path | None, typer.Option("--config", help="网关配置 · for its capacity")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """重放日志 · apply a journal to a fresh engine and compare every output."""
    capacity = load_config(config).capacity if config else {}
    found = process.replay(journal, capacity)
    if as_json:
        result = {
            "equal": found.difference is None,
            "inputs": found.inputs,
            "outputs": found.outputs,
            "hashes": found.hashes,
            "state_hash": f"{found.state_hash:016x}",
            "difference": found.difference,
        }
        typer.echo(json.dumps(result, ensure_ascii=False))
    else:
        typer.echo(
            f"{found.inputs} 个输入 inputs, {found.outputs} 个相同的输出 equal outputs, "
            f"{found.hashes} 个相同的状态哈希 equal hashes of the state"
        )
    if found.difference is not None:
        typer.echo(f"不一致 · differs: {found.difference}", err=True)
        raise typer.Exit(EXIT_NOT_HELD)


@app.command()
def snapshots(
    journal: Journal,
    config: Annotated[
        Path | None, typer.Option("--config", help="网关配置 · for its capacity")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """快照 · the snapshots beside a journal, and whether a start can use them."""
    found = process.list_snapshots(journal, load_config(config).capacity if config else {})
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in found], ensure_ascii=False))
        return
    table = Table("日志序号 sequence", "字节 bytes", "可用 usable")
    for row in found:
        table.add_row(str(row.sequence), f"{row.size:,}", row.trouble or "是 yes")
    Console().print(table)


@app.command()
def codes(*, as_json: Json = False) -> None:
    """代码表 · every code of a refusal, warning or anomaly."""
    reasons = load_reasons()
    if as_json:
        typer.echo(json.dumps([reason._asdict() for reason in reasons], ensure_ascii=False))
        return
    table = Table("代码 code", "名称 name", "中文", "English")
    for reason in reasons:
        table.add_row(str(reason.code), reason.name, reason.zh, reason.en)
    Console().print(table)


@app.command("password")
def new_password(
    file: Annotated[Path, typer.Argument(help="口令文件 · file of the clients' salted hashes")],
    client: Annotated[str, typer.Option("--client", help="客户端 CompID · the client's CompID")],
) -> None:
    """生成深交所客户端口令 · make a Shenzhen client's password; it is shown this once."""
    typer.echo(renew_password(file, client))


@terminal.command("key")
def terminal_key(path: Annotated[Path, typer.Argument(help="密钥文件 · new key file")]) -> None:
    """生成密钥 · write a fresh key that only its owner may read."""
    write_key(path)
    typer.echo(f"{path}: 已生成 written, mode 0600")


@terminal.command("import")
def terminal_import(
    file: Annotated[Path, typer.Argument(help="编号、制表符、终端信息 · number, tab, text a line")],
    key: Annotated[Path, typer.Option("--key", help="密钥文件 · key file, mode 0600")],
    store: Annotated[Path, typer.Option("--store", help="加密存储 · encrypted store to write")],
    out: Annotated[Path, typer.Option("--out", help="当日参考数据 · terminals.csv to write")],
    trade_date: Annotated[str, typer.Option("--date", help="交易日 · trade date YYYY-MM-DD")],
) -> None:
    """导入终端信息 · judge terminals, keep them encrypted, write the day's rows."""
    rules = load_terminal_rules(Rulebook.load().on(parse_trade_date(trade_date)))
    rows = list(seal_rows(file, load_key(key), rules))
    store.touch(mode=0o600)
    require_private(store)
    store.write_text("".join(f"{line}\n" for _, _, line in rows), encoding="ascii")
    lines = ["terminal,kind,valid"]
    for number, found, _ in rows:
        lines.append(f"{number},{KINDS.get(found.kind, 0)},{int(found.valid)}")
        for fault in found.faults:
            typer.echo(f"{number}: {fault}", err=True)
    out.write_text("\n".join(lines) + "\n", encoding="ascii")
    invalid = sum(1 for _, found, _ in rows if not found.valid)
    typer.echo(f"{len(rows)} 条 terminals, 不合规 invalid: {invalid}")


def _ask(control: Path, request: dict[str, Any]) -> Any:  # noqa: ANN401 - the answer's shape depends on the verb

    return process.ask(control, request)


def _change(control: Path, request: dict[str, Any]) -> None:
    wanted = {name: value for name, value in request.items() if value is not None}
    found = _ask(control, wanted)
    typer.echo(f"已执行并记入日志 · done and journaled: sequence {found['sequence']}")


def _secret(path: Path | None) -> dict[str, str]:
    return {} if path is None else {"secret": read_private(path)}


def _stop(config: Path, request: dict[str, Any], secret: Path | None) -> None:
    try:
        proof = _secret(secret)
    except (BadInputError, OSError, UnicodeError) as error:
        # Nobody must be kept from stopping by a file.
        typer.echo(f"口令未能读取，停止照常进行 · no secret, the stop goes on: {error}", err=True)
        proof = {}
    found, by_latch = process.stop(load_config(config), request | proof)
    if by_latch:
        typer.echo("停止套接字无应答，已直接写入锁存文件 · no answer at the socket: latch written")
    if found["sequence"] is None:
        typer.echo(
            f"停止 {found['stop']} 已锁存，网关尚未执行：在下一输入之前或下次启动时执行 · "
            f"stop {found['stop']} is latched, no gate has taken it yet: "
            "it holds before the next input or at the next start"
        )
        raise typer.Exit(EXIT_NOT_HELD)
    typer.echo(
        f"停止 {found['stop']} 已执行 · stop {found['stop']} was taken: "
        f"日志序号 sequence {found['sequence']}, 姓名证明 name proved: {found['proof']}"
    )


def _print_rows(
    rows: list[dict[str, Any]],
    lay_out: Callable[[list[dict[str, Any]]], RenderableType],
    *,
    as_json: bool,
) -> None:
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
    else:
        Console().print(lay_out(rows))


def _fail(text: str) -> None:
    typer.echo(f"panshi: {text}", err=True)
    raise typer.Exit(EXIT_BAD_INPUT)
