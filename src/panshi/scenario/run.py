"""Scenarios run one after the other, each in a folder of its own."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

from panshi.domain.errors import PanshiError
from panshi.rig.peer import close_opened
from panshi.rig.processes import kept_folder, require_room
from panshi.scenario.trial import Outcome, Trial, conclude

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from panshi.scenario.trial import Scenario


def run(
    scenarios: Iterable[Scenario],
    tell: Callable[[str], None],
    *,
    short: bool = False,
    keep: Path | None = None,
) -> dict[str, Outcome]:
    """Run scenarios.

    Args:
        scenarios: Which.
        tell: Is told every line for people.
        short: Whether they must end soon.
        keep: Folder in which each leaves what its processes wrote; None keeps nothing.

    Returns:
        The outcomes by name.

    Raises:
        BadInputError: If the disk has no room for what they write, or files are in the folder.
        OSError: If no folder can be made.
    """
    outcomes = {}
    with kept_folder(keep, "panshi-scenario-") as parent:
        for scenario in scenarios:
            tell(f"{scenario.name}  {scenario.words.line()}")
            folder = parent / scenario.name
            folder.mkdir()
            outcomes[scenario.name] = _run_one(scenario, folder, tell, short=short)
            if keep is None:
                shutil.rmtree(folder)
    return outcomes


def _run_one(
    scenario: Scenario, folder: Path, tell: Callable[[str], None], *, short: bool
) -> Outcome:
    lacking = scenario.lacking()
    if lacking is not None:
        tell(f"  跳过 skipped    {lacking}")
        return Outcome(scenario.name, None, [], {}, {}, lacking)
    require_room(folder)
    trial = Trial(folder, tell, short=short)
    reason = None
    begun = time.monotonic()
    try:
        with trial.opened:
            scenario.play(trial)
    except (PanshiError, OSError) as error:
        reason = f"{type(error).__name__}: {error}"
    finally:
        close_opened()
    trial.observe(wall_s=round(time.monotonic() - begun, 1))
    outcome = conclude(scenario.name, trial, reason)
    _tell(outcome, tell)
    return outcome


def _tell(outcome: Outcome, tell: Callable[[str], None]) -> None:
    for name, value in outcome.observed.items():
        tell(f"  观察 observed   {name}: {value}")
    for name, row in outcome.invariants.items():
        words = "成立 holds     " if row["held"] else "不成立 BROKEN  "
        tell(f"  {words} {name}: {row['zh']} · {row['en']}")
        for difference in row["differences"]:
            tell(f"                  {difference}")
    if outcome.reason is not None:
        tell(f"  中断 cut short  {outcome.reason}")
    tell(f"  {'通过 held' if outcome.held else '未通过 NOT HELD'}")
