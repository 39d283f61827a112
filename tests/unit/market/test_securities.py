"""Boards told from codes."""

import pytest

from panshi.domain.words import Board, Product
from panshi.market.securities import sse_board, szse_board


@pytest.mark.parametrize(
    ("code", "board", "product"),
    [
        ("600000", Board.MAIN, Product.STOCK),
        ("688001", Board.STAR, Product.STOCK),
        ("510300", Board.FUND, Product.FUND),
        ("113050", Board.BOND, Product.CONVERTIBLE),
    ],
)
def test_sse_codes(code: str, board: Board, product: Product) -> None:
    assert sse_board(code, "") == (board, product)


@pytest.mark.parametrize(
    ("code", "board", "product"),
    [
        ("000001", Board.MAIN, Product.STOCK),
        ("301001", Board.CHINEXT, Product.STOCK),
        ("159915", Board.FUND, Product.FUND),
        ("123001", Board.BOND, Product.CONVERTIBLE),
    ],
)
def test_szse_codes(code: str, board: Board, product: Product) -> None:
    assert szse_board(code) == (board, product)


def test_other_codes_are_refused() -> None:
    with pytest.raises(ValueError, match="900901"):
        sse_board("900901", "BSH")
    with pytest.raises(ValueError, match="200002"):
        szse_board("200002")
