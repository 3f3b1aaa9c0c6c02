"""What must hold of any run, whatever happened in it: one function for each promised word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from kanban_sdk import Event, Kanban
from kanban_sdk.fold import BOARD_FIELDS, TICKET_FIELDS, Folded
from kanban_sdk.wire.limits import NEEDS_HUMAN


def whole_log(kanban: Kanban, board: int) -> list[Event]:
    """The board's log, from its first event."""
    events: list[Event] = []
    cursor: str | int = 0
    while True:
        page = kanban.boards.events(board, after=cursor)
        events += page.events
        cursor = page.cursor
        if not page.more:
            return events


def check_dense(seqs: Sequence[int], *, first: int = 1) -> None:
    """Ordered, unique and without a gap: each number once, each one above the last."""
    assert list(seqs) == list(range(first, first + len(seqs)))


def check_atomic(events: Iterable[Event]) -> None:
    """Events of one transaction stand together."""
    groups = [tx for tx, _ in groupby(event.tx for event in events)]
    assert len(groups) == len(set(groups))


def check_times(events: Sequence[Event]) -> None:
    """A board's timestamps never go back."""
    times = [event.timestamp for event in events]
    assert times == sorted(times)


def fold(events: Iterable[Event]) -> Folded:
    """What the events make of an empty board; folding each twice must change nothing."""
    folded = Folded()
    for event in events:
        folded.step(event)
        folded.step(event)
    return folded


def check_fold_is_snapshot(kanban: Kanban, board: int) -> None:
    """Folding the log gives the board."""
    snapshot = kanban.boards.snapshot(board)
    folded = fold(event for event in whole_log(kanban, board) if event.seq <= snapshot.seq)
    assert folded.seq == snapshot.seq
    assert folded.board == _kept(asdict(snapshot.board), BOARD_FIELDS)
    assert folded.tickets == {ticket.id: _kept(asdict(ticket), TICKET_FIELDS) for ticket in snapshot.tickets}
    assert snapshot.board.ticket_count == len(snapshot.tickets) == sum(snapshot.board.counts.values())


def check_waiting(kanban: Kanban, board: int) -> None:
    """What is kept of who waits for whom, and of how many are ready, blocked and held, is what the tickets say."""
    snapshot = kanban.boards.snapshot(board)
    roles = {column.name: column.role for column in snapshot.columns}
    not_done = {ticket.id for ticket in snapshot.tickets if roles[ticket.current_column] != "done"}
    for ticket in snapshot.tickets:
        assert ticket.open_blockers == len(not_done & {*ticket.blocked_by})
        assert ticket.open_children == sum(one.parent == ticket.id for one in snapshot.tickets if one.id in not_done)
    held = {ticket.id for ticket in snapshot.tickets if ticket.claim}
    blocked = {ticket.id for ticket in snapshot.tickets if ticket.open_blockers or ticket.open_children}
    for_a_person = {ticket.id for ticket in snapshot.tickets if NEEDS_HUMAN in ticket.labels}
    begun = {ticket.id for ticket in snapshot.tickets if roles[ticket.current_column] != "todo"}
    ready = {ticket.id for ticket in snapshot.tickets} - begun - held - blocked - for_a_person
    for total, ids in (
        (kanban.tickets.page(board, ready=True, page_size=1).total, ready),
        (kanban.tickets.page(board, blocked=True, page_size=1).total, blocked & not_done),
        (kanban.tickets.page(board, held=True, page_size=1).total, held),
    ):
        assert total == len(ids)
    assert {ticket.id for ticket in kanban.tickets.page(board, ready=True, page_size=500).items} == ready


def check_log(kanban: Kanban, board: int) -> list[Event]:
    """All that must hold of a board's log, whatever happened to it."""
    events = whole_log(kanban, board)
    check_dense([event.seq for event in events])
    check_atomic(events)
    check_times(events)
    check_fold_is_snapshot(kanban, board)
    check_waiting(kanban, board)
    return events


def _kept(fields: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: fields[name] for name in names}
