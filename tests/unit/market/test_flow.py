"""The flow table: soundness, files, and previous closes told from orders."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from panshi.domain.errors import BadRecordError, FlowError
from panshi.market.flow import (
    CANCEL,
    EXACT,
    NEW,
    SCHEMA,
    FlowEvent,
    build_table,
    load_flow_file,
    require_sound,
    table_events,
    write_flow_file,
)
from panshi.market.limits_seen import infer_prev_closes_e5

FIRST = FlowEvent("sse", "600961", 100, 1, NEW, "B", 909_000, 500, 7, EXACT, "2023-07-11")
TAKEN = FIRST._replace(seq=2, event=CANCEL, price_e5=0, qty=300)


def test_a_sound_flow_is_counted() -> None:
    assert require_sound([FIRST, TAKEN]) == {"600961": 2}


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (FIRST._replace(seq=2), "found it twice"),
        (TAKEN._replace(order_no=8), "found none"),
        (TAKEN._replace(security="600536"), "found none"),
        (TAKEN._replace(qty=501), "at most 500"),
        (TAKEN._replace(side="S"), "side S"),
        (TAKEN._replace(qty=0), "quantity must be > 0"),
        (FIRST._replace(order_no=9, price_e5=0), "price must be > 0"),
    ],
)
def test_a_contradiction_is_named(second: FlowEvent, message: str) -> None:
    with pytest.raises(FlowError, match=message):
        require_sound([FIRST, second])


def test_a_flow_survives_its_file_in_order(tmp_path: Path) -> None:
    path = tmp_path / "flow.parquet"
    write_flow_file(path, build_table([TAKEN, FIRST]))
    assert table_events(load_flow_file(path)) == [FIRST, TAKEN]


def test_an_empty_flow_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / "flow.parquet"
    write_flow_file(path, build_table([]))
    assert len(load_flow_file(path)) == 0


def test_a_torn_or_foreign_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "flow.parquet"
    write_flow_file(path, build_table([FIRST]))
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(BadRecordError, match="readable Parquet"):
        load_flow_file(path)
    pq.write_table(pa.table({name: [1] for name in SCHEMA.names[1:]}), path)
    with pytest.raises(BadRecordError, match="field market"):
        load_flow_file(path)


def test_the_extremes_of_the_orders_tell_the_previous_close() -> None:
    assert infer_prev_closes_e5([818_000, 905_000, 1_000_000], 1_000, 1_000) == [909_000]


def test_orders_that_do_not_reach_both_limits_tell_nothing() -> None:
    assert infer_prev_closes_e5([850_000, 1_000_000], 1_000, 1_000) == []
    assert infer_prev_closes_e5([], 1_000, 1_000) == []
