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
    "invalid-request": Problem(422, "The request is not valid"),
    "unknown-field": Problem(422, "The field is not known"),
    "invalid-cursor": Problem(422, "The cursor is not valid"),
    "unsupported-media-type": Problem(415, "The body is not JSON"),
    "method-not-allowed": Problem(405, "The path does not support this method"),
    "body-too-large": Problem(413, "The body is too large"),
    "title-too-long": Problem(422, "The title is too long"),
    "text-too-long": Problem(422, "The text is too long"),
    "page-too-large": Problem(422, "The page is too large"),
    # Names and values
    "invalid-name": Problem(422, "The name is not valid"),
    "name-required": Problem(422, "The request names no user"),
    "reserved-name": Problem(422, "This name is reserved"),
    "ambiguous-name": Problem(422, "The name is ambiguous"),
    "invalid-priority": Problem(422, "The priority is not valid"),
    "unknown-column": Problem(422, "The board has no such column"),
    "invalid-columns": Problem(422, "The columns are not valid"),
    "webhook-refused": Problem(422, "The webhook is not valid"),
    "other-board": Problem(422, "A ticket stays on its board"),
    # Existence
    "not-found": Problem(404, "Not found"),
    "resync": Problem(410, "The log can't be read from this cursor"),
    # The state of the board
    "version-conflict": Problem(412, "The object has changed since it was read"),
    "column-in-use": Problem(409, "The column holds tickets"),
    "archived": Problem(409, "The ticket is archived"),
    "already-claimed": Problem(409, "The ticket is claimed already"),
    "lease-lost": Problem(409, "The claim has ended"),
    "column-full": Problem(409, "The column is full"),
    "user-limit": Problem(409, "The user holds as many tickets as the limit allows"),
    "dependency-cycle": Problem(409, "The tickets would wait for each other"),
    "review-required": Problem(409, "Another user has to accept the work"),
    "unmet": Problem(409, "The ticket does not meet the board's requirements"),
    "idempotency-mismatch": Problem(422, "The idempotency key was used for another request"),
    "idempotency-pending": Problem(409, "The same request is in progress"),
    "secret-shown": Problem(409, "The secret was shown already"),
    # Files of the server's machine
    "file-exists": Problem(409, "The file exists already"),
    "backup-failed": Problem(409, "The backup could not be made or restored"),
    "transfer-failed": Problem(409, "The database could not be transferred"),
    "database-linked": Problem(409, "The database file has several names"),
    # Permissions
    "origin-refused": Problem(403, "The origin is not allowed"),
    "host-refused": Problem(403, "The host name is not allowed"),
    "not-allowed": Problem(403, "Your role does not allow this"),
    "not-authenticated": Problem(401, "Authentication is required"),
    "name-mismatch": Problem(403, "The token belongs to another user"),
    "removed": Problem(403, "You no longer have access"),
    "quota-exceeded": Problem(409, "The quota is used up"),
    "open-mode": Problem(409, "The server has no users"),
    "name-taken": Problem(409, "The name is taken"),
    "last-admin": Problem(409, "There must be an admin"),
    "invalid-invite": Problem(410, "The invite is not valid or has expired"),
    "invalid-image": Problem(422, "The image is not valid"),
    "not-author": Problem(403, "Only its author may do this"),
    # The server
    "too-many-connections": Problem(503, "The server has too many connections"),
    "too-many-requests": Problem(429, "Too many requests"),
    "too-many-messages": Problem(429, "Too many messages"),
    "busy": Problem(503, "The database is busy"),
    "not-ready": Problem(503, "The server is not ready"),
    "stopping": Problem(503, "The server is stopping"),
    "database-replaced": Problem(503, "The database file was replaced"),
    "storage-full": Problem(507, "The disk is full"),
    "mcp-not-installed": Problem(501, "MCP is not installed on the server"),
    "internal": Problem(500, "Internal error"),
}
"""Problem type to status and title."""

WARNINGS: Final[dict[str, str]] = {
    "same-name": "Another board, user or label has this name, case aside: `others`.",
    "unknown-user": "On a server with users: no user that the viewer may see has this name. `name`, `nearest`.",
    "parked": "The claimed ticket (`ticket_id`) is parked: others are given it no earlier than `not_before`.",
    "needs": "The claimed ticket (`ticket_id`) needs what its holder can't: `needs`.",
    "file-renamed": "The file is attached under another `name`, since the one that was sent is taken or not safe.",
    "picture-kept": "A picture can't be read as one: the file is kept as it was sent, and only offered as a download.",
    "still-asked": "The comment does not answer the question of `asked_by` on `ticket_id`, which asks only `asked`.",
    "unmet": "A ticket (`ticket_id`) entered a done column without meeting all requirements: `unmet`.",
}
"""The types of warnings in a response's `warnings`, a list of objects with `type`, `detail` for people, and facts."""
