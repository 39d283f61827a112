"""The forms of login and password, in the words of this house (口令, not 密码)."""

from __future__ import annotations

from typing import Any, Final

from allauth.account.forms import ChangePasswordForm
from allauth.account.forms import LoginForm as BaseLoginForm
from allauth.account.forms import ReauthenticateForm as BaseReauthenticateForm
from django.utils.translation import gettext_lazy as _

LABELS: Final = {
    "login": _("登录名"),
    "password": _("口令"),
    "oldpassword": _("现口令"),
    "password1": _("新口令"),
    "password2": _("再次输入新口令"),
}


def _reword(form: Any) -> None:
    for name, field in form.fields.items():
        field.label = LABELS.get(name, field.label)
        field.help_text = ""
        field.widget.attrs.pop("placeholder", None)


class LoginForm(BaseLoginForm):
    """Name and password."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _reword(self)
        self.fields["login"].widget.attrs["autofocus"] = True


class PasswordForm(ChangePasswordForm):
    """The password that is to go, and the one that comes."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _reword(self)


class ReauthenticateForm(BaseReauthenticateForm):
    """The password once more."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _reword(self)
