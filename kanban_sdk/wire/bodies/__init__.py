"""What clients send. An absent field is left unchanged; a null field is cleared.

Loaded only by the server and by type checkers: clients pass plain keyword arguments.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import Ge, Le, MaxLen, MinLen
from typing_extensions import TypedDict

from kanban_sdk.deprecation import deprecated_names
from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Requirement, Role

Id = Annotated[int, Ge(1), Le(limits.ID_MOST)]
Version = Annotated[int, Ge(1), Le(limits.ID_MOST)]
Limit = Annotated[int, Ge(1), Le(1_000_000)]
Tags = Annotated[list[str], MaxLen(limits.TAGS)]
CriterionNumber = Annotated[int, Ge(1), Le(limits.TEXT_BYTES)]


@dataclass(frozen=True)
class NewBoard:
    """A board to create; without `columns` it gets the five default ones."""

    name: str
    description: str | None = None
    columns: list[str] | None = None
    created_by: str | None = None


class Attribution(TypedDict, total=False):
    """Who makes a change, and from which version. `last_modified_by` is an alias of `changed_by`."""

    changed_by: str | None
    last_modified_by: str | None
    version: Version | None


class BoardFields(TypedDict, total=False):
    """The fields of a board that can be changed."""

    name: str
    description: str | None
    columns: list[str]
    wip_per_user: Limit | None
    review: bool
    require: Annotated[list[Requirement], MaxLen(10)]


class BoardEdit(BoardFields, Attribution, total=False):
    """What to change of a board."""


class ColumnFields(TypedDict, total=False):
    """The fields of a column that can be changed."""

    name: str
    role: Role
    limit: Limit | None


class ColumnEdit(ColumnFields, Attribution, total=False):
    """What to change of a column."""


@dataclass(frozen=True)
class NewTicket:
    """A ticket to create, at the bottom of `current_column` or of the board's first column."""

    title: str
    board_id: Id
    description: str | None = None
    acceptance_criteria: str | None = None
    priority: str | None = None
    assignee: str | None = None
    labels: list[str] | None = None
    current_column: str | None = None
    created_by: str | None = None
    blocked_by: Annotated[list[Id], MaxLen(limits.BLOCKERS)] | None = None
    parent: Id | None = None
    due_date: str | None = None
    not_before: str | None = None
    needs: Tags | None = None
    force: bool = False


class TicketFields(TypedDict, total=False):
    """The fields of a ticket that can be changed."""

    title: str
    description: str | None
    acceptance_criteria: str | None
    priority: str | None
    assignee: str | None
    labels: list[str] | None
    current_column: str
    blocked_by: Annotated[list[Id], MaxLen(limits.BLOCKERS)] | None
    parent: Id | None
    due_date: str | None
    not_before: str | None
    needs: Tags | None


class TicketEdit(TicketFields, Attribution, total=False):
    """What to change of a ticket. `board_id` may only be the ticket's own; `assigned_by` chose a new assignee."""

    assigned_by: str | None
    board_id: object
    force: bool


@dataclass(frozen=True)
class Move:
    """Where a ticket goes: a column and a position in it. `note`: a comment, and the note of an attempt that ends."""

    column: str
    moved_by: str | None = None
    before: Id | None = None
    after: Id | None = None
    place: Literal["top", "bottom"] | None = None
    version: Version | None = None
    force: bool = False
    note: str | None = None


@dataclass(frozen=True)
class BulkMove:
    """Several tickets to move to one column. `atomic`: all of them or none."""

    ticket_ids: Annotated[list[Id], MinLen(1), MaxLen(limits.BULK_TICKETS)]
    target_column: str
    moved_by: str | None = None
    atomic: bool = False
    force: bool = False


@dataclass(frozen=True)
class Labels:
    """Labels to add or to remove. Adding a label that is present, or removing one that is absent, is no error."""

    add: list[str] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)
    changed_by: str | None = None


@dataclass(frozen=True)
class Check:
    """An acceptance criterion to tick, counted from 1; with `done` false, to untick. `evidence` becomes a comment."""

    number: CriterionNumber
    done: bool = True
    changed_by: str | None = None
    evidence: str | None = None


