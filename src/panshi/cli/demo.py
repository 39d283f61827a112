"""`panshi demo`: a day of real order flow through the gate."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from panshi.cli.main import EXIT_NOT_HELD, describe_error
from panshi.demo.playing import build_plan
from panshi.demo.run import run
from panshi.demo.script import Options
from panshi.demo.view import LiveView, PlainView, show_summary
from panshi.domain.errors import PanshiError

app = typer.Typer(rich_markup_mode=None)

LAST_EXCERPT, LAST_FULL = "10:30:00", "15:00:00"
WALL_EXCERPT_S, WALL_FULL_S = 38, 420


@app.callback(invoke_without_command=True)
def demo(
    *,
    headless: Annotated[
        bool, typer.Option("--headless", help="不要终端画面 · no live view")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="最后一行输出 JSON · one JSON object as the last line")
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option("--data", help="完整行情数据目录 · folder of the full market data"),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="随机种子 · seed of the assignment")] = 1,
    until: Annotated[
        str | None, typer.Option("--until", help="播放到此时刻 · play until HH:MM:SS")
    ] = None,
    wall_s: Annotated[
        int | None,
        typer.Option("--wall-s", min=1, help="连续竞价播放秒数 · seconds for continuous trading"),
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(
            "--keep", help="保留日志与配置的空目录 · empty folder to keep journal and logs in"
        ),
    ] = None,
    scenario: Annotated[
        str | None,
        typer.Option(
            "--scenario", help="交易所按此场景出错 · faults of a venue scenario, to see them caught"
        ),
    ] = None,
) -> None:
    """一天的真实委托流经由网关到模拟交易所 · real order flow through the gate."""
    full = data is not None
    try:
        plan = build_plan(
            until or (LAST_FULL if full else LAST_EXCERPT),
            wall_s or (WALL_FULL_S if full else WALL_EXCERPT_S),
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    view = PlainView() if headless or not sys.stdout.isatty() else LiveView()
    try:
        with view:
            found: dict[str, Any] = run(Options(plan, seed, data, keep, scenario), view.tell)
    except (PanshiError, OSError) as error:
        typer.echo(f"panshi demo: {describe_error(error)}", err=True)
        raise typer.Exit(EXIT_NOT_HELD) from error
    show_summary(found, stderr=as_json)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    if not holds(found):
        raise typer.Exit(EXIT_NOT_HELD)


def holds(found: dict[str, Any]) -> bool:
    """Return whether everything reconciled and every misbehaviour was caught.

    Args:
        found: The summary of a run.

    Returns:
        Whether it does.
    """
    return bool(
        found["reconciled"]
        and found["journal_verified"]
        and found["replay_equal"]
        and all(one["caught"] for one in found["misbehaviours"].values())
    )
