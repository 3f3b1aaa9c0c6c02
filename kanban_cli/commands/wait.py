"""Wait for a ticket, or for something to do, without polling."""

from typing import Annotated, Any

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

app = typer.Typer()


@command(app, examples=["kanban wait 12 --column Done --timeout 10m", "kanban wait --ready -l bug"])
def wait(
    invocation: Invocation,
    ticket: Annotated[int | None, typer.Argument(metavar="[TICKET]", help="Its number.", autocompletion=TICKET)] = None,
    column: Annotated[
        str | None, typer.Option("-c", "--column", help="Until it has come there.", autocompletion=COLUMN)
    ] = None,
    unblocked: Annotated[bool, typer.Option("--unblocked", help="Until it waits for no other.")] = False,
    reply: Annotated[bool, typer.Option("--reply", help="Until somebody else comments, behind your newest.")] = False,
    ready: Annotated[bool, typer.Option("--ready", help="Until a ticket can be taken.")] = False,
    label: Labels = None,
    timeout: Annotated[
        str | None, typer.Option(metavar="TIME", help="At most so long, such as 30s or 5m; then exit code 6.")
    ] = None,
) -> None:
    """Wait until a ticket has come to a column, is unblocked, or has a reply; or until something is ready.

    What is so already ends it at once. It prints the ticket, or the reply.
    """
    condition: dict[str, Any] = {"column": column, "unblocked": unblocked or None, "reply": reply or None}
    condition = {name: value for name, value in condition.items() if value is not None}
    if len(condition) + ready != 1 or (ticket is None) != ready:
        detail = "Wait for one thing: --column, --unblocked or --reply of a ticket, or --ready without one."
        raise CommandError(USAGE, detail, fix="kanban wait --help")
    if ready:
        condition = {"ready": invocation.board_id, "labels": label or ()}
    client: Any = invocation.client
    try:
        result = client.wait(ticket, **condition, timeout=None if timeout is None else parse_seconds(timeout))
    except TimedOut as error:
        raise CommandError(TIMEOUT, str(error), fix=str(invocation.command_line)) from error
    if invocation.options.json:
        print_json(result)
    elif reply:
        print_text(f"{result.created_at[:19]}Z {result.author}", result.text, full=True)
    else:
        print_ticket_line(result)
