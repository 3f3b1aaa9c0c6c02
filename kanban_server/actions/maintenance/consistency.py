"""Check a board's redundant data: compare its log with its rows, and its rows with counts and indexes.

The log is folded one ticket at a time, so that memory does not grow with a board or its log. `board_repair` repairs
the differences.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass
from heapq import merge
from typing import Any

import orjson

from kanban_sdk.stream.fold import BOARD_FIELDS, TICKET_FIELDS, FoldedBoard
from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Board
from kanban_sdk.wire.events import Event
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions.audit_fields import ticket_event_fields
from kanban_server.actions.boards import board_event_fields
from kanban_server.actions.maintenance.differences import Differences
from kanban_server.rules import priorities
from kanban_server.store.counters import ZERO
from kanban_server.store.maintenance import consistency
from kanban_server.store.queries import base_snapshots, boards, search, tickets
from kanban_server.store.transaction import ReadTransaction, Row

Fields = dict[str, Any]


def compare_board(tx: ReadTransaction, board_id: int) -> Differences:
    """Find all differences on one board. Of a deleted board only the log's gaps and end are checked."""
    row = tx.one(consistency.BOARD, board_id=board_id)
    assert row is not None
    differences = Differences(board_id, row["name"], deleted=bool(row["deleted_at"]))
    differences.lost = sum(len(hole) for hole, _ in consistency.find_gaps(tx, board_id, row["floor"], row["seq"]))
    newest = consistency.find_newest(tx, board_id, row["seq"])
    differences.ahead = newest[0] - row["seq"] if newest else 0
    if differences.deleted:
        return differences
    board = boards.decode_row(tx, row)
    log = BoardLog.read(tx, board)
    differences.board = log.differing_fields(board.board)
    done_column_ids = {column.id for column in board.board.column_settings if column.role == "done"}
    column_ids = {column.id for column in board.board.column_settings}
    for rows in consistency.read_chunks(tx, board_id):
        differences.tickets += (id for id, _, _ in log.compare(tx, rows, board.board))
        derived_rows = DerivedRows.read(tx, rows)
        differences.derived += (
            item["id"]
            for item in rows
            if derived_rows.derived_values(item, done_column_ids, column_ids) != derived_rows.stored_values(item)
        )
        differences.labels += (item["id"] for item in rows if not derived_rows.label_index_matches(item))
        differences.search += (item["id"] for item in rows if not derived_rows.search_index_matches(tx, item))
    differences.tickets += log.tickets_without_row(tx, board_id)
    counts, tallies = consistency.count_tickets(tx, board_id)
    differences.counts = [
        column.name
        for column in board.board.column_settings
        if (counts.get(column.id, 0), tallies.get(column.id, ZERO))
        != (board.counts.get(column.id, 0), board.tallies.get(column.id, ZERO))
    ]
    return differences


