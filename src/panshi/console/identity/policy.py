"""Numbers of the account policy, and what follows from them for one account.

Source: GB/T 22239-2019, 8.1.4.1 a and b, 8.1.4.2 c, level 3. The standard asks for complexity,
periodic change, locking and time-outs and names no numbers; these are common practice.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from panshi.console.identity.models import User

PASSWORD_LENGTH_MIN: Final = 10
PASSWORD_CLASSES_MIN: Final = 3
PASSWORD_MEMORY: Final = 5
"""So many passwords back none may be used again."""
PASSWORD_AGE_MAX: Final = dt.timedelta(days=90)
DORMANT_AFTER: Final = dt.timedelta(days=90)
IDLE_MAX: Final = dt.timedelta(minutes=15)
SESSION_MAX: Final = dt.timedelta(hours=12)
FAILURES_MAX: Final = 5
LOCK_TIME: Final = dt.timedelta(minutes=10)


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
