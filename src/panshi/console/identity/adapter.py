"""What allauth asks of this installation: nobody signs up, passwords change through the door."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from typing_extensions import override

from panshi.console.identity.deeds import now, take_password

if TYPE_CHECKING:
    from allauth.mfa.models import Authenticator
    from django.http import HttpRequest

    from panshi.console.identity.models import User


FRESH_S: Final = 300


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by the system administrator."""

    @override
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    @override
    def is_reauthentication_required(self, app: str) -> bool:
        """Ask for the password again, but not of who gave it a moment ago.

        Whoever has to set up a second factor comes straight from the login.
        """
        request = context.request
        given = get_authentication_records(request, request.user)
        return not given or now().timestamp() - given[-1]["at"] > FRESH_S

    @override
    def set_password(self, user: User, password: str) -> None:
        take_password(user, password)

    @override
    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Send none: the console has no mail, and the event tells what was done."""


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps the secrets of second factors encrypted under the console's key."""

    @override
    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    @override
    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    @override
    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not authenticator.user.needs_second_factor


def _cipher() -> Fernet:
    digest = hashlib.sha256(b"second factor\0" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
