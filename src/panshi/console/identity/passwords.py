"""What a password must be; each class is one rule of Django's validation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from panshi.console.identity.models import UsedPassword, User
from panshi.console.policy import (
    PASSWORD_CLASSES_MIN,
    PASSWORD_LENGTH_MIN,
    PASSWORD_MEMORY,
)

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

CLASSES: Final = tuple(re.compile(one) for one in ("[A-Z]", "[a-z]", "[0-9]", "[^A-Za-z0-9]"))


class Strength:
    """Long enough, of several sorts of characters."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:  # noqa: ARG002 - Django's own form
        """Raise ValidationError for a weak password."""
        if len(password) < PASSWORD_LENGTH_MIN:
            raise ValidationError(
                _("口令至少 %(length)s 位。") % {"length": PASSWORD_LENGTH_MIN}, "short"
            )
        if sum(bool(one.search(password)) for one in CLASSES) < PASSWORD_CLASSES_MIN:
            raise ValidationError(
                _("口令须含大写字母、小写字母、数字、符号中的至少 %(count)s 类。")
                % {"count": PASSWORD_CLASSES_MIN},
                "simple",
            )

    def get_help_text(self) -> str:
        """Return nothing: the page says it in one sentence."""
        return ""


class NotUsedLately:
    """Another one than the last few."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raise ValidationError for a password that was used lately."""
        if not isinstance(user, User) or user.pk is None:
            return
        used = UsedPassword.objects.filter(user=user).order_by("-pk")[:PASSWORD_MEMORY]
        hashes = [user.password, *used.values_list("hash", flat=True)]
        if any(check_password(password, one) for one in hashes):
            raise ValidationError(
                _("不得使用最近 %(count)s 次用过的口令。") % {"count": PASSWORD_MEMORY}, "used"
            )

    def get_help_text(self) -> str:
        """Return nothing: the page says it in one sentence."""
        return ""
