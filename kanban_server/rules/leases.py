"""Leases: their tokens, their lengths, their ends."""

from __future__ import annotations

import re
from datetime import datetime

from kanban_sdk.wire import limits
from kanban_server.rules.refusals import Refusal
from kanban_server.rules.times import later

_TOKEN = re.compile(r"([0-9]{1,15})\.([0-9]{1,15})", re.ASCII)


def token(ticket_id: int, number: int) -> str:
    """What names one claim of one ticket, for ever."""
    return f"{ticket_id}.{number}"


def read_token(text: str) -> tuple[int, int]:
    """The ticket and the number of the claim. Refused: `invalid-request`."""
    match = _TOKEN.fullmatch(text)
    if match is None:
        detail = f"'{text[:40]}' is not the token of a claim."
        raise Refusal("invalid-request", detail, fix="Send the token that the claim gave.", field="Kanban-Lease")
    return int(match[1]), int(match[2])


def length(asked: int | None) -> int:
    """How long a lease lasts, in seconds; 0 is until it is released. Refused: `invalid-request`."""
    if asked is None:
        return limits.LEASE_SECONDS
    if asked == 0 or limits.LEASE_SECONDS_LEAST <= asked <= limits.LEASE_SECONDS_MOST:
        return asked
    raise Refusal(
        "invalid-request",
        f"A lease lasts {limits.LEASE_SECONDS_LEAST} to {limits.LEASE_SECONDS_MOST} seconds.",
        fix="Send that, or 0 for a claim that lasts until it is released.",
        field="lease_seconds",
    )


def end(now: str, seconds: int | None) -> str | None:
    """When a lease of so many seconds ends, as times are kept; None is never."""
    return later(now, seconds=seconds) if seconds else None


def left(now: str, ends: str | None) -> float | None:
    """How many seconds are left; None is without end."""
    if ends is None:
        return None
    return (datetime.fromisoformat(ends) - datetime.fromisoformat(now)).total_seconds()
