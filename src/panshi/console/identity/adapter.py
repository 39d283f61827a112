"""What allauth asks of this installation: nobody signs up, passwords change through the door."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from typing_extensions import override

from panshi.console.identity.deeds import take_password

if TYPE_CHECKING:
    from django.http import HttpRequest

    from panshi.console.identity.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by the system administrator."""

    @override
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

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


def _cipher() -> Fernet:
    digest = hashlib.sha256(b"second factor\0" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
