"""Import tickets from another system; imports can be repeated (docs/decisions/0015-imports-converge.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kanban_sdk.wire.bodies.import_bodies import Import, ImportedTicket
from kanban_sdk.wire.tickets import ImportResult
from kanban_server.actions import requirements
from kanban_server.actions.audit_fields import search_texts, ticket_event_fields
from kanban_server.actions.importer import comment_merge, links
from kanban_server.actions.importer.history import find_moves, format_moves, record_history
from kanban_server.actions.importer.merge import update_ticket
from kanban_server.actions.importer.source_ticket import SourceTicket
from kanban_server.actions.importer.state import ImportState
from kanban_server.actions.maintenance.archive import archive_ticket
from kanban_server.actions.placement import bottom_place
from kanban_server.actions.tickets import delete
from kanban_server.rules import actors, ordering, permissions, timestamps
from kanban_server.rules.actors import Actor
from kanban_server.rules.problems import Refusal
from kanban_server.store.queries import boards, search, tickets
from kanban_server.store.rows import NewTicketRow
from kanban_server.store.transaction import Transaction


def import_tickets(tx: Transaction, actor: Actor, board_id: int, request: Import) -> ImportResult:
    """Create the tickets whose `source_id` the board does not know yet, and merge the others.

    All tickets are created before the first link is written. Each event is marked as imported. Refused: `not-allowed`,
    unless the viewer is an admin of the board, since an import writes in the names of others; `unmet`, if a ticket
    enters a done column without what the board requires.
    """
    actor = replace(actor.with_force(request.force), importing=True)
    board = boards.lock(tx, board_id)
    permissions.check_import(board.role)
    state = ImportState.load(board, actor, request)
    outcomes: dict[str, str] = {}
    search_texts_by_id: dict[int, list[str | None]] = {}
    for imported in request.tickets:
        newest = board.last_seq
        try:
            source = SourceTicket.read(board, imported)
            state.rename(imported.source_id)
            row = state.rows.get(imported.source_id)
            if row is None:
                id, texts = _create_ticket(state, source)
                search_texts_by_id[id] = texts
                outcomes[imported.source_id] = "created"
                continue
            update_ticket(state, source, row)
            base = record_history(state, row, source.history, state.bases[row["id"]], new=False)
            state.set_base(row["id"], base)
        except Refusal as refusal:
            refusal.facts["source_id"] = imported.source_id
            raise
        outcomes[imported.source_id] = "updated" if board.last_seq > newest else "unchanged"
    search.index_tickets(tx, search_texts_by_id)
    linked, unlinked = links.link_tickets(state, request.tickets)
    for source_id in linked:
        if outcomes[source_id] == "unchanged":
            outcomes[source_id] = "updated"
    state.check_requirements()
    _put_away(state, [one for one in request.tickets if outcomes[one.source_id] == "created"])
    state.save()
    state.report_limits()
    return _build_result(state, request.tickets, list(outcomes.values()), unlinked)


def _put_away(state: ImportState, created: Sequence[ImportedTicket]) -> None:
    """Archive and delete new tickets that are archived or deleted at their source, after all links are written."""
    for imported in created:
        row = state.rows[imported.source_id]
        if imported.deleted:
            delete(state.board.tx, state.actor, row["id"])
        elif imported.archived:
            archive_ticket(state.board, state.actor, row)


def _build_result(
    state: ImportState, imported_tickets: list[ImportedTicket], outcomes: list[str], unlinked: list[str]
) -> ImportResult:
    kinds = [report.kind for report in state.reports]
    return ImportResult(
        **{name: outcomes.count(name) for name in ("created", "updated", "unchanged")},
        ids={imported.source_id: state.rows[imported.source_id]["id"] for imported in imported_tickets},
        unlinked=unlinked,
        conflicts=kinds.count("conflict"),
        held=kinds.count("held"),
        over_limits=kinds.count("over-limit"),
        not_understood=kinds.count("not-understood"),
        reports=state.reports,
    )


def _create_ticket(state: ImportState, source: SourceTicket) -> tuple[int, list[str | None]]:
    """Create a ticket. Returns its id, and its texts for the search index."""
    board, actor, imported = state.board, state.actor, source.ticket
    column = source.column or board.columns[0]
    lowest_place = state.places.get(column.id)
    place = ordering.place_between(lowest_place, None) if lowest_place else bottom_place(board, column)
    state.places[column.id] = place
    state.changed_columns.add(column.id)
    created_at = timestamps.parse_timestamp(imported.created_at, board.now)
    moves = find_moves(board, column, created_at, source.history)
    values: NewTicketRow = {
        **source.columns,
        "board_id": board.id,
        "column_id": column.id,
        "place": place,
        "created_by": actors.imported_name(imported.created_by, actor.name),
        "updated_by": actor.name,
        "assigned_by": actor.name if source.texts["assignee"] else None,
        "created_at": created_at,
        "updated_at": timestamps.parse_timestamp(imported.updated_at, created_at),
        "column_entered_at": timestamps.parse_timestamp(
            imported.column_entered_at, moves[-1].changed_at if moves else created_at
        ),
        "version": 1,
        "source_id": imported.source_id,
        "extra": tickets.encode_extra(source.extra),
        "comment_count": len(imported.comments),
    }
    row = tickets.insert_ticket(board, values)
    id, ticket = row["id"], tickets.to_wire(row, board.columns).but(comment_count=0)
    lacking = requirements.unmet_in(board, row, column)
    data = {**ticket_event_fields(ticket), **format_moves(moves), **({"unmet": lacking} if lacking else {})}
    board.record(actor, "ticket_created", data, ticket_id=id)
    if column.role == "done":
        state.finished[id] = imported.source_id
    comment_ids = [
        comment_merge.write_comment(state, row, comment, count=count)
        for count, (_, comment) in enumerate(source.comments, 1)
    ]
    state.rows[imported.source_id] = row
    base = source.build_base(column.id, comment_ids)
    state.set_base(id, record_history(state, row, source.history, base, new=True))
    return id, [*search_texts(row), *(comment.text for comment in imported.comments)]
