"""Cards: numbered statements of the gateways' specifications, each with the test that shows it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

Test = TypeVar("Test", bound=Callable[..., None])


@dataclass(frozen=True)
class Card:
    """A statement, where it is written, and the name of its test and of the file with it."""

    number: str
    statement: str
    source: str
    test: str
    module: str


CARDS: dict[str, Card] = {}


def card(number: str, statement: str, source: str) -> Callable[[Test], Test]:
    """Put a test on record as the proof of a statement."""

    def register(test: Test) -> Test:
        assert number not in CARDS, f"card {number} must be given once"
        CARDS[number] = Card(number, statement, source, test.__name__, test.__module__)
        return test

    return register
