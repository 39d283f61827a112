"""The product file of SSE: round trip through its layout, and every way to spoil it."""

from dataclasses import replace
from pathlib import Path

import pytest

from panshi.domain.errors import BadRecordError
from panshi.domain.words import Board, Market, Product
from panshi.market.securities import Security, SecurityFlags
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
    # The file does not say that a product is halted.
    expected = [replace(one, flags=replace(one.flags, halted=False)) for one in securities]
    master = load_sse_products(product_file)
    assert list(master) == expected
    assert master.left_out == {}


def test_products_of_other_kinds_are_left_out_and_counted(product_file: Path) -> None:
    lines = product_file.read_bytes().split(b"\n")
    start, end = field_at("sub_class")
    others = [
        code + lines[0][6:start] + kind + lines[0][end:]
        for code, kind in ((b"900901", b"BSH"), (b"900902", b"BSH"), (b"019547", b"GBF"))
    ]
    product_file.write_bytes(b"\n".join([*lines[:-1], *others, b""]))
    master = load_sse_products(product_file)
    assert (len(master), master.left_out) == (3, {"BSH": 2, "GBF": 1})


@pytest.mark.parametrize(
    ("sub_class", "board", "product"),
    [
        (b"ASH", Board.MAIN, Product.STOCK), (b"KSH", Board.STAR, Product.STOCK),
        (b"EBS", Board.FUND, Product.FUND), (b"LOF", Board.FUND, Product.FUND),
        (b"RET", Board.FUND, Product.FUND), (b"CCF", Board.BOND, Product.CONVERTIBLE),
    ],
)  # fmt: skip
def test_the_sub_class_tells_board_and_product(
    product_file: Path, sub_class: bytes, board: Board, product: Product
) -> None:
    spoil(product_file, "sub_class", sub_class)
    one = load_sse_products(product_file).get(Market.SSE, "600962")
    assert one is not None
    assert (one.board, one.product) == (board, product)


@pytest.mark.parametrize(
    ("status", "flags"),
    [
        # First day, ex-right and ex-dividend are no halt, and the spaces before a flag count.
        (b"NDRD     N", SecurityFlags(st=True)),
        (b"  RD", SecurityFlags(st=True)),
        (b"   S     N", SecurityFlags(st=True)),
        (b"   P     Y", SecurityFlags(st=True, delisting=True, same_day=True)),
    ],
)
def test_status_flags_are_read_at_their_places(
    product_file: Path, status: bytes, flags: SecurityFlags
) -> None:
    spoil(product_file, "status", status)
    one = load_sse_products(product_file).get(Market.SSE, "600962")
    assert one is not None
    assert one.flags == flags, "the name of the share, *ST, is a warning as well"


def test_a_fund_that_trades_the_same_day_says_so(product_file: Path) -> None:
    spoil(product_file, "sub_class", b"EBS")
    spoil(product_file, "status", b"   D     Y")
    one = load_sse_products(product_file).get(Market.SSE, "600962")
    assert one is not None
    assert (one.product, one.flags.same_day, one.flags.st) == (Product.ETF_SAME_DAY, True, False)


def test_the_second_file_tells_what_trades_after_hours(product_file: Path) -> None:
    spoil(product_file, "remarks", b"     100000000" + b" " * 26 + b"Y")
    one = load_sse_products(product_file).get(Market.SSE, "600962")
    assert one is not None
    assert one.flags.after_hours


def test_a_name_may_hold_the_byte_of_a_bar(product_file: Path) -> None:
    # The second byte of some GB18030 characters is 0x7C, the bar itself.
    name = b"\x81\x7c" * 4
    spoil(product_file, "name", name)
    one = load_sse_products(product_file).get(Market.SSE, "600962")
    assert one is not None
    assert one.name == name.decode("gb18030")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("prev_close", b"nine"), ("prev_close", b"99999999999"), ("prev_close", b"0"),
        ("prev_close", b""), ("limit_up", b"1.000"), ("limit_down", b"-1"), ("tick", b"0"),
        ("limit_type", b"X"), ("limit_type", b"F"), ("status", b"   X"),
        ("status", b"   D     1"), ("remarks", b" " * 40 + b"T"),
        ("list_date", b"20041399"), ("margin_buy", b"?"),
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
    with pytest.raises(ValueError, match="name must fit 8 bytes"):
        write_sse_products(tmp_path / "cpxx.txt", [replace(share, name="名字太长了吧")])
