"""`panshi ledger verify`: one verdict, with a status that a script can use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from panshi.cli.ledger import app
from panshi.domain.errors import BadInputError
from panshi.ledger.entry import Deed, chain
from panshi.ledger.store import write_line

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = chain(Deed(1, "王", "centre", "login", "user:王", "{}"), None, 2)


def write(folder: Path, text: str) -> str:
    path = folder / "ledger.jsonl"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_sound_ledger(tmp_path: Path) -> None:
    path = write(tmp_path, write_line(ENTRY) + "\n")
    done = CliRunner().invoke(app, ["verify", path])
    assert (done.exit_code, f"1:{ENTRY.digest}" in done.stdout) == (0, True)
    done = CliRunner().invoke(app, ["verify", path, "--json", "--anchor", f"1:{ENTRY.digest}"])
    assert json.loads(done.stdout)["head"] == {"sequence": 1, "digest": ENTRY.digest}


def test_a_changed_ledger_ends_with_1_and_its_place(tmp_path: Path) -> None:
    path = write(tmp_path, write_line(ENTRY).replace("login", "logon") + "\n")
    done = CliRunner().invoke(app, ["verify", path])
    assert done.exit_code == 1
    assert "不符 · broken at record 1: must be digest" in done.stdout


def test_an_anchor_that_is_missing_ends_with_1(tmp_path: Path) -> None:
    path = write(tmp_path, write_line(ENTRY) + "\n")
    done = CliRunner().invoke(app, ["verify", path, "--anchor", f"2:{ENTRY.digest}"])
    assert done.exit_code == 1
    assert "at least 2 records" in done.stdout


def test_a_bad_anchor_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    with pytest.raises(BadInputError, match="must be SEQUENCE:DIGEST"):
        CliRunner().invoke(app, ["verify", path, "--anchor", "2"], catch_exceptions=False)
