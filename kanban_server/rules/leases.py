"""Leases: their tokens, durations and ends."""

from __future__ import annotations

import re
from datetime import datetime

from kanban_sdk.wire import limits
from kanban_server.rules.problems import Refusal
from kanban_server.rules.timestamps import add_time

_TOKEN = re.compile(r"([0-9]{1,15})\.([0-9]{1,15})", re.ASCII)


def format_token(ticket_id: int, number: int) -> str:
    """The token of one claim of one ticket; it never changes."""
    return f"{ticket_id}.{number}"


def parse_token(text: str) -> tuple[int, int]:
    """The ticket id and the claim number in a token. Refused: `invalid-request`."""
    match = _TOKEN.fullmatch(text)
    if match is None:
        detail = f"'{text[:40]}' is not the token of a claim."
        raise Refusal("invalid-request", detail, fix="Send the token that the claim gave.", field="Kanban-Lease")
    return int(match[1]), int(match[2])


def check_lease_seconds(seconds: int | None) -> int:
    """The validated duration of a lease in seconds; 0 means until it is released. Refused: `invalid-request`."""
    if seconds is None:
        return limits.LEASE_SECONDS
    if seconds == 0 or limits.LEASE_SECONDS_LEAST <= seconds <= limits.LEASE_SECONDS_MOST:
        return seconds
    raise Refusal(
        "invalid-request",
        f"A lease lasts {limits.LEASE_SECONDS_LEAST} to {limits.LEASE_SECONDS_MOST} seconds.",
        fix="Send that, or 0 for a claim that lasts until it is released.",
        field="lease_seconds",
    )


def lease_end(now: str, seconds: int | None) -> str | None:
    """The timestamp at which a lease of so many seconds ends; None means never."""
    return add_time(now, seconds=seconds) if seconds else None


def renewed_at(expires_at: str | None, seconds: int | None) -> str | None:
    """When the lease was renewed last: by a write of its holder, or by its claim. None: it has no end."""
    return add_time(expires_at, seconds=-seconds) if expires_at and seconds else None


def seconds_left(now: str, expires_at: str | None) -> float | None:
    """How many seconds are left; None means no end."""
    if expires_at is None:
        return None
    return (datetime.fromisoformat(expires_at) - datetime.fromisoformat(now)).total_seconds()
