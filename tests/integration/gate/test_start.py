"""Starts that must not be: each says what is wrong, and touches nothing that was journaled."""

from collections.abc import Callable
from pathlib import Path

import pytest

from panshi.gate import journal
from panshi.gate.journal_files import records
from panshi.rig.exchange import Exchange, accepted
from panshi.rig.gate import Gate, Line, gateway
from panshi.rig.journal_files import write_half
from panshi.rig.messages import sse_order
from panshi.rig.peer import Message
from panshi.rig.small_day import ACCOUNTS, BRANCHES, SECURITIES, SSE, SZSE, day_records, row
from tests.integration.gate.conftest import NewGate, Shanghai, begin

pytestmark = pytest.mark.integration

BAD_INPUT = 2
ORDERS = 3


def as_commanded(gate: Gate) -> Gate:
    """Have a gate start by the command that people use."""
    gate.alone = False
    gate.configure()
    return gate


def refused(gate: Gate) -> str:
    """Start a gate that must not start, and give its one line."""
    as_commanded(gate).launch()
    assert gate.ended() == BAD_INPUT
    (line,) = gate.errors.read_text(encoding="utf-8").splitlines()
    assert line.startswith("panshi: ")
    assert any("\u4e00" <= sign <= "\u9fff" for sign in line), "Chinese comes first"
    return line


def traded(served: Shanghai, how: Callable[[Gate], object]) -> list[Message]:
    """Take some orders to the exchange and back and end the gate; the reports that were told."""
    oms = served.gate.sse()
    for number in range(1, ORDERS + 1):
        oms.send(58, **sse_order(f"A{number:09}", BranchID=BRANCHES[SSE]))
        served.session.send(32, **accepted(served.session.expect(58), number))
    told = [oms.expect(32) for _ in range(ORDERS)]
    oms.close()
    served.gate.wait_offline()
    how(served.gate)
    served.session.close()
    return told


def written(gate: Gate) -> dict[str, bytes]:
    """Return the bytes of every segment that holds a record; others may come and go."""
    held = {one.path for one in records(gate.journal)}
    return {path.name: path.read_bytes() for path in held}


def goes_on(served: Shanghai, told: list[Message]) -> None:
    """Hold that the day goes on where it was: every report is there, the next order passes."""
    session = begin(served.gate, served.exchange).session
    oms = served.gate.sse()
    assert [oms.expect(32) for _ in told] == told
    oms.send(58, **sse_order("B000000001", BranchID=BRANCHES[SSE]))
    session.send(32, **accepted(session.expect(58), len(told) + 1))
    assert oms.expect(32)["ReportIndex"] == len(told) + 1
    oms.close()
    session.close()
    assert served.gate.stop() == 0
    assert journal.verify(served.gate.journal).ok


def test_a_wrong_configuration_is_no_start(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    told = traded(shanghai, Gate.stop)
    before = written(gate)
    as_commanded(gate)
    good = gate.config.read_text(encoding="utf-8")
    gate.config.write_text(good.replace("market = 1", "market = 7", 1), encoding="utf-8")
    gate.launch()
    assert gate.ended() == BAD_INPUT
    line = gate.errors.read_text(encoding="utf-8")
    assert line == (
        f"panshi: 文件内容不符合要求 · {gate.config}, field listen.0.market: "
        "must be 1 or 2, found 7\n"
    )
    assert written(gate) == before
    gate.config.write_text(good, encoding="utf-8")
    goes_on(shanghai, told)


@pytest.mark.parametrize("how", [Gate.stop, Gate.kill])
@pytest.mark.parametrize("part", ["head", "payload"])
def test_a_changed_byte_in_the_journal_is_no_start(
    shanghai: Shanghai, how: Callable[[Gate], object], part: str
) -> None:
    gate = shanghai.gate
    told = traded(shanghai, how)
    numbers = {layout.number: name for name, layout in journal.layouts().items()}
    found = [one for one in records(gate.journal) if numbers[one.kind] == "NewOrder"]
    broken = found[1]
    at = broken.offset + (8 if part == "head" else broken.length // 2)
    flip(broken.path, at)
    before = written(gate)
    line = refused(gate)
    assert "journal is corrupt" in line
    assert str(broken.path) in line
    assert f"sequence {broken.sequence}" in line
    # Nothing is repaired, cut or written: what the disk has is for a person to look at.
    assert written(gate) == before
    assert not journal.verify(gate.journal).ok
    flip(broken.path, at)
    goes_on(shanghai, told)


def flip(path: Path, at: int) -> None:
    """Change one byte; the second time it is what it was."""
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 0x40]))


