"""Both markets, and the end of every connection that a test opened."""

from collections.abc import Iterator
from typing import cast

import pytest

from panshi.rig.peer import close_opened
from panshi.wire.codec import Protocol


@pytest.fixture(params=["sse", "szse"])
def protocol(request: pytest.FixtureRequest) -> Protocol:
    return cast("Protocol", request.param)


@pytest.fixture(autouse=True)
def close_clients() -> Iterator[None]:
    """Close what a test opened, also when it failed."""
    yield
    close_opened()
