"""What imported tickets wait for, by the names that they have elsewhere.

A name that nobody bears here (yet), or that would close a cycle, is no error: it stays in the ticket's `extra`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kanban_sdk.wire.import_bodies import ImportedTicket
from kanban_server.actions import dependencies
from kanban_server.actions.writing import write_edit
from kanban_server.rules import texts
from kanban_server.rules.names import Actor
from kanban_server.store import tickets
from kanban_server.store.locked import LockedBoard
from kanban_server.store.transaction import Row

LEFT_OUT = ("blocked_by_sources", "parent_source")
"""Where the names stand that could not be linked: in `extra`, under the words of the request."""


def names_others(one: ImportedTicket) -> bool:
    """Whether an import says what the ticket waits for, or is part of."""
    return one.blocked_by_sources is not None or one.parent_source is not None


def with_left_out(extra: dict[str, Any] | None, left: Mapping[str, Any]) -> dict[str, Any] | None:
    """What an import brings that has no field of ours, and the names that could not be linked."""
    return {**(extra or {}), **{name: value for name, value in left.items() if value}} or None


@dataclass
class Sources:
    """The tickets of a board, by the names that they have elsewhere; each is looked up once."""

    board: LockedBoard
    _rows: dict[str, Row | None] = field(default_factory=dict)

    def link(self, actor: Actor, one: ImportedTicket) -> tuple[bool, bool]:
        """Link a ticket as the import says. Whether that changed it, and whether it names what is not here (yet)."""
        row = self._row(one.source_id) if names_others(one) else None
        if row is None or row["archived_at"]:
            return False, False
        ticket = tickets.on(self.board, row["id"])
        wanted = [(name, self._id(name)) for name in one.blocked_by_sources or []]
        parent = self._id(one.parent_source) if one.parent_source else None
        blockers = [id for _, id in wanted if id] if one.blocked_by_sources is not None else ticket.blocked_by
        linked, refused = dependencies.link_where_possible(
            self.board, actor, ticket, dict.fromkeys(blockers), parent or ticket.parent
        )
        missing = [name for name, id in wanted if not id]
        left = {
            "blocked_by_sources": [name for name, id in wanted if not id or id in refused],
            "parent_source": one.parent_source if parent is None or parent in refused else None,
        }
        extra = with_left_out(texts.extra(one.extra), left)
        linked = write_edit(self.board, actor, linked, {"extra": extra}, at=ticket.updated_at)
        return linked != ticket, bool(missing or (one.parent_source and parent is None))

    def _row(self, source: str) -> Row | None:
        """The row of a ticket that was not deleted."""
        if source not in self._rows:
            named = texts.source_id(source)
            row = self.board.tx.one(tickets.BY_SOURCE, board_id=self.board.id, source_id=named)
            self._rows[source] = None if row is None or row["deleted_at"] else row
        return self._rows[source]

    def _id(self, source: str) -> int | None:
        row = self._row(source)
        return row["id"] if row else None
