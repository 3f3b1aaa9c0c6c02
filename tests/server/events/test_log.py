"""The log over HTTP: pages, server-sent events, and the snapshot that joins them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from kanban_sdk import Board, Kanban, Resync
from tests.server.rest import problem
from tests.support.servers import Server, running


@contextmanager
def streamed(server: Server, board: int, query: str = "", **headers: str) -> Iterator[Iterator[dict[str, Any]]]:
    """The server-sent events of a board, as `id`, `event` and decoded `data`."""
    url = f"{server.url}/api/boards/{board}/events{query}"
    with httpx.stream("GET", url, headers={"Accept": "text/event-stream", **headers}, timeout=10) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert re.fullmatch("[0-9a-f]+-[0-9]+", response.headers["kanban-cursor"]), "where the stream begins"
        lines = response.iter_lines()
        assert next(lines) == ": connected"
        yield _parsed(lines)


def _parsed(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    event: dict[str, Any] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if line and name:
            event[name] = json.loads(value) if name == "data" else value
        elif event:
            yield event
            event = {}


def test_pages_of_the_log_join_without_a_gap(kanban: Kanban, board: Board) -> None:
    for number in range(5):
        kanban.tickets.create(f"t{number}", board=board.id)
    seqs: list[int] = []
    cursor: str | int = 0
    while True:
        page = kanban.boards.events(board.id, after=cursor, limit=2)
        seqs += [event.seq for event in page.events]
        assert page.head == 6
        assert page.more == (seqs[-1] < 6)
        cursor = page.cursor
        if not page.more:
            break
    assert seqs == [1, 2, 3, 4, 5, 6]
    assert kanban.boards.events(board.id, after=cursor).events == []


@pytest.mark.parametrize(("after", "reason"), [("deadbeef-1", "epoch"), ("999", "ahead")])
def test_a_cursor_that_cannot_be_served_is_410_and_the_snapshot_goes_on(
    kanban: Kanban, board: Board, after: str, reason: str
) -> None:
    with pytest.raises(Resync) as resync:
        kanban.boards.events(board.id, after=after)
    assert (resync.value.status, resync.value.reason, resync.value.head) == (410, reason, 1)
    snapshot = kanban.boards.snapshot(board.id)
    assert kanban.boards.events(board.id, after=snapshot.cursor).events == []


def test_curl_is_a_watcher_and_last_event_id_resumes(server: Server, kanban: Kanban, board: Board) -> None:
    with streamed(server, board.id, "?after=0") as events:
        assert next(events)["event"] == "board_created"
        kanban.tickets.create("live", board=board.id)
        live = next(events)
    assert (live["event"], live["data"]["seq"]) == ("ticket_created", 2)
    assert live["id"] == live["data"]["cursor"]
    kanban.tickets.create("missed", board=board.id)
    with streamed(server, board.id, **{"Last-Event-ID": live["id"]}) as events:
        assert next(events)["data"]["data"]["title"] == "missed"


def test_a_stream_ends_behind_the_boards_last_event(server: Server, kanban: Kanban, board: Board) -> None:
    with streamed(server, board.id) as events:
        kanban.boards.delete(board.id)
        assert [event["event"] for event in events] == ["board_deleted"]
    assert [event.event for event in kanban.boards.events(board.id).events] == ["board_created", "board_deleted"]


def test_a_snapshot_shows_the_board_at_its_cursor_with_texts_or_their_sizes(kanban: Kanban, board: Board) -> None:
    ticket = kanban.tickets.create("one", board=board.id, description="größer")
    whole = kanban.boards.snapshot(board.id)
    assert (whole.seq, whole.board.id, [column.name for column in whole.columns]) == (2, board.id, board.columns)
    assert whole.tickets[0].description == "größer"
    light = kanban.boards.snapshot(board.id, bodies=False)
    assert light.tickets[0].description is None
    assert light.tickets[0].sizes == {"description": 8}
    kanban.tickets.move(ticket.id, "Done")
    assert kanban.boards.snapshot(board.id).tickets[0].current_column == "Done"
    assert [event.seq for event in kanban.boards.events(board.id, after=whole.cursor).events] == [3]


def test_a_request_that_changes_nothing_appends_nothing(kanban: Kanban, board: Board) -> None:
    ticket = kanban.tickets.create("one", board=board.id)
    kanban.tickets.move(ticket.id, "not_started")
    kanban.tickets.edit(ticket.id, title="one", labels=[])
    kanban.tickets.remove_labels(ticket.id, "never there")
    kanban.boards.set_columns(board.id, board.columns)
    kanban.tickets.restore(ticket.id)
    assert kanban.boards.snapshot(board.id).seq == 2
    assert kanban.tickets.get(ticket.id).version == 1


def test_a_stream_behind_a_deleted_boards_last_event_ends_at_once(server: Server, kanban: Kanban) -> None:
    board = kanban.boards.create("Gone", columns=["A"])
    kanban.boards.delete(board.id)
    url = f"{server.url}/api/boards/{board.id}/events?after=2"
    with httpx.stream("GET", url, headers={"Accept": "text/event-stream"}, timeout=10) as response:
        assert (response.status_code, response.read()) == (204, b""), "an EventSource does not connect again after this"


def test_streams_of_both_kinds_share_the_servers_connections(database: str) -> None:
    with running(database, KANBAN_CONNECTIONS="1") as server, httpx.Client(base_url=server.url) as rest:
        sse = {"Accept": "text/event-stream"}
        with rest.stream("GET", "/api/boards/1/events", headers=sse) as first:
            lines = first.iter_lines()
            assert next(lines) == ": connected"
            problem(rest.get("/api/boards/1/events", headers=sse), "too-many-connections")
