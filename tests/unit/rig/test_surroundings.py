"""The small disk of the scenarios can be filled while somebody else writes to it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from panshi.rig.surroundings import fill_disk, lacks_mount, small_disk

if TYPE_CHECKING:
    from pathlib import Path

MEBIBYTE = 1 << 20


@pytest.mark.skipif(lacks_mount() is not None, reason=str(lacks_mount()))
@pytest.mark.parametrize(("spare", "left"), [(MEBIBYTE, MEBIBYTE), (-MEBIBYTE, 0)])
def test_a_disk_is_filled_up_to_what_is_spared_or_there(
    tmp_path: Path, spare: int, left: int
) -> None:
    with small_disk(tmp_path / "disk", 8) as disk:
        ballast = fill_disk(disk, spare)
        assert shutil.disk_usage(disk).free == left
        ballast.unlink()
        assert shutil.disk_usage(disk).free == 8 * MEBIBYTE
