"""Checks that must hold of any run, whatever happened in it: one function per guarantee."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

import pytest

from kanban_sdk import Event, Kanban, Ticket, VersionConflict
from kanban_sdk.stream.fold import BOARD_FIELDS, TICKET_FIELDS, FoldedBoard
from kanban_sdk.wire.boards import Snapshot
from kanban_sdk.wire.limits import NEEDS_HUMAN
from kanban_server.rules.validation import fold_text


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
    assert folded.board == _kept(asdict(snapshot.board), BOARD_FIELDS)
    assert folded.tickets == {ticket.id: _kept(asdict(ticket), TICKET_FIELDS) for ticket in snapshot.tickets}
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


def check_counts(kanban: Kanban, snapshot: Snapshot, turn: random.Random) -> None:
    """A board's counts match its rows: tickets, and per column the ready, blocked and held ones."""
    board = kanban.boards.get(snapshot.board.id)
    in_columns = Counter(ticket.current_column for ticket in snapshot.tickets)
    assert board.counts == {column.name: in_columns[column.name] for column in snapshot.columns}
    assert board.ticket_count == len(snapshot.tickets)
    column = turn.choice(snapshot.columns)
    of_column = [ticket for ticket in snapshot.tickets if ticket.current_column == column.name]
    expected = {
        "held": sum(ticket.claim is not None for ticket in of_column),
        "ready": sum(map(_is_ready, of_column)) if column.role == "todo" else 0,
        "blocked": sum(map(_is_blocked, of_column)) if column.role != "done" else 0,
    }
    for which, number in expected.items():
        wanted: dict[str, Any] = {"column": column.name, which: True}
        assert kanban.tickets.page(board.id, page_size=1, **wanted).total == number, wanted


def check_filters(kanban: Kanban, events: Sequence[Event], snapshot: Snapshot, turn: random.Random) -> None:
    """Each filter of the list, and several at once, match the same tickets as a check of every ticket."""
    tickets = _in_order(snapshot)
    words = _words(events, tickets)
    known = sorted({word for of_ticket in words.values() for word in of_ticket})
    values: dict[str, list[str]] = {
        "column": [column.name for column in snapshot.columns],
        "assignee": ["", *sorted({ticket.assignee for ticket in tickets if ticket.assignee})],
        "label": sorted({label for ticket in tickets for label in ticket.labels}),
        "search": [*known, *(word[:2] for word in known)],
    }
    fits: dict[str, Callable[[Ticket, str], bool]] = {
        "column": lambda ticket, value: ticket.current_column == value,
        "assignee": lambda ticket, value: (ticket.assignee or "") == value,
        "label": lambda ticket, value: value in ticket.labels,
        "search": lambda ticket, value: any(word.startswith(value) for word in words[ticket.id]),
    }
    chosen = {name: turn.choice(of_filter) for name, of_filter in values.items() if of_filter}
    several = dict(turn.sample(sorted(chosen.items()), 2))
    for wanted in ({}, *({name: value} for name, value in chosen.items()), several):
        expected = [ticket.id for ticket in tickets if all(fits[name](ticket, wanted[name]) for name in wanted)]
        filters: dict[str, Any] = dict(wanted)
        page = kanban.tickets.page(snapshot.board.id, page_size=500, **filters)
        assert ([ticket.id for ticket in page.items], page.total) == (expected, len(expected)), wanted
        if len(expected) > 1:
            second = kanban.tickets.page(snapshot.board.id, page=2, page_size=1, **filters)
            assert [ticket.id for ticket in second.items] == expected[1:2], wanted


