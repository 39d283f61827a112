"""`panshi venue`: the simulated exchange gateways."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from panshi.cli.venue_scenario import TRADE_DATE, PortOption, serve_and_tell
from panshi.cli.venue_scenario import app as scenarios
from panshi.market.flow import load_flow_file, table_events
from panshi.venue.config import VenueConfig, default_config, load_config
from panshi.venue.recorded_flow import pack_flow

app = typer.Typer(no_args_is_help=True)
app.add_typer(scenarios, name="scenario", help="场景 · named days of the exchange")


@app.command()
def serve(
    config: Annotated[
        Path | None, typer.Option("--config", help="配置文件（TOML）· configuration file")
    ] = None,
    sse_port: PortOption = None,
    szse_port: PortOption = None,
    flow: Annotated[
        Path | None, typer.Option(help="真实行情委托流 · recorded flow (Parquet) to fill the book")
    ] = None,
    *,
    ack_only: Annotated[
        bool, typer.Option(help="只应答，不撮合 · acknowledge every order, match nothing")
    ] = False,
    spin: Annotated[bool, typer.Option(help="不休眠轮询 · poll without sleeping")] = False,
) -> None:
    """启动模拟交易所网关 · serve the gateways until interrupted."""
    chosen = (
        load_config(config)
        if config is not None
        else default_config(TRADE_DATE, sse_port=sse_port, szse_port=szse_port)
    )
    changes: dict[str, Any] = {}
    if ack_only:
        changes["ack_only"] = True
    if spin:
        changes["spin"] = True
    recorded = pack_flow(table_events(load_flow_file(flow))) if flow is not None else b""
    serve_and_tell(chosen.model_copy(update=changes), recorded)


@app.command()
def check(file: Annotated[Path, typer.Argument(help="配置文件 · configuration file")]) -> None:
    """检查配置文件 · check a configuration file."""
    config: VenueConfig = load_config(file)
    print(
        f"{file}: 有效 · valid: {len(config.gateways)} gateways, "
        f"{len(config.securities)} securities, {len(config.faults)} faults"
    )
