"""`panshi wire`: exchange messages as hex digits, tables and JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from panshi.domain.errors import BadInputError
from panshi.wire.codec import PROTOCOLS, Protocol, decode_line, encode_line

EXIT_BAD_LINE = 1

app = typer.Typer(no_args_is_help=True)

ProtocolOption = Annotated[
    str, typer.Option("--protocol", metavar="sse|szse", help="协议 · protocol: sse or szse")
]
FileArgument = Annotated[
    str, typer.Argument(metavar="[FILE|-]", help="文件，- 为标准输入 · a file, or - for the input")
]


@app.command()
def decode(
    protocol: ProtocolOption,
    file: FileArgument = "-",
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="每行一个 JSON 对象 · one JSON object a line")
    ] = False,
) -> None:
    """解码：每行一条十六进制报文 · decode one hex message a line."""
    chosen = _protocol(protocol)
    console = Console(highlight=False, soft_wrap=True)
    bad = False
    for number, line in _lines(file):
        shown = decode_line(chosen, line)
        message: dict[str, Any] = json.loads(shown)
        bad = bad or "error" in message
        if as_json:
            print(shown)
        elif "error" in message:
            console.print(Text(f"第 {number} 行 line {number}: {message['error']}", style="red"))
        else:
            console.print(_table(number, message))
    if bad:
        raise typer.Exit(EXIT_BAD_LINE)


@app.command()
def encode(
    protocol: ProtocolOption,
    file: FileArgument = "-",
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="坏行也输出为 JSON · bad lines as JSON too")
    ] = False,
) -> None:
    """编码：每行一个 JSON 对象，是解码的逆 · encode one JSON object a line, the inverse."""
    chosen = _protocol(protocol)
    bad = False
    for number, line in _lines(file):
        try:
            print(encode_line(chosen, line))
        except BadInputError as error:
            bad = True
            if as_json:
                print(json.dumps({"error": str(error)}, ensure_ascii=False))
            else:
                sys.stderr.write(f"第 {number} 行 line {number}: {error}\n")
    if bad:
        raise typer.Exit(EXIT_BAD_LINE)


def _protocol(name: str) -> Protocol:
    for protocol in PROTOCOLS:
        if name == protocol:
            return protocol
    raise BadInputError(f"--protocol must be one of {', '.join(PROTOCOLS)}, found {name!r}")


def _lines(file: str) -> Iterator[tuple[int, str]]:
    """Walk the lines that hold something, with their numbers from 1."""
    if file == "-":
        yield from _numbered(sys.stdin.buffer.read())
    else:
        yield from _numbered(Path(file).read_bytes())


def _numbered(content: bytes) -> Iterator[tuple[int, str]]:
    # Bytes that are no text are no hex digit either: the line is then reported like any bad one.
    for number, line in enumerate(content.decode("utf-8", "replace").split("\n"), start=1):
        if line.strip():
            yield number, line


def _table(number: int, message: dict[str, Any]) -> Table:
    seq = f", seq {message['seq']}" if "seq" in message else ""
    title = f"第 {number} 行 line {number}: {message['type']} {message['message']}{seq}"
    table = Table(title=Text(title), title_justify="left", show_edge=False)
    table.add_column("域 field", no_wrap=True)
    table.add_column("值 value")
    for name, value in message["fields"].items():
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        table.add_row(Text(name), Text(shown))
    if "extra" in message:
        table.add_row(Text("extra"), Text(message["extra"]))
    return table
