"""`panshi wire`: exchange messages as hex digits, tables and JSON."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from panshi.domain.errors import BadInputError
from panshi.wire.codec import PROTOCOLS, Protocol, decode_line, encode_line, next_sequence
from panshi.wire.labels import FIELD_NAMES, describe_number
from panshi.wire.lines import LINE_BYTES_MAX, iterate_lines

EXIT_BAD_LINE = 1
ERROR = '{"error": '

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
    for number, line in iterate_lines(file):
        try:
            shown = _decode(chosen, line)
        except BadInputError as error:
            bad = True
            _print_error(number, str(error), as_json=as_json)
        else:
            if as_json:
                print(shown, flush=True)
            else:
                console.print(_table(chosen, number, json.loads(shown)))
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
    bad, seq = False, 1
    for number, line in iterate_lines(file):
        try:
            digits = encode_line(chosen, _require_short(line), seq)
        except BadInputError as error:
            bad = True
            _print_error(number, str(error), as_json=as_json)
        else:
            seq = next_sequence(chosen, digits)
            print(digits, flush=True)
    if bad:
        raise typer.Exit(EXIT_BAD_LINE)


def _decode(protocol: Protocol, line: str | None) -> str:
    shown = decode_line(protocol, _require_short(line))
    if shown.startswith(ERROR):
        raise BadInputError(json.loads(shown)["error"])
    return shown


def _require_short(line: str | None) -> str:
    if line is None:
        raise BadInputError(f"line: must have at most {LINE_BYTES_MAX} bytes, found more")
    return line


def _print_error(number: int, error: str, *, as_json: bool) -> None:
    """Say what is wrong with a line: among the results as JSON, else apart from them."""
    if as_json:
        print(json.dumps({"error": f"line {number}: {error}"}, ensure_ascii=False), flush=True)
    else:
        sys.stderr.write(f"第 {number} 行 line {number}: {error}\n")


def _protocol(name: str) -> Protocol:
    for protocol in PROTOCOLS:
        if name == protocol:
            return protocol
    raise BadInputError(f"--protocol must be one of {', '.join(PROTOCOLS)}, found {name!r}")


def _table(protocol: Protocol, number: int, message: dict[str, Any]) -> Table:
    seq = f", seq {message['seq']}" if "seq" in message else ""
    title = f"第 {number} 行 line {number}: {message['type']} {message['message']}{seq}"
    table = Table(title=Text(title), title_justify="left", show_edge=False)
    for heading in ("域 field", "名称 name", "值 value", "读作 reads"):
        table.add_column(heading, no_wrap=heading.endswith(("field", "name")))
    for name, value in message["fields"].items():
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        reads = describe_number(protocol, name, value)
        table.add_row(Text(name), Text(FIELD_NAMES.get(name, "")), Text(shown), Text(reads))
    for name, label in (("extra", "未列字节 other bytes"), ("note", "说明 note")):
        if name in message:
            table.add_row(Text(name), Text(label), Text(message[name]))
    return table
