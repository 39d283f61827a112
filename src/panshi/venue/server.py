"""The start of a venue: one native call that serves until it is told to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from panshi import _native

if TYPE_CHECKING:
    from panshi.venue.config import VenueConfig


class Served(NamedTuple):
    """What a day of serving came to.

    Attributes:
        reports: Reports in all streams.
        orders: Orders of both markets.
        faults: How often each scripted fault struck.
    """

    reports: int
    orders: int
    faults: list[int]


def serve(config: VenueConfig, flow: bytes = b"") -> Served:
    """Serve until SIGINT or SIGTERM, or until the clock of the configuration is over.

    One JSON line for each address tells on standard output where the venue listens; the lines
    come when it does. A further line comes when a scripted fault strikes for the first time.

    Args:
        config: How the venue behaves.
        flow: The recorded market, from `recorded_flow.pack_flow`.

    Returns:
        What the day came to.

    Raises:
        BadInputError: If the configuration does not hold or an address is taken.
    """
    return Served(*_native.venue_serve(config.to_json(), flow))
