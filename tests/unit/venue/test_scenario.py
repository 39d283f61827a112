"""Scenario files: what they may say, and the venue that plays them."""

from pathlib import Path

import pytest

from panshi.domain.errors import BadInputError, BadRecordError
from panshi.venue.config import ALWAYS, default_config
from panshi.venue.recorded_flow import RECORD
from panshi.venue.scenario import (
    Scenario,
    apply_scenario,
    list_scenarios,
    load_scenario,
    pack_market,
)

WHOLE = """
[title]
zh = "题"
en = "title"
[effect]
zh = "现象"
en = "effect"
[sound]
zh = "应对"
en = "sound"
[[clock]]
start = "10:00:00"
end = "10:01:00"
wall_s = 60
"""


def _load(tmp_path: Path, more: str) -> Scenario:
    path = tmp_path / "own.toml"
    path.write_text(WHOLE + more, encoding="utf-8")
    return load_scenario(str(path))


def test_every_scenario_says_in_both_languages_what_happens_and_what_is_sound() -> None:
    found = list_scenarios()
    assert len(found) >= 20
    for scenario in found.values():
        for words in (scenario.title, scenario.effect, scenario.sound):
            assert any("一" <= sign <= "鿿" for sign in words.zh)
            assert words.en.isascii()


def test_a_fault_without_a_market_comes_at_every_gateway_under_its_own_number(
    tmp_path: Path,
) -> None:
    faults = (
        '[[faults]]\non = "fill"\naction = "drop"\ntimes = "always"\n'
        '[[faults]]\nmarket = "szse"\naction = { not_ready = 3_000 }\nat = "10:00:30"\n'
    )
    base = default_config(20230711, sse_port=0, szse_port=0)
    config = apply_scenario(_load(tmp_path, faults), base, speed=3)
    rows = [(one.gateway, one.msg_type, one.times) for one in config.faults]
    assert rows == [(0, 103, ALWAYS), (1, 200115, ALWAYS), (1, None, 1)]
    assert config.faults[2].model_dump()["action"]["not_ready"] == 1_000
    assert config.clock is not None
    assert config.clock.segments[0].wall_ms == 20_000
    assert config.open_listing
    assert config.end_with_clock


def test_orders_of_the_market_come_in_both_markets_with_their_cancels(tmp_path: Path) -> None:
    orders = (
        '[[orders]]\nat = "10:00:05"\nside = "S"\nprice = "10.50"\nqty = 200\n'
        'cancel_at = "10:00:07"\ncount = 2\nevery_ms = 1_000\n'
    )
    packed = pack_market(_load(tmp_path, orders))
    rows = list(RECORD.iter_unpack(packed))
    moments = [row[0] // 1_000_000 - 36_000_000 for row in rows]
    assert moments == [5_000, 5_000, 6_000, 6_000, 7_000, 7_000, 8_000, 8_000]
    assert [row[-1] for row in rows] == [b"S"] * 4 + [b"C"] * 4
    assert {row[4:6] for row in rows} == {(b"600000", 1), (b"000001", 2)}
    assert {row[1] for row in rows if row[-1] == b"S"} == {1_050_000}
    assert sorted(row[3] for row in rows[:4]) == sorted(row[3] for row in rows[4:])


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ("colour = 1\n", "colour"),
        ('[[faults]]\naction = "explode"\n', "faults.0.action"),
        ("[[faults]]\naction = { delay = 1, slow = 1 }\n", "one key of an action"),
        ('[[faults]]\naction = "drop"\non = "letter"\n', "faults.0.on"),
        ('[[orders]]\nmarket = "sse"\nat = "10:00:00"\nside = "B"\nprice = "1"\nqty = 1\n', "code"),
        ('[[orders]]\nat = "10:00:00"\nside = "B"\nprice = "ten"\nqty = 1\n', "orders.0.price"),
    ],
)
def test_a_file_that_does_not_hold_is_named_with_its_key(
    tmp_path: Path, more: str, word: str
) -> None:
    with pytest.raises(BadRecordError) as caught:
        _load(tmp_path, more)
    assert "own.toml" in str(caught.value)
    assert word in str(caught.value)


def test_an_unknown_name_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(BadInputError, match=r"slow-exchange.*found nix"):
        load_scenario("nix")
