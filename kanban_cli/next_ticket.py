"""How `next` and `done --next` get the next ticket, and show it, or why there is none."""

import sys
import time
from typing import TYPE_CHECKING, Any, Unpack

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import NOTHING, TIMEOUT
from kanban_cli.invocation import Invocation
from kanban_cli.render.escaping import escape
from kanban_cli.render.output import print_line
from kanban_cli.render.ticket import print_text, print_ticket
from kanban_cli.render.times import format_moment
from kanban_sdk.calls import boards, comments, tickets

if TYPE_CHECKING:
    from kanban_sdk.stream.waiting import NextTicketOptions
    from kanban_sdk.wire.comments import Comment
    from kanban_sdk.wire.tickets import NextTicket, Ticket

UNUSED_FIELDS = frozenset(
    {"board", "version", "created", "updated", "claimed by", "renewed", "assignee", "source", "extra"}
)
"""Fields of a ticket that whoever has just claimed it does not need."""
WAIT_SECONDS = 20.0
"""Seconds that one request waits, below the timeout of a request."""


def request_next(
    invocation: Invocation,
    *,
    claim: bool,
    wait: bool = False,
    timeout: float | None = None,
    or_reply: bool = False,
    resume: bool = False,
    **options: "Unpack[NextTicketOptions]",
) -> "tuple[Any, NextTicket]":
    """Ask for the next ticket; return the JSON of the answer and what it means.

    With `wait`, ask until there is one, or a reply, or nothing will come; for `timeout` seconds, or without limit.
    Stops with TIMEOUT after that.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    place: str | None = None
    while True:
        left = WAIT_SECONDS if deadline is None else min(WAIT_SECONDS, deadline - time.monotonic())
        call = boards.next_ticket(
            invocation.board_id,
            claim=claim,
            wait_seconds=max(left, 0.0) if wait else 0,
            place=place,
            or_reply=or_reply,
            resume=resume,
            **options,
        )
        response = invocation.send_raw(call)
        chosen = call.read(response)
        if chosen.ticket or chosen.reply or chosen.stop or not wait:
            return response, chosen
        if deadline is not None and time.monotonic() >= deadline:
            detail = f"Nothing came in time{f': {chosen.why}' if chosen.why else ''}."
            raise CommandError(TIMEOUT, detail, fix=str(invocation.command_line), **_facts(chosen))
        place = chosen.place


def show_next(invocation: Invocation, chosen: "Ticket", *, claimed: bool) -> None:
    """Print the ticket whole, with the notes of the finished tickets that it waited for, and how to go on."""
    ticket = invocation.send(tickets.get(chosen.id))
    ticket_comments = invocation.send(comments.all(ticket.id)) if ticket.comment_count else []
    print_ticket(ticket, ticket_comments, full=False, without=UNUSED_FIELDS)
    for blocker in ticket.blocked_by:
        _print_last_note(invocation, blocker)
    if claimed and ticket.lease:
        print(f"next: {done_command(invocation, ticket)}")


def show_reply(invocation: Invocation, reply: "Comment") -> None:
    """Print a reply on a ticket that the user holds, and how to go on."""
    print_line(f"reply on {reply.ticket_id}")
    print_text(f"{reply.created_at[:19]}Z {reply.author}", reply.text, full=True)
    print(f"next: {done_command(invocation, invocation.send(tickets.get(reply.ticket_id)))}")


def done_command(invocation: Invocation, ticket: "Ticket") -> str:
    """Return the command that finishes a ticket; it names the lease, unless this session keeps it."""
    check = " --check all" if ticket.criteria else ""
    kept = invocation.claim_tokens.get(ticket.id) if invocation.claim_tokens else None
    lease = "" if ticket.lease is None or kept == ticket.lease.token else f" --lease {ticket.lease.token}"
    return f"kanban done {ticket.id} -m NOTE{check} --next{lease}"


def nothing_ready(invocation: Invocation, chosen: "NextTicket") -> CommandError:
    """Return the error that says that nothing is ready, what is left, and what to do."""
    left = chosen.why or "the board has no tickets"
    if chosen.stop:
        detail = f"Nothing is left for you: {left}."
        fix = "kanban next --wait --or-reply" if chosen.questions else None
    else:
        first = f" Come back at {format_moment(chosen.not_before)}." if chosen.not_before else ""
        detail = f"Nothing to take now: {left}.{first}"
        fix = f"kanban show {chosen.holds[0]}" if chosen.holds and not chosen.questions else "kanban next --wait"
        fix = "kanban next --wait --or-reply" if chosen.questions else fix
    return CommandError(NOTHING, detail, fix=fix, **_facts(chosen))


def warn_of_former_claims(invocation: Invocation) -> None:
    """Tell a session that has claimed nothing which tickets its user holds, since an earlier session may have."""
    user = invocation.current_user
    if not user or invocation.claim_tokens is None or invocation.claim_tokens.holds():
        return
    held = invocation.send(tickets.page(invocation.board_id, held=True, assignee=user, page_size=5)).items
    ids = [ticket.id for ticket in held if ticket.claim and ticket.claim.holder == user]
    if ids:
        held_text = ", ".join(map(str, ids))
        print(escape(f"kanban: you hold {held_text} already, from another session"), file=sys.stderr)
        print("  next: kanban next --resume", file=sys.stderr)


def _facts(chosen: "NextTicket") -> dict[str, object]:
    return {
        "reason": chosen.reason,
        "stop": chosen.stop,
        "why": chosen.why,
        "questions": chosen.questions,
        "holds": chosen.holds,
        "ready": chosen.ready,
        "blocked": chosen.blocked,
        "held": chosen.held,
        "ready_for": chosen.ready_for or None,
        "not_before": chosen.not_before,
    }


def _print_last_note(invocation: Invocation, ticket: int) -> None:
    """Print the note with which a ticket was finished, if there is one."""
    finished = invocation.send(tickets.get(ticket))
    notes = [attempt.note for attempt in finished.attempts or [] if attempt.note]
    if notes:
        print()
        print_text(f"{finished.id} {finished.title} ({finished.current_column})", notes[-1], full=False)
