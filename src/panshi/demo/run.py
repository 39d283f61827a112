"""One run of the demo, from the recorded flow to the reconciled day."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panshi.demo.outcome import conclude
from panshi.demo.processes import require_room
from panshi.demo.script import write_script
from panshi.demo.trading_day import play
from panshi.domain.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
    with _folder(options.keep) as folder:
        require_room(folder)
        tell("stage", "读取委托流 · loading the recorded flow")
        script = write_script(options)
        played = play(folder, options.plan, script, tell)
        tell("stage", "对账 · reconciling")
        return conclude(options.plan, script, played)


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Give the folder of the run: one that is removed, or an empty one that is kept."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="panshi-demo-") as name:
            yield Path(name)
        return
    keep.mkdir(parents=True, exist_ok=True)
    if any(keep.iterdir()):
        raise BadInputError(f"{keep}: 须为空目录 · must be an empty folder, found files in it")
    yield keep
