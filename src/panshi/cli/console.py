"""`panshi console`: prepare, serve, and the first users."""

import getpass
import os
import sys
from enum import Enum
from pathlib import Path
from typing import Annotated, TypeVar

import django
import typer
from django.core.management import call_command

from panshi.console import server
from panshi.console.home import find_home
from panshi.domain.errors import BadInputError
from panshi.ledger.store import write_line

app = typer.Typer(no_args_is_help=True)
C = TypeVar("C", bound=Enum)


@app.callback()
def _room() -> None:
    """Web 控制台 · the web console."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panshi.console.settings")
    # Database, key and attachments are their owner's.
    os.umask(0o077)


@app.command()
def migrate() -> None:
    """准备或更新控制台的数据目录、数据库和静态文件 · Make or update folder, database and pages."""
    home = find_home()
    home.prepare()
    django.setup()
    _require_frontend()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    typer.echo(f"已就绪 · ready: {home.folder}")


def _require_frontend() -> None:
    from django.contrib.staticfiles import finders  # noqa: PLC0415 - needs the settings

    if finders.find("vendor/tabler.min.css") is None:
        raise BadInputError(
            "缺少前端文件：安装 npm 后运行 make setup · the front-end packages are missing: "
            "install npm and run `make setup`"
        )


@app.command()
def serve(
    *,
    port: Annotated[int, typer.Option(help="端口 · port")] = 8600,
    host: Annotated[str, typer.Option(help="监听地址 · address to listen on")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(help="进程数 · processes")] = 2,
    certificate: Annotated[
        Path | None, typer.Option(help="TLS 证书 PEM · certificate of this process")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="TLS 私钥 PEM · its key")] = None,
    behind_proxy: Annotated[
        bool, typer.Option(help="TLS 由本机前置代理终止 · a proxy on this machine speaks TLS")
    ] = False,
    name: Annotated[
        list[str] | None, typer.Option(help="访问所用的主机名 · host name it is reached under")
    ] = None,
) -> None:
    """启动控制台 · Serve the console until it is told to stop."""
    names = tuple(name or ())
    server.serve(server.Serving(host, port, workers, certificate, key, behind_proxy, names))


@app.command()
def adduser(
    username: Annotated[str, typer.Argument(help="登录名 · login name")],
    full_name: Annotated[str, typer.Argument(help="姓名 · name of the person")],
    *,
    organisation: Annotated[
        str, typer.Option(help="机构代码，不存在则按 --sort 建立 · made where it is missing")
    ] = "centre",
    organisation_name: Annotated[
        str, typer.Option(help="新建机构的名称 · name of a new organisation")
    ] = "",
    sort: Annotated[str, typer.Option(help="机构类别 · sort of a new organisation")] = "centre",
    role: Annotated[list[str] | None, typer.Option(help="角色，可多次给出 · roles")] = None,
) -> None:
    """添加用户；初始口令从终端或标准输入读取，首次登录须修改 · Add a user with a first password."""
    password = getpass.getpass("初始口令 · first password: ") if sys.stdin.isatty() else input()
    django.setup()
    # These need the settings.
    from panshi.console.identity import deeds  # noqa: PLC0415
    from panshi.console.identity.models import Organisation, Sort  # noqa: PLC0415
    from panshi.console.identity.roles import Role  # noqa: PLC0415

    roles = [_parse(Role, one) for one in role or []]
    place = Organisation.objects.filter(code=organisation).first()
    if place is None:
        place = deeds.create_organisation(
            None, organisation, organisation_name or organisation, _parse(Sort, sort)
        )
    user = deeds.create_user(None, place, username, full_name, password)
    for one in roles:
        deeds.grant_role(None, user, one)
    typer.echo(f"已添加 · added: {username}")


@app.command("load-items")
def load_items(
    *,
    organisation: Annotated[
        str, typer.Option(help="登记在哪个机构名下 · code of the organisation that keeps them")
    ] = "centre",
) -> None:
    """登记证联网接入点和托管机房（表19.2、19.3） · Enter the network's access points and rooms."""
    django.setup()
    # These need the settings.
    from panshi.console.identity.models import Organisation  # noqa: PLC0415
    from panshi.console.items.seed import load_seed  # noqa: PLC0415

    place = Organisation.objects.filter(code=organisation).first()
    if place is None:
        raise BadInputError(
            f"--organisation 须为已有机构的代码 · must be the code of an organisation, "
            f"found {organisation!r}"
        )
    typer.echo(f"已登记 · entered: {load_seed(place)}")


@app.command("export-ledger")
def export_ledger() -> None:
    """导出事件账，一行一条，供 panshi ledger verify 核验 · Print the ledger, one event a line."""
    django.setup()
    from panshi.console.events.models import Event  # noqa: PLC0415 - needs the settings

    for event in Event.objects.order_by("sequence").iterator():
        typer.echo(write_line(event.as_entry()))


def _parse(choices: type[C], text: str) -> C:
    try:
        return choices(text)
    except ValueError:
        offered = ", ".join(str(choice.value) for choice in choices)
        raise BadInputError(f"须为其中之一 · must be one of {offered}, found {text!r}") from None
