"""What waits for what, what comes next, and how much fits: dependencies, `next` and limits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest

from kanban_sdk import Archived, Board, ColumnFull, DependencyCycle, Invalid, Kanban, NotFound
from kanban_sdk.calls import Call
from tests.faults.validators import check_log
from tests.support.servers import Server


def new(kanban: Kanban, board: int, *titles: str) -> list[int]:
    return [kanban.tickets.create(title, board=board).id for title in titles]


def events_named(kanban: Kanban, board: int, *names: str) -> list[tuple[str, int | None]]:
    return [(event.event, event.ticket_id) for event in check_log(kanban, board) if event.event in names]


def test_nothing_begins_to_wait_for_what_is_off_the_board(kanban: Kanban, board: Board) -> None:
    ticket, archived, deleted = new(kanban, board.id, "waits", "archived", "deleted")
    kanban.tickets.move(archived, "Done")
    kanban.boards.archive(board.id, days=0)
    kanban.tickets.delete(deleted)
    before = kanban.tickets.get(ticket)
    ways: list[Callable[[int], object]] = [
        lambda other: kanban.tickets.block(ticket, other),
        lambda other: kanban.tickets.edit(ticket, blocked_by=[other]),
        lambda other: kanban.tickets.edit(ticket, parent=other),
        lambda other: kanban.tickets.create("new", board=board.id, blocked_by=[other]),
        lambda other: kanban.tickets.create("new", board=board.id, parent=other),
        lambda other: kanban.tickets.batch([{"op": "block", "ticket": ticket, "on": [other]}]),
    ]
    for way in ways:
        with pytest.raises(Archived) as refused:
            way(archived)
        assert refused.value.problem["ticket_id"] == archived
        with pytest.raises(NotFound) as missing:
            way(deleted)
        assert (missing.value.problem["id"], missing.value.problem["deleted"]) == (deleted, True)
        assert f"Ticket {deleted} is deleted" in missing.value.detail
    assert kanban.tickets.get(ticket) == before
    assert [one.title for one in kanban.boards.tickets(board.id).tickets] == ["waits"]
    for off in (archived, deleted):  # as the refusal says
        kanban.tickets.restore(off)
        kanban.tickets.block(ticket, off)
    kanban.tickets.move(archived, "Done")
    kanban.boards.archive(board.id, days=0)
    assert kanban.tickets.edit(ticket, blocked_by=[archived]).blocked_by == [archived], "what waits already may go on"


def test_the_last_blocker_that_is_done_unblocks_and_one_that_reopens_blocks_again(kanban: Kanban, board: Board) -> None:
    ticket, one, two = new(kanban, board.id, "waits", "one", "two")
    blocked = kanban.tickets.block(ticket, one, two)
    assert (blocked.blocked_by, blocked.open_blockers) == ([one, two], 2)
    kanban.tickets.move(one, "Done")
    assert kanban.tickets.get(ticket).open_blockers == 1
    kanban.tickets.delete(two)
    assert kanban.tickets.get(ticket).open_blockers == 0
    kanban.tickets.move(one, "Blocked")
    assert kanban.tickets.get(ticket).open_blockers == 1
    kanban.tickets.unblock(ticket, one)
    assert kanban.tickets.get(ticket).blocked_by == [two]
    assert events_named(kanban, board.id, "ticket_blocked", "ticket_unblocked") == [
        ("ticket_blocked", ticket),
        ("ticket_unblocked", ticket),
        ("ticket_blocked", ticket),
        ("ticket_unblocked", ticket),
    ]


def test_a_cycle_is_refused_with_its_path_and_nothing_changes(kanban: Kanban, board: Board) -> None:
    a, b, c = new(kanban, board.id, "a", "b", "c")
    kanban.tickets.block(a, b)
    kanban.tickets.block(b, c)
    before = kanban.boards.snapshot(board.id).seq
    with pytest.raises(DependencyCycle) as cycle:
        kanban.tickets.block(c, a)
    assert cycle.value.path == [c, a, b, c]
    with pytest.raises(DependencyCycle):
        kanban.tickets.block(a, a)
    kanban.tickets.edit(b, parent=a)
    with pytest.raises(DependencyCycle):
        kanban.tickets.edit(a, parent=b)
    assert kanban.boards.snapshot(board.id).seq == before + 1


def test_a_parent_waits_for_its_children_so_a_cycle_may_go_over_them(kanban: Kanban, board: Board) -> None:
    parent, child, last = new(kanban, board.id, "parent", "child", "last")
    kanban.tickets.edit(child, parent=parent)
    kanban.tickets.block(last, parent)
    with pytest.raises(DependencyCycle) as cycle:
        kanban.tickets.block(child, last)
    assert cycle.value.path == [child, last, parent, child]
    with pytest.raises(DependencyCycle) as cycle:
        kanban.tickets.edit(last, parent=child)
    assert cycle.value.path == [child, last, parent, child]
    with pytest.raises(DependencyCycle) as cycle:
        kanban.tickets.create("both", board=board.id, blocked_by=[last], parent=parent)
    assert cycle.value.path[1:] == [cycle.value.path[1], last, parent]
    check_log(kanban, board.id)


def test_a_cycle_of_1500_tickets_is_told_in_a_short_sentence(kanban: Kanban, board: Board) -> None:
    tickets = [
        {"source_id": str(n), "title": str(n), "blocked_by_sources": [str(n - 1)] if n else []} for n in range(1500)
    ]
    ids: dict[str, int] = {}
    for start in range(0, len(tickets), 100):
        ids |= kanban.boards.import_tickets(board.id, tickets[start : start + 100]).ids
    chain = [ids[str(n)] for n in range(1500)]
    with pytest.raises(DependencyCycle) as cycle:
        kanban.tickets.block(chain[0], chain[-1])
    assert cycle.value.path == [chain[0], *reversed(chain)]
    assert len(cycle.value.detail) <= 200
    assert "1,500 tickets" in cycle.value.detail
    assert cycle.value.detail.endswith(f" → {chain[2]} → {chain[1]} → {chain[0]}.")


def test_a_link_that_is_replaced_closes_no_cycle(kanban: Kanban, board: Board) -> None:
    a, b, c = new(kanban, board.id, "a", "b", "c")
    kanban.tickets.edit(a, blocked_by=[b])
    kanban.tickets.block(b, c)
    kanban.tickets.edit(b, parent=a)
    assert kanban.tickets.edit(b, parent=c, blocked_by=[]).parent == c
    with pytest.raises(DependencyCycle):
        kanban.tickets.block(b, a)
    check_log(kanban, board.id)


def test_tickets_of_another_board_are_not_to_be_waited_for(kanban: Kanban, board: Board) -> None:
    (stranger,) = new(kanban, kanban.boards.create("Other").id, "stranger")
    (ticket,) = new(kanban, board.id, "mine")
    with pytest.raises(Invalid, match="same board"):
        kanban.tickets.block(ticket, stranger)
    with pytest.raises(Invalid, match="same board"):
        kanban.tickets.edit(ticket, parent=stranger)


def test_a_parent_counts_its_children_and_those_that_are_not_done(kanban: Kanban, board: Board) -> None:
    parent, one, two = new(kanban, board.id, "parent", "one", "two")
    for child in (one, two):
        kanban.tickets.edit(child, parent=parent)
    kanban.tickets.move(one, "Done")
    shown = kanban.tickets.get(parent)
    assert (shown.children, shown.open_children) == (2, 1)
    kanban.tickets.delete(two)
    shown = kanban.tickets.get(parent)
    assert (shown.children, shown.open_children) == (1, 0)


def test_next_goes_by_priority_then_place_and_steps_over_what_cannot_be_done(kanban: Kanban, board: Board) -> None:
    low, blocked, parent, others, urgent, first = new(
        kanban, board.id, "low", "blocked", "parent", "bob's", "urgent", "1st"
    )
    kanban.tickets.edit(low, priority="low")
    kanban.tickets.edit(others, assignee="bob", priority="critical")
    kanban.tickets.edit(urgent, priority="high")
    kanban.tickets.edit(first, parent=parent)
    kanban.tickets.block(blocked, low)
    ready = [ticket.id for ticket in kanban.tickets.page(board.id, ready=True).items]
    assert ready == [low, others, urgent, first]
    order = []
    while (chosen := kanban.boards.next_ticket(board.id, claim=True)).ticket is not None:
        assert chosen.ticket.lease is not None
        order.append(chosen.ticket.id)
        kanban.tickets.move(chosen.ticket.id, "Done")
    assert order == [urgent, first, parent, low, blocked]
    assert kanban.boards.next_ticket(board.id, assignee="bob").ticket is not None
    check_log(kanban, board.id)


def test_next_takes_no_nonsense(kanban: Kanban, board: Board) -> None:
    for nonsense in ({"labels": ["\0"]}, {"labels": ["x"] * 51}, {"columns": ["Done"] * 51}, {"assignee": "\x1b"}):
        with pytest.raises(Invalid):
            kanban.send(Call("POST", f"/api/boards/{board.id}/next", dict, body=nonsense))


def test_where_there_is_nothing_next_says_why(kanban: Kanban, board: Board, server: Server) -> None:
    assert kanban.boards.next_ticket(board.id).reason == "empty"
    one, two = new(kanban, board.id, "one", "two")
    kanban.tickets.claim(two)
    kanban.tickets.block(one, two)
    nothing = kanban.boards.next_ticket(board.id, claim=True)
    assert (nothing.ticket, nothing.reason, nothing.blocked, nothing.held) == (None, "all-blocked", 1, 1)
    kanban.tickets.delete(one)
    nothing = kanban.boards.next_ticket(board.id)
    assert (nothing.reason, nothing.ready, nothing.blocked, nothing.held) == ("all-held", 0, 0, 1)
    kanban.tickets.move(two, "Done")
    (mine,) = new(kanban, board.id, "for a person")
    kanban.tickets.add_labels(mine, "needs-human")
    assert kanban.boards.next_ticket(board.id).reason == "all-blocked"
    kanban.tickets.label(mine, remove=["needs-human"], add=["ui"])
    kanban.tickets.edit(mine, assignee="bob")
    nothing = kanban.boards.next_ticket(board.id)
    assert (nothing.reason, nothing.ready) == ("all-held", 1), "it is kept for another"
    assert kanban.boards.next_ticket(board.id, assignee="bob", labels=["db"]).reason == "empty"
    assert kanban.boards.next_ticket(board.id, assignee="bob", labels=["ui"]).ticket is not None
    assert kanban.boards.next_ticket(board.id, columns=["Blocked"]).reason == "empty"


def test_a_full_column_refuses_and_next_says_that_it_is_full(kanban: Kanban, board: Board) -> None:
    working = kanban.boards.get(board.id).column_settings[1]
    kanban.boards.edit_column(board.id, working.id, limit=1)
    one, two, three = new(kanban, board.id, "one", "two", "three")
    kanban.tickets.move(three, working.name)
    kanban.tickets.delete(three)
    kanban.tickets.claim(one)
    changes: list[Callable[[], Any]] = [
        lambda: kanban.tickets.move(two, working.name),
        lambda: kanban.tickets.claim(two),
        lambda: kanban.tickets.create("four", board=board.id, column=working.name),
        lambda: kanban.tickets.restore(three),
        lambda: kanban.tickets.edit(two, current_column=working.name),
        lambda: kanban.boards.set_columns(board.id, ["In Progress", "Done"], move_to="In Progress"),
    ]
    for change in changes:
        with pytest.raises(ColumnFull) as full:
            change()
        assert (full.value.column, full.value.limit) == (working.name, 1)
    assert kanban.boards.next_ticket(board.id, claim=True).reason == "column-full"
    assert kanban.tickets.get(two).current_column == "Not Started"
    assert kanban.tickets.restore(three, force=True).current_column == working.name
    kanban.boards.edit_column(board.id, working.id, limit=1)
    assert len(kanban.tickets.page(board.id, column=working.name).items) == 2, "a lower limit moves nothing"
    check_log(kanban, board.id)


@pytest.mark.parametrize("times", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_of_those_who_move_at_once_into_the_last_place_one_gets_it(server: Server, kanban: Kanban, times: int) -> None:
    board = kanban.boards.create("Last place").id
    column = kanban.boards.get(board).column_settings[2]
    kanban.boards.edit_column(board, column.id, limit=1)
    pairs = [new(kanban, board, f"{n}a", f"{n}b") for n in range(times)]
    together = threading.Barrier(2)
    with server.kanban("one") as one, server.kanban("two") as two:

        def move(client: Kanban, ticket: int) -> bool:
            together.wait()
            try:
                return client.tickets.move(ticket, column.name).id == ticket
            except ColumnFull:
                return False

        with ThreadPoolExecutor(2) as pool:
            for pair in pairs:
                won = list(pool.map(move, (one, two), pair))
                assert sum(won) == 1
                kanban.tickets.move(pair[won.index(True)], "Done")


def test_a_long_cycle_is_shortened_in_the_middle(kanban: Kanban, board: Board) -> None:
    ids = [kanban.tickets.create("one", board=board.id).id for _ in range(10)]
    for waiting, on in pairwise(ids):
        kanban.tickets.block(waiting, on)
    with pytest.raises(DependencyCycle, match="10 tickets") as refused:
        kanban.tickets.block(ids[-1], ids[0])
    shown = [ids[-1], *ids[:2], "…", *ids[-3:]]
    assert " → ".join(map(str, shown)) in str(refused.value)


@pytest.mark.parametrize("edit_first", [True, False])
def test_who_is_unblocked_is_told_by_the_title_that_the_same_transaction_gives(
    kanban: Kanban, board: Board, edit_first: bool
) -> None:
    blocker = kanban.tickets.create("blocker", board=board.id).id
    waiting = kanban.tickets.create("before", board=board.id, blocked_by=[blocker]).id
    operations: list[dict[str, Any]] = [
        {"op": "move", "ticket": blocker, "column": "Done"},
        {"op": "edit", "ticket": waiting, "title": "after"},
    ]
    kanban.tickets.batch(operations[::-1] if edit_first else operations)
    last = kanban.boards.events(board.id, after=0).events[-1]
    assert (last.event, last.data["title"]) == ("ticket_unblocked", "after")
    check_log(kanban, board.id)
