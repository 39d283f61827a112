"""The cards as a whole: their numbers, and the page that lists them."""

import importlib
import re

from tests.integration.conformance.cards import CARDS
from tests.integration.conformance.page import PAGE, cards_page, load_cards

NUMBER = re.compile(r"(SSE|SZSE)-[123]\d\d")


def test_the_page_is_what_the_tests_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == cards_page(), "run make docs"


def test_the_numbers_of_each_group_have_no_hole() -> None:
    load_cards()
    assert [number for number in CARDS if not NUMBER.fullmatch(number)] == []
    groups: dict[str, list[int]] = {}
    for number in sorted(CARDS):
        groups.setdefault(number[:-2], []).append(int(number[-2:]))
    assert len(groups) == 6
    for numbers in groups.values():
        assert numbers == list(range(1, len(numbers) + 1))


def test_each_card_names_a_test_of_its_file_and_a_source() -> None:
    load_cards()
    for card in CARDS.values():
        module = importlib.import_module(card.module)
        assert callable(getattr(module, card.test))
        assert card.test.startswith("test_")
        assert len(card.source) >= 3
        assert len(card.statement) >= 10
