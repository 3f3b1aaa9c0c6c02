"""Repair what `consistency` finds. The rows are the source of truth; counts and indexes are rebuilt from them.

Where the log differs from the rows, new events record the values of the rows. Existing events are never changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import orjson

from kanban_sdk.wire import limits
from kanban_server.actions import dependencies
from kanban_server.actions.audit_fields import search_texts
from kanban_server.actions.boards import board_event_fields
from kanban_server.actions.maintenance import consistency
from kanban_server.actions.maintenance.consistency import BoardLog, DerivedRows, Fields
from kanban_server.actions.placement import bottom_place
from kanban_server.rules import priorities
from kanban_server.rules.actors import SYSTEM_ACTOR
from kanban_server.rules.permissions import SYSTEM_VIEWER
from kanban_server.store.database import Database
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.maintenance import consistency as stored
from kanban_server.store.queries import boards, search, tickets
from kanban_server.store.queries import dependencies as links
from kanban_server.store.rows import TicketRow, TicketValues
from kanban_server.store.transaction import Transaction

BATCH_TICKETS = 100
"""Tickets repaired in one transaction. This keeps each transaction short for other writers."""
PLACE_FIELDS = ("current_column", "place", "column_entered_at")
"""The fields of a ticket's position."""
AUDIT_FIELDS = frozenset({"version", "updated_by", "updated_at"})
"""The fields that every change sets."""


@dataclass(frozen=True)
class RepairResult:
    """What was repaired on one board, and what still differs."""

    board_id: int
    mended: dict[str, int]
    left: list[str] = field(default_factory=list)


async def repair(database: Database) -> list[RepairResult]:
    """Repair every board that has differences."""
    ids = await database.read(SYSTEM_VIEWER, stored.read_board_ids)
    results = [await repair_board(database, board_id) for board_id in ids]
    return [result for result in results if result.mended]


async def repair_board(database: Database, board_id: int) -> RepairResult:
    """Repair one board: first its log and its rows, then the log's state of the board and of tickets, then the counts.

    Of a deleted board only the log is repaired.
    """
    differences = await database.read(SYSTEM_VIEWER, consistency.compare_board, board_id)
    repaired = differences.count_by_kind()
    if not repaired:
        return RepairResult(board_id, repaired)

    async def mend(work: Callable[..., None], *arguments: object) -> None:
        await database.write(SYSTEM_VIEWER, lambda tx: work(tx, board_id, *arguments), lane=board_id)

    if differences.lost or differences.ahead:
        await mend(_repair_log)
    if not differences.deleted:
        for ids in _batches({*differences.derived, *differences.labels, *differences.search}):
            await mend(_repair_rows, ids)
        await mend(_record_board)
        remaining = await database.read(SYSTEM_VIEWER, consistency.compare_board, board_id)
        repaired = {**remaining.count_by_kind(), **repaired}
        for ids in _batches(remaining.tickets):
            await mend(_record_tickets, ids)
        await mend(_recount_columns, repaired)
    unrepaired = await database.read(SYSTEM_VIEWER, consistency.compare_board, board_id)
    return RepairResult(board_id, repaired, unrepaired.messages())


def _batches(ids: Iterable[int]) -> Iterator[list[int]]:
    """Split ids, in ascending order, into batches of `BATCH_TICKETS`."""
    ordered = sorted(ids)
    yield from (ordered[start : start + BATCH_TICKETS] for start in range(0, len(ordered), BATCH_TICKETS))


def _repair_log(tx: Transaction, board_id: int) -> None:
    """Set the board's seq to that of its newest event, and fill each gap in the log with a `board_repaired` event."""
    board = boards.lock(tx, board_id, deleted=True)
    newest = stored.find_newest(tx, board_id, board.seq)
    if newest is not None:
        board.seq, board.last_at = newest[0], max(board.last_at, newest[1])
        tx.unit.mark_dirty(board_id)
    data = {"id": board_id, "repaired": {"lost": 1}}
    for hole, before in list(stored.find_gaps(tx, board_id, board.floor, board.seq)):
        stored.fill_gap(tx, board_id, hole, before or board.created_at, "board_repaired", data)


