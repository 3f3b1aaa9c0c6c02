"""The operations of a batch: each is the body of the single request, with `op` and the ticket's id.

The actor is the sender of the batch: an operation names none (`NAMES`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, Required

from kanban_sdk.wire.bodies import Blocking, Check, Id, Labels, Move, NewTicket, TicketEdit

NAMES: Final = frozenset({"created_by", "moved_by", "changed_by", "last_modified_by", "assigned_by"})
"""The fields of the single requests that name the actor; in an operation they are refused."""


@dataclass(frozen=True)
class Create(NewTicket):
    """A ticket to create."""

    op: Literal["create"] = "create"


@dataclass(frozen=True)
class MoveTo(Move):
    """A ticket to move."""

    ticket: Id = field(kw_only=True)
    op: Literal["move"] = "move"


class Edit(TicketEdit, total=False):
    """Fields of a ticket to change."""

    ticket: Required[Id]
    op: Required[Literal["edit"]]


@dataclass(frozen=True)
class Say:
    """A comment to make."""

    ticket: Id
    text: str
    op: Literal["comment"] = "comment"


@dataclass(frozen=True)
class Label(Labels):
    """Labels to add and to remove."""

    ticket: Id = field(kw_only=True)
    op: Literal["label"] = "label"


@dataclass(frozen=True)
class Tick(Check):
    """A criterion to tick."""

    ticket: Id = field(kw_only=True)
    op: Literal["check"] = "check"


@dataclass(frozen=True)
class Block(Blocking):
    """Blockers to add to a ticket."""

    ticket: Id = field(kw_only=True)
    op: Literal["block"] = "block"


@dataclass(frozen=True)
class Unblock(Blocking):
    """Blockers to remove from a ticket."""

    ticket: Id = field(kw_only=True)
    op: Literal["unblock"] = "unblock"


@dataclass(frozen=True)
class Delete:
    """A ticket to delete."""

    ticket: Id
    op: Literal["delete"] = "delete"


@dataclass(frozen=True)
class Restore:
    """A deleted or archived ticket to restore."""

    ticket: Id
    op: Literal["restore"] = "restore"


Operation = Create | MoveTo | Edit | Say | Label | Tick | Block | Unblock | Delete | Restore
