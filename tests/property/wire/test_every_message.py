"""Every message of both gateways, with any values that fit, through the command line and back."""

import json
import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from panshi.cli.wire import app
from panshi.wire.codec import PROTOCOLS, Protocol
from tests.wire_tables import Group, Message, Row, read_messages

LETTERS = string.ascii_letters + string.digits + string.punctuation + " 磐石\x00\n\x7f"


def _text(width: int) -> st.SearchStrategy[str]:
    texts = st.text(LETTERS, max_size=width).filter(lambda text: len(text.encode()) <= width)
    return texts.map(lambda text: text.rstrip(" "))


def _bytes(width: int) -> st.SearchStrategy[Any]:
    """Text, or bytes that are none; the padding is no part of either."""
    cut = st.binary(max_size=width).map(lambda raw: raw.rstrip(b" "))
    broken = cut.filter(_is_no_text).map(lambda raw: {"hex": raw.hex()})
    return st.one_of(_text(width), broken) if width > 1 else _text(width)


def _is_no_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return True
    return False


def _value(row: Row) -> st.SearchStrategy[Any]:
    bits = 8 * row.width
    if row.kind.startswith("uint"):
        return st.integers(0, 2**bits - 1)
    if row.kind.startswith("int"):
        return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return _bytes(row.width)


def _group(group: Group) -> st.SearchStrategy[Any]:
    if group.key not in {group.count, *(row.name for row in group.rows)}:
        raise AssertionError(group)
    if [row.width for row in group.rows] == [1]:
        # A text whose length is counted keeps its spaces.
        return st.text(LETTERS, max_size=40)
    if group.key == group.count:
        entry = st.fixed_dictionaries({row.name: _value(row) for row in group.rows})
        return st.lists(entry, max_size=4)
    return st.lists(_value(group.rows[0]), max_size=4)


def _fields(message: Message) -> st.SearchStrategy[dict[str, Any]]:
    fixed = {row.name: _value(row) for row in message.rows}
    groups = {one.key: _group(one) for one in message.groups if not one.optional}
    optional = {one.key: _group(one) for one in message.groups if one.optional}
    return st.fixed_dictionaries(fixed | groups, optional=optional)


MESSAGES = [(protocol, one) for protocol in PROTOCOLS for one in read_messages(protocol).values()]
# The messages are many; together they get the examples of several properties.
EXAMPLES = max(5, settings().max_examples // 10)


@pytest.mark.parametrize(
    ("protocol", "message"), MESSAGES, ids=[f"{one}-{message.number}" for one, message in MESSAGES]
)
@settings(max_examples=EXAMPLES)
@given(data=st.data(), seq=st.integers(0, 2**64 - 1))
def test_any_values_of_a_message_come_back(
    protocol: Protocol, message: Message, data: st.DataObject, seq: int
) -> None:
    fields = data.draw(_fields(message))
    sent: dict[str, Any] = {"type": message.number, "message": message.name, "fields": fields}
    if protocol == "sse":
        sent["seq"] = seq
    options = ["--protocol", protocol, "--json"]
    digits = CliRunner().invoke(app, ["encode", *options], input=json.dumps(sent))
    assert digits.exit_code == 0, digits.output
    shown = CliRunner().invoke(app, ["decode", *options], input=digits.stdout)
    assert (shown.exit_code, json.loads(shown.stdout)) == (0, sent)
