"""Who is on a board: over the WebSocket as it changes, and over HTTP; never in the log."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from kanban_sdk import Board, Kanban
from tests.server.events.test_stream import Socket, open_stream
from tests.server.rest import done, problem
from tests.support.actors import ON_BOTH, Actor
from tests.support.servers import Server
from tests.support.waiting import until

Users = dict[str, dict[str, Any]]


def users_once(socket: Socket, fits: Callable[[Users], object]) -> Users:
    """The first list that fits, of those that come."""
    while True:
        users = {user["username"]: user for user in socket.until("presence")["data"]["users"]}
        if fits(users):
            return users


def present(rest: httpx.Client, board: int) -> Users:
    return {user["username"]: user for user in done(rest.get(f"/api/boards/{board}/presence"))["users"]}


def on(board: Board, name: str, client: str = "web") -> str:
    return f"?username={name}&board_id={board.id}&client={client}&client_id={name}-1"


def test_who_follows_a_board_is_on_it_until_they_leave(server: Server, board: Board) -> None:
    with open_stream(server, on(board, "ada")) as ada:
        assert users_once(ada, len).keys() == {"ada"}
        with open_stream(server, on(board, "bob", "cli")):
            bob = users_once(ada, lambda users: len(users) == 2)["bob"]
            assert (bob["client"], bob["client_id"], bob["ticket_id"], bob["holds"]) == ("cli", "bob-1", None, [])
        assert users_once(ada, lambda users: len(users) == 1).keys() == {"ada"}
        ada.ask("unsubscribed", type="unsubscribe_board", board_id=board.id)
        with open_stream(server, on(board, "bob")) as bob_again:
            assert users_once(bob_again, len).keys() == {"bob"}


def test_the_ticket_that_somebody_opens_and_the_one_that_they_drag_are_told(server: Server, board: Board) -> None:
    with open_stream(server, on(board, "ada")) as ada, open_stream(server, on(board, "bob")) as bob:
        bob.say(type="presence", board_id=board.id, ticket_id=12)
        assert users_once(ada, lambda users: users.get("bob", {}).get("ticket_id") == 12)
        bob.say(type="presence", board_id=board.id, dragging=12, element="column:3", x=0.5, y=1)
        shown = users_once(ada, lambda users: users["bob"]["dragging"])["bob"]
        assert (shown["ticket_id"], shown["element"], shown["x"], shown["y"]) == (None, "column:3", 0.5, 1.0)


def test_pointers_are_told_to_others_the_newest_one_of_those_that_came_together(server: Server, board: Board) -> None:
    with open_stream(server, on(board, "ada")) as ada, open_stream(server, on(board, "bob")) as bob:
        users_once(ada, lambda users: len(users) == 2)
        for step in range(101):
            bob.say(type="presence", board_id=board.id, element="ticket:1", x=step / 100, y=0)
        pointers = [ada.until("pointer")]
        while pointers[-1]["data"]["x"] != 1:
            pointers.append(ada.until("pointer"))
        assert pointers[0]["board_id"] == board.id
        assert pointers[-1]["data"] == {
            "username": "bob",
            "client_id": "bob-1",
            "element": "ticket:1",
            "x": 1.0,
            "y": 0.0,
        }
        assert len(pointers) < 30
        bob.say(type="ping")
        assert bob.until("pong"), "a hundred places cost none of the ten other messages"


def test_one_who_has_several_connections_is_one_user_who_looks_at_what_one_of_them_does(
    server: Server, board: Board, rest: httpx.Client
) -> None:
    with open_stream(server, on(board, "ada")) as one, open_stream(server, on(board, "ada", "cli")) as two:
        one.say(type="presence", board_id=board.id, ticket_id=5)
        two.until("connected")
        until(lambda: present(rest, board.id)["ada"]["ticket_id"] == 5)
        assert present(rest, board.id)["ada"]["client"] == "web"


def test_users_stand_in_the_order_of_their_names(
    server: Server, kanban: Kanban, board: Board, rest: httpx.Client
) -> None:
    ticket = kanban.tickets.create("held", board=board.id).id
    with server.kanban("carl") as carl:
        carl.tickets.claim(ticket)  # and has no connection
    with (
        open_stream(server, on(board, "dora")) as dora,
        open_stream(server, on(board, "bob")),
        open_stream(server, on(board, "ada")),
    ):
        expected = ["ada", "bob", "carl", "dora"]
        assert list(users_once(dora, lambda users: len(users) == 4)) == expected
        assert list(present(rest, board.id)) == expected
        dora.say(type="presence", board_id=board.id, ticket_id=ticket)
        assert list(users_once(dora, lambda users: users["dora"]["ticket_id"])) == expected


def test_of_several_connections_that_look_at_something_the_last_one_counts(
    server: Server, board: Board, rest: httpx.Client
) -> None:
    with open_stream(server, on(board, "ada")) as one, open_stream(server, on(board, "ada", "cli")) as two:

        def looks_at() -> int | None:
            ticket: int | None = present(rest, board.id).get("ada", {}).get("ticket_id")
            return ticket

        for ticket, socket in enumerate((one, two, one), 5):
            socket.say(type="presence", board_id=board.id, ticket_id=ticket)
            until(lambda ticket=ticket: looks_at() == ticket)  # type: ignore[misc]
        one.say(type="presence", board_id=board.id)
        until(lambda: looks_at() == 6)


def test_who_holds_tickets_is_named_without_a_connection(
    server: Server, kanban: Kanban, board: Board, rest: httpx.Client
) -> None:
    ticket = kanban.tickets.create("t", board=board.id).id
    with open_stream(server, on(board, "bob")) as bob:
        users_once(bob, len)
        kanban.tickets.claim(ticket)
        ada = users_once(bob, lambda users: "ada" in users)["ada"]
        assert (ada["holds"], ada["client_id"]) == ([ticket], None)
        kanban.tickets.release(ticket)
        assert users_once(bob, lambda users: "ada" not in users).keys() == {"bob"}
    kanban.tickets.claim(ticket)
    until(lambda: present(rest, board.id).keys() == {"ada"})
    assert kanban.boards.presence(board.id).users[0].holds == [ticket]


@pytest.mark.parametrize("actor_database", ON_BOTH)
def test_who_was_active_in_the_last_minutes_is_named_without_a_connection(actor: Actor) -> None:
    admin, board = actor.admin(), actor.board
    made = admin.tickets.create("t", board=board)
    ticket = made.id

    def active() -> dict[str, str | None]:
        return {user.username: user.last_active_at for user in actor.kanban().boards.presence(board).active}

    assert active()[made.created_by] == made.created_at
    if actor.writes:
        changed = actor.kanban().tickets.claim(ticket)
        assert active()[actor.name] == changed.updated_at
        actor.kanban().tickets.renew(ticket)
        assert (active()[actor.name] or "") > changed.updated_at
        lease = admin.tickets.get(ticket).lease
        assert active()[actor.name] == (lease and lease.renewed_at)
    else:
        assert actor.name not in active(), "reading is no activity"


def test_a_client_that_never_said_where_it_is_is_told_of_no_presence(
    server: Server, kanban: Kanban, board: Board
) -> None:
    with open_stream(server, f"?username=old&board_id={board.id}") as old, open_stream(server, on(board, "ada")) as ada:
        users_once(ada, lambda users: "old" in users)
        ada.say(type="presence", board_id=board.id, ticket_id=1)
        users_once(ada, lambda users: users["ada"]["ticket_id"])
        kanban.tickets.create("t", board=board.id)
        assert [old.receive()["event"], old.receive()["event"]] == ["connected", "ticket_created"]
        old.say(type="presence", board_id=board.id)
        assert users_once(old, len).keys() == {"ada", "old"}


def test_the_presence_of_one_board_is_not_told_on_another(
    server: Server, kanban: Kanban, board: Board, rest: httpx.Client
) -> None:
    other = kanban.boards.create("Other")
    with open_stream(server, on(board, "ada")) as ada, open_stream(server, on(other, "bob")) as bob:
        users_once(ada, len)
        users_once(bob, len)
        bob.say(type="presence", board_id=other.id, ticket_id=3, element="ticket:3", x=0, y=0)
        users_once(bob, lambda users: users["bob"]["ticket_id"])
        ada.say(type="ping")
        assert ada.receive()["event"] == "pong"
        ada.say(type="presence", board_id=other.id)
        assert ada.until("error")["data"]["problem"]["field"] == "board_id"
        assert present(rest, other.id).keys() == {"bob"}
    problem(rest.get("/api/boards/99999999/presence"), "not-found")


@pytest.mark.parametrize(
    "activity", [{"ticket_id": "1"}, {"ticket_id": True}, {"dragging": -1}, {"element": "body"}, {"element": 3},
             {"x": 1.5}, {"y": "0"}, {"x": True}]
)  # fmt: skip
def test_a_place_that_is_none_gets_an_error(server: Server, activity: dict[str, Any]) -> None:
    with open_stream(server, "?board_id=1") as socket:
        socket.say(type="presence", board_id=1, **activity)
        assert socket.until("error")["data"]["problem"]["field"] in activity


def test_who_comes_and_goes_leaves_nothing_in_the_log(server: Server, kanban: Kanban, board: Board) -> None:
    with open_stream(server, on(board, "ada")) as ada:
        ada.say(type="presence", board_id=board.id, ticket_id=1)
        users_once(ada, lambda users: users["ada"]["ticket_id"])
    assert kanban.boards.events(board.id).head == 1


def test_lists_come_at_most_each_quarter_of_a_second(server: Server, board: Board) -> None:
    with open_stream(server, on(board, "ada")) as ada:
        started = time.monotonic()
        lists = 0
        for ticket in range(1, 41):
            ada.say(type="presence", board_id=board.id, ticket_id=ticket)
        while True:
            lists += 1
            if users_once(ada, len)["ada"]["ticket_id"] == 40:
                break
        assert lists <= 2 + (time.monotonic() - started) / 0.25
