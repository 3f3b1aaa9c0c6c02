"""`kanban doctor` reports problems with their fixes, and changes nothing."""

from __future__ import annotations

import shlex
import sqlite3
from pathlib import Path

from kanban_sdk import Board, Kanban
from tests.support.cli import Result, Shell
from tests.support.servers import Server, free_port


def levels(result: Result) -> dict[str, str]:
    """The level of each finding, by name."""
    level_by_name: dict[str, str] = {one["name"]: one["level"] for one in result.json["findings"]}
    for finding in result.json["findings"]:
        assert finding["message"] == finding["said"] != ""
        assert finding.get("fix") or finding["level"] == "ok"
    return level_by_name


def test_a_healthy_server_is_ok_and_a_shared_name_is_a_hint(
    kanban: Shell, sqlite: Server, sdk: Kanban, own: Board
) -> None:
    with sdk.watch(own.id, after=0) as watch:
        next(watch)
        result = kanban("doctor", "--json", "--database", sqlite.database, "-b", own.name.upper())
    assert (result.code, result.err) == (0, "")
    level_by_name = levels(result)
    well = {"server", "version", "ready", "clock", "board", "database", "lock", "revision", "time"}
    assert {level_by_name[name] for name in well} == {"ok"}
    assert level_by_name["name"] == "hint"


def test_a_board_without_a_working_column_is_pointed_at_with_the_command_that_gives_it_one(
    kanban: Shell, sqlite: Server, own: Board
) -> None:
    def hints() -> list[str]:
        findings = kanban("doctor", "--json", "--database", sqlite.database).json["findings"]
        return [one.get("fix") for one in findings if one["name"] == "columns" and f"Board {own.id} " in one["message"]]

    assert hints() == []
    kanban.ok("board", "column", "In Progress", "--role", "waiting")
    (fix,) = hints()
    kanban.ok(*shlex.split(fix.partition(": kanban ")[2]))
    assert kanban.ok("board", "columns").rows[1][1] == "working"
    assert hints() == []


def test_a_problem_is_reported_with_its_fix_and_nothing_is_changed(kanban: Shell, sqlite: Server) -> None:
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
    result = away("doctor", "--json", "--database", database)
    assert (result.code, result.err) == (1, "")
    level_by_name = levels(result)
    assert {name for name, level in level_by_name.items() if level == "bad"} == {"server", "revision"}
    assert {name for name, level in level_by_name.items() if level == "warning"} == {"permissions", "time", "redis"}
    assert {file: file.stat().st_mtime_ns for file in kanban.folder.iterdir()} == before
    assert f"chmod 600 {database}" in result.out


def test_a_missing_board_and_an_invalid_database_are_reported_in_a_pipe(kanban: Shell) -> None:
    stray = Path(kanban.folder / "stray.db")
    stray.write_text("not a database")
    result = kanban("doctor", "-b", "no such board", "--database", stray)
    assert result.code == 1
    bad = {row[1]: row for row in result.rows if row[0] == "bad"}
    assert bad.keys() == {"board", "database"}
    assert bad["board"][3] == "kanban board list"
    assert "kanban restore" in bad["database"][3]
