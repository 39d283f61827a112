"""Where a console keeps its state: one folder with database, key, files and collected pages."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DEFAULT: Final = ".panshi"
PRIVATE_FOLDER: Final = 0o700
PRIVATE_FILE: Final = 0o600
KEY_BYTES: Final = 64


@dataclass(frozen=True, slots=True)
class Home:
    """The folder that `PANSHI_HOME` names; `.panshi` where nothing is named."""

    folder: Path

    @property
    def database(self) -> Path:
        """Return the path of the SQLite database."""
        return self.folder / "console.sqlite3"

    @property
    def static(self) -> Path:
        """Return the folder of the collected static files."""
        return self.folder / "static"

    @property
    def attachments(self) -> Path:
        """Return the folder of the content-addressed attachments."""
        return self.folder / "attachments"

    @property
    def secret_key(self) -> Path:
        """Return the path of the key that signs sessions and encrypts second factors."""
        return self.folder / "secret_key"

    def prepare(self) -> None:
        """Make the folder and its key, for their owner only; what is there stays."""
        self.folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        try:
            descriptor = os.open(
                self.secret_key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE
            )
        except FileExistsError:
            return
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(secrets.token_urlsafe(KEY_BYTES))

    def load_secret_key(self) -> str:
        """Return the key, or nothing where the home was not prepared yet.

        Django refuses an empty key when it is first needed.
        """
        try:
            return self.secret_key.read_text(encoding="ascii")
        except FileNotFoundError:
            return ""


def find_home() -> Home:
    """Return the home that the surroundings name."""
    return Home(Path(os.environ.get("PANSHI_HOME") or DEFAULT).absolute())
