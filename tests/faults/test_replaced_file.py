"""Promise 3: the database file is moved, removed, overwritten or linked under a server.

No acknowledged change is lost to a file that the server does not own, and nothing is written into the file that is
now in its place.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from kanban_sdk import KanbanError
from tests.server.rest import problem
from tests.support.cli import Shell
from tests.support.databases import Databases
from tests.support.servers import Server, clean_environment, running
from tests.support.waiting import until

OTHER_TICKETS = 25


@pytest.fixture
def served(databases: Databases, pytestconfig: pytest.Config) -> Iterator[Server]:
    """A server with its own file, whose newest tickets are only in the write-ahead log."""
    with running(databases.make("sqlite", pytestconfig)) as server:
        with server.kanban("ada") as ada:
            for number in range(30):
                ada.tickets.create(f"ours {number}", board=1, description="x" * 4000)
        assert Path(f"{server.database}-wal").stat().st_size > 100_000
        yield server


@pytest.fixture
def stranger(databases: Databases, pytestconfig: pytest.Config) -> Path:
    """A database file of another server, a little shorter and not in use."""
    database = Path(databases.make("sqlite", pytestconfig))
    with running(str(database)) as server:
        with server.kanban("eve") as eve:
            for _ in range(OTHER_TICKETS):
                eve.tickets.create("theirs", board=1, description="x" * 4000)
        server.stop()
    return database


def put_in_its_place(database: Path, stranger: Path) -> None:
    stranger.replace(database)


def copy_over_it(database: Path, stranger: Path) -> None:
    database.write_bytes(stranger.read_bytes())


@pytest.mark.parametrize(
    ("replace", "reason"), [(put_in_its_place, "another-file"), (copy_over_it, "shorter")], ids=["renamed", "copied"]
)
@pytest.mark.slow
def test_a_file_in_place_of_the_database_stops_writes_and_stays_unchanged(
    served: Server, stranger: Path, replace: Callable[[Path, Path], None], reason: str
) -> None:
    database, theirs = Path(served.database), stranger.read_bytes()
    with sqlite3.connect(served.database) as other:  # so that the file has its full length
        other.execute("PRAGMA wal_checkpoint")
    other.close()
    with httpx.Client(base_url=served.url) as rest, served.kanban("ada", tries=1) as ada:
        ada.tickets.create("the last one", board=1)
        assert database.stat().st_size > len(theirs)
        replace(database, stranger)
        refused = problem(rest.post("/api/tickets/", json={"title": "lost?", "board_id": 1}), "database-replaced")
        assert (refused["status"], refused["reason"]) == (503, reason)
        assert str(database.parent) not in str(refused)
        assert problem(rest.get("/ready"), "database-replaced")["fix"] == refused["fix"]
        assert rest.get("/health").status_code == 200
        for _ in range(80):  # more than SQLite keeps in the log before a checkpoint
            lost = {"title": "lost?", "board_id": 1, "description": "y" * 60_000}
            assert rest.post("/api/tickets/", json=lost).json()["type"] == "database-replaced"
    assert served.stop() == 0
    assert database.read_bytes() == theirs
    assert "is no longer the file that was opened" in served.log_text()
    assert "Traceback" not in served.log_text()
    (saved_wal,) = database.parent.glob("*.replaced-*-wal")
    assert not Path(f"{database}-wal").exists()
    assert saved_wal.stat().st_size > 100_000

    served.start()
    with served.kanban("eve") as eve:
        assert [ticket.title for ticket in eve.boards.tickets(1).tickets] == ["theirs"] * OTHER_TICKETS
    served.stop()
    with closing(sqlite3.connect(database)) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_moving_the_database_away_stops_writes_and_moving_it_back_allows_them(served: Server, tmp_path: Path) -> None:
    database, elsewhere = Path(served.database), tmp_path / "elsewhere"
    with httpx.Client(base_url=served.url) as rest:
        database.rename(elsewhere)
        reported = until(lambda: "was moved or removed" in served.log_text(), what="the server to notice")
        assert reported, "without a request"
        assert problem(rest.get("/ready"), "database-replaced")["reason"] == "removed"
        problem(rest.post("/api/tickets/", json={"title": "lost?", "board_id": 1}), "database-replaced")
        with ThreadPoolExecutor(8) as threads:
            exported = list(threads.map(rest.get, ["/api/boards/1/tickets"] * 8))
        assert [len(one.json()["tickets"]) for one in exported] == [30] * 8, "its data can be exported, by all readers"
        problem(httpx.post(f"{served.url}/api/local/backup", json={"file": "x"}), "not-allowed")
        assert served.stop() == 0
    assert not database.exists()
    elsewhere.rename(database)
    served.start()
    with served.kanban("ada") as ada:
        assert len(ada.boards.tickets(1).tickets) == 30, "changes that were only in the log are stored"
        ada.tickets.create("it goes on", board=1)


def test_no_acknowledged_change_is_lost_when_another_file_is_put_in_place(served: Server, stranger: Path) -> None:
    """The last acknowledged change is in the original file: there is not even a second in which writes are lost."""
    database = Path(served.database)
    saved = database.with_name("saved")
    with served.kanban("ada", tries=1) as ada:
        os.link(database, saved)
        acknowledged = {ada.tickets.create("before", board=1).id}
        stranger.replace(database)
        with pytest.raises(KanbanError):
            acknowledged.add(ada.tickets.create("after", board=1).id)
    served.stop()
    (wal,) = database.parent.glob("*.replaced-*-wal")
    wal.rename(saved.with_name("saved-wal"))
    with closing(sqlite3.connect(saved)) as file:
        assert acknowledged <= {id for (id,) in file.execute("SELECT id FROM tickets")}


@pytest.mark.slow
def test_a_link_to_another_file_stops_writes_and_changes_neither_file(
    databases: Databases, pytestconfig: pytest.Config, stranger: Path, tmp_path: Path
) -> None:
    file, link, other = Path(databases.make("sqlite", pytestconfig)), tmp_path / "link.db", tmp_path / "other.db"
    link.symlink_to(file)
    other.symlink_to(stranger)
    theirs = stranger.read_bytes()
    with running(str(link)) as server, server.kanban("ada", tries=1) as ada:
        ticket = ada.tickets.create("before", board=1).id
        other.replace(link)
        with httpx.Client(base_url=server.url) as rest:
            refused = problem(rest.post("/api/tickets/", json={"title": "lost?", "board_id": 1}), "database-replaced")
            assert refused["reason"] == "another-file"
        assert server.stop() == 0
    assert stranger.read_bytes() == theirs
    with closing(sqlite3.connect(file)) as connection:
        assert (ticket,) in connection.execute("SELECT id FROM tickets").fetchall(), "with its write-ahead log"


def second(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Start another server, which must be refused."""
    command = [sys.executable, "-m", "kanban_server", *map(str, arguments)]
    return subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=60)