def _repair_rows(tx: Transaction, board_id: int, ids: Sequence[int]) -> None:
    """Rebuild the derived values and the indexes of the tickets."""
    board = boards.lock(tx, board_id)
    for id in ids:
        row = tickets.read_row(tx, id, deleted=True)
        derived_rows = DerivedRows.read(tx, [row])
        on_board = not (row["deleted_at"] or row["archived_at"])
        labels: list[str] = orjson.loads(row["labels"])
        column = tickets.column_of(row, board.columns)
        moved = on_board and column.id != row["column_id"]
        derived: TicketValues = {
            "comment_count": row["comment_count"] if row["deleted_at"] else derived_rows.comment_count(id),
            "needs_human": int(limits.NEEDS_HUMAN in labels),
            "priority_key": priorities.sort_key(row["priority"]),
            "column_id": column.id if moved else row["column_id"],
            "place": bottom_place(board, column) if moved else row["place"],
        }
        tx.unit.update_ticket(row, derived)  # the board's counts are repaired at the end
        tx.unit.relabel(id)
        links.rebuild_index(tx, id, _blockers(tx, board_id, row))
        if on_board:
            dependencies.recount_links(board, SYSTEM_ACTOR, id)
        search.remove(tx, id)
        if not row["deleted_at"]:
            search.index_ticket(tx, id, search_texts(row), comment_count=derived_rows.comment_count(id))


def _blockers(tx: Transaction, board_id: int, row: TicketRow) -> list[int]:
    """The blockers of a ticket. Those without a row on the board are removed from its row: they will never be done."""
    blocked_by: list[int] = orjson.loads(row["blocked_by"])
    states = links.read_states(tx, blocked_by)
    there = [id for id in blocked_by if id in states and states[id]["board_id"] == board_id]
    if there != blocked_by:
        tx.unit.update_ticket(row, {"blocked_by": orjson.dumps(there).decode()})
    return there


def _record_board(tx: Transaction, board_id: int) -> None:
    """Record the board's fields where its log differs. Each renamed column gets an event of its own."""
    board = boards.lock(tx, board_id)
    log = BoardLog.read(tx, boards.read(tx, board_id))
    fields = log.differing_fields(board.to_wire())
    if not fields:
        return
    log_fields = log.folded.board
    board.version = max(board.version, log_fields.get("version", 0)) + 1
    current = board.to_wire()
    names = {column.id: column.name for column in board.columns}
    columns: list[Fields] = log_fields.get("column_settings", [])
    for column in columns:
        before, name = column["name"], names.get(column["id"])
        if name is not None and name != before:
            column["name"] = name
            column_fields = {
                "columns": [setting["name"] for setting in columns],
                "column_settings": [dict(setting) for setting in columns],
            }
            data = {**board_event_fields(current), **column_fields, "changes": {}, "changed_by": SYSTEM_ACTOR.name}
            board.record(SYSTEM_ACTOR, "board_updated", {**data, "renamed": {"from": before, "to": name}})
    changes = _without_audit_fields(
        {name: {"from": log_fields.get(name), "to": getattr(current, name)} for name in fields}
    )
    board.record(
        SYSTEM_ACTOR,
        "board_updated",
        {**board_event_fields(current), "changes": changes, "changed_by": SYSTEM_ACTOR.name},
    )


def _without_audit_fields(changes: Fields) -> Fields:
    """The changes without the audit fields, unless only audit fields changed."""
    return {name: change for name, change in changes.items() if name not in AUDIT_FIELDS} or changes


