"""A small rulebook in a folder, to be spoiled by each test in its own way."""

from collections.abc import Callable
from pathlib import Path

import pytest

from panshi.rulebook.rows import COLUMNS

WriteRules = Callable[..., Path]


@pytest.fixture
def write_rules(tmp_path: Path) -> WriteRules:
    """Return a function that writes rows (joined by commas) to a file and returns its folder."""

    def write(*rows: str, heading: str = ",".join(COLUMNS), name: str = "rules.csv") -> Path:
        folder = tmp_path / "rules"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")
        return folder

    return write
