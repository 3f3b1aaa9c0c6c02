"""One event of a board's log, as it is stored and sent."""

from __future__ import annotations

from typing import NamedTuple

import orjson

from kanban_server.rules import cursors


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
