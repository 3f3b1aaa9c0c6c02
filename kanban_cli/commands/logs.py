"""The log of a board, and the history of a ticket."""

from typing import TYPE_CHECKING, Annotated

import typer

from kanban_cli.invocation import Invocation
from kanban_cli.options import OptionalTicketId, command
from kanban_cli.render import ticket_log, times
from kanban_cli.render.output import print_json, print_rows
from kanban_cli.render.sentences import describe_event, format_cell
from kanban_sdk.calls import comments, tickets

if TYPE_CHECKING:
    from kanban_sdk.wire.comments import Comment
    from kanban_sdk.wire.users import AuditEntry

app = typer.Typer()


@command(app, examples=["kanban log 12", "kanban log -n 100"], without=["lease"])
def log(
    invocation: Invocation,
    ticket: OptionalTicketId = None,
    limit: Annotated[
        int, typer.Option("-n", "--limit", min=1, max=500, metavar="N", help="The number of entries, newest first.")
    ] = 50,
    audit: Annotated[
        bool, typer.Option("--audit", help="Show client, address and token of each change; admins only.")
    ] = False,
) -> None:
    """Show what happened to a ticket, or on the board, newest first.

    A ticket may be deleted. Without a ticket, it shows the board's newest events.
    """
    if audit:
        _print_audit(invocation, ticket, limit)
        return
    if ticket is not None:
        _print_history(invocation, ticket, limit)
        return
    from kanban_sdk.calls import boards
    from kanban_sdk.errors import Resync

    board_id = invocation.board_id
    try:
        floor, head = 0, invocation.send(boards.events(board_id, limit=1)).head
    except Resync as error:  # the log was trimmed and begins later
        floor, head = error.floor, error.head
    call = boards.events(board_id, after=max(floor, head - limit), limit=limit)
    if invocation.options.json:
        page = invocation.send_raw(call)
        print_json({**page, "events": page["events"][::-1]})  # whole: null is a value in an event
        return
    event_page = invocation.send(call)
    rows = [
        [one.seq, times.format_time(one.timestamp), one.actor, describe_event(one)]
        for one in reversed(event_page.events)
    ]
    print_rows(["event", "when", "who", "what"], rows, f"{len(rows)} of {event_page.head}")


def _print_history(invocation: Invocation, ticket: int, limit: int) -> None:
    """Print the changes of a ticket and its comments, in the words of the board's log."""
    call = tickets.history(ticket)
    if invocation.options.json:
        print_json(invocation.send_raw(call)[:limit])
        return
    changes = invocation.send(call)
    entries = ticket_log.merge(changes, _load_comments(invocation, ticket))
    rows = [[times.format_time(one.at), one.who, one.what] for one in entries[:limit]]
    print_rows(["when", "who", "what"], rows, f"{len(rows)} of {len(entries)}")


def _load_comments(invocation: Invocation, ticket: int) -> "list[Comment]":
    """Load the comments; a deleted ticket has none."""
    from kanban_sdk.errors import NotFound

    try:
        return invocation.send(comments.all(ticket))
    except NotFound:
        return []


def _print_audit(invocation: Invocation, ticket: int | None, limit: int) -> None:
    """Print who made the events. For a deleted ticket the selected board is used."""
    from kanban_sdk.calls import boards
    from kanban_sdk.errors import NotFound

    try:
        board_id = invocation.board_id if ticket is None else invocation.send(tickets.get(ticket)).board_id
    except NotFound:
        board_id = invocation.board_id

    def print_entries(entries: "list[AuditEntry]") -> None:
        rows = [
            [one.seq, times.format_time(one.timestamp), one.actor, one.event]
            + [format_cell(getattr(one, field)) for field in ("token", "client", "address", "agent")]
            for one in entries
        ]
        print_rows(["event", "when", "who", "what", "token", "client", "address", "program"], rows)

    invocation.send_and_print(boards.audit(board_id, ticket=ticket, limit=limit), print_entries)
