"""Every scenario by its name, found in the modules of `cases`."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from panshi.domain.errors import BadInputError
from panshi.scenario import cases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from panshi.scenario.trial import Scenario


def load_catalogue() -> dict[str, Scenario]:
    """Return every scenario by its name, in the order of module and listing."""
    found: dict[str, Scenario] = {}
    for info in sorted(pkgutil.iter_modules(cases.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{cases.__name__}.{info.name}")
        found |= {scenario.name: scenario for scenario in module.SCENARIOS}
    return found


def choose(names: Sequence[str]) -> list[Scenario]:
    """Return scenarios by their names.

    Args:
        names: The names.

    Returns:
        The scenarios, in the order of the names.

    Raises:
        BadInputError: If there is none of a name.
    """
    known = load_catalogue()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise BadInputError(
            f"场景 · scenario: must be one of {', '.join(known)}, found {', '.join(unknown)}"
        )
    return [known[name] for name in names]
