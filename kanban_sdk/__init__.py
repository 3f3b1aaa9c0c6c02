"""The Python SDK of Agent Kanban: `Kanban` blocks, `AsyncKanban` is awaited.

Each public name is loaded when it is first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kanban_sdk.client import AsyncKanban, Kanban
    from kanban_sdk.errors import (
        AlreadyClaimed,
        AmbiguousName,
        Archived,
        ColumnFull,
        ColumnInUse,
        Conflict,
        DependencyCycle,
        Failed,
        Invalid,
        KanbanError,
        KeyReused,
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
        TimedOut,
        TooLarge,
        TooMany,
        UnknownColumn,
        UnknownField,
        Unreachable,
        UserLimit,
        VersionConflict,
    )
    from kanban_sdk.held import AsyncHeld, Held
    from kanban_sdk.mirror import AsyncMirror, Mirror
    from kanban_sdk.watch import AsyncWatch, Watch
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
        SnapshotTaken,
        TicketArchived,
        TicketBlocked,
        TicketClaimed,
        TicketCreated,
        TicketDeleted,
        TicketMoved,
        TicketRedacted,
        TicketReleased,
        TicketRestored,
        TicketUnblocked,
        TicketUpdated,
    )
    from kanban_sdk.wire.stats import Stats
    from kanban_sdk.wire.tickets import Change, Claim, Ticket, TicketPage

_HOMES = {
    "client": (
        "AsyncKanban",
        "Kanban",
    ),
    "errors": (
        "AlreadyClaimed",
        "AmbiguousName",
        "Archived",
        "ColumnFull",
        "ColumnInUse",
        "Conflict",
        "DependencyCycle",
        "Failed",
        "Invalid",
        "KanbanError",
        "KeyReused",
        "LeaseLost",
        "NameRequired",
        "NotAllowed",
        "NotAuthenticated",
        "NotAuthor",
        "NotFound",
        "NothingReady",
        "QuotaExceeded",
        "QuotaExceeded",
        "Refused",
        "Resync",
        "ReviewRequired",
        "TimedOut",
        "TooLarge",
        "TooMany",
        "UnknownColumn",
        "UnknownField",
        "Unreachable",
        "UserLimit",
        "VersionConflict",
    ),
    "held": (
        "AsyncHeld",
        "Held",
    ),
    "mirror": (
        "AsyncMirror",
        "Mirror",
    ),
    "watch": (
        "AsyncWatch",
        "Watch",
    ),
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
        "SnapshotTaken",
        "TicketArchived",
        "TicketBlocked",
        "TicketClaimed",
        "TicketCreated",
        "TicketDeleted",
        "TicketMoved",
        "TicketRedacted",
        "TicketReleased",
        "TicketRestored",
        "TicketUnblocked",
        "TicketUpdated",
    ),
    "wire.stats": ("Stats",),
    "wire.tickets": (
        "Change",
        "Claim",
        "Ticket",
        "TicketPage",
    ),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "AlreadyClaimed",
    "AmbiguousName",
    "Archived",
    "AsyncHeld",
    "AsyncKanban",
    "AsyncMirror",
    "AsyncWatch",
    "Board",
    "BoardCreated",
    "BoardDeleted",
    "BoardRepaired",
    "BoardUpdated",
    "Change",
    "Claim",
    "Column",
    "ColumnFull",
    "ColumnInUse",
    "ColumnReordered",
    "Comment",
    "CommentAdded",
    "CommentDeleted",
    "CommentUpdated",
    "Conflict",
    "DependencyCycle",
    "Event",
    "Failed",
    "Held",
    "Invalid",
    "Kanban",
    "KanbanError",
    "KeyReused",
    "LeaseLost",
    "Mirror",
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
    "Snapshot",
    "SnapshotTaken",
    "Stats",
    "Ticket",
    "TicketArchived",
    "TicketBlocked",
    "TicketClaimed",
    "TicketCreated",
    "TicketDeleted",
    "TicketMoved",
    "TicketPage",
    "TicketRedacted",
    "TicketReleased",
    "TicketRestored",
    "TicketUnblocked",
    "TicketUpdated",
    "TimedOut",
    "TooLarge",
    "TooMany",
    "UnknownColumn",
    "UnknownField",
    "Unreachable",
    "UserLimit",
    "VersionConflict",
    "Watch",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'kanban_sdk' has no attribute '{name}'")
    return getattr(import_module(f"kanban_sdk.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
