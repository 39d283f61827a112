"""One run of the demo, from the recorded flow to the reconciled day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from panshi.demo.outcome import conclude
from panshi.demo.script import write_script
from panshi.demo.trading_day import play
from panshi.rig.processes import kept_folder, require_room

if TYPE_CHECKING:
    from collections.abc import Callable

    from panshi.demo.script import Options


def run(options: Options, tell: Callable[[str, Any], None]) -> dict[str, Any]:
    """Play the day and reconcile it.

    Args:
        options: What is played.
        tell: Is told what happens: a word and what belongs to it.

    Returns:
        The summary, as the last line of the command prints it.

    Raises:
        BadInputError: If a process dies, takes too long or refuses its configuration.
        OSError: If a file or socket cannot be used.
    """
    with kept_folder(options.keep, "panshi-demo-") as folder:
        require_room(folder)
        tell("stage", "读取委托流 · loading the recorded flow")
        script = write_script(options)
        played = play(folder, options.plan, script, tell)
        tell("stage", "对账 · reconciling")
        return conclude(options.plan, script, played)
