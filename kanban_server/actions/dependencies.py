"""What a ticket waits for, and what it is part of. A ticket is blocked while one of its blockers is not done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kanban_sdk.wire import limits
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions.writing import identity, touched
from kanban_server.rules.graph import Graph
from kanban_server.rules.names import Actor
from kanban_server.rules.refusals import Refusal
from kanban_server.store import dependencies, tickets
from kanban_server.store.locked import LockedBoard
from kanban_server.store.transaction import Row

SHOWN = 6
"""Tickets of a cycle that its refusal names in its detail: of a longer one, half of them from either end."""


class Relinked(NamedTuple):
    """A ticket as it is, and what it shall wait for, be part of and have as its `extra`."""

    ticket: Ticket
    blocked_by: list[int]
    parent: int | None
    extra: dict[str, object] | None


def link(board: LockedBoard, actor: Actor, ticket: Ticket, blocked_by: Iterable[int], parent: int | None) -> Ticket:
    """Write what a ticket waits for and is part of, and record it.

    A ticket waits for its blockers, and a parent for its children. Refused: `other-board`, `dependency-cycle`.
    """
    wanted = sorted(set(blocked_by))
    if wanted == ticket.blocked_by and parent == ticket.parent:
        return ticket
    if len(wanted) > limits.BLOCKERS:
        detail = f"A ticket waits for at most {limits.BLOCKERS} others."
        raise Refusal("invalid-request", detail, fix="Group them under a parent.", limit=limits.BLOCKERS)
    others = {*wanted, *([parent] if parent else [])} - {*ticket.blocked_by, ticket.parent}
    states = dependencies.states(board.tx, others)
    for other in sorted(others):
        _check_other(board, other, states.get(other))
    _check_cycle(board, ticket, wanted, parent)
    return relink(board, actor, [Relinked(ticket, wanted, parent, ticket.extra)], now=True)[0]


def relink(board: LockedBoard, actor: Actor, links: Sequence[Relinked], *, now: bool) -> list[Ticket]:
    """Write the links of tickets, which close no cycle, and record them, in a number of statements that is constant.

    Without `now`, the tickets keep the time of their last change. Returns the tickets as they are then.
    """
    done = _done(board)
    states = dependencies.states(board.tx, {blocker for one in links for blocker in one.blocked_by})
    written: list[tuple[Ticket, Ticket]] = []
    for ticket, blocked_by, parent, extra in links:
        at = None if now else ticket.updated_at
        new = {"blocked_by": blocked_by, "parent": parent, "extra": extra}
        changes = {
            name: {"from": getattr(ticket, name), "to": value}
            for name, value in new.items()
            if getattr(ticket, name) != value
        }
        open_ones = [id for id in blocked_by if states[id]["alive"] and states[id]["column_id"] not in done]
        linked = ticket.but(**new, open_blockers=len(open_ones), **touched(board, actor, ticket, at=at))
        told = {name: value for name, value in new.items() if name in changes or name != "extra"}
        data = {**identity(linked), "changes": changes, "changed_by": actor.name, **told}
        board.record(actor, "ticket_updated", data, ticket_id=ticket.id)
        board.recount(ticket, linked)
        written.append((ticket, linked))
        if len(open_ones) != ticket.open_blockers:
            _tell_blocked(board, actor, ticket, open_ones)
    dependencies.write(board.tx, written)
    moved = [pair for pair in written if pair[0].parent != pair[1].parent]
    _count_children(board, {one.parent for pair in moved for one in pair if one.parent is not None})
    return [linked for _, linked in written]


def settle(board: LockedBoard, actor: Actor, ticket: Ticket) -> None:
    """Bring those who wait for a ticket, and what it is part of, up to date with where it is now."""
    for dependent in dependencies.dependents(board.tx, ticket.id):
        _count_blockers(board, actor, tickets.on(board, dependent))
    if ticket.parent is not None:
        _count_children(board, [ticket.parent])


def settle_restored(board: LockedBoard, actor: Actor, ticket: Ticket) -> Ticket:
    """The same for a ticket that was deleted while those that it waits for went on."""
    settle(board, actor, ticket)
    return ticket.but(open_blockers=_count_blockers(board, actor, ticket)) if ticket.blocked_by else ticket


def recount(board: LockedBoard, actor: Actor, ticket_id: int) -> None:
    """Count the open blockers and the children of a ticket on the board anew."""
    _count_blockers(board, actor, tickets.on(board, ticket_id))
    _count_children(board, [ticket_id])


def _count_blockers(board: LockedBoard, actor: Actor, ticket: Ticket) -> int:
    """Count the open blockers anew; tell where the ticket is blocked now, or no longer is."""
    open_ones = _open_blockers(board, ticket)
    if len(open_ones) == ticket.open_blockers:
        return len(open_ones)
    board.tx.run(dependencies.COUNT_BLOCKERS, of_ticket=ticket.id, open=len(open_ones))
    board.recount(ticket, ticket.but(open_blockers=len(open_ones)))
    _tell_blocked(board, actor, ticket, open_ones)
    return len(open_ones)


def open_blockers(board: LockedBoard, ticket: Ticket) -> int:
    """How many of a ticket's blockers are open now, whatever was counted before."""
    return len(_open_blockers(board, ticket)) if ticket.blocked_by else 0


