"""Actions on a board and its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import COUNTED, DEFAULT_COLUMNS, Board, Column, ColumnsResult, Message
from kanban_sdk.wire.bodies import BoardEdit, ColumnEdit, NewBoard
from kanban_server.actions import change_warnings, dependencies, leases, requirements
from kanban_server.actions.accounts.quotas import NO_QUOTAS, Quotas, check_quota
from kanban_server.actions.placement import check_room, find_neighbours, place_ticket
from kanban_server.actions.versions import check_board_version
from kanban_server.rules import columns, permissions, validation
from kanban_server.rules.actors import SYSTEM_ACTOR, Actor, check_short_name
from kanban_server.rules.problems import Refusal, not_found
from kanban_server.rules.requirements import in_order
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import boards, members, tickets
from kanban_server.store.transaction import Transaction

FIRST_BOARD_LOCK = 7_265_313
"""Advisory lock id: of servers that start at the same time, only one creates the first board."""


def create(tx: Transaction, actor: Actor, request: NewBoard, quotas: Quotas = NO_QUOTAS) -> Board:
    """Create a board, with the five default columns if none are given. Refused: `quota-exceeded`."""
    permissions.check_new_board(tx.viewer)
    if not tx.viewer.is_admin:
        check_quota(tx, quotas, "boards", tx.viewer.person_id)
    initial_columns = columns.create_columns(DEFAULT_COLUMNS if request.columns is None else request.columns)
    board = boards.create(
        tx, _check_board_name(request.name), validation.check_text(request.description), initial_columns
    )
    if tx.viewer.person_id is not None:  # the creator of a board is its first admin
        members.set_role(tx, board.id, tx.viewer.person_id, "admin", board.now)
    change_warnings.board_name(tx, board.id, board.name)
    board.record(actor, "board_created", board_event_fields(board.to_wire()))
    return board.to_wire()


def create_first(tx: Transaction) -> None:
    """Create board 1 in a database that has never had a board."""
    tx.advisory_lock(FIRST_BOARD_LOCK)
    if tx.value(boards.ANY_BOARD) is None:
        create(tx, SYSTEM_ACTOR, NewBoard("My First Board"))


def edit(tx: Transaction, actor: Actor, board_id: int, request: BoardEdit, move_to: str | None = None) -> Board:
    """Change only the fields in the request."""
    board = boards.lock(tx, board_id)
    permissions.check_board_admin(board.role)
    check_board_version(tx, board.to_wire(), request.get("version"))
    old_board = board.to_wire()
    if "name" in request:
        board.name = _check_board_name(request["name"])
        if board.name != old_board.name:
            change_warnings.board_name(tx, board.id, board.name)
    if "description" in request:
        board.description = validation.check_text(request["description"])
    if "wip_per_user" in request:
        board.wip_per_user = request["wip_per_user"]
    if "review" in request:
        board.review = request["review"]
    if "require" in request:
        board.require = in_order(request["require"])
    if "columns" in request:
        _arrange_columns(board, actor, request["columns"], move_to)
    _record_update(board, actor, old_board)
    return board.to_wire()


def set_columns(
    tx: Transaction,
    actor: Actor,
    board_id: int,
    names: Sequence[str],
    move_to: str | None = None,
    version: int | None = None,
) -> ColumnsResult:
    """Add, order and remove columns. A column with tickets is removed only if `move_to` names a column for them."""
    board = boards.lock(tx, board_id)
    permissions.check_board_admin(board.role)
    old_board = board.to_wire()
    check_board_version(tx, old_board, version)
    _arrange_columns(board, actor, names, move_to)
    _record_update(board, actor, old_board)
    return ColumnsResult("The columns are set.", board.to_wire().columns)


def edit_column(tx: Transaction, actor: Actor, board_id: int, column_id: int, request: ColumnEdit) -> Column:
    """Change the name, role or limit of a column. Its tickets stay in it. Refused: `not-found`."""
    board = boards.lock(tx, board_id)
    permissions.check_board_admin(board.role)
    old_board = board.to_wire()
    check_board_version(tx, old_board, request.get("version"))
    old_column = next((column for column in board.columns if column.id == column_id), None)
    if old_column is None:
        raise not_found("column", column_id, fix="The board's `column_settings` list the ids.")
    new_column = replace(
        old_column,
        name=request.get("name", old_column.name),
        role=request.get("role", old_column.role),
        limit=request.get("limit", old_column.limit),
    )
    names = columns.check_column_names(
        [new_column.name if column.id == column_id else column.name for column in board.columns]
    )
    board.columns = [
        replace(new_column if column.id == column_id else column, name=name)
        for column, name in zip(board.columns, names, strict=True)
    ]
    new_column = board.column_by_id(column_id)
    if (old_column.role == "done") != (new_column.role == "done"):
        linked = tx.all(tickets.LINKED, board_id=board.id, column_id=new_column.id)
        for row in tickets.load_rows(tx, [row["id"] for row in linked]).values():
            dependencies.update_dependents(board, actor, row)
    if new_column.role == "done":
        tx.run(tickets.FORGET_EXPIRIES_OF_COLUMN, board_id=board.id, column_id=new_column.id)
    renamed = {"from": old_column.name, "to": new_column.name} if old_column.name != new_column.name else None
    _record_update(board, actor, old_board, renamed=renamed)
    return new_column


def delete(tx: Transaction, actor: Actor, board_id: int, version: int | None = None) -> Message:
    """Delete a board. This is its last event. Its log can still be read."""
    board = boards.lock(tx, board_id)
    permissions.check_board_admin(board.role)
    check_board_version(tx, board.to_wire(), version)
    board.deleted_at = board.now
    board.version += 1
    board.record(actor, "board_deleted", {"id": board.id, "name": board.name, "deleted_by": actor.name})
    return Message(f"Board {board.id} is deleted.")


def board_event_fields(board: Board) -> dict[str, object]:
    """The board's fields in an event."""
    return {name: getattr(board, name) for name in board.__dataclass_fields__ if name not in COUNTED}


