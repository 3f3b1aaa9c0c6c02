"""A backup is made while writers write, and put back: nothing that was acknowledged before it is missing, and no reader
is given the log of another life."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from kanban_sdk import Kanban, Resync
from kanban_sdk.fold import Folded
from kanban_sdk.wire.events import SnapshotTaken
from tests.faults.test_kill import Burst
from tests.faults.validators import check_log
from tests.support.servers import Server, clean_environment, postgres_database, running
from tests.support.waiting import until


def verb(*arguments: object) -> dict[str, object]:
    """What `kanban VERB --json` answers."""
    command = [sys.executable, "-m", "kanban_cli", *map(str, arguments), "--json"]
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def test_a_backup_under_load_holds_what_was_acknowledged_and_a_restore_is_a_new_life(
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
            until(lambda: len(burst.acknowledged) > during, within=30, what="writes behind the backup")
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


def check_readers(kanban: Kanban, board: int, cursor: str, head: int) -> None:
    """Who read the life before is told so, once, and goes on from a snapshot."""
    for after, reason in ((cursor, "epoch"), (head + 1000, "ahead")):
        with pytest.raises(Resync) as refused:
            kanban.boards.events(board, after=after)
        assert refused.value.reason == reason
    folded = Folded()
    with kanban.watch(board, after=cursor) as watch:
        first = next(watch)
        assert isinstance(first, SnapshotTaken)
        kanban.tickets.create("behind the restore", board=board)
        second = next(watch)
    assert second.data["title"] == "behind the restore"
    for event in (first, second):
        folded.step(event)
    assert folded == Folded.of(kanban.boards.snapshot(board))