class BoardLog:
    """A board's log: the folded state of the board itself, and on request the folded state of each ticket."""

    def __init__(self, base: Mapping[str, Any] | None, floor: int) -> None:
        self.floor = floor
        self.folded = FoldedBoard(seq=floor)
        self._base: dict[int, Fields] = {}
        self._renames: list[Event] = []
        self._places: dict[int, list[tuple[int, str]]] = {}
        if base is not None:
            self.folded.board = {name: value for name, value in base["board"].items() if name in BOARD_FIELDS}
            self._base = {ticket["id"]: ticket for ticket in base["tickets"]}

    @classmethod
    def read(cls, tx: ReadTransaction, board: boards.BoardRecord) -> BoardLog:
        """Read the log of a board; a trimmed log from its base on."""
        base = base_snapshots.read_base(tx, board.board.id) if board.floor else None
        log = cls(None if base is None else orjson.loads(base.data), board.floor)
        for event in consistency.read_events_of_board(tx, board.board.id, board.floor):
            log.step(event)
        return log

    def step(self, event: Event) -> None:
        """Apply the next event of the board itself."""
        if event.event == "column_reordered":
            for id, place in zip(event.data["ids"], event.data["places"], strict=True):
                self._places.setdefault(id, []).append((event.seq, place))
            return
        self.folded.step(event)
        if event.data.get("renamed"):
            self._renames.append(_make_event(event.seq, "board_updated", renamed=event.data["renamed"]))

    def differing_fields(self, board: Board) -> list[str]:
        """The fields of the board that differ from the log."""
        return _differing_fields(self.folded.board, to_json_values(board_event_fields(board)), BOARD_DEFAULTS)

    def compare(
        self, tx: ReadTransaction, rows: list[Row], board: Board
    ) -> Iterator[tuple[int, Fields | None, Fields | None]]:
        """The tickets that differ from the log, each as id, fields by the log and fields by the row.

        None for either fields means that the ticket is not on the board there.
        """
        events_by_ticket: dict[int, list[Event]] = {row["id"]: [] for row in rows}
        current_id = 0
        pending = {row["id"]: row for row in rows}
        for ticket_id, event in consistency.read_events_of_chunk(tx, rows, self.floor):
            if ticket_id != current_id and current_id in pending:
                yield from self._compare_ticket(pending.pop(current_id), events_by_ticket.pop(current_id), board)
            current_id = ticket_id
            events_by_ticket[ticket_id].append(event)
        for row in pending.values():
            yield from self._compare_ticket(row, events_by_ticket[row["id"]], board)

    def _compare_ticket(
        self, row: Row, events: list[Event], board: Board
    ) -> Iterator[tuple[int, Fields | None, Fields | None]]:
        on_board = not (row["deleted_at"] or row["archived_at"])
        row_fields = (
            to_json_values(ticket_event_fields(tickets.to_wire(row, board.column_settings))) if on_board else None
        )
        log_fields = self._fold_ticket(row["id"], events)
        if (log_fields is None) != (row_fields is None) or (
            log_fields and row_fields and _differing_fields(log_fields, row_fields, TICKET_DEFAULTS)
        ):
            yield row["id"], log_fields, row_fields

    def tickets_without_row(self, tx: ReadTransaction, board_id: int) -> list[int]:
        """The tickets that are on the board by the log and have no row."""
        ticket_ids = []
        for row in tx.all(consistency.TICKETS_WITHOUT_ROW, board_id=board_id):
            id = row["ticket_id"]
            events = consistency.read_events_of_ticket(tx, board_id, id, self.floor)
            if self._fold_ticket(id, events) is not None:
                ticket_ids.append(id)
        return sorted(ticket_ids)

    def _fold_ticket(self, id: int, events: Iterable[Event]) -> Fields | None:
        """The fields of a ticket by the log; None if it is not on the board."""
        folded = FoldedBoard(seq=self.floor)
        if id in self._base:
            folded.tickets[id] = {name: value for name, value in self._base[id].items() if name in TICKET_FIELDS}
        reorders = [
            _make_event(seq, "column_reordered", ids=[id], places=[place]) for seq, place in self._places.get(id, ())
        ]
        for event in merge(events, self._renames, reorders, key=lambda event: event.seq):
            folded.step(event)
        return folded.tickets.get(id)


