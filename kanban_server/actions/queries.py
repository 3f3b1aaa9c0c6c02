"""Queries on boards and tickets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Board, BoardTickets
from kanban_sdk.wire.comments import Comment
from kanban_sdk.wire.search import SearchPage, SearchResult
from kanban_sdk.wire.tickets import Change, Lease, Ticket, TicketPage
from kanban_sdk.wire.users import AuditEntry
from kanban_server.actions.versions import event_changes
from kanban_server.rules import cursors, leases, permissions
from kanban_server.rules.actors import SYSTEM_ACTOR
from kanban_server.rules.problems import Refusal, not_found
from kanban_server.store import event_log
from kanban_server.store.queries import (
    base_snapshots,
    boards,
    claims,
    comments,
    name_lookup,
    search,
    ticket_pages,
    tickets,
)
from kanban_server.store.queries.ticket_pages import TicketFilter
from kanban_server.store.rows import TicketRow
from kanban_server.store.statements import Statement
from kanban_server.store.transaction import ReadTransaction, Row

MAX_EVENT_FIELDS = 100
"""More fields than one event can change. A change's id is `seq * MAX_EVENT_FIELDS` plus its index in the event."""


def list_boards(tx: ReadTransaction) -> list[Board]:
    """All boards, oldest first."""
    return [row.board for row in boards.read_all(tx)]


def read_board(tx: ReadTransaction, board_id: int) -> Board:
    """One board. Refused: `not-found`."""
    return boards.read(tx, board_id).board


def list_columns(tx: ReadTransaction, board_id: int) -> list[str]:
    """The names of a board's columns, in order. Refused: `not-found`."""
    return boards.read(tx, board_id).board.columns


def list_tickets(tx: ReadTransaction, board_id: int) -> BoardTickets:
    """All tickets of a board, column by column from the top. Refused: `not-found`."""
    return _tickets_of(tx, boards.read(tx, board_id))


def encoded_tickets(tx: ReadTransaction, board_id: int) -> tuple[int, bytes]:
    """The seq of a board's last event, and all its tickets as of that event, as JSON. Refused: `not-found`."""
    row = boards.read(tx, board_id)
    return row.seq, orjson.dumps(_tickets_of(tx, row))


def _tickets_of(tx: ReadTransaction, row: boards.BoardRecord) -> BoardTickets:
    found = tickets_in_order(tx, row)
    return BoardTickets(row.board.id, row.board.name, found, len(found))


def tickets_in_order(tx: ReadTransaction, row: boards.BoardRecord) -> list[Ticket]:
    """A board's tickets, column by column from the top."""
    return [
        tickets.to_wire(ticket_row, row.board.column_settings)
        for ticket_row in _rows_in_order(tx, row, tickets.BY_BOARD)
    ]


def _rows_in_order(tx: ReadTransaction, row: boards.BoardRecord, statement: Statement) -> list[Row]:
    position = {column.id: index for index, column in enumerate(row.board.column_settings)}
    rows = tx.all(statement, board_id=row.board.id)
    rows.sort(key=lambda row: position[row["column_id"]])  # stable sort: keeps the order of places within a column
    return rows


def read_ticket(tx: ReadTransaction, ticket_id: int) -> Ticket:
    """One ticket. Refused: `not-found`."""
    row = tickets.read_row(tx, ticket_id)
    ticket = tickets.to_wire(row, boards.read(tx, row["board_id"]).board.column_settings)
    return ticket.but(lease=_build_lease(tx, row), attempts=claims.read_attempts(tx, ticket_id) or None)


def _build_lease(tx: ReadTransaction, row: TicketRow) -> Lease | None:
    """The ticket's lease: its token, holder and the seconds left. None if there is no lease."""
    if row["claim_holder"] is None or row["claim_seconds"] is None:
        return None
    seconds_left = leases.seconds_left(tx.now(), row["claim_expires_at"])
    token = leases.format_token(row["id"], row["claim_number"])
    renewed_at = leases.renewed_at(row["claim_expires_at"], row["claim_seconds"])
    return Lease(token, row["claim_holder"], None if seconds_left is None else max(0.0, seconds_left), renewed_at)


