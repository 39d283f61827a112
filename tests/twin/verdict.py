"""How a check of the twin fails: with a code, or not at all."""

from __future__ import annotations


class DeniedError(Exception):
    """The first failing check of an order or a cancel."""

    def __init__(self, code: int, limit: int = 0, found: int = 0) -> None:
        """Remember the code and its two numbers."""
        super().__init__(code, limit, found)
        self.code = code
        self.limit = limit
        self.found = found


STRUCTURAL = frozenset(
    [
        *range(30001, 30012),
        *range(30101, 30104),
        *range(30106, 30110),
        *(30112, 30119, 30120, 30301, 30302, 30303, 30307, 30401, 30405, 30501),
        *range(30601, 30606),
        *(30703, 30705, 30709, 30808, 30811),
    ]
)
