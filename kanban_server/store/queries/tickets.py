"""Tickets: the statements that read and write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import bindparam, case, delete, exists, func, insert, literal, or_, select, text, update

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Column
from kanban_sdk.wire.tickets import Claim, Link, Ticket
from kanban_server.rules import criteria, priorities
from kanban_server.rules.problems import Refusal, not_found
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.statements import Statement
from kanban_server.store.tables import alive, comments, dependencies, ticket_labels, tickets
from kanban_server.store.transaction import ReadTransaction, Row, Transaction
from kanban_server.store.visibility import VisibleTo

_t = tickets.c
_BY_ID = _t.id == bindparam("ticket_id")
_IN_COLUMN = (_t.board_id == bindparam("board_id"), _t.column_id == bindparam("column_id"), alive)
_OTHERS = (*_IN_COLUMN, _t.id != bindparam("ticket_id"))


def _bind_values(*names: str) -> dict[str, Any]:
    return {name: bindparam(name) for name in names}


BY_ID = VisibleTo(select(tickets).where(_BY_ID), _t.board_id, "board_id")
BY_IDS = Statement(
    select(tickets).where(text("id IN (SELECT value FROM json_each(:ids))")).order_by(_t.id),
    postgresql=select(tickets).where(text("id = ANY(:ids)")).order_by(_t.id),
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
LAST_PLACE = Statement(select(_t.place).where(*_OTHERS).order_by(_t.place.desc()).limit(1))
FIRST_PLACE = Statement(select(_t.place).where(*_OTHERS).order_by(_t.place).limit(1))
PREVIOUS_PLACE = Statement(
    select(_t.place).where(*_OTHERS, _t.place < bindparam("mark")).order_by(_t.place.desc()).limit(1)
)
NEXT_PLACE = Statement(select(_t.place).where(*_OTHERS, _t.place > bindparam("mark")).order_by(_t.place).limit(1))

_EDIT_FIELDS = (
    "title", "description", "acceptance_criteria", "priority", "priority_key", "assignee", "labels", "updated_by",
    "assigned_by", "updated_at", "version", "needs_human", "due_date", "links", "extra",
)  # fmt: skip
_MOVE_FIELDS = ("column_id", "place", "column_entered_at", "updated_by", "updated_at", "version")

INSERT = Statement(
    insert(tickets)
    .values(
        _bind_values(
            "board_id", "column_id", "place", "title", "description", "acceptance_criteria", "priority",
            "priority_key", "assignee", "labels", "created_by", "updated_by", "assigned_by", "created_at",
            "updated_at", "column_entered_at", "version", "source_id", "extra", "comment_count", "needs_human",
            "due_date", "links",
        )
    )
    .returning(_t.id)
)  # fmt: skip
EDIT = Statement(update(tickets).where(_BY_ID).values(_bind_values(*_EDIT_FIELDS)))
MOVE = Statement(update(tickets).where(_BY_ID).values(_bind_values(*_MOVE_FIELDS)))
MOVE_TO_DONE = Statement(update(tickets).where(_BY_ID).values({**_bind_values(*_MOVE_FIELDS), "expiries": literal(0)}))
"""For a move into a done column: earlier expiries of leases no longer count."""
UPDATE_PLACE = Statement(update(tickets).where(_BY_ID).values(_bind_values("place")))
DELETE = Statement(
    update(tickets).where(_BY_ID).values(_bind_values("deleted_at", "updated_by", "updated_at", "version"))
)
ARCHIVE = Statement(
    update(tickets).where(_BY_ID).values(_bind_values("archived_at", "updated_by", "updated_at", "version"))
)
RESTORE = Statement(update(tickets).where(_BY_ID).values(_bind_values("deleted_at", "archived_at", *_MOVE_FIELDS)))
FORGET_EXPIRIES_OF_COLUMN = Statement(update(tickets).where(*_IN_COLUMN, _t.expiries > 0).values(expiries=0))
RESET_EXPIRIES = Statement(update(tickets).where(_BY_ID, _t.expiries > 0).values(expiries=0))
UPDATE_COMMENT_COUNT = Statement(update(tickets).where(_BY_ID).values(_bind_values("comment_count")))
_asker = select(comments.c.author).where(comments.c.id == _t.open_question).scalar_subquery()
_own_question = case((_t.open_question.is_not(None) & (_asker == bindparam("author")), _t.open_question))
COMMENTED = Statement(
    update(tickets).where(_BY_ID).values(**_bind_values("comment_count"), open_question=_own_question)
)
"""A comment answers the open question, unless its author asked the question."""
ASKED = Statement(update(tickets).where(_BY_ID).values(_bind_values("comment_count", "open_question")))
_other_question = func.nullif(_t.open_question, bindparam("comment_id"))
UNCOMMENTED = Statement(
    update(tickets).where(_BY_ID).values(**_bind_values("comment_count"), open_question=_other_question)
)
"""A comment was deleted. If it was the open question, the question is deleted with it."""

INSERT_LABEL = Statement(insert(ticket_labels).values(_bind_values("board_id", "label", "ticket_id")))
DELETE_LABELS = Statement(delete(ticket_labels).where(ticket_labels.c.ticket_id == bindparam("ticket_id")))


def column_of(row: Row, columns: Sequence[Column]) -> Column:
    """The ticket's column. The column of a deleted or archived ticket may be gone: then it is the first column."""
    return next((column for column in columns if column.id == row["column_id"]), columns[0])


