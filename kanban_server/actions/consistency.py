"""Compare what is kept of a board in more than one place: its log with its rows, and its rows with counts and indexes.

The log is folded one ticket at a time, so that memory does not grow with a board or its log. What differs is mended by
`repairing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field
from heapq import merge
from typing import Any

import orjson

from kanban_sdk.fold import BOARD_FIELDS, TICKET_FIELDS, Folded
from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Board
from kanban_sdk.wire.events import Event
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions.boards import said as board_said
from kanban_server.actions.writing import said
from kanban_server.rules import priorities
from kanban_server.store import bases, boards, consistency, search, tickets
from kanban_server.store.tallies import NONE
from kanban_server.store.transaction import Reading, Row

Fields = dict[str, Any]


@dataclass
class Differences:
    """What differs on one board. Tickets are named by their ids, columns and fields by their names."""

    board_id: int
    name: str
    deleted: bool = False
    lost: int = 0
    """Numbers of the log that no event bears."""
    ahead: int = 0
    """Events behind the one that the board's row says is the newest."""
    board: list[str] = field(default_factory=list)
    """Fields of the board that its log tells otherwise."""
    tickets: list[int] = field(default_factory=list)
    """Tickets that the log tells otherwise."""
    derived: list[int] = field(default_factory=list)
    """Tickets whose counts, dependencies or sort keys do not follow from what they hold."""
    labels: list[int] = field(default_factory=list)
    search: list[int] = field(default_factory=list)
    counts: list[str] = field(default_factory=list)
    """Columns whose tickets were counted wrongly."""

    def told(self) -> list[str]:
        """What differs, in words; nothing where all agrees."""
        events = [f"{self.lost} events are missing in its log"] if self.lost else []
        events += [f"its log is {self.ahead} events further than its row says"] if self.ahead else []
        wrong = (
            ("its log tells other values of its {}", self.board),
            ("its log tells something else of tickets {}", self.tickets),
            ("the counts of tickets {} are wrong", self.derived),
            ("the label index is wrong for tickets {}", self.labels),
            ("the search index is wrong for tickets {}", self.search),
            ("the counts of columns {} are wrong", self.counts),
        )
        return events + [words.format(_few(which)) for words, which in wrong if which]

    def known(self) -> dict[str, int]:
        """How much of what kind differs."""
        kinds = ("board", "tickets", "derived", "labels", "search", "counts")
        numbers = {"lost": self.lost, "ahead": self.ahead} | {name: len(getattr(self, name)) for name in kinds}
        return {name: number for name, number in numbers.items() if number}


def compare(tx: Reading, board_id: int) -> Differences:
    """All that differs on one board. Of a deleted board only its log is of use any longer."""
    row = tx.one(consistency.BOARD, board_id=board_id)
    assert row is not None
    found = Differences(board_id, row["name"], deleted=bool(row["deleted_at"]))
    found.lost = sum(len(hole) for hole, _ in consistency.holes(tx, board_id, row["floor"], row["seq"]))
    newest = consistency.newest(tx, board_id, row["seq"])
    found.ahead = newest[0] - row["seq"] if newest else 0
    if found.deleted:
        return found
    board = boards.seen(tx, row)
    log = Log.read(tx, board)
    found.board = log.differing(board.board)
    done = {column.id for column in board.board.column_settings if column.role == "done"}
    known = {column.id for column in board.board.column_settings}
    for rows in consistency.chunks(tx, board_id):
        found.tickets += (id for id, _, _ in log.compare(tx, rows, board.board))
        kept = Kept.read(tx, rows)
        found.derived += (one["id"] for one in rows if kept.derived(one, done, known) != kept.stored(one))
        found.labels += (one["id"] for one in rows if not kept.labelled(one))
        found.search += (one["id"] for one in rows if not kept.found(tx, one))
    found.tickets += log.without_row(tx, board_id)
    counts, tallies = consistency.counted(tx, board_id)
    found.counts = [
        column.name
        for column in board.board.column_settings
        if (counts.get(column.id, 0), tallies.get(column.id, NONE))
        != (board.counts.get(column.id, 0), board.tallies.get(column.id, NONE))
    ]
    return found


