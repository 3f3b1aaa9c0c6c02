"""Work on tickets: check criteria, finish a ticket, or run a command for each ticket that is claimed."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.input.text_input import resolve_texts
from kanban_cli.invocation import Invocation
from kanban_cli.next_ticket import nothing_ready, show_next
from kanban_cli.options import (
    COLUMN,
    TICKET,
    Can,
    Columns,
    Force,
    Labels,
    LeaseSeconds,
    Note,
    Patience,
    TicketId,
    column_option,
    command,
)
from kanban_cli.render.output import print_cells, print_line
from kanban_cli.render.sentences import print_ticket_line
from kanban_cli.values.durations import parse_seconds
from kanban_cli.values.tags import tags_of
from kanban_sdk.calls import tickets

if TYPE_CHECKING:
    from kanban_sdk.wire.tickets import Ticket

app = typer.Typer()


@command(app, examples=["kanban check 12 3 -m 'Line 40 of the log.'", "kanban check 12 3 --undo"], without=["board"])
def check(
    invocation: Invocation,
    ticket: TicketId,
    number: Annotated[
        int, typer.Argument(metavar="NUMBER", help="The number of the criterion, as `kanban show` shows it.")
    ],
    note: Annotated[
        str | None, typer.Option("-m", "--note", metavar="TEXT", help="The evidence, kept as a comment; - reads stdin.")
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Remove the tick.")] = False,
) -> None:
    """Tick an acceptance criterion."""

    def print_progress(updated: "Ticket") -> None:
        progress = f"{updated.criteria.done} of {updated.criteria.all} criteria" if updated.criteria else "no criteria"
        print_cells(updated.id, updated.current_column, progress, updated.title)
        if updated.claim and updated.criteria and updated.criteria.done == updated.criteria.all:
            print(f"next: kanban done {updated.id} -m NOTE --next")

    (note,) = resolve_texts(invocation, note)
    invocation.send_and_print(tickets.check(ticket, number, done=not undo, evidence=note), print_progress)


@command(
    app,
    examples=["kanban done 12 -m 'The race is gone.' --check all --next", "kanban done 12 --check 1,3"],
    without=["board"],
)
def done(
    invocation: Invocation,
    ticket: TicketId,
    note: Note = None,
    check: Annotated[
        str | None, typer.Option(metavar="CRITERIA", help="Criteria to tick: all, or numbers such as 1,3.")
    ] = None,
    column: Annotated[
        str | None,
        column_option("The done column. Default: the board's first."),
    ] = None,
    claim_next: Annotated[bool, typer.Option("--next", help="Claim the best ready ticket in the same step.")] = False,
    label: Labels = None,
    can: Can = None,
    lease_seconds: LeaseSeconds = None,
    force: Force = False,
) -> None:
    """Finish a ticket in one step.

    The note becomes a comment, the criteria are ticked, the ticket moves to the done column, and your claim ends. If
    the board requires more, nothing is changed. -l, --can and --lease-seconds are for the ticket that --next claims.
    """
    if not claim_next and (label or can is not None or lease_seconds is not None):
        raise CommandError(USAGE, "-l, --can and --lease-seconds go with --next.", fix="kanban done --help")
    (note,) = resolve_texts(invocation, note)
    call = tickets.done(
        ticket,
        note=note,
        check=_parse_criteria(check),
        column=column,
        claim_next=claim_next,
        labels=label or (),
        lease_seconds=lease_seconds,
        can=tags_of(can, invocation.environment),
        force=force,
    )
    response = invocation.send_raw(call)
    if invocation.options.json:
        invocation.print_json(response)
        return
    result = call.read(response)
    print_ticket_line(result.ticket)
    if result.next is None:
        print("next: kanban next")
    elif result.next.ticket is None:
        stop = nothing_ready(invocation, result.next)
        print_line(stop.detail)
        if stop.fix:
            print_line(f"next: {stop.fix}")
    else:
        print()
        show_next(invocation, result.next.ticket, claimed=True)


def _parse_criteria(text: str | None) -> Literal["all"] | list[int] | None:
    """Parse the criteria of --check. Stops if they are neither `all` nor numbers."""
    if not text:
        return None
    if text.strip().casefold() == "all":
        return "all"
    words = text.replace(",", " ").split()
    if not all(word.isdecimal() and word.isascii() for word in words):
        raise CommandError(USAGE, f"'{text}' is neither all nor numbers such as 1,3.", fix="kanban done --help")
    return [int(word) for word in words]


@command(
    app,
    context_settings={"allow_interspersed_args": False},
    examples=["kanban work --loop -- ./agent.sh", "kanban work --ticket 12 --to Review -- make check"],
    without=["lease", "json"],
)
def work(
    invocation: Invocation,
    line: Annotated[list[str], typer.Argument(metavar="COMMAND...", help="The command to run, after --.")],
    ticket: Annotated[
        int | None,
        typer.Option(metavar="TICKET", help="Work on this ticket. Default: the best ready one.", autocompletion=TICKET),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="The column for a ticket whose command succeeded. Default: done.",
            autocompletion=COLUMN,
        ),
    ] = None,
    loop: Annotated[bool, typer.Option("--loop", help="Continue with each ticket that becomes ready.")] = False,
    label: Labels = None,
    column: Columns = None,
    can: Can = None,
    lease_seconds: LeaseSeconds = None,
    patience: Patience = "5m",
) -> None:
    """Claim a ticket, run a command for it, and move the ticket.

    The command gets the ticket as JSON on its stdin, and KANBAN_TICKET, KANBAN_LEASE, KANBAN_TITLE, KANBAN_BOARD,
    KANBAN_URL and KANBAN_USER in its environment. The lease is renewed meanwhile; if it is lost, the command is ended.
    Exit code 0 moves the ticket to the done column, or to the first waiting column on a board with reviews, unless the
    command moved it itself. Another exit code gives the ticket back, with the end of stderr as a note. If the server
    is unreachable for longer than --patience, the exit code is 8.
    """
    import asyncio
    import shutil

    if ticket is not None and loop:
        raise CommandError(USAGE, "--ticket and --loop exclude each other.", fix="kanban work --help")
    if not invocation.current_user:
        raise CommandError(USAGE, "A claim needs a user, and none is named.", fix="export KANBAN_USER=NAME")
    if shutil.which(line[0]) is None:
        raise CommandError(USAGE, f"There is no command '{line[0]}' to run.", fix="kanban work --help")
    from kanban_cli.worker import CommandWorker, Task

    board = invocation.board_id if ticket is None else None
    task = Task(board, line, ticket, to, loop, lease_seconds, label, column, tags_of(can, invocation.environment))
    patience_seconds = parse_seconds(patience)
    settings = {"KANBAN_URL": invocation.server_url, "KANBAN_USER": invocation.current_user or ""}

    async def run() -> int:
        async with invocation.retrying_client(patience_seconds) as client:
            return await CommandWorker(client, task, {**invocation.environment, **settings}).work()

    code = asyncio.run(run())
    if code:
        raise CommandError(code)
