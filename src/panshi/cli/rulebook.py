"""`panshi rulebook`: which rules are in force on a day, what they rest on, and their history."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from panshi.cli.dates import parse_trade_date
from panshi.domain.errors import BadInputError, RuleMissingError
from panshi.rulebook.book import Rulebook
from panshi.rulebook.rows import RuleRow

EXIT_NOTHING = 1
UNVERIFIED = "未核实 unverified"
VERIFIED = "已见来源 source seen"

app = typer.Typer(no_args_is_help=True)

DateOption = Annotated[
    str, typer.Option("--date", metavar="YYYY-MM-DD", help="交易日 · trade date")
]
PrefixArgument = Annotated[
    str, typer.Argument(metavar="[RULE]", help="规则编号或其前缀 · rule id or its beginning")
]


@app.command("list")
def list_rules(
    date: DateOption,
    prefix: PrefixArgument = "",
    *,
    unverified: Annotated[
        bool, typer.Option("--unverified", help="只列未核实的 · only rows that are not verified")
    ] = False,
) -> None:
    """列出某交易日有效的参数 · list the rows in force on a trade date."""
    trade_date = parse_trade_date(date)
    rows = [
        row
        for row in Rulebook.load().on(trade_date).distinct_rows()
        if row.rule_id.startswith(prefix) and not (unverified and row.verified)
    ]
    if not rows:
        raise RuleMissingError(
            f"rulebook: a row must be in force for a rule {prefix or '(any)'!r} on {trade_date}, "
            "found none"
        )
    for line in format_table(rows):
        print(line)
    open_points = sum(not row.verified for row in rows)
    sys.stderr.write(
        f"{trade_date}: {len(rows)} 行, 其中 {open_points} 行未核实 · "
        f"{len(rows)} rows, {open_points} of them unverified\n"
    )


@app.command("show")
def show_rule(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="规则编号 · rule id")],
    date: Annotated[
        str, typer.Option("--date", metavar="YYYY-MM-DD", help="只看该日 · that day only")
    ] = "",
    *,
    unverified: Annotated[
        bool, typer.Option("--unverified", help="只列未核实的 · only rows that are not verified")
    ] = False,
) -> None:
    """显示一条规则的全部取值及来源 · show every value of a rule with its source."""
    book = Rulebook.load()
    named = [row for row in book.rows if row.rule_id == rule]
    if not named:
        near = sorted({row.rule_id for row in book.rows if rule in row.rule_id})
        hint = f"; near: {', '.join(near[:8])}" if near else ""
        raise BadInputError(
            f"rulebook: rule must be one that the rulebook has, found {rule!r}{hint}"
        )
    trade_date = parse_trade_date(date) if date else None
    shown = [
        row
        for row in named
        if (trade_date is None or row.is_in_force(trade_date)) and not (unverified and row.verified)
    ]
    if not shown:
        sys.stderr.write("没有符合的行 · no row fits\n")
        raise typer.Exit(EXIT_NOTHING)
    for line in format_table(shown):
        print(line)
    print()
    for row in shown:
        mark = VERIFIED if row.verified else UNVERIFIED
        print(f"{row.file}:{row.line}  [{mark}]  {row.source}")


def format_table(rows: list[RuleRow]) -> list[str]:
    """Return rows as aligned lines; the last column marks what is not verified.

    Args:
        rows: Rows of the rulebook.

    Returns:
        A heading and one line for each row.
    """
    cells = [
        ("规则 rule", "范围 scope", "值 value", "单位 unit", "有效期 in force", "核实 verified")
    ]
    cells.extend(
        (
            row.rule_id,
            row.place,
            row.text,
            row.unit,
            f"{row.effective_from}..{row.effective_to or ''}",
            "yes" if row.verified else UNVERIFIED,
        )
        for row in rows
    )
    widths = [max(_width(line[column]) for line in cells) for column in range(len(cells[0]))]
    return [
        "  ".join(
            text + " " * (width - _width(text)) for text, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in cells
    ]


def _width(text: str) -> int:
    """Return the columns that a text takes on a terminal; Chinese signs take two."""
    return sum(2 if ord(sign) > 0x2E80 else 1 for sign in text)  # noqa: PLR2004 - start of CJK
