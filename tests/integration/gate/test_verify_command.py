"""What `panshi gate verify` and `replay` say of a gate's journal in which one byte is another."""

import json
import re
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from panshi.gate.journal import layouts
from panshi.gate.journal_files import HEADER, HEADER_PAGE, Record, records, segments
from panshi.rig.exchange import Exchange, accepted, filled
from panshi.rig.gate import Gate, gateway
from panshi.rig.messages import sse_order
from panshi.rig.peer import close_opened
from panshi.rig.processes import COMMAND
from panshi.rig.small_day import BRANCHES, SSE
from panshi.rig.venue import from_now

pytestmark = pytest.mark.integration

SEGMENT: Final = 16_384
ORDERS: Final = 60
CHECKSUM_AT: Final = 24
CASTAGNOLI: Final = 0x82F63B78
DIGEST_BEFORE_AT: Final = 256
"""Where a segment's header repeats the chain's digest of the segment before."""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the journal of a gate that has served orders, over several segments, and ended."""
    exchange = Exchange()
    gate = Gate(
        tmp_path_factory.mktemp("verify"),
        [gateway(SSE, exchange.address)],
        from_now("10:00:00"),
        changes={"journal": {"segment_bytes": SEGMENT}},
        alone=True,
    )
    gate.launch()
    session = exchange.logged_on()
    gate.wait_open()
    client = gate.sse()
    for number in range(1, ORDERS + 1):
        client.send(58, **sse_order(f"A{number:09}", BranchID=BRANCHES[SSE]))
        order = session.expect(58)
        session.send(32, **accepted(order, 2 * number - 1))
        session.send(103, **filled(order, 2 * number))
        client.expect(32)
        client.expect(103)
    close_opened()
    assert gate.stop() == 0
    assert len(segments(gate.journal)) >= 3
    return gate.journal


@pytest.fixture
def journal(original: Path, tmp_path: Path) -> Path:
    """Give a copy of it that a test may damage."""
    return Path(shutil.copytree(original, tmp_path / "journal"))


def panshi(verb: str, journal: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, "gate", verb, str(journal), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def flip(path: Path, offset: int, bits: int = 0x40) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= bits
    path.write_bytes(data)


def middle_record(journal: Path) -> Record:
    """Return a record amid the second segment."""
    found = [it for it in records(journal) if it.path == segments(journal)[1]]
    return found[len(found) // 2]


def test_a_journal_as_it_was_written(journal: Path) -> None:
    count = len(list(records(journal)))
    done = panshi("verify", journal)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"完整 intact: {count} 条记录 records\n"
    told = json.loads(panshi("verify", journal, "--json").stdout)
    assert told == {"ok": True, "records": count, "live": False, "findings": []}
    done = panshi("replay", journal)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"\d+ 个输入 inputs, \d+ 个相同的输出 equal outputs, .*\n", done.stdout)
    told = json.loads(panshi("replay", journal, "--json").stdout)
    assert told["equal"] is True
    assert told["difference"] is None
    assert told["inputs"] > 3 * ORDERS
    # Each order is sent, and each of its two reports handed on.
    assert told["outputs"] >= 3 * ORDERS


Place = Callable[[Path], tuple[Path, int, int]]
"""Gives of a journal the file, the byte to be changed, and the offset that is to be named."""


def in_header(at: int, named: int) -> Place:
    return lambda journal: (segments(journal)[1], at, named)


def in_record(at: int) -> Place:
    def place(journal: Path) -> tuple[Path, int, int]:
        record = middle_record(journal)
        return record.path, record.offset + at, record.offset

    return place


def in_padding(journal: Path) -> tuple[Path, int, int]:
    for record in records(journal):
        data = record.path.read_bytes()
        length = HEADER.unpack_from(data, record.offset)[0]
        if length % 8:
            return record.path, record.offset + HEADER.size + length, record.offset
    raise AssertionError("some record must have padding, found none")


def in_end(journal: Path) -> tuple[Path, int, int]:
    end = end_of(journal)
    return segments(journal)[1], end + HEADER.size, end


def in_seal(journal: Path) -> tuple[Path, int, int]:
    # The end record has a payload of 16 bytes.
    seal = end_of(journal) + HEADER.size + 16
    return segments(journal)[1], seal + HEADER.size, seal


def end_of(journal: Path) -> int:
    last = [it for it in records(journal) if it.path == segments(journal)[1]][-1]
    return last.offset + last.length


def in_file(name: str) -> Place:
    return lambda journal: (journal / name, 3, 0)


def behind_the_end(journal: Path) -> tuple[Path, int, int]:
    path = segments(journal)[1]
    at = len(path.read_bytes()) - 5
    return path, at, at


PLACES: Final[dict[str, tuple[Place, str]]] = {
    "header": (in_header(17, 0), "checksum must match"),
    "magic": (in_header(0, 0), "must begin with|magic"),
    "digest-before": (in_header(DIGEST_BEFORE_AT, DIGEST_BEFORE_AT), "the digest before must"),
    "header-page": (in_header(HEADER_PAGE - 1, HEADER_PAGE - 1), "the header page must be zero"),
    "length": (in_record(0), "checksum must match|within the maximum"),
    "kind": (in_record(4), "checksum must match"),
    "flags": (in_record(6), "checksum must match"),
    "sequence": (in_record(8), "checksum must match"),
    "time": (in_record(16), "checksum must match"),
    "checksum": (in_record(CHECKSUM_AT), "checksum must match"),
    "mark": (in_record(28), "must carry the record mark"),
    "payload": (in_record(HEADER.size + 1), "checksum must match"),
    "padding": (in_padding, "checksum must match"),
    "end": (in_end, "checksum must match"),
    "seal": (in_seal, "the seal must carry"),
    "behind-the-end": (behind_the_end, "must be zero"),
    "chain": (in_file("chain.txt"), "line"),
    "durable": (in_file("durable"), "must"),
    "ids": (in_file("ids"), "must"),
}


@pytest.mark.parametrize("region", PLACES)
def test_one_changed_byte_is_named_with_its_place(journal: Path, region: str) -> None:
    place, reason = PLACES[region]
    path, at, named = place(journal)
    flip(path, at)
    done = panshi("verify", journal)
    assert done.returncode == 1
    assert done.stdout.startswith("已损坏 damaged: ")
    assert f"{path}, offset {named}, sequence " in done.stderr
    told = panshi("verify", journal, "--json")
    assert (told.returncode, told.stderr) == (1, "")
    found = json.loads(told.stdout)
    assert found["ok"] is False
    here = [it for it in found["findings"] if (it["file"], it["offset"]) == (str(path), named)]
    assert any(re.search(reason, it["reason"]) for it in here), found["findings"]
    # The text has each finding, and nothing else.
    assert done.stderr.splitlines() == [
        f"{it['file']}, offset {it['offset']}, sequence {it['sequence']}: {it['reason']}"
        for it in found["findings"]
    ]
    segment = int(path.stem) if path.suffix == ".pjl" else 0
    assert {it["segment"] for it in here} == {segment}


def test_a_record_before_the_last_segment_stops_a_replay(journal: Path) -> None:
    record = middle_record(journal)
    flip(record.path, record.offset + HEADER.size)
    for words in ([], ["--json"]):
        done = panshi("replay", journal, *words)
        assert done.returncode == 2
        assert done.stdout == ""
        assert f"offset {record.offset}, sequence {record.sequence}" in done.stderr
        assert "checksum must match" in done.stderr
        assert done.stderr.startswith("panshi: ")
        assert "Traceback" not in done.stderr


def test_an_output_rewritten_with_its_checksum_breaks_chain_and_replay(journal: Path) -> None:
    number = layouts()["Forward"].number
    record = next(it for it in records(journal) if it.kind == number)
    data = bytearray(record.path.read_bytes())
    rewrite(data, record)
    record.path.write_bytes(data)
    told = json.loads(panshi("verify", journal, "--json").stdout)
    assert told["records"] == len(list(records(journal)))
    assert any("the seal must carry" in it["reason"] for it in told["findings"])
    done = panshi("replay", journal)
    assert done.returncode == 1
    assert done.stderr.startswith("不一致 · differs: ")
    assert f"sequence {record.sequence}" in done.stderr
    told = json.loads(panshi("replay", journal, "--json").stdout)
    assert told["equal"] is False
    assert f"sequence {record.sequence}" in told["difference"]


def rewrite(data: bytearray, record: Record) -> None:
    """Change the last byte of a record's payload and make its checksum fit."""
    length = HEADER.unpack_from(data, record.offset)[0]
    data[record.offset + HEADER.size + length - 1] ^= 1
    whole = data[record.offset : record.offset + record.length]
    checksum = crc32c(bytes(whole[:CHECKSUM_AT] + whole[CHECKSUM_AT + 4 :]))
    struct.pack_into("<I", data, record.offset + CHECKSUM_AT, checksum)


def crc32c(data: bytes) -> int:
    """Return the CRC-32C, bit by bit: independent of the journal's own."""
    found = 0xFFFFFFFF
    for byte in data:
        found ^= byte
        for _ in range(8):
            found = (found >> 1) ^ (CASTAGNOLI if found & 1 else 0)
    return found ^ 0xFFFFFFFF


@pytest.mark.parametrize("verb", ["verify", "replay"])
def test_a_folder_that_is_not_there(tmp_path: Path, verb: str) -> None:
    done = panshi(verb, tmp_path / "nowhere")
    assert done.returncode == 2
    assert done.stdout == ""
    assert str(tmp_path / "nowhere") in done.stderr
    assert "Traceback" not in done.stderr
