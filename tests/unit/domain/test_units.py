"""Money and prices as integers."""

import pytest

from panshi.domain.units import format_scaled, format_yuan, parse_e5, parse_scaled, round_half_up


@pytest.mark.parametrize(
    ("text", "value_e5"),
    [
        ("14.70", 1_470_000),
        ("0.005", 500),
        ("0", 0),
        ("-1.5", -150_000),
        ("1845.7600000", 184576000),
    ],
)
def test_yuan_are_parsed_exactly(text: str, value_e5: int) -> None:
    assert parse_e5(text) == value_e5


@pytest.mark.parametrize("text", ["", "1e5", "1.", ".5", "0.000001", "1,000", "nan", "１"])
def test_what_is_no_decimal_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must"):
        parse_e5(text)


@pytest.mark.parametrize(
    ("value_e5", "text"), [(1_470_000, "14.70"), (500, "0.005"), (-150_000, "-1.50"), (0, "0.00")]
)
def test_yuan_are_written_with_at_least_two_places(value_e5: int, text: str) -> None:
    assert format_yuan(value_e5) == text


def test_a_number_without_places_is_written_whole() -> None:
    assert format_scaled(1200, 0) == "1200"
    assert parse_scaled("1200", 0) == 1200


def test_halves_are_rounded_up() -> None:
    assert [round_half_up(n, 2) for n in range(5)] == [0, 1, 1, 2, 2]


@pytest.mark.parametrize(("numerator", "denominator"), [(-1, 2), (1, 0), (1, -3)])
def test_rounding_refuses_what_it_cannot_round(numerator: int, denominator: int) -> None:
    with pytest.raises(ValueError, match="must be"):
        round_half_up(numerator, denominator)
