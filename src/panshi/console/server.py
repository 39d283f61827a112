"""Serves the console with gunicorn: a few processes, each with a few threads."""

from __future__ import annotations

import os
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from gunicorn.app.base import BaseApplication
from typing_extensions import override

from panshi.console.home import find_home
from panshi.domain.errors import BadInputError

if TYPE_CHECKING:
    from pathlib import Path

THREADS: Final = 4


@dataclass(frozen=True, slots=True)
class Serving:
    """How the console is reached.

    Args:
        host: Address to listen on.
        port: Port to listen on.
        workers: Processes.
        certificate: PEM file of the certificate, where this process speaks TLS.
        key: PEM file of its key.
        behind_proxy: TLS is spoken by a proxy in front, which says so in X-Forwarded-Proto.
        names: Names under which the console is reached.
    """

    host: str
    port: int
    workers: int
    certificate: Path | None = None
    key: Path | None = None
    behind_proxy: bool = False
    names: tuple[str, ...] = ()

    @property
    def tls(self) -> str:
        """Return who speaks TLS, as the settings know it.

        Raises:
            BadInputError: If nobody would, and others than this machine can listen in.
        """
        if self.certificate is not None and self.key is not None:
            return "own"
        if self.behind_proxy:
            return "proxy"
        if self.host != "localhost" and not ip_address(self.host).is_loopback:
            raise BadInputError(
                "不加密只能监听本机地址；请给出 --certificate 与 --key，或 --behind-proxy · "
                f"without TLS the host must be loopback, found {self.host}"
            )
        return "none"


def serve(serving: Serving) -> None:
    """Serve until told to stop.

    Args:
        serving: How.

    Raises:
        BadInputError: If the home was not prepared, or pages were not collected.
    """
    home = find_home()
    if not home.secret_key.exists() or not (home.static / "staticfiles.json").exists():
        raise BadInputError(
            f"{home.folder}: 尚未初始化，请先运行 panshi console migrate · "
            "must be prepared by `panshi console migrate` first"
        )
    os.environ["PANSHI_HOME"] = str(home.folder)
    os.environ["PANSHI_CONSOLE_TLS"] = serving.tls
    if serving.names:
        os.environ["PANSHI_CONSOLE_HOSTS"] = ",".join(serving.names)
    _Server(serving).run()


class _Server(BaseApplication):
    def __init__(self, serving: Serving) -> None:
        self.serving = serving
        super().__init__()

    @override
    def load_config(self) -> None:
        serving = self.serving
        chosen: dict[str, Any] = {
            "bind": f"{serving.host}:{serving.port}",
            "workers": serving.workers,
            "threads": THREADS,
            "worker_class": "gthread",
            "control_socket_disable": True,
            "proc_name": "panshi-console",
            # Heartbeat files of the workers in memory: a slow disk must not look like a hang.
            "worker_tmp_dir": "/dev/shm",  # noqa: S108 - gunicorn's own files, private
            "forwarded_allow_ips": "127.0.0.1" if serving.behind_proxy else "",
        }
        if serving.certificate is not None and serving.key is not None:
            chosen |= {"certfile": str(serving.certificate), "keyfile": str(serving.key)}
        for name, value in chosen.items():
            self.cfg.set(name, value)

    @override
    def load(self) -> Any:
        from panshi.console.wsgi import application  # noqa: PLC0415 - reads the settings that serve() has set

        return application
