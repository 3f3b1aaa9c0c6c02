"""The history of imported tickets: changes that were made there, recorded with their authors and times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from kanban_sdk.wire.boards import Column, matching
from kanban_sdk.wire.bodies.import_bodies import ImportedChange, ImportedTicket
from kanban_server.actions import queries
from kanban_server.actions.importer.state import ImportState
from kanban_server.rules import actors, timestamps
from kanban_server.rules.three_way_merge import digest
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries.import_bases import ImportBase
from kanban_server.store.rows import TicketRow

MOVE_FIELD = "current_column"


def read_history(imported: ImportedTicket) -> list[ImportedChange]:
    """The history of a ticket, checked, oldest first, each change once. Refused: `invalid-request`, `invalid-name`."""
    changes = {
        digest_change(change): change
        for change in (
            ImportedChange(
                one.field_name,
                timestamps.parse_timestamp(one.changed_at, ""),
                actors.imported_name(one.changed_by, actors.ANONYMOUS_NAME),
                one.old_value,
                one.new_value,
            )
            for one in reversed(imported.history)
        )
    }
    return sorted(changes.values(), key=lambda change: change.changed_at)


def digest_change(change: ImportedChange) -> str:
    """What identifies a change within its ticket."""
    return digest([change.field_name, change.changed_at, change.changed_by, change.old_value, change.new_value])


def find_moves(
    board: LockedBoard, column: Column, created_at: str, history: Sequence[ImportedChange]
) -> list[ImportedChange]:
    """The moves of a new ticket's history, oldest first.

    None, unless all of them lead through columns of the board, and at last to `column`: a history of other columns does
    not say what those columns meant, so it would tell wrong times.
    """
    names = {matching(one.name): one.name for one in board.columns}
    moves = [
        ImportedChange(
            MOVE_FIELD,
            change.changed_at,
            change.changed_by,
            names.get(matching(str(change.old_value))),
            names.get(matching(str(change.new_value))),
        )
        for change in history
        if change.field_name == MOVE_FIELD
    ]
    known = all(move.old_value and move.new_value and created_at <= move.changed_at <= board.now for move in moves)
    joined = all(before.new_value == after.old_value for before, after in pairwise(moves))
    return moves if moves and known and joined and moves[-1].new_value == column.name else []


def format_moves(moves: Sequence[ImportedChange]) -> dict[str, object]:
    """The moves as a field of the event of a new ticket; nothing if there are none."""
    if not moves:
        return {}
    described = [
        {
            "from_column": one.old_value,
            "to_column": one.new_value,
            "moved_by": one.changed_by,
            "moved_at": one.changed_at,
        }
        for one in moves
    ]
    return {"moves": described}


def record_history(
    state: ImportState, row: TicketRow, history: Sequence[ImportedChange], base: ImportBase, *, new: bool
) -> ImportBase:
    """Record the changes that were not taken yet. Returns the base with all of them.

    The log of a ticket that is not `new` is read: what it tells already is not recorded again.
    """
    taken = base.get("history", [])
    known = {*taken}
    digests = [digest_change(change) for change in history]
    if known.issuperset(digests):
        return base
    if not new:
        known |= {
            digest([one.field_name, one.changed_at, one.changed_by, one.old_value, one.new_value])
            for one in queries.read_history(state.board.tx, row["id"])
        }
    added = [change for change, key in zip(history, digests, strict=True) if key not in known]
    for changes in _group(added):
        data = {
            "ticket_id": row["id"],
            "board_id": row["board_id"],
            "changes": {one.field_name: {"from": one.old_value, "to": one.new_value} for one in changes},
            "changed_by": changes[0].changed_by,
            "changed_at": changes[0].changed_at,
        }
        state.board.record(state.actor, "history_imported", data, ticket_id=row["id"])
    return {**base, "history": [*taken, *(key for key in digests if key not in {*taken})]}


def _group(history: Sequence[ImportedChange]) -> Iterator[list[ImportedChange]]:
    """Changes of different fields that one user made at one time, together, as one event has them."""
    group: dict[str, ImportedChange] = {}
    for change in history:
        first = next(iter(group.values()), change)
        together = (first.changed_at, first.changed_by) == (change.changed_at, change.changed_by)
        if change.field_name in group or not together or len(group) == queries.MAX_EVENT_FIELDS:
            yield [*group.values()]
            group = {}
        group[change.field_name] = change
    if group:
        yield [*group.values()]
