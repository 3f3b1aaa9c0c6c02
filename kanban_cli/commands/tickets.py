"""Commands that change a ticket: add, move, delete, redact, undelete."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.input.text_input import resolve_texts
from kanban_cli.invocation import Invocation
from kanban_cli.options import TICKET, TICKET_OR_COLUMN, ColumnName, Force, IfVersion, Note, TicketId, Yes, command
from kanban_cli.render.output import print_line, print_rows
from kanban_cli.render.sentences import print_ticket_line
from kanban_cli.ticket_options import (
    Assignee,
    Column,
    Criteria,
    Description,
    Due,
    Needs,
    NotBefore,
    Priority,
    parse_due,
    parse_not_before,
)
from kanban_cli.values.tags import split_tags
from kanban_sdk.calls import tickets

if TYPE_CHECKING:
    from kanban_sdk.wire.tickets import BulkMoveResult

app = typer.Typer()


@command(
    app,
    examples=['kanban add "Fix the login race" -p high -l bug', 'kanban add "Write the summary" -d - -c "In Progress"'],
    without=["lease"],
)
def add(
    invocation: Invocation,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What is to be done.")],
    description: Description = None,
    criteria: Criteria = None,
    priority: Priority = None,
    assignee: Assignee = None,
    label: Annotated[
        list[str] | None, typer.Option("-l", "--label", metavar="LABEL", help="A label; may be repeated.")
    ] = None,
    column: Column = None,
    parent: Annotated[
        int | None, typer.Option(metavar="TICKET", help="The ticket that it is a part of.", autocompletion=TICKET)
    ] = None,
    on: Annotated[
        list[int] | None,
        typer.Option(metavar="TICKET", help="A ticket that it waits for; may be repeated.", autocompletion=TICKET),
    ] = None,
    due: Due = None,
    not_before: NotBefore = None,
    needs: Needs = None,
    force: Force = False,
) -> None:
    """Add a ticket at the bottom of a column.

    The column is the board's first one, if none is named.
    """
    description, criteria = resolve_texts(invocation, description, criteria)
    invocation.send_and_print(
        tickets.create(
            title,
            board=invocation.board_id,
            description=description,
            acceptance_criteria=criteria,
            priority=priority,
            assignee=assignee,
            labels=label,
            column=column,
            blocked_by=on,
            parent=parent,
            due_date=parse_due(due),
            not_before=parse_not_before(not_before),
            needs=None if needs is None else split_tags(needs),
            force=force,
        ),
        print_ticket_line,
    )


@command(
    app, examples=["kanban move 12 13 Done", "kanban move 12 in_progress --top -m 'Reproduced.'"], without=["board"]
)
def move(
    invocation: Invocation,
    ticket: Annotated[
        list[int],
        typer.Argument(metavar="TICKET...", help="The numbers of the tickets.", autocompletion=TICKET_OR_COLUMN),
    ],
    column: ColumnName,
    before: Annotated[
        int | None, typer.Option(metavar="TICKET", help="Put it before this ticket.", autocompletion=TICKET)
    ] = None,
    after: Annotated[
        int | None, typer.Option(metavar="TICKET", help="Put it after this ticket.", autocompletion=TICKET)
    ] = None,
    top: Annotated[bool, typer.Option("--top", help="Put it at the top.")] = False,
    bottom: Annotated[bool, typer.Option("--bottom", help="Put it at the bottom (the default).")] = False,
    note: Note = None,
    if_version: IfVersion = None,
    force: Force = False,
) -> None:
    """Move tickets to a column.

    Several tickets go to the bottom of the column, all of them or none.
    """
    places = [before is not None, after is not None, top, bottom].count(True)
    if places > 1:
        raise CommandError(USAGE, "--before, --after, --top and --bottom exclude each other.", fix="kanban move --help")
    if len(ticket) > 1:
        if places or note or if_version is not None:
            detail = "Several tickets go to the bottom, without a note, and their versions are not checked."
            raise CommandError(USAGE, detail, fix="kanban move --help")
        invocation.send_and_print(tickets.move_many(ticket, column, atomic=True, force=force), _print_moves)
        return
    place: Literal["top", "bottom"] | None = "top" if top else "bottom" if bottom else None
    (note,) = resolve_texts(invocation, note)
    call = tickets.move(
        ticket[0], column, before=before, after=after, place=place, version=if_version, note=note, force=force
    )
    invocation.send_and_print(call, print_ticket_line)


@command(app, examples=["kanban delete 12 --yes", "kanban delete 12 --yes --if-version 7"], without=["board"])
def delete(
    invocation: Invocation, ticket: TicketId, yes: Yes = False, if_version: IfVersion = None, force: Force = False
) -> None:
    """Delete a ticket; `kanban undelete` restores it."""
    if not yes:
        raise CommandError(
            USAGE, f"Confirm with --yes that ticket {ticket} is to be deleted.", fix="kanban delete --help"
        )
    invocation.send_and_print(
        tickets.delete(ticket, version=if_version, force=force), lambda deleted: print_line(deleted.message)
    )


@command(app, examples=["kanban redact 12 -", "kanban redact 12 - --json"], without=["board", "lease"])
def redact(
    invocation: Invocation,
    ticket: TicketId,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The text to remove; - reads stdin.")],
) -> None:
    """Remove a leaked text from a ticket, its comments and its log.

    This can't be undone. Copies elsewhere stay: in backups, at webhooks, with readers. Change the secret too.
    """
    (text,) = resolve_texts(invocation, text)
    invocation.send_and_print(
        tickets.redact(ticket, text),
        lambda removed: print_line(
            f"Removed from {removed.places} texts of ticket {ticket} and from {removed.events} events of its log."
        ),
    )


@command(app, examples=["kanban undelete 12", "kanban undelete 12 --json"], without=["board"])
def undelete(invocation: Invocation, ticket: TicketId, force: Force = False) -> None:
    """Restore a deleted or archived ticket.

    It goes to the bottom of its column.
    """
    invocation.send_and_print(tickets.restore(ticket, force=force), print_ticket_line)


def _print_moves(result: "BulkMoveResult") -> None:
    rows = [[one.ticket_id, one.old_column, one.new_column] for one in result.results]
    print_rows(["id", "from", "to"], rows, f"{result.successful_moves} of {result.total_requested}")
