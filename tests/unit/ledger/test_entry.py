"""One record: its one text, its place in the chain, and what it may not hold."""

from dataclasses import asdict, astuple, fields

import pytest

from panshi.domain.errors import BadInputError
from panshi.ledger.entry import GENESIS, Deed, Entry, chain, compute_digest, write_data

DEED = Deed(7, "wang", "centre", "change.submit", "change:12", write_data({"级别": "一级"}))

TOLD = "b6506e1c8b817fe4cc1d370672f207b9a3baba84497bd638d7185ff3abb06d4e"


def test_the_first_record_begins_the_chain_and_the_next_follows_it() -> None:
    first = chain(DEED, None, 9)
    second = chain(DEED, first, 9)
    assert (first.sequence, first.previous) == (1, GENESIS)
    assert (second.sequence, second.previous) == (2, first.digest)
    assert first.digest != second.digest
    assert astuple(first)[1:8] == (7, 9, *astuple(DEED)[1:])


def test_the_digest_is_sm3_of_the_stated_text() -> None:
    entry = Entry(1, 2, 3, "a", "b", "c", "d:1", "{}", GENESIS, "")
    text = f'["panshi-ledger-1",1,2,3,"a","b","c","d:1","{{}}","{GENESIS}"]'
    # `openssl dgst -sm3` over the text says the same.
    assert len(text) == 115
    assert compute_digest(entry) == TOLD


@pytest.mark.parametrize("field", [f.name for f in fields(Entry) if f.name != "digest"])
def test_every_field_is_part_of_the_digest(field: str) -> None:
    entry = chain(DEED, None, 9)
    value = getattr(entry, field)
    changed = value + 1 if isinstance(value, int) else value + "0"
    assert compute_digest(Entry(**{**asdict(entry), field: changed})) != entry.digest


def test_fields_cannot_flow_into_each_other() -> None:
    left = Entry(1, 2, 3, 'a","b', "", "c", "d", "{}", GENESIS, "")
    right = Entry(1, 2, 3, "a", "b", "c", "d", "{}", GENESIS, "")
    assert compute_digest(left) != compute_digest(right)


def test_data_has_one_text() -> None:
    assert write_data({"b": 1, "a": [True, None]}) == write_data({"a": [True, None], "b": 1})


@pytest.mark.parametrize("value", [0.5, {1: "x"}, {"a": [1.5]}, b"x", object()])
def test_data_without_one_text_is_refused(value: object) -> None:
    with pytest.raises(BadInputError, match="data"):
        write_data({"value": value})


@pytest.mark.parametrize("text", ["a\0b", "a\nb", "\ud800"])
@pytest.mark.parametrize("field", ["actor", "organisation", "action", "subject", "data"])
def test_text_that_no_store_gives_back_is_refused(field: str, text: str) -> None:
    with pytest.raises(BadInputError, match=field):
        chain(Deed(**{**asdict(DEED), field: text}), None, 9)


def test_control_characters_in_values_are_written_as_escapes() -> None:
    assert write_data({"note": "a\0\nb"}) == '{"note":"a\\u0000\\nb"}'
