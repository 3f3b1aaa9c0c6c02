"""Where a reader of a board's log stands."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from kanban_server.actions.queries import LogBounds
from kanban_server.live.channel import Channel
from kanban_server.rules import cursors


class Resync(NamedTuple):
    """A cursor that can't be served: `reason` is trimmed, epoch or ahead."""

    reason: str
    standing: LogBounds


class ReadCursor:
    """Where a reader stands in a board's log: everything up to `seq` was sent."""

    __slots__ = ("board_id", "channel", "deleted", "epoch", "needs_replay", "own_seq", "replay")

    def __init__(
        self, channel: Channel, epoch: str, seq: int, *, needs_replay: bool = False, deleted: bool = False
    ) -> None:
        self.channel = channel
        self.board_id = channel.board_id
        self.epoch = epoch
        self.own_seq: int | None = seq
        """How far it has come by itself; None while it goes abreast with others (`channel.Channel.abreast`)."""
        self.needs_replay = needs_replay
        """Whether the log went further when the cursor was set."""
        self.deleted = deleted
        """Whether the board was deleted by then, so that nothing will come."""
        self.replay: asyncio.Task[None] | None = None

    @property
    def seq(self) -> int:
        """How far it has come."""
        return self.channel.shared_seq if self.own_seq is None else self.own_seq

    @property
    def cursor(self) -> str:
        """The place as clients get it."""
        return cursors.format_cursor(self.epoch, self.seq)
