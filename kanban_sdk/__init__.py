"""The Python SDK of Agent Kanban: `Kanban` blocks, `AsyncKanban` is awaited.

Each public name is loaded at its first use, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kanban_sdk.claims.context import AsyncClaimContext, ClaimContext
    from kanban_sdk.client import AsyncKanban, Kanban
    from kanban_sdk.errors import (
        AlreadyClaimed,
        AmbiguousName,
        Archived,
        ColumnFull,
        ColumnInUse,
        ConfigurationError,
        Conflict,
        DependencyCycle,
        IdempotencyConflict,
        Invalid,
        KanbanError,
        KanbanWarning,
        LeaseLost,
        NameRequired,
        NotAllowed,
        NotAuthenticated,
        NotAuthor,
        NotFound,
        NothingReady,
        QuotaExceeded,
        Refused,
        Resync,
        ReviewRequired,
        ServerError,
        TimedOut,
        TooLarge,
        TooManyRequests,
        UnknownColumn,
        UnknownField,
        Unmet,
        Unreachable,
        UserLimit,
        VersionConflict,
    )
    from kanban_sdk.stream.mirror import AsyncMirror, Mirror
    from kanban_sdk.stream.watch import AsyncWatch, Watch
    from kanban_sdk.wire.boards import Board, Column, Snapshot
    from kanban_sdk.wire.comments import Comment
    from kanban_sdk.wire.events import (
        BoardCreated,
        BoardDeleted,
        BoardRepaired,
        BoardUpdated,
        ColumnReordered,
        CommentAdded,
        CommentDeleted,
        CommentUpdated,
        Event,
        HistoryImported,
        QuestionWithdrawn,
        SnapshotTaken,
        TicketArchived,
        TicketBlocked,
        TicketClaimed,
        TicketCreated,
        TicketDeleted,
        TicketEvent,
        TicketFileAttached,
        TicketFileRemoved,
        TicketMoved,
        TicketRedacted,
        TicketReleased,
        TicketRestored,
        TicketUnblocked,
        TicketUpdated,
    )
    from kanban_sdk.wire.files import AttachedFile, File
    from kanban_sdk.wire.stats import Stats
    from kanban_sdk.wire.tickets import Change, Claim, Ticket, TicketPage
    from kanban_sdk.worker.async_worker import AsyncWorker
    from kanban_sdk.worker.blocking_worker import Worker
    from kanban_sdk.worker.results import FailurePolicy, TicketFailed, WorkResult
    from kanban_sdk.worker.tickets import AsyncClaimedTicket, ClaimedTicket, WorkerStopped

_NAMES_BY_MODULE = {
    "client": ("AsyncKanban", "Kanban"),
    "errors": (
        "AlreadyClaimed",
        "AmbiguousName",
        "Archived",
        "ColumnFull",
        "ColumnInUse",
        "ConfigurationError",
        "Conflict",
        "DependencyCycle",
        "ServerError",
        "Invalid",
        "KanbanError",
        "KanbanWarning",
        "IdempotencyConflict",
        "LeaseLost",
        "NameRequired",
        "NotAllowed",
        "NotAuthenticated",
        "NotAuthor",
        "NotFound",
        "NothingReady",
        "QuotaExceeded",
        "Refused",
        "Resync",
        "ReviewRequired",
        "TimedOut",
        "TooLarge",
        "TooManyRequests",
        "UnknownColumn",
        "UnknownField",
        "Unmet",
        "Unreachable",
        "UserLimit",
        "VersionConflict",
    ),
    "claims.context": ("AsyncClaimContext", "ClaimContext"),
    "stream.mirror": ("AsyncMirror", "Mirror"),
    "stream.watch": ("AsyncWatch", "Watch"),
    "wire.boards": (
        "Board",
        "Column",
        "Snapshot",
    ),
    "wire.comments": ("Comment",),
    "wire.events": (
        "BoardCreated",
        "BoardDeleted",
        "BoardRepaired",
        "BoardUpdated",
        "ColumnReordered",
        "CommentAdded",
        "CommentDeleted",
        "CommentUpdated",
        "Event",
        "HistoryImported",
        "QuestionWithdrawn",
        "SnapshotTaken",
        "TicketArchived",
        "TicketBlocked",
        "TicketClaimed",
        "TicketCreated",
        "TicketDeleted",
        "TicketEvent",
        "TicketFileAttached",
        "TicketFileRemoved",
        "TicketMoved",
        "TicketRedacted",
        "TicketReleased",
        "TicketRestored",
        "TicketUnblocked",
        "TicketUpdated",
    ),
    "wire.files": ("AttachedFile", "File"),
    "wire.stats": ("Stats",),
    "wire.tickets": (
        "Change",
        "Claim",
        "Ticket",
        "TicketPage",
    ),
    "worker.async_worker": ("AsyncWorker",),
    "worker.blocking_worker": ("Worker",),
    "worker.results": (
        "FailurePolicy",
        "TicketFailed",
        "WorkResult",
    ),
    "worker.tickets": (
        "AsyncClaimedTicket",
        "ClaimedTicket",
        "WorkerStopped",
    ),
}
_OLD_NAMES = {
    "AsyncHeld": "AsyncClaimContext",
    "Failed": "ServerError",
    "Held": "ClaimContext",
    "KeyReused": "IdempotencyConflict",
    "TooMany": "TooManyRequests",
}
"""Names that have changed; they go on working for one release."""
_MODULE_BY_NAME = {name: module for module, names in _NAMES_BY_MODULE.items() for name in names}

__all__ = [
    "AlreadyClaimed",
    "AmbiguousName",
    "Archived",
    "AsyncClaimContext",
    "AsyncClaimedTicket",
    "AsyncKanban",
    "AsyncMirror",
    "AsyncWatch",
    "AsyncWorker",
    "AttachedFile",
    "Board",
    "BoardCreated",
    "BoardDeleted",
    "BoardRepaired",
    "BoardUpdated",
    "Change",
    "Claim",
    "ClaimContext",
    "ClaimedTicket",
    "Column",
    "ColumnFull",
    "ColumnInUse",
    "ColumnReordered",
    "Comment",
    "CommentAdded",
    "CommentDeleted",
    "CommentUpdated",
    "ConfigurationError",
    "Conflict",
    "DependencyCycle",
    "Event",
    "FailurePolicy",
    "File",
    "HistoryImported",
    "IdempotencyConflict",
    "Invalid",
    "Kanban",
    "KanbanError",
    "KanbanWarning",
    "LeaseLost",
    "Mirror",
    "NameRequired",
    "NotAllowed",
    "NotAuthenticated",
    "NotAuthor",
    "NotFound",
    "NothingReady",
    "QuestionWithdrawn",
    "QuotaExceeded",
    "Refused",
    "Resync",
    "ReviewRequired",
    "ServerError",
    "Snapshot",
    "SnapshotTaken",
    "Stats",
    "Ticket",
    "TicketArchived",
    "TicketBlocked",
    "TicketClaimed",
    "TicketCreated",
    "TicketDeleted",
    "TicketEvent",
    "TicketFailed",
    "TicketFileAttached",
    "TicketFileRemoved",
    "TicketMoved",
    "TicketPage",
    "TicketRedacted",
    "TicketReleased",
    "TicketRestored",
    "TicketUnblocked",
    "TicketUpdated",
    "TimedOut",
    "TooLarge",
    "TooManyRequests",
    "UnknownColumn",
    "UnknownField",
    "Unmet",
    "Unreachable",
    "UserLimit",
    "VersionConflict",
    "Watch",
    "WorkResult",
    "Worker",
    "WorkerStopped",
]


if not TYPE_CHECKING:  # a type checker sees the imports at the top

    def __getattr__(name: str) -> object:
        if name in _OLD_NAMES:
            from kanban_sdk.deprecation import warn_of_old_name

            warn_of_old_name(__name__, name, _OLD_NAMES[name])
            name = _OLD_NAMES[name]
        if name not in _MODULE_BY_NAME:
            raise AttributeError(f"module 'kanban_sdk' has no attribute '{name}'")
        return getattr(import_module(f"kanban_sdk.{_MODULE_BY_NAME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
