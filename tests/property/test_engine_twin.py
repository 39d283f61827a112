"""The native engine and its slow twin give the same outputs for the same random days."""

from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING

import pytest

from panshi.gate.engine import OrderEngine, load_reasons
from panshi.gate.records import RecordCodec
from tests.twin.engine import Twin
from tests.twin.flow import TIGHT, Flow

if TYPE_CHECKING:
    from tests.twin.state import Row

ONE = os.environ.get("PANSHI_SIM_SEED")
SEEDS = [int(ONE)] if ONE else range(int(os.environ.get("PANSHI_SIM_SEEDS", "12")))
INPUTS = 900
CODEC = RecordCodec()
CODES = {reason.code: reason.name for reason in load_reasons()}
OF_THE_GATE = {"NotConnected", "QueueFull", "MessageInvalid", "TypeUnsupported"}
"""Codes that the gate around the engine gives; its own tests reach them."""


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


def play(flow: Flow, seed: int) -> list[Row]:
    """Play a day through both engines; return the outputs, on which they must agree."""
    twin, native = Twin(CODES, **flow.capacity), OrderEngine(**flow.capacity)
    outputs = []
    for seq, (name, row) in enumerate(flow.inputs(INPUTS), 1):
        expected = comparable(twin.apply(seq, name, row))
        found = comparable(run_native(native, seq, name, row))
        assert found == expected, f"seed {seed}, input {seq}: {name} {row}"
        flow.observe(seq, name, row, expected)
        outputs += expected
    return outputs


@pytest.mark.parametrize("seed", SEEDS)
def test_both_engines_agree_on_every_output(seed: int) -> None:
    play(Flow(Random(seed)), seed)


def test_the_random_days_reach_every_code_and_every_output_of_the_engine() -> None:
    rooms: tuple[dict[str, int], ...] = ({}, {}, *TIGHT)
    seen: set[int] = set()
    records: set[str] = set()
    for seed in range(8 * len(rooms)):
        for row in play(Flow(Random(seed), rooms[seed % len(rooms)]), seed):
            seen |= {row["code"]} if isinstance(row.get("code"), int) else set()
            seen |= {row["cause"]} if row.get("cause") else set()
            records.add(row["record"])
    assert {name for code, name in CODES.items() if code not in seen} == OF_THE_GATE
    assert seen <= CODES.keys()
    outputs = {name for name, table in CODEC.tables.items() if table.type >= 100}
    assert records == outputs


def test_a_replay_gives_the_same_bytes_and_the_same_state() -> None:
    flow = Flow(Random(4711), {})
    twin = Twin(CODES, **flow.capacity)
    records = b""
    for seq, (name, row) in enumerate(flow.inputs(INPUTS), 1):
        records += CODEC.pack_input(seq, name, row)
        flow.observe(seq, name, row, twin.apply(seq, name, row))
    first, second = OrderEngine(**flow.capacity), OrderEngine(**flow.capacity)
    outputs = first.apply(records)
    assert len(outputs) > len(records) // 10
    assert second.apply(records) == outputs
    assert second.state_hash() == first.state_hash()
    assert first.state_hash() != OrderEngine(**flow.capacity).state_hash()
