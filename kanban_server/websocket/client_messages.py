"""Parsing and validation of client messages."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

import orjson

from kanban_sdk.wire import limits
from kanban_server.live.presence import Activity
from kanban_server.rules.problems import Refusal

Message = Mapping[str, object]
"""A JSON object that a client sent. Its fields may have any type."""

ELEMENT_PATTERN = re.compile(r"(ticket|column):[0-9]{1,16}", re.ASCII)


class MessageRateLimit:
    """A limit of `rate` messages a second, and as many in one burst."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._clock = asyncio.get_running_loop().time
        self._tokens, self._updated_at = rate, self._clock()

    def allow(self) -> bool:
        """Count a message; returns whether it is within the rate."""
        now = self._clock()
        self._tokens, self._updated_at = min(self.rate, self._tokens + (now - self._updated_at) * self.rate), now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


def parse_message(text: str | None) -> Message:
    """The message as an object; an empty one where it is none. Its `type` may be any value."""
    try:
        message = orjson.loads(text or "")
    except orjson.JSONDecodeError:
        return {}
    return message if isinstance(message, dict) else {}


def board_id_of(message: Message) -> int:
    """The required `board_id` of a message. Refused: `invalid-request`."""
    board_id = parse_board_id(message.get("board_id"))
    if board_id is None:
        raise Refusal("invalid-request", "`board_id` is missing.", fix="Name the board.", field="board_id")
    return board_id


def parse_board_id(value: object) -> int | None:
    """A board id, sent as number or text; None where it is missing or empty. Refused: `invalid-request`."""
    if value is None or value == "":
        return None
    text = str(value)
    if text.isascii() and text.isdigit() and len(text) < 16:
        return int(text)
    raise Refusal("invalid-request", "`board_id` is not a number.", fix="Send a board's id.", field="board_id")


def activity_of(message: Message) -> Activity:
    """The activity in a `presence` message. Refused: `invalid-request`."""
    element = message.get("element")
    if element is not None and not (isinstance(element, str) and ELEMENT_PATTERN.fullmatch(element)):
        raise _invalid_field("element", "Send `ticket:12`, `column:3` or null.")
    return Activity(
        ticket_id=_ticket_id(message, "ticket_id"),
        element=element,
        x=_fraction(message, "x"),
        y=_fraction(message, "y"),
        dragging=_ticket_id(message, "dragging"),
    )


def _ticket_id(message: Message, name: str) -> int | None:
    value = message.get(name)
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= limits.ID_MOST:
        return value
    raise _invalid_field(name, "Send a ticket's id or null.")


def _fraction(message: Message, name: str) -> float | None:
    value = message.get(name)
    if value is None:
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    raise _invalid_field(name, "Send a number from 0 to 1, or null.")


def _invalid_field(name: str, fix: str) -> Refusal:
    return Refusal("invalid-request", f"`{name}` is not what it should be.", fix=fix, field=name)
