"""Import tickets that were made elsewhere, any number of times (docs/decisions/0015-imports-converge.md)."""

from __future__ import annotations

from typing import Any

from kanban_sdk.wire.import_bodies import Import, ImportedTicket
from kanban_sdk.wire.tickets import Imported, Ticket
from kanban_server.actions import import_comments, import_links, requirements
from kanban_server.actions.import_source import Source
from kanban_server.actions.import_state import ImportState
from kanban_server.actions.import_updates import update
from kanban_server.actions.landing import bottom
from kanban_server.actions.writing import said, searched
from kanban_server.rules import access, criteria, names, places, times
from kanban_server.rules.names import Actor
from kanban_server.rules.refusals import Refusal
from kanban_server.store import boards, search, tickets
from kanban_server.store.transaction import Transaction


def bring(tx: Transaction, actor: Actor, board_id: int, wanted: Import) -> Imported:
    """Create the tickets that are not on the board yet, by `source_id`, and merge the others with what is here.

    All of them are there before the first is linked to what it waits for. Refused: `not-allowed`, to others than the
    board's admins: an import writes in the names of others; `unmet`, where a ticket comes into a done column without
    what the board requires.
    """
    actor = actor.forcing(wanted.force)
    board = boards.lock(tx, board_id)
    access.check_arrange(board.role)
    state = ImportState.load(board, actor, wanted)
    outcomes: dict[str, str] = {}
    found: dict[int, list[str | None]] = {}
    for one in wanted.tickets:
        newest = board.newest
        try:
            source = Source.read(board, one)
            row = state.rows.get(one.source_id)
            if row is None:
                ticket, texts = _create(state, source)
                found[ticket.id] = texts
                outcomes[one.source_id] = "created"
                continue
            update(state, source, row)
        except Refusal as refusal:
            refusal.facts["source_id"] = one.source_id
            raise
        outcomes[one.source_id] = "updated" if board.newest > newest else "unchanged"
    search.index_many(tx, found)
    linked, unlinked = import_links.link(state, wanted.tickets)
    for source_id in linked:
        if outcomes[source_id] == "unchanged":
            outcomes[source_id] = "updated"
    state.check_requirements()
    state.save()
    state.report_limits()
    return _answer(state, wanted.tickets, list(outcomes.values()), unlinked)


def _answer(state: ImportState, wanted: list[ImportedTicket], outcomes: list[str], unlinked: list[str]) -> Imported:
    kinds = [report.kind for report in state.reports]
    return Imported(
        **{name: outcomes.count(name) for name in ("created", "updated", "unchanged")},
        ids={one.source_id: state.rows[one.source_id]["id"] for one in wanted},
        unlinked=unlinked,
        conflicts=kinds.count("conflict"),
        held=kinds.count("held"),
        over_limits=kinds.count("over-limit"),
        not_understood=kinds.count("not-understood"),
        reports=state.reports,
    )


def _create(state: ImportState, source: Source) -> tuple[Ticket, list[str | None]]:
    """Create a ticket. Returns it, and the texts that search finds it by."""
    board, actor, one = state.board, state.actor, source.ticket
    column = source.column or board.columns[0]
    below = state.places.get(column.id)
    place = places.between(below, None) if below else bottom(board, column)
    state.places[column.id] = place
    state.entered.add(column.id)
    created = times.moment(one.created_at, board.now)
    row: dict[str, Any] = {
        **source.texts,
        "labels": source.labels,
        "links": source.links,
        "board_id": board.id,
        "column_id": column.id,
        "place": place,
        "created_by": names.past_name(one.created_by, actor.name),
        "updated_by": actor.name,
        "assigned_by": actor.name if source.texts["assignee"] else None,
        "created_at": created,
        "updated_at": times.moment(one.updated_at, created),
        "column_entered_at": times.moment(one.column_entered_at, created),
        "version": 1,
        "source_id": one.source_id,
        "extra": source.extra or None,
        "comment_count": len(one.comments),
    }
    id = tickets.insert_row(board.tx, row)
    del row["column_id"]
    counted = criteria.counted(source.texts["acceptance_criteria"])
    ticket = Ticket(id=id, current_column=column.name, criteria=counted, **{**row, "comment_count": 0})
    board.recount(None, ticket)
    lacking = requirements.noted(ticket, column).unmet
    board.record(actor, "ticket_created", said(ticket) | ({"unmet": lacking} if lacking else {}), ticket_id=id)
    if column.role == "done":
        state.finished[id] = one.source_id
    comments = [
        import_comments.write(state, ticket, comment, count=count)
        for count, (_, comment) in enumerate(source.comments, 1)
    ]
    state.rows[one.source_id] = {"id": id, "deleted_at": None, "archived_at": None}
    state.keep(id, source.base(column.id, comments))
    return ticket, [*searched(ticket), *(comment.text for comment in one.comments)]
