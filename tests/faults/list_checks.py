"""Checks that lists of tickets, counts, `next` and the inbox agree with the tickets and the log."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from kanban_sdk import Event, Kanban, Ticket
from kanban_sdk.wire.boards import Snapshot
from kanban_sdk.wire.limits import NEEDS_HUMAN
from kanban_server.rules.search_words import index_words, query_words


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
        query: dict[str, Any] = {"column": column.name, which: True}
        assert kanban.tickets.page(board.id, page_size=1, **query).total == number, query


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
        "search": lambda ticket, value: all(
            any(word.startswith(prefix) for word in words[ticket.id]) for prefix in query_words(value)
        ),
    }
    chosen = {name: turn.choice(of_filter) for name, of_filter in values.items() if of_filter}
    several = dict(turn.sample(sorted(chosen.items()), 2))
    for query in ({}, *({name: value} for name, value in chosen.items()), several):
        expected = [ticket.id for ticket in tickets if all(fits[name](ticket, query[name]) for name in query)]
        filters: dict[str, Any] = dict(query)
        page = kanban.tickets.page(snapshot.board.id, page_size=500, **filters)
        assert ([ticket.id for ticket in page.items], page.total) == (expected, len(expected)), query
        if len(expected) > 1:
            second = kanban.tickets.page(snapshot.board.id, page=2, page_size=1, **filters)
            assert [ticket.id for ticket in second.items] == expected[1:2], query


def check_next(kanban: Kanban, snapshot: Snapshot, name: str) -> None:
    """`next` returns the first ready ticket by priority, column and place, or the reason for none.

    Tickets that are assigned to other users do not count.
    """
    todo = [column.name for column in snapshot.columns if column.role == "todo"]
    working = [column.name for column in snapshot.columns if column.role == "working"]
    waiting_columns = [column.name for column in snapshot.columns if column.role == "waiting"]
    ready = [ticket for ticket in snapshot.tickets if ticket.current_column in todo and _is_ready(ticket)]
    others = {ticket.assignee for ticket in ready if ticket.assignee}
    for assignee in (None, *sorted(others)[:1]):
        whose = {assignee} if assignee else {None, name}
        candidates = [ticket for ticket in ready if ticket.assignee in whose and not ticket.needs]
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
        held += [one for one in snapshot.tickets if one.claim and one.current_column in waiting_columns]
        assert (chosen.ready, chosen.blocked, chosen.held) == (len(ready), len(blocked), len(held))


def check_inbox(kanban: Kanban, events: Sequence[Event], snapshot: Snapshot, name: str) -> None:
    """An inbox has each comment of others that mentions the user once; other entries are questions to a creator."""
    tickets = {ticket.id: ticket for ticket in snapshot.tickets}
    deleted = {event.data["id"] for event in events if event.event == "comment_deleted"}
    notified: dict[int, tuple[int, int]] = {}
    """Comment to the seq of the event that mentioned the reader, and the ticket."""
    mentioned: dict[int, list[str]] = {}
    for event in events:
        if event.event in {"comment_added", "comment_updated"}:
            comment = event.data["id"]
            mentioned[comment] = event.data["mentions"]
            if name not in mentioned[comment]:
                notified.pop(comment, None)  # a mention that was edited out notifies nobody
            elif event.actor != name and comment not in deleted:
                notified.setdefault(comment, (event.seq, event.data["ticket_id"]))
    inbox = kanban.inbox.unread()
    assert inbox.total == len(inbox.items)
    items = [item for item in inbox.items if item.board_id == snapshot.board.id]
    comments = [item.comment_id for item in items]
    assert len(comments) == len({*comments}), "one entry per comment and person"
    assert not deleted & {*comments}
    alive = _not_deleted(events)
    expected = {comment for comment, (_, ticket) in notified.items() if ticket in alive}
    questions = {item.comment_id for item in items if name not in mentioned[item.comment_id]}
    assert {*comments} - questions == expected
    for item in items:
        if item.kind == "mention":
            assert item.seq == notified[item.comment_id][0]
    for item in items:
        if item.comment_id in questions and item.ticket_id in tickets:
            assert (item.kind, tickets[item.ticket_id].created_by) == ("ask", name)


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
        words[ticket.id] = {word for text in texts for word in index_words(text)}
    return words


def _in_order(snapshot: Snapshot) -> list[Ticket]:
    """Return the tickets of a board, column by column from the top."""
    position = {column.name: index for index, column in enumerate(snapshot.columns)}
    return sorted(snapshot.tickets, key=lambda one: (position[one.current_column], one.place.encode(), one.id))


def _is_blocked(ticket: Ticket) -> bool:
    return bool(ticket.open_blockers or ticket.open_children)


def _is_ready(ticket: Ticket) -> bool:
    """Whether a ticket of a todo column can be taken."""
    return not ticket.claim and not _is_blocked(ticket) and NEEDS_HUMAN not in ticket.labels and not ticket.not_before


def _rank(priority: str) -> tuple[int, ...]:
    words = ["critical", "high", "medium", "low"]
    return (words.index(priority),) if priority in words else tuple(map(int, priority.split(".")))
