"""The product file of SSE: round trip through its layout, and every way to spoil it."""

from pathlib import Path

import pytest

from panshi.domain.errors import BadRecordError
from panshi.market.securities import Security
from panshi.market.sse_products import FIELDS, load_sse_products, write_sse_products


@pytest.fixture
def product_file(tmp_path: Path, securities: list[Security]) -> Path:
    path = tmp_path / "cpxx02011120.txt"
    write_sse_products(path, securities)
    return path


def field_at(name: str) -> tuple[int, int]:
    """Return first and last byte of a field within a line."""
    offset = 0
    for item in FIELDS:
        if item.name == name:
            return offset, offset + item.width
        offset += item.width + 1
    raise KeyError(name)


def spoil(path: Path, name: str, value: bytes) -> None:
    """Overwrite a field of the second line."""
    lines = path.read_bytes().split(b"\n")
    start, end = field_at(name)
    lines[1] = lines[1][:start] + value.ljust(end - start)[: end - start] + lines[1][end:]
    path.write_bytes(b"\n".join(lines))


def test_a_line_has_the_width_of_the_specification(product_file: Path) -> None:
    widths = {len(line) for line in product_file.read_bytes().split(b"\n") if line}
    assert len(FIELDS) == 33
    assert widths == {sum(item.width for item in FIELDS) + 32}


def test_what_is_written_is_read_again(product_file: Path, securities: list[Security]) -> None:
    assert list(load_sse_products(product_file)) == securities


def test_products_of_other_kinds_are_left_out(product_file: Path) -> None:
    lines = product_file.read_bytes().split(b"\n")
    start, end = field_at("sub_class")
    other = b"900901" + lines[0][6:start] + b"BSH" + lines[0][end:]
    product_file.write_bytes(b"\n".join([*lines[:-1], other, b""]))
    assert len(load_sse_products(product_file)) == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("prev_close", b"nine"), ("prev_close", b"99999999999"), ("prev_close", b"0"),
        ("prev_close", b""), ("limit_up", b"1.000"), ("limit_down", b"-1"), ("tick", b"0"),
        ("limit_type", b"X"), ("list_date", b"20041399"), ("margin_buy", b"?"),
        ("limit_max", b"1.5"),
    ],
)  # fmt: skip
def test_a_bad_field_names_line_and_field(product_file: Path, field: str, value: bytes) -> None:
    spoil(product_file, field, value)
    with pytest.raises(BadRecordError) as failure:
        load_sse_products(product_file)
    assert failure.value.line == 2
    assert failure.value.field in (field, "limits")


def test_bytes_that_are_no_gb18030_are_refused(product_file: Path) -> None:
    spoil(product_file, "name", b"\xff\xff\xff\xff\xff\xff\xff\xff")
    with pytest.raises(BadRecordError, match="line 2, field name"):
        load_sse_products(product_file)


def test_a_bar_out_of_place_is_refused(product_file: Path) -> None:
    content = bytearray(product_file.read_bytes())
    content[6] = ord("!")
    product_file.write_bytes(bytes(content))
    with pytest.raises(BadRecordError, match="line 1, field isin: must be a bar"):
        load_sse_products(product_file)


@pytest.mark.parametrize("cut", [1, 10, 400])
def test_a_torn_file_loads_nothing(product_file: Path, cut: int) -> None:
    product_file.write_bytes(product_file.read_bytes()[:-cut])
    with pytest.raises(BadRecordError, match="line 3"):
        load_sse_products(product_file)


def test_a_name_that_does_not_fit_is_not_written(tmp_path: Path, share: Security) -> None:
    object.__setattr__(share, "name", "名字太长了吧")
    with pytest.raises(ValueError, match="name must fit 8 bytes"):
        write_sse_products(tmp_path / "cpxx.txt", [share])