def to_wire(row: Row, columns: Sequence[Column]) -> Ticket:
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
        links=[Link(**link) for link in orjson.loads(row["links"])] if row["links"] != "[]" else [],
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
    for name in ("labels", "blocked_by", "links"):
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


def read_row(tx: ReadTransaction, ticket_id: int, *, deleted: bool = False) -> Row:
    """The row of a ticket, archived or not, and with `deleted` also a deleted one. Refused: `not-found`."""
    row = tx.take_prefetched(ticket_id) or BY_ID.one(tx, ticket_id=ticket_id)
    if row is None or (row["deleted_at"] and not deleted):
        fix = "Restore it, or list the board's tickets." if row else "List the board's tickets."
        raise not_found("ticket", ticket_id, fix=fix)
    return row


def active_row(tx: ReadTransaction, ticket_id: int) -> Row:
    """The row of a ticket that is on its board and can be changed. Refused: `not-found`, `archived`."""
    row = read_row(tx, ticket_id)
    if row["archived_at"]:
        detail = f"Ticket {ticket_id} is archived."
        raise Refusal("archived", detail, fix="Restore it first.", ticket_id=ticket_id)
    return row


def read_by_ids(tx: ReadTransaction, ids: Iterable[int]) -> list[Row]:
    """The rows of tickets by id, deleted ones too. Only for ids that were read from the tickets of a board."""
    return tx.all(BY_IDS, ids=tx.array_parameter(ids))


def read_by_source_ids(tx: ReadTransaction, board_id: int, source_ids: Iterable[str]) -> dict[str, Row]:
    """The rows of a board's imported tickets by `source_id`, deleted ones too."""
    rows = tx.all(BY_SOURCE_IDS, board_id=board_id, sources=tx.array_parameter(source_ids))
    return {row["source_id"]: row for row in rows}


def read_on_board(board: LockedBoard, ticket_id: int) -> Ticket:
    """A ticket of a locked board. Refused: `not-found`, `archived`."""
    row = active_row(board.tx, ticket_id)
    if row["board_id"] != board.id:
        raise not_found("ticket", ticket_id, fix="Name a ticket of the same board.")
    return to_wire(row, board.columns)


def insert_ticket(tx: Transaction, row: Row) -> int:
    """Write a new ticket and return its id."""
    labels: list[str] = row["labels"]
    ticket_id: int = tx.value(
        INSERT,
        **{
            **row,
            "labels": orjson.dumps(labels).decode(),
            "links": orjson.dumps(row["links"]).decode(),
            "priority_key": priorities.sort_key(row["priority"]),
            "extra": encode_extra(row.get("extra")),
            "needs_human": int(limits.NEEDS_HUMAN in labels),
        },
    )
    _insert_labels(tx, row["board_id"], ticket_id, labels)
    return ticket_id


def encode_extra(extra: dict[str, Any] | None) -> str | None:
    """Imported fields that tickets do not have, as they are stored."""
    return orjson.dumps(extra).decode() if extra else None


def update_fields(tx: Transaction, ticket: Ticket, *, labels_changed: bool) -> None:
    """Write a ticket's own fields."""
    tx.run(
        EDIT,
        ticket_id=ticket.id,
        title=ticket.title,
        description=ticket.description,
        acceptance_criteria=ticket.acceptance_criteria,
        priority=ticket.priority,
        priority_key=priorities.sort_key(ticket.priority),
        assignee=ticket.assignee,
        labels=orjson.dumps(ticket.labels).decode(),
        updated_by=ticket.updated_by,
        assigned_by=ticket.assigned_by,
        updated_at=ticket.updated_at,
        version=ticket.version,
        needs_human=int(limits.NEEDS_HUMAN in ticket.labels),
        due_date=ticket.due_date,
        links=orjson.dumps(ticket.links).decode(),
        extra=encode_extra(ticket.extra),
    )
    if labels_changed:
        replace_labels(tx, ticket.board_id, ticket.id, ticket.labels)


def replace_labels(tx: Transaction, board_id: int, ticket_id: int, labels: Iterable[str]) -> None:
    """Replace a ticket's labels in the label index."""
    tx.run(DELETE_LABELS, ticket_id=ticket_id)
    _insert_labels(tx, board_id, ticket_id, labels)


def _insert_labels(tx: Transaction, board_id: int, ticket_id: int, labels: Iterable[str]) -> None:
    tx.run_many(INSERT_LABEL, [{"board_id": board_id, "label": label, "ticket_id": ticket_id} for label in labels])


def update_placement(
    tx: Transaction, ticket: Ticket, column: Column, statement: Statement | None = None, **extra_values: Any
) -> None:
    """Write a ticket's column and place."""
    tx.run(
        statement or (MOVE_TO_DONE if column.role == "done" else MOVE),
        ticket_id=ticket.id,
        column_id=column.id,
        place=ticket.place,
        column_entered_at=ticket.column_entered_at,
        updated_by=ticket.updated_by,
        updated_at=ticket.updated_at,
        version=ticket.version,
        **extra_values,
    )


def entered_before(tx: ReadTransaction, board_id: int, column_id: int, before: str, limit: int) -> list[int]:
    """The unclaimed tickets of a column that entered it before a time, from the top, at most `limit`."""
    rows = tx.all(ENTERED_BEFORE, board_id=board_id, column_id=column_id, before=before, most=limit)
    return [row["id"] for row in rows]
