"""A day without a limit or a parameter that orders need is not prepared."""

import pytest

from panshi.domain.errors import BadInputError
from panshi.gate.engine import load_words
from panshi.opening.required import given_params, require_levels, require_params
from panshi.opening.rules import PARAMS, Row
from panshi.rig.small_day import numbers


def without(name: str, **key: int) -> list[Row]:
    rows = numbers()
    kept = [row for row in rows if row[0] != name or not key.items() <= row[1].items()]
    assert len(kept) == len(rows) - 1
    return kept


def test_a_default_limit_that_orders_need_must_be_there() -> None:
    require_levels(numbers())
    rows = without("LoadLimit", scope=1, metric=8)
    with pytest.raises(BadInputError, match=r"found none for Firm \(1\) OrderValue \(8\)$"):
        require_levels(rows)
    # A row of one number is no default.
    own: Row = ("LoadLimit", {"scope": 1, "metric": 8, "id": 1, "warn": 1, "block": 1})
    with pytest.raises(BadInputError, match="OrderValue"):
        require_levels([*rows, own])
    # One market's default is half of it.
    for market in (1, 2):
        with pytest.raises(BadInputError, match="OrderValue"):
            require_levels(rows)
        rows.append(("LoadLimit", {"scope": 1, "metric": 8, "market": market, "block": 1}))
    require_levels(rows)
    # Repeated cancels are only warned about.
    require_levels(without("LoadLimit", scope=4, metric=15))


def test_every_parameter_that_is_no_number_of_a_rule_must_be_there() -> None:
    require_params(numbers())
    for word in load_words()["Param"]:
        rows = without("LoadParam", param=word.number)
        if word.number in PARAMS:
            require_params(rows)
            continue
        with pytest.raises(BadInputError, match=rf"found none for {word.name} \({word.number}\)$"):
            require_params(rows)


def test_a_row_of_each_market_is_as_good_as_one_for_both_but_for_a_mass_cancel() -> None:
    for param, complete in ((2, True), (10, False)):
        rows = without("LoadParam", param=param)
        rows.append(("LoadParam", {"param": param, "market": 1, "value": 1}))
        with pytest.raises(BadInputError, match=r"params\.csv"):
            require_params(rows)
        rows.append(("LoadParam", {"param": param, "market": 2, "value": 1}))
        if complete:
            require_params(rows)
        else:
            with pytest.raises(BadInputError, match="CancelAllBatch"):
                require_params(rows)


def test_a_row_without_a_market_is_given_for_each() -> None:
    rows: list[Row] = [("LoadParam", {"param": 3}), ("LoadParam", {"param": 4, "market": 2})]
    rows.append(("LoadParam", {"param": 5, "group": 1}))
    assert given_params(rows) == {(3, 0), (3, 1), (3, 2), (4, 2)}
