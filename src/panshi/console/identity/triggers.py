"""What the database itself refuses of roles: one that excludes another beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panshi.console.identity.roles import EXCLUSIVE

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

REFUSED = "identity_grant: a role that excludes others stands alone"
ALONE = ", ".join(f"'{role}'" for role in sorted(EXCLUSIVE))
OTHERS = f"""EXISTS (SELECT 1 FROM identity_grant AS other
      WHERE other.user_id = NEW.user_id AND other.role <> NEW.role AND other.id <> NEW.id
        AND (NEW.role IN ({ALONE}) OR other.role IN ({ALONE})))"""  # noqa: S608 - our own words

SQLITE = [
    f"""CREATE TRIGGER grant_alone_{when.lower()} BEFORE {when} ON identity_grant
    WHEN {OTHERS.replace("NEW.id", "COALESCE(NEW.id, -1)")}
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"""
    for when in ("INSERT", "UPDATE")
]
POSTGRES = [
    f"""CREATE FUNCTION grant_require_alone() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF {OTHERS} THEN RAISE EXCEPTION '{REFUSED}'; END IF;
      RETURN NEW;
    END $$""",
    """CREATE TRIGGER grant_alone BEFORE INSERT OR UPDATE ON identity_grant
    FOR EACH ROW EXECUTE FUNCTION grant_require_alone()""",
]


def protect(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Put the triggers on the table; a step of the migrations.

    Args:
        _apps: The models as they were; not needed.
        editor: Runs statements on the database that is migrated.
    """
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRES}[editor.connection.vendor]:
        editor.execute(statement)
