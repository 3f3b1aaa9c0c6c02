"""Claim and release tickets: next, claim, release, renew."""

from typing import TYPE_CHECKING, Annotated

import typer

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.invocation import Invocation
from kanban_cli.next_ticket import nothing_ready, show_next
from kanban_cli.options import COLUMN, TICKET, Columns, Force, Labels, LeaseSeconds, TicketId, command
from kanban_cli.render.output import print_cells, print_json
from kanban_cli.render.sentences import print_ticket_line
from kanban_cli.render.ticket import format_lease
from kanban_cli.text_input import resolve_texts
from kanban_sdk.calls import boards, tickets

if TYPE_CHECKING:
    from kanban_sdk.wire.tickets import Ticket

app = typer.Typer()


@command(app, "next", examples=["kanban next --json", "kanban next --peek -l bug"], without=["lease"])
def next_ticket(
    invocation: Invocation,
    peek: Annotated[bool, typer.Option("--peek", help="Show the ticket without claiming it.")] = False,
    label: Labels = None,
    column: Columns = None,
    assignee: Annotated[
        str | None, typer.Option("-a", "--assignee", metavar="USER", help="Only tickets assigned to this user.")
    ] = None,
    lease_seconds: LeaseSeconds = None,
) -> None:
    """Claim the best ready ticket, and show it.

    The best is the one with the highest priority, then the one nearest to the top of its column. A ticket is ready if
    it is in a todo column, nobody holds it, it waits for nothing, and it is assigned to nobody or to you. The exit code
    is 4 if no ticket is ready.
    """
    call = boards.next_ticket(
        invocation.board_id,
        claim=not peek,
        labels=label or (),
        columns=column,
        assignee=assignee,
        lease_seconds=lease_seconds,
    )
    response = invocation.send_raw(call)
    chosen = call.read(response)
    if chosen.ticket is None:
        raise nothing_ready(chosen)
    if invocation.options.json:
        print_json(response)
        return
    show_next(invocation, chosen.ticket, claimed=not peek)


@command(app, examples=["kanban claim 12", "kanban claim 12 --lease-seconds 600 --json"], without=["board", "lease"])
def claim(invocation: Invocation, ticket: TicketId, lease_seconds: LeaseSeconds = None, force: Force = False) -> None:
    """Claim a ticket, so that nobody else works on it.

    If several users try at once, one of them gets it. The ticket moves to the first working column. The output has the
    lease: name it with --lease or KANBAN_LEASE, and a write is refused once somebody else holds the ticket.
    """
    invocation.send_and_print(tickets.claim(ticket, lease_seconds=lease_seconds, force=force), _print_claim)


@command(
    app,
    examples=['kanban release 12 --note "The parser is done; the tests are not."', "kanban release 12 -c Review"],
    without=["board"],
)
def release(
    invocation: Invocation,
    ticket: TicketId,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="A note for the next holder; - reads stdin.")] = None,
    column: Annotated[
        str | None,
        typer.Option(
            "-c",
            "--column",
            metavar="COLUMN",
            help="Move it to this column. Default: where it came from.",
            autocompletion=COLUMN,
        ),
    ] = None,
    force: Force = False,
) -> None:
    """Give a ticket back, or hand it over to another column."""
    (note,) = resolve_texts(invocation, note)
    invocation.send_and_print(tickets.release(ticket, note=note, column=column, force=force), print_ticket_line)


@command(app, examples=["kanban renew 12", "kanban renew --lease 12.1 --lease-seconds 3600"], without=["board"])
def renew(
    invocation: Invocation,
    ticket: Annotated[
        int | None,
        typer.Argument(
            metavar="[TICKET]", help="The ticket's number. Default: the ticket of the lease.", autocompletion=TICKET
        ),
    ] = None,
    lease_seconds: LeaseSeconds = None,
) -> None:
    """Renew the lease of a claim from now on.

    Every write of the holder renews it too.
    """
    if ticket is None:
        ticket_text = (invocation.explicit_setting("lease") or "").partition(".")[0]
        if not (ticket_text.isdecimal() and ticket_text.isascii()):
            detail = "Neither a ticket nor a lease is named."
            raise CommandError(USAGE, detail, fix=invocation.command_line.plus("TICKET"))
        ticket = int(ticket_text)
    invocation.send_and_print(tickets.renew(ticket, lease_seconds=lease_seconds), _print_claim)


def _print_claim(ticket: "Ticket") -> None:
    lease = f"lease {format_lease(ticket.lease)}" if ticket.lease else "no lease"
    print_cells(ticket.id, ticket.current_column, lease, ticket.title)
