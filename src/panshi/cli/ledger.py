"""`panshi ledger`: whether the record of what happened is as it was written."""

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from panshi.domain.errors import BadInputError
from panshi.ledger.store import read_ledger
from panshi.ledger.verify import Head, Verdict, verify

app = typer.Typer(no_args_is_help=True)

ANCHOR = re.compile(r"([1-9]\d*):([0-9a-f]{64})")


@app.callback()
def _room() -> None:
    """事件账 · the ledger of events."""


@app.command("verify")
def verify_command(
    path: Annotated[
        Path, typer.Argument(help="导出的事件账或控制台的 SQLite 数据库 · an export or a database")
    ],
    *,
    anchor: Annotated[
        str,
        typer.Option(help="另处留存的链头 序号:摘要 · a head noted elsewhere, SEQUENCE:DIGEST"),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="JSON")] = False,
) -> None:
    """核验事件账 · Check the ledger of events, record by record.

    逐条重算 SM3 链，任何一个字节的改动都会被发现。Status 1 tells that something was changed,
    cut out or put in.
    """
    verdict = verify(read_ledger(path), _parse_anchor(anchor))
    typer.echo(json.dumps(asdict(verdict), ensure_ascii=False) if as_json else _describe(verdict))
    if verdict.finding is not None:
        raise typer.Exit(1)


def _parse_anchor(text: str) -> Head | None:
    if not text:
        return None
    found = ANCHOR.fullmatch(text)
    if found is None:
        raise BadInputError(
            "--anchor 须为 序号:64 位十六进制摘要 · must be SEQUENCE:DIGEST with 64 hex digits, "
            f"found {text!r}"
        )
    return Head(int(found[1]), found[2])


def _describe(verdict: Verdict) -> str:
    head = "-" if verdict.head is None else f"{verdict.head.sequence}:{verdict.head.digest}"
    if verdict.finding is None:
        return f"完好 · sound: {verdict.entries} 条记录 · records\n链头 · head: {head}"
    finding = verdict.finding
    return (
        f"不符 · broken at record {finding.sequence}: must be {finding.expected}, "
        f"found {finding.found}\n此前的链头 · last sound head: {head}"
    )