def _record_tickets(tx: Transaction, board_id: int, ids: Sequence[int]) -> None:
    """Record the state of these tickets where the log still differs."""
    board = boards.lock(tx, board_id)
    row = boards.read(tx, board_id)
    log = BoardLog.read(tx, row)
    for id in ids:
        ticket = stored.read_ticket(tx, board_id, id)
        if ticket is None:
            data = {"id": id, "board_id": board_id, "deleted_by": SYSTEM_ACTOR.name}
            board.record(SYSTEM_ACTOR, "ticket_deleted", data, ticket_id=id)
            continue
        for _, log_fields, row_fields in log.compare(tx, [ticket], row.board):
            _record_ticket(board, ticket, log_fields, row_fields)


def _record_ticket(board: LockedBoard, row: Fields, log_fields: Fields | None, row_fields: Fields | None) -> None:
    """Record one ticket: that it is on the board, that it is not, or which of its fields differ."""
    version = max(row["version"], (log_fields or {}).get("version", 0)) + 1
    board.tx.run(stored.UPDATE_VERSION, of_ticket=row["id"], version=version)
    event_fields = {"id": row["id"], "board_id": board.id, "title": row["title"], "version": version}
    if row_fields is None:
        name = "archived" if row["archived_at"] and not row["deleted_at"] else "deleted"
        data = {**event_fields, f"{name}_by": SYSTEM_ACTOR.name}
        board.record(SYSTEM_ACTOR, f"ticket_{name}", data, ticket_id=row["id"])
    elif log_fields is None:
        data = {**row_fields, "version": version, "restored_by": SYSTEM_ACTOR.name, "was": "missing"}
        board.record(SYSTEM_ACTOR, "ticket_restored", data, ticket_id=row["id"])
    else:
        event_fields |= {name: row_fields[name] for name in ("updated_by", "updated_at")}
        _record_changes(board, event_fields, log_fields, row_fields)


def _record_changes(board: LockedBoard, event_fields: Fields, log_fields: Fields, row_fields: Fields) -> None:
    """Record the fields of a ticket that differ, each by the event that records such a change."""
    changes = consistency.changed_fields(log_fields, row_fields)
    events: list[tuple[str, Fields]] = []
    if changes.keys() & {*PLACE_FIELDS}:
        move_fields = {"from_column": log_fields["current_column"], "to_column": row_fields["current_column"]}
        move_fields |= {"from_place": log_fields["place"], "moved_by": SYSTEM_ACTOR.name, "moved_at": board.now}
        events.append(("ticket_moved", move_fields | {name: row_fields[name] for name in PLACE_FIELDS}))
    assignee_fields = {
        "assignee": row_fields["assignee"],
        "assigned_by": row_fields["assigned_by"],
        "from_assignee": log_fields["assignee"],
    }
    if "claim" in changes and log_fields.get("claim"):
        released = {"reason": "released", "claim": None, "holder": log_fields["claim"]["holder"]}
        events.append(("ticket_released", assignee_fields | released))
    if "claim" in changes and row_fields["claim"]:
        events.append(
            (
                "ticket_claimed",
                {**assignee_fields, "claim": row_fields["claim"], "claimed_by": row_fields["claim"]["holder"]},
            )
        )
    changes = {name: change for name, change in changes.items() if name not in {*PLACE_FIELDS, "claim"}}
    if changes.keys() - AUDIT_FIELDS or not events:
        fields = {name: row_fields[name] for name in changes if name not in AUDIT_FIELDS}
        events.append(
            ("ticket_updated", {**fields, "changes": _without_audit_fields(changes), "changed_by": SYSTEM_ACTOR.name})
        )
    for name, data in events:
        board.record(SYSTEM_ACTOR, name, {**event_fields, **data}, ticket_id=event_fields["id"])


def _recount_columns(tx: Transaction, board_id: int, repaired: dict[str, int]) -> None:
    """Recount the columns, and record that the board was repaired."""
    board = boards.lock(tx, board_id)
    board.counts, board.tallies = stored.count_tickets(tx, board_id)
    board.record(SYSTEM_ACTOR, "board_repaired", {"id": board_id, "repaired": repaired})
