"""Claim and release tickets: next, claim, release, renew."""

from typing import TYPE_CHECKING, Annotated

import typer

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.input.text_input import resolve_texts
from kanban_cli.invocation import Invocation
from kanban_cli.next_ticket import (
    nothing_ready,
    request_next,
    show_next,
    show_reply,
    warn_of_former_claims,
)
from kanban_cli.options import TICKET, Can, Columns, Force, Labels, LeaseSeconds, TicketId, column_option, command
from kanban_cli.render.output import print_cells
from kanban_cli.render.sentences import print_ticket_line
from kanban_cli.render.ticket import format_lease
from kanban_cli.ticket_options import parse_not_before
from kanban_cli.values.durations import parse_seconds
from kanban_cli.values.tags import tags_of
from kanban_sdk.calls import tickets

if TYPE_CHECKING:
    from kanban_sdk.wire.tickets import Ticket

app = typer.Typer()


@command(app, "next", examples=["kanban next --wait", "kanban next --wait --timeout 10m --or-reply"], without=["lease"])
def next_ticket(
    invocation: Invocation,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for a ticket, in the order of asking.")] = False,
    timeout: Annotated[
        str | None, typer.Option(metavar="TIME", help="Wait at most this long, such as 30s or 10m; then exit code 6.")
    ] = None,
    or_reply: Annotated[
        bool, typer.Option("--or-reply", help="Or for a reply on a ticket that you hold in a waiting column.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Take up again the ticket that you hold, with a new claim.")
    ] = False,
    peek: Annotated[bool, typer.Option("--peek", help="Show the ticket without claiming it.")] = False,
    label: Labels = None,
    column: Columns = None,
    assignee: Annotated[
        str | None, typer.Option("-a", "--assignee", metavar="USER", help="Only tickets assigned to this user.")
    ] = None,
    can: Can = None,
    lease_seconds: LeaseSeconds = None,
) -> None:
    """Claim the best ready ticket, and show it.

    The best is the one with the highest priority, then the one nearest to the top of its column. A ticket is ready if
    it is in a todo column, nobody holds it, it waits for nothing, it is assigned to nobody or to you, and you can what
    it needs. The exit code
    is 4 if no ticket is ready, and also with --wait if none will come: all is done, or waits for people or for others.
    """
    if peek and (wait or resume):
        raise CommandError(USAGE, "--peek claims nothing; --wait and --resume do.", fix="kanban next --help")
    if (timeout or or_reply) and not wait:
        raise CommandError(USAGE, "--timeout and --or-reply go with --wait.", fix="kanban next --help")
    seconds = None if timeout is None else parse_seconds(timeout)
    if not (peek or resume or invocation.options.json):
        warn_of_former_claims(invocation)
    response, chosen = request_next(
        invocation,
        claim=not peek,
        wait=wait,
        timeout=seconds,
        or_reply=or_reply,
        resume=resume,
        labels=label or (),
        columns=column,
        assignee=assignee,
        lease_seconds=lease_seconds,
        can=tags_of(can, invocation.environment),
    )
    if chosen.ticket is None and chosen.reply is None:
        raise nothing_ready(invocation, chosen)
    if invocation.options.json:
        invocation.print_json(response, details=True)
    elif chosen.ticket is not None:
        show_next(invocation, chosen.ticket, claimed=not peek)
    elif chosen.reply is not None:
        show_reply(invocation, chosen.reply)


@command(app, examples=["kanban claim 12", "kanban claim 12 --lease-seconds 600 --json"], without=["board", "lease"])
def claim(invocation: Invocation, ticket: TicketId, lease_seconds: LeaseSeconds = None, force: Force = False) -> None:
    """Claim a ticket, so that nobody else works on it.

    If several users try at once, one of them gets it. The ticket moves to the first working column. The output has the
    lease: name it with --lease or KANBAN_LEASE, and a write is refused once somebody else holds the ticket.
    """

    def print_claim(claimed: "Ticket") -> None:
        _print_claim(claimed)
        print(f"next: kanban show {claimed.id}")

    invocation.send_and_print(tickets.claim(ticket, lease_seconds=lease_seconds, force=force), print_claim)


@command(
    app,
    examples=[
        'kanban release 12 --note "The parser is done; the tests are not."',
        "kanban release 12 --until 21:00 --why limit",
    ],
    without=["board"],
)
def release(
    invocation: Invocation,
    ticket: TicketId,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="A note for the next holder; - reads stdin.")] = None,
    column: Annotated[
        str | None,
        column_option("Move it to this column. Default: where it came from."),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Park it: nobody is given it before 21:00, 2h, tomorrow, or an ISO time."),
    ] = None,
    why: Annotated[
        str | None, typer.Option(metavar="REASON", help="Why, in a few words, such as limit; the note begins with it.")
    ] = None,
    force: Force = False,
) -> None:
    """Give a ticket back, hand it on, or park it until a time."""
    (note,) = resolve_texts(invocation, note)

    def print_release(released: "Ticket") -> None:
        print_ticket_line(released)
        print("next: kanban next")

    call = tickets.release(
        ticket, note=note, column=column, not_before=parse_not_before(until), reason=why, force=force
    )
    invocation.send_and_print(call, print_release)


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
