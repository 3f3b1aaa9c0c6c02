"""Claim and release tickets: next, claim, release, renew."""

from typing import Annotated, Any

import typer

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import NOTHING, USAGE
from kanban_cli.invocation import Invocation
from kanban_cli.options import COLUMN, TICKET, Columns, Force, Labels, LeaseSeconds, TicketId, command
from kanban_cli.render.output import print_cells, print_json
from kanban_cli.render.sentences import print_ticket_line
from kanban_cli.render.ticket import format_lease, print_ticket
from kanban_cli.text_input import resolve_texts
from kanban_sdk.calls import boards, comments, tickets

app = typer.Typer()


@command(app, "next", examples=["kanban next --json", "kanban next --peek -l bug"])
def next_ticket(
    invocation: Invocation,
    peek: Annotated[bool, typer.Option("--peek", help="Look at it only; do not claim it.")] = False,
    label: Labels = None,
    column: Columns = None,
    assignee: Annotated[str | None, typer.Option("-a", "--assignee", metavar="USER", help="Of this user.")] = None,
    lease_seconds: LeaseSeconds = None,
) -> None:
    """Claim the best ready ticket, by priority, then place, and show it. Exit code 4 where nothing is ready.

    Ready is what nobody holds, in a todo column, with nothing to wait for: nobody's tickets, and your own.
    """
    call = boards.next_ticket(
        invocation.board_id,
        claim=not peek,
        labels=label or (),
        columns=column,
        assignee=assignee,
        lease_seconds=lease_seconds,
    )
    result = invocation.send_raw(call)
    if result["ticket"] is None:
        raise _nothing_ready(result)
    if invocation.options.json:
        print_json(result)
        return
    ticket = invocation.send(tickets.get(result["ticket"]["id"]))
    print_ticket(ticket, invocation.send(comments.all(ticket.id)) if ticket.comment_count else [], full=False)
    if ticket.lease and not peek:
        lease_option = f"--lease {ticket.lease.token}"
        print(f"next: kanban comment {ticket.id} TEXT {lease_option} | kanban move {ticket.id} COLUMN {lease_option}")


@command(app, examples=["kanban claim 12", "kanban claim 12 --lease-seconds 600 --json"])
def claim(invocation: Invocation, ticket: TicketId, lease_seconds: LeaseSeconds = None, force: Force = False) -> None:
    """Hold a ticket: of those who try at once, one wins. It moves to the first working column.

    The answer has the lease: write under it with --lease or KANBAN_LEASE, and what somebody else took since is refused.
    """
    invocation.send_and_print(tickets.claim(ticket, lease_seconds=lease_seconds, force=force), _print_claim)


@command(
    app, examples=['kanban release 12 --note "The parser is done; the tests are not."', "kanban release 12 -c Review"]
)
def release(
    invocation: Invocation,
    ticket: TicketId,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="For who comes next; - reads stdin.")] = None,
    column: Annotated[
        str | None, typer.Option("-c", "--column", help="Where it goes, if not back.", autocompletion=COLUMN)
    ] = None,
    force: Force = False,
) -> None:
    """Give a ticket back: to where it came from, or hand it over into a column, with a note."""
    (note,) = resolve_texts(invocation, note)
    invocation.send_and_print(tickets.release(ticket, note=note, column=column, force=force), print_ticket_line)


@command(app, examples=["kanban renew 12", "kanban renew --lease 12.1 --lease-seconds 3600"])
def renew(
    invocation: Invocation,
    ticket: Annotated[
        int | None, typer.Argument(metavar="[TICKET]", help="Its number; else of the lease.", autocompletion=TICKET)
    ] = None,
    lease_seconds: LeaseSeconds = None,
) -> None:
    """Make a claim last longer, from now on. Every write of its holder does that too."""
    if ticket is None:
        ticket_text = (invocation.explicit_setting("lease") or "").partition(".")[0]
        if not (ticket_text.isdecimal() and ticket_text.isascii()):
            raise CommandError(
                USAGE, "Which ticket? Neither it nor a lease is named.", fix=invocation.command_line.plus("TICKET")
            )
        ticket = int(ticket_text)
    invocation.send_and_print(tickets.renew(ticket, lease_seconds=lease_seconds), _print_claim)


def _nothing_ready(result: dict[str, Any]) -> CommandError:
    """Return the error that says that nothing is ready, and why."""
    counts = {name: result.get(name) for name in ("ready", "blocked", "held")}
    counts_text = ", ".join(f"{count} {name}" for name, count in counts.items())
    others: dict[str, int] = result.get("ready_for") or {}
    counts_text += "".join(f", {count} for {name}" for name, count in others.items())
    detail = f"Nothing to take: {result['reason']} ({counts_text})."
    return CommandError(
        NOTHING, detail, fix="kanban wait --ready", reason=result["reason"], **counts, ready_for=others or None
    )


def _print_claim(ticket: Any) -> None:
    print_cells(ticket.id, ticket.current_column, f"lease {format_lease(ticket.lease)}", ticket.title)
