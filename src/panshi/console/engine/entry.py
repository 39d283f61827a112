"""What people wrote into fields: read as a whole, every wrong field named at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from typing_extensions import override

from panshi.console.engine.fields import FieldSort
from panshi.console.engine.values import BadValueError, parse_value
from panshi.console.identity.models import Organisation, User
from panshi.domain.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from panshi.console.engine.fields import Field, Value

TITLE_MAX = 200


class BadFieldsError(BadInputError):
    """Fields were given what they cannot hold; nothing was written.

    Args:
        words: What is wrong, by the field's name.
    """

    def __init__(self, words: dict[str, str]) -> None:
        self.words = words
        super().__init__(words)

    @override
    def __str__(self) -> str:
        return "；".join(f"{name}: {text}" for name, text in self.words.items())


def read_fields(fields: Mapping[str, Field], raw: Mapping[str, object]) -> dict[str, Value]:
    """Read what was written into fields.

    Args:
        fields: Fields that may be written, by name.
        raw: What was written; a field that is not named keeps its value.

    Returns:
        The values of the named fields.

    Raises:
        BadFieldsError: If a name is unknown or a field cannot hold its value.
    """
    values: dict[str, Value] = {}
    wrong: dict[str, str] = {}
    for name, written in raw.items():
        field = fields.get(name)
        if field is None:
            wrong[name] = _("没有这一项，或现在不能填写")
            continue
        try:
            values[name] = parse_value(field, written)
            _require_known(field, values[name])
        except BadValueError as error:
            wrong[name] = error.words
    if wrong:
        raise BadFieldsError(wrong)
    return values


def read_title(raw: str) -> str:
    """Read a title.

    Raises:
        BadFieldsError: If it is blank or too long.
    """
    title = " ".join(raw.split())
    if not title:
        raise BadFieldsError({"title": _("名称不能为空")})
    if len(title) > TITLE_MAX:
        raise BadFieldsError(
            {"title": _("最多 %(limit)s 个字符，收到 %(found)s 个")
             % {"limit": TITLE_MAX, "found": len(title)}}
        )  # fmt: skip
    return title


def _require_known(field: Field, value: Value) -> None:
    if value is None:
        return
    if field.sort is FieldSort.PERSON:
        if not User.objects.filter(username=value, is_active=True).exists():
            raise BadValueError(_("没有登录名为 %(name)s 的用户") % {"name": value})
    elif field.sort is FieldSort.ORGANISATIONS and isinstance(value, list):
        known = set(Organisation.objects.filter(code__in=value).values_list("code", flat=True))
        unknown = [code for code in value if code not in known]
        if unknown:
            raise BadValueError(_("没有这些机构：%(codes)s") % {"codes": "、".join(unknown)})
