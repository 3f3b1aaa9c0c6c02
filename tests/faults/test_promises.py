"""The promises that need no fault to be tested: 5 to 9, each by name. Promises 1 to 4 have their own files."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from websockets.sync.client import connect

from kanban_sdk import Board, Kanban, NotFound, VersionConflict
from tests.faults.validators import check_log, whole_log
from tests.support.servers import Server


def test_promise_5_absent_fields_are_untouched_and_a_stale_version_is_refused_with_what_changed(
    kanban: Kanban, board: Board
) -> None:
    ticket = kanban.tickets.create("Title", board=board.id, description="Text", labels=["a"], priority="high")
    kanban.tickets.edit(ticket.id, title="New title", version=ticket.version)

    with pytest.raises(VersionConflict) as conflict:
        kanban.tickets.edit(ticket.id, title="Mine", version=ticket.version)

    assert conflict.value.current_version == 2
    assert [(change["field"], change["from"], change["to"]) for change in conflict.value.changed] == [
        ("title", "Title", "New title")
    ]
    now = kanban.tickets.get(ticket.id)
    assert (now.title, now.description, now.labels, now.priority) == ("New title", "Text", ["a"], "high")


@pytest.mark.parametrize(("clients", "times"), [(8, 10), pytest.param(16, 30, marks=pytest.mark.slow)])
def test_promise_5_concurrent_read_modify_writes_lose_no_update(
    server: Server, board: Board, clients: int, times: int
) -> None:
    with server.kanban("ada") as kanban:
        ticket = kanban.tickets.create("Counter", board=board.id, description="0").id

    conflicts = []

    def count(name: str) -> None:
        with server.kanban(name) as client:
            for _ in range(times):
                while True:
                    now = client.tickets.get(ticket)
                    try:
                        client.tickets.edit(ticket, description=str(int(now.description or 0) + 1), version=now.version)
                        break
                    except VersionConflict as conflict:
                        conflicts.append(conflict)

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(count, [f"agent-{n}" for n in range(clients)]))
    with server.kanban() as kanban:
        assert kanban.tickets.get(ticket).description == str(clients * times)
    assert conflicts


def test_promise_6_the_same_request_with_the_same_key_takes_effect_once_from_many_clients(
    server: Server, board: Board
) -> None:
    body = {"title": "Once", "board_id": board.id}
    together = threading.Barrier(16)

    def post(_: int) -> httpx.Response:
        together.wait()
        return httpx.post(f"{server.url}/api/tickets", json=body, headers={"Idempotency-Key": "k1"}, timeout=20)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(post, range(16)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 15
    with server.kanban() as kanban:
        assert kanban.boards.tickets(board.id).total_tickets == 1
        assert [event.event for event in whole_log(kanban, board.id)] == ["board_created", "ticket_created"]


def test_promise_7_a_stream_has_only_events_of_its_board(server: Server, kanban: Kanban, board: Board) -> None:
    other = kanban.boards.create("Other")
    with connect(f"ws://127.0.0.1:{server.port}/ws/connect?board_id={board.id}&after=0", compression=None) as reader:
        for number in range(20):
            secret = kanban.tickets.create(f"secret {number}", board=other.id)
            kanban.comments.add(secret.id, "secret")
        kanban.tickets.create("last", board=board.id)
        messages: list[dict[str, object]] = []
        while not messages or messages[-1]["event"] != "ticket_created":
            messages.append(json.loads(reader.recv(timeout=10)))
    assert {message["board_id"] for message in messages[1:]} == {board.id}
    assert "secret" not in json.dumps(messages)
    assert [ticket.title for ticket in kanban.boards.tickets(board.id).tickets] == ["last"]
    assert kanban.tickets.page(board.id, search="secret").total == 0


def test_promise_7_a_ticket_of_another_board_is_no_neighbour(kanban: Kanban, board: Board) -> None:
    other = kanban.boards.create("Other")
    stranger = kanban.tickets.create("stranger", board=other.id)
    ticket = kanban.tickets.create("mine", board=board.id)
    with pytest.raises(NotFound):
        kanban.tickets.move(ticket.id, "Done", before=stranger.id)
    assert kanban.tickets.get(ticket.id).current_column == "Not Started"


def test_promise_2_the_events_of_one_change_are_adjacent(kanban: Kanban, board: Board) -> None:
    tickets = [kanban.tickets.create(f"t{n}", board=board.id).id for n in range(5)]
    kanban.tickets.move_many(tickets, "Blocked")
    kanban.boards.set_columns(board.id, ["Not Started", "Done"], move_to="Done")
    events = check_log(kanban, board.id)
    moved = [event.tx for event in events if event.event == "ticket_moved"]
    assert len(moved) == 10
    assert len(set(moved)) == 2
