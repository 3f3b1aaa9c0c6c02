"""The WebSocket as existing clients speak it, and what we added: cursors, several boards, resync, limits."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from kanban_sdk import Board, Kanban
from tests.support.servers import Server, running


class Socket:
    """A client of the contract, spoken by hand."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def receive(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self.connection.recv(timeout=10))
        assert message["event"] == message["type"]
        return message

    def until(self, event: str) -> dict[str, Any]:
        while (message := self.receive())["event"] != event:
            pass
        return message

    def say(self, **message: Any) -> None:
        self.connection.send(json.dumps(message))

    def ask(self, response: str, **message: Any) -> dict[str, Any]:
        self.say(**message)
        return self.until(response)

    def closed(self) -> int:
        try:
            while True:
                self.connection.recv(timeout=10)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006


@contextmanager
def open_stream(server: Server, query: str = "", **options: Any) -> Iterator[Socket]:
    url = f"ws://127.0.0.1:{server.port}/ws/connect{query}"
    with connect(url, compression=None, close_timeout=1, **options) as connection:
        yield Socket(connection)


def test_a_client_is_greeted_with_its_id_name_board_time_and_cursor(server: Server, board: Board) -> None:
    with open_stream(server, f"?username=Alice&board_id={board.id}&client_id=mine") as socket:
        greeting = socket.receive()
    assert greeting["event"] == "connected"
    data = greeting["data"]
    assert (data["client_id"], data["username"], data["board_id"]) == ("mine", "Alice", board.id)
    assert data["server_time"].endswith("Z")
    assert data["cursors"][str(board.id)].endswith("-1")


def test_the_path_with_a_trailing_slash_is_the_same(server: Server) -> None:
    with connect(f"ws://127.0.0.1:{server.port}/ws/connect/?board_id=1", compression=None) as connection:
        assert Socket(connection).receive()["event"] == "connected"


def test_events_come_as_they_happen_with_their_numbers_and_names(server: Server, kanban: Kanban, board: Board) -> None:
    with open_stream(server, f"?board_id={board.id}") as socket:
        socket.until("connected")
        ticket = kanban.tickets.create("one", board=board.id)
        kanban.tickets.move(ticket.id, "Done")
        kanban.comments.add(ticket.id, "done")
        created, moved, commented = (socket.receive() for _ in range(3))
    assert [created["seq"], moved["seq"], commented["seq"]] == [2, 3, 4]
    assert created["data"]["created_by"] == "ada"
    assert created["data"]["title"] == "one"
    assert moved["board_id"] == board.id
    assert moved["timestamp"] >= created["timestamp"]
    message = ("from_column", "to_column", "current_column", "moved_by", "version")
    assert [moved["data"][name] for name in message] == ["Not Started", "Done", "Done", "ada", 2]
    assert commented["data"]["text"] == "done"
    assert commented["data"]["author"] == "ada"


def test_a_cursor_replays_what_follows_and_goes_on_live(server: Server, kanban: Kanban, board: Board) -> None:
    for number in range(3):
        kanban.tickets.create(f"t{number}", board=board.id)
    with open_stream(server, f"?board_id={board.id}&after=2") as socket:
        assert [socket.until("ticket_created")["seq"], socket.receive()["seq"]] == [3, 4]
        kanban.tickets.create("live", board=board.id)
        live = socket.receive()
    assert live["seq"] == 5
    with open_stream(server, f"?board_id={board.id}&after={live['cursor']}") as socket:
        assert socket.receive()["event"] == "connected"
        kanban.tickets.create("later", board=board.id)
        assert socket.receive()["seq"] == 6


