"""The position of a reader in a board's event log."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from kanban_server.actions.queries import LogBounds
from kanban_server.live.channel import Channel
from kanban_server.rules import cursors


class Resync(NamedTuple):
    """An unservable cursor: `reason` is trimmed, epoch or ahead."""

    reason: str
    bounds: LogBounds


class ReadCursor:
    """A reader's position in a board's event log: everything up to `seq` was sent."""

    __slots__ = ("board_id", "channel", "deleted", "epoch", "needs_replay", "own_seq", "replay")

    def __init__(
        self, channel: Channel, epoch: str, seq: int, *, needs_replay: bool = False, deleted: bool = False
    ) -> None:
        self.channel = channel
        self.board_id = channel.board_id
        self.epoch = epoch
        self.own_seq: int | None = seq
        """The reader's own position; None while it uses the shared cursor (`Channel.shared_writers`)."""
        self.needs_replay = needs_replay
        """Whether the log had further events when the cursor was set."""
        self.deleted = deleted
        """Whether the board was already deleted then, so that no new events follow."""
        self.replay: asyncio.Task[None] | None = None

    @property
    def seq(self) -> int:
        """The last event that was sent."""
        return self.channel.shared_seq if self.own_seq is None else self.own_seq

    @property
    def cursor(self) -> str:
        """The cursor in the format that clients receive."""
        return cursors.format_cursor(self.epoch, self.seq)
