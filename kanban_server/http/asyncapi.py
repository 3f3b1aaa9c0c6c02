"""The AsyncAPI description of the streams: the WebSocket and the server-sent events."""

from __future__ import annotations

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaValue

from kanban_sdk.wire import limits
from kanban_sdk.wire.events import EVENTS
from kanban_sdk.wire.presence import UserPresence
from kanban_server import __version__
from kanban_server.http.event_schema import event_definitions
from kanban_server.http.openapi import LICENSE, PROBLEM_SCHEMA, SECURITY_SCHEMES, TITLE

SCHEMAS = "#/components/schemas/"
TEXT: JsonSchemaValue = {"type": "string"}
TIME: JsonSchemaValue = {"type": "string", "format": "date-time"}
NUMBER: JsonSchemaValue = {"type": "integer"}
BOARD_ID: JsonSchemaValue = {"type": "integer", "minimum": 1, "maximum": limits.ID_MOST}
CURSORS: JsonSchemaValue = {
    "type": "object",
    "description": "The cursor of each board that is followed, by board id: what was sent on this connection.",
    "additionalProperties": TEXT,
}
POSITION: JsonSchemaValue = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
ELEMENT: JsonSchemaValue = {"type": ["string", "null"], "pattern": "^(ticket|column):[0-9]{1,16}$"}
TICKET_ID: JsonSchemaValue = {"type": ["integer", "null"], "minimum": 1}
AFTER: JsonSchemaValue = {
    "type": "string",
    "description": "A cursor, or a seq; 0 for the whole log. Without it: from now on.",
}

CLIENT_MESSAGES: dict[str, tuple[str, dict[str, JsonSchemaValue], list[str]]] = {
    "ping": ("Asks for a `pong`.", {}, []),
    "subscribe_board": (
        "Follow a board too, after a cursor.",
        {"board_id": BOARD_ID, "after": {**AFTER, "type": ["string", "integer", "null"]}},
        ["board_id"],
    ),
    "unsubscribe_board": ("Follow a board no longer.", {"board_id": BOARD_ID}, ["board_id"]),
    "presence": (
        "What the user looks at, drags and points at; at most "
        f"{limits.PRESENCE_PER_SECOND} a second. A client that sends it receives `presence` and `pointer`.",
        {
            "board_id": BOARD_ID,
            "ticket_id": TICKET_ID,
            "element": ELEMENT,
            "x": POSITION,
            "y": POSITION,
            "dragging": TICKET_ID,
        },
        ["board_id"],
    ),
    "heartbeat_response": ("May answer a `heartbeat`. Nothing depends on it.", {}, []),
}
"""The messages of clients by `type`: what each is for, its fields, and those that are required."""

SERVER_MESSAGES: dict[str, tuple[str, dict[str, JsonSchemaValue], list[str]]] = {
    "connected": (
        "The first message.",
        {
            "client_id": TEXT,
            "username": TEXT,
            "board_id": {"type": ["integer", "null"]},
            "server_time": TIME,
            "cursors": CURSORS,
        },
        [],
    ),
    "subscribed": ("The board is followed from `cursor`.", {"board_id": NUMBER, "cursor": TEXT}, ["board_id"]),
    "unsubscribed": (
        "The board is followed no longer: it was asked for, or the board was deleted, or access ended.",
        {"board_id": NUMBER},
        ["board_id"],
    ),
    "heartbeat": ("Sent periodically.", {"cursors": CURSORS, "server_time": TIME}, ["cursors"]),
    "pong": ("The answer to `ping`.", {"server_time": TIME}, []),
    "resync": (
        "The log cannot be read from the cursor: take a snapshot and go on from its cursor.",
        {"reason": TEXT, "floor": NUMBER, "head": NUMBER},
        ["board_id"],
    ),
    "presence": (
        "Who is on the board now.",
        {"users": {"type": "array", "items": {"$ref": SCHEMAS + "UserPresence"}}},
        ["board_id"],
    ),
    "pointer": (
        "Where a user points now.",
        {"username": TEXT, "client_id": TEXT, "element": ELEMENT, "x": POSITION, "y": POSITION},
        ["board_id"],
    ),
    "notice": ("A text of an admin to all who are connected.", {"text": TEXT, "by": TEXT}, []),
    "error": (
        "A refusal. The connection stays open, unless a close code follows.",
        {"message": TEXT, "problem": {"$ref": SCHEMAS + "Problem"}},
        [],
    ),
}
"""The server's messages that are not in a log, by `event`: what each says, its `data`, and its fields beside `data`."""
TOP_LEVEL = {"board_id": NUMBER, "cursors": CURSORS}


