"""The operations of a batch: each is the body of the single request, with `op` and the ticket's id.

The actor is the sender of the batch: an operation names none (`ACTOR_FIELDS`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, Required

from kanban_sdk.deprecation import deprecated_names
from kanban_sdk.wire.bodies import BlockRequest, Check, Id, Labels, Move, NewTicket, TicketEdit

ACTOR_FIELDS: Final = frozenset({"created_by", "moved_by", "changed_by", "last_modified_by", "assigned_by"})
"""The fields of the single requests that name the actor; in an operation they are refused."""


@dataclass(frozen=True)
class CreateOperation(NewTicket):
    """A ticket to create."""

    op: Literal["create"] = "create"


@dataclass(frozen=True)
class MoveOperation(Move):
    """A ticket to move."""

    ticket: Id = field(kw_only=True)
    op: Literal["move"] = "move"


class EditOperation(TicketEdit, total=False):
    """Fields of a ticket to change."""

    ticket: Required[Id]
    op: Required[Literal["edit"]]


@dataclass(frozen=True)
class CommentOperation:
    """A comment to make."""

    ticket: Id
    text: str
    op: Literal["comment"] = "comment"


@dataclass(frozen=True)
class LabelOperation(Labels):
    """Labels to add and to remove."""

    ticket: Id = field(kw_only=True)
    op: Literal["label"] = "label"


@dataclass(frozen=True)
class CheckOperation(Check):
    """A criterion to tick."""

    ticket: Id = field(kw_only=True)
    op: Literal["check"] = "check"


@dataclass(frozen=True)
class BlockOperation(BlockRequest):
    """Blockers to add to a ticket."""

    ticket: Id = field(kw_only=True)
    op: Literal["block"] = "block"


@dataclass(frozen=True)
class UnblockOperation(BlockRequest):
    """Blockers to remove from a ticket."""

    ticket: Id = field(kw_only=True)
    op: Literal["unblock"] = "unblock"


@dataclass(frozen=True)
class DeleteOperation:
    """A ticket to delete."""

    ticket: Id
    op: Literal["delete"] = "delete"


@dataclass(frozen=True)
class RestoreOperation:
    """A deleted or archived ticket to restore."""

    ticket: Id
    op: Literal["restore"] = "restore"


Operation = (
    CreateOperation
    | MoveOperation
    | EditOperation
    | CommentOperation
    | LabelOperation
    | CheckOperation
    | BlockOperation
    | UnblockOperation
    | DeleteOperation
    | RestoreOperation
)


if not TYPE_CHECKING:
    __getattr__ = deprecated_names(
        __name__,
        {
            "Create": "CreateOperation",
            "MoveTo": "MoveOperation",
            "Edit": "EditOperation",
            "Say": "CommentOperation",
            "Label": "LabelOperation",
            "Tick": "CheckOperation",
            "Block": "BlockOperation",
            "Unblock": "UnblockOperation",
            "Delete": "DeleteOperation",
            "Restore": "RestoreOperation",
            "NAMES": "ACTOR_FIELDS",
        },
    )
