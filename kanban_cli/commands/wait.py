"""Wait for a ticket, or for something to do, without polling."""

from typing import TYPE_CHECKING, Annotated

import typer

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import TIMEOUT, USAGE
from kanban_cli.invocation import Invocation
from kanban_cli.next_ticket import done_command, nothing_ready
from kanban_cli.options import Can, Labels, OptionalTicketId, column_option, command
from kanban_cli.render.sentences import print_ticket_line
from kanban_cli.render.ticket import print_text
from kanban_cli.values.durations import parse_seconds
from kanban_cli.values.tags import tags_of
from kanban_sdk.calls import boards, tickets
from kanban_sdk.errors import TimedOut
from kanban_sdk.wire.comments import Comment

if TYPE_CHECKING:
    from kanban_sdk.wire.tickets import Ticket
    from kanban_sdk.wire.why import Why

app = typer.Typer()


@command(app, examples=["kanban wait 12 --column Done --timeout 10m", "kanban wait --ready -l bug"], without=["lease"])
def wait(
    invocation: Invocation,
    ticket: OptionalTicketId = None,
    column: Annotated[
        str | None,
        column_option("Wait until it is in this column."),
    ] = None,
    unblocked: Annotated[bool, typer.Option("--unblocked", help="Wait until it waits for no other ticket.")] = False,
    reply: Annotated[
        bool, typer.Option("--reply", help="Wait until somebody else comments after your newest comment.")
    ] = False,
    ready: Annotated[bool, typer.Option("--ready", help="Wait until a ticket is ready.")] = False,
    label: Labels = None,
    can: Can = None,
    timeout: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Wait at most this long, such as 30s or 5m; then exit code 6."),
    ] = None,
) -> None:
    """Wait for a ticket, for a reply, or for something to do.

    It ends at once if the condition is already true, and prints the ticket or the reply. With --ready, the exit code is
    4 if no ticket will become ready by itself. To claim what comes, use `kanban next --wait`.
    """
    conditions = [column is not None, unblocked, reply, ready].count(True)
    if conditions != 1 or (ticket is None) != ready:
        detail = "Name one condition: --column, --unblocked or --reply with a ticket, or --ready without one."
        raise CommandError(USAGE, detail, fix="kanban wait --help")
    seconds = None if timeout is None else parse_seconds(timeout)
    tags = tags_of(can, invocation.environment)
    if ready:
        _stop_if_nothing_comes(invocation, label or [], tags)
    client = invocation.client
    result: Ticket | Comment
    try:
        if ticket is None:
            result = client.wait(ready=invocation.board_id, labels=label or (), can=tags, timeout=seconds)
        elif column is not None:
            result = client.wait(ticket, column=column, timeout=seconds)
        elif unblocked:
            result = client.wait(ticket, unblocked=True, timeout=seconds)
        else:
            result = client.wait(ticket, reply=True, timeout=seconds)
    except TimedOut as error:
        detail = f"{str(error).rstrip('.')}: {_reason(invocation, ticket, label or [], tags, reply=reply)}."
        raise CommandError(TIMEOUT, detail, fix=str(invocation.command_line)) from error
    if invocation.options.json:
        invocation.print_json(result)
    elif isinstance(result, Comment):
        print_text(f"{result.created_at[:19]}Z {result.author}", result.text, full=True)
        asked = invocation.send(tickets.get(result.ticket_id))
        if asked.claim and asked.claim.holder == invocation.current_user:
            print(f"next: {done_command(invocation, asked)}")
    else:
        print_ticket_line(result)


def _stop_if_nothing_comes(invocation: Invocation, labels: list[str], can: list[str] | None) -> None:
    """Stop if all is done, or what is left waits for people or for others."""
    chosen = invocation.send(boards.next_ticket(invocation.board_id, labels=labels, can=can))
    if chosen.stop:
        raise nothing_ready(invocation, chosen)


def _reason(
    invocation: Invocation, ticket: int | None, labels: list[str], can: list[str] | None, *, reply: bool
) -> str:
    """Return what a wait that ended without a result hangs on, in one line."""
    if ticket is None:
        chosen = invocation.send(boards.next_ticket(invocation.board_id, labels=labels, can=can))
        return chosen.why or "the board has no tickets"
    if reply:
        return f"nobody has replied on {ticket}"
    explanation = invocation.send(tickets.why(ticket))
    parts = [_standing(explanation)]
    while explanation.waits_for:
        explanation = explanation.waits_for[0]
        parts.append(_standing(explanation))
    return ", which waits for ".join(parts)


def _standing(explanation: "Why") -> str:
    ticket = explanation.ticket
    held = f", held by {ticket.holder}" if ticket.holder else ""
    return f"{ticket.id} (in {ticket.column}{held})"
