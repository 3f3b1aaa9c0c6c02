"""Clients and servers of 0.1.0 work with those of this version."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kanban_sdk import Kanban, TicketMoved
from tests.packaging.installing import ROOT, build, checkout, run, venv_with
from tests.support.servers import Server, clean_environment, on_sqlite

RELEASED = "a0a027f"
"""The commit of 0.1.0."""


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of 0.1.0, installed from a wheel that is built from its commit."""
    known = subprocess.run(["git", "cat-file", "-e", RELEASED], cwd=ROOT, capture_output=True, check=False)
    if shutil.which("git") is None or known.returncode:
        pytest.skip(f"git: the history with {RELEASED} is not here")
    folder = tmp_path_factory.mktemp("released")
    wheel = build(checkout(RELEASED, folder / "source"), folder, "wheel")
    return venv_with(wheel, folder / "environment")


@pytest.fixture
def released_server(released: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a server of 0.1.0."""
    process = subprocess.Popen(
        [str(released / "python"), "-m", "kanban_server", "--port", "0", "--database", str(tmp_path / "old.db")],
        env=clean_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.wait(timeout=30)


@on_sqlite
@pytest.mark.slow
def test_the_command_line_of_the_release_works_with_this_server(
    released: Path, own_server: Server, tmp_path: Path
) -> None:
    here = {"KANBAN_URL": own_server.url, "KANBAN_USER": "ada", "HOME": str(tmp_path)}

    def kanban(*words: str) -> str:
        return run(released / "kanban", *words, cwd=tmp_path, **here)

    ticket = str(json.loads(kanban("add", "Old and new", "--json"))["id"])
    claimed = json.loads(kanban("next", "--json"))
    assert claimed["ticket"]["id"] == int(ticket)
    kanban("comment", ticket, "from 0.1.0")
    kanban("move", ticket, "Done")
    events = [json.loads(line) for line in kanban("watch", "--after", "0", "--count", "6").splitlines()]
    assert [event["seq"] for event in events] == [1, 2, 3, 4, 5, 6]
    assert "Old and new" in kanban("show", ticket)


@on_sqlite
@pytest.mark.slow
def test_the_sdk_of_the_release_watches_this_server(released: Path, own_server: Server, tmp_path: Path) -> None:
    program = """
from kanban_sdk import Kanban
with Kanban.from_env() as kanban:
    board = kanban.boards.create("Old").id
    with kanban.watch(board, after=0) as watch:
        ticket = kanban.tickets.create("one", board=board)
        kanban.tickets.move(ticket.id, "Done")
        kanban.tickets.edit(ticket.id, title="two")
        print([next(watch).event for _ in range(4)])
    print(kanban.boards.snapshot(board).tickets[0].title)
"""
    here = {"KANBAN_URL": own_server.url, "KANBAN_USER": "ada", "HOME": str(tmp_path)}
    output = run(released / "python", "-c", program, cwd=tmp_path, **here).splitlines()
    assert output == ["['board_created', 'ticket_created', 'ticket_moved', 'ticket_updated']", "two"]


@pytest.mark.slow
def test_this_sdk_works_with_the_server_of_the_release(released_server: str) -> None:
    with Kanban(released_server, "ada") as kanban:
        board = kanban.boards.create("New").id
        with kanban.watch(board, after=0) as watch:
            ticket = kanban.tickets.create("one", board=board)
            with kanban.claim(ticket.id):
                kanban.comments.add(ticket.id, "@bob look")
            kanban.tickets.move(ticket.id, "Done")
            events = [watch.next(timeout=20)]
            while not isinstance(events[-1], TicketMoved) or events[-1].to_column != "Done":
                events.append(watch.next(timeout=20))
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        assert kanban.boards.snapshot(board).tickets[0].current_column == "Done"
