"""Numbers of the account policy.

Source: GB/T 22239-2019, 8.1.4.1 a and b, 8.1.4.2 c, level 3. The standard asks for complexity,
periodic change, locking and time-outs and names no numbers; these are common practice.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

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
