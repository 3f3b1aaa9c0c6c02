"""Promise 7: a board that an actor may not see does not exist for it, through any interface."""

from __future__ import annotations

import json

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.promises.table import in_every_cell
from tests.promises.ways import change, new_pair, socket, tools
from tests.server.rest import Json, done, new_board, new_ticket, problem
from tests.support.actors import Actor


def listen(actor: Actor, board: int) -> None:
    """Receive a board's messages until the server closes the socket; no event of the board may arrive."""
    with socket(actor, f"board_id={board}&after=0") as refused:
        while True:
            assert json.loads(refused.recv(timeout=10)).get("board_id") != board


def check_search(actor: Actor, admin: httpx.Client, board: int) -> None:
    """A search of all boards finds the actor's tickets, and none of a board that is not theirs."""
    word = f"登录wall{board}end"
    hidden, own = (new_ticket(admin, one, word) for one in (board, actor.board))
    everything = done(admin.get("/api/search", params={"q": word}))["items"]
    assert {item["id"] for item in everything} == {hidden["id"], own["id"]}
    for limit in (1, 50):
        page = done(actor.rest().get("/api/search", params={"q": word, "limit": limit}))
        assert ([item["id"] for item in page["items"]], page["cursor"]) == ([own["id"]], None)
    with tools(actor) as agent:
        result = agent.result("ticket_list", search=word, all_boards=True)
    assert result.structured_content is not None
    assert [ticket["id"] for ticket in result.structured_content["tickets"]] == [own["id"]]


@in_every_cell(7)
def test_a_board_of_others_cannot_be_changed_read_or_followed(actor: Actor, admin: httpx.Client, way: str) -> None:
    board = new_board(admin, "Not theirs")["id"]
    check_search(actor, admin, board)
    pair = new_pair(admin, board)
    rows, head = pair.rows(), pair.head()
    if way != "stream":
        assert change(actor, way, pair).refused == "not-found"
        assert (pair.rows(), pair.head()) == (rows, head)
        problem(actor.rest().get(f"/api/tickets/{pair.ids[0]}"), "not-found")
        return
    problem(actor.rest().get(f"/api/boards/{board}/events", params={"after": 0}), "not-found")
    with pytest.raises((ConnectionClosed, InvalidStatus)):
        listen(actor, board)
    with socket(actor, f"board_id={actor.board}&after=0") as reader:
        reader.send(json.dumps({"type": "subscribe_board", "board_id": board, "after": "0"}))
        for ticket in pair.ids:
            done(admin.post(f"/api/tickets/{ticket}/move", json={"column": "Done"}))
        own = new_pair(admin, actor.board)
        upto = own.head()
        messages: list[Json] = []
        while not messages or messages[-1].get("seq") != upto:
            messages.append(json.loads(reader.recv(timeout=10)))
    assert board not in {message.get("board_id") for message in messages if message["event"] != "error"}
    assert any(message["event"] == "error" for message in messages)
