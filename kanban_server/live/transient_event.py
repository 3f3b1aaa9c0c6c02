"""Messages of a stream that are not in an event log: they have no number, and are stored nowhere."""

from __future__ import annotations

import orjson

from kanban_server.clock import utc_now


def encode_transient_event(name: str, data: object, *, board_id: int | None = None, **fields: object) -> bytes:
    """A message with this machine's time. `data` may be a fragment that is already JSON."""
    board_fields = {} if board_id is None else {"board_id": board_id}
    return orjson.dumps({"event": name, "type": name, **board_fields, **fields, "timestamp": utc_now(), "data": data})