def asyncapi_schema(prefix: str = "") -> JsonSchemaValue:
    """The description of the streams of a server whose paths begin with `prefix`."""
    events = event_definitions(SCHEMAS)
    logged = [kind.__name__ for kind in EVENTS.values()]
    schemas = {
        **events,
        **{_title(name): _server_message(name) for name in SERVER_MESSAGES},
        **{_client_title(name): _client_message(name) for name in CLIENT_MESSAGES},
        "BoardAnnounced": _announcement(events["BoardCreated"]),
        "UserPresence": TypeAdapter(UserPresence).json_schema(),
        "Problem": PROBLEM_SCHEMA,
    }
    sent = [*logged, "BoardAnnounced", *map(_title, SERVER_MESSAGES)]
    received = [_client_title(name) for name in CLIENT_MESSAGES]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"{TITLE}: streams",
            "version": __version__,
            "description": "A server with users needs a token or a session; one without users needs no credential.",
            "license": {"name": LICENSE["name"], "url": "https://opensource.org/license/mit"},
        },
        "defaultContentType": "application/json",
        "servers": {name: _server(name, prefix) for name in ("ws", "http")},
        "channels": {"socket": _socket(sent + received), "events": _server_sent_events(logged)},
        "operations": {
            "sendToSocket": _operation("send", "socket", sent, "The server sends a message."),
            "receiveFromSocket": _operation("receive", "socket", received, "A client sends a message."),
            "sendEvent": {
                **_operation("send", "events", logged, "The server sends an event of the board's log."),
                "bindings": {"http": {"method": "GET", "bindingVersion": "0.3.0"}},
            },
        },
        "components": {
            "schemas": schemas,
            "messages": {
                name: {"name": name, "title": name, "payload": {"$ref": SCHEMAS + name}} for name in sent + received
            },
            "securitySchemes": {
                name: {key: "httpApiKey" if value == "apiKey" else value for key, value in scheme.items()}
                for name, scheme in SECURITY_SCHEMES.items()
            },
        },
    }


def _server(protocol: str, prefix: str) -> JsonSchemaValue:
    server = {
        "host": "{host}",
        "protocol": protocol,
        "description": f"The server's address; `{protocol}s` behind a proxy that ends TLS.",
        "variables": {"host": {"default": "127.0.0.1:8000", "description": "Its host and port."}},
    }
    return server | ({"pathname": prefix} if prefix else {})


def _socket(messages: list[str]) -> JsonSchemaValue:
    query = {
        "board_id": {**BOARD_ID, "description": "The board to follow. Without it: all boards, later ones too."},
        "after": {**AFTER, "description": AFTER["description"] + " Needs `board_id`."},
        "username": {"type": "string", "description": "The user's name on a server without users."},
        "client_id": {"type": "string", "description": "A name for this connection; need not be unique."},
        "client": {"type": "string", "description": "The kind of client: web, cli, sdk or mcp."},
    }
    return {
        "address": "/ws/connect",
        "description": "The events of one board, several or all. Close codes: 1012, 1013, 1011 and 1006 mean reconnect "
        "with the last cursor; 4401, 4403 and 4410 mean do not.",
        "servers": [{"$ref": "#/servers/ws"}],
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {
            "ws": {
                "method": "GET",
                "query": {"type": "object", "properties": query},
                "bindingVersion": "0.1.0",
            }
        },
    }


def _server_sent_events(messages: list[str]) -> JsonSchemaValue:
    return {
        "address": "/api/boards/{board_id}/events",
        "description": "The events of one board as server-sent events: send `Accept: text/event-stream`. The `id` of "
        "each is its cursor; `?after=` or `Last-Event-ID` resumes. 410 is a `resync`.",
        "servers": [{"$ref": "#/servers/http"}],
        "parameters": {"board_id": {"description": "The board's id."}},
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
    }


def _operation(action: str, channel: str, messages: list[str], summary: str) -> JsonSchemaValue:
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in messages],
        "security": [{"$ref": f"#/components/securitySchemes/{name}"} for name in SECURITY_SCHEMES],
    }


def _server_message(name: str) -> JsonSchemaValue:
    description, data, beside = SERVER_MESSAGES[name]
    named: JsonSchemaValue = {"type": "string", "const": name}
    payload = {"type": "object", "properties": data, "required": list(data)}
    return {
        "title": _title(name),
        "description": description,
        "type": "object",
        "properties": {
            "event": named,
            "type": named,
            **{field: TOP_LEVEL[field] for field in beside},
            "timestamp": TIME,
            "data": payload,
        },
        "required": ["event", "type", *beside, "timestamp", "data"],
    }


def _client_message(name: str) -> JsonSchemaValue:
    description, fields, required = CLIENT_MESSAGES[name]
    return {
        "title": _client_title(name),
        "description": description,
        "type": "object",
        "properties": {"type": {"type": "string", "const": name}, **fields},
        "required": ["type", *required],
    }


def _announcement(created: JsonSchemaValue) -> JsonSchemaValue:
    """`board_created` to those who do not follow that board: without its position in the log."""
    numbered = ("seq", "cursor", "tx")
    return {
        **created,
        "title": "BoardAnnounced",
        "description": "A board that this connection does not follow was created: the event has no position in a log.",
        "properties": {name: value for name, value in created["properties"].items() if name not in numbered},
        "required": [name for name in created["required"] if name not in numbered],
    }


def _title(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _client_title(name: str) -> str:
    return f"Client{_title(name)}"
