"""Tickets: the statements that read and write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import orjson
from sqlalchemy import bindparam, exists, insert, or_, select, text, update

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Column
from kanban_sdk.wire.files import File
from kanban_sdk.wire.tickets import Claim, Link, Ticket
from kanban_server.rules import criteria, priorities
from kanban_server.rules.problems import Refusal, not_found
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import boards
from kanban_server.store.rows import NewTicketRow, TicketRow, TicketValues
from kanban_server.store.statements import Statement
from kanban_server.store.tables import alive, dependencies, tickets
from kanban_server.store.transaction import ReadTransaction, Row, Transaction
from kanban_server.store.visibility import VisibleTo

_t = tickets.c
_BY_ID = _t.id == bindparam("ticket_id")
_IN_COLUMN = (_t.board_id == bindparam("board_id"), _t.column_id == bindparam("column_id"), alive)
_OTHERS = (*_IN_COLUMN, _t.id != bindparam("ticket_id"))


def _bind_values(*names: str) -> dict[str, object]:
    return {name: bindparam(name) for name in names}


BY_ID = VisibleTo(select(tickets).where(_BY_ID), _t.board_id, "board_id")
_ANY_BY_ID = Statement(select(tickets).where(_BY_ID))
BY_IDS = Statement(
    select(tickets).where(text("id IN (SELECT value FROM json_each(:ids))")).order_by(_t.id),
    postgresql=select(tickets).where(text("id = ANY(:ids)")).order_by(_t.id),
)
_OPEN = (
    select(tickets)
    .where(_t.board_id == bindparam("board_id"), _t.deleted_at.is_(None), _t.archived_at.is_(None))
    .order_by(_t.id)
    .limit(bindparam("most"))
)
OPEN = Statement(
    _OPEN.where(text("column_id IN (SELECT value FROM json_each(:columns))")),
    postgresql=_OPEN.where(text("column_id = ANY(:columns)")),
)
_ON_BOARD = select(tickets).where(_t.board_id == bindparam("board_id"))
BY_SOURCE_IDS = Statement(
    _ON_BOARD.where(text("source_id IN (SELECT value FROM json_each(:sources))")),
    postgresql=_ON_BOARD.where(text("source_id = ANY(:sources)")),
)
BY_BOARD = Statement(
    select(tickets).where(_t.board_id == bindparam("board_id"), alive).order_by(_t.column_id, _t.place, _t.id)
)
_SNAPSHOT_COLUMNS = frozenset(Ticket.__dataclass_fields__) | {"column_id", "claim_holder", "claim_number"}
SNAPSHOT_ROWS = Statement(
    select(*(column for column in _t if column.name in _SNAPSHOT_COLUMNS))
    .where(_t.board_id == bindparam("board_id"), alive)
    .order_by(_t.column_id, _t.place, _t.id)
)
BY_COLUMN = Statement(select(_t.id, _t.place).where(*_IN_COLUMN).order_by(_t.place, _t.id))
ENTERED_BEFORE = Statement(
    select(_t.id)
    .where(*_IN_COLUMN, _t.column_entered_at <= bindparam("before"), _t.claim_holder.is_(None))
    .order_by(_t.place, _t.id)
    .limit(bindparam("most"))
)
LINKED = Statement(
    select(_t.id)
    .where(*_IN_COLUMN, or_(_t.parent.is_not(None), exists().where(dependencies.c.blocker_id == _t.id)))
    .order_by(_t.id)
)
COLUMN_END = Statement(
    select(_t.id, _t.place).where(*_IN_COLUMN).order_by(_t.place.desc(), _t.id.desc()).limit(bindparam("most"))
)
"""The lowest tickets of a column."""
FIRST_PLACE = Statement(select(_t.place).where(*_OTHERS).order_by(_t.place).limit(1))
PREVIOUS_PLACE = Statement(
    select(_t.place).where(*_OTHERS, _t.place < bindparam("mark")).order_by(_t.place.desc()).limit(1)
)
NEXT_PLACE = Statement(select(_t.place).where(*_OTHERS, _t.place > bindparam("mark")).order_by(_t.place).limit(1))

INSERT = Statement(
    insert(tickets)
    .values(
        _bind_values(
            "board_id", "column_id", "place", "title", "description", "acceptance_criteria", "priority",
            "priority_key", "assignee", "labels", "created_by", "updated_by", "assigned_by", "created_at",
            "updated_at", "column_entered_at", "version", "source_id", "extra", "comment_count", "needs_human",
            "due_date", "links", "not_before", "needs",
        )
    )
    .returning(_t.id)
)  # fmt: skip
FORGET_EXPIRIES_OF_COLUMN = Statement(update(tickets).where(*_IN_COLUMN, _t.expiries > 0).values(expiries=0))


_DEFAULTS = {
    "deleted_at": None, "claim_holder": None, "claim_number": 0, "blocked_by": "[]", "parent": None, "open_blockers": 0,
    "children": 0, "open_children": 0, "expiries": 0, "claim_seconds": None, "claim_expires_at": None,
    "claim_from_column": None, "claim_to_column": None, "claim_from_assignee": None, "claim_user_id": None,
    "claim_seat": None, "archived_at": None, "open_question": None, "files": "[]", "asked": "[]",
    "watchers": 0,
    "question_from_column": None, "question_to_column": None,
}  # fmt: skip
"""The columns of a new ticket that its INSERT leaves to the database."""


def column_of(row: Mapping[str, object], columns: Sequence[Column]) -> Column:
    """The ticket's column. The column of a deleted or archived ticket may be gone: then it is the first column."""
    for column in columns:
        if column.id == row["column_id"]:
            return column
    return columns[0]


