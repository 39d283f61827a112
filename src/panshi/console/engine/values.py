"""Values of fields: read from forms, files and the interface, kept as JSON, shown to people."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from panshi.console.engine.fields import Field, FieldSort, Value
from panshi.domain.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Callable

LINE_MAX: Final = 200
TEXT_MAX: Final = 20_000
SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
"""A moment that is written without an offset is meant here, wherever the reader sits."""


class BadValueError(BadInputError):
    """A field was given something that it cannot hold."""

    def __init__(self, words: str) -> None:
        self.words = words
        super().__init__(words)


def parse_value(field: Field, raw: object) -> Value:
    """Turn what was written into what is kept.

    Args:
        field: Which field.
        raw: Text of a form, or a value of JSON.

    Returns:
        The value; None for nothing.

    Raises:
        BadValueError: If the field cannot hold it.
    """
    if raw is None or raw in ("", []):
        return None
    return READERS[field.sort](field, raw)


def _read_text(limit: int) -> Callable[[Field, object], Value]:
    def read(_field: Field, raw: object) -> Value:
        if not isinstance(raw, str):
            raise BadValueError(_("应为文本，收到 %(found)s") % {"found": repr(raw)[:80]})
        text = raw.replace("\r\n", "\n").strip()
        if len(text) > limit:
            raise BadValueError(
                _("最多 %(limit)s 个字符，收到 %(found)s 个") % {"limit": limit, "found": len(text)}
            )
        if limit == LINE_MAX and "\n" in text:
            raise BadValueError(_("应为一行文本"))
        return text or None

    return read


def _read_integer(_field: Field, raw: object) -> Value:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and re.fullmatch(r"-?[0-9]{1,15}", raw.strip()):
        return int(raw)
    raise BadValueError(_("应为整数，收到 %(found)s") % {"found": repr(raw)[:80]})


def _read_date(_field: Field, raw: object) -> Value:
    try:
        return dt.date.fromisoformat(str(raw).strip()).isoformat()
    except ValueError:
        raise BadValueError(
            _("应为日期 年-月-日，收到 %(found)s") % {"found": str(raw)[:80]}
        ) from None


def _read_moment(_field: Field, raw: object) -> Value:
    try:
        moment = dt.datetime.fromisoformat(str(raw).strip())
    except ValueError:
        raise BadValueError(
            _("应为时间 年-月-日 时:分，收到 %(found)s") % {"found": str(raw)[:80]}
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=SHANGHAI)
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")


def _read_yes_no(_field: Field, raw: object) -> Value:
    if isinstance(raw, bool):
        return raw
    answer = {"on": True, "true": True, "yes": True, "false": False, "no": False}.get(str(raw))
    if answer is None:
        raise BadValueError(_("应为是或否，收到 %(found)s") % {"found": str(raw)[:80]})
    return answer


def _read_choice(field: Field, raw: object) -> Value:
    names = [name for name, _label in field.choices]
    if raw not in names:
        raise BadValueError(
            _("应为 %(names)s 之一，收到 %(found)s")
            % {"names": "、".join(names), "found": str(raw)[:80]}
        )
    return str(raw)


def _read_codes(_field: Field, raw: object) -> Value:
    codes = raw if isinstance(raw, list) else [one.strip() for one in str(raw).split(",")]
    if not all(isinstance(code, str) and code for code in codes):
        raise BadValueError(_("应为代码的列表，收到 %(found)s") % {"found": repr(raw)[:80]})
    return sorted(set(codes))


READERS: Final[dict[FieldSort, Callable[[Field, object], Value]]] = {
    FieldSort.LINE: _read_text(LINE_MAX),
    FieldSort.TEXT: _read_text(TEXT_MAX),
    FieldSort.INTEGER: _read_integer,
    FieldSort.DATE: _read_date,
    FieldSort.MOMENT: _read_moment,
    FieldSort.YES_NO: _read_yes_no,
    FieldSort.CHOICE: _read_choice,
    FieldSort.PERSON: _read_text(LINE_MAX),
    FieldSort.ORGANISATIONS: _read_codes,
}


def show_value(field: Field, value: Value) -> str:
    """Return a value as a person reads it; persons and organisations stay their short names."""
    if value is None:
        return ""
    if field.sort is FieldSort.CHOICE:
        return str(dict(field.choices).get(str(value), value))
    if field.sort is FieldSort.YES_NO:
        return _("是") if value else _("否")
    if field.sort is FieldSort.MOMENT:
        return dt.datetime.fromisoformat(str(value)).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, list):
        return "、".join(value)
    return str(value)
