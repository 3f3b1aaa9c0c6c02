"""What can be read of boards and tickets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson

from kanban_sdk.wire.boards import Board, BoardTickets
from kanban_sdk.wire.comments import Comment
from kanban_sdk.wire.tickets import Change, Lease, Ticket, TicketPage
from kanban_sdk.wire.users import Audited
from kanban_server.actions.versions import changes
from kanban_server.rules import access, cursors, leases
from kanban_server.rules.names import THE_SYSTEM
from kanban_server.rules.refusals import Refusal, not_found
from kanban_server.store import bases, boards, claims, comments, journal, listing, meant, tickets
from kanban_server.store.listing import Filter
from kanban_server.store.statements import Statement
from kanban_server.store.transaction import Reading, Row

FIELDS_OF_AN_EVENT = 100
"""More fields than one event can change, so that a change's id is its event's number and its place in it."""


def boards_(tx: Reading) -> list[Board]:
    """All boards, oldest first."""
    return [row.board for row in boards.read_all(tx)]


def board(tx: Reading, board_id: int) -> Board:
    """One board. Refused: `not-found`."""
    return boards.read(tx, board_id).board


def columns(tx: Reading, board_id: int) -> list[str]:
    """The names of a board's columns, in order. Refused: `not-found`."""
    return boards.read(tx, board_id).board.columns


def board_tickets(tx: Reading, board_id: int) -> BoardTickets:
    """All tickets of a board, in its order. Refused: `not-found`."""
    return _tickets_of(tx, boards.read(tx, board_id))


def encoded_tickets(tx: Reading, board_id: int) -> tuple[int, bytes]:
    """The number of a board's last event, and all its tickets as of then, encoded. Refused: `not-found`."""
    row = boards.read(tx, board_id)
    return row.seq, orjson.dumps(_tickets_of(tx, row))


def _tickets_of(tx: Reading, row: boards.BoardRow) -> BoardTickets:
    found = in_order(tx, row)
    return BoardTickets(row.board.id, row.board.name, found, len(found))


def in_order(tx: Reading, row: boards.BoardRow) -> list[Ticket]:
    """A board's tickets, column by column from the top."""
    return [tickets.seen(one, row.board.column_settings) for one in _rows(tx, row, tickets.OF_BOARD)]


def _rows(tx: Reading, row: boards.BoardRow, statement: Statement) -> list[Row]:
    position = {column.id: index for index, column in enumerate(row.board.column_settings)}
    rows = tx.all(statement, board_id=row.board.id)
    rows.sort(key=lambda row: position[row["column_id"]])  # stable: the places stay in order
    return rows


def ticket(tx: Reading, ticket_id: int) -> Ticket:
    """One ticket. Refused: `not-found`."""
    row = tickets.read(tx, ticket_id)
    seen = tickets.seen(row, boards.read(tx, row["board_id"]).board.column_settings)
    return seen.but(lease=_lease(tx, row), attempts=claims.of_ticket(tx, ticket_id) or None)


def _lease(tx: Reading, row: Row) -> Lease | None:
    """What its holder writes under, and for how long yet."""
    if row["claim_holder"] is None or row["claim_seconds"] is None:
        return None
    left = leases.left(tx.now(), row["claim_expires_at"])
    token = leases.token(row["id"], row["claim_number"])
    return Lease(token, row["claim_holder"], None if left is None else max(0.0, left))


