"""What agents' tools give. A field that has nothing to say is left out."""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict


class TicketRow(TypedDict):
    """A ticket in a list: the fields of `kanban_sdk.wire.slim.ROW`."""

    id: int
    board: NotRequired[str]
    column: str
    priority: NotRequired[str]
    assignee: NotRequired[str]
    held_by: NotRequired[str]
    open_blockers: NotRequired[int]
    open_children: NotRequired[int]
    open_question: NotRequired[int]
    due_date: NotRequired[str]
    labels: NotRequired[list[str]]
    parent: NotRequired[int]
    archived_at: NotRequired[str]
    title: str


class TicketPage(TypedDict):
    """A page of tickets. `total`: of one board; `cursor`: of a search of all boards that has more."""

    tickets: list[TicketRow]
    shown: int
    total: NotRequired[int]
    cursor: NotRequired[str]


class ColumnRow(TypedDict):
    """A column of a board."""

    name: str
    role: str
    tickets: int
    limit: NotRequired[int]


class HeldTicket(TypedDict):
    """A ticket that is the caller's own."""

    id: int
    column: str
    lease: NotRequired[str]
    title: str


class BoardRow(TypedDict):
    """A board, among others."""

    id: int
    name: str
    tickets: int


class InboxRow(TypedDict):
    """A comment that calls upon the caller; having read it is having read up to its cursor."""

    ticket: int
    kind: str
    by: str
    cursor: str
    text: str


class BoardSummary(TypedDict):
    """A board at a glance; or the boards that there are."""

    you: str
    board: NotRequired[int]
    name: NotRequired[str]
    columns: NotRequired[list[ColumnRow]]
    mine: NotRequired[list[HeldTicket]]
    ready: NotRequired[list[TicketRow]]
    ready_total: NotRequired[int]
    inbox: NotRequired[list[InboxRow]]
    unread: NotRequired[int]
    cursor: NotRequired[str]
    boards: NotRequired[list[BoardRow]]


class TicketResult(TypedDict):
    """What became of a ticket."""

    id: int
    column: str
    version: int
    assignee: NotRequired[str]
    lease: NotRequired[str]
    expires_in: NotRequired[int]


class NextResult(TypedDict, total=False):
    """The ticket to work on; or why there is none."""

    ticket: dict[str, object]
    reason: Literal["empty", "all-blocked", "all-held", "column-full", "user-limit"]
    ready: int
    blocked: int
    held: int
    ready_for: dict[str, int]
    stop: bool
    why: str
    questions: list[int]
    holds: list[int]
    not_before: str
    reply: dict[str, object]
    place: str


class DoneResult(TicketResult):
    """What became of a ticket, and the next one if it was wanted."""

    next: NotRequired[NextResult]


class CommentResult(TypedDict):
    """A comment that was made; `files` has the names of those that were attached, as they are on the ticket."""

    id: int
    ticket: int
    files: NotRequired[list[str]]


class QuestionResult(TicketResult):
    """A question that was asked; the reply comes behind the cursor. `answer` is what the person at the client said."""

    cursor: str
    answer: NotRequired[str]


class TicketDetails(TypedDict):
    """A ticket with what belongs to it. More fields come where they have something to say."""

    id: int
    board: int
    title: str
    column: str
    version: int


class EventsResult(TypedDict):
    """Events, and where to go on."""

    events: list[dict[str, object]]
    cursor: str
    timed_out: bool
