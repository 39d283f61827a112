"""Commands of `panshi gate` that are about going over from one to the other."""

import asyncio
import json
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from panshi.domain.errors import BadInputError
from panshi.gate import process
from panshi.gate.config import LeaseConfig, load_config
from panshi.gate.drill import MainCentreDown, write_report
from panshi.gate.lease import Keeper
from panshi.gate.lease_store import LeaseStore
from panshi.gate.private_file import read_private

Config = Annotated[Path, typer.Option("--config", help="网关配置 · TOML file of the gate")]


Control = Annotated[Path, typer.Option("--control", help="控制套接字 · control socket")]
Who = Annotated[str, typer.Option("--who", help="操作人 · named person")]
Why = Annotated[str, typer.Option("--why", help="原因 · reason")]


def add_to(app: typer.Typer) -> None:
    """Add the commands.

    Args:
        app: The commands of the gate.
    """
    app.command()(lease)
    app.command()(standby)
    app.command()(promote)
    drills = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    drills.command("main-centre-down")(main_centre_down)
    drills.command("end")(end_drill)
    app.add_typer(drills, name="drill", help="演练 · drills on a serving gate, kept as evidence")


def lease(
    config: Config,
    *,
    create_table: Annotated[
        bool, typer.Option("--create-table", help="只建表 · make the table and end")
    ] = False,
) -> None:
    """保持租约 · keep the leases of a gate's numbers until SIGTERM or SIGINT."""
    found = load_config(config)
    if found.claim.lease is None or found.control is None:
        raise BadInputError(f"{config}: 须有 claim.lease · must hold claim.lease, found none")
    asyncio.run(_lease(found.claim.lease, Path(found.control), create_table=create_table))


def standby(
    config: Config,
    day: Annotated[Path, typer.Option("--day", help="当日参考数据 · reference records of the day")],
) -> None:
    """备用网关 · follow another gate's journal, and serve in its place when it is lost."""
    found = load_config(config)
    if found.standby.follow is None:
        raise BadInputError(f"{config}: 须有 standby.follow · must hold standby.follow, found none")
    orders, last = process.serve(found, day.read_bytes())
    typer.echo(f"已停止 · stopped: {orders} 笔委托 orders, 日志序号 journal sequence {last}")


def promote(control: Control, who: Who, why: Why) -> None:
    """接管 · have a standby take over as soon as every gateway number can be claimed."""
    found = process.ask(control, {"verb": "promote", "who": who, "why": why})
    waits = found["waits"] or "无 nothing"
    typer.echo(f"已下令 · ordered; 等待 waits for: {waits}")


def main_centre_down(
    control: Control,
    who: Who,
    why: Why,
    out: Annotated[Path, typer.Option("--out", help="记录目录 · folder for the evidence")],
    *,
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="只检查 · check whether it can be done, do nothing")
    ] = False,
) -> None:
    """演练主中心失效 · take the main data centre away, go to the backup and back, measure."""
    drill = MainCentreDown(lambda request: process.ask(control, request), who, why, typer.echo)
    if rehearse:
        for row in drill.rehearse():
            typer.echo(f"将切断 would be cut off: {row['gateway']} {row['address']}")
        return
    for path in write_report(drill.perform(), out):
        typer.echo(f"{path}")


def end_drill(control: Control, who: Who, why: Why) -> None:
    """结束中断的演练 · give a centre back that a drill cut off and that did not come to its end."""
    found = process.ask(control, {"verb": "drill-end", "who": who, "why": why})
    typer.echo(f"已执行并记入日志 · done and journaled: sequence {found['sequence']}")


async def _lease(config: LeaseConfig, control: Path, *, create_table: bool) -> None:
    path = config.password_file
    store = LeaseStore(config, None if path is None else read_private(Path(path)))
    try:
        if create_table:
            await store.create()
            return
        stop = asyncio.Event()
        for one in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(one, stop.set)
        await Keeper(config, control, store, _tell).run(stop)
    finally:
        await store.close()


def _tell(values: Mapping[str, object]) -> None:
    typer.echo(json.dumps(dict(values), ensure_ascii=False))
