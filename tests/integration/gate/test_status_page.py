"""The status as JSON: every key is on its page, and every key of the page is there."""

import re
from pathlib import Path
from typing import Any

import pytest

from panshi.rig.gate import Gate
from panshi.rig.messages import shanghai_order

pytestmark = pytest.mark.integration

PAGE = Path(__file__).parents[3] / "docs" / "operations" / "status.md"
BY_NAME = {"refused_by_code", "latency", "door.offences"}
"""Tables whose keys are codes or names, shown as `*`."""


def keys(value: Any, path: str = "") -> set[str]:  # noqa: ANN401 - JSON of any shape
    """Return the path of every value in a JSON object; rows of a list as `[]`."""
    if isinstance(value, dict) and value:
        parts = {
            f"{path}.*" if path in BY_NAME else f"{path}.{name}".lstrip("."): inner
            for name, inner in value.items()
        }
        return set().union(*(keys(inner, name) for name, inner in parts.items()))
    if isinstance(value, list) and value:
        return set().union(*(keys(inner, f"{path}[]") for inner in value))
    return {path}


def test_the_page_lists_every_key_and_no_other(gate: Gate) -> None:
    client = gate.sse()
    client.send_bytes(shanghai_order("A000000001"))
    client.send_bytes(shanghai_order("A000000001"))
    gate.command("cancel-all", scope="firm")
    gate.connect(1).send_bytes(b"\0" * 4096)
    gate.wait_for(lambda found: bool(found["door"]["sources"] and found["clock"]["gateways"]))
    listed = set(re.findall(r"^\| `([^`]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    found = keys(gate.status())
    assert sorted(found - listed) == []
    assert sorted(listed - found) == []
