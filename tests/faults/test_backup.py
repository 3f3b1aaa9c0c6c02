"""A backup made under writes and restored has every change acknowledged before it, and no reader gets the log of
another epoch.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from kanban_sdk import Claim, Kanban, Resync, Ticket
from kanban_sdk.stream.fold import FoldedBoard
from kanban_sdk.wire.events import SnapshotTaken
from tests.faults.test_kill import WRITERS, Burst
from tests.faults.validators import check_log
from tests.server.rest import problem
from tests.support.databases import Databases
from tests.support.servers import Server, clean_environment, on_sqlite, postgres_database, running
from tests.support.waiting import until

TEXT = "x" * 2000


def verb(*arguments: object, **environment: str) -> dict[str, object]:
    """Return the output of `kanban VERB --json`."""
    command = [sys.executable, "-m", "kanban_cli", *map(str, arguments), "--json"]
    process = subprocess.run(command, env=clean_environment(**environment), capture_output=True, text=True, timeout=60)
    assert process.returncode == 0, process
    answer: dict[str, object] = json.loads(process.stdout)
    return answer


def test_a_backup_under_load_has_every_acknowledged_change_and_a_restore_starts_a_new_epoch(
    own_server: Server, database: str, tmp_path: Path
) -> None:
    copy = tmp_path / "backup"
    with own_server.kanban("ada") as kanban:
        board = kanban.boards.create("Backup").id
        burst = Burst(own_server, board)
        try:
            until(lambda: len(burst.acknowledged) > 20, within=30, what="a burst of writes")
            before = set(burst.acknowledged)
            verb("backup", copy, "--database", database)
            during = len(burst.acknowledged)
            until(lambda: len(burst.acknowledged) > during, within=30, what="writes after the backup")
        finally:
            burst.stop()
        lost = kanban.boards.snapshot(board)
    own_server.stop()
    with ExitStack() as stack:
        if database.startswith("postgresql"):
            database = stack.enter_context(postgres_database())
        restored = verb("restore", copy, "--database", database)
        server = stack.enter_context(running(database))
        kanban = stack.enter_context(server.kanban("ada"))
        assert (restored["boards"], copy.stat().st_mode & 0o777) == (2, 0o600)
        check_log(kanban, board)
        assert before <= {ticket.id for ticket in kanban.boards.tickets(board).tickets}
        check_readers(kanban, board, lost.cursor, lost.seq)


FILLING = """
import sys
from pathlib import Path
from kanban_server.store.atomic_file import arriving
with arriving(Path(sys.argv[1])) as part:
    part.write_text("complete")
    print("part written", flush=True)
    sys.stdin.readline()
