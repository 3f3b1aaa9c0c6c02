"""Folding a board's log yields the board. Pure: no network, no clock.

Values in events are absolute, so one rule covers nearly all of them: the value of a stored field in an event is the
field's new value. Folding an event twice is the same as folding it once.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

from kanban_sdk.wire.boards import COUNTED, Board, Snapshot
from kanban_sdk.wire.events import Event, EventData, SnapshotTaken
from kanban_sdk.wire.tickets import DERIVED, Ticket

TICKET_FIELDS = frozenset(Ticket.__dataclass_fields__) - DERIVED
BOARD_FIELDS = frozenset(Board.__dataclass_fields__) - COUNTED

Row: TypeAlias = dict[str, Any]
"""The stored fields of a board or a ticket, as on the wire."""


@dataclass
class FoldedBoard:
    """A board and its tickets after the events that were folded: plain data, as on the wire."""

    board: Row = field(default_factory=dict)
    tickets: dict[int, Row] = field(default_factory=dict)
    seq: int = 0
    cursor: str | None = None
    deleted: bool = False

    @classmethod
    def from_snapshot(cls, snapshot: Snapshot) -> FoldedBoard:
        """The state of a snapshot."""
        folded = cls()
        folded.begin(snapshot)
        return folded

    def begin(self, snapshot: Snapshot) -> None:
        """Discard the state, and continue from a snapshot."""
        self.board = {name: value for name, value in asdict(snapshot.board).items() if name in BOARD_FIELDS}
        self.tickets = {
            ticket.id: {name: value for name, value in asdict(ticket).items() if name in TICKET_FIELDS}
            for ticket in snapshot.tickets
        }
        self.seq, self.cursor, self.deleted = snapshot.seq, snapshot.cursor, False

    def step(self, event: Event) -> None:
        """Apply one more event. An event that was folded already changes nothing."""
        if isinstance(event, SnapshotTaken):
            self.begin(event.snapshot)
            return
        if event.seq <= self.seq:
            return
        self.seq, self.cursor = event.seq, event.cursor
        kind, _, change = event.event.partition("_")
        if event.event == "column_reordered":
            self._apply_reorder(event.data)
        elif kind == "board":
            self._apply_board(event.data, change)
        elif kind in {"comment", "question"}:
            self._apply_comment(event.data)
        elif event.event in {"ticket_deleted", "ticket_archived"}:
            self.tickets.pop(event.data["id"], None)
        elif kind == "ticket":
            self._apply_ticket(event.data, new=change in {"created", "restored"})

    def _apply_board(self, data: EventData, change: str) -> None:
        self.board |= {name: value for name, value in data.items() if name in BOARD_FIELDS}
        self.deleted = self.deleted or change == "deleted"
        renamed = data.get("renamed")
        if renamed:
            for ticket in self.tickets.values():
                if ticket["current_column"] == renamed["from"]:
                    ticket["current_column"] = renamed["to"]

    def _apply_ticket(self, data: EventData, *, new: bool = False) -> None:
        fields = {name: value for name, value in data.items() if name in TICKET_FIELDS}
        if new:
            self.tickets[data["id"]] = fields
        elif data["id"] in self.tickets:
            self.tickets[data["id"]] |= fields

    def _apply_comment(self, data: EventData) -> None:
        if data["ticket_id"] in self.tickets:
            fields: Row = {name: data[name] for name in ("comment_count", "asked") if name in data}
            self.tickets[data["ticket_id"]] |= fields

    def _apply_reorder(self, data: EventData) -> None:
        for id, place in zip(data["ids"], data["places"], strict=True):
            if id in self.tickets:
                self.tickets[id]["place"] = place
