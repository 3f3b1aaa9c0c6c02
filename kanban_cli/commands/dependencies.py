"""What waits for what: block, unblock, why."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from kanban_cli.context import answer, send
from kanban_cli.options import TICKET, TicketId, command
from kanban_cli.output import say_cells, say_rows
from kanban_cli.texts import NOBODY, cell
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


@command(app, examples=["kanban why 12", "kanban why 12 --json"])
def why(ticket: TicketId) -> None:
    """Show what a ticket waits for, down to the root, and who holds that: number, column, holder, reasons, title."""

    def show(found: Any) -> None:
        say_rows(["id", "column", "holder", "why", "title"], list(_lines(found, 0)))

    answer(tickets.why(ticket), show)


def _lines(why: Any, depth: int) -> Iterator[list[Any]]:
    """A ticket, and set in under it those that it waits for."""
    one = why.ticket
    reasons = "ready" if why.ready else ",".join(why.reasons)
    yield [f"{'  ' * depth}{one.id}", one.column, one.holder or NOBODY, reasons, one.title]
    for other in why.waits_for:
        yield from _lines(other, depth + 1)
    if why.more:
        yield [f"{'  ' * (depth + 1)}…", NOBODY, NOBODY, NOBODY, f"kanban show {one.id}"]


def _say_waiting(ticket: Any) -> None:
    say_cells(ticket.id, ticket.current_column, f"waits for {cell(ticket.blocked_by)}", ticket.title)
