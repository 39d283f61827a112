"""Every scenario on the real processes: the short set always, all at full length at night."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from panshi.scenario.catalogue import choose, load_catalogue
from panshi.scenario.run import run

pytestmark = pytest.mark.integration

CATALOGUE = load_catalogue()
SHORT = [name for name, scenario in CATALOGUE.items() if not scenario.long]


def check_scenario(name: str, *, short: bool) -> None:
    lines: list[str] = []
    outcome = run(choose([name]), lines.append, short=short)[name]
    if outcome.held is None:
        pytest.skip(str(outcome.reason))
    assert outcome.held, "\n".join(lines)
    assert outcome.injected
    assert outcome.observed


@pytest.mark.parametrize("name", SHORT)
def test_short_scenarios_hold(name: str) -> None:
    check_scenario(name, short=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(CATALOGUE))
def test_scenarios_hold(name: str) -> None:
    check_scenario(name, short=False)


def panshi(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "panshi.cli.main", "scenario", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_list_names_every_scenario_in_both_languages() -> None:
    listed = panshi("list").stdout.splitlines()
    assert [line.split()[0] for line in listed] == list(CATALOGUE)
    assert all(" · " in line for line in listed)
    rows = json.loads(panshi("list", "--json").stdout)["scenarios"]
    assert list(rows) == list(CATALOGUE)


def test_an_unknown_name_is_bad_usage() -> None:
    done = panshi("run", "no-such-fault", "--json")
    assert done.returncode == 2
    assert "found no-such-fault" in done.stderr


def test_the_last_line_is_one_json_object(tmp_path: Path) -> None:
    done = panshi("run", "gate-killed-b", "--short", "--json", "--keep", str(tmp_path / "kept"))
    assert done.returncode == 0, done.stdout
    (found,) = json.loads(done.stdout.splitlines()[-1])["scenarios"].values()
    assert found["held"] is True
    assert found["injected"][0]["en"] == "kill -9 of the gate"
    assert found["observed"]["client_logons"] > 2
    assert found["invariants"]["sent_once"]["held"] is True
    # What the processes wrote is there to be looked at.
    assert list((tmp_path / "kept" / "gate-killed-b" / "gate" / "journal").glob("*.pjl"))
