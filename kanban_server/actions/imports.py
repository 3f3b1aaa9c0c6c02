"""Bring tickets that were made elsewhere, as often as one likes."""

from __future__ import annotations

from typing import Any

from kanban_sdk.wire.boards import Column
from kanban_sdk.wire.import_bodies import Import, ImportedTicket
from kanban_sdk.wire.tickets import Imported, Ticket
from kanban_server.actions.import_links import LEFT_OUT, Sources, names_others, with_left_out
from kanban_server.actions.landing import bottom, neighbours
from kanban_server.actions.tickets import put_into
from kanban_server.actions.writing import said, searched, write_edit
from kanban_server.rules import access, links, names, priorities, texts, times
from kanban_server.rules.names import Actor
from kanban_server.rules.refusals import Refusal
from kanban_server.store import boards, comments, search, tickets
from kanban_server.store.locked import LockedBoard
from kanban_server.store.transaction import Transaction


def bring(tx: Transaction, actor: Actor, board_id: int, wanted: Import) -> Imported:
    """Create the tickets that are not on the board yet, by `source_id`, and bring the others up to date.

    All of them are there before the first is linked to what it waits for.
    """
    board = boards.lock(tx, board_id)
    access.check_arrange(board.role)  # it speaks in others' names
    outcomes: list[str] = []
    ids: dict[str, int] = {}
    for one in wanted.tickets:
        try:
            ids[one.source_id], outcome = _bring_one(board, actor, one)
        except Refusal as refusal:
            refusal.facts["source_id"] = one.source_id
            raise
        outcomes.append(outcome)
    sources = Sources(board)
    unlinked = []
    for index, one in enumerate(wanted.tickets):
        linked, missing = sources.link(actor, one)
        if linked and outcomes[index] == "unchanged":
            outcomes[index] = "updated"
        if missing:
            unlinked.append(one.source_id)
    counts = {name: outcomes.count(name) for name in ("created", "updated", "unchanged")}
    return Imported(**counts, ids=ids, unlinked=unlinked)


def _bring_one(board: LockedBoard, actor: Actor, one: ImportedTicket) -> tuple[int, str]:
    """The ticket's id here, and what became of it."""
    row = board.tx.one(tickets.BY_SOURCE, board_id=board.id, source_id=texts.source_id(one.source_id))
    if row is None:
        return _create(board, actor, one), "created"
    if row["deleted_at"] or row["archived_at"]:
        return row["id"], "unchanged"  # it was deleted or archived here, and stays so
    return row["id"], _update(board, actor, tickets.seen(row, board.columns), one)


def _create(board: LockedBoard, actor: Actor, one: ImportedTicket) -> int:
    column = _column(board, one)
    fields = _fields(one)
    creator = names.past_name(one.created_by, actor.name)
    created = times.moment(one.created_at, board.now)
    row: dict[str, Any] = {
        **fields,
        "board_id": board.id,
        "column_id": column.id,
        "place": bottom(board, column),
        "created_by": creator,
        "updated_by": actor.name,
        "assigned_by": actor.name if fields["assignee"] else None,
        "created_at": created,
        "updated_at": times.moment(one.updated_at, created),
        "column_entered_at": times.moment(one.column_entered_at, created),
        "version": 1,
        "source_id": one.source_id,
        "extra": texts.extra(one.extra),
        "comment_count": len(one.comments),
    }
    id = tickets.insert_row(board.tx, row)
    del row["column_id"]
    ticket = Ticket(id=id, current_column=column.name, **{**row, "comment_count": 0})
    board.recount(None, ticket)
    board.record(actor, "ticket_created", said(ticket), ticket_id=id)
    _comment(board, actor, ticket, one)
    search.index(board.tx, id, searched(ticket), comment_count=len(one.comments))
    return id


def _comment(board: LockedBoard, actor: Actor, ticket: Ticket, one: ImportedTicket) -> None:
    for count, written in enumerate(one.comments, 1):
        comment = comments.write(
            board.tx,
            ticket_id=ticket.id,
            board_id=board.id,
            text=texts.comment(written.text),
            author=names.past_name(written.author, names.NOBODY),
            created_at=times.moment(written.created_at, ticket.created_at),
        )
        data = {name: getattr(comment, name) for name in comment.__dataclass_fields__}
        data["mentions"] = []  # what was said long ago calls upon nobody now
        board.record(actor, "comment_added", {**data, "comment_count": count}, ticket_id=ticket.id)


def _update(board: LockedBoard, actor: Actor, ticket: Ticket, one: ImportedTicket) -> str:
    """What differs from what the import says is brought up to date; what was done here since and agrees stays."""
    extra = texts.extra(one.extra)
    if names_others(one):
        extra = with_left_out(extra, {name: (ticket.extra or {}).get(name) for name in LEFT_OUT})
    edited = write_edit(board, actor, ticket, {**_fields(one), "extra": extra})
    column = _column(board, one)
    if one.current_column is not None and column.name != edited.current_column:
        edited = put_into(board, actor, edited, column, neighbours(board, ticket.id, column))
    return "unchanged" if edited == ticket else "updated"


def _column(board: LockedBoard, one: ImportedTicket) -> Column:
    return board.column(one.current_column) if one.current_column else board.columns[0]


def _fields(one: ImportedTicket) -> dict[str, Any]:
    return {
        "title": texts.title(one.title),
        "description": texts.text(one.description),
        "acceptance_criteria": texts.text(one.acceptance_criteria, "acceptance_criteria"),
        "priority": priorities.priority(one.priority),
        "assignee": names.assignee_name(one.assignee),
        "labels": texts.labels(one.labels),
        "due_date": times.day(one.due_date),
        "links": links.links(link["ref"] for link in one.links),
    }
