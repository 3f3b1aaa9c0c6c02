"""What can be done with a board and its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import COUNTED, DEFAULT_COLUMNS, Board, Column, ColumnsChanged, Message
from kanban_sdk.wire.bodies import BoardEdit, ColumnEdit, NewBoard
from kanban_server.actions import dependencies, holding, requirements, warning
from kanban_server.actions.landing import make_room, neighbours
from kanban_server.actions.quotas import NO_QUOTAS, Quotas, check
from kanban_server.actions.tickets import put_into
from kanban_server.actions.versions import check_board
from kanban_server.rules import access, columns, texts
from kanban_server.rules.names import THE_SYSTEM, Actor, short_name
from kanban_server.rules.refusals import Refusal, not_found
from kanban_server.rules.requirements import in_order
from kanban_server.store import boards, members, tickets
from kanban_server.store.locked import LockedBoard
from kanban_server.store.transaction import Transaction

FIRST = 7_265_313
"""The number under which servers that start together agree who makes the first board."""


def create(tx: Transaction, actor: Actor, new: NewBoard, quotas: Quotas = NO_QUOTAS) -> Board:
    """Create a board, with the usual five columns where none are named. Refused: `quota-exceeded`."""
    access.check_new_board(tx.viewer)
    if not tx.viewer.everywhere:
        check(tx, quotas, "boards", tx.viewer.seat)
    made = columns.first_made(DEFAULT_COLUMNS if new.columns is None else new.columns)
    board = boards.make(tx, _name(new.name), texts.text(new.description), made)
    if tx.viewer.seat is not None:  # who makes a board is its first admin
        members.put(tx, board.id, tx.viewer.seat, "admin", board.now)
    warning.board_name(tx, board.id, board.name)
    board.record(actor, "board_created", said(board.wire()))
    return board.wire()


def create_first(tx: Transaction) -> None:
    """Create board 1 in a database that never had a board."""
    tx.alone(FIRST)
    if tx.value(boards.ANY) is None:
        create(tx, THE_SYSTEM, NewBoard("My First Board"))


def edit(tx: Transaction, actor: Actor, board_id: int, wanted: BoardEdit, move_to: str | None = None) -> Board:
    """Change the fields that are named, and no other."""
    board = boards.lock(tx, board_id)
    access.check_arrange(board.role)
    check_board(tx, board.wire(), wanted.get("version"))
    before = board.wire()
    if "name" in wanted:
        board.name = _name(wanted["name"])
        if board.name != before.name:
            warning.board_name(tx, board.id, board.name)
    if "description" in wanted:
        board.description = texts.text(wanted["description"])
    if "wip_per_user" in wanted:
        board.wip_per_user = wanted["wip_per_user"]
    if "review" in wanted:
        board.review = wanted["review"]
    if "require" in wanted:
        board.require = in_order(wanted["require"])
    if "columns" in wanted:
        _arrange(board, actor, wanted["columns"], move_to)
    _tell(board, actor, before)
    return board.wire()


def set_columns(
    tx: Transaction,
    actor: Actor,
    board_id: int,
    names: Sequence[str],
    move_to: str | None = None,
    version: int | None = None,
) -> ColumnsChanged:
    """Add, order and remove columns. A column that holds tickets goes only where `move_to` takes them."""
    board = boards.lock(tx, board_id)
    access.check_arrange(board.role)
    before = board.wire()
    check_board(tx, before, version)
    _arrange(board, actor, names, move_to)
    _tell(board, actor, before)
    return ColumnsChanged("The columns are set.", board.wire().columns)


def edit_column(tx: Transaction, actor: Actor, board_id: int, column_id: int, wanted: ColumnEdit) -> Column:
    """Change the name, role or limit of a column. Its tickets stay in it."""
    board = boards.lock(tx, board_id)
    access.check_arrange(board.role)
    before = board.wire()
    check_board(tx, before, wanted.get("version"))
    old = next((column for column in board.columns if column.id == column_id), None)
    if old is None:
        raise not_found("column", column_id, fix="The board's `column_settings` list the ids.")
    new = replace(
        old,
        name=wanted.get("name", old.name),
        role=wanted.get("role", old.role),
        limit=wanted.get("limit", old.limit),
    )
    names = columns.named([new.name if column.id == column_id else column.name for column in board.columns])
    board.columns = [
        replace(new if column.id == column_id else column, name=name)
        for column, name in zip(board.columns, names, strict=True)
    ]
    new = board.column_with(column_id)
    if (old.role == "done") != (new.role == "done"):
        for row in tx.all(tickets.LINKED, board_id=board.id, column_id=new.id):
            dependencies.settle(board, actor, tickets.on(board, row["id"]))
    if new.role == "done":
        tx.run(tickets.FORGET_EXPIRIES_OF_COLUMN, board_id=board.id, column_id=new.id)
    renamed = {"from": old.name, "to": new.name} if old.name != new.name else None
    _tell(board, actor, before, renamed=renamed)
    return new


def delete(tx: Transaction, actor: Actor, board_id: int, version: int | None = None) -> Message:
    """Delete a board: its last event. Its log can still be read."""
    board = boards.lock(tx, board_id)
    access.check_arrange(board.role)
    check_board(tx, board.wire(), version)
    board.deleted_at = board.now
    board.version += 1
    board.record(actor, "board_deleted", {"id": board.id, "name": board.name, "deleted_by": actor.name})
    return Message(f"Board {board.id} is deleted.")


def said(board: Board) -> dict[str, Any]:
    """The board, as an event says it."""
    return {name: getattr(board, name) for name in board.__dataclass_fields__ if name not in COUNTED}


def _name(text: str) -> str:
    return short_name(text, "board name", limits.BOARD_NAME_CHARACTERS)


def _arrange(board: LockedBoard, actor: Actor, names: Sequence[str], move_to: str | None) -> None:
    arranged = columns.arranged(board.columns, names, board.next_column_id)
    kept = {column.id for column in arranged}
    gone = [column for column in board.columns if column.id not in kept]
    board.columns = [*arranged, *gone]  # while tickets move, both are there
    for column in gone:
        if board.count(column):
            _empty(board, actor, column, arranged, move_to)
    board.columns = arranged
    board.next_column_id = max(board.next_column_id, *(column.id + 1 for column in arranged))


def _empty(board: LockedBoard, actor: Actor, column: Column, left: Sequence[Column], move_to: str | None) -> None:
    """Move a column's tickets away before it goes."""
    if move_to is None:
        count = board.count(column)
        raise Refusal(
            "column-in-use",
            f"{column.name} holds {count} ticket{'s' if count > 1 else ''}.",
            fix="Move them first, or say where they go with `move_to`.",
            column=column.name,
            tickets=count,
        )
    target = columns.find(left, move_to)
    for row in board.tx.all(tickets.OF_COLUMN, board_id=board.id, column_id=column.id):
        ticket = tickets.on(board, row["id"])
        make_room(board, target, force=actor.force)
        requirements.check_move(board, actor, ticket, target)
        if board.review and target.role == "done" and column.role != "done":
            holding.check_review(board, actor, tickets.read(board.tx, ticket.id))
        put_into(board, actor, ticket, target, neighbours(board, ticket.id, target))


def _tell(board: LockedBoard, actor: Actor, before: Board, *, renamed: dict[str, str] | None = None) -> None:
    """Record what changed of the board; nothing where nothing did."""
    now = board.wire()
    changes = {
        field: {"from": getattr(before, field), "to": getattr(now, field)}
        for field in ("name", "description", "columns", "column_settings", "wip_per_user", "review", "require")
        if getattr(before, field) != getattr(now, field)
    }
    if not changes:
        return
    board.version += 1
    board.updated_at = board.now
    data = {**said(board.wire()), "changes": changes, "changed_by": actor.name}
    board.record(actor, "board_updated", {**data, "renamed": renamed} if renamed else data)
