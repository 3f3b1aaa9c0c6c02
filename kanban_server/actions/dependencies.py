"""Dependencies between tickets: blockers and parents. A ticket is blocked while one of its blockers is not done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import orjson

from kanban_sdk.wire import limits
from kanban_server.actions.audit_fields import audit_fields, identity_fields
from kanban_server.rules.actors import Actor
from kanban_server.rules.dependency_graph import DependencyGraph
from kanban_server.rules.problems import Refusal
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import dependencies, tickets
from kanban_server.store.rows import TicketRow

MAX_CYCLE_IDS = 6
"""Tickets of a cycle that a refusal's detail lists; of a longer cycle, half of them from either end."""


class LinkChange(NamedTuple):
    """A ticket's row, and its new blockers, parent and `extra`."""

    row: TicketRow
    blocked_by: list[int]
    parent: int | None
    extra: Mapping[str, object] | None


def set_links(board: LockedBoard, actor: Actor, row: TicketRow, blocked_by: Iterable[int], parent: int | None) -> None:
    """Set the blockers and the parent of a ticket, and record it.

    A ticket waits for its blockers, and a parent for its children. Refused: `other-board`, `dependency-cycle`,
    `invalid-request` for more than `limits.BLOCKERS` blockers.
    """
    blocker_ids, old_ids = sorted(set(blocked_by)), blockers_of(row)
    if blocker_ids == old_ids and parent == row["parent"]:
        return
    if len(blocker_ids) > limits.BLOCKERS:
        detail = f"A ticket waits for at most {limits.BLOCKERS} others."
        raise Refusal("invalid-request", detail, fix="Group them under a parent.", limit=limits.BLOCKERS)
    new_ids = {*blocker_ids, *([parent] if parent else [])} - {*old_ids, row["parent"]}
    others = tickets.load_rows(board.tx, new_ids)
    for other in sorted(new_ids):
        _check_linkable(board, other, others.get(other))
    _check_cycle(board, row, blocker_ids, parent)
    extra = orjson.loads(row["extra"]) if row["extra"] else None
    write_links(board, actor, [LinkChange(row, blocker_ids, parent, extra)], now=True)


def write_links(board: LockedBoard, actor: Actor, links: Sequence[LinkChange], *, now: bool) -> None:
    """Write and record the links of tickets, in a constant number of statements. The links must close no cycle.

    Without `now`, the tickets keep their `updated_at`.
    """
    tickets.load_rows(board.tx, {blocker for link in links for blocker in link.blocked_by})
    deleted: list[tuple[int, int]] = []
    inserted: list[tuple[int, int]] = []
    changed_parents: set[int] = set()
    for row, blocked_by, parent, extra in links:
        before = tickets.to_wire(row, board.columns)
        values = {"blocked_by": blocked_by, "parent": parent, "extra": extra}
        changes = {
            name: {"from": getattr(before, name), "to": value}
            for name, value in values.items()
            if getattr(before, name) != value
        }
        at = None if now else row["updated_at"]
        board.update_ticket(row, **tickets.to_columns({**values, **audit_fields(board, actor, row, at=at)}))
        event_fields = {name: value for name, value in values.items() if name in changes or name != "extra"}
        data = {**identity_fields(row), "changes": changes, "changed_by": actor.name, **event_fields}
        board.record(actor, "ticket_updated", data, ticket_id=row["id"])
        _update_open_blockers(board, actor, row)
        deleted += [(row["id"], blocker) for blocker in before.blocked_by if blocker not in blocked_by]
        inserted += [(row["id"], blocker) for blocker in blocked_by if blocker not in before.blocked_by]
        if before.parent != parent:
            changed_parents |= {id for id in (before.parent, parent) if id is not None}
    dependencies.write_links(board.tx, deleted, inserted)
    _update_children(board, changed_parents)


def blockers_of(row: TicketRow) -> list[int]:
    """The ids of the tickets that a ticket waits for."""
    ids: list[int] = orjson.loads(row["blocked_by"])
    return ids


def update_dependents(board: LockedBoard, actor: Actor, row: TicketRow) -> None:
    """Update the counts of a ticket's dependents and of its parent, after the ticket moved."""
    dependents = tickets.load_rows(board.tx, dependencies.read_dependents(board.tx, row["id"]))
    tickets.load_rows(board.tx, {blocker for dependent in dependents.values() for blocker in blockers_of(dependent)})
    for dependent in dependents.values():
        if _is_alive(dependent):
            _update_open_blockers(board, actor, dependent)
    if row["parent"] is not None:
        _update_children(board, [row["parent"]])


def recount_links(board: LockedBoard, actor: Actor, ticket_id: int) -> None:
    """Recount the open blockers and the children of a ticket that is on the board."""
    _update_open_blockers(board, actor, tickets.row_on_board(board, ticket_id))
    _update_children(board, [ticket_id])


