"""A locked board: its counts, its new events, and the order of its tickets as far as it was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple, Unpack

import orjson

from kanban_sdk.wire.boards import Board, Column, Requirement
from kanban_sdk.wire.users import Role
from kanban_server.rules import columns as column_rules
from kanban_server.rules import permissions
from kanban_server.rules.actors import Actor
from kanban_server.rules.events import EncodedEvent
from kanban_server.store import counters, event_log
from kanban_server.store.bulk import BulkRow
from kanban_server.store.counters import Counters
from kanban_server.store.rows import TicketRow, TicketValues
from kanban_server.store.transaction import Transaction
from kanban_server.store.window import Window, column_position, ready_position

_COUNTED = frozenset(
    {
        "column_id", "deleted_at", "archived_at", "claim_holder", "open_blockers", "open_children", "needs_human",
        "not_before", "place", "priority_key", "assignee",
    }
)  # fmt: skip
"""The columns of a ticket that decide where it counts, and its position in a column and among the ready tickets."""


class Waiting(NamedTuple):
    """A ticket whose open blockers changed in this transaction."""

    actor: Actor
    before: bool
    """Whether it was blocked when the transaction began."""
    data: dict[str, object]


@dataclass
class Savepoint:
    """The state of a board at the beginning of a part of a change."""

    events: int
    counts: dict[int, int]
    tallies: dict[int, Counters]
    columns: list[Column]
    waiting: dict[int, Waiting]
    scalars: tuple[object, ...]


_SCALAR_FIELDS = (
    "name", "description", "next_column_id", "updated_at", "deleted_at", "version", "wip_per_user", "review", "require",
    "seq", "last_at",
)  # fmt: skip
_read_scalars = attrgetter(*_SCALAR_FIELDS)


@dataclass
class LockedBoard:
    """A board that nobody else can change until the transaction ends."""

    tx: Transaction
    id: int
    name: str
    description: str | None
    columns: list[Column]
    counts: dict[int, int]
    tallies: dict[int, Counters]
    next_column_id: int
    created_at: str
    updated_at: str
    deleted_at: str | None
    version: int
    epoch: str
    seq: int
    floor: int
    last_at: str
    wip_per_user: int | None
    review: bool
    require: list[Requirement]
    """What a ticket must have to enter a done column. Replaced as a whole, never changed in place."""
    claim_floor: int
    """New claims of its tickets get no lower number."""
    role: Role
    """What the viewer may do on it."""
    now: str
    """The time of this change; never before the board's last event."""
    events: list[event_log.PendingEvent] = field(default_factory=list)
    waiting: dict[int, Waiting] = field(default_factory=dict)
    """The tickets whose open blockers changed, by id. Their events are recorded at the end of the transaction."""
    column_ends: dict[int, Window] = field(default_factory=dict)
    """The lowest tickets of a column, by column id, once they were read."""
    ready: dict[tuple[int, str | None], Window] = field(default_factory=dict)
    """The best ready tickets of a column and an assignee, once they were read."""
    next_due: str | None = None
    """No lease ends and no parked ticket is due before this time; None if that is not known."""

    def attach(self, tx: Transaction, role: Role, now: str) -> None:
        """Attach the board to another change of the batch."""
        self.tx, self.role, self.now = tx, role, max(now, self.last_at)

    def forced_by(self, actor: Actor) -> bool:
        """Whether the actor overrides others' claims and limits. Refused: `not-allowed`, except for board admins."""
        if actor.force:
            permissions.check_force(self.role)
        return actor.force

    def column(self, name: str) -> Column:
        """The column with this name. Refused: `unknown-column`."""
        return column_rules.find_column(self.columns, name)

    def column_by_id(self, id: int) -> Column:
        """The column with this id."""
        for column in self.columns:
            if column.id == id:
                return column
        raise LookupError(f"board {self.id} has no column {id}")

    def count(self, column: Column) -> int:
        """How many tickets the column holds."""
        return self.counts.get(column.id, 0)

    def counters_of(self, column: Column) -> Counters:
        """How many tickets of the column are ready, blocked and held."""
        return self.tallies.get(column.id, counters.ZERO)

    def add_ticket(self, row: TicketRow) -> None:
        """Count a new ticket, whose row was written just now."""
        self.tx.unit.tickets[row["id"]] = row
        self._enter(row)

    def update_ticket(self, row: TicketRow, **values: Unpack[TicketValues]) -> None:
        """Change the row of a ticket of this board, and the board's counts with it. It is written with the commit."""
        self._expect(values.get("claim_expires_at"))
        if _COUNTED.isdisjoint(values):
            self.tx.unit.update_ticket(row, values)
        else:
            self._leave(row)
            self.tx.unit.update_ticket(row, values)
            self._enter(row)

    def _expect(self, time: str | None) -> None:
        """Something of the board is due at this time."""
        if self.next_due is not None and time is not None:
            self.next_due = min(self.next_due, time)

    def _enter(self, row: TicketRow) -> None:
        if row["deleted_at"] or row["archived_at"]:
            return
        self._expect(row["not_before"])
        id = row["column_id"]
        self.counts[id] = self.counts.get(id, 0) + 1
        self.tallies[id] = self.tallies.get(id, counters.ZERO) + counters.count_ticket(row)
        if id in self.column_ends:
            self.column_ends[id].add(column_position(row))
        if (id, row["assignee"]) in self.ready and counters.is_ready(row):
            self.ready[id, row["assignee"]].add(ready_position(row))

    def _leave(self, row: TicketRow) -> None:
        if row["deleted_at"] or row["archived_at"]:
            return
        id = row["column_id"]
        self.counts[id] = self.counts.get(id, 0) - 1
        self.tallies[id] = self.tallies.get(id, counters.ZERO) - counters.count_ticket(row)
        if id in self.column_ends:
            self.column_ends[id].discard(column_position(row))
        if (id, row["assignee"]) in self.ready:
            self.ready[id, row["assignee"]].discard(ready_position(row))

    def forget_windows(self) -> None:
        """Forget what was read of the order of tickets, after their rows changed in another way."""
        self.column_ends, self.ready, self.next_due = {}, {}, None

    @property
    def last_seq(self) -> int:
        """The seq of the board's newest event, including those of this transaction."""
        return self.seq + len(self.events)

    def record(self, actor: Actor, name: str, data: dict[str, object], *, ticket_id: int | None = None) -> None:
        """Append an event to the board's log, in this transaction.

        The event of a forced change has `forced`, and that of an import `imported`.
        """
        data = {**data, "forced": True} if actor.force else data
        data = {**data, "imported": True} if actor.importing else data
        self.events.append(event_log.PendingEvent(name, data, actor, ticket_id))

    def record_waiting(self, actor: Actor, data: dict[str, Any], *, before: bool) -> None:
        """Record which blockers of a ticket are open now, and whether any was open `before`.

        `ticket_blocked` or `ticket_unblocked` follows after all other events of the transaction, if the state at its
        end differs from that at its beginning.
        """
        known = self.waiting.get(data["id"])
        self.waiting[data["id"]] = Waiting(actor, before if known is None else known.before, data)

    def to_wire(self) -> Board:
        """The board as sent to clients."""
        return Board(
            id=self.id,
            name=self.name,
            description=self.description,
            columns=[column.name for column in self.columns],
            column_settings=self.columns,
            created_at=self.created_at,
            updated_at=self.updated_at,
            ticket_count=sum(self.counts.values()),
            version=self.version,
            wip_per_user=self.wip_per_user,
            review=self.review,
            require=self.require,
            counts={column.name: self.count(column) for column in self.columns},
        )

    def capture(self) -> Savepoint:
        """The current state."""
        return Savepoint(
            len(self.events),
            dict(self.counts),
            dict(self.tallies),
            list(self.columns),
            dict(self.waiting),
            _read_scalars(self),
        )

    def restore(self, state: Savepoint) -> None:
        """Return to a captured state."""
        del self.events[state.events :]
        self.counts, self.tallies = dict(state.counts), dict(state.tallies)
        self.columns = list(state.columns)
        self.waiting = dict(state.waiting)
        for name, value in zip(_SCALAR_FIELDS, state.scalars, strict=True):
            setattr(self, name, value)

    def save_events(self) -> list[EncodedEvent]:
        """Number the events of the change and return them. They are written with the commit."""
        self._tell_waiting()
        if not self.events:
            return []
        logged = event_log.append(self.tx, self.id, self.epoch, self.seq, self.now, self.events)
        self.seq += len(self.events)
        self.last_at = self.now
        self.events = []
        self.tx.unit.mark_dirty(self.id)
        return logged

    def _tell_waiting(self) -> None:
        """Record an event for each ticket that became blocked or unblocked, with the ticket's current title."""
        if not self.waiting:
            return
        waiting, self.waiting = self.waiting, {}
        titles = {event.ticket_id: event.data["title"] for event in self.events if "title" in event.data}
        for id, (actor, before, data) in sorted(waiting.items()):
            if bool(data["open"]) != before:
                data |= {"title": titles.get(id, data["title"])}
                self.record(actor, "ticket_blocked" if data["open"] else "ticket_unblocked", data, ticket_id=id)

    def to_row(self) -> BulkRow:
        """The board's row as it is written."""
        return {
            "of_id": self.id,
            "name": self.name,
            "description": self.description,
            "columns": encode_columns(self.columns),
            "counts": orjson.dumps(self.counts, option=orjson.OPT_NON_STR_KEYS).decode(),
            "next_column_id": self.next_column_id,
            "updated_at": self.updated_at,
            "deleted_at": self.deleted_at,
            "version": self.version,
            "seq": self.seq,
            "last_at": self.last_at,
            "wip_per_user": self.wip_per_user,
            "review": int(self.review),
            "tallies": counters.encode_counters(self.tallies),
            "require": orjson.dumps(self.require).decode(),
        }


def encode_columns(columns: Sequence[Column]) -> str:
    """Columns as they are stored."""
    return orjson.dumps(columns).decode()


def decode_columns(text: str) -> list[Column]:
    """Columns from their stored form."""
    return list(_decode_columns(text))


@lru_cache(maxsize=1024)
def _decode_columns(text: str) -> tuple[Column, ...]:
    return tuple(Column(**column) for column in orjson.loads(text))
