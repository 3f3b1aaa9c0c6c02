"""Promises 1 and 2: after any operations, restarts and reconnects, the log is complete and folds to a board."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

import pytest

from kanban_sdk import Kanban
from tests.contracts.logs import check_described
from tests.faults.history_machine import run
from tests.faults.test_repair import bad, doctor
from tests.support.people import Guarded, first_admin
from tests.support.servers import Server, running


def strangers(server: Server) -> tuple[int, dict[str, str | None]]:
    """Create a board on an open server, with three users."""
    with server.kanban("ada") as ada:
        board = ada.boards.create(f"Any history {uuid.uuid4().hex[:6]}", columns=["Todo", "Doing", "Done"])
    return board.id, dict.fromkeys(("ada", "bob", "eve"))


def members(guarded: Guarded) -> tuple[int, dict[str, str | None]]:
    """Create a board on a server with users; return the tokens of all its writers, an admin's first."""
    mark = uuid.uuid4().hex[:6]
    names = {who: f"{who}-{mark}" for who in ("ada", "bob", "eve", "bot")}
    tokens = {who: guarded.person(names[who]) for who in ("ada", "bob", "eve")}
    board = guarded.board(tokens["ada"], "Any history")
    guarded.done(tokens["ada"], "PUT", f"/api/boards/{board}/columns", ["Todo", "Doing", "Done"])
    for who in ("bob", "eve"):
        guarded.member(tokens["ada"], board, names[who])
    return board, {
        names["ada"]: tokens["ada"],
        names["bob"]: tokens["bob"],
        names["bot"]: guarded.agent(tokens["bob"], names["bot"]),
        names["eve"]: guarded.token(tokens["eve"], boards=[board]),
        "root": guarded.root,
    }


@pytest.fixture
def own_guarded(database: str) -> Iterator[Guarded]:
    """A server with users of this test's own, to stop, kill and start again."""
    root = first_admin(database)
    settings = dict.fromkeys(("KANBAN_TOKEN_LIMIT", "KANBAN_LOGIN_LIMIT"), "100000/minute")
    with running(database, KANBAN_HOST="0.0.0.0", **settings) as server:
        yield Guarded(server, root)


@pytest.mark.slow
def test_any_history_leaves_a_dense_log_that_folds_to_the_snapshot(own_server: Server) -> None:
    run(own_server, strangers, examples=4, steps=20)
    check_described(own_server)
    assert not bad(doctor(own_server.database)), "the log, the rows, the counts and the indexes agree"


def test_any_history_of_all_kinds_of_actors_leaves_a_dense_log_that_folds_to_the_snapshot(own_guarded: Guarded) -> None:
    run(own_guarded.server, lambda _: members(own_guarded), examples=8, steps=12, restarts=False)
    assert not bad(doctor(own_guarded.server.database)), "the log, the rows, the counts and the indexes agree"


@pytest.mark.slow
def test_many_histories_leave_dense_logs_that_fold_to_their_snapshots(own_server: Server) -> None:
    run(own_server, strangers, examples=60, steps=40)


@pytest.mark.slow
def test_many_histories_of_all_kinds_of_actors_leave_dense_logs_that_fold_to_their_snapshots(
    own_guarded: Guarded,
) -> None:
    run(own_guarded.server, lambda _: members(own_guarded), examples=60, steps=40)


def test_a_socket_of_every_board_receives_every_boards_events_in_order(server: Server, kanban: Kanban) -> None:
    from websockets.sync.client import connect

    with connect(f"ws://127.0.0.1:{server.port}/ws/connect", compression=None, max_size=None) as socket:
        assert json.loads(socket.recv())["event"] == "connected"
        board = kanban.boards.create("Future").id
        ticket = kanban.tickets.create("one", board=board)
        events: list[tuple[str, int]] = []
        while ("ticket_created", 2) not in events:
            message = json.loads(socket.recv(timeout=10))
            if message.get("board_id") == board:
                events.append((message["event"], message["seq"]))
    assert events == [("board_created", 1), ("ticket_created", 2)]
    assert ticket.board_id == board
