"""The disk is full, or the file can't be written: writes are refused with that reason, reads work. Once there is space
again, writes work without a restart. Acknowledged changes are kept.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from kanban_sdk import Kanban
from tests.faults.validators import check_log
from tests.server.rest import new_board
from tests.support.databases import Databases
from tests.support.servers import Server, clean_environment, running

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="mounts a file system, and limits another process")

ROOM = 8 * 1024 * 1024
TEXT = "x" * 60_000
KINDLY = {503, 507}


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Mount a small file system."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts a file system")
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"a file system can't be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk") as folder:
        yield folder


@pytest.fixture
def crowded(disk: Path, databases: Databases, pytestconfig: pytest.Config) -> Iterator[Server]:
    """A server whose database has little disk space."""
    database = shutil.copy(databases.make("sqlite", pytestconfig), disk / "kanban.db")
    with running(str(database)) as server:
        yield server


def write(rest: httpx.Client, board: int, title: str) -> int:
    """Try to create a ticket with a long text; return the status."""
    body = {"title": title, "board_id": board, "description": TEXT}
    return rest.post("/api/tickets/", json=body).status_code


@pytest.mark.slow
def test_a_full_disk_refuses_writes_and_freed_space_allows_them_again(crowded: Server, disk: Path) -> None:
    with httpx.Client(base_url=crowded.url, timeout=30) as rest, Kanban(crowded.url, "ada", tries=1) as kanban:
        board = new_board(rest)["id"]
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * (ROOM // 2))
        statuses: list[int] = []
        while statuses[-20:].count(201) or len(statuses) < 20:
            statuses.append(write(rest, board, f"t{len(statuses)}"))
            assert len(statuses) < 1000, "the disk was never full"
        refused = {status for status in statuses if status != 201}
        assert refused <= KINDLY
        assert 507 in refused
        acknowledged = statuses.count(201)
        assert kanban.boards.get(board).ticket_count == acknowledged
        assert rest.get("/health").status_code == rest.get("/ready").status_code == 200

        ballast.unlink()
        assert write(rest, board, "there is room again") == 201
        check_log(kanban, board)
        assert kanban.boards.get(board).ticket_count == acknowledged + 1
        print(f"{acknowledged} stored, {len(statuses) - acknowledged} refused with {sorted(refused)}")
    assert "Traceback" not in crowded.log_text()


def test_writes_to_a_read_only_file_are_refused_with_a_problem_and_reads_work(
    databases: Databases, pytestconfig: pytest.Config
) -> None:
    with (
        running(databases.make("sqlite", pytestconfig)) as own_server,
        httpx.Client(base_url=own_server.url, timeout=30) as rest,
        own_server.kanban("ada", tries=1) as kanban,
    ):
        board = new_board(rest)["id"]
        assert write(rest, board, "before") == 201
        limits = resource.prlimit(own_server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(own_server.pid, resource.RLIMIT_FSIZE, (0, limits[1]))  # from now on each write(2) fails
        try:
            assert {write(rest, board, f"t{number}") for number in range(5)} <= KINDLY
            assert kanban.boards.get(board).ticket_count == 1
            assert rest.get("/ready").status_code == 200
        finally:
            resource.prlimit(own_server.pid, resource.RLIMIT_FSIZE, limits)
        assert write(rest, board, "after") == 201
        check_log(kanban, board)
        assert kanban.boards.get(board).ticket_count == 2


@pytest.mark.slow
def test_a_server_on_a_read_only_file_system_does_not_start_and_reports_why(
    disk: Path, databases: Databases, pytestconfig: pytest.Config
) -> None:
    database = shutil.copy(databases.make("sqlite", pytestconfig), disk / "kanban.db")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    command = [sys.executable, "-m", "kanban_server", "--port", "0", "--database", str(database)]
    refused = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=60)
    assert refused.returncode == 1
    assert "Read-only file system" in refused.stderr
    assert "Traceback" not in refused.stderr
