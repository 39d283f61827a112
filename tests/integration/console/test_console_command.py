"""`panshi console` as an operator uses it: prepare, add a user, serve, log in over HTTP."""

from __future__ import annotations

import contextlib
import http.cookiejar
import os
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING

import pytest

from panshi.console.home import Home
from panshi.ledger.store import read_ledger
from panshi.ledger.verify import verify
from panshi.rig.ports import reserve_ports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
FIRST = "Chu-shi-kou-ling-1"


def run(home: Path, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    surroundings = {**os.environ, "PANSHI_HOME": str(home), "DATABASE_URL": ""}
    surroundings["DJANGO_SETTINGS_MODULE"] = "panshi.console.settings"
    return subprocess.run(
        [sys.executable, "-m", "panshi.cli.main", *words],
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        env=surroundings,
    )


@contextlib.contextmanager
def serving(home: Path) -> Iterator[str]:
    (port,) = reserve_ports(1)
    surroundings = {**os.environ, "PANSHI_HOME": str(home), "DATABASE_URL": ""}
    surroundings["DJANGO_SETTINGS_MODULE"] = "panshi.console.settings"
    command = [sys.executable, "-m", "panshi.cli.main", "console", "serve"]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--workers", "1"],
        env=surroundings,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if "Listening at" in line:
                break
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("console") / "state"
    assert run(folder, "console", "migrate").returncode == 0
    return folder


def test_a_home_is_prepared_for_its_owner_only(home: Path) -> None:
    for path in (home, home / "console.sqlite3", home / "secret_key"):
        assert path.stat().st_mode & 0o077 == 0, path
    assert (home / "static" / "staticfiles.json").exists()
    again = run(home, "console", "migrate")
    assert (again.returncode, "ready" in again.stdout) == (0, True)


def test_a_user_logs_in_and_the_ledger_tells_it(home: Path) -> None:
    words = ["console", "adduser", "zhang", "张建国", "--role", "change-applicant"]
    added = run(home, *words, "--organisation-name", "运管中心", typed=FIRST + "\n")
    assert added.returncode == 0, added.stderr
    twice = run(home, *words, typed=FIRST + "\n")
    assert (twice.returncode, "name-taken" in twice.stderr) == (2, True)
    unknown = run(home, *words[:2], "li", "李", "--role", "king", typed=FIRST + "\n")
    assert (unknown.returncode, "must be one of" in unknown.stderr) == (2, True)
    with serving(home) as address:
        browser = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )
        assert browser.open(f"{address}/alive").read() == b"ok\n"
        page = browser.open(f"{address}/").read().decode()
        token = TOKEN.search(page)
        assert token is not None
        form = {"csrfmiddlewaretoken": token[1], "login": "zhang", "password": FIRST}
        sent = urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(f"{address}/account/login/", sent)  # noqa: S310 - our own server
        request.add_header("Referer", address)
        browser.open(request)
        style = re.search(r'href="(/static/vendor/tabler[^"]+)"', page)
        assert style is not None
        answer = browser.open(address + style[1])
        assert "immutable" in answer.headers["Cache-Control"]
    verdict = verify(read_ledger(Home(home).database))
    assert verdict.finding is None
    actions = [entry.action for entry in read_ledger(Home(home).database)]
    assert actions == [
        "organisation.create",
        "user.create",
        "role.grant",
        "user.create.refused",
        "login",
    ]
    exported = run(home, "console", "export-ledger").stdout
    (home / "ledger.jsonl").write_text(exported, encoding="utf-8")
    assert list(read_ledger(home / "ledger.jsonl")) == list(read_ledger(Home(home).database))
    told = run(home, "ledger", "verify", str(Home(home).database))
    assert (told.returncode, "sound: 5" in told.stdout) == (0, True)


def test_serving_without_a_home_says_what_to_do(tmp_path: Path) -> None:
    done = run(tmp_path / "none", "console", "serve")
    assert done.returncode == 2
    assert "panshi console migrate" in done.stderr
