"""Closes of the day: given with the day's files once they are known, and never guessed."""

from pathlib import Path

import pytest

from panshi.domain.errors import BadRecordError
from panshi.domain.words import Market
from panshi.gate.records import BLOCK, RecordCodec
from panshi.opening.closes import load_closes
from panshi.opening.day import build_day, security_key
from panshi.rig.small_day import TRADE_DATE, numbers, parties, security
from panshi.rulebook.book import Rulebook

MASTER = [security(Market.SSE, "600000"), security(Market.SZSE, "000001")]
KNOWN = {security_key(one) for one in MASTER}


def closes_of(block: bytes) -> dict[str, int]:
    """Return the close of each security in a day's records."""
    layout, codec = RecordCodec().tables["LoadSecurity"], RecordCodec()
    found, at = {}, 0
    while at < len(block):
        kind, length = BLOCK.unpack_from(block, at)
        at += BLOCK.size
        if kind == layout.type:
            fields = codec.layouts["LoadSecurity"].unpack(block[at : at + length])
            found[str(fields["code"])] = int(fields["close_e5"])
        at += length
    return found


def day(folder: Path) -> bytes:
    rules = Rulebook.load().on(TRADE_DATE)
    return build_day(
        TRADE_DATE, rules, MASTER, [*parties(), *numbers()], load_closes(folder, KNOWN)
    )


def test_before_the_close_there_is_no_file_and_no_close(tmp_path: Path) -> None:
    assert closes_of(day(tmp_path)) == {"600000": 0, "000001": 0}


def test_a_close_is_that_of_its_security(tmp_path: Path) -> None:
    (tmp_path / "closes.csv").write_text("market,code,close_e5\n2,000001,1012000\n")
    assert closes_of(day(tmp_path)) == {"600000": 0, "000001": 1_012_000}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("code,close_e5\n", "line 1: must be market,code,close_e5, found ['code', 'close_e5']"),
        ("", "line 1: must be market,code,close_e5, found None"),
        ("market,code,close_e5\n2,000001\n", "line 2, field close_e5: must be a whole number"),
        ("market,code,close_e5\n2,000001,10.12\n", "line 2, field close_e5: must be a whole"),
        ("market,code,close_e5\n2,000001,0\n", "line 2, field close_e5: must be a whole"),
        ("market,code,close_e5\nSZSE,000001,5\n", "line 2, field market: must be a whole"),
        (
            "market,code,close_e5\n2,000002,5\n",
            "line 2, field code: must be a security of the day, once, found 000002 of market 2",
        ),
        ("market,code,close_e5\n2,000001,5\n2,000001,5\n", "line 3, field code: must be a"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "closes.csv"
    path.write_text(text)
    with pytest.raises(BadRecordError) as refused:
        load_closes(tmp_path, KNOWN)
    assert str(refused.value).startswith(f"{path}, {words}")
