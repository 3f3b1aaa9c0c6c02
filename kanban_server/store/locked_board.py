"""A locked board: its counts, its new events, and how its row is written at the end of the batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from sqlalchemy import bindparam, update

from kanban_sdk.wire.boards import Board, Column, Requirement
from kanban_sdk.wire.tickets import Ticket
from kanban_sdk.wire.users import Role
from kanban_server.rules import columns as column_rules
from kanban_server.rules import permissions
from kanban_server.rules.actors import Actor
from kanban_server.rules.events import EncodedEvent
from kanban_server.store import counters, event_log
from kanban_server.store.counters import Counters
from kanban_server.store.statements import Statement
from kanban_server.store.tables import boards
from kanban_server.store.transaction import Transaction

UPDATE_BOARD = Statement(
    update(boards)
    .where(boards.c.id == bindparam("board_id"))
    .values(
        {
            name: bindparam(name)
            for name in (
                "name", "description", "columns", "counts", "next_column_id", "updated_at", "deleted_at", "version",
                "seq", "last_at", "wip_per_user", "review", "tallies", "require",
            )
        }
    )
)  # fmt: skip


class Waiting(NamedTuple):
    """A ticket whose open blockers changed in this transaction."""

    actor: Actor
    before: bool
    """Whether it was blocked when the transaction began."""
    data: dict[str, Any]


@dataclass
class Savepoint:
    """The state of a board at the beginning of a part of a change."""

    events: int
    counts: dict[int, int]
    tallies: dict[int, Counters]
    columns: list[Column]
    waiting: dict[int, Waiting]
    scalars: dict[str, Any]


_SCALAR_FIELDS = (
    "name",
    "description",
    "next_column_id",
    "updated_at",
    "deleted_at",
    "version",
    "wip_per_user",
    "review",
    "require",
    "seq",
    "last_at",
)


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
        return next(column for column in self.columns if column.id == id)

    def count(self, column: Column) -> int:
        """How many tickets the column holds."""
        return self.counts.get(column.id, 0)

    def counters_of(self, column: Column) -> Counters:
        """How many tickets of the column are ready, blocked and held."""
        return self.tallies.get(column.id, counters.ZERO)

    def recount(self, before: Ticket | None, after: Ticket | None) -> None:
        """Update the counts for a ticket that was added, removed or changed: its column, claim, blockers or labels."""
        if before is not None:
            column = self.column(before.current_column)
            self.counts[column.id] = self.count(column) - 1
            self.tallies[column.id] = self.counters_of(column) - counters.count_ticket(before)
        if after is not None:
            column = self.column(after.current_column)
            self.counts[column.id] = self.count(column) + 1
            self.tallies[column.id] = self.counters_of(column) + counters.count_ticket(after)

    @property
    def last_seq(self) -> int:
        """The seq of the board's newest event, including those of this transaction."""
        return self.seq + len(self.events)

    def record(self, actor: Actor, name: str, data: dict[str, Any], *, ticket_id: int | None = None) -> None:
        """Append an event to the board's log, in this transaction. A forced change has `forced` in its event."""
        data = {**data, "forced": True} if actor.force else data
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

    def savepoint(self) -> Savepoint:
        """The current state, to roll back to."""
        scalars = {name: getattr(self, name) for name in _SCALAR_FIELDS}
        return Savepoint(
            len(self.events), dict(self.counts), dict(self.tallies), list(self.columns), dict(self.waiting), scalars
        )

    def rollback_to(self, savepoint: Savepoint) -> None:
        """Restore the state of the savepoint."""
        del self.events[savepoint.events :]
        self.counts, self.tallies = dict(savepoint.counts), dict(savepoint.tallies)
        self.columns = list(savepoint.columns)
        self.waiting = dict(savepoint.waiting)
        for name, value in savepoint.scalars.items():
            setattr(self, name, value)

    def save_events(self) -> list[EncodedEvent]:
        """Number the events and write them. If there are any, the batch writes the board's row later."""
        self._tell_waiting()
        if not self.events:
            return []
        logged = event_log.append(self.tx, self.id, self.epoch, self.seq, self.now, self.events)
        self.seq += len(self.events)
        self.last_at = self.now
        self.events = []
        self.tx.batch.dirty_boards[self.id] = self
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

    def write(self) -> None:
        """Write the board's row."""
        self.tx.write_board_row(
            UPDATE_BOARD,
            board_id=self.id,
            name=self.name,
            description=self.description,
            columns=encode_columns(self.columns),
            counts=orjson.dumps(self.counts, option=orjson.OPT_NON_STR_KEYS).decode(),
            next_column_id=self.next_column_id,
            updated_at=self.updated_at,
            deleted_at=self.deleted_at,
            version=self.version,
            seq=self.seq,
            last_at=self.last_at,
            wip_per_user=self.wip_per_user,
            review=int(self.review),
            tallies=counters.encode_counters(self.tallies),
            require=orjson.dumps(self.require).decode(),
        )


def encode_columns(columns: Sequence[Column]) -> str:
    """Columns as they are stored."""
    return orjson.dumps(columns).decode()


def decode_columns(text: str) -> list[Column]:
    """Columns from their stored form."""
    return list(_decode_columns(text))


@lru_cache(maxsize=1024)
def _decode_columns(text: str) -> tuple[Column, ...]:
    return tuple(Column(**column) for column in orjson.loads(text))
