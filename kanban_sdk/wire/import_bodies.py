"""Tickets that were made elsewhere, as clients send them. Loaded by the server and by type checkers only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NotRequired

from annotated_types import MaxLen, MinLen
from typing_extensions import TypedDict

from kanban_sdk.wire import limits


@dataclass(frozen=True)
class ImportedComment:
    """A comment that was written elsewhere."""

    text: str
    author: str
    created_at: str | None = None


SourceId = Annotated[str, MinLen(1), MaxLen(limits.SOURCE_ID_CHARACTERS)]


class ImportedLink(TypedDict):
    """What a ticket points to; the kind is found out anew, whatever `kind` says."""

    ref: str
    kind: NotRequired[str]


@dataclass(frozen=True)
class ImportedTicket:
    """A ticket that was made elsewhere. `source_id` is its name there, and unique on the board.

    `blocked_by_sources` and `parent_source` name other tickets by their `source_id`; where they are absent, what the
    ticket waits for and is part of stays as it is. `status` is what the source calls the state that `current_column`
    stands for: where it is sent, it says whether the state changed there, whatever becomes of the board's columns.
    """

    source_id: SourceId
    title: str
    current_column: str | None = None
    status: Annotated[str, MaxLen(limits.SOURCE_ID_CHARACTERS)] | None = None
    description: str | None = None
    acceptance_criteria: str | None = None
    priority: str | None = None
    assignee: str | None = None
    labels: list[str] = field(default_factory=list)
    created_by: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    column_entered_at: str | None = None
    due_date: str | None = None
    links: list[ImportedLink] = field(default_factory=list)
    blocked_by_sources: Annotated[list[SourceId], MaxLen(limits.BULK_TICKETS)] | None = None
    parent_source: SourceId | None = None
    extra: dict[str, Any] | None = None
    comments: list[ImportedComment] = field(default_factory=list)


@dataclass(frozen=True)
class Import:
    """Tickets that were made elsewhere, each once.

    Where a field changed on both sides since the last import, the board's value stays, and with `prefer` the source's
    is taken. `force` also changes tickets that somebody else holds; it is recorded.
    """

    tickets: Annotated[list[ImportedTicket], MaxLen(limits.IMPORT_TICKETS)]
    imported_by: str | None = None
    prefer: Literal["source"] | None = None
    force: bool = False
