"""Dependencies between tickets: block, unblock, why."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from kanban_cli.invocation import Invocation
from kanban_cli.options import TICKET, TicketId, command
from kanban_cli.render.output import print_cells, print_rows
from kanban_cli.render.sentences import EMPTY_CELL, format_cell
from kanban_cli.render.times import format_moment
from kanban_sdk.calls import tickets

if TYPE_CHECKING:
    from kanban_sdk.wire.tickets import Ticket
    from kanban_sdk.wire.why import Why

app = typer.Typer()


@command(app, examples=["kanban block 12 --on 7", "kanban block 12 --on 7 --on 8"], without=["board"])
def block(
    invocation: Invocation,
    ticket: TicketId,
    on: Annotated[
        list[int],
        typer.Option(metavar="TICKET", help="The ticket to wait for; may be repeated.", autocompletion=TICKET),
    ],
) -> None:
    """Make a ticket wait until other tickets are done.

    Until then it is not ready, and `kanban next` does not take it.
    """
    invocation.send_and_print(tickets.block(ticket, *on), _print_blockers)


@command(app, examples=["kanban unblock 12 --on 7", "kanban unblock 12"], without=["board"])
def unblock(
    invocation: Invocation,
    ticket: TicketId,
    on: Annotated[
        list[int] | None,
        typer.Option(
            metavar="TICKET",
            help="The ticket that it no longer waits for; may be repeated. Default: all.",
            autocompletion=TICKET,
        ),
    ] = None,
) -> None:
    """Stop a ticket from waiting for other tickets."""
    blockers = on or invocation.send(tickets.get(ticket)).blocked_by
    call = tickets.unblock(ticket, *blockers) if blockers else tickets.get(ticket)
    invocation.send_and_print(call, _print_blockers)


@command(app, examples=["kanban why 12", "kanban why 12 --json"], without=["board", "lease"])
def why(invocation: Invocation, ticket: TicketId) -> None:
    """Show why a ticket is not ready, and what it waits for.

    A row has the number, column, holder, reasons and title. The tickets that a ticket waits for are below it, indented.
    """

    def print_explanation(explanation: "Why") -> None:
        print_rows(["id", "column", "holder", "why", "title"], list(_explanation_rows(explanation, 0)))

    invocation.send_and_print(tickets.why(ticket), print_explanation)


def _explanation_rows(explanation: "Why", depth: int) -> Iterator[Sequence[object]]:
    """Yield a row for a ticket, then indented rows for the tickets that it waits for."""
    ticket = explanation.ticket
    reasons = "ready" if explanation.ready else ",".join(explanation.reasons)
    if explanation.needs:
        reasons += f" needs {','.join(explanation.needs)}"
    if explanation.asked_by and not explanation.ready:
        reasons += f" of {explanation.asked_by} to {' or '.join(explanation.asked) or 'anybody'}"
    if explanation.not_before:
        reasons += f" until {format_moment(explanation.not_before)}"
    yield [f"{'  ' * depth}{ticket.id}", ticket.column, ticket.holder or EMPTY_CELL, reasons, ticket.title]
    for blocker in explanation.waits_for:
        yield from _explanation_rows(blocker, depth + 1)
    if explanation.more:
        yield [f"{'  ' * (depth + 1)}…", EMPTY_CELL, EMPTY_CELL, EMPTY_CELL, f"kanban show {ticket.id}"]


def _print_blockers(ticket: "Ticket") -> None:
    print_cells(ticket.id, ticket.current_column, f"waits for {format_cell(ticket.blocked_by)}", ticket.title)
