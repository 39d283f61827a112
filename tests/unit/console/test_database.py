"""The address of the database, in the words of who installs."""

from pathlib import Path

import pytest

from panshi.console.database import describe_database
from panshi.domain.errors import BadInputError

SQLITE = Path("console.sqlite3")


def test_sqlite_is_what_there_is_without_an_address() -> None:
    described = describe_database("", SQLITE)
    assert described["NAME"] == "console.sqlite3"
    options = described["OPTIONS"]
    assert isinstance(options, dict)
    assert options["transaction_mode"] == "IMMEDIATE"


def test_an_address_of_postgresql_with_signs_in_its_password() -> None:
    url = "postgresql://pan%40shi:a%2Fb%3Ac@db.example:5433/ops?sslmode=verify-full"
    described = describe_database(url, SQLITE)
    assert {name: described[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")} == {
        "NAME": "ops",
        "USER": "pan@shi",
        "PASSWORD": "a/b:c",
        "HOST": "db.example",
        "PORT": "5433",
    }
    assert described["OPTIONS"] == {"sslmode": "verify-full"}


@pytest.mark.parametrize("url", ["mysql://u:secret@h/n", "postgresql://u:secret@h", "secret"])
def test_another_address_is_refused_without_telling_its_password(url: str) -> None:
    with pytest.raises(BadInputError, match="must be postgresql://") as refused:
        describe_database(url, SQLITE)
    assert "secret" not in str(refused.value).replace("secret'", "")
