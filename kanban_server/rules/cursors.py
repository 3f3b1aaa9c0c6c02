"""Cursors: a reader's position in a board's log."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kanban_sdk.wire import limits
from kanban_server.rules.problems import Refusal

_CURSOR = re.compile(r"(?:([0-9a-f]{1,32})-)?([0-9]{1,16})", re.ASCII)


@dataclass(frozen=True)
class Cursor:
    """A position in a log: after event `seq` of the log's epoch `epoch`. None means the current epoch."""

    epoch: str | None
    seq: int

    def __str__(self) -> str:
        return format_cursor(self.epoch, self.seq) if self.epoch else str(self.seq)


def format_cursor(epoch: str, seq: int) -> str:
    """The cursor as sent to clients, for whom it is opaque."""
    return f"{epoch}-{seq}"


def parse_cursor(text: str) -> Cursor:
    """Parse a cursor, or a bare seq. Refused: `invalid-cursor`."""
    match = _CURSOR.fullmatch(text)
    if match is None or int(match[2]) > limits.ID_MOST:
        raise Refusal("invalid-cursor", f"'{text[:80]}' is not a cursor.", fix="Send a cursor from an event, or 0.")
    return Cursor(match[1], int(match[2]))


def unservable_reason(cursor: Cursor, epoch: str, floor: int, head: int) -> str | None:
    """Why the log can't be read from this cursor: `epoch`, `trimmed` or `ahead`; None if it can."""
    if cursor.epoch is not None and cursor.epoch != epoch:
        return "epoch"
    if cursor.seq < floor:
        return "trimmed"
    return "ahead" if cursor.seq > head else None
