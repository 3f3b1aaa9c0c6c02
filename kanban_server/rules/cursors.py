"""Cursors: where a reader stands in a board's log."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kanban_sdk.wire import limits
from kanban_server.rules.problems import Refusal

_CURSOR = re.compile(r"(?:([0-9a-f]{1,32})-)?([0-9]{1,16})", re.ASCII)


@dataclass(frozen=True)
class Cursor:
    """A place in a log: behind event `seq` of the log's life `epoch`. None is whichever life the log is in."""

    epoch: str | None
    seq: int

    def __str__(self) -> str:
        return format_cursor(self.epoch, self.seq) if self.epoch else str(self.seq)


def format_cursor(epoch: str, seq: int) -> str:
    """The cursor as clients get it. They must not look inside."""
    return f"{epoch}-{seq}"


def parse_cursor(text: str) -> Cursor:
    """A cursor, or a bare seq. Refused: `invalid-cursor`."""
    match = _CURSOR.fullmatch(text)
    if match is None or int(match[2]) > limits.ID_MOST:
        raise Refusal("invalid-cursor", f"'{text[:80]}' is not a cursor.", fix="Send a cursor from an event, or 0.")
    return Cursor(match[1], int(match[2]))


def unservable_reason(cursor: Cursor, epoch: str, floor: int, head: int) -> str | None:
    """Why the log can't be read from this cursor: `epoch`, `trimmed` or `ahead`; None where it can."""
    if cursor.epoch is not None and cursor.epoch != epoch:
        return "epoch"
    if cursor.seq < floor:
        return "trimmed"
    return "ahead" if cursor.seq > head else None
