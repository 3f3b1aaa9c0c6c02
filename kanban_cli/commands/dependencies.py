"""What waits for what: block, unblock."""

from typing import Annotated, Any

import typer

from kanban_cli.context import answer, send
from kanban_cli.options import TICKET, TicketId, command
from kanban_cli.output import say_cells
from kanban_cli.texts import cell
from kanban_sdk.calls import tickets

app = typer.Typer()


@command(app, examples=["kanban block 12 --on 7", "kanban block 12 --on 7 --on 8"])
def block(
    ticket: TicketId,
    on: Annotated[list[int], typer.Option(metavar="TICKET", help="What it waits for.", autocompletion=TICKET)],
) -> None:
    """Let a ticket wait for others: until they are done, it is not ready."""
    answer(tickets.block(ticket, *on), _say_waiting)


@command(app, examples=["kanban unblock 12 --on 7", "kanban unblock 12"])
def unblock(
    ticket: TicketId,
    on: Annotated[
        list[int] | None,
        typer.Option(metavar="TICKET", help="What it no longer waits for; else all.", autocompletion=TICKET),
    ] = None,
) -> None:
    """Let a ticket no longer wait for others."""
    others = on or send(tickets.get(ticket)).blocked_by
    answer(tickets.unblock(ticket, *others) if others else tickets.get(ticket), _say_waiting)


def _say_waiting(ticket: Any) -> None:
    say_cells(ticket.id, ticket.current_column, f"waits for {cell(ticket.blocked_by)}", ticket.title)
