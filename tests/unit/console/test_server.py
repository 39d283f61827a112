"""Nobody listens in: without TLS the console is for this machine only."""

from __future__ import annotations

from pathlib import Path

import pytest

from panshi.console import server
from panshi.console.home import Home
from panshi.domain.errors import BadInputError


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_plain_on_loopback(host: str) -> None:
    assert server.Serving(host, 1, 1).tls == "none"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7"])  # noqa: S104 - what is refused
def test_plain_elsewhere_is_refused(host: str) -> None:
    with pytest.raises(BadInputError, match="without TLS the host must be loopback"):
        _ = server.Serving(host, 1, 1).tls
    pem = Path("x.pem")
    assert server.Serving(host, 1, 1, pem, pem).tls == "own"
    assert server.Serving(host, 1, 1, behind_proxy=True).tls == "proxy"


def test_a_home_that_was_not_prepared_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PANSHI_HOME", str(tmp_path))
    with pytest.raises(BadInputError, match="panshi console migrate"):
        server.serve(server.Serving("127.0.0.1", 1, 1))
    Home(tmp_path).prepare()
    with pytest.raises(BadInputError, match="panshi console migrate"):
        server.serve(server.Serving("127.0.0.1", 1, 1))
