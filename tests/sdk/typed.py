"""The code of a user of the SDK, for a type checker. It is never run."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true
from __future__ import annotations

from collections.abc import Coroutine, Iterator
from typing import Any, assert_type

from kanban_sdk import (
    AsyncKanban,
    AsyncMirror,
    AsyncWatch,
    Board,
    Change,
    Comment,
    CommentAdded,
    Event,
    Kanban,
    Mirror,
    Snapshot,
    Ticket,
    TicketEvent,
    TicketMoved,
    TicketPage,
    VersionConflict,
    Watch,
)


def blocking(kanban: Kanban) -> None:
    assert_type(kanban.boards.all(), list[Board])
    assert_type(kanban.boards.create("b", columns=["A", "B"]), Board)
    assert_type(kanban.boards.edit(1, name="c", description=None, version=3), Board)
    assert_type(kanban.boards.snapshot(1, bodies=False), Snapshot)
    assert_type(kanban.boards.snapshot(1).tickets[0].labels, list[str])
    assert_type(kanban.tickets.create("t", board=1, priority="high"), Ticket)
    assert_type(kanban.tickets.move(1, "Done", before=2, version=3), Ticket)
    assert_type(kanban.tickets.edit(1, assignee=None, version=2), Ticket)
    assert_type(kanban.tickets.page(1, search="word").items, list[Ticket])
    assert_type(kanban.tickets.page(1), TicketPage)
    assert_type(kanban.tickets.list(1, label="bug"), Iterator[Ticket])
    assert_type(kanban.boards.find("b"), Board)
    assert_type(kanban.tickets.history(1), list[Change])
    assert_type(kanban.tickets.update(1, lambda ticket: {"title": ticket.title.upper()}), Ticket)
    assert_type(kanban.comments.add(1, "text"), Comment)
    assert_type(kanban.watch(1, after="ab-1"), Watch)
    assert_type(kanban.watch(1).next(timeout=3), Event)
    assert_type(kanban.mirror(1), Mirror)
    assert_type(kanban.mirror(1).ticket(2), Ticket | None)

    assert_type(kanban.wait(1, column="Done", timeout=3), Ticket)
    assert_type(kanban.wait(1, reply=True), Comment)
    assert_type(kanban.wait(ready=1), Ticket)
    with kanban.claim_next(1, timeout=None) as ticket:
        assert_type(ticket, Ticket)

    kanban.wait(1, column="Done", reply=True)  # type: ignore[call-overload]
    kanban.tickets.move(1)  # type: ignore[call-arg]
    kanban.tickets.move(1, "Done", place="middle")  # type: ignore[arg-type]
    kanban.tickets.move("1", "Done")  # type: ignore[arg-type]
    kanban.tickets.edit(1, titel="t")  # type: ignore[call-arg]
    kanban.tickets.edit(1, title=None)  # type: ignore[arg-type]
    kanban.tickets.list(1, labels="bug")  # type: ignore[call-arg]
    kanban.tickets.create("t")  # type: ignore[call-arg]
    kanban.tickets.update(1, lambda ticket: {"titel": "t"})  # type: ignore[typeddict-unknown-key]
    kanban.boards.create("b").name = "c"  # type: ignore[misc]

    for event in kanban.watch(1):
        assert_type(event, Event)
        if isinstance(event, TicketMoved):
            assert_type(event.to_column, str)
        if isinstance(event, TicketEvent):
            assert_type(event.ticket_id, int)
        if isinstance(event, CommentAdded):
            assert_type(event.ticket_id, int)

    try:
        kanban.tickets.edit(1, title="t", version=1)
    except VersionConflict as conflict:
        assert_type(conflict.current_version, int)


async def awaited(kanban: AsyncKanban) -> None:
    task: Coroutine[Any, Any, Ticket] = kanban.tickets.move(1, "Done")
    assert_type(await task, Ticket)
    assert_type(await kanban.tickets.move(1, "Done", place="top"), Ticket)
    assert_type(await kanban.boards.all(), list[Board])
    assert_type(await kanban.comments.all(1), list[Comment])
    assert_type(await kanban.tickets.update(1, lambda ticket: {"labels": [*ticket.labels, "ui"]}), Ticket)
    assert_type(kanban.watch(1), AsyncWatch)
    assert_type(await kanban.mirror(1), AsyncMirror)

    assert_type(await kanban.wait(1, reply=True), Comment)
    async with kanban.claim(1) as ticket:
        assert_type(ticket, Ticket)

    await kanban.tickets.move(1)  # type: ignore[call-arg]
    await kanban.tickets.edit(1, titel="t")  # type: ignore[call-arg]
    kanban.tickets.get(1)  # type: ignore[unused-coroutine]

    async for ticket in kanban.tickets.list(1, ready=True):
        assert_type(ticket, Ticket)

    async for event in kanban.watch(1):
        assert_type(event, Event)
