"""Money, prices and quantities as integers with the unit in the name.

`_e5` is 1/100000 yuan, `_e9` is a rate in 1/1000000000, `_bp` is 1/10000, `_qty` is whole shares
(units of a fund, single bonds of 100 yuan face).
"""

from __future__ import annotations

import re

E5 = 100_000
"""One yuan."""

FEN_E5 = 1_000
"""One fen (1/100 yuan)."""

BP = 10_000
"""One, in basis points."""

RATE_E9 = 1_000_000_000
"""One, as a rate."""

_DECIMAL = re.compile(r"(-?)(\d+)(?:\.(\d+))?", re.ASCII)


def parse_scaled(text: str, digits: int) -> int:
    """Parse a decimal number into an integer of 1/10**digits, exactly.

    >>> parse_scaled("14.70", 5)
    1470000

    Args:
        text: Decimal number; a minus sign is allowed, an exponent is not.
        digits: Decimal places of the result.

    Returns:
        The number times 10**digits.

    Raises:
        ValueError: If the text is not a decimal number or has more places that are not zero.
    """
    match = _DECIMAL.fullmatch(text.strip())
    if match is None:
        message = f"must be a decimal number, found {text!r}"
        raise ValueError(message)
    sign, whole, part = match.group(1), match.group(2), match.group(3) or ""
    if part[digits:].strip("0"):
        message = f"must have at most {digits} decimal places, found {text!r}"
        raise ValueError(message)
    scale: int = 10**digits
    value = int(whole) * scale + int(part[:digits].ljust(digits, "0") or "0")
    return -value if sign else value


def parse_e5(text: str) -> int:
    """Parse yuan into 1/100000 yuan.

    >>> parse_e5("0.005")
    500

    Args:
        text: Decimal number of yuan.

    Returns:
        The amount in 1/100000 yuan.

    Raises:
        ValueError: If the text is not a decimal number of at most five places.
    """
    return parse_scaled(text, 5)


def format_scaled(value: int, digits: int, digits_min: int = 0) -> str:
    """Write a scaled integer as a decimal number without needless zeros.

    >>> format_scaled(1470000, 5, digits_min=2)
    '14.70'

    Args:
        value: The number times 10**digits.
        digits: Decimal places that the integer holds.
        digits_min: Decimal places that are always written.

    Returns:
        The decimal number.
    """
    whole, part = divmod(abs(value), 10**digits)
    places = str(part).rjust(digits, "0").rstrip("0").ljust(digits_min, "0") if digits else ""
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{places}" if places else f"{sign}{whole}"


def format_yuan(value_e5: int) -> str:
    """Write an amount in yuan with at least two places.

    >>> format_yuan(500)
    '0.005'

    Args:
        value_e5: Amount in 1/100000 yuan.

    Returns:
        The amount in yuan.
    """
    return format_scaled(value_e5, 5, digits_min=2)


def round_half_up(numerator: int, denominator: int) -> int:
    """Divide and round to the nearest integer, halves up (away from zero for positive numbers).

    >>> round_half_up(5, 2), round_half_up(4, 3)
    (3, 1)

    Args:
        numerator: Non-negative.
        denominator: Positive.

    Returns:
        The rounded quotient.

    Raises:
        ValueError: If an argument is outside its range.
    """
    if numerator < 0 or denominator <= 0:
        message = f"must be >= 0 over > 0, found {numerator} over {denominator}"
        raise ValueError(message)
    return (2 * numerator + denominator) // (2 * denominator)