@dataclass(frozen=True)
class Links:
    """Commits and addresses to add to a ticket's links, or to remove from them."""

    add: Annotated[list[str], MaxLen(limits.LINKS)] = field(default_factory=list)
    remove: Annotated[list[str], MaxLen(limits.LINKS)] = field(default_factory=list)
    changed_by: str | None = None


@dataclass(frozen=True)
class Append:
    """Text to append to a ticket's text, after an empty line."""

    text: str
    field: Literal["description", "acceptance_criteria"] = "description"
    changed_by: str | None = None


LeaseSeconds = Annotated[int, Ge(0), Le(limits.LEASE_SECONDS_MOST)]


@dataclass(frozen=True)
class ClaimRequest:
    """A claim to make. With `lease_seconds` 0 it lasts until it is released; `force` takes over from the holder."""

    claimed_by: str | None = None
    lease_seconds: LeaseSeconds | None = None
    force: bool = False


@dataclass(frozen=True)
class Renewal:
    """A lease to renew, with another length if it has one."""

    lease_seconds: LeaseSeconds | None = None


@dataclass(frozen=True)
class Release:
    """A claim to end: with a note for the next holder, and a column if the ticket does not go back.

    `not_before` parks the ticket until that time. `reason` is why, in a few words; the note begins with it.
    """

    note: str | None = None
    column: str | None = None
    released_by: str | None = None
    force: bool = False
    not_before: str | None = None
    reason: Annotated[str, MaxLen(limits.REASON_CHARACTERS)] | None = None


@dataclass(frozen=True)
class NextRequest:
    """Which ticket to choose, and whether to claim it in the same step.

    `wait_seconds` waits for one, in the order of asking (`place` is that of the last response). `or_reply`: a reply on
    a ticket that the sender holds in a waiting column comes first. `resume`: the ticket that the sender holds is
    claimed anew, and its former token ends. `following`: how many tickets to list that come after it. `can`: only
    tickets that need nothing beyond these tags; by default what the user or token can, which is the most.
    """

    claim: bool = False
    labels: Annotated[list[str], MaxLen(limits.LABELS)] = field(default_factory=list)
    columns: Annotated[list[str], MaxLen(limits.COLUMNS)] | None = None
    assignee: str | None = None
    lease_seconds: LeaseSeconds | None = None
    claimed_by: str | None = None
    wait_seconds: Annotated[float, Ge(0), Le(limits.NEXT_WAIT_SECONDS)] = 0
    place: Annotated[str, MaxLen(100)] | None = None
    or_reply: bool = False
    resume: bool = False
    following: Annotated[int, Ge(0), Le(limits.FOLLOWING)] = 0
    can: Tags | None = None


@dataclass(frozen=True)
class DoneRequest:
    """A ticket to finish: note, criteria to tick, their evidence, done column (by default the first), next claim."""

    note: str | None = None
    check: Literal["all"] | Annotated[list[CriterionNumber], MaxLen(limits.BULK_TICKETS)] | None = None
    evidence: str | None = None
    column: str | None = None
    next: NextRequest | None = None
    done_by: str | None = None
    force: bool = False


@dataclass(frozen=True)
class BlockRequest:
    """The tickets that a ticket waits for, or no longer waits for."""

    on: Annotated[list[Id], MinLen(1), MaxLen(limits.BLOCKERS)]
    changed_by: str | None = None


@dataclass(frozen=True)
class QuestionRequest:
    """A question about a ticket, which waits meanwhile: in `column`, or by default in the first waiting column.

    `to` is who is asked; by default those whom the text mentions, else who created the ticket.
    """

    text: str
    column: str | None = None
    asked_by: str | None = None
    force: bool = False
    to: str | None = None


@dataclass(frozen=True)
class Withdrawal:
    """The end of a question without an answer. `note` is a comment, which who closes the question of another owes."""

    note: str | None = None
    withdrawn_by: str | None = None


@dataclass(frozen=True)
class ArchiveRequest:
    """For how many days a ticket must have been done to be archived."""

    days: Annotated[int, Ge(0), Le(36_500)] = limits.ARCHIVE_DAYS
    archived_by: str | None = None


if not TYPE_CHECKING:
    __getattr__ = deprecated_names(
        __name__,
        {
            "Claiming": "ClaimRequest",
            "Blocking": "BlockRequest",
            "Asking": "QuestionRequest",
            "Archiving": "ArchiveRequest",
            "Next": "NextRequest",
        },
    )
