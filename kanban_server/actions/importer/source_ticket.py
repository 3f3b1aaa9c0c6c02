"""A ticket as sent by its source: validated, compared with the last import (its base), and turned into a new base."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import orjson

from kanban_sdk.wire.boards import Column
from kanban_sdk.wire.bodies.import_bodies import ImportedChange, ImportedComment, ImportedTicket
from kanban_sdk.wire.tickets import Link
from kanban_server.actions.importer.history import read_history
from kanban_server.rules import actors, links, priorities, timestamps, validation
from kanban_server.rules.three_way_merge import digest, digest_object, digests
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries.import_bases import ImportBase

NOTHING = digest(None)
"""The base of a field that an earlier version did not import."""
UNLINKED_FIELDS = ("blocked_by_sources", "parent_source")
"""The keys of `extra` with names that could not be linked; the same as the request's fields."""


class SourceColumns(TypedDict):
    """The columns of a ticket that come from its source."""

    title: str
    description: str | None
    acceptance_criteria: str | None
    priority: str
    assignee: str | None
    due_date: str | None
    not_before: str | None
    labels: str
    links: str
    needs: str


@dataclass(frozen=True)
class SourceTicket:
    """An imported ticket, with its values in stored form."""

    ticket: ImportedTicket
    texts: dict[str, str | None]
    """Title, description, criteria, priority, assignee, due date and `not_before`."""
    labels: list[str]
    links: list[Link]
    needs: list[str]
    column: Column | None
    """Its column, if the source sent one."""
    extra: dict[str, Any]
    comments: list[tuple[str, ImportedComment]]
    """Each comment with a key that identifies it within the ticket (see `_key_comments`)."""
    history: list[ImportedChange]
    """The changes that were made to it there, oldest first."""

    @classmethod
    def read(cls, board: LockedBoard, imported: ImportedTicket) -> SourceTicket:
        """Validate and clean an imported ticket. Refused: as for a new ticket."""
        extra = validation.check_extra(imported.extra) or {}
        if has_links(imported):
            extra = {name: value for name, value in extra.items() if name not in UNLINKED_FIELDS}
        return cls(
            ticket=imported,
            texts={
                "title": validation.check_title(imported.title),
                "description": validation.check_text(imported.description),
                "acceptance_criteria": validation.check_text(imported.acceptance_criteria, "acceptance_criteria"),
                "priority": priorities.check_priority(imported.priority),
                "assignee": actors.check_assignee(imported.assignee),
                "due_date": timestamps.parse_day(imported.due_date),
                "not_before": _read_not_before(imported.not_before, board.now),
            },
            labels=validation.check_labels(imported.labels),
            links=links.parse_links(link["ref"] for link in imported.links),
            needs=validation.check_tags(imported.needs, "needs"),
            column=board.column(imported.current_column) if imported.current_column else None,
            extra=extra,
            comments=_key_comments(imported.comments),
            history=read_history(imported),
        )

    @property
    def columns(self) -> SourceColumns:
        """The columns of a new ticket that come from the source."""
        return {
            "title": self.texts["title"] or "",
            "description": self.texts["description"],
            "acceptance_criteria": self.texts["acceptance_criteria"],
            "priority": self.texts["priority"] or "",
            "assignee": self.texts["assignee"],
            "due_date": self.texts["due_date"],
            "not_before": self.texts["not_before"],
            "labels": orjson.dumps(self.labels).decode(),
            "links": orjson.dumps(self.links).decode(),
            "needs": orjson.dumps(self.needs).decode(),
        }

    @property
    def status(self) -> str | None:
        """The digest, for the base, of the source's own name of the ticket's state."""
        return digest(self.ticket.status) if self.ticket.status else None

    def build_base(self, column_id: int, comments: Sequence[int]) -> ImportBase:
        """Build the base, without the links to other tickets. `comments` has the ids of the comments, in order.

        `column_id` is the ticket's column, for a source that sends none.
        """
        keyed_ids = zip(self.comments, comments, strict=False)
        return {
            "texts": {name: digest(value) for name, value in self.texts.items()},
            "labels": digests(self.labels),
            "links": digests(link.ref for link in self.links),
            "needs": digests(self.needs),
            "column": self.column.id if self.column else column_id,
            "status": self.status,
            "extra": digest_object(self.extra),
            "comments": {key: [id, digest(comment.text)] for (key, comment), id in keyed_ids},
        }

    def column_changed(self, base: ImportBase) -> bool:
        """Whether the source's state differs from that of the last import.

        If both have a status, the status decides, since its column may be another one by now.
        """
        if self.column is None:
            return False
        if self.status and base["status"]:
            return bool(self.status != base["status"])
        return bool(self.column.id != base["column"])

    def changed_fields(self, base: ImportBase) -> list[str]:
        """The fields that differ from the last import, without the links to other tickets."""
        texts = base["texts"]
        fields = [name for name, value in self.texts.items() if digest(value) != texts.get(name, NOTHING)]
        lists = {"labels": self.labels, "links": [link.ref for link in self.links], "needs": self.needs}
        fields += [name for name, values in lists.items() if {*digests(values)} != {*base.get(name, ())}]
        fields += ["current_column"] if self.column_changed(base) else []
        fields += ["extra"] if digest_object(self.extra) != base["extra"] else []
        base_comments = base["comments"]
        has_new_comments = any(
            key not in base_comments or base_comments[key][1] != digest(comment.text) for key, comment in self.comments
        )
        return [*fields, "comments"] if has_new_comments else fields


def has_links(imported: ImportedTicket) -> bool:
    """Whether an import names blockers or a parent of the ticket."""
    return imported.blocked_by_sources is not None or imported.parent_source is not None


def _read_not_before(text: str | None, now: str) -> str | None:
    """The time until which a ticket is parked, in the stored format; None if it has passed."""
    if text is None or not text.strip():
        return None
    time = timestamps.parse_timestamp(text.strip(), now, field="not_before")
    return time if time > now else None


def _key_comments(comments: Sequence[ImportedComment]) -> list[tuple[str, ImportedComment]]:
    """Give each comment a key: the digest of its author, its time (or else its text), and its number among equals."""
    counts: Counter[tuple[str, str]] = Counter()
    keyed = []
    for comment in comments:
        validation.check_comment(comment.text)
        identity = (comment.author, comment.created_at or comment.text)
        counts[identity] += 1
        keyed.append((digest([*identity, counts[identity]]), comment))
    return keyed
