"""Runs the console's tests again on a PostgreSQL of their own: arguments are pytest's."""

import os
import subprocess
import sys

from panshi.rig.postgres import lacks_postgres, serving_postgres

FOLDER = "tests/unit/console"


def main(arguments: list[str]) -> int:
    """Return pytest's status; 0 with the reason where there is no PostgreSQL."""
    reason = lacks_postgres()
    if reason is not None:
        print(f"console tests on PostgreSQL left out: {reason}")
        return 0
    with serving_postgres() as (host, port):
        surroundings = {
            **os.environ,
            "DATABASE_URL": f"postgresql://postgres@{host}:{port}/postgres",
        }
        command = [sys.executable, "-m", "pytest", FOLDER, *arguments]
        return subprocess.run(command, check=False, env=surroundings).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