class Log:
    """A board's log, as far as it is about the board itself; and for each ticket what it tells of that."""

    def __init__(self, base: Mapping[str, Any] | None, floor: int) -> None:
        self.floor = floor
        self.folded = Folded(seq=floor)
        self._base: dict[int, Fields] = {}
        self._renames: list[Event] = []
        self._places: dict[int, list[tuple[int, str]]] = {}
        if base is not None:
            self.folded.board = {name: value for name, value in base["board"].items() if name in BOARD_FIELDS}
            self._base = {ticket["id"]: ticket for ticket in base["tickets"]}

    @classmethod
    def read(cls, tx: Reading, board: boards.BoardRow) -> Log:
        """The log of a board; where it was trimmed, from its base on."""
        base = bases.read(tx, board.board.id) if board.floor else None
        log = cls(None if base is None else orjson.loads(base.data), board.floor)
        for event in consistency.events_of_board(tx, board.board.id, board.floor):
            log.step(event)
        return log

    def step(self, event: Event) -> None:
        """Go on with one more event of the board itself."""
        if event.event == "column_reordered":
            for id, place in zip(event.data["ids"], event.data["places"], strict=True):
                self._places.setdefault(id, []).append((event.seq, place))
            return
        self.folded.step(event)
        if event.data.get("renamed"):
            self._renames.append(_event(event.seq, "board_updated", renamed=event.data["renamed"]))

    def differing(self, board: Board) -> list[str]:
        """The fields of the board that the log tells otherwise."""
        return _differing(self.folded.board, plain(board_said(board)), BOARD_DEFAULTS)

    def compare(self, tx: Reading, rows: list[Row], board: Board) -> Iterator[tuple[int, Fields | None, Fields | None]]:
        """Those of the tickets that the log tells otherwise: the id, what the log tells, and what the row says."""
        told: dict[int, list[Event]] = {row["id"]: [] for row in rows}
        current = 0
        pending = {row["id"]: row for row in rows}
        for ticket_id, event in consistency.events_of(tx, rows, self.floor):
            if ticket_id != current and current in pending:
                yield from self._judge(pending.pop(current), told.pop(current), board)
            current = ticket_id
            told[ticket_id].append(event)
        for row in pending.values():
            yield from self._judge(row, told[row["id"]], board)

    def _judge(self, row: Row, events: list[Event], board: Board) -> Iterator[tuple[int, Fields | None, Fields | None]]:
        there = not (row["deleted_at"] or row["archived_at"])
        stored = plain(said(tickets.seen(row, board.column_settings))) if there else None
        told = self._fold(row["id"], events)
        if (told is None) != (stored is None) or (told and stored and _differing(told, stored, TICKET_DEFAULTS)):
            yield row["id"], told, stored

    def without_row(self, tx: Reading, board_id: int) -> list[int]:
        """The tickets that the log tells of and that have no row."""
        gone = []
        for row in tx.all(consistency.WITHOUT_ROW, board_id=board_id):
            id = row["ticket_id"]
            events = consistency.events_of_one(tx, board_id, id, self.floor)
            if self._fold(id, events) is not None:
                gone.append(id)
        return sorted(gone)

    def _fold(self, id: int, events: Iterable[Event]) -> Fields | None:
        """What the log tells of a ticket; None where it is not on the board."""
        folded = Folded(seq=self.floor)
        if id in self._base:
            folded.tickets[id] = {name: value for name, value in self._base[id].items() if name in TICKET_FIELDS}
        placed = [_event(seq, "column_reordered", ids=[id], places=[place]) for seq, place in self._places.get(id, ())]
        for event in merge(events, self._renames, placed, key=lambda event: event.seq):
            folded.step(event)
        return folded.tickets.get(id)