def _check_board_name(text: str) -> str:
    return check_short_name(text, "board name", limits.BOARD_NAME_CHARACTERS)


def _arrange_columns(board: LockedBoard, actor: Actor, names: Sequence[str], move_to: str | None) -> None:
    new_columns = columns.arrange_columns(board.columns, names, board.next_column_id)
    kept_ids = {column.id for column in new_columns}
    removed = [column for column in board.columns if column.id not in kept_ids]
    board.columns = [*new_columns, *removed]  # keep the removed columns until their tickets are moved
    for column in removed:
        if board.count(column):
            _empty_column(board, actor, column, new_columns, move_to)
    board.columns = new_columns
    board.next_column_id = max(board.next_column_id, *(column.id + 1 for column in new_columns))


def _empty_column(
    board: LockedBoard, actor: Actor, column: Column, remaining: Sequence[Column], move_to: str | None
) -> None:
    """Move a column's tickets to `move_to` before the column is removed. Refused: `column-in-use`."""
    if move_to is None:
        count = board.count(column)
        raise Refusal(
            "column-in-use",
            f"{column.name} holds {count} ticket{'s' if count > 1 else ''}.",
            fix="Move them first, or say where they go with `move_to`.",
            column=column.name,
            tickets=count,
        )
    target = columns.find_column(remaining, move_to)
    ids = [row["id"] for row in board.tx.all(tickets.BY_COLUMN, board_id=board.id, column_id=column.id)]
    rows = tickets.load_rows(board.tx, ids)
    for row in (rows[id] for id in ids):
        check_room(board, target, force=actor.force)
        requirements.check_move(board, actor, row, target)
        if target.role == "done" and column.role != "done":
            leases.check_review(board, actor, row)
        place_ticket(board, actor, row, target, find_neighbours(board, row["id"], target))
        leases.end_claim_in_done_column(board, actor, row)


def _record_update(
    board: LockedBoard, actor: Actor, old_board: Board, *, renamed: dict[str, str] | None = None
) -> None:
    """Record the changes of the board. Without changes, record nothing."""
    new_board = board.to_wire()
    changes = {
        field: {"from": getattr(old_board, field), "to": getattr(new_board, field)}
        for field in ("name", "description", "columns", "column_settings", "wip_per_user", "review", "require")
        if getattr(old_board, field) != getattr(new_board, field)
    }
    if not changes:
        return
    board.version += 1
    board.updated_at = board.now
    data = {**board_event_fields(board.to_wire()), "changes": changes, "changed_by": actor.name}
    board.record(actor, "board_updated", {**data, "renamed": renamed} if renamed else data)