def open_among(board: LockedBoard, ids: Iterable[int]) -> int:
    """How many of some tickets are on the board and not done."""
    done = _done(board)
    states = dependencies.states(board.tx, set(ids))
    return sum(bool(one["alive"]) and one["column_id"] not in done for one in states.values())


def _open_blockers(board: LockedBoard, ticket: Ticket) -> list[int]:
    done = _done(board)
    rows = dependencies.blockers(board.tx, ticket.id)
    return [row["id"] for row in rows if row["alive"] and row["column_id"] not in done]


def _tell_blocked(board: LockedBoard, actor: Actor, ticket: Ticket, open_ones: list[int]) -> None:
    """Note which blockers of a ticket are open now; `ticket` is as it was before."""
    data = {"id": ticket.id, "board_id": board.id, "title": ticket.title, "open": open_ones}
    board.record_waiting(actor, data, before=ticket.open_blockers > 0)


def _count_children(board: LockedBoard, parents: Iterable[int]) -> None:
    """Count the children of some tickets anew, and those of them that are not done."""
    ids = sorted(set(parents))
    if not ids:
        return
    done = _done(board)
    counts = {id: [0, 0] for id in ids}
    for row in board.tx.all(dependencies.CHILDREN, ids=board.tx.listed(ids)):
        counts[row["parent"]][0] += row["count"]
        counts[row["parent"]][1] += 0 if row["column_id"] in done else row["alive"]
    changed = []
    for row in tickets.with_ids(board.tx, ids):
        children, still_open = counts[row["id"]]
        if (row["children"], row["open_children"]) == (children, still_open):
            continue
        changed.append({"of_ticket": row["id"], "all": children, "open": still_open})
        if not (row["deleted_at"] or row["archived_at"]):
            before = tickets.seen(row, board.columns)
            board.recount(before, before.but(children=children, open_children=still_open))
    board.tx.run_many(dependencies.COUNT_CHILDREN, changed)


def _done(board: LockedBoard) -> set[int]:
    return {column.id for column in board.columns if column.role == "done"}


def _check_other(board: LockedBoard, other: int, state: Row | None) -> None:
    """What is off the board will not be done, so nothing can begin to wait for it, or be part of it.

    Refused: `not-found`, `archived`, `other-board`.
    """
    if state is not None and state["alive"] and state["board_id"] == board.id:
        return
    row = tickets.read(board.tx, other, deleted=True)
    if row["board_id"] != board.id:
        detail = f"Ticket {other} is not on the same board."
        raise Refusal("other-board", detail, fix="Name a ticket of the same board, or link to it in the text.")
    if row["deleted_at"]:
        detail = f"Ticket {other} is deleted: nothing can wait for it, or be part of it."
        raise Refusal("not-found", detail, fix=f"Restore ticket {other} first.", what="ticket", id=other, deleted=True)
    detail = f"Ticket {other} is archived: nothing can wait for it, or be part of it."
    raise Refusal("archived", detail, fix=f"Restore ticket {other} first.", ticket_id=other)


def _check_cycle(board: LockedBoard, ticket: Ticket, blocked_by: list[int], parent: int | None) -> None:
    """Refused: `dependency-cycle`, with the whole path, where a ticket would wait for itself by its new links."""
    added = [(ticket.id, blocker) for blocker in blocked_by if blocker not in ticket.blocked_by]
    if parent is not None and parent != ticket.parent:
        added.append((parent, ticket.id))
    if not added:
        return
    graph = Graph(dependencies.waiting_for(board.tx, {waiting for waiting, _ in added} | {ticket.id}))
    for blocker in set(ticket.blocked_by) - set(blocked_by):
        graph.remove(ticket.id, blocker)
    if ticket.parent is not None and ticket.parent != parent:
        graph.remove(ticket.parent, ticket.id)
    for waiting, blocker in added:
        if path := graph.add(waiting, blocker):
            raise _cycle(path)


def _cycle(path: list[int]) -> Refusal:
    names = [str(id) for id in path]
    if len(names) > SHOWN + 1:
        names[SHOWN // 2 : -SHOWN // 2] = ["…"]
    count = len(path) - 1
    return Refusal(
        "dependency-cycle",
        f"These {count:,} tickets would wait for each other: {' → '.join(names)}.",
        fix="Take one of these dependencies away first.",
        path=path,
    )
