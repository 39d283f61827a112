"""Dates on the command line."""

from __future__ import annotations

import datetime as dt

from panshi.domain.errors import BadInputError


def parse_trade_date(text: str) -> dt.date:
    """Parse the value of `--date`.

    Args:
        text: A date YYYY-MM-DD.

    Returns:
        The date.

    Raises:
        BadInputError: If it is no date.
    """
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise BadInputError(f"--date must be a date YYYY-MM-DD, found {text!r}") from error