def page(tx: Reading, board_id: int, wanted: Filter, number: int, size: int) -> TicketPage:
    """A page of the tickets that a filter lets through, column by column from the top.

    Refused: `not-found`, `unknown-column`, `ambiguous-name`.
    """
    row = boards.read(tx, board_id)
    if wanted.assignee:
        wanted = replace(wanted, names=meant.assignees(tx, board_id, wanted.assignee))
    if wanted.label:
        wanted = replace(wanted, label=meant.label(tx, board_id, wanted.label))
    counts, found = listing.page(tx, row, wanted, (number - 1) * size, size)
    total = sum(counts.values())
    pages = -(-total // size)
    items = [tickets.seen(one, row.board.column_settings) for one in found]
    return TicketPage(items, total, number, size, pages, has_next=number < pages, has_previous=number > 1)


def ticket_comments(tx: Reading, ticket_id: int) -> list[Comment]:
    """A ticket's comments, oldest first. Refused: `not-found`."""
    boards.read(tx, tickets.read(tx, ticket_id)["board_id"])
    return comments.of_ticket(tx, ticket_id)


def history(tx: Reading, ticket_id: int) -> list[Change]:
    """What changed on a ticket, newest first, also on one that was deleted. Refused: `not-found`.

    Where the log was trimmed, a last entry says since when it speaks.
    """
    row = tickets.read(tx, ticket_id, deleted=True)
    floor = boards.read(tx, row["board_id"]).floor
    known = list(_changes(ticket_id, journal.of_ticket(tx, ticket_id)))[::-1]
    since = bases.since(tx, row["board_id"]) if floor else None
    if since is not None and row["created_at"] <= since:
        beginning = Change(floor * FIELDS_OF_AN_EVENT, ticket_id, "trimmed", None, since, THE_SYSTEM.name, since)
        known.append(beginning)
    return known


def _changes(ticket_id: int, events: list[dict[str, Any]]) -> Iterator[Change]:
    for event in events:
        for index, change in enumerate(changes(event["name"], event["data"])):
            yield Change(
                id=event["seq"] * FIELDS_OF_AN_EVENT + index,
                ticket_id=ticket_id,
                field_name=change["field"],
                old_value=change["from"],
                new_value=change["to"],
                changed_by=event["actor"],
                changed_at=event["at"],
            )


def audit(tx: Reading, board_id: int, ticket_id: int | None, before: int, most: int) -> list[Audited]:
    """Who a board's events were from, the newest first. Refused: `not-found`, `not-allowed`."""
    boards.read(tx, board_id, deleted=True)
    access.check_operator(tx.viewer, "sees from where things were done")
    rows = tx.all(journal.AUDITED, board_id=board_id, of_ticket=ticket_id or 0, before=before, most=most)
    return [Audited(event=row.pop("name"), timestamp=row.pop("at"), **row) for row in rows]


@dataclass(frozen=True)
class Standing:
    """Where a board's log begins and ends."""

    board_id: int
    epoch: str
    floor: int
    seq: int
    deleted: bool = False

    def why_not(self, cursor: cursors.Cursor) -> str | None:
        """Why the log can't be read from the cursor; None where it can."""
        return cursors.servable(cursor, self.epoch, self.floor, self.seq)


def check_cursor(standing: Standing, cursor: cursors.Cursor) -> None:
    """Refused: `resync`, where the log can't be read from the cursor."""
    if reason := standing.why_not(cursor):
        raise Refusal(
            "resync",
            f"The log can't be read from {cursor} ({reason}).",
            fix=f"Take /api/boards/{standing.board_id}/snapshot and go on from its cursor.",
            reason=reason,
            floor=standing.floor,
            head=standing.seq,
        )


def heads(tx: Reading) -> list[Standing]:
    """Where the log of each board stands, of deleted ones too."""
    return [
        Standing(row["id"], row["epoch"], row["floor"], row["seq"], row["deleted_at"] is not None)
        for row in boards.HEADS.all(tx)
    ]


def base(tx: Reading, board_id: int) -> bytes:
    """A board at the floor of its log, where that was trimmed, as JSON. Refused: `not-found`."""
    boards.read(tx, board_id)
    found = bases.read(tx, board_id)
    if found is None:
        raise not_found("base of board", board_id, fix="Its log is whole: read it from 0.")
    return found.data.encode()


def standing(tx: Reading, board_id: int) -> Standing:
    """Where the log of a board stands; a deleted board's log can still be read. Refused: `not-found`."""
    row = boards.read(tx, board_id, deleted=True)
    return Standing(board_id, row.epoch, row.floor, row.seq, row.deleted)


def snapshot(tx: Reading, board_id: int, *, bodies: bool) -> tuple[int, bytes]:
    """A board and its tickets at one event of its log, encoded; and that event's number. Refused: `not-found`."""
    row = boards.read(tx, board_id)
    names = {column.id: column.name for column in row.board.column_settings}
    whole = {
        "board": row.board,
        "columns": row.board.column_settings,
        "tickets": [tickets.pictured(one, names, bodies=bodies) for one in _rows(tx, row, tickets.PICTURE)],
        "seq": row.seq,
        "cursor": cursors.write(row.epoch, row.seq),
    }
    return row.seq, orjson.dumps(whole)
