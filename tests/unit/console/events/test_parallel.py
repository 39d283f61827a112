"""Four processes write at once, and the chain has no fork, on either database."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg import sql

from panshi.ledger.entry import FIELDS, Entry
from panshi.ledger.store import read_ledger
from panshi.ledger.verify import verify

if TYPE_CHECKING:
    from pathlib import Path

WRITERS = 4
EACH = 25
WRITE = f"""
import sys, django
django.setup()
from panshi.console.events.door import Act, record
sys.stdin.read()
for number in range({EACH}):
    record(Act(sys.argv[1], "note", f"note:{{number}}"), {{"number": number}})
"""
PREPARE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""


def surroundings(home: Path, url: str) -> dict[str, str]:
    return {
        **os.environ,
        "PANSHI_HOME": str(home),
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "tests.unit.console.settings",
    }


def write_at_once(setting: dict[str, str]) -> None:
    subprocess.run([sys.executable, "-c", PREPARE], check=True, env=setting)
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITE, f"writer{number}"], stdin=subprocess.PIPE, env=setting
        )
        for number in range(WRITERS)
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.close()
    assert [writer.wait() for writer in writers] == [0] * WRITERS


def require_sound(entries: list[Entry]) -> None:
    verdict = verify(entries)
    assert (verdict.entries, verdict.finding) == (WRITERS * EACH, None)
    for number in range(WRITERS):
        subjects = [entry.subject for entry in entries if entry.actor == f"writer{number}"]
        assert subjects == [f"note:{place}" for place in range(EACH)]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="runs on PostgreSQL as another test")
def test_four_writers_never_fork_the_chain_on_sqlite(tmp_path: Path) -> None:
    write_at_once(surroundings(tmp_path, ""))
    require_sound(list(read_ledger(tmp_path / "console.sqlite3")))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="runs on SQLite as another test")
def test_four_writers_never_fork_the_chain_on_postgresql(tmp_path: Path) -> None:
    about = settings.DATABASES["default"]
    server = f"postgresql://{about['USER']}@{about['HOST']}:{about['PORT']}"
    name = f"forks_{os.getpid()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    write_at_once(surroundings(tmp_path, f"{server}/{name}"))
    with psycopg.connect(f"{server}/{name}") as reader:
        columns = sql.SQL(", ").join(map(sql.Identifier, FIELDS))
        rows = reader.execute(sql.SQL("SELECT {} FROM event ORDER BY sequence").format(columns))
        require_sound([Entry(*row) for row in rows])