@dataclass
class Kept:
    """What is kept of some tickets beside their rows."""

    labels: dict[int, list[Row]]
    comments: dict[int, list[Row]]
    blockers: dict[int, list[Row]]
    children: dict[int, list[Row]]
    words: dict[int, list[Row]]

    @classmethod
    def read(cls, tx: Reading, rows: list[Row]) -> Kept:
        """What is kept of these tickets, whose rows stand one after another."""
        return cls(
            consistency.by_ticket(tx, consistency.LABELS, rows),
            consistency.by_ticket(tx, consistency.COMMENTS, rows),
            consistency.by_ticket(tx, consistency.BLOCKERS, rows),
            consistency.by_ticket(tx, consistency.CHILDREN, rows, "parent"),
            consistency.by_ticket(tx, consistency.WORDS, rows),
        )

    def stored(self, row: Row) -> Fields:
        """What the row says of what follows from other things."""
        names = ("comment_count", "open_blockers", "children", "open_children", "needs_human", "priority_key")
        blockers = [one["id"] for one in self.blockers.get(row["id"], ())]
        return {**{name: row[name] for name in names}, "column": True, "blocked_by": blockers}

    def derived(self, row: Row, done: set[int], columns: set[int]) -> Fields:
        """What the row should say. Who is off the board is counted when it comes back."""
        blockers = self.blockers.get(row["id"], ())
        children = self.children.get(row["id"], ())
        there = not (row["deleted_at"] or row["archived_at"])
        counts = {
            "comment_count": self.comment_count(row),
            "open_blockers": sum(
                not (one["deleted_at"] or one["archived_at"] or one["column_id"] in done) for one in blockers
            ),
            "children": len(children),
            "open_children": sum(not (one["archived_at"] or one["column_id"] in done) for one in children),
        }
        return {
            **(counts if there else {name: row[name] for name in counts}),
            "needs_human": int(limits.NEEDS_HUMAN in orjson.loads(row["labels"])),
            "priority_key": priorities.sort_key(row["priority"]),
            "column": not there or row["column_id"] in columns,
            "blocked_by": sorted(orjson.loads(row["blocked_by"])),
        }

    def comment_count(self, row: Row) -> int:
        """How many comments a ticket has."""
        return int(sum(one["count"] for one in self.comments.get(row["id"], ())))

    def labelled(self, row: Row) -> bool:
        """Whether the label index holds the ticket's labels, and no others."""
        return {one["label"] for one in self.labels.get(row["id"], ())} == {*orjson.loads(row["labels"])}

    def found(self, tx: Reading, row: Row) -> bool:
        """Whether the search index holds the ticket's words, and no others. What is too long for it is not judged."""
        indexed = self.words.get(row["id"])
        if row["deleted_at"] or indexed is None:
            return bool(row["deleted_at"]) == (indexed is None)
        texts = [row["title"], row["description"], row["acceptance_criteria"]]
        if self.comment_count(row):
            texts += (one["text"] for one in tx.all(search.COMMENTS, ticket_id=row["id"]))
        wanted = search.words(texts)
        if sum(len(word.encode()) + 1 for word in wanted) > search.DOCUMENT - 2 * limits.TEXT_BYTES:
            return True
        return {*wanted} == {*(indexed[0]["words"] or "").split()}


def plain(fields: Mapping[str, Any]) -> Fields:
    """Fields as they stand in JSON."""
    read: Fields = orjson.loads(orjson.dumps(fields))
    return read


def _defaults(shape: Any, names: Iterable[str]) -> Fields:
    """What a field is that an event of an earlier version does not bear."""
    fields = {name: shape.__dataclass_fields__[name] for name in names}
    made = {name: one.default_factory() for name, one in fields.items() if one.default_factory is not MISSING}
    return made | {name: one.default for name, one in fields.items() if one.default is not MISSING}


TICKET_DEFAULTS = _defaults(Ticket, TICKET_FIELDS)
BOARD_DEFAULTS = _defaults(Board, BOARD_FIELDS)


def _differing(told: Fields, stored: Fields, defaults: Fields) -> list[str]:
    return [name for name, value in stored.items() if told.get(name, defaults.get(name, MISSING)) != value]


def changed(told: Fields, stored: Fields) -> dict[str, dict[str, Any]]:
    """The fields of a ticket that the log tells otherwise: what it tells, and what is so."""
    names = _differing(told, stored, TICKET_DEFAULTS)
    return {name: {"from": told.get(name, TICKET_DEFAULTS.get(name)), "to": stored[name]} for name in names}


def _event(seq: int, name: str, **data: Any) -> Event:
    return Event(name, 0, seq, "", "", "", data=data)


def _few(which: list[Any], most: int = 10) -> str:
    shown = ", ".join(map(str, which[:most]))
    return f"{shown} and {len(which) - most} more" if len(which) > most else shown
