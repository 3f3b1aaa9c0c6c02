"""Dependencies between tickets: block, unblock, why."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from kanban_cli.invocation import Invocation
from kanban_cli.options import TICKET, TicketId, command
from kanban_cli.render.output import print_cells, print_rows
from kanban_cli.render.sentences import EMPTY_CELL, format_cell
from kanban_sdk.calls import tickets

app = typer.Typer()


@command(app, examples=["kanban block 12 --on 7", "kanban block 12 --on 7 --on 8"])
def block(
    invocation: Invocation,
    ticket: TicketId,
    on: Annotated[list[int], typer.Option(metavar="TICKET", help="What it waits for.", autocompletion=TICKET)],
) -> None:
    """Let a ticket wait for others: until they are done, it is not ready."""
    invocation.send_and_print(tickets.block(ticket, *on), _print_blockers)


@command(app, examples=["kanban unblock 12 --on 7", "kanban unblock 12"])
def unblock(
    invocation: Invocation,
    ticket: TicketId,
    on: Annotated[
        list[int] | None,
        typer.Option(metavar="TICKET", help="What it no longer waits for; else all.", autocompletion=TICKET),
    ] = None,
) -> None:
    """Let a ticket no longer wait for others."""
    blockers = on or invocation.send(tickets.get(ticket)).blocked_by
    invocation.send_and_print(tickets.unblock(ticket, *blockers) if blockers else tickets.get(ticket), _print_blockers)


@command(app, examples=["kanban why 12", "kanban why 12 --json"])
def why(invocation: Invocation, ticket: TicketId) -> None:
    """Show what a ticket waits for, down to the root, and who holds that: number, column, holder, reasons, title."""

    def print_explanation(explanation: Any) -> None:
        print_rows(["id", "column", "holder", "why", "title"], list(_explanation_rows(explanation, 0)))

    invocation.send_and_print(tickets.why(ticket), print_explanation)


def _explanation_rows(explanation: Any, depth: int) -> Iterator[list[Any]]:
    """Yield a row for a ticket, then indented rows for the tickets that it waits for."""
    ticket = explanation.ticket
    reasons = "ready" if explanation.ready else ",".join(explanation.reasons)
    yield [f"{'  ' * depth}{ticket.id}", ticket.column, ticket.holder or EMPTY_CELL, reasons, ticket.title]
    for blocker in explanation.waits_for:
        yield from _explanation_rows(blocker, depth + 1)
    if explanation.more:
        yield [f"{'  ' * (depth + 1)}…", EMPTY_CELL, EMPTY_CELL, EMPTY_CELL, f"kanban show {ticket.id}"]


def _print_blockers(ticket: Any) -> None:
    print_cells(ticket.id, ticket.current_column, f"waits for {format_cell(ticket.blocked_by)}", ticket.title)
