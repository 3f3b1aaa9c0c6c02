"""One event of a board's log, as it is stored and sent."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from kanban_server.rules import cursors
from kanban_server.rules.timestamps import utc_now


class EncodedEvent(NamedTuple):
    """An event with its number, encoded once for all readers."""

    board_id: int
    seq: int
    name: str
    json: bytes


def encode_event(
    *,
    board_id: int,
    epoch: str,
    seq: int,
    name: str,
    actor: str,
    actor_id: int | None,
    tx: str,
    at: str,
    data: bytes | str,
) -> bytes:
    """The event as every reader receives it. `data` is already JSON."""
    envelope = orjson.dumps(
        {
            "event": name,
            "type": name,
            "board_id": board_id,
            "seq": seq,
            "cursor": cursors.format_cursor(epoch, seq),
            "actor": actor,
            "actor_id": actor_id,
            "tx": tx,
            "timestamp": at,
        }
    )
    payload = data.encode() if isinstance(data, str) else data
    return b'%b,"data":%b}' % (envelope[:-1], payload)


def encode_transient_event(name: str, data: Any, *, board_id: int | None = None, **fields: Any) -> bytes:
    """A message of a stream that is not in the event log. `data` may be a fragment that is already JSON."""
    board_fields = {} if board_id is None else {"board_id": board_id}
    return orjson.dumps({"event": name, "type": name, **board_fields, **fields, "timestamp": utc_now(), "data": data})