"""


def hold_part_file(target: Path) -> subprocess.Popen[str]:
    """Start a process that is writing a file; it finishes when it is sent a line."""
    command = [sys.executable, "-c", FILLING, str(target)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "part written\n"
    return process


@on_sqlite
def test_the_next_backup_removes_files_of_a_killed_one_but_not_of_a_running_one(database: str, tmp_path: Path) -> None:
    with hold_part_file(tmp_path / "other") as running_backup, hold_part_file(tmp_path / "copy") as killed:
        killed.kill()
        killed.wait()
        files = set(tmp_path.glob(".kanban-part-*"))
        assert len(files) == 2
        verb("backup", tmp_path / "copy", "--database", database)
        (part,) = tmp_path.glob(".kanban-part-*")
        assert [file.name for file in part.iterdir()] == ["other"]
        running_backup.communicate("\n", timeout=30)
    assert (tmp_path / "other").read_text() == "complete"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["copy", "other"]
    copy = Path(database).with_name("itself")
    copy.symlink_to(database)
    refused = subprocess.run(
        [sys.executable, "-m", "kanban_server", "backup", "--force", "--database", database, str(copy)],
        env=clean_environment(), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert "is the database itself" in refused.stderr


def check_readers(kanban: Kanban, board: int, cursor: str, head: int) -> None:
    """A reader of the earlier epoch gets one resync, and continues from a snapshot."""
    for after, reason in ((cursor, "epoch"), (head + 1000, "ahead")):
        with pytest.raises(Resync) as refused:
            kanban.boards.events(board, after=after)
        assert refused.value.reason == reason
    folded = FoldedBoard()
    with kanban.watch(board, after=cursor) as watch:
        first = next(watch)
        assert isinstance(first, SnapshotTaken)
        kanban.tickets.create("after the restore", board=board)
        second = next(watch)
    assert second.data["title"] == "after the restore"
    for event in (first, second):
        folded.step(event)
    assert folded == FoldedBoard.from_snapshot(kanban.boards.snapshot(board))


@on_sqlite
@pytest.mark.parametrize("place", ["database", "folder"])
@pytest.mark.slow
def test_a_backup_has_the_contents_of_files(tmp_path: Path, place: str, database: str) -> None:
    copy, folder, other = tmp_path / "backup", tmp_path / "files", tmp_path / "other"
    settings = {"KANBAN_FILES_FOLDER": str(folder)} if place == "folder" else {}
    elsewhere = {"KANBAN_FILES_FOLDER": str(other)} if place == "folder" else {}
    content = b"content" * 100_000
    with running(database, **settings) as server, server.kanban("ada") as kanban:
        ticket = kanban.tickets.create("x", board=1).id
        for name in ("gone.txt", "kept.txt"):
            kanban.files.attach(ticket, name.encode() + content, name=name)
        verb("backup", copy, "--database", database)
        kanban.files.remove(ticket, "gone.txt")
        output = verb("backup", copy, "--database", database, "--force")
        assert output["contents"] == (1 if place == "folder" else 0)
        kanban.files.remove(ticket, "kept.txt")
        server.stop()
    if place == "folder":
        assert len([path for path in (tmp_path / "backup.files").rglob("*") if path.is_file()]) == 1
        process = subprocess.run(
            [sys.executable, "-m", "kanban_cli", "restore", str(copy), "--database", database],
            env=clean_environment(), capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert process.returncode == 5
        assert "KANBAN_FILES_FOLDER" in process.stderr
    verb("restore", copy, "--database", database, **elsewhere)
    with running(database, **elsewhere) as server, server.kanban("ada") as kanban:
        assert [file.name for file in kanban.files.all(ticket)] == ["kept.txt"]
        assert kanban.files.read(ticket, "kept.txt") == b"kept.txt" + content


def test_a_claim_made_after_the_restored_backup_is_invalid(own_server: Server, database: str, tmp_path: Path) -> None:
    copy = tmp_path / "backup"
    with own_server.kanban("ada") as kanban:
        ticket = kanban.tickets.create("Held in the backup", board=kanban.boards.create("Backup").id).id
        kanban.tickets.claim(ticket)
        verb("backup", copy, "--database", database)
        kanban.tickets.release(ticket)
        with own_server.kanban("bob") as bob:
            lost = lease_token(bob.tickets.claim(ticket))
            later = bob.tickets.create("Made after the backup", board=bob.boards.create("Later").id).id
            lost_too = lease_token(bob.tickets.claim(later))
    own_server.stop()
    with ExitStack() as stack:
        if database.startswith("postgresql"):
            database = stack.enter_context(postgres_database())
        verb("restore", copy, "--database", database)
        server = stack.enter_context(running(database))
        kanban = stack.enter_context(server.kanban("ada"))
        assert kanban.tickets.edit(ticket, title="Still hers").claim == Claim("ada", 1)
        kanban.tickets.release(ticket)
        assert lease_token(kanban.tickets.claim(ticket)) != lost
        late = {"title": "No longer his"}
        address = f"{server.url}/api/tickets/{ticket}"
        problem(httpx.patch(address, json=late, headers={"Kanban-Lease": lost}), "lease-lost")
        again = kanban.tickets.create("Another with this number", board=kanban.boards.create("Later").id).id
        assert again == later
        assert lease_token(kanban.tickets.claim(again)) != lost_too


def lease_token(ticket: Ticket) -> str:
    """Return the token of the ticket's claim."""
    assert ticket.lease is not None
    return ticket.lease.token


@pytest.mark.slow
def test_backups_during_two_hundred_writes_a_second_delay_writes_by_less_than_half_a_second(
    databases: Databases, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    """F26, on a large file. Prints the figures."""
    database = databases.make("sqlite", pytestconfig)
    with running(database) as server, server.kanban("ada") as kanban:
        board = kanban.boards.create("Large").id
        for start in range(0, 30_000, 100):
            tickets = [
                {"source_id": str(n), "title": f"t{n}", "description": "x" * 2000} for n in range(start, start + 100)
            ]
            kanban.boards.import_tickets(board, tickets)
        writes = Steady(server, board, a_second=200)
        try:
            until(lambda: len(writes.waits) > 200, within=30, what="steady writes")
            writes.waits.clear()
            until(lambda: len(writes.waits) > 400, within=30, what="writes without a backup")
            calm = max(writes.waits)
            for number in range(3):
                writes.waits.clear()
                before = set(writes.acknowledged)
                backup = verb("backup", tmp_path / f"{number}", "--database", database)
                stall, count = max(writes.waits), len(writes.waits)
                with sqlite3.connect(tmp_path / f"{number}") as copy:
                    assert before <= {id for (id,) in copy.execute("SELECT id FROM tickets")}
                    assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                size = Path(str(backup["file"])).stat().st_size / 2**20
                print(
                    f"{size:.0f} MiB in {backup['seconds']} s; {count} writes, the longest {stall * 1000:.0f} ms"
                    f" (without a backup {calm * 1000:.0f} ms)"
                )
                assert stall < 0.5
        finally:
            writes.stop()


class Steady:
    """Creates tickets at a fixed rate per second, and records the duration of each request."""

    def __init__(self, server: Server, board: int, *, a_second: int) -> None:
        self.waits: list[float] = []
        self.acknowledged: set[int] = set()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._write, args=(server, board, WRITERS / a_second)) for _ in range(WRITERS)
        ]
        for thread in self._threads:
            thread.start()

    def _write(self, server: Server, board: int, pause: float) -> None:
        with server.kanban("ada", tries=1) as kanban:
            while not self._stop.wait(pause):
                began = time.monotonic()
                self.acknowledged.add(kanban.tickets.create("steady", board=board).id)
                self.waits.append(time.monotonic() - began)

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
