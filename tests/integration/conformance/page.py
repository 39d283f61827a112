"""The page of all conformance cards, made from the tests themselves.

`make docs` writes it; a card test holds that it is what the tests say.
"""

from __future__ import annotations

import importlib
from pathlib import Path

from tests.integration.conformance.cards import CARDS

PAGE = Path("docs/reference/conformance-cards.md")
HEAD = """# 符合性卡片 · Conformance cards

This page is made from the tests by `make docs`.

每张卡片是规范中关于会话或报文的一条陈述、其出处，以及在真实套接字上证明它的测试
（`tests/integration/conformance`）。

A card is a statement of the specifications about a session or a message, where it is written, and
the test that shows it over a real socket (`tests/integration/conformance`). *Our choice* marks what
the specifications leave open; see [venue](../venue.md).
"""
MARKETS = {"SSE": "上交所 · Shanghai, TDGW Binary 0.57", "SZSE": "深交所 · Shenzhen, Binary 1.32"}


def load_cards() -> None:
    """Load every file of cards, so that each card is on record."""
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        importlib.import_module(f"{__package__}.{path.stem}")


def cards_page() -> str:
    """Return the page.

    Returns:
        The text: a table for each market, in the order of the numbers.
    """
    load_cards()
    lines = [HEAD]
    for market, title in MARKETS.items():
        lines += [f"## {title}", "", "| card | statement | source | test |", "|---|---|---|---|"]
        lines += [
            f"| {number} | {one.statement} | {one.source} | `{one.test}` |"
            for number, one in sorted(CARDS.items())
            if number.startswith(f"{market}-")
        ]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(cards_page(), encoding="utf-8")
