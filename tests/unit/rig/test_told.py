"""An order system notices what no sound gate says."""

from typing import Any

from panshi.rig.small_day import SSE, SZSE
from panshi.rig.told import Told


def report(index: int, number: str = "A000000001", kind: int = 32, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a message have many types
    fields = {"Pbu": "20001", "SetID": 1, "ReportIndex": index, "ClOrdID": number, **more}
    return {"type": kind, "fields": fields}


def test_a_stream_without_a_hole_is_kept() -> None:
    told = Told(SSE)
    for index in (1, 2, 3):
        told.take(report(index, f"A{index}"))
    assert told.next_index(("20001", 1)) == 4
    assert told.answered == {"A1", "A2", "A3"}
    assert told.wrong == []


def test_the_same_report_again_is_a_repeat_and_another_one_is_wrong() -> None:
    told = Told(SSE)
    told.take(report(1))
    told.take(report(1))
    assert (told.repeats, told.wrong) == (1, [])
    told.take(report(1, OrderQty=5))
    (text,) = told.wrong
    assert "index 1: was" in text


def test_a_hole_is_wrong() -> None:
    told = Told(SSE)
    told.take(report(2))
    assert told.wrong == ["('20001', 1): must be index 1, found 2"]
    assert told.answered == set()


def test_refusals_fills_and_ends_are_kept() -> None:
    told = Told(SZSE)
    told.take({"type": 4, "fields": {"BusinessRejectRefID": "C1", "BusinessRejectReason": 30603}})
    fill = {
        "PartitionNo": 1,
        "ReportIndex": 1,
        "ClOrdID": "C2",
        "ExecID": "E1",
        "LastPx": 100_000,
        "LastQty": 10_000,
    }
    told.take({"type": 200115, "fields": fill})
    told.take({"type": 7, "fields": {"PartitionNo": 1, "ReportIndex": 2, "PlatformID": 1}})
    assert told.refused == {"C1": 30603}
    (one,) = told.fills
    assert (one.cl_ord_id, one.price_e5, one.qty) == ("C2", 1_000_000, 100)
    assert told.ended == {("", 1): 2}
