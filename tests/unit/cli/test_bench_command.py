"""`panshi bench`: its last line is one JSON object."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from panshi.bench import journal
from panshi.cli.bench import app

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_figures_of_the_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    figures = journal.measure(tmp_path, appends=2_000, records=1_000)
    asked = []

    def measured(directory: Path | None) -> journal.JournalFigures:
        asked.append(directory)
        return figures

    monkeypatch.setattr(journal, "measure", measured)
    done = CliRunner().invoke(app, ["journal", "--dir", str(tmp_path), "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout.splitlines()[-1]) == figures
    assert asked == [tmp_path]
    shown = CliRunner().invoke(app, ["journal"]).stdout
    assert "append.median_ns" in shown
    assert "group_commit_per_s.64" in shown