@pytest.mark.parametrize(("after", "reason"), [("deadbeef-1", "epoch"), ("999", "ahead")])
def test_a_cursor_that_cannot_be_served_gets_a_resync(server: Server, board: Board, after: str, reason: str) -> None:
    with open_stream(server, f"?board_id={board.id}&after={after}") as socket:
        assert socket.receive()["event"] == "connected"
        resync = socket.receive()
    assert (resync["event"], resync["board_id"]) == ("resync", board.id)
    assert resync["data"] == {"reason": reason, "floor": 0, "head": 1}


def test_several_boards_on_one_socket_each_with_its_own_cursor(server: Server, kanban: Kanban, board: Board) -> None:
    other = kanban.boards.create("Other")
    kanban.tickets.create("before", board=other.id)
    with open_stream(server, f"?board_id={board.id}") as socket:
        socket.until("connected")
        subscribed = socket.ask("subscribed", type="subscribe_board", board_id=other.id, after=1)
        assert subscribed["data"]["board_id"] == other.id
        assert socket.receive()["data"]["title"] == "before"
        kanban.tickets.create("here", board=board.id)
        kanban.tickets.create("there", board=other.id)
        assert {socket.receive()["data"]["title"], socket.receive()["data"]["title"]} == {"here", "there"}

        socket.ask("unsubscribed", type="unsubscribe_board", board_id=other.id)
        kanban.tickets.create("unheard", board=other.id)
        kanban.tickets.create("heard", board=board.id)
        assert socket.receive()["data"]["title"] == "heard"


def test_what_a_client_says_of_a_board_takes_place_in_its_order(server: Server, kanban: Kanban, board: Board) -> None:
    with open_stream(server, f"?board_id={board.id}") as socket:
        socket.until("connected")
        for _ in range(3):
            socket.say(type="unsubscribe_board", board_id=board.id)
            socket.say(type="subscribe_board", board_id=board.id)
        socket.say(type="unsubscribe_board", board_id=board.id)
        names = [socket.receive()["event"] for _ in range(7)]
        assert names == ["unsubscribed", "subscribed"] * 3 + ["unsubscribed"]
        kanban.tickets.create("unheard", board=board.id)
        socket.say(type="ping")
        assert socket.receive()["event"] == "pong"


def test_a_socket_that_follows_nothing_stays_open_and_gets_nothing(
    server: Server, kanban: Kanban, board: Board
) -> None:
    with open_stream(server, f"?board_id={board.id}") as socket:
        socket.until("connected")
        socket.ask("unsubscribed", type="unsubscribe_board", board_id=board.id)
        kanban.tickets.create("unheard", board=board.id)
        socket.say(type="ping")
        assert socket.receive()["event"] == "pong"


def test_a_new_board_is_told_to_every_client_without_a_number_of_a_log_it_does_not_follow(
    server: Server, kanban: Kanban, board: Board
) -> None:
    with open_stream(server, f"?board_id={board.id}") as socket:
        socket.until("connected")
        new = kanban.boards.create("New")
        message = socket.until("board_created")
    assert message["data"]["id"] == new.id
    assert "seq" not in message


def test_a_deleted_boards_streams_end_with_4410_behind_its_last_event(
    server: Server, kanban: Kanban, board: Board
) -> None:
    with open_stream(server, f"?board_id={board.id}") as live:
        live.until("connected")
        kanban.boards.delete(board.id)
        assert live.receive()["event"] == "board_deleted"
        assert live.closed() == 4410
    with open_stream(server, f"?board_id={board.id}&after=0") as late:
        assert [late.receive()["event"] for _ in range(3)] == ["connected", "board_created", "board_deleted"]
        assert late.closed() == 4410
    last = kanban.boards.events(board.id, after=0).cursor
    with open_stream(server, f"?board_id={board.id}&after={last}") as behind:
        assert behind.closed() == 4410
    with open_stream(server, f"?board_id={board.id}") as absent:
        assert absent.receive()["data"]["problem"]["type"] == "not-found"
        assert absent.closed() == 4410


