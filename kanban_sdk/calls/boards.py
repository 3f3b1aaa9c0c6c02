"""Boards, their columns and their logs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from kanban_sdk.calls.call import Call, without_none
from kanban_sdk.problem_types import exception_for
from kanban_sdk.wire.boards import Board, BoardTickets, Column, ColumnsResult, Message, Snapshot
from kanban_sdk.wire.shape import JsonObject, list_of

if TYPE_CHECKING:
    from typing import Unpack

    from kanban_sdk.wire.bodies import BoardFields, ColumnFields
    from kanban_sdk.wire.bulk import ArchiveResult
    from kanban_sdk.wire.event_pages import EventPage
    from kanban_sdk.wire.presence import Presence
    from kanban_sdk.wire.stats import Stats
    from kanban_sdk.wire.tickets import ImportResult, NextTicket
    from kanban_sdk.wire.users import AuditEntry


def all() -> Call[list[Board]]:
    """All boards, oldest first."""
    return Call("GET", "/api/boards", list_of(Board.read))


def create(name: str, *, description: str | None = None, columns: Sequence[str] | None = None) -> Call[Board]:
    """Create a board, with the five default columns if none are named. Raises Invalid."""
    body = without_none(name=name, description=description, columns=None if columns is None else list(columns))
    return Call("POST", "/api/boards", Board.read, body=body)


def get(board: int) -> Call[Board]:
    """One board. Raises NotFound."""
    return Call("GET", f"/api/boards/{board}", Board.read)


def find(name: str) -> Call[Board]:
    """The board with this name; if there is none, the one whose name differs only by case.

    Raises NotFound, and AmbiguousName if several match: `candidates` are their names, with their ids.
    """

    def read(items: Iterable[JsonObject]) -> Board:
        all_boards = [Board.read(item) for item in items]
        matches = [board for board in all_boards if board.name == name] or [
            board for board in all_boards if board.name.casefold() == name.casefold()
        ]
        if len(matches) == 1:
            return matches[0]
        candidates = [f"{board.id} {board.name}" for board in matches or all_boards]
        detail = f"Boards: {', '.join(candidates[:20]) or 'none'}{' …' if len(candidates) > 20 else ''}."
        if matches:
            problem = {"type": "ambiguous-name", "detail": f"Several boards are named '{name}'. {detail}"}
        else:
            problem = {"type": "not-found", "detail": f"No board is named '{name}'. {detail}"}
        raise exception_for({**problem, "status": 422 if matches else 404, "name": name, "candidates": candidates})

    return Call("GET", "/api/boards", read)


def edit(board: int, *, version: int | None = None, **fields: Unpack[BoardFields]) -> Call[Board]:
    """Change the name, the description or the columns of a board. Raises VersionConflict, ColumnInUse, Invalid."""
    return Call("PUT", f"/api/boards/{board}", Board.read, body=dict(fields), version=version)


def delete(board: int, *, version: int | None = None) -> Call[Message]:
    """Delete a board. Its streams end; its log can still be read. Raises NotFound, VersionConflict."""
    return Call("DELETE", f"/api/boards/{board}", Message.read, version=version)


def tickets(board: int) -> Call[BoardTickets]:
    """All tickets of a board, column by column from the top. Raises NotFound."""
    return Call("GET", f"/api/boards/{board}/tickets", BoardTickets.read)


def snapshot(board: int, *, bodies: bool = True) -> Call[Snapshot]:
    """A board and its tickets at one event of its log; without `bodies`, long texts are replaced by their sizes."""
    query = None if bodies else {"bodies": False}
    return Call("GET", f"/api/boards/{board}/snapshot", Snapshot.read, query=query)


def base(board: int) -> Call[Snapshot]:
    """A board at the start of its log, if that was trimmed: folding continues from there. Raises NotFound."""
    return Call("GET", f"/api/boards/{board}/base", Snapshot.read)


def stats(board: int, *, days: int | None = None) -> Call[Stats]:
    """How work flowed over the last `days` days: 90 by default, at most 366. Raises NotFound, Invalid."""
    from kanban_sdk.wire.stats import Stats

    return Call("GET", f"/api/boards/{board}/stats", Stats.read, query={"days": days})


def audit(
    board: int, *, ticket: int | None = None, before: int | None = None, limit: int | None = None
) -> Call[list[AuditEntry]]:
    """The origin of a board's events, newest first: token, client, address, program. For admins.

    Raises NotAllowed, NotFound.
    """
    from kanban_sdk.wire.users import AuditEntry

    query = {"ticket_id": ticket, "before": before, "limit": limit}
    return Call("GET", f"/api/boards/{board}/audit", list_of(AuditEntry.read), query=query)


def events(board: int, *, after: str | int = 0, limit: int | None = None) -> Call[EventPage]:
    """A page of a board's log after a cursor, oldest first, at most 500 events. Raises NotFound, Resync."""
    from kanban_sdk.wire.event_pages import EventPage

    query = {"after": after, "limit": limit}
    return Call("GET", f"/api/boards/{board}/events", EventPage.read, query=query)


