"""Commands of `panshi gate` that are about going over from one to the other."""

import asyncio
import json
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from panshi.domain.errors import BadInputError
from panshi.gate.config import LeaseConfig, load_config
from panshi.gate.lease import Keeper
from panshi.gate.lease_store import LeaseStore
from panshi.gate.private_file import read_private

Config = Annotated[Path, typer.Option("--config", help="网关配置 · TOML file of the gate")]


def add_to(app: typer.Typer) -> None:
    """Add the commands.

    Args:
        app: The commands of the gate.
    """
    app.command()(lease)


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
