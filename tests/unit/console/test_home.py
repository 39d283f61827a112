"""The folder of the state belongs to its owner, and its key stays."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from panshi.console.home import Home, find_home

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_home_is_private_and_its_key_stays(tmp_path: Path) -> None:
    home = Home(tmp_path / "state")
    assert home.load_secret_key() == ""
    home.prepare()
    key = home.load_secret_key()
    assert len(key) > 64
    home.prepare()
    assert home.load_secret_key() == key
    assert stat.S_IMODE(home.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(home.secret_key.stat().st_mode) == 0o600


def test_two_homes_have_two_keys(tmp_path: Path) -> None:
    keys = set()
    for name in ("a", "b"):
        home = Home(tmp_path / name)
        home.prepare()
        keys.add(home.load_secret_key())
    assert len(keys) == 2


def test_the_surroundings_name_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PANSHI_HOME", raising=False)
    assert find_home().folder == tmp_path / ".panshi"
    monkeypatch.setenv("PANSHI_HOME", "elsewhere")
    assert find_home().folder == tmp_path / "elsewhere"
