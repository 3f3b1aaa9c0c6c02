"""Maintenance on the server's own machine: backup, restore, trim."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
from pathlib import Path

import httpx
import pytest

from tests.server.rest import problem
from tests.support.cli import Shell
from tests.support.databases import Databases
from tests.support.servers import Server, postgres_database, running


def titles(database: Path) -> set[str]:
    with sqlite3.connect(database) as file:
        return {title for (title,) in file.execute("SELECT title FROM tickets")}


def test_a_backup_is_restored_while_no_server_runs_and_the_replaced_file_is_kept(
    kanban: Shell, own_sqlite: Server
) -> None:
    database, copy = Path(own_sqlite.database), kanban.folder / "copy"
    there = kanban.using(KANBAN_URL=own_sqlite.url, KANBAN_BOARD="1", KANBAN_DATABASE_URL=str(database))
    with own_sqlite.kanban("ada") as ada:
        ada.tickets.create("kept", board=1)
        assert there.ok("backup", copy).out.startswith(f"{copy}\t")
        refused = there("backup", copy, "--json")
        assert (refused.code, json.loads(refused.err)["type"]) == (5, "file-exists")
        ada.tickets.create("later", board=1)
    refused = there("restore", copy, "--json")
    assert (refused.code, refused.out, json.loads(refused.err)["type"]) == (5, "", "backup-failed")
    assert "kanban down" in refused.err
    own_sqlite.kill()  # so that its last changes are in the log beside the file
    replaced = Path(there.ok("restore", copy, "--json").json["replaced"])
    assert titles(database) == titles(copy) == {"kept"}
    assert titles(replaced) == {"kept", "later"}
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in (copy, database))


def test_an_incomplete_database_is_not_restored(kanban: Shell, sqlite: Server) -> None:
    database, damaged = kanban.folder / "board.db", kanban.folder / "damaged"
    with sqlite3.connect(sqlite.database) as file:
        file.execute("VACUUM INTO ?", (str(damaged),))
    shutil.copy(damaged, database)
    with damaged.open("r+b") as pages:
        pages.seek(4096 * 3)
        pages.write(b"\xff" * 4096 * 3)
    refused = kanban("restore", damaged, "--database", database)
    assert (refused.code, refused.out) == (5, "")
    assert "damaged" in refused.err
    assert kanban("backup", "copy", "--database", "nowhere").code == 3
    assert sorted(file.name for file in kanban.folder.glob("*board*")) == ["board.db", "board.db.lock"]


def test_only_a_user_who_can_read_the_servers_files_can_back_it_up(sqlite: Server, tmp_path: Path) -> None:
    body = {"file": str(tmp_path / "copy")}
    for headers in ({}, {"Kanban-Key": "kbn_local_0"}, {"Kanban-Key": ""}):
        response = httpx.post(f"{sqlite.url}/api/local/backup", json=body, headers=headers)
        problem(response, "not-allowed")
    assert list(tmp_path.iterdir()) == []
    lock = Path(f"{sqlite.database}.lock")
    assert stat.S_IMODE(lock.stat().st_mode) == 0o600


@pytest.mark.postgres
def test_a_database_that_does_not_keep_text_as_utf8_is_refused(
    kanban: Shell, databases: Databases, pytestconfig: pytest.Config
) -> None:
    databases.make("postgresql", pytestconfig)  # skips where there is none
    with postgres_database("template0", "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'") as url:
        for command in (("user", "create", "ada", "--admin"), ("serve", "--port", "0")):
            refused = kanban(*command, "--database", url)
            assert refused.code != 0
            assert "createdb --template template0 --encoding UTF8 NAME" in refused.err, command
            assert "Traceback" not in refused.err


def test_the_log_of_a_trimmed_board_is_shown_from_where_it_begins(
    kanban: Shell, own_sqlite: Server, tmp_path: Path
) -> None:
    there = kanban.using(KANBAN_URL=own_sqlite.url, KANBAN_BOARD="1", KANBAN_DATABASE_URL=own_sqlite.database)
    hers = there.ok("add", "before", "-a", "eve").rows[0][0]
    for flags in (["--database", own_sqlite.database], ["--url", "http://192.0.2.1:8000"]):
        by_name = there("trim", "-b", "My First Board", "--keep", "0s", *flags)
        assert (by_name.code, by_name.out) == (2, "")
        assert "The board's number is needed" in by_name.err
    unclear = there("trim", "-b", 1, "--keep", "soon")
    assert (unclear.code, unclear.err.splitlines()[1]) == (2, "  next: Say how much to keep, such as 90d, 12w or 36h.")
    assert there.ok("trim", "-b", 1, "--keep", "999999w", "--json").json["events"] == 0
    other = tmp_path / "other.db"
    with running(str(other)):
        pass
    assert "another database" in there.using(KANBAN_DATABASE_URL=str(other))("trim", "-b", 1, "--keep", "0s").err
    there.ok("trim", "-b", 1, "--keep", "0s")
    floor = there.ok("log", "--json").json["cursor"]
    there.ok("add", "after")
    rows = there.ok("log").rows
    assert ["after" in row[-1] for row in rows] == [True]
    there.ok("edit", hers, "-a", "")
    assert there.ok("watch", "--for", "eve", "--after", floor, "--count", 1).json["data"]["id"] == int(hers)
