"""What fields take, and what they say to what they do not."""

from __future__ import annotations

import pytest

from panshi.console.engine.fields import Field, FieldSort, Value
from panshi.console.engine.values import BadValueError, parse_value, show_value

CHOICE = Field("level", "级别", FieldSort.CHOICE, choices=(("one", "一级"), ("two", "二级")))


def of(sort: FieldSort) -> Field:
    return CHOICE if sort is FieldSort.CHOICE else Field("x", "某项", sort)


@pytest.mark.parametrize(
    ("sort", "raw", "kept", "shown"),
    [
        (FieldSort.LINE, "  换线 ", "换线", "换线"),
        (FieldSort.LINE, "   ", None, ""),
        (FieldSort.TEXT, "一\r\n二", "一\n二", "一\n二"),
        (FieldSort.INTEGER, "-12", -12, "-12"),
        (FieldSort.INTEGER, 7, 7, "7"),
        (FieldSort.DATE, "2026-11-27", "2026-11-27", "2026-11-27"),
        (FieldSort.MOMENT, "2026-11-27T16:30", "2026-11-27T16:30:00+08:00", "2026-11-27 16:30"),
        (FieldSort.MOMENT, "2026-11-27T08:30Z", "2026-11-27T16:30:00+08:00", "2026-11-27 16:30"),
        (FieldSort.YES_NO, "on", True, "是"),
        (FieldSort.YES_NO, False, False, "否"),
        (FieldSort.CHOICE, "one", "one", "一级"),
        (FieldSort.ORGANISATIONS, "b, a,b", ["a", "b"], "a、b"),
        (FieldSort.ORGANISATIONS, [], None, ""),
    ],
)
def test_a_value_is_kept_and_shown(sort: FieldSort, raw: object, kept: Value, shown: str) -> None:
    assert parse_value(of(sort), raw) == kept
    assert show_value(of(sort), kept) == shown


@pytest.mark.parametrize(
    ("sort", "raw", "words"),
    [
        (FieldSort.LINE, "一\n二", "一行"),
        (FieldSort.LINE, "x" * 201, "最多 200 个字符，收到 201 个"),
        (FieldSort.LINE, 7, "应为文本"),
        (FieldSort.INTEGER, "1.5", "应为整数"),
        (FieldSort.INTEGER, True, "应为整数"),
        (FieldSort.INTEGER, "1" * 16, "应为整数"),
        (FieldSort.DATE, "27.11.2026", "应为日期"),
        (FieldSort.MOMENT, "morgen", "应为时间"),
        (FieldSort.YES_NO, "perhaps", "应为是或否"),
        (FieldSort.CHOICE, "three", "应为 one、two 之一"),
        (FieldSort.ORGANISATIONS, [1], "应为代码的列表"),
    ],
)
def test_a_wrong_value_is_told_what_must_hold(sort: FieldSort, raw: object, words: str) -> None:
    with pytest.raises(BadValueError, match=words):
        parse_value(of(sort), raw)
