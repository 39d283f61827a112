"""Rules of a day as the engine's records: units, grades, parameters, and what it cannot follow."""

import datetime as dt
import shutil
from pathlib import Path

import pytest

from panshi.domain.errors import BadInputError
from panshi.domain.words import SCOPES, Board, Market, Product, Scope
from panshi.opening.rules import build_params, build_rules, rule_number
from panshi.rulebook.book import DATA, Rulebook, RulesInForce

DAY = dt.date(2026, 11, 20)
SSE_MAIN = Scope(Market.SSE, Board.MAIN, Product.STOCK)
SZSE_MAIN = Scope(Market.SZSE, Board.MAIN, Product.STOCK)
FUND = Scope(Market.SSE, Board.FUND, Product.FUND)


def record(name: str, scope: Scope, rules: RulesInForce | None = None) -> dict[str, int | str]:
    wanted = rule_number(scope, risk_warning=False)
    rows = build_rules(rules or Rulebook.load().on(DAY), (1,))
    return next(dict(fields) for kind, fields in rows if kind == name and fields["rule"] == wanted)


def changed(folder: Path, file: str, old: str, new: str) -> RulesInForce:
    shutil.copytree(DATA, folder, dirs_exist_ok=True)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    return Rulebook.load(folder).on(DAY)


def test_the_auction_range_of_a_share_without_limit_is_in_basis_points() -> None:
    sse, szse, fund = (record("LoadRule", scope) for scope in (SSE_MAIN, SZSE_MAIN, FUND))
    assert (sse["no_limit_low_bp"], sse["no_limit_high_bp"]) == (5_000, 90_000)
    assert (szse["no_limit_low_bp"], szse["no_limit_high_bp"]) == (0, 90_000)
    assert (fund["no_limit_low_bp"], fund["no_limit_high_bp"]) == (0, 0)


def test_cage_grade_and_fees_are_those_of_the_rows() -> None:
    sse = record("LoadRule", SSE_MAIN)
    assert (sse["cage_bp"], sse["cage_ticks"], sse["risk_grade"]) == (200, 10, 3)
    fee = record("LoadFee", SSE_MAIN)
    assert (fee["commission_e8"], fee["commission_min_e5"]) == (25_000, 500_000)
    assert (fee["stamp_buy_e8"], fee["stamp_sell_e8"]) == (0, 50_000)
    assert (fee["transfer_e8"], fee["handling_e8"], fee["regulatory_e8"]) == (1_000, 3_410, 2_000)


def test_parameters_come_from_the_rulebook_unless_they_are_given() -> None:
    rules = Rulebook.load().on(DAY)
    found = [dict(fields) for _, fields in build_params(rules, frozenset())]
    values = {(row["param"], row["market"]): row["value"] for row in found}
    second = 10**9
    assert values == {
        (1, 1): second, (1, 2): second, (4, 1): 300, (4, 2): 300, (5, 1): 20_000, (5, 2): 20_000,
    }  # fmt: skip
    left = [fields["param"] for _, fields in build_params(rules, frozenset({1, 5}))]
    assert left == [4, 4]


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("cage.csv", ",9800,", ",9700,", "cage.sell_ratio .* same for buys and sells"),
        ("cage.csv", "best_ask|best_bid|last", "best_bid|best_ask|last", "cage.reference_buy"),
        ("price.csv", ",half_up,", ",half_even,", "price_limit.rounding .* must be half_up,"),
        ("fees.csv", "fee.transfer.side,*,*,*,both", "fee.transfer.side,*,*,*,sell", "transfer"),
        ("fees.csv", ",0.00341,", ",0.0034101,", "fee.handling.rate must have at most six"),
        ("permissions.csv", ",R3,", ",R9,", "permission.product_grade must be one of R1"),
    ],
)
def test_a_row_that_the_engine_cannot_follow_stops_the_day(
    tmp_path: Path, file: str, old: str, new: str, words: str
) -> None:
    rules = changed(tmp_path, file, old, new)
    with pytest.raises(BadInputError, match=words) as failure:
        list(build_rules(rules, (1,)))
    assert f"{file}, line" in str(failure.value)


def test_every_scope_has_a_class_for_risk_warnings() -> None:
    numbers = [rule_number(scope, risk_warning=st) for scope in SCOPES for st in (False, True)]
    assert numbers == list(range(1, 2 * len(SCOPES) + 1))
