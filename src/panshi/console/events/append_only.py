"""Triggers that let rows of a table be added and never changed, on either database."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def refuse_changes(table: str, words: str) -> dict[str, list[str]]:
    """Return the statements that make a table append-only.

    Args:
        table: Name of the table.
        words: What the database says to whoever tries.

    Returns:
        Statements for each vendor that Django names.
    """
    return {
        "sqlite": [
            f"CREATE TRIGGER {table}_no_{when.lower()} BEFORE {when} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
            for when in ("UPDATE", "DELETE")
        ],
        "postgresql": [
            f"""CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION '{words}'; END $$""",
            f"""CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION {table}_refuse()""",
            f"""CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()""",
        ],
    }


def protecting(*tables: str) -> Callable[[Apps, BaseDatabaseSchemaEditor], None]:
    """Return a step of migrations that makes tables append-only.

    Args:
        tables: Their names.
    """

    def protect(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        for table in tables:
            words = f"{table}: rows are added and never changed"
            for statement in refuse_changes(table, words)[editor.connection.vendor]:
                editor.execute(statement)

    return protect