def to_wire(row: Mapping[str, Any], columns: Sequence[Column]) -> Ticket:
    """A ticket's row as sent to clients. `unmet` is omitted: only the response to a change has it."""
    return Ticket.of(
        id=row["id"],
        board_id=row["board_id"],
        title=row["title"],
        description=row["description"],
        acceptance_criteria=row["acceptance_criteria"],
        priority=row["priority"],
        assignee=row["assignee"],
        labels=orjson.loads(row["labels"]),
        current_column=column_of(row, columns).name,
        place=row["place"],
        created_by=row["created_by"],
        updated_by=row["updated_by"],
        assigned_by=row["assigned_by"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        column_entered_at=row["column_entered_at"],
        version=row["version"],
        comment_count=row["comment_count"],
        claim=Claim(row["claim_holder"], row["claim_number"]) if row["claim_holder"] else None,
        source_id=row["source_id"],
        extra=orjson.loads(row["extra"]) if row["extra"] else None,
        blocked_by=orjson.loads(row["blocked_by"]),
        parent=row["parent"],
        due_date=row["due_date"],
        not_before=row["not_before"],
        needs=orjson.loads(row["needs"]),
        asked=orjson.loads(row["asked"]) if row["asked"] != "[]" else [],
        links=[Link(**link) for link in orjson.loads(row["links"])] if row["links"] != "[]" else [],
        files=[File(**file) for file in orjson.loads(row["files"])] if row["files"] != "[]" else [],
        open_blockers=row["open_blockers"],
        children=row["children"],
        open_children=row["open_children"],
        criteria=criteria.count_criteria(row["acceptance_criteria"]),
        open_question=row["open_question"],
        archived_at=row["archived_at"],
        sizes=None,
        lease=None,
        attempts=None,
    )


def snapshot_row(row: Row, column_names: Mapping[int, str], *, include_bodies: bool) -> Row:
    """A row of `SNAPSHOT_ROWS` as JSON for clients: as `to_wire`, without creating an object for each ticket.

    Without `include_bodies`, long texts are None, and `sizes` has their sizes in bytes.
    """
    row["current_column"] = column_names[row.pop("column_id")]
    holder, number = row.pop("claim_holder"), row.pop("claim_number")
    row["claim"] = {"holder": holder, "number": number} if holder else None
    for name in ("labels", "blocked_by", "links", "needs", "files", "asked"):
        row[name] = orjson.Fragment(row[name])
    if row["extra"]:
        row["extra"] = orjson.Fragment(row["extra"])
    row["criteria"] = criteria.count_criteria(row["acceptance_criteria"])
    if not include_bodies:
        sizes = row["sizes"] = {}
        for name in ("description", "acceptance_criteria"):
            if row[name] is not None:
                sizes[name], row[name] = len(row[name].encode()), None
    return row


def read_row(tx: ReadTransaction, ticket_id: int, *, deleted: bool = False) -> TicketRow:
    """The row of a ticket, archived or not, and with `deleted` also a deleted one. Refused: `not-found`."""
    row = _current_row(tx, ticket_id) if isinstance(tx, Transaction) else BY_ID.one(tx, ticket_id=ticket_id)
    if row is None or (row["deleted_at"] and not deleted):
        fix = "Restore it, or list the board's tickets." if row else "List the board's tickets."
        raise not_found("ticket", ticket_id, fix=fix)
    return cast("TicketRow", row)


def _current_row(tx: Transaction, ticket_id: int) -> TicketRow | None:
    """The row with the changes of this commit; None if the viewer may not see it."""
    row = tx.unit.tickets.get(ticket_id)
    if row is None:
        stored = tx.one(_ANY_BY_ID, ticket_id=ticket_id)
        if stored is None:
            return None
        row = remember(tx, stored)
    return row if row["board_id"] in tx.boards or boards.may_see(tx, row["board_id"]) else None


def remember(tx: Transaction, stored: Row) -> TicketRow:
    """Keep a row that was read, if nobody else can change it until the commit."""
    row = cast("TicketRow", stored)
    if tx.dialect == "postgresql" and row["board_id"] not in tx.unit.boards:
        return row
    return tx.unit.tickets.setdefault(row["id"], row)


def active_row(tx: ReadTransaction, ticket_id: int) -> TicketRow:
    """The row of a ticket that is on its board and can be changed. Refused: `not-found`, `archived`."""
    row = read_row(tx, ticket_id)
    if row["archived_at"]:
        detail = f"Ticket {ticket_id} is archived."
        raise Refusal("archived", detail, fix="Restore it first.", ticket_id=ticket_id)
    return row


def load_rows(tx: Transaction, ids: Iterable[int]) -> dict[int, TicketRow]:
    """The rows of tickets by id, deleted ones too, in one statement. Only for ids that were read from a board."""
    wanted = {*ids}
    missing = sorted(id for id in wanted if id not in tx.unit.tickets)
    loaded = {row["id"]: remember(tx, row) for row in (read_by_ids(tx, missing) if missing else [])}
    rows = loaded | {id: tx.unit.tickets[id] for id in wanted & tx.unit.tickets.keys()}
    return {id: rows[id] for id in sorted(rows)}


def read_by_ids(tx: ReadTransaction, ids: Iterable[int]) -> list[Row]:
    """The rows of tickets by id, deleted ones too. Only for ids that were read from the tickets of a board."""
    return tx.all(BY_IDS, ids=tx.array_parameter(ids))


def read_open(tx: Transaction, board_id: int, columns: Iterable[int], most: int) -> list[TicketRow]:
    """The rows of the board's tickets in these columns, by id, at most `most`."""
    rows = tx.all(OPEN, board_id=board_id, columns=tx.array_parameter(columns), most=most)
    return [remember(tx, row) for row in rows]


def read_by_source_ids(tx: Transaction, board_id: int, source_ids: Iterable[str]) -> dict[str, TicketRow]:
    """The rows of a board's imported tickets by `source_id`, deleted ones too."""
    rows = tx.all(BY_SOURCE_IDS, board_id=board_id, sources=tx.array_parameter(source_ids))
    return {row["source_id"]: remember(tx, row) for row in rows}


def row_on_board(board: LockedBoard, ticket_id: int) -> TicketRow:
    """The row of a ticket of a locked board. Refused: `not-found`, `archived`."""
    row = active_row(board.tx, ticket_id)
    if row["board_id"] != board.id:
        raise not_found("ticket", ticket_id, fix="Name a ticket of the same board.")
    return row


def insert_ticket(board: LockedBoard, values: NewTicketRow) -> TicketRow:
    """Write and count a new ticket, and return its row."""
    stored = {
        **values,
        "priority_key": priorities.sort_key(values["priority"]),
        "needs_human": int(limits.NEEDS_HUMAN in orjson.loads(values["labels"])),
    }
    id = board.tx.value(INSERT, **stored)
    row = cast("TicketRow", {**_DEFAULTS, **stored, "id": id})
    if row["labels"] != "[]":
        board.tx.unit.relabel(id, new=True)
    board.add_ticket(row)
    return row


def to_columns(values: Mapping[str, Any]) -> TicketValues:
    """Fields of a ticket, in the form of the wire, as columns of its row."""
    columns = dict(values)
    for name in ("labels", "links", "blocked_by", "needs", "files"):
        if name in values:
            columns[name] = orjson.dumps(values[name]).decode()
    if "labels" in values:
        columns["needs_human"] = int(limits.NEEDS_HUMAN in values["labels"])
    if "priority" in values:
        columns["priority_key"] = priorities.sort_key(values["priority"])
    if "extra" in values:
        columns["extra"] = encode_extra(values["extra"])
    return cast("TicketValues", columns)


def encode_extra(extra: Mapping[str, object] | None) -> str | None:
    """Imported fields that tickets do not have, as they are stored."""
    return orjson.dumps(extra).decode() if extra else None


def entered_before(tx: ReadTransaction, board_id: int, column_id: int, before: str, limit: int) -> list[int]:
    """The unclaimed tickets of a column that entered it before a time, from the top, at most `limit`."""
    rows = tx.all(ENTERED_BEFORE, board_id=board_id, column_id=column_id, before=before, most=limit)
    return [row["id"] for row in rows]
