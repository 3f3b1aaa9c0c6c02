"""The messages of real streams are as `/asyncapi.json` describes them."""

from __future__ import annotations

import re

import httpx
import pytest
from websockets.sync.client import connect

from kanban_sdk.wire.events import EVENTS
from kanban_server.websocket.parameters import PARAMETERS
from tests.contracts.logs import Json, invalid
from tests.server.events.test_stream import Socket, open_stream
from tests.server.rest import done, new_board, new_ticket
from tests.support.servers import Server, running

POINTING = {"type": "presence", "element": "column:1", "x": 0.5, "y": 1}


def payload(asyncapi: Json, message: str) -> Json:
    """Return the schema of one message, with what it refers to."""
    reference: str = asyncapi["components"]["messages"][message]["payload"]["$ref"]
    return {"$ref": reference, "components": asyncapi["components"]}


def class_name(event: str) -> str:
    return "".join(word.capitalize() for word in event.split("_"))


def check(asyncapi: Json, message: Json, name: str | None = None) -> None:
    """The message is one that the socket's channel describes, with the fields that it describes."""
    name = name or class_name(message["event"])
    assert f"#/components/messages/{name}" in {
        one["$ref"] for one in asyncapi["channels"]["socket"]["messages"].values()
    }
    assert invalid(payload(asyncapi, name), [message]) == []


def test_the_messages_of_a_socket_are_as_described(server: Server, rest: httpx.Client, asyncapi: Json) -> None:
    board, other = new_board(rest)["id"], new_board(rest)["id"]
    received: dict[str, Json] = {}
    with open_stream(server, f"?board_id={board}&username=ada&client=web") as socket:

        def expect(event: str) -> None:
            received[event] = socket.until(event)

        for event in ("connected", "presence"):
            expect(event)
        for answer, request in {
            "pong": {"type": "ping"},
            "subscribed": {"type": "subscribe_board", "board_id": other, "after": 0},
            "board_created": {"type": "heartbeat_response"},
            "unsubscribed": {"type": "unsubscribe_board", "board_id": other},
            "error": {"type": "nonsense"},
            "resync": {"type": "subscribe_board", "board_id": other, "after": "dead-7"},
        }.items():
            if request["type"] != "nonsense":
                check_client(asyncapi, request)
            socket.say(**request)
            expect(answer)
        done(rest.post("/api/notices", json={"text": "hello"}))
        expect("notice")
        new_ticket(rest, board)
        expect("ticket_created")
        with open_stream(server, f"?board_id={board}&username=bob") as other_socket:
            other_socket.until("connected")
            other_socket.say(**POINTING, board_id=board)
            expect("pointer")
        for message in received.values():
            check(asyncapi, message)
        new_board(rest, "Elsewhere")
        announced = socket.until("board_created")
    assert "seq" not in announced
    check(asyncapi, announced, "BoardAnnounced")
    described = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in asyncapi["channels"]["socket"]["messages"]}
    clients = {name for name in described if name.startswith("client_")}
    assert described - clients - EVENTS.keys() - received.keys() == {"board_announced", "heartbeat"}


def check_client(asyncapi: Json, message: Json) -> None:
    name = "Client" + class_name(message["type"])
    assert invalid(payload(asyncapi, name), [message]) == []


def test_the_presence_that_a_client_sends_is_described(asyncapi: Json) -> None:
    check_client(asyncapi, {**POINTING, "board_id": 1})
    check_client(asyncapi, {**POINTING, "board_id": 1, "ticket_id": None, "dragging": 3})
    assert invalid(payload(asyncapi, "ClientPresence"), [{**POINTING, "board_id": 1, "x": 2}])


def test_a_heartbeat_is_as_described(asyncapi: Json, database: str) -> None:
    with (
        running(database, KANBAN_HEARTBEAT_SECONDS="0.05") as server,
        connect(f"ws://127.0.0.1:{server.port}/ws/connect?board_id=1", compression=None) as connection,
    ):
        check(asyncapi, Socket(connection).until("heartbeat"))


def test_the_parameters_and_close_codes_of_a_socket_are_described(asyncapi: Json) -> None:
    channel = asyncapi["channels"]["socket"]
    assert channel["bindings"]["ws"]["query"]["properties"].keys() == PARAMETERS
    assert channel["address"] == "/ws/connect"
    for code in (1006, 1011, 1012, 1013, 4401, 4403, 4410):
        assert str(code) in channel["description"]


def test_server_sent_events_are_described_as_those_of_the_log(asyncapi: Json, rest: httpx.Client) -> None:
    channel = asyncapi["channels"]["events"]
    assert channel["messages"].keys() == {kind.__name__ for kind in EVENTS.values()}
    paths = done(rest.get("/openapi.json"))["paths"]
    assert "text/event-stream" in paths[channel["address"]]["get"]["responses"]["200"]["content"]


@pytest.mark.parametrize("path", ["/asyncapi.json", "/events.schema.json"])
def test_a_description_is_served_without_authentication_and_is_always_the_same(rest: httpx.Client, path: str) -> None:
    first, second = rest.get(path), rest.get(path)
    assert first.headers["content-type"] == "application/json"
    assert done(first) == done(second)
