"""The watcher of examples/typescript compiles, and misses no event across kills of the server."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.contracts.logs import Json
from tests.contracts.node import npm_packages
from tests.server.rest import events
from tests.support.servers import Server, clean_environment

EXAMPLE = Path(__file__).parents[2] / "examples" / "typescript"


@pytest.fixture(scope="module")
def watcher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The watcher, compiled as its own project says."""
    folder = tmp_path_factory.mktemp("typescript")
    for path in EXAMPLE.iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    programs = npm_packages(folder)
    compiled = subprocess.run([str(programs / "tsc")], cwd=folder, capture_output=True, text=True, check=False)
    assert compiled.returncode == 0, compiled.stdout
    return folder / "build" / "watch.js"


def watching(watcher: Path, server: Server, board: int, *cursor: str) -> subprocess.Popen[str]:
    environment = clean_environment(KANBAN_URL=server.url, KANBAN_BOARD=str(board))
    command = ["node", str(watcher), *cursor]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def read(process: subprocess.Popen[str], count: int) -> list[Json]:
    assert process.stdout is not None
    return [json.loads(process.stdout.readline()) for _ in range(count)]


@pytest.mark.slow
def test_it_receives_each_event_once_and_in_order_across_kills_of_the_server(watcher: Path, own_server: Server) -> None:
    with own_server.kanban("ada") as kanban:
        board = kanban.boards.create("Watched").id
        with watching(watcher, own_server, board) as process:
            received = read(process, 1)
            for number in range(3):
                ticket = kanban.tickets.create(f"Ticket {number} ✓", board=board)
                own_server.kill()
                own_server.start()
                kanban.tickets.move(ticket.id, "Done")
                received += read(process, 2)
            with httpx.Client(base_url=own_server.url) as rest:
                assert received == events(rest, board)
            kanban.boards.delete(board)
            assert [event["event"] for event in read(process, 1)] == ["board_deleted"]
            assert process.wait(timeout=20) == 0


@pytest.mark.slow
def test_it_ends_with_the_problem_if_it_is_refused(watcher: Path, own_server: Server) -> None:
    with watching(watcher, own_server, 1, "dead-7") as process:
        assert process.wait(timeout=20) == 1
        assert process.stderr is not None
        assert "resync" in process.stderr.read()
