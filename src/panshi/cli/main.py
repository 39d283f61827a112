"""The entry point of the `panshi` command.

A room's commands are imported only when they are called, so that `panshi --help` and each
command start quickly whatever another room needs to load.
"""

import errno
import importlib
import importlib.util
import os
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from panshi.domain.errors import BadRecordError, HaltedError, PanshiError

EXIT_NOT_HELD = 1
EXIT_BAD_INPUT = 2
EXIT_HALTED = 3

SYSTEM_ERRORS = {
    errno.ENOENT: "文件或目录不存在",
    errno.EACCES: "没有权限",
    errno.EEXIST: "已有同名文件",
    errno.EADDRINUSE: "地址已被占用",
    errno.EISDIR: "须为文件，但它是目录",
    errno.ENOTDIR: "路径中有一段不是目录",
    errno.ENOSPC: "磁盘空间不足",
}

ROOMS = {
    "demo": "一天的真实委托流经由网关到模拟交易所 · a day of real order flow through the gate",
    "gate": "订单网关 · the order gate: serve, check, status, replay, verify",
    "venue": "模拟交易所网关 · the simulated exchange gateways",
    "wire": "交易所报文 · exchange messages: decode and encode",
    "market": "证券主数据与交易日历 · securities master and calendar from the exchanges' files",
    "scenario": "场景：对真实进程注入故障 · named faults on the real processes",
    "console": "Web 控制台 · the web console: migrate, serve, adduser",
    "ledger": "事件账：SM3 哈希链的核验 · the ledger of events: verify",
    "rulebook": "规则库 · dated rules and parameters",
    "bench": "性能测量 · measurements",
}


def main() -> None:
    """Run the command that the arguments name and leave with its status."""
    arguments = sys.argv[1:]
    try:
        build_app(arguments)(arguments, prog_name="panshi")
    except BrokenPipeError:
        # Whoever read the output has left; the interpreter must not complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_NOT_HELD)
    except (PanshiError, OSError) as error:
        sys.stderr.write(f"panshi: {describe_error(error)}\n")
        sys.exit(EXIT_HALTED if isinstance(error, HaltedError) else EXIT_BAD_INPUT)


def describe_error(error: PanshiError | OSError) -> str:
    """Return what a person reads of an error, in one line.

    Args:
        error: What was raised.

    Returns:
        Its words, Chinese first.
    """
    words = " ".join(str(error).split())
    if isinstance(error, BadRecordError):
        return f"文件内容不符合要求 · {words}"
    if isinstance(error, OSError) and error.errno in SYSTEM_ERRORS:
        place = "" if error.filename is None else f"{error.filename}: "
        return f"{place}{SYSTEM_ERRORS[error.errno]} · {error.strerror}"
    return words


def build_app(arguments: list[str]) -> typer.Typer:
    """Return the command line with the called room's commands loaded.

    Args:
        arguments: The words after `panshi`; the first one that names a room decides what loads.

    Returns:
        The application; rooms that are not called appear in its help by name only.
    """
    app = typer.Typer(
        name="panshi",
        help="磐石：证券公司与交易所之间的订单网关 · between a firm and its exchanges",
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(_options)
    called = next((word for word in arguments if not word.startswith("-")), None)
    for room, summary in offered_rooms().items():
        if room == called:
            commands = importlib.import_module(f"panshi.cli.{room}").app
            app.add_typer(commands, name=room, help=summary)
        else:
            app.add_typer(_placeholder(), name=room, help=summary)
    return app


def offered_rooms() -> dict[str, str]:
    """Return the summary of each room that has commands."""
    return {
        room: summary
        for room, summary in ROOMS.items()
        if importlib.util.find_spec(f"panshi.cli.{room}") is not None
    }


def _placeholder() -> typer.Typer:
    placeholder = typer.Typer()
    placeholder.callback()(_nothing)
    return placeholder


def _nothing() -> None:
    pass


def _print_version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"panshi {version('panshi')}")
        raise typer.Exit


def _options(
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="版本 · print the version"
        ),
    ] = False,
) -> None:
    pass


if __name__ == "__main__":
    main()
