"""Fixed-width records from and to Python values."""

import pytest

from panshi.domain.errors import BadInputError
from panshi.wire.layout import Layout

TRADE = Layout("Trade", [("qty", "H"), ("spare", "2s"), ("code", "4s"), ("price", "q")])


def test_a_record_reads_back_as_it_was_written() -> None:
    payload = TRADE.pack({"qty": 65535, "code": "60", "price": -1})
    assert payload == b"\xff\xff" + b"\0\0" + b"60  " + b"\xff" * 8
    assert TRADE.unpack(payload) == {"qty": 65535, "code": "60", "price": -1}
    assert list(TRADE.unpack_rows(payload * 2)) == [(65535, "", "60", -1)] * 2


def test_fields_left_out_are_zero_or_blank() -> None:
    assert TRADE.unpack(TRADE.pack({})) == {"qty": 0, "code": "", "price": 0}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"colour": 1}, "Trade: has no field 'colour'"),
        ({"qty": "1"}, "Trade, field qty: must be a whole number, found '1'"),
        ({"qty": 65536}, "Trade .*65536"),
        ({"code": 1}, "Trade, field code: must be at most 4 ASCII characters, found 1"),
        ({"code": "60000"}, "must be at most 4 ASCII characters, found '60000'"),
        ({"code": "六"}, "must be at most 4 ASCII characters"),
    ],
)
def test_a_value_that_does_not_fit_is_named(values: dict[str, int | str], message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        TRADE.pack(values)


def test_a_payload_of_another_length_is_no_record() -> None:
    with pytest.raises(BadInputError, match="Trade: must be 16 bytes, found 15"):
        TRADE.unpack(bytes(15))
