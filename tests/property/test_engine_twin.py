"""The native engine and its slow twin give the same outputs for the same random days."""

from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING

import pytest

from panshi.gate.engine import OrderEngine, load_reasons
from panshi.gate.records import RecordCodec
from tests.twin.engine import Twin
from tests.twin.flow import Flow

if TYPE_CHECKING:
    from tests.twin.state import Row

ONE = os.environ.get("PANSHI_SIM_SEED")
SEEDS = [int(ONE)] if ONE else range(int(os.environ.get("PANSHI_SIM_SEEDS", "12")))
INPUTS = 900
CAPACITY = {"orders": 4096, "cancels": 4096, "events": 4096, "accounts": 64, "customers": 64}
CODEC = RecordCodec()
CODES = [reason.code for reason in load_reasons()]


def run_native(engine: OrderEngine, seq: int, name: str, row: Row) -> list[Row]:
    """Apply one input to the native engine."""
    frames = engine.apply(CODEC.pack_input(seq, name, row))
    return [{"record": framed.name, **framed.fields} for framed in CODEC.unpack(frames)]


def comparable(outputs: list[Row]) -> list[Row]:
    """Drop what only one of the two can know, and name a refused row by its type."""
    return [
        {
            key: CODEC.tables[value].type
            if key == "input_type" and value in CODEC.tables
            else value
            for key, value in row.items()
            if key != "state_hash"
        }
        for row in outputs
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_both_engines_agree_on_every_output(seed: int) -> None:
    flow, twin, native = Flow(Random(seed)), Twin(CODES, **CAPACITY), OrderEngine(**CAPACITY)
    forwarded = 0
    for seq, (name, row) in enumerate(flow.inputs(INPUTS), 1):
        expected = comparable(twin.apply(seq, name, row))
        found = comparable(run_native(native, seq, name, row))
        assert found == expected, f"seed {seed}, input {seq}: {name} {row}"
        flow.observe(seq, name, row, expected)
        forwarded += sum(output["record"] == "Forward" for output in expected)
    assert forwarded > 0


def test_a_replay_gives_the_same_bytes_and_the_same_state() -> None:
    flow, twin = Flow(Random(4711)), Twin(CODES, **CAPACITY)
    records = b""
    for seq, (name, row) in enumerate(flow.inputs(INPUTS), 1):
        records += CODEC.pack_input(seq, name, row)
        flow.observe(seq, name, row, twin.apply(seq, name, row))
    first, second = OrderEngine(**CAPACITY), OrderEngine(**CAPACITY)
    outputs = first.apply(records)
    assert len(outputs) > len(records) // 10
    assert second.apply(records) == outputs
    assert second.state_hash() == first.state_hash() != OrderEngine(**CAPACITY).state_hash()
