"""The loader of the rulebook: what is in force, what is missing, what overlaps, what is bad."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from panshi.domain.errors import (
    BadRecordError,
    RuleGapError,
    RuleMissingError,
    RuleOverlapError,
)
from panshi.domain.words import SCOPES, Board, Market, Product, Scope
from panshi.rulebook.book import Rulebook

MAIN = Scope(Market.SSE, Board.MAIN, Product.STOCK)
STAR = Scope(Market.SSE, Board.STAR, Product.STOCK)
DAY = dt.date(2026, 11, 20)
GOOD = "price.tick,sse,main,stock,0.01,yuan,2023-02-17,,somewhere,yes"

WriteRules = Callable[..., Path]


def test_the_row_in_force_changes_with_the_date(write_rules: WriteRules) -> None:
    folder = write_rules(
        "limit,sse,main,stock,500,bp,2020-01-01,2026-07-05,a,yes",
        "limit,sse,main,stock,1000,bp,2026-07-06,,b,no",
    )
    book = Rulebook.load(folder)
    assert book.on(dt.date(2026, 7, 5)).integer("limit", MAIN) == 500
    after = book.on(dt.date(2026, 7, 6)).row("limit", MAIN)
    assert (after.value, after.source, after.verified, after.line) == (1000, "b", False, 3)


def test_a_missing_row_names_rule_scope_and_date(write_rules: WriteRules) -> None:
    rules = Rulebook.load(write_rules(GOOD)).on(DAY)
    with pytest.raises(RuleMissingError) as failure:
        rules.integer("price.tick", STAR)
    for part in ("price.tick", "market=sse", "board=star", "product=stock", "2026-11-20"):
        assert part in str(failure.value)


def test_a_row_that_is_not_in_force_yet_is_missing(write_rules: WriteRules) -> None:
    rules = Rulebook.load(write_rules(GOOD)).on(dt.date(2023, 2, 16))
    with pytest.raises(RuleMissingError):
        rules.row("price.tick", MAIN)


def test_overlapping_rows_name_file_and_lines(write_rules: WriteRules) -> None:
    write_rules(GOOD, name="a.csv")
    folder = write_rules("price.tick,*,*,stock,0.02,yuan,2030-01-01,,b,no", name="b.csv")
    with pytest.raises(RuleOverlapError) as failure:
        Rulebook.load(folder)
    assert "a.csv, line 2" in str(failure.value)
    assert "b.csv, line 2" in str(failure.value)


def test_days_without_a_row_between_two_rows_are_refused(write_rules: WriteRules) -> None:
    write_rules("limit,sse,main,stock,500,bp,2020-01-01,2026-07-04,a,yes", name="a.csv")
    folder = write_rules("limit,*,main,stock,1000,bp,2026-07-06,,b,no", name="b.csv")
    with pytest.raises(RuleGapError) as failure:
        Rulebook.load(folder)
    for part in ("limit sse/main/stock", "2026-07-04 and 2026-07-06", "a.csv, line 2", "b.csv"):
        assert part in str(failure.value)


def test_a_rule_has_one_unit(write_rules: WriteRules) -> None:
    folder = write_rules(GOOD, "price.tick,sse,star,stock,1,tick,2023-02-17,,somewhere,yes")
    with pytest.raises(BadRecordError, match=r"line 3, field unit: must be yuan .* found tick"):
        Rulebook.load(folder)


def test_an_asterisk_spreads_over_the_scopes_that_exist(write_rules: WriteRules) -> None:
    rules = Rulebook.load(write_rules("r,*,*,stock|fund,1,day,2020-01-01,,a,yes")).on(DAY)
    spread = {scope for _, scope in rules.rows}
    assert spread == {scope for scope in SCOPES if scope.product in ("stock", "fund")}


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("price.tick,nyse,main,stock,0.01,yuan,2023-02-17,,a,yes", "market"),
        ("price.tick,sse,chinext,stock,0.01,yuan,2023-02-17,,a,yes", "market"),
        ("price.tick,sse,main,shares,0.01,yuan,2023-02-17,,a,yes", "product"),
        ("price.tick,sse,main,stock,1 fen,yuan,2023-02-17,,a,yes", "value"),
        ("price.tick,sse,main,stock,0.01,dollar,2023-02-17,,a,yes", "value"),
        ("price.tick,sse,main,stock,-1,share,2023-02-17,,a,yes", "value"),
        ("price.tick,sse,main,stock,maybe,flag,2023-02-17,,a,yes", "value"),
        ("price.tick,sse,main,stock,10:00:00-09:00:00,windows,2023-02-17,,a,yes", "value"),
        ("price.tick,sse,main,stock,0.01,yuan,17.02.2023,,a,yes", "effective_from"),
        ("price.tick,sse,main,stock,0.01,yuan,2023-02-17,2023-02-16,a,yes", "effective_to"),
        ("price.tick,sse,main,stock,0.01,yuan,2023-02-17,,,yes", "source"),
        ("price.tick,sse,main,stock,0.01,yuan,2023-02-17,,a,perhaps", "verified"),
        (",sse,main,stock,0.01,yuan,2023-02-17,,a,yes", "rule_id"),
        ("price.tick,sse,main,stock,0.01,yuan,2023-02-17,,a", ""),
    ],
)
def test_a_bad_cell_names_file_line_and_column(
    write_rules: WriteRules, row: str, field: str
) -> None:
    with pytest.raises(BadRecordError) as failure:
        Rulebook.load(write_rules(GOOD.replace("price.tick", "other"), row))
    assert failure.value.file.endswith("rules.csv")
    assert (failure.value.line, failure.value.field) == (3, field)


def test_a_file_with_another_heading_is_refused(write_rules: WriteRules) -> None:
    with pytest.raises(BadRecordError, match="line 1"):
        Rulebook.load(write_rules(GOOD, heading="rule,value"))


def test_a_folder_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRecordError, match="rule files"):
        Rulebook.load(tmp_path)


def test_a_file_that_is_no_utf8_is_refused(write_rules: WriteRules) -> None:
    folder = write_rules(GOOD)
    file = folder / "rules.csv"
    file.write_bytes(file.read_bytes() + "名称".encode("gb18030") + b"\n")
    with pytest.raises(BadRecordError, match="UTF-8"):
        Rulebook.load(folder)


def test_a_value_of_another_kind_is_an_error_of_the_row(write_rules: WriteRules) -> None:
    rules = Rulebook.load(
        write_rules(
            "flag,sse,main,stock,yes,flag,2020-01-01,,a,yes",
            "none,sse,main,stock,none,bp,2020-01-01,,a,yes",
            "list,sse,main,stock,1|2,bp_list,2020-01-01,,a,yes",
        )
    ).on(DAY)
    with pytest.raises(BadRecordError):
        rules.integer("flag", MAIN)
    with pytest.raises(BadRecordError):
        rules.words("list", MAIN)
    with pytest.raises(RuleMissingError):
        rules.integer("none", MAIN)
    assert rules.optional_integer("none", MAIN) is None
    assert rules.integers("list", MAIN) == (1, 2)
    assert rules.windows("none", MAIN) == ()