def page_tickets(tx: ReadTransaction, board_id: int, ticket_filter: TicketFilter, number: int, size: int) -> TicketPage:
    """A page of the tickets that match a filter, column by column from the top.

    Refused: `not-found`, `unknown-column`, `ambiguous-name`.
    """
    row = boards.read(tx, board_id)
    if ticket_filter.assignee:
        ticket_filter = replace(ticket_filter, names=name_lookup.assignees(tx, board_id, ticket_filter.assignee))
    if ticket_filter.label:
        ticket_filter = replace(ticket_filter, label=name_lookup.label(tx, board_id, ticket_filter.label))
    counts, rows = ticket_pages.read_page(tx, row, ticket_filter, (number - 1) * size, size)
    total = sum(counts.values())
    pages = -(-total // size)
    items = [tickets.to_wire(ticket_row, row.board.column_settings) for ticket_row in rows]
    return TicketPage(items, total, number, size, pages, has_next=number < pages, has_previous=number > 1)


def list_comments(tx: ReadTransaction, ticket_id: int, deleted: bool = False) -> list[Comment]:
    """A ticket's comments, oldest first; with `deleted` also those of a deleted ticket. Refused: `not-found`."""
    boards.read(tx, tickets.read_row(tx, ticket_id, deleted=deleted)["board_id"])
    return comments.read_comments(tx, ticket_id)


def read_history(tx: ReadTransaction, ticket_id: int) -> list[Change]:
    """The changes of a ticket, newest first, also of a deleted one, and those before it was imported.

    Refused: `not-found`.

    If the log was trimmed after the ticket was created, the last entry, `trimmed`, has the time at which it begins.
    """
    row = tickets.read_row(tx, ticket_id, deleted=True)
    floor = boards.read(tx, row["board_id"]).floor
    history = list(_list_changes(ticket_id, event_log.read_ticket_events(tx, ticket_id)))[::-1]
    history.sort(key=lambda change: change.changed_at, reverse=True)  # imported changes are older than their events
    since = base_snapshots.log_start(tx, row["board_id"]) if floor else None
    if since is not None and row["created_at"] <= since:
        trimmed = Change(floor * MAX_EVENT_FIELDS, ticket_id, "trimmed", None, since, SYSTEM_ACTOR.name, since)
        history.append(trimmed)
    return history


def _list_changes(ticket_id: int, events: list[dict[str, Any]]) -> Iterator[Change]:
    for event in events:
        is_imported = event["name"] == "history_imported"
        for index, change in enumerate(event_changes(event["name"], event["data"])):
            yield Change(
                id=event["seq"] * MAX_EVENT_FIELDS + index,
                ticket_id=ticket_id,
                field_name=change["field"],
                old_value=change["from"],
                new_value=change["to"],
                changed_by=event["data"]["changed_by"] if is_imported else event["actor"],
                changed_at=event["data"]["changed_at"] if is_imported else event["at"],
            )


def read_audit(tx: ReadTransaction, board_id: int, ticket_id: int | None, before: int, limit: int) -> list[AuditEntry]:
    """Who sent a board's events, and from where, newest first; for admins of the server.

    Refused: `not-found`, `not-allowed`.
    """
    boards.read(tx, board_id, deleted=True)
    permissions.check_server_admin(tx.viewer, "sees from where things were done")
    rows = tx.all(event_log.AUDIT_PAGE, board_id=board_id, of_ticket=ticket_id or 0, before=before, most=limit)
    return [AuditEntry(event=row.pop("name"), timestamp=row.pop("at"), **row) for row in rows]


@dataclass(frozen=True)
class LogBounds:
    """The first and the last position of a board's log."""

    board_id: int
    epoch: str
    floor: int
    seq: int
    deleted: bool = False

    def unservable_reason(self, cursor: cursors.Cursor) -> str | None:
        """Why the log can't be read from the cursor; None if it can."""
        return cursors.unservable_reason(cursor, self.epoch, self.floor, self.seq)


def check_cursor(standing: LogBounds, cursor: cursors.Cursor) -> None:
    """Refused: `resync`, if the log can't be read from the cursor."""
    if reason := standing.unservable_reason(cursor):
        raise Refusal(
            "resync",
            f"The log can't be read from {cursor} ({reason}).",
            fix=f"Take /api/boards/{standing.board_id}/snapshot and go on from its cursor.",
            reason=reason,
            floor=standing.floor,
            head=standing.seq,
        )


def list_log_bounds(tx: ReadTransaction) -> list[LogBounds]:
    """The bounds of each board's log, also of deleted boards."""
    return [
        LogBounds(row["id"], row["epoch"], row["floor"], row["seq"], row["deleted_at"] is not None)
        for row in boards.BOARD_HEADS.all(tx)
    ]


def read_base(tx: ReadTransaction, board_id: int) -> bytes:
    """The base of a trimmed log, which is the board at the log's floor, as JSON. Refused: `not-found`."""
    boards.read(tx, board_id)
    base = base_snapshots.read_base(tx, board_id)
    if base is None:
        raise not_found("base of board", board_id, fix="Its log is whole: read it from 0.")
    return base.data.encode()


def read_log_bounds(tx: ReadTransaction, board_id: int) -> LogBounds:
    """The bounds of a board's log; a deleted board's log can still be read. Refused: `not-found`."""
    row = boards.read(tx, board_id, deleted=True)
    return LogBounds(board_id, row.epoch, row.floor, row.seq, row.deleted)


def read_snapshot(tx: ReadTransaction, board_id: int, *, bodies: bool) -> tuple[int, bytes]:
    """The seq of a board's last event, and the snapshot of the board at that event, as JSON. Refused: `not-found`."""
    row = boards.read(tx, board_id)
    names = {column.id: column.name for column in row.board.column_settings}
    snapshot = {
        "board": row.board,
        "columns": row.board.column_settings,
        "tickets": [
            tickets.snapshot_row(ticket_row, names, include_bodies=bodies)
            for ticket_row in _rows_in_order(tx, row, tickets.SNAPSHOT_ROWS)
        ],
        "seq": row.seq,
        "cursor": cursors.format_cursor(row.epoch, row.seq),
    }
    return row.seq, orjson.dumps(snapshot)


def search_boards(tx: ReadTransaction, text: str, cursor: str | None, limit: int) -> SearchPage:
    """The tickets on all boards that the viewer may see which have the words of the text, newest first.

    `cursor` is that of the page before. Refused: `invalid-cursor`.
    """
    before = _parse_search_cursor(cursor) if cursor else limits.ID_MOST
    by_id = {board.board.id: board.board for board in boards.read_all(tx)}
    rows = search.find_tickets(tx, text, list(by_id), before=before, most=limit + 1)
    items = []
    for row in rows[:limit]:
        board = by_id[row["board_id"]]
        ticket = tickets.to_wire(row, board.column_settings)
        items.append(SearchResult.of(**vars(ticket), board_name=board.name))
    return SearchPage(items, str(items[-1].id) if len(rows) > limit else None)


def _parse_search_cursor(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 17:
        return int(text)
    raise Refusal(
        "invalid-cursor", f"'{text[:80]}' is not a cursor.", fix="Send the `cursor` of the page before, or none."
    )
