"""Tickets, lists of tickets, and the results of changes to several tickets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kanban_sdk.deprecation import deprecated_names
from kanban_sdk.wire.comments import Comment
from kanban_sdk.wire.files import File
from kanban_sdk.wire.shape import Shape, list_of, readers


@dataclass(frozen=True)
class Claim(Shape):
    """Who holds a ticket. `number` increases by one with each claim of that ticket."""

    holder: str
    number: int


@dataclass(frozen=True)
class Lease(Shape):
    """The lease that a claim's holder writes under. `expires_in` is in seconds; None means until it is released.

    `renewed_at` is when the holder last wrote on the ticket or renewed the lease. Only a ticket that is read has it.
    """

    token: str
    holder: str
    expires_in: float | None
    renewed_at: str | None = None


@dataclass(frozen=True)
class Attempt(Shape):
    """One claim of a ticket: its holder, its start and end, how it ended (`reason`), and the note.

    `reason` is released, lease_expired, done or forced; None while the claim is alive.
    """

    number: int
    holder: str
    claimed_at: str
    ended_at: str | None = None
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Link(Shape):
    """A link of a ticket: to a `commit`, a `pull-request` or another `url`. `ref` is the address, or the hash."""

    kind: str
    ref: str


@dataclass(frozen=True)
class Criteria(Shape):
    """How many of the acceptance criteria are ticked, and how many there are."""

    done: int
    all: int


@dataclass(frozen=True)
class Ticket(Shape):
    """A ticket.

    `place` orders the tickets of a column: compare as bytes, never as numbers. `version` increases by one with each
    change to the ticket itself. Times are ISO-8601 in UTC. `open_blockers` is how many of `blocked_by` are not done
    yet, and `open_children` how many of its `children`. `due_date` is `YYYY-MM-DD`. `criteria` counts the lines of
    `acceptance_criteria`; None if there are none. `open_question` is the comment that waits for an answer
    of one of the users `asked`; of anybody if there are none.
    A parked ticket is not ready before the time `not_before`; once it has come, that is None. `needs` are
    tags, such as `gpu`: `next` gives it only to who can them all. `archived_at` is set if
    the ticket is archived. With `bodies=false`, long texts are None and `sizes` has their sizes in bytes. A single
    ticket has the `lease` of its holder, and lists its `attempts`. If a change moved it into a done column, `unmet`
    names what it lacks there: `criteria`, `answers`, `blockers`, `children`; absent if it lacks nothing.
    """

    id: int
    board_id: int
    title: str
    description: str | None
    acceptance_criteria: str | None
    priority: str
    assignee: str | None
    labels: list[str]
    current_column: str
    place: str
    created_by: str
    updated_by: str
    assigned_by: str | None
    created_at: str
    updated_at: str
    column_entered_at: str
    version: int
    comment_count: int = 0
    claim: Claim | None = None
    source_id: str | None = None
    extra: dict[str, Any] | None = None
    blocked_by: list[int] = field(default_factory=list)
    parent: int | None = None
    due_date: str | None = None
    links: list[Link] = field(default_factory=list)
    not_before: str | None = None
    needs: list[str] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    open_blockers: int = 0
    children: int = 0
    open_children: int = 0
    criteria: Criteria | None = None
    open_question: int | None = None
    archived_at: str | None = None
    sizes: dict[str, int] | None = None
    lease: Lease | None = None
    attempts: list[Attempt] | None = None
    unmet: list[str] | None = None

    READERS = readers(
        claim=Claim.read,
        lease=Lease.read,
        links=list_of(Link.read),
        files=list_of(File.read),
        criteria=Criteria.read,
        attempts=list_of(Attempt.read),
    )


DERIVED = frozenset(
    {
        "open_blockers", "children", "open_children", "criteria", "open_question", "archived_at", "sizes", "lease",
        "attempts", "unmet",
    }
)  # fmt: skip
"""Fields of a ticket that are computed when it is read: no event carries them, and they are not folded."""


@dataclass(frozen=True)
class NextTicket(Shape):
    """The ticket to work on next. Without one, `reason` is empty, all-blocked, all-held, column-full or user-limit.

    `ready_for` is how many ready tickets are assigned to each other user. `why` says in one line what the tickets that
    are left wait for; `stop` that all is done, waits for people or is meant for others: nothing comes by itself.
    `questions` are the tickets on which a question of the sender is open, and `holds` those that the sender holds.
    `reply` is a reply that came first. `place` is the place in the queue, for the next request that waits.
    `following` are the ready tickets that come after `ticket`, in this order. `not_before` is when the first parked
    ticket comes that the sender may then take.
    """

    ticket: Ticket | None
    reason: str | None = None
    ready: int | None = None
    blocked: int | None = None
    held: int | None = None
    ready_for: dict[str, int] | None = None
    stop: bool | None = None
    why: str | None = None
    questions: list[int] | None = None
    holds: list[int] | None = None
    reply: Comment | None = None
    place: str | None = None
    following: list[Ticket] | None = None
    not_before: str | None = None

    READERS = readers(ticket=Ticket.read, reply=Comment.read, following=list_of(Ticket.read))


@dataclass(frozen=True)
class TicketPage(Shape):
    """One page of tickets; pages count from 1."""

    items: list[Ticket]
    total: int
    page: int
    page_size: int
    total_pages: int
    has_next: bool
    has_previous: bool

    READERS = readers(items=list_of(Ticket.read))


@dataclass(frozen=True)
class TicketMoveResult(Shape):
    """The result for one ticket of a bulk request."""

    ticket_id: int
    success: bool
    error: str | None = None
    old_column: str | None = None
    new_column: str | None = None
    unmet: list[str] | None = None


@dataclass(frozen=True)
class BulkMoveResult(Shape):
    """The result of a bulk move."""

    total_requested: int
    successful_moves: int
    failed_moves: int
    results: list[TicketMoveResult] = field(default_factory=list)

    READERS = readers(results=list_of(TicketMoveResult.read))


@dataclass(frozen=True)
class Change(Shape):
    """One field of one change in a ticket's history."""

    id: int
    ticket_id: int
    field_name: str
    old_value: object
    new_value: object
    changed_by: str
    changed_at: str


