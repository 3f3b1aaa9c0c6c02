"""What agents' tools take. Fields say in a few words what the name does not: every byte is read by models.

Null is as good as absent, since models fill fields that they do not need with null; an empty text clears.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from kanban_sdk.wire import limits
from kanban_sdk.wire.bodies import Id, LeaseSeconds

LIST_MOST = 100
"""Tickets in one list, at most."""
FILES_MOST = 10
"""Files in one call, at most."""
WAIT_SECONDS = 45
WAIT_MOST = 49
"""Clients give up a call after 60 seconds, or 50."""

Key = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=limits.IDEMPOTENCY_KEY_CHARACTERS,
        description="For retries: one effect.",
    ),
]
Lease = Annotated[str | None, Field(description="Your claim's token.")]
Board = Annotated[Id | None, Field(description="Default: the only one.")]
Version = Annotated[Id | None, Field(description="Refused if it changed since.")]
Tags = Annotated[list[str] | None, Field(max_length=limits.TAGS)]
Day = Annotated[str | None, Field(description="YYYY-MM-DD")]
Files = Annotated[
    dict[str, str] | None,
    Field(max_length=FILES_MOST, description="To attach: name to text, or data:;base64,…"),
]
Force = Annotated[bool, Field(description="Override holders and limits.")]


class Arguments(BaseModel):
    """What a tool takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BoardState(Arguments):
    """What `board_state` takes."""

    board: Board = None


class TicketList(Arguments):
    """What `ticket_list` takes."""

    board: Board = None
    column: str | None = None
    assignee: Annotated[str | None, Field(description="'' is nobody.")] = None
    label: str | None = None
    search: Annotated[str | None, Field(max_length=limits.SEARCH_CHARACTERS, description="Words begin so.")] = None
    all_boards: Annotated[bool, Field(description="With search, limit, cursor only.")] = False
    cursor: Annotated[str | None, Field(description="Of the last answer.")] = None
    ready: Annotated[bool, Field(description="Can be taken now.")] = False
    limit: Annotated[int, Field(ge=1, le=LIST_MOST)] = 20
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1


class TicketGet(Arguments):
    """What `ticket_get` takes."""

    ticket: Id
    full: Annotated[bool, Field(description="Nothing cut.")] = False


class TicketCreate(Arguments):
    """What `ticket_create` takes."""

    title: str
    description: str | None = None
    acceptance_criteria: Annotated[str | None, Field(description="One a line.")] = None
    priority: Annotated[str | None, Field(description="critical, high, medium, low, or 1.2")] = None
    assignee: str | None = None
    labels: list[str] | None = None
    column: Annotated[str | None, Field(description="Default: the first.")] = None
    blocked_by: Annotated[list[Id] | None, Field(max_length=limits.BLOCKERS)] = None
    parent: Id | None = None
    due_date: Day = None
    not_before: Annotated[str | None, Field(description="Parked until then, ISO-8601.")] = None
    needs: Annotated[Tags, Field(description="Who gets it can these.")] = None
    board: Board = None
    key: Key = None


class TicketUpdate(Arguments):
    """What `ticket_update` takes."""

    ticket: Id
    title: str | None = None
    description: str | None = None
    acceptance_criteria: str | None = None
    priority: str | None = None
    assignee: str | None = None
    due_date: Day = None
    not_before: str | None = None
    needs: Tags = None
    check: Annotated[list[Id] | None, Field(description="Ticks these criteria, counted from 1.")] = None
    uncheck: list[Id] | None = None
    append: Annotated[str | None, Field(description="To the end of the description.")] = None
    add_labels: list[str] | None = None
    remove_labels: list[str] | None = None
    add_links: Annotated[list[str] | None, Field(description="URLs, commit hashes.")] = None
    done: Annotated[bool, Field(description="To the done column; your claim ends.")] = False
    note: Annotated[str | None, Field(description="With done: what came of it.")] = None
    check_all: Annotated[bool, Field(description="With done: ticks all criteria.")] = False
    next: Annotated[bool, Field(description="With done: claims the next ticket too.")] = False
    version: Version = None
    lease: Lease = None
    key: Key = None


class TicketMove(Arguments):
    """What `ticket_move` takes."""

    ticket: Id
    column: str
    before: Annotated[Id | None, Field(description="A ticket there.")] = None
    after: Id | None = None
    place: Literal["top", "bottom"] | None = None
    version: Version = None
    lease: Lease = None
    force: Force = False


class TicketNext(Arguments):
    """What `ticket_next` takes."""

    board: Board = None
    labels: Annotated[list[str] | None, Field(description="It has all of these.")] = None
    can: Annotated[Tags, Field(description="What you can.")] = None
    peek: Annotated[bool, Field(description="Claim nothing.")] = False
    wait: Annotated[float, Field(ge=0, le=WAIT_MOST, description="Seconds; then call again.")] = 0
    place: Annotated[str | None, Field(max_length=100, description="Of the last answer: keeps your place.")] = None
    or_reply: Annotated[bool, Field(description="A reply to your question comes first.")] = False
    lease_seconds: LeaseSeconds | None = None
    key: Key = None


class TicketLease(Arguments):
    """What `ticket_lease` takes."""

    ticket: Id
    action: Literal["claim", "renew", "release"]
    lease: Lease = None
    lease_seconds: Annotated[LeaseSeconds | None, Field(description="Default 1800; 0: no end.")] = None
    note: Annotated[str | None, Field(description="For who comes next.")] = None
    column: Annotated[str | None, Field(description="Default: back.")] = None
    not_before: Annotated[str | None, Field(description="Parks it.")] = None
    force: Force = False


class CommentAdd(Arguments):
    """What `comment_add` takes."""

    ticket: Id
    text: str
    files: Files = None
    read: Annotated[str | None, Field(description="Marks your inbox read up to its cursor.")] = None
    lease: Lease = None
    key: Key = None


class TicketAsk(Arguments):
    """What `ticket_ask` takes."""

    ticket: Id
    text: Annotated[str, Field(description="@name says who; else who created it.")]
    to: str | None = None
    column: Annotated[str | None, Field(description="Default: the first waiting one.")] = None
    lease: Lease = None
    key: Key = None


class TicketDepend(Arguments):
    """What `ticket_depend` takes."""

    ticket: Id
    on: Annotated[list[Id] | None, Field(max_length=limits.BLOCKERS, description="Wait for these too.")] = None
    off: Annotated[list[Id] | None, Field(max_length=limits.BLOCKERS, description="No longer for these.")] = None
    parent: Annotated[int | None, Field(ge=0, le=limits.ID_MOST, description="0: none.")] = None
    lease: Lease = None


class WaitEvents(Arguments):
    """What `wait_events` takes."""

    board: Board = None
    after: Annotated[str | None, Field(description="The last cursor. Default: from now.")] = None
    events: Annotated[list[str] | None, Field(description="Such as ticket_unblocked, comment_added.")] = None
    ticket: Id | None = None
    own: Annotated[bool, Field(description="Also your own.")] = False
    seconds: Annotated[float, Field(ge=0, le=WAIT_MOST)] = WAIT_SECONDS
