"""What hangs on an item: a walk over relations that knows no database."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def compute_impact(start: int, hanging: Mapping[int, Iterable[int]]) -> dict[int, int]:
    """Return everything that hangs on an item, with its distance.

    >>> compute_impact(1, {1: [2, 3], 3: [4], 4: [1]})
    {2: 1, 3: 1, 4: 2}

    Args:
        start: The item that fails.
        hanging: For each item, those that hang on it directly. Circles are allowed: two devices
            may back each other.

    Returns:
        Distance by item, nearest first; the item itself is not among them.
    """
    found = {start: 0}
    waiting = deque([start])
    while waiting:
        item = waiting.popleft()
        for dependent in hanging.get(item, ()):
            if dependent not in found:
                found[dependent] = found[item] + 1
                waiting.append(dependent)
    del found[start]
    return found
