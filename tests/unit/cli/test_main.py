"""The `panshi` command: statuses, one clear line per error, and a quick start."""

import subprocess
import sys
from types import SimpleNamespace

import pytest
import typer

from panshi.cli import main as command
from panshi.domain.errors import BadRecordError

HEAVY = {"pyarrow", "pydantic", "numpy", "panshi._native"}


def _run(*arguments: str, flags: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *flags, "-m", "panshi.cli.main", *arguments],
        check=False,
        capture_output=True,
        text=True,
    )


def test_version_is_that_of_the_package() -> None:
    done = _run("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("panshi 0.")


@pytest.mark.parametrize("arguments", [["nonsense"], ["--nonsense"]])
def test_bad_usage_ends_with_2(arguments: list[str]) -> None:
    done = _run(*arguments)
    assert done.returncode == command.EXIT_BAD_INPUT
    assert "nonsense" in done.stderr


def test_help_loads_nothing_heavy() -> None:
    done = _run("--help", flags=("-X", "importtime"))
    loaded = {line.rsplit("|", 1)[1].strip() for line in done.stderr.splitlines() if "|" in line}
    assert "typer" in loaded
    assert loaded & HEAVY == set()


def _room_that_fails(error: Exception) -> SimpleNamespace:
    app = typer.Typer()

    @app.command("run")
    def run() -> None:
        raise error

    @app.command("other")
    def other() -> None:
        pass

    return SimpleNamespace(app=app, __spec__=True)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            BadRecordError("a.csv", 3, "x", "a number", "'y'"),
            "panshi: 文件内容不符合要求 · a.csv, line 3, field x: must be a number, found 'y'\n",
        ),
        (
            FileNotFoundError(2, "No such file", "b.toml"),
            "panshi: b.toml: 文件或目录不存在 · No such file\n",
        ),
        (OSError(999, "Unheard of"), "panshi: [Errno 999] Unheard of\n"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    error: Exception,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "panshi.cli.failing", _room_that_fails(error))
    monkeypatch.setattr(command, "ROOMS", {"failing": "fails"})
    monkeypatch.setattr(sys, "argv", ["panshi", "failing", "run"])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == command.EXIT_BAD_INPUT
    assert capsys.readouterr().err == line


def test_our_own_mistake_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "panshi.cli.failing", _room_that_fails(AssertionError()))
    monkeypatch.setattr(command, "ROOMS", {"failing": "fails"})
    monkeypatch.setattr(sys, "argv", ["panshi", "failing", "run"])
    with pytest.raises(AssertionError):
        command.main()


def test_a_reader_that_leaves_is_no_error() -> None:
    done = subprocess.run(
        [
            "bash",
            "-c",
            f'"{sys.executable}" -m panshi.cli.main --help | true; exit ${{PIPESTATUS[0]}}',
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in done.stderr
