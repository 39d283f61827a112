"""A gate has the memory of its whole day from the start, so that no order waits for a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from panshi.scenario.strain import own_kib

if TYPE_CHECKING:
    from panshi.rig.gate import Gate

pytestmark = pytest.mark.integration

FEW, MANY = 100_000, 2_000_000
ROW_BYTES = 40
"""Less than an order takes in one of the two engines."""


def test_tables_are_in_memory_before_the_first_order(gate: Gate) -> None:
    held = []
    for orders in (FEW, MANY):
        gate.stop()
        gate.configure(capacity={"orders": orders})
        gate.start()
        held.append(own_kib(gate))
    assert held[1] - held[0] > 2 * (MANY - FEW) * ROW_BYTES // 1024