def test_two_connections_with_one_client_id_live_side_by_side(server: Server, kanban: Kanban, board: Board) -> None:
    query = f"?board_id={board.id}&client_id=same"
    with open_stream(server, query) as one, open_stream(server, query) as two:
        one.until("connected")
        two.until("connected")
        kanban.tickets.create("both", board=board.id)
        assert one.receive()["data"]["title"] == two.receive()["data"]["title"] == "both"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '"ping"', '{"type": 5}', '{"type": "nonsense"}', '{"type": "subscribe_board"}',
             '{"type": "subscribe_board", "board_id": "x"}', '{"type": "subscribe_board", "board_id": 1, "after": "x"}',
             '{"type": "subscribe_board", "board_id": 99999999}', '{"type": "unsubscribe_board", "board_id": []}']
)  # fmt: skip
def test_what_is_not_understood_gets_an_error_and_the_connection_works_on(server: Server, text: str) -> None:
    with open_stream(server, "?board_id=1") as socket:
        socket.until("connected")
        socket.connection.send(text)
        error = socket.until("error")
        assert error["data"]["message"]
        assert error["data"]["problem"]["status"] in {404, 422}
        assert socket.ask("pong", type="ping")


@pytest.mark.parametrize("query", ["?after=1", "?board_id=x", "?board_id=1&after=x", "?username=system"])
def test_a_connection_that_asks_for_nonsense_is_told_so_and_closed(server: Server, query: str) -> None:
    with open_stream(server, query) as socket:
        assert socket.receive()["data"]["problem"]["fix"]
        assert socket.closed() == 1007


def test_a_message_over_64_kib_closes_with_1009_and_bad_utf8_with_1007(server: Server) -> None:
    with open_stream(server, "?board_id=1") as socket:
        socket.until("connected")
        socket.connection.send("x" * (64 * 1024 + 1))
        assert socket.closed() == 1009
    with open_stream(server, "?board_id=1") as socket:
        socket.until("connected")
        socket.connection.send(b"\xff\xfe", text=True)
        assert socket.closed() == 1007


def test_more_than_ten_messages_a_second_are_refused_and_the_connection_works_on(server: Server) -> None:
    with open_stream(server, "?board_id=1") as socket:
        socket.until("connected")
        for _ in range(15):
            socket.say(type="ping")
        refused = socket.until("error")["data"]["problem"]
        assert (refused["type"], refused["limit"]) == ("too-many-messages", 10)
        deadline = time.monotonic() + 10
        while socket.receive()["event"] != "pong" or time.monotonic() > deadline:
            socket.say(type="ping")


def test_a_web_page_from_elsewhere_gets_no_socket(server: Server) -> None:
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}):
        with pytest.raises(InvalidStatus) as refused, open_stream(server, additional_headers=headers):
            pass
        assert refused.value.response.status_code == 403
        assert json.loads(bytes(refused.value.response.body or b""))["type"] == "origin-refused"
    message = [line for line in server.log_text().splitlines() if "A socket was refused" in line]
    assert sum("evil.example" in line for line in message) == 1
    assert "Exception in ASGI" not in server.log_text()
    assert "without completing handshake" not in server.log_text()
    with open_stream(server, origin="http://localhost:5173") as socket:
        assert socket.receive()["event"] == "connected"


def test_heartbeats_say_what_was_sent_and_the_last_seat_is_the_last(database: str) -> None:
    with running(database, KANBAN_HEARTBEAT_SECONDS="0.05", KANBAN_CONNECTIONS="2") as server:
        with open_stream(server, "?board_id=1&after=0") as one, open_stream(server):
            cursor = one.until("board_created")["cursor"]
            beat = one.until("heartbeat")
            assert beat["cursors"] == beat["data"]["cursors"] == {"1": cursor}
            with open_stream(server) as third:
                assert third.receive()["data"]["problem"]["type"] == "too-many-connections"
                assert third.closed() == 1013
        with open_stream(server) as second:
            assert second.receive()["event"] == "connected"