def check_next(kanban: Kanban, snapshot: Snapshot, name: str) -> None:
    """`next` returns the first ready ticket by priority, column and place, of nobody or the user, or says why not."""
    todo = [column.name for column in snapshot.columns if column.role == "todo"]
    working = [column.name for column in snapshot.columns if column.role == "working"]
    ready = [ticket for ticket in snapshot.tickets if ticket.current_column in todo and _is_ready(ticket)]
    others = {ticket.assignee for ticket in ready if ticket.assignee}
    for assignee in (None, *sorted(others)[:1]):
        whose = {assignee} if assignee else {None, name}
        candidates = [ticket for ticket in ready if ticket.assignee in whose]
        chosen = kanban.boards.next_ticket(snapshot.board.id, assignee=assignee)
        if candidates:
            best = min(candidates, key=lambda one: (_rank(one.priority), todo.index(one.current_column), one.place))
            assert chosen.ticket is not None
            assert (chosen.ticket.id, chosen.reason) == (best.id, None)
            continue
        waiting = [one for one in snapshot.tickets if one.current_column in todo and not one.claim and one not in ready]
        held = [one for one in snapshot.tickets if one.claim and one.current_column in {*todo, *working}]
        reason = "all-held" if ready else "all-blocked" if waiting else "all-held" if held else "empty"
        assert (chosen.ticket, chosen.reason) == (None, reason)
        blocked = [one for one in snapshot.tickets if one.current_column in todo and _is_blocked(one)]
        assert (chosen.ready, chosen.blocked, chosen.held) == (len(ready), len(blocked), len(held))


def check_inbox(kanban: Kanban, events: Sequence[Event], snapshot: Snapshot, name: str) -> None:
    """An inbox has each comment of others that mentions the user, once, and besides only questions to a creator."""
    tickets = {ticket.id: ticket for ticket in snapshot.tickets}
    gone = {event.data["id"] for event in events if event.event == "comment_deleted"}
    called: dict[int, tuple[int, int]] = {}
    """Comment to the seq of the event that mentioned the reader, and the ticket."""
    mentioned: dict[int, list[str]] = {}
    for event in events:
        if event.event in {"comment_added", "comment_updated"}:
            comment = event.data["id"]
            mentioned[comment] = event.data["mentions"]
            if name not in mentioned[comment]:
                called.pop(comment, None)  # a mention that was edited out notifies nobody
            elif event.actor != name and comment not in gone:
                called.setdefault(comment, (event.seq, event.data["ticket_id"]))
    inbox = kanban.inbox.unread()
    assert inbox.total == len(inbox.items)
    items = [item for item in inbox.items if item.board_id == snapshot.board.id]
    comments = [item.comment_id for item in items]
    assert len(comments) == len({*comments}), "one entry a comment and person"
    assert not gone & {*comments}
    alive = _not_deleted(events)
    expected = {comment for comment, (_, ticket) in called.items() if ticket in alive}
    asked = {item.comment_id for item in items if name not in mentioned[item.comment_id]}
    assert {*comments} - asked == expected
    for item in items:
        if item.kind == "mention":
            assert item.seq == called[item.comment_id][0]
    for item in items:
        if item.comment_id in asked and item.ticket_id in tickets:
            assert (item.kind, tickets[item.ticket_id].created_by) == ("ask", name)


def check_history(kanban: Kanban, events: Sequence[Event], snapshot: Snapshot, turn: random.Random) -> None:
    """A ticket's history, applied to its first state, gives the current ticket."""
    for ticket in _newest(events, snapshot.tickets, turn):
        first = next(event for event in events if event.event == "ticket_created" and event.data["id"] == ticket.id)
        told = [
            (change.changed_at, change.field_name, change.old_value, change.new_value)
            for change in reversed(kanban.tickets.history(ticket.id))
            if change.field_name != "created"
        ]
        _explain(first.data, asdict(ticket), told + _elsewhere(events, ticket.id, first.seq))


def check_versions(kanban: Kanban, events: Sequence[Event], snapshot: Snapshot, turn: random.Random) -> None:
    """An edit from an old version is refused, and the changes in the refusal turn the old row into the current one."""
    stale = [ticket for ticket in snapshot.tickets if ticket.version > 1 and ticket.claim is None]
    for ticket in _newest(events, stale, turn):
        version = turn.randrange(1, ticket.version)
        with pytest.raises(VersionConflict) as conflict:
            kanban.tickets.edit(ticket.id, title="from an old version", version=version)
        current = conflict.value.current
        assert conflict.value.current_version == ticket.version
        assert _kept(current, TICKET_FIELDS) == _kept(asdict(ticket), TICKET_FIELDS)
        seq, old = _row_at(events, ticket.id, version)
        told = [(change["at"], change["field"], change["from"], change["to"]) for change in conflict.value.changed]
        _explain(old, current, told + _elsewhere(events, ticket.id, seq))


EXPLAINED = frozenset(
    {
        *("title", "description", "acceptance_criteria", "priority", "assignee", "labels", "due_date", "links"),
        *("blocked_by", "parent", "current_column", "extra"),
    }
)
"""Fields of a ticket whose changes are all reported."""

