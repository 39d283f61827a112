"""The clause library: every row usable, nothing of a bad file taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from panshi.domain.errors import BadRecordError
from panshi.rulebook.clauses import COLUMNS, built_in_clauses, load_clauses

if TYPE_CHECKING:
    from pathlib import Path

HEADING = ",".join(COLUMNS)
GOOD = "002,9.4.6,运管中心,值班记录至少一年,Keep duty records,>= 1 year,12,细则 9.4.6"


def test_all_four_documents_are_there() -> None:
    clauses = built_in_clauses()
    assert {clause.document for clause in clauses.values()} == {"000", "001", "002", "003"}
    assert len(clauses) == 350
    two_persons = clauses["002:15.6.4(5)"]
    assert "双人" in two_persons.summary_zh
    assert clauses["002:9.4.6"].keep_months == 12
    assert clauses["003:第30条末款"].keep_months == 60
    assert two_persons.keep_months is None


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (GOOD, ""),
        (HEADING + "\n" + GOOD + ",more", ""),
        (HEADING + "\n" + GOOD.replace(",12,", ",a year,"), "keep_months"),
        (HEADING + "\n" + GOOD.replace(",12,", ",0,"), "keep_months"),
        (HEADING + "\n" + GOOD.replace("值班记录至少一年", " "), "summary_zh"),
        (HEADING + "\n" + GOOD + "\n" + GOOD, "clause"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(tmp_path: Path, text: str, field: str) -> None:
    path = tmp_path / "clauses.csv"
    path.write_text(text + "\n", encoding="utf-8")
    with pytest.raises(BadRecordError) as caught:
        load_clauses(path)
    assert caught.value.field == field
    assert caught.value.line == text.count("\n") + 1
