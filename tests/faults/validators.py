"""Checks that must hold after any run and any fault: one function per guarantee."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import groupby

from kanban_sdk import Event, Kanban
from kanban_sdk.stream.fold import BOARD_FIELDS, TICKET_FIELDS, FoldedBoard
from kanban_sdk.wire.limits import NEEDS_HUMAN
from tests.faults.history_checks import check_history, check_versions, only
from tests.faults.list_checks import check_counts, check_filters, check_inbox, check_next


def whole_log(kanban: Kanban, board: int) -> list[Event]:
    """Return the board's log from its first event."""
    events: list[Event] = []
    cursor: str | int = 0
    while True:
        page = kanban.boards.events(board, after=cursor)
        events += page.events
        cursor = page.cursor
        if not page.more:
            return events


def check_dense(seqs: Sequence[int], *, first: int = 1) -> None:
    """Seqs are ordered, unique and without a gap."""
    assert list(seqs) == list(range(first, first + len(seqs)))


def check_atomic(events: Iterable[Event]) -> None:
    """Events of one transaction are adjacent."""
    groups = [tx for tx, _ in groupby(event.tx for event in events)]
    assert len(groups) == len(set(groups))


def check_times(events: Sequence[Event]) -> None:
    """A board's timestamps never decrease."""
    times = [event.timestamp for event in events]
    assert times == sorted(times)


def fold(events: Iterable[Event]) -> FoldedBoard:
    """Fold the events into an empty board; folding each twice must change nothing."""
    folded = FoldedBoard()
    for event in events:
        folded.step(event)
        folded.step(event)
    return folded


def check_fold_is_snapshot(kanban: Kanban, board: int) -> None:
    """Folding the log gives the board."""
    snapshot = kanban.boards.snapshot(board)
    folded = fold(event for event in whole_log(kanban, board) if event.seq <= snapshot.seq)
    assert folded.seq == snapshot.seq
    assert folded.board == only(asdict(snapshot.board), BOARD_FIELDS)
    assert folded.tickets == {ticket.id: only(asdict(ticket), TICKET_FIELDS) for ticket in snapshot.tickets}
    assert snapshot.board.ticket_count == len(snapshot.tickets) == sum(snapshot.board.counts.values())


def check_waiting(kanban: Kanban, board: int) -> None:
    """The stored dependencies and counts of ready, blocked and held tickets match the tickets."""
    snapshot = kanban.boards.snapshot(board)
    roles = {column.name: column.role for column in snapshot.columns}
    not_done = {ticket.id for ticket in snapshot.tickets if roles[ticket.current_column] != "done"}
    for ticket in snapshot.tickets:
        assert ticket.open_blockers == len(not_done & {*ticket.blocked_by})
        assert ticket.open_children == sum(one.parent == ticket.id for one in snapshot.tickets if one.id in not_done)
    held = {ticket.id for ticket in snapshot.tickets if ticket.claim}
    blocked = {ticket.id for ticket in snapshot.tickets if ticket.open_blockers or ticket.open_children}
    for_a_person = {ticket.id for ticket in snapshot.tickets if NEEDS_HUMAN in ticket.labels}
    parked = {ticket.id for ticket in snapshot.tickets if ticket.not_before}
    started = {ticket.id for ticket in snapshot.tickets if roles[ticket.current_column] != "todo"}
    ready = {ticket.id for ticket in snapshot.tickets} - started - held - blocked - for_a_person - parked
    for total, ids in (
        (kanban.tickets.page(board, ready=True, page_size=1).total, ready),
        (kanban.tickets.page(board, blocked=True, page_size=1).total, blocked & not_done),
        (kanban.tickets.page(board, held=True, page_size=1).total, held),
    ):
        assert total == len(ids)
    assert {ticket.id for ticket in kanban.tickets.page(board, ready=True, page_size=500).items} == ready


def check_log(kanban: Kanban, board: int) -> list[Event]:
    """Check everything that must hold of a board's log."""
    events = whole_log(kanban, board)
    check_dense([event.seq for event in events])
    check_atomic(events)
    check_times(events)
    check_fold_is_snapshot(kanban, board)
    check_waiting(kanban, board)
    return events


def check_everything(kanban: Kanban, board: int, name: str | None = None) -> list[Event]:
    """Check that every response about a board agrees with its log and its tickets; return the log.

    `kanban` must be a client that may change the board; with its user's `name`, `next` and the inbox are checked too,
    as long as the user has never marked the inbox as read. Nothing is changed. Filters, versions and tickets are
    sampled, a few of each per call.
    """
    events = check_log(kanban, board)
    turn = random.Random(events[-1].seq)
    snapshot = kanban.boards.snapshot(board)
    check_counts(kanban, snapshot, turn)
    check_filters(kanban, events, snapshot, turn)
    check_history(kanban, events, snapshot, turn)
    check_versions(kanban, events, snapshot, turn)
    if name is not None:
        check_next(kanban, snapshot, name)
        check_inbox(kanban, events, snapshot, name)
    assert kanban.boards.snapshot(board).seq == snapshot.seq
    return events
