"""What the database itself refuses, so that no program with a connection can go around the door.

The owner of a table can drop its triggers; the chain then shows what was done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from panshi.console.events.append_only import refuse_changes

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

REFUSED = "event: the ledger is append-only"
NOT_NEXT = "event: a record must follow the last one"

FOLLOWS = f"""NEW.sequence = 1 + COALESCE((SELECT MAX(sequence) FROM event), 0)
      AND NEW.previous = COALESCE(
        (SELECT digest FROM event ORDER BY sequence DESC LIMIT 1), '{"0" * 64}')"""  # noqa: S608 - our own words

APPEND_ONLY = refuse_changes("event", REFUSED)
# SQLite's INSERT OR REPLACE removes a row without its trigger for removals; the check before an
# insertion sees to it, because the row would not follow the last one.
SQLITE = [
    *APPEND_ONLY["sqlite"],
    f"""CREATE TRIGGER event_next BEFORE INSERT ON event WHEN NOT ({FOLLOWS})
    BEGIN SELECT RAISE(ABORT, '{NOT_NEXT}'); END""",
]
POSTGRES = [
    *APPEND_ONLY["postgresql"],
    f"""CREATE FUNCTION event_require_next() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NOT ({FOLLOWS}) THEN RAISE EXCEPTION '{NOT_NEXT}'; END IF;
      RETURN NEW;
    END $$""",
    """CREATE TRIGGER event_next BEFORE INSERT ON event
    FOR EACH ROW EXECUTE FUNCTION event_require_next()""",
]


def protect(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Put the triggers on the table; a step of the migrations.

    Args:
        _apps: The models as they were; not needed.
        editor: Runs statements on the database that is migrated.
    """
    statements = {"sqlite": SQLITE, "postgresql": POSTGRES}[editor.connection.vendor]
    for statement in statements:
        editor.execute(statement)
