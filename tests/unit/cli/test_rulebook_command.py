"""`panshi rulebook`: tables, marks, errors."""

import sys

import pytest

from panshi.cli.main import main


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["panshi", "rulebook", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


def test_the_list_marks_what_is_not_verified(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "list", "fee.stamp", "--date", "2023-08-28") == 0
    lines = capsys.readouterr().out.splitlines()
    share = next(line for line in lines if line.startswith("fee.stamp.rate") and "stock" in line)
    assert "0.05" in share
    assert share.endswith("未核实 unverified")


def test_only_open_points_can_be_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "list", "--date", "2026-11-20", "--unverified") == 0
    lines = capsys.readouterr().out.splitlines()[1:]
    assert lines
    assert all(line.endswith("未核实 unverified") for line in lines)


def test_a_rule_is_shown_with_its_history_and_sources(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "show", "price_limit.ratio_st") == 0
    out = capsys.readouterr().out
    assert "2026-07-05" in out
    assert "price.csv:" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("list", "--date", "20th of November"), "YYYY-MM-DD"),
        (("list", "no.such.rule", "--date", "2026-11-20"), "found none"),
        (("list", "--date", "1999-01-04"), "found none"),
        (("show", "price_limit.ratioo"), "must be one that the rulebook has"),
    ],
)
def test_bad_input_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    message: str,
) -> None:
    assert run(monkeypatch, *arguments) == 2
    err = capsys.readouterr().err
    assert message in err
    assert len(err.splitlines()) == 1


def test_nothing_to_show_is_status_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "show", "cage.buy_ratio", "--date", "1999-01-04") == 1
