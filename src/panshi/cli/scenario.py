"""`panshi scenario`: named faults on the real processes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from panshi.cli.main import EXIT_NOT_HELD
from panshi.scenario.catalogue import choose, load_catalogue
from panshi.scenario.run import run as run_scenarios

if TYPE_CHECKING:
    from collections.abc import Sequence

    from panshi.scenario.trial import Scenario

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

AsJson = Annotated[
    bool, typer.Option("--json", help="最后一行为一个 JSON 对象 · one JSON object on the last line")
]
Short = Annotated[
    bool, typer.Option("--short", help="缩短：更少委托 · shorter: fewer orders and repetitions")
]
Keep = Annotated[
    Path | None,
    typer.Option("--keep", help="保留日志与配置的目录 · keep journals and logs in a folder"),
]


@app.command(name="list")
def list_all(*, as_json: AsJson = False) -> None:
    """列出全部场景 · every scenario in one line."""
    known = load_catalogue()
    if as_json:
        rows = {name: one.words._asdict() | {"long": one.long} for name, one in known.items()}
        typer.echo(json.dumps({"scenarios": rows}, ensure_ascii=False))
        return
    width = max(map(len, known))
    for name, scenario in known.items():
        typer.echo(f"{name:<{width}}  {scenario.words.line()}")


@app.command()
def run(
    names: Annotated[list[str], typer.Argument(help="场景名 · names of scenarios")],
    keep: Keep = None,
    *,
    short: Short = False,
    as_json: AsJson = False,
) -> None:
    """运行指定场景 · run the named scenarios."""
    _run(choose(names), keep, short=short, as_json=as_json)


@app.command(name="all")
def run_all(keep: Keep = None, *, short: Short = False, as_json: AsJson = False) -> None:
    """运行全部场景 · run every scenario; with --short without the long ones."""
    chosen = [one for one in load_catalogue().values() if not (short and one.long)]
    _run(chosen, keep, short=short, as_json=as_json)


def _run(scenarios: Sequence[Scenario], keep: Path | None, *, short: bool, as_json: bool) -> None:
    outcomes = run_scenarios(scenarios, typer.echo, short=short, keep=keep)
    broken = [name for name, one in outcomes.items() if one.held is False]
    skipped = sum(one.held is None for one in outcomes.values())
    held = len(outcomes) - len(broken) - skipped
    typer.echo(f"{held} 通过 held, {len(broken)} 未通过 not held, {skipped} 跳过 skipped")
    if as_json:
        rows = {name: one.to_json() for name, one in outcomes.items()}
        typer.echo(json.dumps({"scenarios": rows}, ensure_ascii=False))
    if broken:
        raise typer.Exit(EXIT_NOT_HELD)
