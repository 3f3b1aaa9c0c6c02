"""What agents' tools take and give. Fields say in a few words what the name does not: every byte is read by models.

In what a tool takes, null is as good as absent, since models fill fields that they do not need with null; an empty text
clears. In what it gives, a field that has nothing to say is left out.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from typing_extensions import TypedDict

from kanban_sdk.wire import limits
from kanban_sdk.wire.bodies import Id, LeaseSeconds

LIST_MOST = 100
"""Tickets in one list, at most."""
WAIT_SECONDS = 45
WAIT_MOST = 49
"""Clients give up a call after 60 seconds, or 50."""

Key = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=limits.IDEMPOTENCY_KEY_CHARACTERS,
        description="Send the same key in a retry: it takes effect once.",
    ),
]
Lease = Annotated[str | None, Field(description="Your claim's token: refused if the claim has ended.")]
Board = Annotated[Id | None, Field(description="Default: the only board.")]
Version = Annotated[Id | None, Field(description="Refused if the ticket has changed since.")]
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
    ready: Annotated[bool, Field(description="Only what can be taken now.")] = False
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
    priority: Annotated[str | None, Field(description="critical, high, medium, low, or such as 1.2")] = None
    assignee: str | None = None
    labels: list[str] | None = None
    column: Annotated[str | None, Field(description="Default: the first.")] = None
    blocked_by: Annotated[list[Id] | None, Field(max_length=limits.BLOCKERS)] = None
    parent: Id | None = None
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
    append: Annotated[str | None, Field(description="Goes to the end of the description.")] = None
    add_labels: list[str] | None = None
    remove_labels: list[str] | None = None
    version: Version = None
    lease: Lease = None
    key: Key = None


class TicketMove(Arguments):
    """What `ticket_move` takes."""

    ticket: Id
    column: Annotated[str, Field(description="Case does not matter.")]
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
    peek: Annotated[bool, Field(description="Look only, claim nothing.")] = False
    lease_seconds: LeaseSeconds | None = None
    key: Key = None


class TicketLease(Arguments):
    """What `ticket_lease` takes."""

    ticket: Id
    action: Literal["claim", "renew", "release"]
    lease: Lease = None
    lease_seconds: Annotated[LeaseSeconds | None, Field(description="Default 1800; 0: no end.")] = None
    note: Annotated[str | None, Field(description="On release: for who comes next.")] = None
    column: Annotated[str | None, Field(description="On release: where to. Default: back.")] = None
    force: Force = False


class CommentAdd(Arguments):
    """What `comment_add` takes."""

    ticket: Id
    text: str
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
    own: Annotated[bool, Field(description="Also what you did yourself.")] = False
    seconds: Annotated[float, Field(ge=0, le=WAIT_MOST)] = WAIT_SECONDS


class Row(TypedDict):
    """A ticket in a list."""

    id: int
    column: str
    assignee: NotRequired[str]
    title: str


class Listed(TypedDict):
    """A page of tickets."""

    tickets: list[Row]
    shown: int
    total: int


class Column(TypedDict):
    """A column of a board."""

    name: str
    role: str
    tickets: int
    limit: NotRequired[int]


class Held(TypedDict):
    """A ticket that is the caller's own."""

    id: int
    column: str
    lease: NotRequired[str]
    title: str


class Known(TypedDict):
    """A board, among others."""

    id: int
    name: str
    tickets: int


class State(TypedDict, total=False):
    """A board at a glance; or the boards that there are."""

    you: str
    board: int
    name: str
    columns: list[Column]
    mine: list[Held]
    ready: list[Row]
    ready_total: int
    cursor: str
    boards: list[Known]


class Done(TypedDict):
    """What became of a ticket."""

    id: int
    column: str
    version: int
    assignee: NotRequired[str]
    lease: NotRequired[str]
    expires_in: NotRequired[int]


class Choice(TypedDict, total=False):
    """The ticket to work on; or why there is none."""

    ticket: dict[str, Any]
    reason: Literal["empty", "all-blocked", "all-held", "column-full", "user-limit"]
    ready: int
    blocked: int
    held: int


class Said(TypedDict):
    """A comment that was made."""

    id: int
    ticket: int


class Whole(TypedDict):
    """A ticket with what belongs to it. More fields come where they have something to say."""

    id: int
    board: int
    title: str
    column: str
    version: int
    labels: NotRequired[list[str]]
    blocked_by: NotRequired[list[int]]
    description: NotRequired[str]
    acceptance_criteria: NotRequired[str]
    comments: NotRequired[list[dict[str, Any]]]


class Heard(TypedDict):
    """Events, and where to go on."""

    events: list[dict[str, Any]]
    cursor: str
    timed_out: bool


SAID = frozenset({"type", "properties", "required", "items", "enum", "description", "additionalProperties"})
"""What of a schema is worth its bytes; bounds are told by the refusal."""


def taken(type: Any) -> dict[str, Any]:
    """The JSON Schema of what a tool takes, in few bytes: without titles, nulls, references and bounds."""
    return _slim(TypeAdapter(type).json_schema())


def told(type: Any) -> dict[str, Any]:
    """The JSON Schema of what a tool gives: its fields, and not what is within them, which its answers show."""
    slim = _slim(TypeAdapter(type).json_schema(mode="serialization"))
    for field in slim["properties"].values():
        if "items" in field:
            field["items"] = {"type": field["items"]["type"]}
    return slim


def _slim(node: dict[str, Any], defined: dict[str, Any] | None = None) -> dict[str, Any]:
    defined = node.get("$defs", {}) if defined is None else defined
    if "$ref" in node:
        node = defined[node["$ref"].rpartition("/")[2]]
    for choice in node.get("anyOf", ()):
        if choice != {"type": "null"}:
            node = {**choice, **node}
    kept = {name: value for name, value in node.items() if name in SAID}
    if "properties" in kept:
        kept["properties"] = {name: _slim(inner, defined) for name, inner in kept["properties"].items()}
        kept.pop("description", None)  # the class says it to who reads the code
    if "items" in kept:
        kept["items"] = _slim(kept["items"], defined)
    if kept.get("additionalProperties") is True:
        del kept["additionalProperties"]
    if isinstance(default := node.get("default"), int) and not isinstance(default, bool):
        kept["default"] = default
    return kept
