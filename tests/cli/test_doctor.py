"""`kanban doctor` finds what is amiss, says what to do, and changes nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from kanban_sdk import Board, Kanban
from tests.support.cli import Said, Shell
from tests.support.servers import Server, free_port


def levels(said: Said) -> dict[str, str]:
    """What was found, by name."""
    found: dict[str, str] = {one["name"]: one["level"] for one in said.json["findings"]}
    assert all(one["said"] and (one["fix"] or one["level"] == "ok") for one in said.json["findings"])
    return found


def test_where_all_is_well_it_says_so_and_tells_of_somebody_with_the_same_name(
    kanban: Shell, sqlite: Server, sdk: Kanban, own: Board
) -> None:
    with sdk.watch(own.id, after=0) as watch:
        next(watch)
        said = kanban("doctor", "--json", "--database", sqlite.database, "-b", own.name.upper())
    assert (said.code, said.err) == (0, "")
    found = levels(said)
    well = {"server", "version", "ready", "clock", "board", "database", "lock", "revision", "time"}
    assert {found[name] for name in well} == {"ok"}
    assert found["name"] == "hint"


def test_what_is_amiss_is_told_with_its_next_step_and_nothing_is_changed(kanban: Shell, sqlite: Server) -> None:
    database = kanban.folder / "board.db"
    with sqlite3.connect(sqlite.database) as file:
        file.execute("VACUUM INTO ?", (str(database),))
    with sqlite3.connect(database) as copy:
        copy.execute("UPDATE alembic_version SET version_num = '9999'")
        copy.execute("UPDATE boards SET last_at = '2999-01-01T00:00:00.000000Z'")
    database.chmod(0o644)
    before = {file: file.stat().st_mtime_ns for file in kanban.folder.iterdir()}
    away = kanban.using(
        KANBAN_URL=f"http://127.0.0.1:{free_port()}", KANBAN_REDIS_URL=f"redis://127.0.0.1:{free_port()}"
    )
    said = away("doctor", "--json", "--database", database)
    assert (said.code, said.err) == (1, "")
    found = levels(said)
    assert {name for name, level in found.items() if level == "bad"} == {"server", "revision"}
    assert {name for name, level in found.items() if level == "warning"} == {"permissions", "time", "redis"}
    assert {file: file.stat().st_mtime_ns for file in kanban.folder.iterdir()} == before
    assert f"chmod 600 {database}" in said.out


def test_a_board_that_is_gone_and_a_file_that_is_no_database_are_told_in_a_pipe(kanban: Shell) -> None:
    stray = Path(kanban.folder / "stray.db")
    stray.write_text("not a database")
    said = kanban("doctor", "-b", "no such board", "--database", stray)
    assert said.code == 1
    bad = {row[1]: row for row in said.rows if row[0] == "bad"}
    assert bad.keys() == {"board", "database"}
    assert "kanban init --help" in bad["board"][3]
    assert "kanban restore" in bad["database"][3]
