"""Every problem type of the server. Clients decide by `type`, never by the text (RFC 9457)."""

from __future__ import annotations

from typing import Any, Final, NamedTuple, TypeAlias

MEDIA_TYPE: Final = "application/problem+json"

ProblemDetails: TypeAlias = dict[str, Any]
"""A decoded problem (RFC 9457): `type`, `title`, `status`, `detail`, perhaps `fix`, and the facts of its type.

A warning has `type`, `detail` and facts.
"""


class Problem(NamedTuple):
    """What all refusals of one type have in common."""

    status: int
    title: str


PROBLEMS: Final[dict[str, Problem]] = {
    # The request itself
    "invalid-request": Problem(422, "The request is not of the right form"),
    "unknown-field": Problem(422, "There is no such field"),
    "invalid-cursor": Problem(422, "This is not a cursor"),
    "unsupported-media-type": Problem(415, "The body is not JSON"),
    "method-not-allowed": Problem(405, "This path does not take this method"),
    "body-too-large": Problem(413, "The body is too large"),
    "title-too-long": Problem(422, "The title is too long"),
    "text-too-long": Problem(422, "The text is too long"),
    "page-too-large": Problem(422, "The page is too large"),
    # Names and values
    "invalid-name": Problem(422, "This can't be a name"),
    "name-required": Problem(422, "Nobody is named"),
    "reserved-name": Problem(422, "This name is reserved"),
    "ambiguous-name": Problem(422, "The name could be several"),
    "invalid-priority": Problem(422, "This is not a priority"),
    "unknown-column": Problem(422, "The board has no such column"),
    "invalid-columns": Problem(422, "These can't be a board's columns"),
    "webhook-refused": Problem(422, "This can't be a webhook"),
    "other-board": Problem(422, "A ticket stays on its board"),
    # Existence
    "not-found": Problem(404, "There is nothing here"),
    "resync": Problem(410, "The log can't be read from this cursor"),
    # The state of the board
    "version-conflict": Problem(412, "It has changed since it was read"),
    "column-in-use": Problem(409, "The column holds tickets"),
    "archived": Problem(409, "The ticket is archived"),
    "already-claimed": Problem(409, "Somebody holds the ticket"),
    "lease-lost": Problem(409, "The claim has ended"),
    "column-full": Problem(409, "The column is full"),
    "user-limit": Problem(409, "The user holds enough tickets"),
    "dependency-cycle": Problem(409, "The tickets would wait for each other"),
    "review-required": Problem(409, "Somebody else has to accept the work"),
    "unmet": Problem(409, "The ticket lacks what a done one must have"),
    "idempotency-mismatch": Problem(422, "The key was used for another request"),
    "idempotency-pending": Problem(409, "The same request is under way"),
    "secret-shown": Problem(409, "The secret was shown already"),
    # Files of the server's machine
    "file-exists": Problem(409, "The file is there already"),
    "backup-failed": Problem(409, "The backup can't be made, or not be put in place"),
    "transfer-failed": Problem(409, "The database can't be moved"),
    "database-linked": Problem(409, "The database file has several names"),
    # Permissions
    "origin-refused": Problem(403, "This web page may not use the server"),
    "host-refused": Problem(403, "The server is not known by this name"),
    "not-allowed": Problem(403, "Your role does not allow this"),
    "not-authenticated": Problem(401, "The server does not know who you are"),
    "name-mismatch": Problem(403, "The token is somebody else's"),
    "removed": Problem(403, "You may no longer see this"),
    "quota-exceeded": Problem(409, "You have as many as you may"),
    "open-mode": Problem(409, "The server has no users"),
    "name-taken": Problem(409, "Somebody has this name"),
    "last-admin": Problem(409, "Somebody has to be an admin"),
    "invalid-invite": Problem(410, "The invite is not good, or no longer"),
    "invalid-image": Problem(422, "This is not an image that can be shown"),
    "not-author": Problem(403, "Only its author may do this"),
    # The server
    "too-many-connections": Problem(503, "The server has no room for another connection"),
    "too-many-requests": Problem(429, "Too many requests"),
    "too-many-messages": Problem(429, "Too many messages"),
    "busy": Problem(503, "The database is busy"),
    "not-ready": Problem(503, "The server is not ready"),
    "stopping": Problem(503, "The server is stopping"),
    "database-replaced": Problem(503, "The database file was replaced"),
    "storage-full": Problem(507, "The disk is full"),
    "mcp-not-installed": Problem(501, "The server has no tools for agents"),
    "internal": Problem(500, "The server failed"),
}
"""Problem type to status and title."""

WARNINGS: Final[dict[str, str]] = {
    "same-name": "Another board, user or label has this name, or one that differs from it by case only: `others`.",
    "unknown-user": "On a server with users, nobody whom the one who asks may see has this name: `name`, `nearest`.",
    "unmet": "A ticket came into a done column (`ticket_id`) and lacks something: `unmet`.",
}
"""The types of warnings in a response's `warnings`, a list of objects with `type`, `detail` for people, and facts."""
