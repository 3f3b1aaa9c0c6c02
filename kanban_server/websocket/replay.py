"""Replay: a board's older events, read from its event log and sent as fast as the peer reads."""

from __future__ import annotations

from typing import Literal

from kanban_server.live.channel import text_frame
from kanban_server.live.hub import Hub
from kanban_server.rules.events import EncodedEvent
from kanban_server.websocket.read_cursor import ReadCursor
from kanban_server.websocket.transport import Socket

REPLAY_BATCH = 100
"""Events that are read and written at a time."""

ReplayEnd = Literal["caught-up", "board-ended", "gap", "closed"]
"""Why a replay ended: all was sent; all of a deleted board was sent; the next events are not there (yet, or no longer);
the socket is closed."""


async def replay(socket: Socket, hub: Hub, read_cursor: ReadCursor) -> ReplayEnd:
    """Send the events after the cursor, and move it. Refused: `busy`."""
    while True:
        await socket.wait_until_writable()
        if not socket.open:
            return "closed"
        events = await hub.events_after(read_cursor.board_id, read_cursor.seq, REPLAY_BATCH)
        if not events and hub.channel(read_cursor.board_id).head <= read_cursor.seq:
            return "board-ended" if read_cursor.deleted else "caught-up"
        if not events or events[0].seq != read_cursor.seq + 1:
            return "gap"
        if await _send(socket, read_cursor, events) and events[-1].name == "board_deleted":
            return "board-ended"


async def _send(socket: Socket, read_cursor: ReadCursor, events: list[EncodedEvent]) -> bool:
    """Send events while the socket is writable; False where it stopped on the way."""
    for event in events:
        if not socket.direct:
            await socket.send(event.json)
        elif socket.ready:
            socket.write(text_frame(event.json))
        else:
            return False
        read_cursor.own_seq = event.seq
    return True
