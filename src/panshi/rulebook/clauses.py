"""The clause library: what the rule documents demand, a row for each clause."""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Final

from panshi.domain.errors import BadRecordError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

COLUMNS: Final = (
    "document", "clause", "binds", "summary_zh", "summary_en", "number", "keep_months", "source",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clause:
    """What one clause demands, in our words.

    Args:
        document: Number of the rule document, `000` to `003`.
        number: Number inside the document, such as `15.6.4(5)`.
        binds: Whom it binds.
        summary_zh: What it demands, in Chinese.
        summary_en: The same in English.
        figure: The numbers it names, in words; blank for none.
        keep_months: So many months its records have to be kept; None where it says nothing.
        source: Title of the document and the place in it.
    """

    document: str
    number: str
    binds: str
    summary_zh: str
    summary_en: str
    figure: str
    keep_months: int | None
    source: str

    @property
    def reference(self) -> str:
        """Return how the clause is quoted, such as `002:15.6.4(5)`."""
        return f"{self.document}:{self.number}"


@functools.cache
def built_in_clauses() -> Mapping[str, Clause]:
    """Return the clauses that the product carries, by reference."""
    with resources.as_file(resources.files("panshi.rulebook") / "library/clauses.csv") as path:
        return load_clauses(path)


def load_clauses(path: Path) -> dict[str, Clause]:
    """Load a file of clauses; a single bad row and nothing of it is taken.

    Args:
        path: CSV file in UTF-8 with the columns of COLUMNS, in that order.

    Returns:
        The clauses by reference, in the order of the file.

    Raises:
        BadRecordError: If the heading, a cell or the uniqueness of a reference does not hold.
    """
    clauses: dict[str, Clause] = {}
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, strict=True)
        heading = next(reader, [])
        if tuple(heading) != COLUMNS:
            raise BadRecordError(path, 1, "", f"columns {','.join(COLUMNS)}", ",".join(heading))
        for cells in reader:
            clause = _read_row(cells, path, reader.line_num)
            if clause.reference in clauses:
                raise BadRecordError(
                    path, reader.line_num, "clause", "a clause once", clause.reference
                )
            clauses[clause.reference] = clause
    return clauses


def _read_row(cells: list[str], path: Path, line: int) -> Clause:
    if len(cells) != len(COLUMNS):
        raise BadRecordError(path, line, "", f"{len(COLUMNS)} cells", f"{len(cells)}")
    row = dict(zip(COLUMNS, cells, strict=True))
    for name in ("document", "clause", "summary_zh", "summary_en", "source"):
        if not row[name].strip():
            raise BadRecordError(path, line, name, "a text", "nothing")
    months = row["keep_months"]
    if months and not (months.isascii() and months.isdigit() and int(months) > 0):
        raise BadRecordError(path, line, "keep_months", "months above 0, or nothing", months)
    return Clause(
        document=row["document"],
        number=row["clause"],
        binds=row["binds"],
        summary_zh=row["summary_zh"],
        summary_en=row["summary_en"],
        figure=row["number"],
        keep_months=int(months) if months else None,
        source=row["source"],
    )
