"""Wait: for a ticket, or for something to do, without polling."""

from typing import Annotated, Any

import typer

from kanban_cli.context import as_json, board, kanban, typed
from kanban_cli.exits import TIMEOUT, USAGE, Stop
from kanban_cli.options import COLUMN, TICKET, Labels, command
from kanban_cli.output import say_json
from kanban_cli.showing import say_text
from kanban_cli.spans import seconds
from kanban_cli.texts import say_ticket
from kanban_sdk.errors import TimedOut

app = typer.Typer()


@command(app, examples=["kanban wait 12 --column Done --timeout 10m", "kanban wait --ready -l bug"])
def wait(
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
    wanted: dict[str, Any] = {"column": column, "unblocked": unblocked or None, "reply": reply or None}
    wanted = {name: value for name, value in wanted.items() if value is not None}
    if len(wanted) + ready != 1 or (ticket is None) != ready:
        detail = "Wait for one thing: --column, --unblocked or --reply of a ticket, or --ready without one."
        raise Stop(USAGE, detail, fix="kanban wait --help")
    if ready:
        wanted = {"ready": board(), "labels": label or ()}
    client: Any = kanban()
    try:
        found = client.wait(ticket, **wanted, timeout=None if timeout is None else seconds(timeout))
    except TimedOut as error:
        raise Stop(TIMEOUT, str(error), fix=typed()) from error
    if as_json():
        say_json(found)
    elif reply:
        say_text(f"{found.created_at[:19]}Z {found.author}", found.text, full=True)
    else:
        say_ticket(found)
