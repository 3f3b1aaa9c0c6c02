"""Times that come from elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime

from kanban_server.rules.refusals import Refusal


def moment(text: str | None, otherwise: str) -> str:
    """An ISO-8601 time as times are kept: in UTC, with microseconds and `Z`. One without a zone is read as UTC."""
    if text is None:
        return otherwise
    try:
        read = datetime.fromisoformat(text)
        aware = read if read.tzinfo else read.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    except (ValueError, OverflowError) as error:
        detail = f"'{text[:40]}' is not a time."
        raise Refusal("invalid-request", detail, fix="Send ISO-8601, such as 2026-01-02T03:04:05Z.") from error
