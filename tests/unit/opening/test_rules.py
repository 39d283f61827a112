"""Rules of a day as the engine's records: units, grades, parameters, and what it cannot follow."""

import datetime as dt
import shutil
from pathlib import Path

import pytest

from panshi.domain.errors import BadInputError
from panshi.domain.words import SCOPES, Board, Market, Product, Scope
from panshi.opening.rules import build_params, build_rules
from panshi.opening.standing import Standing, rule_number
from panshi.rulebook.book import DATA, Rulebook, RulesInForce

DAY = dt.date(2026, 11, 20)
SSE_MAIN = Scope(Market.SSE, Board.MAIN, Product.STOCK)
STAR = Scope(Market.SSE, Board.STAR, Product.STOCK)
SZSE_MAIN = Scope(Market.SZSE, Board.MAIN, Product.STOCK)
FUND = Scope(Market.SSE, Board.FUND, Product.FUND)


def record(
    name: str,
    scope: Scope,
    rules: RulesInForce | None = None,
    standing: Standing = Standing.NORMAL,
) -> dict[str, int | str]:
    wanted = rule_number(scope, standing)
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
        (19, 1): 100, (19, 2): 100,
    }  # fmt: skip
    left = [
        fields["param"] for _, fields in build_params(rules, frozenset({(1, 1), (1, 2), (5, 2)}))
    ]
    assert left == [4, 4, 5, 19, 19]


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("cage.csv", ",9800,", ",9700,", "cage.sell_ratio .* same for buys and sells"),
        ("cage.csv", "best_ask|best_bid|last", "best_bid|best_ask|last", "cage.reference_buy"),
        ("price.csv", ",half_up,", ",half_even,", "price_limit.rounding .* must be half_up,"),
        ("fees.csv", "fee.transfer.side,*,*,*,both", "fee.transfer.side,*,*,*,sell", "transfer"),
        ("fees.csv", ",0.00341,", ",0.0034101,", "fee.handling.rate must have at most six"),
        ("settlement.csv", ",last|prev_close,", ",bid,", "short_sale.price_floor must be one of"),
        (
            "program_trading.csv",
            "required_before_trading,*,*,*,yes",
            "required_before_trading,*,*,*,no",
            "must be yes",
        ),
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


def test_every_scope_has_a_class_for_each_standing() -> None:
    numbers = [rule_number(scope, standing) for scope in SCOPES for standing in Standing]
    assert numbers == list(range(1, 3 * len(SCOPES) + 1))


def needs(scope: Scope, standing: Standing, rules: RulesInForce | None = None) -> tuple[int, int]:
    row = record("LoadRule", scope, rules, standing)
    return int(row["permissions"]), int(row["disclosures"])


def test_buyers_need_what_the_rows_ask_of_board_and_standing() -> None:
    normal, warned, leaving = Standing
    assert [needs(SSE_MAIN, one) for one in Standing] == [(0, 0), (0, 8), (16, 16)]
    assert [needs(STAR, one) for one in Standing] == [(1, 1), (1, 9), (17, 17)]
    assert [needs(FUND, one) for one in Standing] == [(0, 0)] * 3
    caps = [record("LoadRule", SSE_MAIN, None, one)["day_buy_cap_qty"] for one in Standing]
    assert caps == [0, 500_000, 0]
    assert needs(SSE_MAIN, normal) != needs(SSE_MAIN, warned) != needs(SSE_MAIN, leaving)


def test_a_threshold_of_nothing_needs_no_permission(tmp_path: Path) -> None:
    row = "permission.delisting.{},*,*,stock,{}"
    text = [row.format("assets_min", 500_000), row.format("assets_min", 0)]
    rules = changed(tmp_path / "one", "permissions.csv", *text)
    assert needs(SSE_MAIN, Standing.DELISTING, rules) == (16, 16)
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    path = tmp_path / "two" / "permissions.csv"
    old, new = row.format("experience_min", 24), row.format("experience_min", 0)
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    rules = Rulebook.load(tmp_path / "two").on(DAY)
    assert needs(SSE_MAIN, Standing.DELISTING, rules) == (0, 16)


def test_market_orders_without_limit_and_short_sales_follow_their_rows(tmp_path: Path) -> None:
    rows = [record("LoadRule", scope) for scope in (SSE_MAIN, SZSE_MAIN, FUND)]
    assert [row["market_no_limit"] for row in rows] == [1, 0, 0]
    assert [row["short_floor"] for row in rows] == [1, 1, 1]
    rules = changed(tmp_path, "settlement.csv", ",last|prev_close,", ",none,")
    assert record("LoadRule", SSE_MAIN, rules)["short_floor"] == 0
