"""Any values that fit come back through bytes; any bytes give an object."""

import json
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panshi.domain.errors import BadInputError
from panshi.wire import codec
from panshi.wire.codec import Protocol

UINT16, UINT32, UINT64 = 2**16 - 1, 2**32 - 1, 2**64 - 1
INT64 = st.integers(-(2**63), 2**63 - 1)


def _text(width: int) -> st.SearchStrategy[str]:
    letters = st.text(string.ascii_letters + string.digits + " 磐石", max_size=width)
    return letters.filter(lambda text: len(text.encode()) <= width).map(
        lambda text: text.rstrip(" ")
    )


def _stream() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "Pbu": _text(8),
            "SetID": st.integers(0, UINT32),
            "BeginReportIndex": st.integers(0, UINT64),
        }
    )


@given(
    seq=st.integers(0, UINT64),
    fields=st.fixed_dictionaries(
        {
            "BizID": st.integers(0, UINT32),
            "ClOrdID": _text(10),
            "SecurityID": _text(12),
            "OwnerType": st.integers(0, 255),
            "Side": _text(1),
            "Price": INT64,
            "OrderQty": INT64,
            "TransactTime": st.integers(0, UINT64),
            "UserInfo": _text(32),
        }
    ),
)
def test_order_values_come_back(seq: int, fields: dict[str, Any]) -> None:
    message = codec.encode("sse", {"type": 58, "seq": seq, "fields": fields})
    shown = codec.decode("sse", message)
    assert shown["seq"] == seq
    assert {name: shown["fields"][name] for name in fields} == fields
    assert codec.encode("sse", shown) == message


@given(streams=st.lists(_stream(), max_size=203))
def test_groups_come_back_up_to_the_longest_message(streams: list[dict[str, Any]]) -> None:
    shown = {"type": 206, "message": "ExecRptSync", "fields": {"NoGroups": streams}, "seq": 1}
    assert codec.decode("sse", codec.encode("sse", shown)) == shown


def test_more_groups_than_a_message_holds_are_refused() -> None:
    streams = [{"Pbu": "20001", "SetID": 1, "BeginReportIndex": 1}] * 204
    with pytest.raises(BadInputError, match="at most 4096 bytes, this one says 4102"):
        codec.encode("sse", {"type": 206, "fields": {"NoGroups": streams}})


@pytest.mark.parametrize("protocol", codec.PROTOCOLS)
@given(line=st.one_of(st.text(), st.binary().map(bytes.hex)))
def test_any_line_gives_an_object(protocol: Protocol, line: str) -> None:
    shown = json.loads(codec.decode_line(protocol, line))
    assert shown.keys() == {"error"} or "fields" in shown


@pytest.mark.parametrize("protocol", codec.PROTOCOLS)
@given(line=st.one_of(st.text(), st.dictionaries(st.text(), st.integers()).map(json.dumps)))
def test_any_object_is_a_message_or_bad_input(protocol: Protocol, line: str) -> None:
    try:
        digits = codec.encode_line(protocol, line)
    except BadInputError:
        return
    assert "error" not in json.loads(codec.decode_line(protocol, digits))
