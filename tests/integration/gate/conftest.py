"""A gate between order systems and a simulated exchange in continuous trading."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.conformance.venue_process import play, serving
from tests.integration.conformance.wire_client import OPENED
from tests.integration.gate.gate_process import Gate


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    """Serve from 10:00 on."""
    clock = play("10:00:00") | {"start_unix_ns": time.time_ns()}
    with serving(clock) as addresses:
        served = Gate(tmp_path, [addresses[0], addresses[2]], clock)
        served.start()
        yield served
        while OPENED:
            OPENED.pop().close()
        if served.process is not None and served.process.poll() is None:
            served.stop()
