"""Commands that change a ticket: add, move, edit, check, delete, undelete, comment."""

from typing import Annotated, Any

import typer

from kanban_cli.durations import parse_day
from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.invocation import Invocation
from kanban_cli.options import COLUMN, TICKET, TICKET_OR_COLUMN, ColumnName, Force, IfVersion, TicketId, Yes, command
from kanban_cli.render.output import print_cells, print_line, print_rows
from kanban_cli.render.sentences import print_ticket_line
from kanban_cli.text_input import resolve_texts
from kanban_sdk.calls import tickets

app = typer.Typer()

Description = Annotated[str | None, typer.Option("-d", "--description", help="The long text; - reads stdin.")]
Criteria = Annotated[str | None, typer.Option("--criteria", help="When it is done; - reads stdin.")]
Priority = Annotated[
    str | None, typer.Option("-p", "--priority", help="critical, high, medium, low, or a number such as 1.0.1.")
]
Assignee = Annotated[str | None, typer.Option("-a", "--assignee", metavar="USER", help="Whose it is.")]
Column = Annotated[str | None, typer.Option("-c", "--column", help="The column.", autocompletion=COLUMN)]
Due = Annotated[str | None, typer.Option(metavar="DAY", help="YYYY-MM-DD, today, tomorrow, or 3d: in so many days.")]


@command(
    app,
    examples=['kanban add "Fix the login race" -p high -l bug', 'kanban add "Write the summary" -d - -c "In Progress"'],
)
def add(
    invocation: Invocation,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What is to be done.")],
    description: Description = None,
    criteria: Criteria = None,
    priority: Priority = None,
    assignee: Assignee = None,
    label: Annotated[list[str] | None, typer.Option("-l", "--label", help="A label; may be repeated.")] = None,
    column: Column = None,
    parent: Annotated[int | None, typer.Option(metavar="TICKET", help="A part of it.", autocompletion=TICKET)] = None,
    on: Annotated[
        list[int] | None,
        typer.Option(metavar="TICKET", help="Waits for it; may be repeated.", autocompletion=TICKET),
    ] = None,
    due: Due = None,
    force: Force = False,
) -> None:
    """Add a ticket at the bottom of a column."""
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
            due_date=parse_day(due),
            force=force,
        ),
        print_ticket_line,
    )


@command(app, examples=["kanban move 12 13 Done", "kanban move 12 in_progress --top"])
def move(
    invocation: Invocation,
    ticket: Annotated[
        list[int], typer.Argument(metavar="TICKET...", help="The tickets' numbers.", autocompletion=TICKET_OR_COLUMN)
    ],
    column: ColumnName,
    before: Annotated[int | None, typer.Option(metavar="TICKET", help="Before it.", autocompletion=TICKET)] = None,
    after: Annotated[int | None, typer.Option(metavar="TICKET", help="Behind it.", autocompletion=TICKET)] = None,
    top: Annotated[bool, typer.Option("--top", help="To the top.")] = False,
    bottom: Annotated[bool, typer.Option("--bottom", help="To the bottom (the default).")] = False,
    if_version: IfVersion = None,
    force: Force = False,
) -> None:
    """Move a ticket to a column; or several to its bottom, in one transaction, all or none."""
    places = [before is not None, after is not None, top, bottom].count(True)
    if places > 1:
        raise CommandError(USAGE, "Of --before, --after, --top and --bottom only one can be.", fix="kanban move --help")
    if len(ticket) > 1:
        if places or if_version is not None:
            detail = "Several tickets go to the bottom, whatever their version."
            raise CommandError(USAGE, detail, fix="kanban move --help")
        invocation.send_and_print(tickets.move_many(ticket, column, atomic=True, force=force), _print_moves)
        return
    place: Any = "top" if top else "bottom" if bottom else None
    call = tickets.move(ticket[0], column, before=before, after=after, place=place, version=if_version, force=force)
    invocation.send_and_print(call, print_ticket_line)


