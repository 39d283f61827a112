"""The collected facts on trading rules, read a second time by hand, against the rulebook's rows.

`fact_sheet.csv` was written from the fact sheet and not from the rule files: section, rule, scope,
a day, the value as text, and whether a source was seen.
"""

import csv
import datetime as dt
from pathlib import Path

import pytest

from panshi.domain.words import SCOPES
from panshi.rulebook.book import Rulebook

BOOK = Rulebook.load()
BY_NAME = {str(scope): scope for scope in SCOPES}
with (Path(__file__).parent / "fact_sheet.csv").open(encoding="utf-8", newline="") as FILE:
    FACTS = list(csv.DictReader(FILE))


@pytest.mark.parametrize(
    "fact", FACTS, ids=[f"{one['rule_id']}-{one['scope']}-{one['date']}" for one in FACTS]
)
def test_a_fact_is_a_row(fact: dict[str, str]) -> None:
    rules = BOOK.on(dt.date.fromisoformat(fact["date"]))
    row = rules.row(fact["rule_id"], BY_NAME[fact["scope"]])
    assert (row.text, "yes" if row.verified else "no") == (fact["value"], fact["verified"])


def test_numbers_from_weak_memory_are_never_called_verified() -> None:
    weak = [row for row in BOOK.rows if "[memory-low]" in row.source]
    assert len(weak) >= 8
    assert not any(row.verified for row in weak)


def test_every_section_of_the_facts_is_covered() -> None:
    sections = {one["section"] for one in FACTS}
    assert sections == {
        "1.2", "1.3", "1.4", "1.5", "2", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "4", "5",
        "fees",
    }  # fmt: skip