def test_a_torn_tail_is_cut_off_with_a_message(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    told = traded(shanghai, Gate.kill)
    last = max(records(gate.journal), key=lambda one: one.sequence)
    write_half(gate.journal)
    goes_on(shanghai, told)
    opened = gate.logged("journal opened")[-1]["found"]
    assert f"last sequence {last.sequence}" in opened
    assert f"dropped a torn tail of {last.length // 2} bytes" in opened
    assert f"at offset {last.offset + last.length}" in opened


DAYS: list[tuple[Callable[[bytes], bytes], str]] = [
    (lambda _: b"", "must hold one DayOpen, found none"),
    (lambda day: day[:-7], "bytes of payload, found"),
    (lambda day: day + b"\1\0\0", "must be a head of 8 bytes, found 3 bytes"),
    (lambda day: b"\x99" + day[1:], "must be a reference record (types 1 to 16)"),
    (lambda day: day[:4] + b"\x01" + day[5:], "must be a reference record (types 1 to 16)"),
    (lambda _: b"PK\3\4 no records of a day at all", "row 1 at byte 0"),
]


@pytest.mark.parametrize(("spoil", "words"), DAYS)
def test_a_corrupt_day_file_is_no_start(
    unstarted: tuple[Gate, Exchange], spoil: Callable[[bytes], bytes], words: str
) -> None:
    gate, _ = unstarted
    day = gate.folder / "day"
    day.write_bytes(spoil(day.read_bytes()))
    line = refused(gate)
    assert "day records" in line
    assert f"configuration {gate.config}, day records {day}" in line
    assert words in line
    # Corrected, the same command starts in the same folder.
    day.write_bytes(day_records())
    gate.launch()
    unstarted[1].logged_on()
    gate.wait_open()


def test_rows_that_name_what_is_not_there_are_no_start(new_gate: NewGate) -> None:
    exchange = Exchange()
    gate = new_gate(
        gateway(SSE, exchange.address),
        rows=[
            row("LoadHolding", account="A000000777", market=SSE, code=SECURITIES[SSE], total_qty=1),
            row("LoadHolding", account=ACCOUNTS[SSE], market=SSE, code="609999", total_qty=1),
        ],
    )
    line = refused(gate)
    assert (
        "day records: 2 rows were not taken, all are in the log; the first: LoadHolding, " in line
    )
    logged: list[Line] = gate.logged("reference row not taken")
    assert len(logged) == 2
    (gate.folder / "day").write_bytes(day_records())
    begin(gate, exchange)


def test_a_journal_of_another_trading_day_is_no_start(shanghai: Shanghai) -> None:
    gate = shanghai.gate
    told = traded(shanghai, Gate.stop)
    before = written(gate)
    day = gate.folder / "day"
    good = day.read_bytes()
    day.write_bytes(
        good.replace((20230711).to_bytes(4, "little"), (20230712).to_bytes(4, "little"))
    )
    line = refused(gate)
    assert "journal directory: must be of trade date 20230712, found 20230711" in line
    assert written(gate) == before
    day.write_bytes(good)
    goes_on(shanghai, told)


def test_a_second_gate_on_a_journal_is_no_start(shanghai: Shanghai, new_gate: NewGate) -> None:
    first = shanghai.gate
    second = new_gate(gateway(SSE, shanghai.exchange.address), journal={"dir": str(first.journal)})
    # The latch lies beside the journal, so that it is what the second one meets first.
    line = refused(second)
    assert f"latch {first.folder / 'stop.latch'}: must be of one gate only" in line
    second.configure(stop={"latch": str(second.folder / "stop.latch")})
    line = refused(second)
    assert f"journal {first.journal} is being written by another process" in line
    assert first.child is not None
    assert f"process {first.child.process.pid}" in line
    assert "a journal has one writer" in line
    goes_on(shanghai, traded(shanghai, Gate.stop))


def test_a_port_that_is_taken_is_no_start(shanghai: Shanghai, new_gate: NewGate) -> None:
    second = new_gate(gateway(SSE, shanghai.exchange.address))
    second.ports = shanghai.gate.ports
    line = refused(second)
    assert f"listen 127.0.0.1:{second.ports[0]}" in line
    assert not second.journal.exists()


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_password_that_others_may_read_is_no_start(
    new_gate: NewGate, tmp_path: Path, mode: int
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("swordfish\n")
    secret.chmod(mode)
    gate = new_gate(gateway(SZSE, ("127.0.0.1", 9), password_file=str(secret)))
    line = refused(gate)
    assert str(secret) in line
    assert f"mode must be 0600, found {mode:04o}" in line
    assert "swordfish" not in line + gate.last_words()
