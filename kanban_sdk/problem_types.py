"""The exception of each problem type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kanban_sdk.errors import (
    AlreadyClaimed,
    AmbiguousName,
    Archived,
    ColumnFull,
    ColumnInUse,
    Conflict,
    DependencyCycle,
    IdempotencyConflict,
    Invalid,
    LeaseLost,
    NameRequired,
    NotAllowed,
    NotAuthenticated,
    NotAuthor,
    NotFound,
    QuotaExceeded,
    Refused,
    Resync,
    ReviewRequired,
    ServerError,
    TooLarge,
    TooManyRequests,
    UnknownColumn,
    UnknownField,
    Unmet,
    UserLimit,
    VersionConflict,
)

if TYPE_CHECKING:
    from kanban_sdk.wire.problems import ProblemDetails

EXCEPTIONS: dict[str, type[Refused]] = {
    "invalid-request": Invalid,
    "unknown-field": UnknownField,
    "invalid-cursor": Invalid,
    "unsupported-media-type": Invalid,
    "method-not-allowed": Invalid,
    "body-too-large": TooLarge,
    "title-too-long": TooLarge,
    "text-too-long": TooLarge,
    "page-too-large": TooLarge,
    "invalid-name": Invalid,
    "name-required": NameRequired,
    "reserved-name": Invalid,
    "ambiguous-name": AmbiguousName,
    "invalid-priority": Invalid,
    "unknown-column": UnknownColumn,
    "invalid-columns": Invalid,
    "webhook-refused": Invalid,
    "other-board": Invalid,
    "not-found": NotFound,
    "resync": Resync,
    "version-conflict": VersionConflict,
    "column-in-use": ColumnInUse,
    "archived": Archived,
    "already-claimed": AlreadyClaimed,
    "lease-lost": LeaseLost,
    "column-full": ColumnFull,
    "user-limit": UserLimit,
    "quota-exceeded": QuotaExceeded,
    "dependency-cycle": DependencyCycle,
    "review-required": ReviewRequired,
    "unmet": Unmet,
    "idempotency-mismatch": IdempotencyConflict,
    "idempotency-pending": IdempotencyConflict,
    "secret-shown": Conflict,
    "file-exists": Conflict,
    "backup-failed": Conflict,
    "transfer-failed": Conflict,
    "database-linked": Conflict,
    "origin-refused": NotAllowed,
    "host-refused": NotAllowed,
    "not-allowed": NotAllowed,
    "not-authenticated": NotAuthenticated,
    "name-mismatch": NotAllowed,
    "removed": NotAllowed,
    "open-mode": Conflict,
    "name-taken": Conflict,
    "last-admin": Conflict,
    "invalid-invite": NotAllowed,
    "invalid-image": Invalid,
    "not-author": NotAuthor,
    "too-many-connections": TooManyRequests,
    "too-many-requests": TooManyRequests,
    "too-many-messages": TooManyRequests,
    "busy": ServerError,
    "not-ready": ServerError,
    "stopping": ServerError,
    "database-replaced": ServerError,
    "storage-full": ServerError,
    "mcp-not-installed": ServerError,
    "internal": ServerError,
}
"""Problem type to exception."""


def exception_for(problem: ProblemDetails) -> Refused:
    """The exception for a problem; a type that this version does not know is mapped by its status."""
    exception_type = EXCEPTIONS.get(problem.get("type", ""))
    if exception_type is None:
        by_status = {
            401: NotAllowed,
            403: NotAllowed,
            404: NotFound,
            409: Conflict,
            412: Conflict,
            429: TooManyRequests,
        }
        status = problem.get("status", 500)
        exception_type = by_status.get(status, ServerError if status >= 500 else Invalid)
    return exception_type(problem)
