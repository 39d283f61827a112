"""The recorded days that are at hand, as one flow for one simulated trade date.

The days differ (2023-02-01 and 2023-07-11); in one flow they stand beside each other, each row
with its `origin_date`, so that a run shows both exchanges at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from panshi.domain.errors import BadInputError
from panshi.market.flow import build_table, require_sound
from panshi.market.flow_sse import FILE as SSE_FILE
from panshi.market.flow_sse import load_sse_day
from panshi.market.flow_szse import FILE as SZSE_FILE
from panshi.market.flow_szse import load_szse_day

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from panshi.market.flow import RecordedDay

SSE_DATES = ("2023-07-11", "2023-02-01")
SZSE_SECURITY = "000001"
SZSE_DATE = "2023-02-01"
FILES = (SSE_FILE, SZSE_FILE)


def load_recorded_days(folder: Path) -> list[RecordedDay]:
    """Load and rebuild every recorded day of a folder of market data.

    Args:
        folder: Folder with `normalized/` and `szse_l2/`.

    Returns:
        Five SSE securities of 2023-07-11, one of 2023-02-01, and one SZSE security of 2023-02-01.

    Raises:
        BadInputError: If a file is missing.
        BadRecordError: If a file is damaged.
        FlowError: If a rebuilt flow contradicts itself.
    """
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise BadInputError(
            f"{folder}: 须为行情数据目录 · must be a folder of market data with "
            f"{' and '.join(FILES)}, found no {' and no '.join(missing)}"
        )
    days = [load_sse_day(folder, date) for date in SSE_DATES]
    days.append(load_szse_day(folder, SZSE_SECURITY, SZSE_DATE))
    for day in days:
        require_sound(day.events)
    return days


def load_flow(folder: Path) -> pa.Table:
    """Load every recorded day of a folder as one flow.

    Args:
        folder: Folder with `normalized/` and `szse_l2/`.

    Returns:
        Table of `panshi.market.flow.SCHEMA`.

    Raises:
        BadInputError: If a file is missing.
        BadRecordError: If a file is damaged.
        FlowError: If a rebuilt flow contradicts itself.
    """
    return build_table([event for day in load_recorded_days(folder) for event in day.events])
