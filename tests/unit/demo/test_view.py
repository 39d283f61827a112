"""What a person sees: the picture of a status, and the judgement of the misbehaviours."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len
from rich.console import Console

from panshi.demo.misbehaviour import Misbehaviour, judge
from panshi.demo.view import LiveView, show_summary
from panshi.domain.errors import BadInputError
from panshi.gate.engine import load_reasons
from panshi.rig.processes import Children, require_room, to_toml

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import RenderableType

STATUS = {
    "ns_of_day": 34_200_000_000_000,
    "counts": {"orders": 12_345, "cancels": 9, "forwarded": 8, "refused": 7, "reports": 6},
    "pending": {"queued": 1, "unacknowledged": 2},
    "clients_online": 4,
    "refused_by_code": {"30801": 40},
    "latency": {
        "check": {"count": 5, "p50_ns": 1500, "p99_ns": 2500, "p99_9_ns": 3500, "max_ns": 4500}
    },
    "gateways": [{"gateway": 1, "market": 1, "connected": True, "state": 3}],
}


def test_the_picture_has_counts_refusals_with_their_text_and_states() -> None:
    console = Console(file=io.StringIO(), width=160)
    console.print(LiveView(console).draw(STATUS))
    stream = console.file
    assert isinstance(stream, io.StringIO)
    picture = stream.getvalue()
    for word in ("12,345", "30801", "滑动一秒申报速率超限", "开市 open", "1.5", "09:30:00"):
        assert word in picture


FULL = STATUS | {
    "counts": dict.fromkeys(("orders", "cancels", "forwarded", "refused", "reports"), 1_234_567),
    "refused_by_code": {str(reason.code): reason.code for reason in load_reasons()},
    "latency": {
        stage: {
            "count": 9_999_999,
            "p50_ns": 1,
            "p99_ns": 99,
            "p99_9_ns": 999,
            "max_ns": 999_999_900,
        }
        for stage in ("check", "send", "ack", "durable")
    },
    "gateways": [
        {"gateway": 1, "market": 1, "connected": False, "state": 2},
        {"gateway": 2, "market": 2, "connected": True, "state": 2},
    ],
}


def _lines(what: RenderableType, width: int, height: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=height)
    console.print(what)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().rstrip().split("\n")


@pytest.mark.parametrize(("width", "height"), [(80, 24), (80, 40), (120, 24)])
def test_a_full_picture_fits_the_terminal_and_cuts_no_word(width: int, height: int) -> None:
    console = Console(file=io.StringIO(), width=width, height=height)
    lines = _lines(LiveView(console).draw(FULL), width, height)
    assert height - 3 <= len(lines) < height, "refusals fill what the rest leaves"
    assert max(map(cell_len, lines)) <= width
    picture = "\n".join(lines)
    assert "…" not in picture
    for word in ("1,234,567", "9,999,999", "999,999.9", "未连接 NOT CONNECTED", "pre-open"):
        assert word in picture


def test_chinese_and_english_figures_stand_in_the_same_columns() -> None:
    console = Console(file=io.StringIO(), width=80, height=24)
    lines = _lines(LiveView(console).draw(FULL), 80, 24)
    figures = [line for line in lines if line.count("1,234,567") >= 1]
    ends = {cell_len(line[: line.index("1,234,567") + 9]) for line in figures}
    assert len(figures) == 3
    assert len(ends) == 1


def test_the_summary_gives_each_code_its_whole_text(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    reasons = load_reasons()
    found = {
        "played": {"from": "09:15:00", "to": "10:30:00", "wall_s": 60.0},
        "speed": 60.0,
        **dict.fromkeys(("orders", "accepted", "cancels", "fills", "expired"), 1_234_567),
        "trades_as_in_reality": 1.0,
        "latency_us": {"p50": 1.0, "p90": 2.0, "p99": 3.0, "p99_9": 4.0, "max": 123_456.7},
        "refused": {str(reason.code): 9 for reason in reasons},
        "misbehaviours": {
            "short_sale_beyond_holding": {"code": 30604, "caught": True, "zh": "超过可卖数量卖出"}
        },
        **dict.fromkeys(("reconciled", "journal_verified", "replay_equal"), True),
        "differences": ["cash of A1: computed 1, gate 2"],
    }
    show_summary(found, stderr=False)
    text = capsys.readouterr().out
    assert "…" not in text
    assert max(map(cell_len, text.splitlines())) <= 80
    joined = "".join(text.split())
    for reason in reasons:
        assert "".join(f"{reason.zh}·{reason.en}".split()) in joined
    for word in ("shortsalebeyondholding", "已拦截caught", "差异difference:cashofA1"):
        assert word in joined


def test_only_the_right_code_counts_as_caught() -> None:
    one = Misbehaviour("order_storm", "委托风暴", 30801, (), ("A1", "A2"))
    assert judge([one], {"A1": 30801})["order_storm"]["caught"] is True
    assert judge([one], {"A1": 30802})["order_storm"]["caught"] is False
    assert judge([one], {"B9": 30801})["order_storm"]["caught"] is False


def test_a_full_disk_is_said_with_what_must_hold(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"must have \d+ MiB free, found"):
        require_room(tmp_path, 1 << 62)


def test_a_configuration_is_written_as_toml() -> None:
    table = {"name": "磐石", "on": True, "none": None, "rows": [{"a": 1}, {"a": 2, "b": None}]}
    assert to_toml(table) == ('name = "磐石"\non = true\nrows = [{ a = 1 }, { a = 2 }]\n')


def test_a_process_that_ends_is_told_with_its_last_words(tmp_path: Path) -> None:
    with Children(tmp_path) as children:
        child = children.start("venue", ["venue", "no-such-command"])
        child.process.wait()
        with pytest.raises(BadInputError, match=r"venue .* must run, has ended with status 2"):
            children.require_alive()
