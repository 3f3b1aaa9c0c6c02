"""Taking tickets and giving them back: next, claim, release, renew."""

from typing import Annotated, Any

import typer

from kanban_cli.context import answer, as_json, asked, board, send, typed, wire
from kanban_cli.exits import NOTHING, USAGE, Stop
from kanban_cli.options import COLUMN, TICKET, Columns, Force, Labels, LeaseSeconds, TicketId, command
from kanban_cli.output import say_cells, say_json
from kanban_cli.showing import lease, say_whole
from kanban_cli.stdin import texts
from kanban_cli.texts import say_ticket
from kanban_sdk.calls import boards, comments, tickets

app = typer.Typer()


@command(app, "next", examples=["kanban next --json", "kanban next --peek -l bug"])
def next_ticket(
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
        board(),
        claim=not peek,
        labels=label or (),
        columns=column,
        assignee=assignee,
        lease_seconds=lease_seconds,
    )
    chosen = wire(call)
    if chosen["ticket"] is None:
        raise _nothing(chosen)
    if as_json():
        say_json(chosen)
        return
    one = send(tickets.get(chosen["ticket"]["id"]))
    say_whole(one, send(comments.all(one.id)) if one.comment_count else [], full=False)
    if one.lease and not peek:
        under = f"--lease {one.lease.token}"
        print(f"next: kanban comment {one.id} TEXT {under} | kanban move {one.id} COLUMN {under}")


@command(app, examples=["kanban claim 12", "kanban claim 12 --lease-seconds 600 --json"])
def claim(ticket: TicketId, lease_seconds: LeaseSeconds = None, force: Force = False) -> None:
    """Hold a ticket: of those who try at once, one wins. It moves to the first working column.

    The answer has the lease: write under it with --lease or KANBAN_LEASE, and what somebody else took since is refused.
    """
    answer(tickets.claim(ticket, lease_seconds=lease_seconds, force=force), _say_held)


@command(
    app, examples=['kanban release 12 --note "The parser is done; the tests are not."', "kanban release 12 -c Review"]
)
def release(
    ticket: TicketId,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="For who comes next; - reads stdin.")] = None,
    column: Annotated[
        str | None, typer.Option("-c", "--column", help="Where it goes, if not back.", autocompletion=COLUMN)
    ] = None,
    force: Force = False,
) -> None:
    """Give a ticket back: to where it came from, or hand it over into a column, with a note."""
    (note,) = texts(note)
    answer(tickets.release(ticket, note=note, column=column, force=force), say_ticket)


@command(app, examples=["kanban renew 12", "kanban renew --lease 12.1 --lease-seconds 3600"])
def renew(
    ticket: Annotated[
        int | None, typer.Argument(metavar="[TICKET]", help="Its number; else of the lease.", autocompletion=TICKET)
    ] = None,
    lease_seconds: LeaseSeconds = None,
) -> None:
    """Make a claim last longer, from now on. Every write of its holder does that too."""
    if ticket is None:
        named = (asked("lease") or "").partition(".")[0]
        if not (named.isdecimal() and named.isascii()):
            raise Stop(USAGE, "Which ticket? Neither it nor a lease is named.", fix=typed("TICKET"))
        ticket = int(named)
    answer(tickets.renew(ticket, lease_seconds=lease_seconds), _say_held)


def _nothing(chosen: dict[str, Any]) -> Stop:
    """Nothing is ready, and why."""
    counts = {name: chosen.get(name) for name in ("ready", "blocked", "held")}
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    others: dict[str, int] = chosen.get("ready_for") or {}
    told += "".join(f", {count} for {name}" for name, count in others.items())
    detail = f"Nothing to take: {chosen['reason']} ({told})."
    return Stop(NOTHING, detail, fix="kanban wait --ready", reason=chosen["reason"], **counts, ready_for=others or None)


def _say_held(ticket: Any) -> None:
    say_cells(ticket.id, ticket.current_column, f"lease {lease(ticket.lease)}", ticket.title)
