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
from kanban_server.rules.refusals import Refusal, not_found
from kanban_server.store.locked import LockedBoard
from kanban_server.store.seeing import Seeing
from kanban_server.store.statements import Statement
from kanban_server.store.tables import alive, comments, dependencies, ticket_labels, tickets
from kanban_server.store.transaction import Reading, Row, Transaction

_t = tickets.c
_BY_ID = _t.id == bindparam("ticket_id")
_IN_COLUMN = (_t.board_id == bindparam("board_id"), _t.column_id == bindparam("column_id"), alive)
_OTHERS = (*_IN_COLUMN, _t.id != bindparam("ticket_id"))


def _values(*names: str) -> dict[str, Any]:
    return {name: bindparam(name) for name in names}


BY_ID = Seeing(select(tickets).where(_BY_ID), _t.board_id, "board_id")
WITH_IDS = Statement(
    select(tickets).where(text("id IN (SELECT value FROM json_each(:ids))")).order_by(_t.id),
    postgresql=select(tickets).where(text("id = ANY(:ids)")).order_by(_t.id),
)
_OF_THE_BOARD = select(tickets).where(_t.board_id == bindparam("board_id"))
WITH_SOURCES = Statement(
    _OF_THE_BOARD.where(text("source_id IN (SELECT value FROM json_each(:sources))")),
    postgresql=_OF_THE_BOARD.where(text("source_id = ANY(:sources)")),
)
OF_BOARD = Statement(
    select(tickets).where(_t.board_id == bindparam("board_id"), alive).order_by(_t.column_id, _t.place, _t.id)
)
_PICTURED = frozenset(Ticket.__dataclass_fields__) | {"column_id", "claim_holder", "claim_number"}
PICTURE = Statement(
    select(*(column for column in _t if column.name in _PICTURED))
    .where(_t.board_id == bindparam("board_id"), alive)
    .order_by(_t.column_id, _t.place, _t.id)
)
OF_COLUMN = Statement(select(_t.id, _t.place).where(*_IN_COLUMN).order_by(_t.place, _t.id))
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
PLACE_AHEAD = Statement(
    select(_t.place).where(*_OTHERS, _t.place < bindparam("mark")).order_by(_t.place.desc()).limit(1)
)
PLACE_BEHIND = Statement(select(_t.place).where(*_OTHERS, _t.place > bindparam("mark")).order_by(_t.place).limit(1))

_EDITED = (
    "title", "description", "acceptance_criteria", "priority", "priority_key", "assignee", "labels", "updated_by",
    "assigned_by", "updated_at", "version", "needs_human", "due_date", "links", "extra",
)  # fmt: skip
_MOVED = ("column_id", "place", "column_entered_at", "updated_by", "updated_at", "version")

INSERT = Statement(
    insert(tickets)
    .values(
        _values(
            "board_id", "column_id", "place", "title", "description", "acceptance_criteria", "priority",
            "priority_key", "assignee", "labels", "created_by", "updated_by", "assigned_by", "created_at",
            "updated_at", "column_entered_at", "version", "source_id", "extra", "comment_count", "needs_human",
            "due_date", "links",
        )
    )
    .returning(_t.id)
)  # fmt: skip
EDIT = Statement(update(tickets).where(_BY_ID).values(_values(*_EDITED)))
MOVE = Statement(update(tickets).where(_BY_ID).values(_values(*_MOVED)))
FINISH = Statement(update(tickets).where(_BY_ID).values({**_values(*_MOVED), "expiries": literal(0)}))
"""A move into a done column: leases that ran out before count no longer."""
PLACE = Statement(update(tickets).where(_BY_ID).values(_values("place")))
DELETE = Statement(update(tickets).where(_BY_ID).values(_values("deleted_at", "updated_by", "updated_at", "version")))
ARCHIVE = Statement(update(tickets).where(_BY_ID).values(_values("archived_at", "updated_by", "updated_at", "version")))
RESTORE = Statement(update(tickets).where(_BY_ID).values(_values("deleted_at", "archived_at", *_MOVED)))
FORGET_EXPIRIES_OF_COLUMN = Statement(update(tickets).where(*_IN_COLUMN, _t.expiries > 0).values(expiries=0))
FORGET_EXPIRIES = Statement(update(tickets).where(_BY_ID, _t.expiries > 0).values(expiries=0))
COMMENTS = Statement(update(tickets).where(_BY_ID).values(_values("comment_count")))
_asker = select(comments.c.author).where(comments.c.id == _t.open_question).scalar_subquery()
_own_question = case((_t.open_question.is_not(None) & (_asker == bindparam("author")), _t.open_question))
COMMENTED = Statement(update(tickets).where(_BY_ID).values(**_values("comment_count"), open_question=_own_question))
"""A comment answers the question that is open, unless who asked it wrote it."""
ASKED = Statement(update(tickets).where(_BY_ID).values(_values("comment_count", "open_question")))
_other_question = func.nullif(_t.open_question, bindparam("comment_id"))
UNCOMMENTED = Statement(update(tickets).where(_BY_ID).values(**_values("comment_count"), open_question=_other_question))
"""A comment was deleted, and with it the question that it was."""

ADD_LABEL = Statement(insert(ticket_labels).values(_values("board_id", "label", "ticket_id")))
DROP_LABELS = Statement(delete(ticket_labels).where(ticket_labels.c.ticket_id == bindparam("ticket_id")))


def column_of(row: Row, columns: Sequence[Column]) -> Column:
    """Where a ticket stands. What is deleted or archived may outlive its column: it comes back into the first."""
    return next((column for column in columns if column.id == row["column_id"]), columns[0])


