"""The slow twin runs the suites of the native engine: every world of theirs, input by input."""

from __future__ import annotations

import os
import re
import struct
import subprocess
from pathlib import Path
from typing import Final

from panshi import _native
from panshi.gate.engine import OrderEngine
from tests.property.test_engine_twin import CODEC, CODES, comparable, run_native
from tests.twin.engine import Twin

ROOT: Final = Path(__file__).parents[2]
SUITES: Final = ROOT / "native" / "engine" / "tests"
TABLES: Final = next(
    [name for name, *_ in fields]
    for section, _, _, fields in _native.gate_snapshot_layout()
    if section == "capacity"
)
SIZES: Final = struct.Struct(f"<{len(TABLES)}I")


WORLDS: Final = re.compile(r"\bWorld\b|\bscenario\(|\bchaotic\b")
"""What a suite has that plays days of its own; the others measure or sum up a synthetic flow."""


def record(suites: set[str], folder: Path) -> list[Path]:
    """Run suites and give what each of their worlds was given."""
    words = [word for suite in sorted(suites) for word in ("--test", suite)]
    subprocess.run(
        ["cargo", "test", "--quiet", "-p", "panshi-engine", *words],
        check=True,
        cwd=ROOT,
        env={**os.environ, "PANSHI_ENGINE_RECORDINGS": str(folder)},
        stdout=subprocess.DEVNULL,
    )
    return sorted(folder.iterdir())


def suite_of(recording: Path) -> str:
    return recording.stem.rpartition("-")[0]


def first_difference(recording: Path) -> str | None:
    """Give a world's inputs to both engines; say where they differ first."""
    data = recording.read_bytes()
    capacity = dict(zip(TABLES, SIZES.unpack_from(data), strict=True))
    native, twin = OrderEngine(**capacity), Twin(CODES, **capacity)
    for seq, name, row in CODEC.unpack(data[SIZES.size :]):
        found = comparable(run_native(native, seq, name, row))
        expected = comparable(twin.apply(seq, name, row))
        if found != expected:
            return f"{recording.name}, {seq} {name} {row}: native {found}, twin {expected}"
    return None


def test_the_twin_agrees_in_every_world_of_every_suite(tmp_path: Path) -> None:
    suites = {path.stem for path in SUITES.glob("*.rs") if WORLDS.search(path.read_text("utf-8"))}
    recordings = record(suites, tmp_path)
    assert {suite_of(recording) for recording in recordings} == suites
    found = map(first_difference, recordings)
    assert [difference for difference in found if difference is not None] == []
