"""`python -m kanban_server identify`: which database is meant, as `/health` says it of the one that is served."""

from __future__ import annotations

from collections.abc import Sequence

from kanban_server.verbs.asking import Answer, identified, parser, speak


def main(arguments: Sequence[str]) -> None:
    """Print the database and its id, which is null where there is no database yet."""
    given = parser("identify", "Say which database is meant.").parse_args(arguments)

    def work() -> Answer:
        where, id = identified(given.database_url)
        return {"database": where, "database_id": id}

    speak(given, work, lambda said: f"{said['database']}\t{said['database_id'] or '-'}")
