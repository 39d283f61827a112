"""What a scenario comes to: held, not held, cut short, skipped."""

import json
from pathlib import Path

import pytest
import typer

from panshi.cli.main import EXIT_NOT_HELD
from panshi.cli.scenario import _run
from panshi.domain.errors import BadInputError, TrialError
from panshi.scenario.run import run
from panshi.scenario.trial import Invariant, Outcome, Scenario, Trial, Words

SAME = Invariant("same", Words("相同", "the same"))


def good(trial: Trial) -> None:
    trial.inject("无", "nothing")
    trial.observe(number=1)
    trial.expect(SAME, 1, 1)


def bad(trial: Trial) -> None:
    good(trial)
    trial.expect(SAME, 1, 2)


def dying(trial: Trial) -> None:
    good(trial)
    (trial.folder / "left").write_text("behind")
    raise TrialError("must live, found it dead")


def empty(trial: Trial) -> None:
    trial.inject("无", "nothing")


def scenario(name: str, play: object) -> Scenario:
    assert callable(play)
    return Scenario(name, Words("名", name), play)


def outcome(one: Scenario, folder: Path | None = None) -> Outcome:
    return run([one], lambda _: None, keep=folder)[one.name]


def test_a_scenario_holds_when_every_invariant_does() -> None:
    found = outcome(scenario("good", good))
    assert found.held is True
    assert found.to_json()["injected"] == [{"zh": "无", "en": "nothing"}]
    assert found.observed["number"] == 1
    assert "reason" not in found.to_json()


def test_a_difference_is_shown_with_its_invariant() -> None:
    found = outcome(scenario("bad", bad))
    assert found.held is False
    assert found.invariants["same"]["differences"] == ["must be 2, found 1"]


def test_what_cuts_a_scenario_short_is_its_reason(tmp_path: Path) -> None:
    found = outcome(scenario("dying", dying), tmp_path / "kept")
    assert found.held is False
    assert found.reason == "TrialError: must live, found it dead"
    assert (tmp_path / "kept" / "dying" / "left").read_text() == "behind"


def test_a_scenario_without_an_invariant_shows_nothing() -> None:
    assert outcome(scenario("empty", empty)).held is False


def test_what_cannot_run_here_is_skipped_with_the_reason() -> None:
    one = Scenario("rooted", Words("名", "name"), bad, lacks=(lambda: None, lambda: "needs root"))
    found = outcome(one)
    assert (found.held, found.reason) == (None, "needs root")


def test_what_is_opened_is_closed_also_after_a_failure() -> None:
    closed: list[str] = []

    def play(trial: Trial) -> None:
        trial.opened.callback(closed.append, "first")
        trial.opened.callback(closed.append, "second")
        raise TrialError("over")

    outcome(scenario("opening", play))
    assert closed == ["second", "first"]


def test_a_folder_that_holds_something_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInputError, match="must be an empty folder"):
        outcome(scenario("good", good), tmp_path)


def test_one_that_does_not_hold_ends_the_command_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    scenarios = [scenario("good", good), scenario("bad", bad)]
    with pytest.raises(typer.Exit) as ended:
        _run(scenarios, None, short=True, as_json=True)
    assert ended.value.exit_code == EXIT_NOT_HELD
    rows = json.loads(capsys.readouterr().out.splitlines()[-1])["scenarios"]
    assert {name: row["held"] for name, row in rows.items()} == {"good": True, "bad": False}
