"""The unit of work: the changes of one commit, loaded and written in bulk (docs/decisions/0020-unit-of-work.md).

Jobs change rows in memory. Rows of tickets are kept in an identity map, new rows in a list; all are written when a
statement needs their table, and at the latest before the commit. A refused job is undone by an undo log, as long as
nothing of it was written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import orjson

from kanban_sdk.wire.users import Role
from kanban_server.rules.events import EncodedEvent
from kanban_server.store.bulk import BulkRow, BulkStatement, bulk_delete, bulk_insert, bulk_update
from kanban_server.store.encoded_response import IdempotencyRecord
from kanban_server.store.rows import TicketRow, TicketValues
from kanban_server.store.statements import DialectName, Statement
from kanban_server.store.tables import boards as boards_table
from kanban_server.store.tables import ticket_labels as labels_table
from kanban_server.store.tables import tickets as tickets_table

BOARD_COLUMNS = (
    "name", "description", "columns", "counts", "next_column_id", "updated_at", "deleted_at", "version", "seq",
    "last_at", "wip_per_user", "review", "tallies", "require",
)  # fmt: skip
DELETE_LABELS = bulk_delete(labels_table, ("ticket_id",), order=1)
INSERT_LABELS = bulk_insert(labels_table, ("board_id", "label", "ticket_id"), order=2)
UPDATE_BOARDS = bulk_update(boards_table, ("id",), BOARD_COLUMNS, order=9)


class Connection(Protocol):
    """The connection of both drivers."""

    def execute(self, sql: Any, parameters: Any = ..., /) -> Any:
        """Run one statement."""

    def cursor(self) -> Any:
        """A cursor, for a statement with many rows of parameters."""

    def close(self) -> None:
        """Close the connection."""


class BoardState(Protocol):
    """A locked board, as the unit of work uses it."""

    def capture(self) -> object:
        """The current state."""

    def restore(self, state: Any) -> None:
        """Return to a captured state."""

    def save_events(self) -> list[EncodedEvent]:
        """Number the events of the change and return them."""

    def to_row(self) -> BulkRow:
        """The values of `BOARD_COLUMNS`, and `of_id`."""

    def forget_windows(self) -> None:
        """Forget what was read of the order of tickets."""


class WrittenAlready(Exception):
    """A change can't be undone in memory, since part of it was written. Run its job alone, with savepoints."""


@dataclass(eq=False)
class Mark:
    """The beginning of a job, or of a part of one, to return to."""

    undo: int
    pending: int
    boards: dict[int, object]
    """The state of each board that was locked then."""
    written: bool = False
    """Whether anything that changed since was written to the database."""


