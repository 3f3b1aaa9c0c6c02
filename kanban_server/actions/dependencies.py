"""Dependencies between tickets: blockers and parents. A ticket is blocked while one of its blockers is not done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kanban_sdk.wire import limits
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions.audit_fields import audit_fields, identity_fields
from kanban_server.rules.actors import Actor
from kanban_server.rules.dependency_graph import DependencyGraph
from kanban_server.rules.problems import Refusal
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import dependencies, tickets
from kanban_server.store.transaction import Row

MAX_CYCLE_IDS = 6
"""Tickets of a cycle that a refusal's detail lists; of a longer cycle, half of them from either end."""


class LinkChange(NamedTuple):
    """A ticket before the change, and its new blockers, parent and `extra`."""

    ticket: Ticket
    blocked_by: list[int]
    parent: int | None
    extra: dict[str, object] | None


def set_links(
    board: LockedBoard, actor: Actor, ticket: Ticket, blocked_by: Iterable[int], parent: int | None
) -> Ticket:
    """Set the blockers and the parent of a ticket, and record it.

    A ticket waits for its blockers, and a parent for its children. Refused: `other-board`, `dependency-cycle`,
    `invalid-request` for more than `limits.BLOCKERS` blockers.
    """
    blocker_ids = sorted(set(blocked_by))
    if blocker_ids == ticket.blocked_by and parent == ticket.parent:
        return ticket
    if len(blocker_ids) > limits.BLOCKERS:
        detail = f"A ticket waits for at most {limits.BLOCKERS} others."
        raise Refusal("invalid-request", detail, fix="Group them under a parent.", limit=limits.BLOCKERS)
    new_ids = {*blocker_ids, *([parent] if parent else [])} - {*ticket.blocked_by, ticket.parent}
    states = dependencies.read_states(board.tx, new_ids)
    for other in sorted(new_ids):
        _check_linkable(board, other, states.get(other))
    _check_cycle(board, ticket, blocker_ids, parent)
    return write_links(board, actor, [LinkChange(ticket, blocker_ids, parent, ticket.extra)], now=True)[0]


def write_links(board: LockedBoard, actor: Actor, links: Sequence[LinkChange], *, now: bool) -> list[Ticket]:
    """Write and record the links of tickets, in a constant number of statements. The links must close no cycle.

    Without `now`, the tickets keep their `updated_at`. Returns the changed tickets.
    """
    done_columns = _done_column_ids(board)
    states = dependencies.read_states(board.tx, {blocker for change in links for blocker in change.blocked_by})
    written: list[tuple[Ticket, Ticket]] = []
    for ticket, blocked_by, parent, extra in links:
        at = None if now else ticket.updated_at
        values = {"blocked_by": blocked_by, "parent": parent, "extra": extra}
        changes = {
            name: {"from": getattr(ticket, name), "to": value}
            for name, value in values.items()
            if getattr(ticket, name) != value
        }
        open_ids = [id for id in blocked_by if states[id]["alive"] and states[id]["column_id"] not in done_columns]
        linked = ticket.but(**values, open_blockers=len(open_ids), **audit_fields(board, actor, ticket, at=at))
        event_fields = {name: value for name, value in values.items() if name in changes or name != "extra"}
        data = {**identity_fields(linked), "changes": changes, "changed_by": actor.name, **event_fields}
        board.record(actor, "ticket_updated", data, ticket_id=ticket.id)
        board.recount(ticket, linked)
        written.append((ticket, linked))
        if len(open_ids) != ticket.open_blockers:
            _record_blocked(board, actor, ticket, open_ids)
    dependencies.write_links(board.tx, written)
    moved = [pair for pair in written if pair[0].parent != pair[1].parent]
    _update_children(board, {ticket.parent for pair in moved for ticket in pair if ticket.parent is not None})
    return [linked for _, linked in written]


def update_dependents(board: LockedBoard, actor: Actor, ticket: Ticket) -> None:
    """Update the counts of a ticket's dependents and of its parent, after the ticket moved."""
    for dependent in dependencies.read_dependents(board.tx, ticket.id):
        _update_open_blockers(board, actor, tickets.read_on_board(board, dependent))
    if ticket.parent is not None:
        _update_children(board, [ticket.parent])


def update_restored(board: LockedBoard, actor: Actor, ticket: Ticket) -> Ticket:
    """Update the counts for a restored ticket, whose blockers may have changed while it was deleted."""
    update_dependents(board, actor, ticket)
    return ticket.but(open_blockers=_update_open_blockers(board, actor, ticket)) if ticket.blocked_by else ticket