def presence(board: int) -> Call[Presence]:
    """The users on a board now, by name, and the tickets that each holds; also unconnected holders. Raises NotFound."""
    from kanban_sdk.wire.presence import Presence

    return Call("GET", f"/api/boards/{board}/presence", Presence.read)


def columns(board: int) -> Call[list[str]]:
    """The names of a board's columns, in order. Raises NotFound."""
    return Call("GET", f"/api/boards/{board}/columns", list)


def set_columns(board: int, names: Sequence[str], *, move_to: str | None = None) -> Call[ColumnsResult]:
    """Add, order and remove columns; never rename. A column with tickets is removed only if `move_to` takes them.

    Raises ColumnInUse, Invalid.
    """
    query = {"move_to": move_to}
    return Call("PUT", f"/api/boards/{board}/columns", ColumnsResult.read, query=query, body=list(names))


def edit_column(board: int, column: int, *, version: int | None = None, **fields: Unpack[ColumnFields]) -> Call[Column]:
    """Change the name, role or limit of one column, by its id. Its tickets stay. Raises NotFound, Invalid."""
    path = f"/api/boards/{board}/columns/{column}"
    return Call("PATCH", path, Column.read, body=dict(fields), version=version)


def next_ticket(
    board: int,
    *,
    claim: bool = False,
    labels: Sequence[str] = (),
    columns: Sequence[str] | None = None,
    assignee: str | None = None,
    lease_seconds: int | None = None,
    wait_seconds: float = 0,
    place: str | None = None,
    or_reply: bool = False,
    resume: bool = False,
    following: int = 0,
    can: Sequence[str] | None = None,
) -> Call[NextTicket]:
    """The best ready ticket, by priority, then place: unassigned or the actor's, unless `assignee` is set.

    `claim` claims it. If there is none, `ticket` is None, `reason` is why, and `why` is what is left; `stop` is whether
    nothing will come by itself. `wait_seconds`, at most 50 and below the client's timeout, waits for one in the order
    of asking; `place` is that of the response before, which keeps the place in the queue. With `or_reply`, a reply on a
    ticket that the actor holds in a waiting column comes first; with `resume`, the ticket that the actor holds, claimed
    anew. `following`, at most 20, is how many tickets to list that come next. `can` are the tags of
    `needs` that the actor can: on a server with users at most those of the user and token, which are the default.
    Raises NameRequired, UnknownColumn, NotAllowed.
    """
    from kanban_sdk.wire.tickets import NextTicket

    body = without_none(
        claim=claim,
        labels=list(labels),
        assignee=assignee,
        lease_seconds=lease_seconds,
        wait_seconds=wait_seconds or None,
        place=place,
        or_reply=or_reply or None,
        resume=resume or None,
        following=following or None,
        can=None if can is None else list(can),
    )
    if columns is not None:
        body["columns"] = list(columns)
    return Call("POST", f"/api/boards/{board}/next", NextTicket.read, body=body)


def archive(board: int, *, days: int | None = None) -> Call[ArchiveResult]:
    """Archive what has been done for `days` days, 14 by default, at most 500 tickets; `more` means that some remain.

    Archived tickets leave the board, and can be restored. Raises NotFound.
    """
    from kanban_sdk.wire.bulk import ArchiveResult

    return Call("POST", f"/api/boards/{board}/archive", ArchiveResult.read, body=without_none(days=days))


def import_tickets(
    board: int,
    tickets: Sequence[JsonObject],
    *,
    prefer: Literal["source"] | None = None,
    force: bool = False,
) -> Call[ImportResult]:
    """Import up to 100 tickets, each with a `source_id`; known tickets get only what changed at their source.

    A second run changes nothing. `prefer="source"` takes the source's value if both sides changed; `force` changes
    tickets that others hold, and overrides what the board requires. Fields: see
    `kanban_sdk.wire.bodies.import_bodies.ImportedTicket`. Raises Invalid, Unmet.
    """
    from kanban_sdk.wire.tickets import ImportResult

    body = without_none(tickets=[dict(ticket) for ticket in tickets], prefer=prefer, force=force or None)
    return Call("POST", f"/api/boards/{board}/import", ImportResult.read, body=body)
