"""`panshi venue scenario`: named days of the simulated exchange, for any order system."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from panshi.domain.clock import MS_NS, format_day_ms
from panshi.domain.units import format_yuan
from panshi.venue.config import ALWAYS, default_config, load_config
from panshi.venue.scenario import (
    MESSAGES,
    apply_scenario,
    list_scenarios,
    load_scenario,
    pack_market,
)
from panshi.venue.server import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panshi.venue.config import Action, ListedSecurity, VenueConfig
    from panshi.venue.scenario import MarketOrder, Scenario, ScriptedFault

app = typer.Typer(no_args_is_help=True)

TRADE_DATE = 20_230_711
NameArgument = Annotated[str, typer.Argument(help="场景名或 .toml 文件 · name, or a file")]
PortOption = Annotated[int | None, typer.Option(min=0, max=65_535, help="端口 · loopback port")]


@app.command(name="list")
def list_all() -> None:
    """列出全部场景 · every scenario with what happens in it."""
    for name, scenario in list_scenarios().items():
        typer.echo(f"{name:<26}{scenario.title.zh} · {scenario.title.en}")


@app.command()
def show(name: NameArgument) -> None:
    """说明一个场景 · what a scenario does, and what a sound order system does."""
    typer.echo("\n".join(_describe(name, load_scenario(name))))


@app.command()
def run(
    name: NameArgument,
    sse_port: PortOption = None,
    szse_port: PortOption = None,
    config: Annotated[
        Path | None,
        typer.Option(help="网关与证券的配置文件 · configuration with gateways and securities"),
    ] = None,
    trade_date: Annotated[int, typer.Option(help="交易日 · YYYYMMDD")] = TRADE_DATE,
    quotes: Annotated[
        Path | None, typer.Option(help="行情套接字 · unix socket for best prices")
    ] = None,
    speed: Annotated[
        float, typer.Option(min=0.01, help="时钟倍速 · times faster than the scenario says")
    ] = 1,
) -> None:
    """运行一个场景 · play a scenario until its clock is over and everybody has left.

    标准输出逐行给出 JSON：监听地址、每个故障首次发生、结束时的计数 · JSON lines on standard output:
    addresses, the first time that each fault strikes, and the counts at the end.
    """
    scenario = load_scenario(name)
    base = (
        default_config(trade_date, sse_port=sse_port, szse_port=szse_port)
        if config is None
        else load_config(config)
    )
    if quotes is not None:
        base = base.model_copy(update={"quotes": quotes})
    chosen = apply_scenario(scenario, base, speed)
    typer.echo("\n".join(_describe(name, scenario)), err=True)
    serve_and_tell(chosen, pack_market(scenario))


def serve_and_tell(config: VenueConfig, flow: bytes) -> None:
    """Serve, and tell on standard output as one more JSON line what the day came to.

    Args:
        config: How the venue behaves.
        flow: The recorded market, from `recorded_flow.pack_flow`.

    Raises:
        BadInputError: If the configuration does not hold or an address is taken.
    """
    print(json.dumps({"event": "served", **serve(config, flow)._asdict()}), flush=True)


def _describe(name: str, scenario: Scenario) -> Iterator[str]:
    yield f"{name}  {scenario.title.zh} · {scenario.title.en}"
    yield f"  现象 effect  {scenario.effect.zh}"
    yield f"               {scenario.effect.en}"
    yield f"  应对 sound   {scenario.sound.zh}"
    yield f"               {scenario.sound.en}"
    yield from (f"  {line}" for line in describe_script(scenario))


def describe_script(scenario: Scenario) -> list[str]:
    """Return what happens when in a scenario, a line for each part.

    Args:
        scenario: The day.

    Returns:
        Clock, faults, the market's orders, and the rate.
    """
    moments = [(_moment(part.start), _moment(part.end), part.wall_s) for part in scenario.clock]
    lines = [f"时钟 clock   {start} – {end}, {wall_s:g} s" for start, end, wall_s in moments]
    lines += [f"故障 fault   {_fault(fault)}" for fault in scenario.faults]
    lines += [
        f"证券 listed  {one.market} {one.code}, {_listed(one)}" for one in scenario.securities
    ]
    lines += [f"市场 market  {_order(order)}" for order in scenario.orders]
    if scenario.orders_per_second:
        lines.append(f"流速 rate    {scenario.orders_per_second} /s")
    return lines


def _moment(ns_of_day: int) -> str:
    return format_day_ms(ns_of_day // MS_NS)


def _listed(one: ListedSecurity) -> str:
    words = [f"previous close {format_yuan(one.prev_close_e5)}"]
    if one.limit_up_e5:
        words.append(f"limits {format_yuan(one.limit_down_e5)} – {format_yuan(one.limit_up_e5)}")
    if one.halted:
        words.append("suspended")
    return ", ".join(words)


def _fault(fault: ScriptedFault) -> str:
    words = [_action(fault.action), fault.market or "sse + szse"]
    if fault.on:
        sse, szse = (MESSAGES[fault.on][market] for market in ("sse", "szse"))
        words.append(f"on {fault.on} ({sse} / {szse})")
    if fault.at:
        words.append(f"from {_moment(fault.at)}")
    if fault.until is not None:
        words.append(f"until {_moment(fault.until)}")
    if fault.after:
        words.append(f"after {fault.after}")
    if fault.every > 1:
        words.append(f"every {fault.every}")
    words.append("always" if fault.times == ALWAYS else f"{fault.times} x")
    return ", ".join(words)


def _action(action: Action) -> str:
    if isinstance(action, str):
        return action
    if action.state_flap is not None:
        return f"state {action.state_flap.state} for {action.state_flap.ms} ms"
    return ", ".join(f"{key} {size}" for key, size in action.model_dump(exclude_none=True).items())


def _order(order: MarketOrder) -> str:
    places = " + ".join(f"{market} {code}" for market, code in order.places())
    words = [
        _moment(order.at),
        places,
        f"{order.side} {order.qty} @ {format_yuan(order.price)}",
    ]
    if order.count > 1:
        words.append(f"{order.count} x")
    if order.cancel_at is not None:
        words.append(f"cancelled {_moment(order.cancel_at)}")
    return ", ".join(words)