def recount_links(board: LockedBoard, actor: Actor, ticket_id: int) -> None:
    """Recount the open blockers and the children of a ticket that is on the board."""
    _update_open_blockers(board, actor, tickets.read_on_board(board, ticket_id))
    _update_children(board, [ticket_id])


def _update_open_blockers(board: LockedBoard, actor: Actor, ticket: Ticket) -> int:
    """Recount the open blockers and return the count. Records an event if the ticket's blocked state changed."""
    open_ids = _open_blockers(board, ticket)
    if len(open_ids) == ticket.open_blockers:
        return len(open_ids)
    board.tx.run(dependencies.UPDATE_BLOCKER_COUNT, of_ticket=ticket.id, open=len(open_ids))
    board.recount(ticket, ticket.but(open_blockers=len(open_ids)))
    _record_blocked(board, actor, ticket, open_ids)
    return len(open_ids)


def open_blockers(board: LockedBoard, ticket: Ticket) -> int:
    """How many of a ticket's blockers are open now, counted from their rows."""
    return len(_open_blockers(board, ticket)) if ticket.blocked_by else 0


def open_among(board: LockedBoard, ids: Iterable[int]) -> int:
    """How many of the tickets are on the board and not done."""
    done = _done_column_ids(board)
    states = dependencies.read_states(board.tx, set(ids))
    return sum(bool(one["alive"]) and one["column_id"] not in done for one in states.values())


def _open_blockers(board: LockedBoard, ticket: Ticket) -> list[int]:
    done = _done_column_ids(board)
    rows = dependencies.read_blockers(board.tx, ticket.id)
    return [row["id"] for row in rows if row["alive"] and row["column_id"] not in done]


def _record_blocked(board: LockedBoard, actor: Actor, ticket: Ticket, open_ids: list[int]) -> None:
    """Record which blockers of a ticket are open now. `ticket` is the state before the change."""
    data = {"id": ticket.id, "board_id": board.id, "title": ticket.title, "open": open_ids}
    board.record_waiting(actor, data, before=ticket.open_blockers > 0)


def _update_children(board: LockedBoard, parents: Iterable[int]) -> None:
    """Recount the children, and the open children, of the parents."""
    ids = sorted(set(parents))
    if not ids:
        return
    done_columns = _done_column_ids(board)
    counts = {id: [0, 0] for id in ids}
    for row in board.tx.all(dependencies.CHILDREN, ids=board.tx.array_parameter(ids)):
        counts[row["parent"]][0] += row["count"]
        counts[row["parent"]][1] += 0 if row["column_id"] in done_columns else row["alive"]
    updates = []
    for row in tickets.read_by_ids(board.tx, ids):
        children, open_children = counts[row["id"]]
        if (row["children"], row["open_children"]) == (children, open_children):
            continue
        updates.append({"of_ticket": row["id"], "all": children, "open": open_children})
        if not (row["deleted_at"] or row["archived_at"]):
            ticket = tickets.to_wire(row, board.columns)
            board.recount(ticket, ticket.but(children=children, open_children=open_children))
    board.tx.run_many(dependencies.UPDATE_CHILD_COUNTS, updates)


def _done_column_ids(board: LockedBoard) -> set[int]:
    return {column.id for column in board.columns if column.role == "done"}


def _check_linkable(board: LockedBoard, other: int, state: Row | None) -> None:
    """Check that a ticket can become a blocker or a parent. One that is off the board will never be done.

    Refused: `not-found`, `archived`, `other-board`.
    """
    if state is not None and state["alive"] and state["board_id"] == board.id:
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


def _check_cycle(board: LockedBoard, ticket: Ticket, blocked_by: list[int], parent: int | None) -> None:
    """Refused: `dependency-cycle`, with the whole path, if the new links make a ticket wait for itself."""
    added = [(ticket.id, blocker) for blocker in blocked_by if blocker not in ticket.blocked_by]
    if parent is not None and parent != ticket.parent:
        added.append((parent, ticket.id))
    if not added:
        return
    graph = DependencyGraph(
        dependencies.read_dependent_edges(board.tx, {waiting for waiting, _ in added} | {ticket.id})
    )
    for blocker in set(ticket.blocked_by) - set(blocked_by):
        graph.remove(ticket.id, blocker)
    if ticket.parent is not None and ticket.parent != parent:
        graph.remove(ticket.parent, ticket.id)
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
