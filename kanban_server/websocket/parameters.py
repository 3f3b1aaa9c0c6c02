"""The query parameters with which a client opens a WebSocket."""

from __future__ import annotations

from starlette.datastructures import QueryParams
from starlette.websockets import WebSocket

from kanban_server.entry.headers import header_of
from kanban_server.entry.unknown_fields import is_strict, unknown_field_refusal, unknown_parameters
from kanban_server.rules.problems import Refusal
from kanban_server.websocket.client_messages import parse_board_id

PARAMETERS = frozenset({"username", "board_id", "client_id", "client", "after"})


def ignored_parameters(websocket: WebSocket) -> tuple[list[str], Refusal | None]:
    """The ignored parameters, or the refusal of the request."""
    try:
        unknown = unknown_parameters(websocket.scope["query_string"], PARAMETERS)
    except Refusal as refusal:
        return [], refusal
    if unknown and is_strict(header_of(websocket, b"prefer")):
        return [], unknown_field_refusal((unknown[0],), PARAMETERS, "query parameter")
    return unknown, None


def parse_position(query: QueryParams) -> tuple[int | None, str | None]:
    """The board and the cursor to begin with; no board means all. Refused: `invalid-request`."""
    board_id, after = parse_board_id(query.get("board_id")), query.get("after")
    if board_id is None and after is not None:
        raise Refusal(
            "invalid-request",
            "A stream of all boards has no cursor.",
            fix="Name a board_id, or subscribe to each board with its own cursor.",
            field="after",
        )
    return board_id, after