@dataclass(frozen=True)
class ImportReport(Shape):
    """A report of an import about one ticket or one column.

    `kind` is `conflict` (`fields` changed here and at the source; they stayed, unless `taken`), `held` (`fields`
    changed at the source and stayed, since `held_by` holds the ticket), `over-limit` (`column` has a `limit` and holds
    `count` tickets) or `not-understood` (the `value` of the one field in `fields` was not; `reason` is `missing`,
    `cycle` or `too-many`). `state` is `deleted` or `archived` if the ticket is off the board and stayed as it was.
    """

    kind: str
    source_id: str | None = None
    ticket_id: int | None = None
    fields: list[str] = field(default_factory=list)
    taken: bool = False
    state: str | None = None
    held_by: str | None = None
    value: object = None
    reason: str | None = None
    column: str | None = None
    limit: int | None = None
    count: int | None = None


@dataclass(frozen=True)
class ImportResult(Shape):
    """The result of an import request, and the ids of the tickets here: `{source_id: ticket id}`.

    Each ticket is `created`, `updated` or `unchanged`. `conflicts`, `held`, `over_limits` and `not_understood` count
    the `reports` of each kind. `unlinked` lists tickets that name others which are not on the board (yet): imported
    again after them, they are linked.
    """

    created: int
    updated: int
    unchanged: int
    ids: dict[str, int] = field(default_factory=dict)
    unlinked: list[str] = field(default_factory=list)
    conflicts: int = 0
    held: int = 0
    over_limits: int = 0
    not_understood: int = 0
    reports: list[ImportReport] = field(default_factory=list)

    READERS = readers(reports=list_of(ImportReport.read))


if not TYPE_CHECKING:
    __getattr__ = deprecated_names(
        __name__,
        {
            "Chosen": "NextTicket",
            "BulkMoved": "BulkMoveResult",
            "BulkResult": "TicketMoveResult",
            "Imported": "ImportResult",
        },
    )
