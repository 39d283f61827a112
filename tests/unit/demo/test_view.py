"""What a person sees: the picture of a status, and the judgement of the misbehaviours."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from panshi.demo.misbehaviour import Misbehaviour, judge
from panshi.demo.view import LiveView
from panshi.domain.errors import BadInputError
from panshi.rig.processes import Children, free_ports, require_room, to_toml

if TYPE_CHECKING:
    from pathlib import Path

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


def test_only_the_right_code_counts_as_caught() -> None:
    one = Misbehaviour("order_storm", "委托风暴", 30801, (), ("A1", "A2"))
    assert judge([one], {"A1": 30801})["order_storm"]["caught"] is True
    assert judge([one], {"A1": 30802})["order_storm"]["caught"] is False
    assert judge([one], {"B9": 30801})["order_storm"]["caught"] is False


def test_a_full_disk_is_said_with_what_must_hold(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"must have \d+ MiB free, found"):
        require_room(tmp_path, 1 << 62)


def test_free_ports_differ() -> None:
    assert len(set(free_ports(5))) == 5


def test_a_configuration_is_written_as_toml() -> None:
    table = {"name": "磐石", "on": True, "none": None, "rows": [{"a": 1}, {"a": 2, "b": None}]}
    assert to_toml(table) == ('name = "磐石"\non = true\nrows = [{ a = 1 }, { a = 2 }]\n')


def test_a_process_that_ends_is_told_with_its_last_words(tmp_path: Path) -> None:
    with Children(tmp_path) as children:
        child = children.start("venue", ["venue", "no-such-command"])
        child.process.wait()
        with pytest.raises(BadInputError, match=r"venue .* must run, has ended with status 2"):
            children.require_alive()
