"""Databases of earlier revisions, as SQL. 0001 to 0003 were left by the servers of their time.

`python -m tests.store.dumps 0004` makes the next one anew, as long as its migration is not released and may change: the
one before it is upgraded, and what is new in it is put in.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

import kanban_server.store.migrations as migrations

DATA = Path(__file__).parent / "data"
SEARCH = "ticket_search"
MORE = {
    "0004": """
        UPDATE tickets SET due_date = '2026-02-03' WHERE id = 1;
        UPDATE tickets SET links = '[{"kind":"url","ref":"https://example.com/"}]' WHERE id = 1;
        INSERT INTO inbox VALUES ('bob', 2, 5, 2, 1, 'mention');
    """,
    "0005": """
        INSERT INTO users (id, name, role, kind, created_at)
            VALUES (1, 'ada', 'admin', 'person', '2026-01-01T00:00:00.000000Z'),
                   (2, 'bob', 'user', 'person', '2026-01-01T00:00:00.000000Z');
        INSERT INTO members VALUES (2, 2, 'user', '2026-01-01T00:00:00.000000Z');
    """,
    "0006": """
        INSERT INTO webhooks (id, board_id, url, secret, events, seq, created_by, created_at)
            VALUES (1, 2, 'https://example.com/hook', 'whsec_c2VjcmV0', '[]', 3, 'ada', '2026-01-01T00:00:00.000000Z');
    """,
    "0010": """
        INSERT INTO inbox VALUES ('ada', 1, 3, 2, 1, 'ask');
    """,
    "0011": """
        UPDATE boards SET require = '["criteria"]' WHERE id = 2;
    """,
}
"""What a revision can hold that those before it could not."""


def revisions() -> list[str]:
    """The revisions that there are databases of, oldest first."""
    return sorted(file.stem for file in DATA.glob("*.sql"))


def load(revision: str, path: Path) -> None:
    """Make a database of a revision."""
    with closing(sqlite3.connect(path)) as file:
        file.executescript((DATA / f"{revision}.sql").read_text())


def dump(path: Path) -> str:
    """A database as SQL. The tables behind the search are its own matter: what it holds is put in anew."""
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("BEGIN")  # nothing of what is done to the file here is kept
        return "\n".join(_lines(file)) + "\n"


def _lines(file: sqlite3.Connection) -> Iterator[str]:
    searched = file.execute("SELECT sql FROM sqlite_master WHERE name = ?", (SEARCH,)).fetchone()
    rows = file.execute(f"SELECT rowid, words FROM {SEARCH} ORDER BY rowid").fetchall() if searched else []
    if searched:
        file.execute(f"DROP TABLE {SEARCH}")
    yield from (line for line in file.iterdump() if line != "COMMIT;")
    if searched:
        yield f"{searched[0]};"
    for id, words in rows:
        quoted = words.replace("'", "''")
        yield f"INSERT INTO {SEARCH} (rowid, words) VALUES ({id}, '{quoted}');"
    yield "COMMIT;"


def make(revision: str) -> str:
    """A database of a revision, from the one before it."""
    before = max(known for known in revisions() if known < revision)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kanban.db"
        load(before, path)
        engine = create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            config = Config()
            config.set_main_option("script_location", str(Path(migrations.__file__).parent))
            config.set_main_option("path_separator", "os")
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
        engine.dispose()
        with closing(sqlite3.connect(path)) as file:
            file.executescript(MORE.get(revision, ""))
        return dump(path)


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        (DATA / f"{wanted}.sql").write_text(make(wanted))
