"""An importable ticket, as `POST /api/boards/{id}/import` takes it, and where it came from."""

from dataclasses import dataclass, field
from typing import NamedTuple, NotRequired

from typing_extensions import TypedDict


class CommentFields(TypedDict):
    """A comment of an importable ticket."""

    text: str
    author: str
    created_at: str | None


class ChangeFields(TypedDict):
    """A change in the history of an importable ticket."""

    field_name: str
    old_value: object
    new_value: object
    changed_by: str
    changed_at: str


class LinkFields(TypedDict):
    """A link of an importable ticket."""

    ref: str


class Stand(TypedDict):
    """Where a ticket stands: its column, and the source's own word for it."""

    current_column: str | None
    status: str | None


class Texts(TypedDict):
    """The texts of a ticket, within the limits."""

    title: str
    description: str | None
    acceptance_criteria: str | None
    comments: list[CommentFields]


class TicketFields(TypedDict):
    """An importable ticket (`kanban_sdk.wire.bodies.import_bodies.ImportedTicket`)."""

    source_id: str
    title: str
    current_column: NotRequired[str | None]
    status: NotRequired[str | None]
    description: NotRequired[str | None]
    acceptance_criteria: NotRequired[str | None]
    priority: NotRequired[str | None]
    assignee: NotRequired[str | None]
    labels: NotRequired[list[str]]
    created_by: NotRequired[str | None]
    created_at: NotRequired[str | None]
    updated_at: NotRequired[str | None]
    column_entered_at: NotRequired[str | None]
    due_date: NotRequired[str | None]
    not_before: NotRequired[str | None]
    needs: NotRequired[list[str]]
    links: NotRequired[list[LinkFields]]
    blocked_by_sources: NotRequired[list[str] | None]
    parent_source: NotRequired[str | None]
    former_source_ids: NotRequired[list[str]]
    archived: NotRequired[bool]
    deleted: NotRequired[bool]
    extra: NotRequired[dict[str, object]]
    comments: NotRequired[list[CommentFields]]
    history: NotRequired[list[ChangeFields]]


class Unclear(TypedDict):
    """A value that was not understood, with its field. `reason` is there if more than the value is to be said."""

    field: str
    value: object
    reason: NotRequired[str]


class Place(NamedTuple):
    """Where a ticket was read: a file, and its line, or the place in a file that has no lines."""

    file: str
    line: int
    place: str = ""

    def __str__(self) -> str:
        return f"{'stdin' if self.file == '-' else self.file}, {self.place or f'line {self.line}'}"


@dataclass
class ParsedTicket:
    """A ticket to import, where it came from, and what was not understood of it.

    Its blockers and its parent are still named as in the file: `formats.links` replaces the names.
    """

    place: Place
    ticket: TicketFields
    unclear: list[Unclear] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    continued: bool = False
    """Whether it is the ticket before it again, with more of its history."""
