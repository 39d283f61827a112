"""How an account stands: whether its password is due, whether it sleeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panshi.console.policy import DORMANT_AFTER, PASSWORD_AGE_MAX

if TYPE_CHECKING:
    import datetime as dt

    from panshi.console.identity.models import User


def is_password_due(user: User, now: dt.datetime) -> bool:
    """Return whether a user must take another password before anything else.

    Args:
        user: Whose account.
        now: The moment.

    Returns:
        True for a first password and for one that is too old.
    """
    changed = user.password_changed_at
    return changed is None or now - changed > PASSWORD_AGE_MAX


def is_dormant(user: User, now: dt.datetime) -> bool:
    """Return whether an account that can be used has not been used for long.

    Args:
        user: Whose account.
        now: The moment.

    Returns:
        True when the last login, or the making of the account, is longer ago than the limit.
    """
    return user.is_active and now - (user.last_login or user.created_at) > DORMANT_AFTER
