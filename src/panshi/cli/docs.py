"""Writes the documents that are made from the code, or says which of them are out of date."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import typer
from typer.core import TyperGroup

from panshi.bench import report
from panshi.cli.main import EXIT_NOT_HELD, offered_rooms
from panshi.cli.venue_scenario import describe_script
from panshi.gate.snapshot_page import snapshot_page
from panshi.scenario.catalogue import load_catalogue
from panshi.venue.scenario import list_scenarios
from panshi.wire.codec import messages_page

FOLDER = Path("docs/reference")
MESSAGES = Path("docs/rules/wire-messages.md")
MADE = "This page is made from the code by `make docs`."


def commands_page() -> str:
    """Return the page of all commands with their arguments and options."""
    lines = ["# Commands", "", MADE, ""]
    for room, summary in offered_rooms().items():
        app = importlib.import_module(f"panshi.cli.{room}").app
        lines += [f"## panshi {room}", "", summary, ""]
        for path, command in _leaves(typer.main.get_command(app), f"panshi {room}"):
            lines += [f"### {path}", "", _sentence(getattr(command, "help", None)), ""]
            rows = [
                _parameter_row(parameter)
                for parameter in getattr(command, "params", [])
                if "completion" not in str(getattr(parameter, "name", ""))
            ]
            if rows:
                lines += ["| argument | meaning |", "|---|---|", *rows, ""]
    return "\n".join(lines).rstrip() + "\n"


def _leaves(command: object, path: str) -> Iterator[tuple[str, object]]:
    if not isinstance(command, TyperGroup):
        yield path, command
        return
    if command.invoke_without_command:
        yield path, command
    for name, child in command.commands.items():
        yield from _leaves(child, f"{path} {name}")


def _parameter_row(parameter: object) -> str:
    names = ", ".join(f"`{name}`" for name in getattr(parameter, "opts", []))
    if not names.startswith("`-"):
        names = names.upper()
    meaning = _sentence(getattr(parameter, "help", None)).replace("|", "\\|")
    return f"| {names} | {meaning} |"


def _sentence(text: str | None) -> str:
    return " ".join((text or "").split("\f")[0].split())


def scenarios_page() -> str:
    """Return the page of all scenarios of the simulated exchange."""
    lines = ["# 模拟交易所的场景 · Scenarios of the simulated exchange", "", MADE]
    lines += ["Each is a file in `src/panshi/venue/scenarios`; see [venue](../venue.md).", ""]
    for name, scenario in list_scenarios().items():
        lines += [
            f"## {name}",
            "",
            f"**{scenario.title.zh} · {scenario.title.en}**",
            "",
            f"现象：{scenario.effect.zh}。",
            "",
            f"应对：{scenario.sound.zh}。",
            "",
            f"Effect: {scenario.effect.en}.",
            "",
            f"A sound order system {scenario.sound.en}.",
            "",
        ]
        lines += ["```", *describe_script(scenario), "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def faults_page() -> str:
    """Return the page of all scenarios of the platform, which cause faults on real processes."""
    lines = ["# 平台场景 · Scenarios of the platform", "", MADE]
    lines += ["[场景 · Scenarios](../operations/scenarios.md) says how they are run and judged;"]
    lines += ["[days of the simulated exchange](venue-scenarios.md) are another thing.", ""]
    lines += ["| name | 内容 what happens | `--short` |", "|---|---|---|"]
    lines += [
        f"| `{name}` | {one.words.line()} | {'否 no' if one.long else '是 yes'} |"
        for name, one in load_catalogue().items()
    ]
    return "\n".join(lines) + "\n"


def pages() -> dict[Path, str]:
    """Return every page that is made from the code, by its path in the repository."""
    return {
        FOLDER / "commands.md": commands_page(),
        FOLDER / "scenarios.md": faults_page(),
        FOLDER / "snapshot.md": snapshot_page(),
        FOLDER / "venue-scenarios.md": scenarios_page(),
        MESSAGES: messages_page(),
        report.FOLDER / report.PAGE: report.render(report.FOLDER),
    }


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` compare them and return 1 when one differs."""
    stale = 0
    for path, text in pages().items():
        current = path.read_text(encoding="utf-8") if path.exists() else None
        if current == text:
            continue
        if "--check" in arguments:
            sys.stderr.write(f"{path} must be what the code says; run make docs\n")
            stale += 1
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path}\n")
    return EXIT_NOT_HELD if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