@dataclass
class DerivedRows:
    """The data of some tickets that is stored outside their rows."""

    labels: dict[int, list[Row]]
    comments: dict[int, list[Row]]
    blockers: dict[int, list[Row]]
    children: dict[int, list[Row]]
    words: dict[int, list[Row]]

    @classmethod
    def read(cls, tx: ReadTransaction, rows: consistency.Rows) -> DerivedRows:
        """Read the data of these tickets. Their rows must be consecutive."""
        return cls(
            consistency.group_by_ticket(tx, consistency.LABELS, rows),
            consistency.group_by_ticket(tx, consistency.COMMENT_COUNTS, rows),
            consistency.group_by_ticket(tx, consistency.BLOCKERS, rows),
            consistency.group_by_ticket(tx, consistency.CHILDREN, rows, "parent"),
            consistency.group_by_ticket(tx, consistency.SEARCH_WORDS, rows),
        )

    def stored_values(self, row: Row) -> Fields:
        """The derived values as stored in the row and the dependency index."""
        names = ("comment_count", "open_blockers", "children", "open_children", "needs_human", "priority_key")
        blockers = [item["id"] for item in self.blockers.get(row["id"], ())]
        return {**{name: row[name] for name in names}, "column": True, "blocked_by": blockers}

    def derived_values(self, row: Row, done: set[int], columns: set[int]) -> Fields:
        """The derived values as they should be. The counts of a ticket off the board are kept until it is restored."""
        blockers = self.blockers.get(row["id"], ())
        children = self.children.get(row["id"], ())
        on_board = not (row["deleted_at"] or row["archived_at"])
        counts = {
            "comment_count": self.comment_count(row["id"]),
            "open_blockers": sum(
                not (item["deleted_at"] or item["archived_at"] or item["column_id"] in done) for item in blockers
            ),
            "children": len(children),
            "open_children": sum(not (item["archived_at"] or item["column_id"] in done) for item in children),
        }
        return {
            **(counts if on_board else {name: row[name] for name in counts}),
            "needs_human": int(limits.NEEDS_HUMAN in orjson.loads(row["labels"])),
            "priority_key": priorities.sort_key(row["priority"]),
            "column": not on_board or row["column_id"] in columns,
            "blocked_by": sorted(orjson.loads(row["blocked_by"])),
        }

    def comment_count(self, ticket_id: int) -> int:
        """How many comments a ticket has."""
        return int(sum(item["count"] for item in self.comments.get(ticket_id, ())))

    def label_index_matches(self, row: Row) -> bool:
        """Whether the label index has exactly the ticket's labels."""
        return {item["label"] for item in self.labels.get(row["id"], ())} == {*orjson.loads(row["labels"])}

    def search_index_matches(self, tx: ReadTransaction, row: Row) -> bool:
        """Whether the search index has exactly the ticket's words. Always True for texts too long for the index."""
        indexed = self.words.get(row["id"])
        if row["deleted_at"] or indexed is None:
            return bool(row["deleted_at"]) == (indexed is None)
        texts = [row["title"], row["description"], row["acceptance_criteria"]]
        if self.comment_count(row["id"]):
            texts += (item["text"] for item in tx.all(search.COMMENTS, ticket_id=row["id"]))
        words = search.tokenize(texts)
        if sum(len(word.encode()) + 1 for word in words) > search.DOCUMENT_BYTES - 2 * limits.TEXT_BYTES:
            return True
        return {*words} == {*(indexed[0]["words"] or "").split()}


def to_json_values(fields: Mapping[str, Any]) -> Fields:
    """The fields, converted to JSON values."""
    values: Fields = orjson.loads(orjson.dumps(fields))
    return values


def _default_values(wire_class: Any, names: Iterable[str]) -> Fields:
    """The defaults of fields that events of earlier versions do not have."""
    fields = {name: wire_class.__dataclass_fields__[name] for name in names}
    defaults = {name: item.default_factory() for name, item in fields.items() if item.default_factory is not MISSING}
    return defaults | {name: item.default for name, item in fields.items() if item.default is not MISSING}


TICKET_DEFAULTS = _default_values(Ticket, TICKET_FIELDS)
BOARD_DEFAULTS = _default_values(Board, BOARD_FIELDS)


def _differing_fields(log_fields: Fields, row_fields: Fields, defaults: Fields) -> list[str]:
    return [name for name, value in row_fields.items() if log_fields.get(name, defaults.get(name, MISSING)) != value]


def changed_fields(log_fields: Fields, row_fields: Fields) -> dict[str, dict[str, Any]]:
    """The fields of a ticket that differ: `from` is the value by the log, `to` the value by the row."""
    names = _differing_fields(log_fields, row_fields, TICKET_DEFAULTS)
    return {name: {"from": log_fields.get(name, TICKET_DEFAULTS.get(name)), "to": row_fields[name]} for name in names}


def _make_event(seq: int, name: str, **data: Any) -> Event:
    return Event(name, 0, seq, "", "", "", data=data)