def update_restored(board: LockedBoard, actor: Actor, row: TicketRow) -> None:
    """Update the counts for a restored ticket, whose blockers may have changed while it was deleted."""
    update_dependents(board, actor, row)
    _update_open_blockers(board, actor, row)


def count_open(board: LockedBoard, ids: Iterable[int]) -> int:
    """How many of the tickets are on the board and not done."""
    return len(_open_among(board, ids))


def _open_among(board: LockedBoard, ids: Iterable[int]) -> list[int]:
    done = _done_column_ids(board)
    rows = tickets.load_rows(board.tx, ids)
    return [id for id, row in rows.items() if _is_alive(row) and row["column_id"] not in done]


def _update_open_blockers(board: LockedBoard, actor: Actor, row: TicketRow) -> None:
    """Recount a ticket's open blockers. Records an event if the ticket's blocked state changed."""
    open_ids, old_count = _open_among(board, blockers_of(row)), row["open_blockers"]
    if len(open_ids) == old_count:
        return
    board.update_ticket(row, open_blockers=len(open_ids))
    data = {"id": row["id"], "board_id": board.id, "title": row["title"], "open": open_ids}
    board.record_waiting(actor, data, before=old_count > 0)


def _update_children(board: LockedBoard, parents: Iterable[int]) -> None:
    """Recount the children, and the open children, of the parents."""
    ids = sorted(set(parents))
    if not ids:
        return
    done = _done_column_ids(board)
    counts = {id: [0, 0] for id in ids}
    for row in board.tx.all(dependencies.CHILDREN, ids=board.tx.array_parameter(ids)):
        counts[row["parent"]][0] += row["count"]
        counts[row["parent"]][1] += 0 if row["column_id"] in done else row["alive"]
    for id, parent in tickets.load_rows(board.tx, ids).items():
        children, open_children = counts[id]
        if (parent["children"], parent["open_children"]) != (children, open_children):
            board.update_ticket(parent, children=children, open_children=open_children)


def _is_alive(row: TicketRow) -> bool:
    return row["deleted_at"] is None and row["archived_at"] is None


def _done_column_ids(board: LockedBoard) -> set[int]:
    return {column.id for column in board.columns if column.role == "done"}


def _check_linkable(board: LockedBoard, other: int, row: TicketRow | None) -> None:
    """Check that a ticket can become a blocker or a parent. One that is off the board will never be done.

    Refused: `not-found`, `archived`, `other-board`.
    """
    if row is not None and _is_alive(row) and row["board_id"] == board.id:
        return
    row = tickets.read_row(board.tx, other, deleted=True)
    if row["board_id"] != board.id:
        detail = f"Ticket {other} is not on the same board."
        raise Refusal("other-board", detail, fix="Name a ticket of the same board, or link to it in the text.")
    if row["deleted_at"]:
        detail = f"Ticket {other} is deleted: nothing can wait for it, or be part of it."
        raise Refusal("not-found", detail, fix=f"Restore ticket {other} first.", what="ticket", id=other, deleted=True)
    detail = f"Ticket {other} is archived: nothing can wait for it, or be part of it."
    raise Refusal("archived", detail, fix=f"Restore ticket {other} first.", ticket_id=other)


def _check_cycle(board: LockedBoard, row: TicketRow, blocked_by: list[int], parent: int | None) -> None:
    """Refused: `dependency-cycle`, with the whole path, if the new links make a ticket wait for itself."""
    id, old_ids, old_parent = row["id"], blockers_of(row), row["parent"]
    added = [(id, blocker) for blocker in blocked_by if blocker not in old_ids]
    if parent is not None and parent != old_parent:
        added.append((parent, id))
    if not added:
        return
    edges = dependencies.read_dependent_edges(board.tx, {waiting for waiting, _ in added} | {id})
    graph = DependencyGraph(edges)
    for blocker in set(old_ids) - set(blocked_by):
        graph.remove(id, blocker)
    if old_parent is not None and old_parent != parent:
        graph.remove(old_parent, id)
    for waiting, blocker in added:
        if path := graph.add(waiting, blocker):
            raise _cycle_refusal(path)


def _cycle_refusal(path: list[int]) -> Refusal:
    names = [str(id) for id in path]
    if len(names) > MAX_CYCLE_IDS + 1:
        names[MAX_CYCLE_IDS // 2 : -MAX_CYCLE_IDS // 2] = ["…"]
    count = len(path) - 1
    return Refusal(
        "dependency-cycle",
        f"These {count:,} tickets would wait for each other: {' → '.join(names)}.",
        fix="Take one of these dependencies away first.",
        path=path,
    )
