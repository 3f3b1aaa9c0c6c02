"""How `next` and `done --next` show the ticket that was claimed, or why there is none."""

from typing import TYPE_CHECKING

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import NOTHING
from kanban_cli.invocation import Invocation
from kanban_cli.render.ticket import print_ticket
from kanban_sdk.calls import comments, tickets

if TYPE_CHECKING:
    from kanban_sdk.wire.tickets import NextTicket, Ticket


def show_next(invocation: Invocation, chosen: "Ticket", *, claimed: bool) -> None:
    """Print the ticket whole, and how to go on."""
    ticket = invocation.send(tickets.get(chosen.id))
    print_ticket(ticket, invocation.send(comments.all(ticket.id)) if ticket.comment_count else [], full=False)
    if claimed and ticket.lease:
        check = " --check all" if ticket.criteria else ""
        print(f"next: kanban done {ticket.id} -m NOTE{check} --next --lease {ticket.lease.token}")


def nothing_ready(chosen: "NextTicket") -> CommandError:
    """Return the error that says that nothing is ready, and why."""
    counts = {"ready": chosen.ready, "blocked": chosen.blocked, "held": chosen.held}
    counts_text = ", ".join(f"{count} {name}" for name, count in counts.items())
    others = chosen.ready_for or {}
    counts_text += "".join(f", {count} for {name}" for name, count in others.items())
    detail = f"Nothing to take: {chosen.reason} ({counts_text})."
    return CommandError(
        NOTHING, detail, fix="kanban wait --ready", reason=chosen.reason, **counts, ready_for=others or None
    )
