"""A ticket as its source has it: cleaned, compared with what was imported last (its base), and made into a base."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kanban_sdk.wire.boards import Column
from kanban_sdk.wire.import_bodies import ImportedComment, ImportedTicket
from kanban_sdk.wire.tickets import Link
from kanban_server.rules import links, names, priorities, texts, times
from kanban_server.rules.three_way import digest, digested_object, digests
from kanban_server.store.import_bases import Base
from kanban_server.store.locked import LockedBoard

NOT_LINKED = ("blocked_by_sources", "parent_source")
"""Where the names stand that could not be linked: in `extra`, under the words of the request."""


@dataclass(frozen=True)
class Source:
    """An imported ticket with its values as they are kept here."""

    ticket: ImportedTicket
    texts: dict[str, str | None]
    """Title, description, criteria, priority, assignee and due date."""
    labels: list[str]
    links: list[Link]
    column: Column | None
    """Where it stands, if the source says so."""
    extra: dict[str, Any]
    comments: list[tuple[str, ImportedComment]]
    """Each with what tells it from the others of the ticket, whatever its text is by now."""

    @classmethod
    def read(cls, board: LockedBoard, one: ImportedTicket) -> Source:
        """Check and clean what an import says of a ticket. Refused: whatever a new ticket is refused for."""
        extra = texts.extra(one.extra) or {}
        if names_others(one):
            extra = {name: value for name, value in extra.items() if name not in NOT_LINKED}
        return cls(
            ticket=one,
            texts={
                "title": texts.title(one.title),
                "description": texts.text(one.description),
                "acceptance_criteria": texts.text(one.acceptance_criteria, "acceptance_criteria"),
                "priority": priorities.priority(one.priority),
                "assignee": names.assignee_name(one.assignee),
                "due_date": times.day(one.due_date),
            },
            labels=texts.labels(one.labels),
            links=links.links(link["ref"] for link in one.links),
            column=board.column(one.current_column) if one.current_column else None,
            extra=extra,
            comments=_keyed(one.comments),
        )

    @property
    def status(self) -> str | None:
        """What stands in a base for the source's own word for its state."""
        return digest(self.ticket.status) if self.ticket.status else None

    def base(self, column_id: int, comments: Sequence[int]) -> Base:
        """All of it as a base, but for what it is linked to; it stands in a column, and its comments have these ids."""
        ids = zip(self.comments, comments, strict=False)
        return {
            "texts": {name: digest(value) for name, value in self.texts.items()},
            "labels": digests(self.labels),
            "links": digests(link.ref for link in self.links),
            "column": self.column.id if self.column else column_id,
            "status": self.status,
            "extra": digested_object(self.extra),
            "comments": {key: [id, digest(comment.text)] for (key, comment), id in ids},
        }

    def moved(self, base: Base) -> bool:
        """Whether the source says another state than the one that was imported last.

        The source's own word decides, where both have one: the column that it stands for may be another by now.
        """
        if self.column is None:
            return False
        if self.status and base["status"]:
            return bool(self.status != base["status"])
        return bool(self.column.id != base["column"])

    def changed(self, base: Base) -> list[str]:
        """The fields that are not what was imported last, but for what the ticket is linked to."""
        fields = [name for name, value in self.texts.items() if digest(value) != base["texts"].get(name)]
        lists = {"labels": self.labels, "links": [link.ref for link in self.links]}
        fields += [name for name, values in lists.items() if {*digests(values)} != {*base[name]}]
        fields += ["current_column"] if self.moved(base) else []
        fields += ["extra"] if digested_object(self.extra) != base["extra"] else []
        known = base["comments"]
        new = any(key not in known or known[key][1] != digest(comment.text) for key, comment in self.comments)
        return [*fields, "comments"] if new else fields


def names_others(one: ImportedTicket) -> bool:
    """Whether an import says what the ticket waits for, or is part of."""
    return one.blocked_by_sources is not None or one.parent_source is not None


def _keyed(comments: Sequence[ImportedComment]) -> list[tuple[str, ImportedComment]]:
    """Comments are known again by author and time, those without a time by their texts; the first, second … of them."""
    seen: Counter[tuple[str, str]] = Counter()
    keyed = []
    for comment in comments:
        texts.comment(comment.text)
        same = (comment.author, comment.created_at or comment.text)
        seen[same] += 1
        keyed.append((digest([*same, seen[same]]), comment))
    return keyed
