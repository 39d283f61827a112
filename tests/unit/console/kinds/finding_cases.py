"""整改项: what each guard objects to."""

from __future__ import annotations

from panshi.console.engine.situation import Person
from panshi.console.kinds.finding import KIND
from tests.unit.console.kinds.case import Case, situation

FILLED = {
    "origin": "inspection",
    "found": "机柜标签缺失",
    "responsible": "zhao",
    "plan": "补贴标签",
    "until": "2026-12-04",
}
PLANNED = situation(KIND, data=FILLED)

CASES = [
    Case("fields-lacking", situation(KIND, data={**FILLED, "plan": None}), PLANNED),
    Case("own-correction", situation(KIND, data=FILLED, actor=Person("zhao")), PLANNED),
]
