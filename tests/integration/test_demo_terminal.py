"""The live view as a person sees it: in a terminal of 80 columns and 24 lines."""

from __future__ import annotations

import json
import sys

import pytest
from rich.cells import cell_len

from tests.integration.terminal import Screen, shown
from tests.unit.demo.test_view import FULL

pytestmark = pytest.mark.integration

DRAW = """
import json, sys
from panshi.demo.view import LiveView
status = json.loads(sys.argv[1])
with LiveView() as view:
    view.tell("stage", "交易 · trading")
    for second in range(30):
        view.tell("status", status | {"ns_of_day": (34_200 + second) * 10**9})
"""


def test_thirty_pictures_stand_on_one_screen_without_scrolling() -> None:
    last = Screen()
    for screen in shown([sys.executable, "-c", DRAW, json.dumps(FULL)]):
        last = screen
    lines = last.lines()
    assert last.scrolled == 0
    assert [number for number, line in enumerate(lines) if "磐石 Panshi" in line] == [0]
    assert "09:30:29" in lines[0]
    assert "交易 · trading" in lines[0]
    assert max(map(cell_len, lines)) <= 80
    assert "按代码统计的拒绝 refusals by code" in lines
    assert sum(bool(line) for line in lines) >= 21


def test_chinese_takes_two_columns_and_figures_end_in_one() -> None:
    last = Screen()
    for screen in shown([sys.executable, "-c", DRAW, json.dumps(FULL)]):
        last = screen
    ends = set()
    for line in last.lines():
        if "1,234,567" in line:
            ends.add(cell_len(line[: line.index("1,234,567") + len("1,234,567")]))
    assert len(ends) == 1
