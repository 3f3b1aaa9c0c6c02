"""What a ticket waits for, and what it is part of. A ticket is blocked while one of its blockers is not done."""

from __future__ import annotations

from collections.abc import Iterable

from kanban_sdk.wire import limits
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions.writing import identity, touched
from kanban_server.rules.names import Actor
from kanban_server.rules.refusals import Refusal
from kanban_server.store import dependencies, tickets
from kanban_server.store.locked import LockedBoard


def link(
    board: LockedBoard,
    actor: Actor,
    ticket: Ticket,
    blocked_by: Iterable[int],
    parent: int | None,
    *,
    at: str | None = None,
) -> Ticket:
    """Write what a ticket waits for and is part of, and tell it. `at` is when, if not now.

    A ticket waits for its blockers, and a parent for its children. Refused: `other-board`, `dependency-cycle`.
    """
    wanted = sorted(set(blocked_by))
    if wanted == ticket.blocked_by and parent == ticket.parent:
        return ticket
    if len(wanted) > limits.BLOCKERS:
        detail = f"A ticket waits for at most {limits.BLOCKERS} others."
        raise Refusal("invalid-request", detail, fix="Group them under a parent.", limit=limits.BLOCKERS)
    for other in {*wanted, *([parent] if parent else [])} - {*ticket.blocked_by, ticket.parent}:
        _check_other(board, ticket, other)
    added = [blocker for blocker in wanted if blocker not in ticket.blocked_by]
    for blocker in added:
        _check_cycle(board, [ticket.id, blocker])
    if parent is not None and parent != ticket.parent:
        _check_cycle(board, [parent, ticket.id])
        for blocker in added:
            _check_cycle(board, [parent, ticket.id, blocker])
    old_parent = ticket.parent
    changes = {
        name: {"from": old, "to": new}
        for name, old, new in (("blocked_by", ticket.blocked_by, wanted), ("parent", ticket.parent, parent))
        if old != new
    }
    linked = ticket.but(blocked_by=wanted, parent=parent, **touched(board, actor, ticket, at=at))
    dependencies.write(board.tx, ticket.id, wanted, parent)
    tickets.edit(board.tx, linked, labels_changed=False)
    data = {**identity(linked), "changes": changes, "changed_by": actor.name, "blocked_by": wanted, "parent": parent}
    board.record(actor, "ticket_updated", data, ticket_id=ticket.id)
    linked = linked.but(open_blockers=_count_blockers(board, actor, linked))
    for family in {old_parent, parent} - {None}:
        _count_children(board, int(family or 0))
    return linked


def link_where_possible(
    board: LockedBoard, actor: Actor, ticket: Ticket, blocked_by: Iterable[int], parent: int | None
) -> tuple[Ticket, set[int]]:
    """Link a ticket to what closes no cycle, at the time of its last change; and give those that were left out."""
    kept: list[int] = []
    left: set[int] = set()
    for blocker in blocked_by:
        fits = len(kept) < limits.BLOCKERS and not dependencies.reaches(board.tx, blocker, ticket.id)
        kept += [blocker] if fits else []
        left |= set() if fits else {blocker}
    if parent is not None and any(dependencies.reaches(board.tx, one, parent) for one in (ticket.id, *kept)):
        left.add(parent)
        parent = ticket.parent
    return link(board, actor, ticket, kept, parent, at=ticket.updated_at), left


def settle(board: LockedBoard, actor: Actor, ticket: Ticket) -> None:
    """Bring those who wait for a ticket, and what it is part of, up to date with where it is now."""
    for dependent in dependencies.dependents(board.tx, ticket.id):
        _count_blockers(board, actor, tickets.on(board, dependent))
    if ticket.parent is not None:
        _count_children(board, ticket.parent)


def settle_restored(board: LockedBoard, actor: Actor, ticket: Ticket) -> Ticket:
    """The same for a ticket that was deleted while those that it waits for went on."""
    settle(board, actor, ticket)
    return ticket.but(open_blockers=_count_blockers(board, actor, ticket)) if ticket.blocked_by else ticket


def recount(board: LockedBoard, actor: Actor, ticket_id: int) -> None:
    """Count the open blockers and the children of a ticket on the board anew."""
    _count_blockers(board, actor, tickets.on(board, ticket_id))
    _count_children(board, ticket_id)


def _count_blockers(board: LockedBoard, actor: Actor, ticket: Ticket) -> int:
    """Count the open blockers anew; tell where the ticket is blocked now, or no longer is."""
    done = _done(board)
    rows = dependencies.blockers(board.tx, ticket.id)
    open_ones = [row["id"] for row in rows if row["alive"] and row["column_id"] not in done]
    if len(open_ones) == ticket.open_blockers:
        return len(open_ones)
    board.tx.run(dependencies.COUNT_BLOCKERS, of_ticket=ticket.id, open=len(open_ones))
    board.recount(ticket, ticket.but(open_blockers=len(open_ones)))
    if bool(open_ones) != bool(ticket.open_blockers):
        name = "ticket_blocked" if open_ones else "ticket_unblocked"
        data = {"id": ticket.id, "board_id": board.id, "title": ticket.title, "open": open_ones}
        board.record(actor, name, data, ticket_id=ticket.id)
    return len(open_ones)


def _count_children(board: LockedBoard, parent: int) -> None:
    done = _done(board)
    rows = board.tx.all(dependencies.CHILDREN, of_ticket=parent)
    children = sum(row["count"] for row in rows)
    still_open = sum(row["alive"] for row in rows if row["column_id"] not in done)
    row = tickets.read(board.tx, parent, deleted=True)
    if (row["children"], row["open_children"]) == (children, still_open):
        return
    board.tx.run(dependencies.COUNT_CHILDREN, of_ticket=parent, all=children, open=still_open)
    if not (row["deleted_at"] or row["archived_at"]):
        before = tickets.seen(row, board.columns)
        board.recount(before, before.but(children=children, open_children=still_open))


def _done(board: LockedBoard) -> set[int]:
    return {column.id for column in board.columns if column.role == "done"}


def _check_other(board: LockedBoard, ticket: Ticket, other: int) -> None:
    row = tickets.read(board.tx, other)
    if row["board_id"] != board.id:
        detail = f"Ticket {other} is not on the same board."
        raise Refusal("other-board", detail, fix="Name a ticket of the same board, or link to it in the text.")


def _check_cycle(board: LockedBoard, path: list[int]) -> None:
    """Refused: `dependency-cycle`, where the last ticket of a path waits for the first; with the whole path."""
    first, last = path[0], path[-1]
    if not dependencies.reaches(board.tx, last, first):
        return
    paths = [path]
    seen = {last}
    while paths:
        path = paths.pop()
        if path[-1] == first:
            raise _cycle(path)
        for further in dependencies.waits_for(board.tx, path[-1]):
            if further not in seen:
                seen.add(further)
                paths.append([*path, further])


def _cycle(path: list[int]) -> Refusal:
    shown = " → ".join(str(one) for one in path)
    return Refusal(
        "dependency-cycle",
        f"These tickets would wait for each other: {shown}.",
        fix="Take one of these dependencies away first.",
        path=path,
    )
