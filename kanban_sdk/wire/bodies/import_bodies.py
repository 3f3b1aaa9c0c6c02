"""Tickets of another tracker, as clients send them. Loaded only by the server and by type checkers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NotRequired

from annotated_types import MaxLen, MinLen
from typing_extensions import TypedDict

from kanban_sdk.wire import limits


@dataclass(frozen=True)
class ImportedComment:
    """A comment that was written in another tracker."""

    text: str
    author: str
    created_at: str | None = None


SourceId = Annotated[str, MinLen(1), MaxLen(limits.SOURCE_ID_CHARACTERS)]


class ImportedLink(TypedDict):
    """A link of an imported ticket; its kind is always inferred from `ref`, whatever `kind` says."""

    ref: str
    kind: NotRequired[str]


@dataclass(frozen=True)
class ImportedChange:
    """A change that was made to the ticket there: an entry of `GET /api/history/tickets/{id}/history`."""

    field_name: Annotated[str, MinLen(1), MaxLen(limits.FIELD_NAME_CHARACTERS)]
    changed_at: str
    changed_by: str | None = None
    old_value: object = None
    new_value: object = None


@dataclass(frozen=True)
class ImportedTicket:
    """A ticket of another tracker. `source_id` is its name there, and unique on the board.

    `blocked_by_sources` and `parent_source` name other tickets by their `source_id`; if they are absent, the ticket's
    blockers and parent stay as they are. `status` is the source's name for the state that `current_column` represents:
    if it is sent, it alone decides whether the state changed at the source, whatever happens to the board's columns.
    `former_source_ids` are names under which the same ticket may have been imported before: if the board has no ticket
    of `source_id`, but one of a former name, that one gets the new name. `archived` puts a new ticket into the archive,
    and `deleted` into the trash; what is known already stays where it is. A past `not_before` counts as none.

    `history` are changes that were made to the ticket there, in any order; of one time, the newest first. Each is taken
    once, whatever the ticket is now: it changes nothing but the ticket's history.
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
    not_before: str | None = None
    needs: list[str] = field(default_factory=list)
    links: list[ImportedLink] = field(default_factory=list)
    blocked_by_sources: Annotated[list[SourceId], MaxLen(limits.BULK_TICKETS)] | None = None
    parent_source: SourceId | None = None
    former_source_ids: Annotated[list[SourceId], MaxLen(limits.FORMER_SOURCE_IDS)] = field(default_factory=list)
    archived: bool = False
    deleted: bool = False
    extra: dict[str, Any] | None = None
    comments: list[ImportedComment] = field(default_factory=list)
    history: list[ImportedChange] = field(default_factory=list)


@dataclass(frozen=True)
class Import:
    """Tickets of another tracker, each once.

    If a field changed on both sides since the last import, the board's value stays; with `prefer`, the source's value
    is taken. `force` also changes tickets that another user holds; this is recorded.
    """

    tickets: Annotated[list[ImportedTicket], MaxLen(limits.IMPORT_TICKETS)]
    imported_by: str | None = None
    prefer: Literal["source"] | None = None
    force: bool = False
