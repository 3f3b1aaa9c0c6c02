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
        ColumnInUse,
        Conflict,
        Failed,
        Invalid,
        KanbanError,
        KeyReused,
        NameRequired,
        NotAllowed,
        NotAuthor,
        NotFound,
        Refused,
        Resync,
        TimedOut,
        TooLarge,
        TooMany,
        UnknownColumn,
        Unreachable,
        VersionConflict,
    )
    from kanban_sdk.wire.boards import Board, Column, Snapshot
    from kanban_sdk.wire.comments import Comment
    from kanban_sdk.wire.events import Event
    from kanban_sdk.wire.tickets import Ticket

_HOMES = {
    "client": ("AsyncKanban", "Kanban"),
    "errors": (
        "AlreadyClaimed",
        "ColumnInUse",
        "Conflict",
        "Failed",
        "Invalid",
        "KanbanError",
        "KeyReused",
        "NameRequired",
        "NotAllowed",
        "NotAuthor",
        "NotFound",
        "Refused",
        "Resync",
        "TimedOut",
        "TooLarge",
        "TooMany",
        "UnknownColumn",
        "Unreachable",
        "VersionConflict",
    ),
    "wire.boards": ("Board", "Column", "Snapshot"),
    "wire.comments": ("Comment",),
    "wire.events": ("Event",),
    "wire.tickets": ("Ticket",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "AlreadyClaimed",
    "AsyncKanban",
    "Board",
    "Column",
    "ColumnInUse",
    "Comment",
    "Conflict",
    "Event",
    "Failed",
    "Invalid",
    "Kanban",
    "KanbanError",
    "KeyReused",
    "NameRequired",
    "NotAllowed",
    "NotAuthor",
    "NotFound",
    "Refused",
    "Resync",
    "Snapshot",
    "Ticket",
    "TimedOut",
    "TooLarge",
    "TooMany",
    "UnknownColumn",
    "Unreachable",
    "VersionConflict",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'kanban_sdk' has no attribute '{name}'")
    return getattr(import_module(f"kanban_sdk.{_HOME[name]}"), name)