@command(
    app,
    examples=[
        'kanban edit 12 --title "Fix the login race" -p critical',
        'kanban edit 12 --append "Seen on staging too." -l staging',
    ],
)
def edit(
    invocation: Invocation,
    ticket: TicketId,
    title: Annotated[str | None, typer.Option(help="A new title.")] = None,
    description: Description = None,
    criteria: Criteria = None,
    append: Annotated[str | None, typer.Option(metavar="TEXT", help="Put it below the description.")] = None,
    priority: Priority = None,
    assignee: Assignee = None,
    add_label: Annotated[list[str] | None, typer.Option("-l", "--add-label", help="May be repeated.")] = None,
    remove_label: Annotated[list[str] | None, typer.Option("--remove-label", help="May be repeated.")] = None,
    column: Column = None,
    parent: Annotated[
        str | None, typer.Option(metavar="TICKET", help="A part of it; empty: of none.", autocompletion=TICKET)
    ] = None,
    due: Due = None,
    link: Annotated[
        list[str] | None, typer.Option(metavar="REF", help="A commit, or an address; may be repeated.")
    ] = None,
    unlink: Annotated[list[str] | None, typer.Option(metavar="REF", help="May be repeated.")] = None,
    if_version: IfVersion = None,
    force: Force = False,
) -> None:
    """Change the fields that are named, and no other; an empty text clears one that can be empty.

    Appending, labels and links undo nothing that others do, and are requests of their own, after the fields.
    """
    description, criteria, append = resolve_texts(invocation, description, criteria, append)
    fields: dict[str, Any] = {"title": title, "priority": priority, "current_column": column}
    fields = {name: value for name, value in fields.items() if value is not None}
    clearable = {
        "description": description,
        "acceptance_criteria": criteria,
        "assignee": assignee,
        "due_date": parse_day(due),
    }
    fields |= {name: value or None for name, value in clearable.items() if value is not None}
    if parent is not None:
        if parent and not (parent.isdecimal() and parent.isascii()):
            raise CommandError(USAGE, f"'{parent}' is not a ticket's number.", fix="kanban edit --help")
        fields["parent"] = int(parent) if parent else None
    if if_version is not None and not fields:
        raise CommandError(USAGE, "--if-version guards fields, and none is named.", fix="kanban edit --help")
    calls = [tickets.edit(ticket, version=if_version, force=force, **fields)] if fields else []
    calls += [tickets.add_labels(ticket, *add_label, force=force)] if add_label else []
    calls += [tickets.remove_labels(ticket, *remove_label, force=force)] if remove_label else []
    calls += [tickets.link(ticket, add=link or (), remove=unlink or (), force=force)] if link or unlink else []
    # Last: running the command again after a failure would add the comment twice.
    calls += [tickets.append(ticket, append, force=force)] if append else []
    if not calls:
        raise CommandError(USAGE, "Nothing to change is named.", fix="kanban edit --help")
    for call in calls[:-1]:
        invocation.send(call)
    invocation.send_and_print(calls[-1], print_ticket_line)


@command(app, examples=["kanban delete 12 --yes", "kanban delete 12 --yes --if-version 7"])
def delete(
    invocation: Invocation, ticket: TicketId, yes: Yes = False, if_version: IfVersion = None, force: Force = False
) -> None:
    """Delete a ticket; `undelete` brings it back."""
    if not yes:
        raise CommandError(USAGE, f"Delete ticket {ticket}? That wants --yes.", fix="kanban delete --help")
    invocation.send_and_print(
        tickets.delete(ticket, version=if_version, force=force), lambda deleted: print_line(deleted.message)
    )


@command(app, examples=["kanban redact 12 -", "kanban redact 12 - --json"])
def redact(
    invocation: Invocation,
    ticket: TicketId,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What leaked; - reads stdin.")],
) -> None:
    """Blank a text that leaked, in a ticket, its comments and its log. It can't be undone.

    Copies elsewhere stay: backups, webhooks, who has read it. Change the secret, too.
    """
    (text,) = resolve_texts(invocation, text)
    invocation.send_and_print(
        tickets.redact(ticket, text),
        lambda done: print_line(
            f"Blanked in {done.places} texts of ticket {ticket} and in {done.events} events of its log."
        ),
    )


@command(app, examples=["kanban undelete 12", "kanban undelete 12 --json"])
def undelete(invocation: Invocation, ticket: TicketId, force: Force = False) -> None:
    """Bring a deleted or archived ticket back, to the bottom of its column."""
    invocation.send_and_print(tickets.restore(ticket, force=force), print_ticket_line)


@command(app, examples=['kanban comment 12 "The session is read twice."', "kanban comment 12 -"])
def comment(
    invocation: Invocation,
    ticket: TicketId,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The comment; - reads stdin.")],
) -> None:
    """Comment on a ticket."""
    from kanban_sdk.calls import comments

    (text,) = resolve_texts(invocation, text)
    invocation.send_and_print(
        comments.add(ticket, text), lambda made: print_cells(f"comment {made.id}", f"on {made.ticket_id}", made.author)
    )


@command(app, examples=["kanban check 12 3", "kanban check 12 3 --undo"])
def check(
    invocation: Invocation,
    ticket: TicketId,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The criterion's, as `kanban show` has it.")],
    undo: Annotated[bool, typer.Option("--undo", help="Take the tick away.")] = False,
) -> None:
    """Tick an acceptance criterion."""

    def print_progress(updated: Any) -> None:
        progress = f"{updated.criteria.done} of {updated.criteria.all} criteria" if updated.criteria else "no criteria"
        print_cells(updated.id, updated.current_column, progress, updated.title)

    invocation.send_and_print(tickets.check(ticket, number, done=not undo), print_progress)


def _print_moves(result: Any) -> None:
    rows = [[one.ticket_id, one.old_column, one.new_column] for one in result.results]
    print_rows(["id", "from", "to"], rows, f"{result.successful_moves} of {result.total_requested}")
