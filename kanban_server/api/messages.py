"""What clients say on a socket, read and refused."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import orjson

from kanban_sdk.wire import limits
from kanban_server.live.presence import Doing
from kanban_server.rules.refusals import Refusal

ELEMENT = re.compile(r"(ticket|column):[0-9]{1,16}", re.ASCII)


class Pace:
    """So many a second, and as many at once."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._clock = asyncio.get_running_loop().time
        self._left, self._at = rate, self._clock()

    def keeps(self) -> bool:
        """Count one more; whether it is within the rate."""
        now = self._clock()
        self._left, self._at = min(self.rate, self._left + (now - self._at) * self.rate), now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def read(text: str | None) -> dict[str, Any]:
    """A message as an object; an empty one where it is none. Its `type` may be anything."""
    try:
        said = orjson.loads(text or "")
    except orjson.JSONDecodeError:
        return {}
    return said if isinstance(said, dict) else {}


def board_of(said: dict[str, Any]) -> int:
    """The board that a message names. Refused: `invalid-request`."""
    board_id = number(said.get("board_id"))
    if board_id is None:
        raise Refusal("invalid-request", "`board_id` is missing.", fix="Name the board.", field="board_id")
    return board_id


def number(given: object) -> int | None:
    """A board's id as clients write it. Refused: `invalid-request`."""
    if given is None or given == "":
        return None
    text = str(given)
    if text.isascii() and text.isdigit() and len(text) < 16:
        return int(text)
    raise Refusal("invalid-request", "`board_id` is not a number.", fix="Send a board's id.", field="board_id")


def doing_of(said: dict[str, Any]) -> Doing:
    """What a `presence` message says of its sender. Refused: `invalid-request`."""
    element = said.get("element")
    if element is not None and not (isinstance(element, str) and ELEMENT.fullmatch(element)):
        raise _unfit("element", "Send `ticket:12`, `column:3` or null.")
    return Doing(
        ticket_id=_ticket(said, "ticket_id"),
        element=element,
        x=_part(said, "x"),
        y=_part(said, "y"),
        dragging=_ticket(said, "dragging"),
    )


def _ticket(said: dict[str, Any], name: str) -> int | None:
    given = said.get(name)
    if given is None or (type(given) is int and 0 < given <= limits.ID_MOST):
        return given
    raise _unfit(name, "Send a ticket's id or null.")


def _part(said: dict[str, Any], name: str) -> float | None:
    given = said.get(name)
    if given is None:
        return None
    if type(given) in {int, float} and 0 <= given <= 1:
        return float(given)
    raise _unfit(name, "Send a number from 0 to 1, or null.")


def _unfit(name: str, fix: str) -> Refusal:
    return Refusal("invalid-request", f"`{name}` is not what it should be.", fix=fix, field=name)