@dataclass(eq=False)
class UnitOfWork:
    """The changes of one commit."""

    connection: Connection
    dialect: DialectName
    size: int = 1
    """The number of jobs: how many rows of an ordered look-up may be needed."""
    askers: frozenset[str] = frozenset()
    """The names of those for whom jobs choose a next ticket."""
    savepoints: bool = False
    """Whether parts of a change are undone by the database. Only for a job that runs alone."""
    boards: dict[int, BoardState] = field(default_factory=dict)
    """The locked boards, in their current state."""
    dirty_boards: set[int] = field(default_factory=set)
    tickets: dict[int, TicketRow] = field(default_factory=dict)
    """The identity map: current rows of tickets of locked boards, by id."""
    roles: dict[tuple[int, int], Role | None] = field(default_factory=dict)
    """The role of a person on a board, by the ids of both; None if the person is no member."""
    records: dict[tuple[str, str], IdempotencyRecord | None] = field(default_factory=dict)
    """What is stored for an idempotency key, by its owner and text; None if it was not used yet."""
    dependents: dict[int, list[int]] = field(default_factory=dict)
    """The ids of the tickets that wait for a ticket, by its id."""
    loaded_boards: dict[int, dict[str, object]] = field(default_factory=dict)
    """Rows of boards that are locked, and that no job has used yet."""
    truncate_log: bool = False
    """Whether the write-ahead log must be truncated after the commit, to remove overwritten data (SQLite)."""
    _changed: dict[int, set[str]] = field(default_factory=dict)
    """The changed columns of rows that are not written yet, by ticket id."""
    _relabelled: set[int] = field(default_factory=set)
    _unlabelled: set[int] = field(default_factory=set)
    """New tickets, whose labels are not written yet."""
    _pending: list[tuple[BulkStatement, BulkRow]] = field(default_factory=list)
    _pending_tables: set[str] = field(default_factory=set)
    _undo_log: list[tuple[dict[str, object], str, object]] = field(default_factory=list)
    """Each changed value of a row: the row, the column, and the old value."""
    _marks: list[Mark] = field(default_factory=list)
    """The current job, and the part of it that is under way."""

    def update_ticket(self, row: TicketRow, values: TicketValues) -> None:
        """Change a row of the identity map. The change is written with the next flush."""
        assert self.tickets.get(row["id"]) is row, f"the row of ticket {row['id']} is outdated"
        fields, changed = cast("dict[str, object]", row), self._changed.setdefault(row["id"], set())
        for name, value in values.items():
            if fields[name] != value:
                self._undo_log.append((fields, name, fields[name]))
                fields[name] = value
                changed.add(name)
        self._pending_tables.add("tickets")

    def enqueue(self, statement: BulkStatement, row: BulkRow) -> None:
        """Add a row of a bulk statement to the next flush."""
        self._pending.append((statement, row))
        self._pending_tables.add(statement.table)

    def relabel(self, ticket_id: int, *, new: bool = False) -> None:
        """Write the labels of a ticket's row to the label index, with the next flush. A `new` ticket has none there."""
        if new:
            self._unlabelled.add(ticket_id)
        self._relabelled.add(ticket_id)
        self._pending_tables |= {"ticket_labels"} if new else {"ticket_labels", "tickets"}

    def mark_dirty(self, board_id: int) -> None:
        """Write the row of a locked board with the next flush that includes boards."""
        self.dirty_boards.add(board_id)
        self._pending_tables.add("boards")

    def prepare(self, statement: Statement) -> None:
        """Call before a statement runs: flushes if it touches tables with pending changes, and forgets what it alters.

        A statement that changes rows of tickets in the database empties the identity map.
        """
        # An insert leaves the rows in memory whose labels are not written yet, so an import writes them all at once.
        waits = bool(self._unlabelled) and "tickets" in statement.tables and not statement.inserts
        if waits or not self._pending_tables.isdisjoint(statement.tables):
            self.flush()
        if not statement.writes:
            return
        for mark in self._marks:
            mark.written = True
        if "tickets" in statement.writes:
            if not statement.inserts:
                self.tickets.clear()
            for board in self.boards.values():
                board.forget_windows()
        if "boards" in statement.writes and not statement.inserts:
            self.boards.clear()
        if "members" in statement.writes:
            self.roles.clear()
        if "answers" in statement.writes:
            self.records.clear()
        if "dependencies" in statement.writes:
            self.dependents.clear()

    def flush(self, *, commit: bool = False) -> None:
        """Write all pending changes; with `commit`, also commit. On PostgreSQL in one round trip."""
        for mark in self._marks:
            mark.written = mark.written or self._has_changed_since(mark)
            mark.pending = 0
        with self.pipeline():
            for statement, rows in self._take_pending():
                sql, parameters = statement.on(self.dialect, rows)
                if self.dialect == "postgresql":
                    self.connection.execute(sql, parameters)
                else:
                    self.connection.cursor().executemany(sql, parameters)
            if commit:
                self.connection.execute("COMMIT")

    @contextmanager
    def pipeline(self) -> Iterator[None]:
        """Statements whose results are read only afterwards. PostgreSQL runs them in one round trip."""
        connection: Any = self.connection
        with connection.pipeline() if self.dialect == "postgresql" else nullcontext():
            yield

    def _take_pending(self) -> list[tuple[BulkStatement, list[BulkRow]]]:
        """The pending rows by statement, in the order in which the statements run."""
        rows_by_statement: dict[BulkStatement, list[BulkRow]] = {}
        for statement, row in [*self._changed_tickets(), *self._label_index(), *self._pending]:
            rows_by_statement.setdefault(statement, []).append(row)
        if self.dirty_boards:
            rows_by_statement[UPDATE_BOARDS] = [self.boards[id].to_row() for id in sorted(self.dirty_boards)]
        self._changed, self._pending, self._relabelled, self._unlabelled = {}, [], set(), set()
        self._pending_tables, self.dirty_boards = set(), set()
        return sorted(rows_by_statement.items(), key=lambda item: item[0].order)

    def _changed_tickets(self) -> Iterator[tuple[BulkStatement, BulkRow]]:
        """The changed rows of tickets.

        PostgreSQL gets one statement for all of them: it compares the values of indexed columns. SQLite would write the
        indexes of all columns that a statement names, so each row has only its own.
        """
        changed = {id: columns for id, columns in self._changed.items() if columns}
        if self.dialect == "postgresql" and changed:
            all_columns = set[str]().union(*changed.values())
            changed = dict.fromkeys(changed, all_columns)
        for id, columns in sorted(changed.items()):
            statement = bulk_update(tickets_table, ("id",), tuple(sorted(columns)), order=0)
            yield statement, {**self.tickets[id], "of_id": id}

    def _label_index(self) -> Iterator[tuple[BulkStatement, BulkRow]]:
        for id in sorted(self._relabelled):
            row = self.tickets[id]
            if id not in self._unlabelled:
                yield DELETE_LABELS, {"of_ticket_id": id}
            for label in orjson.loads(row["labels"]):
                yield INSERT_LABELS, {"board_id": row["board_id"], "label": label, "ticket_id": id}

    def enlist(self, board_id: int, board: BoardState) -> None:
        """Take a board into the current job, which restores its state if it is undone."""
        self.boards[board_id] = board
        for mark in self._marks:
            mark.boards.setdefault(board_id, board.capture())

    def begin(self, boards: Mapping[int, BoardState]) -> Mark:
        """Begin a job, or a part of one, which has locked these boards already. `end` or `undo` ends it."""
        mark = Mark(len(self._undo_log), len(self._pending), {id: board.capture() for id, board in boards.items()})
        self._marks.append(mark)
        return mark

    def end(self, mark: Mark) -> None:
        """Keep what changed since `mark`."""
        self._marks.remove(mark)

    def undo(self, mark: Mark, boards: Mapping[int, BoardState]) -> None:
        """Undo in memory what changed since `mark`. `boards` are all that the job has locked."""
        self._marks.remove(mark)
        for row, name, value in reversed(self._undo_log[mark.undo :]):
            row[name] = value
        del self._undo_log[mark.undo :], self._pending[mark.pending :]
        for id, board in boards.items():
            board.restore(mark.boards[id])
            board.forget_windows()

    def _has_changed_since(self, mark: Mark) -> bool:
        if len(self._undo_log) > mark.undo or len(self._pending) > mark.pending:
            return True
        return any(id in self.dirty_boards and self.boards[id].capture() != state for id, state in mark.boards.items())

    def close(self) -> None:
        """Let go of all rows now. Boards, their transaction and this object refer to each other."""
        for kept in (self.boards, self.loaded_boards, self.tickets, self.records, self._undo_log, self._pending):
            kept.clear()

    def reset(self, boards: Mapping[int, BoardState]) -> None:
        """Forget all rows and all other boards, after the database has rolled back a part of the change."""
        self.boards, self._changed = dict(boards), {}
        self._relabelled, self._unlabelled = set(), set()
        self.tickets.clear()
        self.roles.clear()
        self.dependents.clear()