Told = tuple[str, str, Any, Any]
"""Time of a change, field, old value, new value."""


def _explain(old: dict[str, Any], new: dict[str, Any], told: list[Told]) -> None:
    """Applied in order, the changes turn the old row into the new one, and each starts from the result of the last."""
    row = _kept(old, EXPLAINED)
    for _, field, before, after in sorted(told, key=lambda change: change[0]):
        if field == "renamed":
            row["current_column"] = after if row["current_column"] == before else row["current_column"]
        elif field == "restored into":
            row["current_column"] = after
        elif field in EXPLAINED:
            assert row[field] == before, f"{field} was {row[field]!r}, and is said to have been {before!r}"
            row[field] = after
    assert row == _kept(new, EXPLAINED)


def _elsewhere(events: Sequence[Event], ticket: int, after: int) -> list[Told]:
    """Changes of a ticket's column that are no change of the ticket: the column is renamed, or the ticket restored."""
    told: list[Told] = []
    for event in events:
        if event.seq > after and (renamed := event.data.get("renamed")):
            told.append((event.timestamp, "renamed", renamed["from"], renamed["to"]))
        if event.seq > after and event.event == "ticket_restored" and event.data["id"] == ticket:
            told.append((event.timestamp, "restored into", None, event.data["current_column"]))
    return told


def _row_at(events: Sequence[Event], ticket: int, version: int) -> tuple[int, dict[str, Any]]:
    """Return the seq and the stored fields of the ticket's last state at a version."""
    board, found = FoldedBoard(), (0, dict[str, Any]())
    for event in events:
        board.step(event)
        row = board.tickets.get(ticket)
        if row is not None and row["version"] <= version:
            found = (event.seq, dict(row))
    return found


def _newest(events: Sequence[Event], tickets: Sequence[Ticket], turn: random.Random) -> list[Ticket]:
    """Return the ticket of the newest event, if it is among these, and a random one of the others."""
    about = [ticket for ticket in tickets if ticket.id == events[-1].data.get("ticket_id", events[-1].data["id"])]
    others = [ticket for ticket in tickets if ticket not in about]
    return [*about, *turn.sample(others, min(1, len(others)))]


def _not_deleted(events: Sequence[Event]) -> set[int]:
    """Return the tickets that were created and not deleted, including archived ones."""
    tickets: set[int] = set()
    for event in events:
        if event.event in {"ticket_created", "ticket_restored"}:
            tickets.add(event.data["id"])
        elif event.event == "ticket_deleted":
            tickets.discard(event.data["id"])
    return tickets


def _words(events: Sequence[Event], tickets: Sequence[Ticket]) -> dict[int, set[str]]:
    """Return each ticket's words that search looks at: those of its texts and its comments."""
    comments: dict[int, tuple[int, str]] = {}
    for event in events:
        if event.event in {"comment_added", "comment_updated"}:
            comments[event.data["id"]] = event.data["ticket_id"], event.data["text"]
        elif event.event == "comment_deleted":
            del comments[event.data["id"]]
    words: dict[int, set[str]] = {}
    for ticket in tickets:
        texts = [ticket.title, ticket.description or "", ticket.acceptance_criteria or ""]
        texts += [text for of_ticket, text in comments.values() if of_ticket == ticket.id]
        words[ticket.id] = {word for text in texts for word in fold_text(text).split()}
    return words


def _in_order(snapshot: Snapshot) -> list[Ticket]:
    """Return the tickets of a board, column by column from the top."""
    position = {column.name: index for index, column in enumerate(snapshot.columns)}
    return sorted(snapshot.tickets, key=lambda one: (position[one.current_column], one.place.encode(), one.id))


def _is_blocked(ticket: Ticket) -> bool:
    return bool(ticket.open_blockers or ticket.open_children)


def _is_ready(ticket: Ticket) -> bool:
    """Whether a ticket of a todo column can be taken."""
    return not ticket.claim and not _is_blocked(ticket) and NEEDS_HUMAN not in ticket.labels


def _rank(priority: str) -> tuple[int, ...]:
    words = ["critical", "high", "medium", "low"]
    return (words.index(priority),) if priority in words else tuple(map(int, priority.split(".")))


def _kept(fields: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: fields[name] for name in names}
