"""A transfer of everything from SQLite to PostgreSQL; a watch resumes from its cursor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kanban_sdk import Kanban
from tests.faults.validators import check_log
from tests.support.databases import Databases
from tests.support.servers import clean_environment, postgres_database, running

pytestmark = pytest.mark.postgres
CONTENT = os.urandom(600_000)


def moved(file: str, url: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kanban_cli", "transfer", "--database", file, url, "--json"]
    return subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=60)


def fill(kanban: Kanban) -> int:
    board = kanban.boards.create("Moves", columns=["Todo", "Doing", "Done"]).id
    first, second, third = (kanban.tickets.create(f"t{number}", board=board).id for number in range(3))
    kanban.tickets.edit(first, description="'é\t\\N\n\\.\r\n")
    kanban.comments.add(first, "a needle")
    kanban.files.attach(first, CONTENT, name="data.bin")
    kanban.tickets.claim(second)
    kanban.tickets.block(third, first)
    kanban.tickets.move(first, "Done", before=None)
    kanban.tickets.delete(kanban.tickets.create("deleted", board=board).id)
    return board


def test_everything_is_moved_to_postgresql_and_cursors_stay_valid(
    databases: Databases, pytestconfig: pytest.Config
) -> None:
    file = databases.make("sqlite", pytestconfig)
    databases.make("postgresql", pytestconfig)  # skips without PostgreSQL
    with postgres_database() as url:
        with running(file) as server, server.kanban("ada") as kanban:
            board = fill(kanban)
            before = kanban.boards.snapshot(board)
            in_use = moved(file, url)
            assert (in_use.returncode, json.loads(in_use.stderr)["type"]) == (5, "transfer-failed")
            server.stop()
        process = moved(file, url)
        assert process.returncode == 0, process
        assert json.loads(process.stdout)["rows"]["tickets"] == 4
        again = moved(file, url)
        assert (again.returncode, json.loads(again.stderr)["type"]) == (5, "transfer-failed")
        with running(url) as server, server.kanban("ada") as kanban:
            assert kanban.boards.snapshot(board) == before
            assert [ticket.title for ticket in kanban.tickets.page(board, search="needl").items] == ["t0"]
            assert kanban.files.read(1, "data.bin") == CONTENT
            with kanban.watch(board, after=before.cursor) as watch:
                new = kanban.tickets.create("new", board=board)
                assert next(watch).ticket_id == new.id == 5
            check_log(kanban, board)
            check_log(kanban, 1)
    assert Path(file).is_file()


def test_an_impossible_transfer_reports_the_reason(
    databases: Databases, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    file = databases.make("sqlite", pytestconfig)
    for source, target, code in (
        (file, "sqlite:///x.db", 2),
        (str(tmp_path / "absent.db"), "postgresql://nobody@127.0.0.1:1/none", 3),
        (file, "postgresql://nobody@127.0.0.1:1/none", 5),
    ):
        process = moved(source, target)
        assert (process.returncode, process.stdout) == (code, "")
        assert json.loads(process.stderr)["fix"]
