"""The engine's records as bytes."""

import pytest

from panshi.domain.errors import BadInputError
from panshi.gate.engine import OrderEngine
from panshi.gate.records import FRAME, RecordCodec

CODEC = RecordCodec()


def test_an_engine_reads_what_is_packed_and_its_answer_is_read_back() -> None:
    frame = CODEC.pack_input(7, "LoadBranch", {"branch": "00001", "state": 2})
    (answer,) = CODEC.unpack(OrderEngine().apply(frame))
    assert (answer.sequence, answer.name) == (7, "LoadRefused")
    assert answer.fields == {
        "input_seq": 7,
        "limit": 1,
        "found": 2,
        "code": 33006,
        "input_type": CODEC.tables["LoadBranch"].type,
    }


def test_an_unknown_record_and_a_cut_frame_are_refused() -> None:
    with pytest.raises(BadInputError, match="must be the name of a record, found 'LoadColour'"):
        CODEC.pack("LoadColour", {})
    with pytest.raises(BadInputError, match="must be whole, found 5"):
        list(CODEC.unpack(bytes(5)))
    with pytest.raises(BadInputError, match="must be of a known type, found 99"):
        list(CODEC.unpack(FRAME.pack(99, 0, 1)))
    whole = CODEC.pack_input(1, "Timer", {"time_ns": 1})
    with pytest.raises(BadInputError, match="Timer: must be 8 bytes, found 7"):
        list(CODEC.unpack(whole[:-1]))
