"""Ports that servers will listen on: nobody else has them, whoever asks at the same moment."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from panshi.domain.errors import BadInputError
from panshi.rig.ports import (
    KERNEL_RANGE_WIDEST,
    PORTS,
    Reserve,
    kernel_range,
    offered_ports,
    reserve_ports,
)

if TYPE_CHECKING:
    from pathlib import Path

PICKERS, EACH = 4, 40
PICK = f"""
import json, sys
from panshi.rig.ports import Reserve, kernel_range, offered_ports
reserve = Reserve(offered_ports(kernel_range(), turn=1))
print("ready", flush=True)
sys.stdin.readline()
print(json.dumps([reserve.take(1)[0] for _ in range({EACH})]), flush=True)
sys.stdin.readline()
"""


def test_processes_that_pick_at_once_never_collide() -> None:
    # All begin at the same port, and none listens on what it has picked.
    pickers = [
        subprocess.Popen(
            [sys.executable, "-c", PICK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(PICKERS)
    ]
    try:
        assert [said(one) for one in pickers] == ["ready\n"] * PICKERS
        for one in pickers:
            tell(one)
        picked = [port for one in pickers for port in json.loads(said(one))]
    finally:
        for one in pickers:
            one.communicate()
    assert len(picked) == PICKERS * EACH
    assert len(set(picked)) == len(picked)


def said(picker: subprocess.Popen[str]) -> str:
    assert picker.stdout is not None
    return picker.stdout.readline()


def tell(picker: subprocess.Popen[str]) -> None:
    assert picker.stdin is not None
    picker.stdin.write("\n")
    picker.stdin.flush()


def test_ports_lie_where_the_kernel_chooses_none() -> None:
    first, last = kernel_range()
    ports = reserve_ports(5)
    assert len(set(ports)) == 5
    assert all(port in PORTS and not first <= port <= last for port in ports)


def test_a_port_on_which_somebody_listens_is_passed_over() -> None:
    with socket.socket() as listener:
        (port,) = reserve_ports(1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        with pytest.raises(BadInputError, match="must have 1 ports free of 1, found 0"):
            Reserve([port]).take(1)
    # Nothing of the vain try is left.
    assert Reserve([port]).take(1) == [port]


@pytest.mark.parametrize("found", ["", "32768", "a b\n", "1 2 3"])
def test_a_kernel_that_does_not_say_its_range(tmp_path: Path, found: str) -> None:
    file = tmp_path / "range"
    file.write_text(found)
    assert kernel_range(file) == KERNEL_RANGE_WIDEST
    assert kernel_range(tmp_path / "nothing") == KERNEL_RANGE_WIDEST


def test_the_kernels_own_ports_come_last() -> None:
    usual = offered_ports((32_768, 60_999), turn=3)
    assert sorted(usual) == list(PORTS)
    assert all(not 32_768 <= port <= 60_999 for port in usual[: 22_768 + 4_536])
    assert offered_ports((1_024, 65_535), turn=3) == list(PORTS)