def seen(row: Row, columns: Sequence[Column]) -> Ticket:
    """A ticket's row as clients see it. `unmet` is left out: only the answer to a change bears it."""
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
        criteria=criteria.counted(row["acceptance_criteria"]),
        open_question=row["open_question"],
        archived_at=row["archived_at"],
        sizes=None,
        lease=None,
        attempts=None,
    )


def pictured(row: Row, names: Mapping[int, str], *, bodies: bool) -> Row:
    """A row of `PICTURE` as JSON for clients: what `seen` gives, without the detour over an object for each ticket.

    Without `bodies`, long texts are None, and their sizes in bytes stand in `sizes`.
    """
    row["current_column"] = names[row.pop("column_id")]
    holder, number = row.pop("claim_holder"), row.pop("claim_number")
    row["claim"] = {"holder": holder, "number": number} if holder else None
    for name in ("labels", "blocked_by", "links"):
        row[name] = orjson.Fragment(row[name])
    if row["extra"]:
        row["extra"] = orjson.Fragment(row["extra"])
    row["criteria"] = criteria.counted(row["acceptance_criteria"])
    if not bodies:
        sizes = row["sizes"] = {}
        for name in ("description", "acceptance_criteria"):
            if row[name] is not None:
                sizes[name], row[name] = len(row[name].encode()), None
    return row


def read(tx: Reading, ticket_id: int, *, deleted: bool = False) -> Row:
    """The row of a ticket, also of an archived one, and with `deleted` of a deleted one. Refused: `not-found`."""
    row = tx.read_ahead(ticket_id) or BY_ID.one(tx, ticket_id=ticket_id)
    if row is None or (row["deleted_at"] and not deleted):
        fix = "Restore it, or list the board's tickets." if row else "List the board's tickets."
        raise not_found("ticket", ticket_id, fix=fix)
    return row


def standing(tx: Reading, ticket_id: int) -> Row:
    """The row of a ticket that stands on its board, and can be changed. Refused: `not-found`, `archived`."""
    row = read(tx, ticket_id)
    if row["archived_at"]:
        detail = f"Ticket {ticket_id} is archived."
        raise Refusal("archived", detail, fix="Restore it first.", ticket_id=ticket_id)
    return row


def with_ids(tx: Reading, ids: Iterable[int]) -> list[Row]:
    """The rows of tickets, deleted ones too, by id. Only for ids that were read from the tickets of a board."""
    return tx.all(WITH_IDS, ids=tx.listed(ids))


def with_sources(tx: Reading, board_id: int, sources: Iterable[str]) -> dict[str, Row]:
    """The rows of imported tickets of a board, deleted ones too, by the names that they have elsewhere."""
    rows = tx.all(WITH_SOURCES, board_id=board_id, sources=tx.listed(sources))
    return {row["source_id"]: row for row in rows}


def on(board: LockedBoard, ticket_id: int) -> Ticket:
    """A ticket of a board that is locked. Refused: `not-found`, `archived`."""
    row = standing(board.tx, ticket_id)
    if row["board_id"] != board.id:
        raise not_found("ticket", ticket_id, fix="Name a ticket of the same board.")
    return seen(row, board.columns)


def insert_row(tx: Transaction, row: Row) -> int:
    """Write a new ticket, and give its id."""
    labels: list[str] = row["labels"]
    id: int = tx.value(
        INSERT,
        **{
            **row,
            "labels": orjson.dumps(labels).decode(),
            "links": orjson.dumps(row["links"]).decode(),
            "priority_key": priorities.sort_key(row["priority"]),
            "extra": packed(row.get("extra")),
            "needs_human": int(limits.NEEDS_HUMAN in labels),
        },
    )
    _index_labels(tx, row["board_id"], id, labels)
    return id


def packed(extra: dict[str, Any] | None) -> str | None:
    """What an import brought that has no field of ours, as it is kept."""
    return orjson.dumps(extra).decode() if extra else None


def edit(tx: Transaction, ticket: Ticket, *, labels_changed: bool) -> None:
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
        extra=packed(ticket.extra),
    )
    if labels_changed:
        index_labels(tx, ticket.board_id, ticket.id, ticket.labels)


def index_labels(tx: Transaction, board_id: int, ticket_id: int, labels: Iterable[str]) -> None:
    """Make a ticket found by these labels, and by no others."""
    tx.run(DROP_LABELS, ticket_id=ticket_id)
    _index_labels(tx, board_id, ticket_id, labels)


def _index_labels(tx: Transaction, board_id: int, ticket_id: int, labels: Iterable[str]) -> None:
    tx.run_many(ADD_LABEL, [{"board_id": board_id, "label": label, "ticket_id": ticket_id} for label in labels])


def write_move(
    tx: Transaction, ticket: Ticket, column: Column, statement: Statement | None = None, **more: Any
) -> None:
    """Write where a ticket stands now."""
    tx.run(
        statement or (FINISH if column.role == "done" else MOVE),
        ticket_id=ticket.id,
        column_id=column.id,
        place=ticket.place,
        column_entered_at=ticket.column_entered_at,
        updated_by=ticket.updated_by,
        updated_at=ticket.updated_at,
        version=ticket.version,
        **more,
    )


def entered_before(tx: Reading, board_id: int, column_id: int, before: str, most: int) -> list[int]:
    """The tickets of a column that entered it before a time and that nobody holds, from the top, at most so many."""
    rows = tx.all(ENTERED_BEFORE, board_id=board_id, column_id=column_id, before=before, most=most)
    return [row["id"] for row in rows]