@pytest.mark.slow
def test_no_link_bypasses_the_lock(served: Server, tmp_path: Path) -> None:
    soft, folder, hard = tmp_path / "soft.db", tmp_path / "folder", Path(served.database).with_name("hard.db")
    soft.symlink_to(served.database)
    folder.symlink_to(Path(served.database).parent)
    for path in (soft, folder / Path(served.database).name):
        refused = second("--port", 0, "--database", path)
        assert refused.returncode != 0
        assert "Another kanban server has" in refused.stderr
        assert f"A server has {os.path.realpath(path)} open." in second("doctor", "--database", path).stdout
    os.link(served.database, hard)
    assert json.loads(second("doctor", "--database", hard).stdout)["level"] == "bad"
    for arguments in (["--port", 0], ["backup", tmp_path / "copy", "--json"], ["user", "eve", "--role", "admin"]):
        refused = second(*arguments, "--database", hard)
        assert refused.returncode != 0
        assert "2 names (hard links)" in refused.stderr
        if "--json" in arguments:
            assert json.loads(refused.stderr)["type"] == "database-linked"
        assert "Traceback" not in refused.stderr
    assert not hard.with_name("hard.db.lock").exists()
    with served.kanban("ada") as ada:
        ada.tickets.create("the first server goes on", board=1)
    assert served.stop() == 0
    refused = second("--port", 0, "--database", served.database)
    assert "-samefile" in refused.stderr
    hard.unlink()
    served.start()


@pytest.mark.slow
def test_a_restore_through_a_link_replaces_the_file_and_not_the_link(served: Server, tmp_path: Path) -> None:
    link, copy = tmp_path / "link.db", tmp_path / "copy"
    link.symlink_to(served.database)
    shell = Shell(tmp_path, {"KANBAN_DATABASE_URL": str(link), "KANBAN_URL": "http://127.0.0.1:1"})
    shell.ok("backup", copy)
    with served.kanban("ada") as ada:
        later = ada.tickets.create("later", board=1).id
    assert shell("restore", copy).code == 5, "the server uses the file"
    served.stop()
    replaced = Path(shell.ok("restore", copy, "--json").json["replaced"])
    assert link.is_symlink()
    assert replaced.parent == Path(served.database).parent
    shutil.rmtree(tmp_path / "home", ignore_errors=True)
    for file, there in ((replaced, True), (Path(served.database), False)):
        with closing(sqlite3.connect(file)) as connection:
            assert ((later,) in connection.execute("SELECT id FROM tickets").fetchall()) == there
