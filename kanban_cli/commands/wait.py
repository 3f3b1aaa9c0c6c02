"""Wait for a ticket, or for something to do, without polling."""

from typing import TYPE_CHECKING, Annotated

import typer

from kanban_cli.durations import parse_seconds
from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import TIMEOUT, USAGE
from kanban_cli.invocation import Invocation
from kanban_cli.options import COLUMN, TICKET, Labels, command
from kanban_cli.render.output import print_json
from kanban_cli.render.sentences import print_ticket_line
from kanban_cli.render.ticket import print_text
from kanban_sdk.errors import TimedOut
from kanban_sdk.wire.comments import Comment

if TYPE_CHECKING:
    from kanban_sdk.wire.tickets import Ticket

app = typer.Typer()


@command(app, examples=["kanban wait 12 --column Done --timeout 10m", "kanban wait --ready -l bug"], without=["lease"])
def wait(
    invocation: Invocation,
    ticket: Annotated[
        int | None, typer.Argument(metavar="[TICKET]", help="The ticket's number.", autocompletion=TICKET)
    ] = None,
    column: Annotated[
        str | None,
        typer.Option(
            "-c", "--column", metavar="COLUMN", help="Wait until it is in this column.", autocompletion=COLUMN
        ),
    ] = None,
    unblocked: Annotated[bool, typer.Option("--unblocked", help="Wait until it waits for no other ticket.")] = False,
    reply: Annotated[
        bool, typer.Option("--reply", help="Wait until somebody else comments after your newest comment.")
    ] = False,
    ready: Annotated[bool, typer.Option("--ready", help="Wait until a ticket is ready.")] = False,
    label: Labels = None,
    timeout: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Wait at most this long, such as 30s or 5m; then exit code 6."),
    ] = None,
) -> None:
    """Wait for a ticket, for a reply, or for something to do.

    It ends at once if the condition is already true, and prints the ticket or the reply.
    """
    conditions = [column is not None, unblocked, reply, ready].count(True)
    if conditions != 1 or (ticket is None) != ready:
        detail = "Name one condition: --column, --unblocked or --reply with a ticket, or --ready without one."
        raise CommandError(USAGE, detail, fix="kanban wait --help")
    seconds = None if timeout is None else parse_seconds(timeout)
    client = invocation.client
    result: Ticket | Comment
    try:
        if ticket is None:
            result = client.wait(ready=invocation.board_id, labels=label or (), timeout=seconds)
        elif column is not None:
            result = client.wait(ticket, column=column, timeout=seconds)
        elif unblocked:
            result = client.wait(ticket, unblocked=True, timeout=seconds)
        else:
            result = client.wait(ticket, reply=True, timeout=seconds)
    except TimedOut as error:
        raise CommandError(TIMEOUT, str(error), fix=str(invocation.command_line)) from error
    if invocation.options.json:
        print_json(result)
    elif isinstance(result, Comment):
        print_text(f"{result.created_at[:19]}Z {result.author}", result.text, full=True)
    else:
        print_ticket_line(result)
