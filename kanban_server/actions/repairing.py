"""Mend what `consistency` finds. The rows are what is true; counts and indexes are made anew from them.

Where the log tells something else than the rows, new events tell what is so. An event that was written stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from kanban_sdk.wire import limits
from kanban_server.actions import consistency, dependencies
from kanban_server.actions.boards import said as board_said
from kanban_server.actions.consistency import Fields, Kept, Log
from kanban_server.actions.landing import bottom
from kanban_server.actions.writing import searched
from kanban_server.rules import priorities
from kanban_server.rules.access import THE_SERVER
from kanban_server.rules.names import THE_SYSTEM
from kanban_server.store import boards, search, tickets
from kanban_server.store import consistency as stored
from kanban_server.store import dependencies as links
from kanban_server.store.database import Database
from kanban_server.store.locked import LockedBoard
from kanban_server.store.transaction import Transaction

AT_ONCE = 100
"""Tickets that are mended in one transaction, so that others wait only shortly."""
PLACED = ("current_column", "place", "column_entered_at")
"""What tells where a ticket stands."""
BESIDE = frozenset({"version", "updated_by", "updated_at"})
"""What every change changes beside."""


@dataclass(frozen=True)
class Mended:
    """What was mended on one board, and what still differs."""

    board_id: int
    mended: dict[str, int]
    left: list[str] = field(default_factory=list)


async def repair(database: Database) -> list[Mended]:
    """Mend every board on which something differs."""
    ids = await database.read(THE_SERVER, stored.boards_of)
    mended = [await repair_board(database, board_id) for board_id in ids]
    return [one for one in mended if one.mended]


async def repair_board(database: Database, board_id: int) -> Mended:
    """Mend one board: its log and its rows first, then what the log tells of the board, of tickets, and the counts."""
    found = await database.read(THE_SERVER, consistency.compare, board_id)
    known = found.known()
    if not known:
        return Mended(board_id, known)

    async def mend(work: Callable[..., None], *arguments: Any) -> None:
        await database.write(THE_SERVER, lambda tx: work(tx, board_id, *arguments), lane=board_id)

    if found.lost or found.ahead:
        await mend(_mend_log)
    if not found.deleted:
        for ids in _some({*found.derived, *found.labels, *found.search}):
            await mend(_mend_rows, ids)
        await mend(_tell_board)
        again = await database.read(THE_SERVER, consistency.compare, board_id)
        known = {**again.known(), **known}
        for ids in _some(again.tickets):
            await mend(_tell_tickets, ids)
        await mend(_count, known)
    left = await database.read(THE_SERVER, consistency.compare, board_id)
    return Mended(board_id, known, left.told())


def _some(ids: Iterable[int]) -> Iterator[list[int]]:
    """Ids in ascending order, so many at a time as one transaction mends."""
    ordered = sorted(ids)
    yield from (ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE))


def _mend_log(tx: Transaction, board_id: int) -> None:
    """Let the log end where its newest event is, and put an event of our own wherever one is missing."""
    board = boards.lock(tx, board_id, deleted=True)
    newest = stored.newest(tx, board_id, board.seq)
    if newest is not None:
        board.seq, board.last_at = newest[0], max(board.last_at, newest[1])
        tx.batch.unwritten[board_id] = board
    data = {"id": board_id, "repaired": {"lost": 1}}
    for hole, before in list(stored.holes(tx, board_id, board.floor, board.seq)):
        stored.fill(tx, board_id, hole, before or board.created_at, "board_repaired", data)


def _mend_rows(tx: Transaction, board_id: int, ids: Sequence[int]) -> None:
    """Write anew what follows from what the tickets hold."""
    board = boards.lock(tx, board_id)
    for id in ids:
        row = tickets.read(tx, id, deleted=True)
        kept = Kept.read(tx, [row])
        there = not (row["deleted_at"] or row["archived_at"])
        labels: list[str] = orjson.loads(row["labels"])
        column = tickets.column_of(row, board.columns)
        moved = there and column.id != row["column_id"]
        tx.run(
            stored.PUT_DERIVED,
            of_ticket=id,
            comment_count=row["comment_count"] if row["deleted_at"] else kept.comment_count(row),
            needs_human=int(limits.NEEDS_HUMAN in labels),
            priority_key=priorities.sort_key(row["priority"]),
            column_id=column.id if moved else row["column_id"],
            place=bottom(board, column) if moved else row["place"],
        )
        tickets.index_labels(tx, board_id, id, labels)
        links.index(tx, id, _blockers(tx, board_id, row))
        if there:
            dependencies.recount(board, THE_SYSTEM, id)
        search.drop(tx, id)
        if not row["deleted_at"]:
            texts = searched(tickets.seen(row, board.columns))
            search.index(tx, id, texts, comment_count=kept.comment_count(row))


def _blockers(tx: Transaction, board_id: int, row: Fields) -> list[int]:
    """What a ticket waits for; its row says so no longer of what has no row itself, since that is never done."""
    blocked_by: list[int] = orjson.loads(row["blocked_by"])
    states = links.states(tx, blocked_by)
    there = [id for id in blocked_by if id in states and states[id]["board_id"] == board_id]
    if there != blocked_by:
        tx.run(stored.PUT_BLOCKED_BY, of_ticket=row["id"], blocked_by=orjson.dumps(there).decode())
    return there


def _tell_board(tx: Transaction, board_id: int) -> None:
    """Tell how the board is, where its log tells it otherwise; a renamed column by an event of its own."""
    board = boards.lock(tx, board_id)
    log = Log.read(tx, boards.read(tx, board_id))
    fields = log.differing(board.wire())
    if not fields:
        return
    told = log.folded.board
    board.version = max(board.version, told.get("version", 0)) + 1
    now = board.wire()
    names = {column.id: column.name for column in board.columns}
    columns: list[Fields] = told.get("column_settings", [])
    for column in columns:
        before, name = column["name"], names.get(column["id"])
        if name is not None and name != before:
            column["name"] = name
            so_far = {"columns": [one["name"] for one in columns], "column_settings": [dict(one) for one in columns]}
            data = {**board_said(now), **so_far, "changes": {}, "changed_by": THE_SYSTEM.name}
            board.record(THE_SYSTEM, "board_updated", {**data, "renamed": {"from": before, "to": name}})
    changes = _shown({name: {"from": told.get(name), "to": getattr(now, name)} for name in fields})
    board.record(THE_SYSTEM, "board_updated", {**board_said(now), "changes": changes, "changed_by": THE_SYSTEM.name})


def _shown(changes: Fields) -> Fields:
    """Changes without what every change changes beside, unless nothing else changed."""
    return {name: change for name, change in changes.items() if name not in BESIDE} or changes


def _tell_tickets(tx: Transaction, board_id: int, ids: Sequence[int]) -> None:
    """Tell how these tickets are, where the log still tells it otherwise."""
    board = boards.lock(tx, board_id)
    row = boards.read(tx, board_id)
    log = Log.read(tx, row)
    for id in ids:
        ticket = stored.row_of(tx, board_id, id)
        if ticket is None:
            data = {"id": id, "board_id": board_id, "deleted_by": THE_SYSTEM.name}
            board.record(THE_SYSTEM, "ticket_deleted", data, ticket_id=id)
            continue
        for _, told, now in log.compare(tx, [ticket], row.board):
            _tell_ticket(board, ticket, told, now)


def _tell_ticket(board: LockedBoard, row: Fields, told: Fields | None, now: Fields | None) -> None:
    """Tell one ticket: that it is on the board, or is not, or what of it is otherwise."""
    version = max(row["version"], (told or {}).get("version", 0)) + 1
    board.tx.run(stored.PUT_VERSION, of_ticket=row["id"], version=version)
    about = {"id": row["id"], "board_id": board.id, "title": row["title"], "version": version}
    if now is None:
        name = "archived" if row["archived_at"] and not row["deleted_at"] else "deleted"
        data = {**about, f"{name}_by": THE_SYSTEM.name}
        board.record(THE_SYSTEM, f"ticket_{name}", data, ticket_id=row["id"])
    elif told is None:
        data = {**now, "version": version, "restored_by": THE_SYSTEM.name, "was": "missing"}
        board.record(THE_SYSTEM, "ticket_restored", data, ticket_id=row["id"])
    else:
        about |= {name: now[name] for name in ("updated_by", "updated_at")}
        _tell_changes(board, about, told, now)


def _tell_changes(board: LockedBoard, about: Fields, told: Fields, now: Fields) -> None:
    """Tell what of a ticket is otherwise, by the events that tell such a change."""
    changes = consistency.changed(told, now)
    events: list[tuple[str, Fields]] = []
    if changes.keys() & {*PLACED}:
        where = {"from_column": told["current_column"], "to_column": now["current_column"]}
        where |= {"from_place": told["place"], "moved_by": THE_SYSTEM.name, "moved_at": board.now}
        events.append(("ticket_moved", where | {name: now[name] for name in PLACED}))
    holder = {"assignee": now["assignee"], "assigned_by": now["assigned_by"], "from_assignee": told["assignee"]}
    if "claim" in changes and told.get("claim"):
        released = {"reason": "released", "claim": None, "holder": told["claim"]["holder"]}
        events.append(("ticket_released", holder | released))
    if "claim" in changes and now["claim"]:
        events.append(("ticket_claimed", {**holder, "claim": now["claim"], "claimed_by": now["claim"]["holder"]}))
    changes = {name: change for name, change in changes.items() if name not in {*PLACED, "claim"}}
    if changes.keys() - BESIDE or not events:
        fields = {name: now[name] for name in changes if name not in BESIDE}
        events.append(("ticket_updated", {**fields, "changes": _shown(changes), "changed_by": THE_SYSTEM.name}))
    for name, data in events:
        board.record(THE_SYSTEM, name, {**about, **data}, ticket_id=about["id"])


def _count(tx: Transaction, board_id: int, repaired: dict[str, int]) -> None:
    """Count the columns anew, and tell that the board was mended."""
    board = boards.lock(tx, board_id)
    board.counts, board.tallies = stored.counted(tx, board_id)
    board.record(THE_SYSTEM, "board_repaired", {"id": board_id, "repaired": repaired})
