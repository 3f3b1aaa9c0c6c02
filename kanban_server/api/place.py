"""Where a reader of a board's log stands."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from kanban_server.actions.reading import Standing
from kanban_server.live.channel import Channel
from kanban_server.rules import cursors


class Missed(NamedTuple):
    """A cursor that can't be served: `reason` is trimmed, epoch or ahead."""

    reason: str
    standing: Standing


class Place:
    """Where a reader stands in a board's log: everything up to `seq` was sent."""

    __slots__ = ("alone", "behind", "board_id", "channel", "deleted", "epoch", "replay")

    def __init__(self, channel: Channel, epoch: str, seq: int, *, behind: bool = False, deleted: bool = False) -> None:
        self.channel = channel
        self.board_id = channel.board_id
        self.epoch = epoch
        self.alone: int | None = seq
        """How far it has come by itself; None while it goes abreast with others (`channel.Channel.abreast`)."""
        self.behind = behind
        """Whether the log went further when the cursor was set."""
        self.deleted = deleted
        """Whether the board was deleted by then, so that nothing will come."""
        self.replay: asyncio.Task[None] | None = None

    @property
    def seq(self) -> int:
        """How far it has come."""
        return self.channel.pushed if self.alone is None else self.alone

    @property
    def cursor(self) -> str:
        """The place as clients get it."""
        return cursors.write(self.epoch, self.seq)
