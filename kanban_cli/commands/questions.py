"""Questions and their answers: ask, inbox."""

from typing import Annotated, Any

import typer

from kanban_cli.invocation import Invocation
from kanban_cli.options import COLUMN, Force, TicketId, command
from kanban_cli.render.escaping import truncate
from kanban_cli.render.output import print_cells, print_json, print_line, print_rows
from kanban_cli.render.ticket import MAX_CELL_CHARACTERS
from kanban_cli.text_input import resolve_texts
from kanban_sdk.calls import inbox as inboxes
from kanban_sdk.calls import tickets

app = typer.Typer()


@command(app, examples=['kanban ask 12 "@ada which of the two?"', "kanban ask 12 - -c Blocked"])
def ask(
    invocation: Invocation,
    ticket: TicketId,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The question; - reads stdin.")],
    column: Annotated[
        str | None,
        typer.Option("-c", "--column", help="Where it waits; else the first waiting one.", autocompletion=COLUMN),
    ] = None,
    force: Force = False,
) -> None:
    """Ask those who are mentioned, else the ticket's creator. The ticket waits meanwhile, and stays yours."""
    (text,) = resolve_texts(invocation, text)

    def print_question(question: Any) -> None:
        print_cells(f"comment {question.comment.id}", f"on {question.ticket.id}", question.ticket.current_column)
        print_line(f"next: kanban wait {question.ticket.id} --reply")

    invocation.send_and_print(tickets.ask(ticket, text, column=column, force=force), print_question)


@command(app, examples=["kanban inbox", "kanban inbox --read --full"])
def inbox(
    invocation: Invocation,
    read: Annotated[bool, typer.Option("--read", help="Note that it is read now.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Nothing cut.")] = False,
) -> None:
    """Show what calls upon you and is not read yet, oldest first: ticket, mention or ask, who, when, text."""
    if invocation.options.json:
        inbox_data = invocation.send_raw(inboxes.unread())
        print_json(inbox_data)
        cursors, items = inbox_data["cursors"], inbox_data["items"]
    else:
        unread = invocation.send(inboxes.unread())
        cursors, items = unread.cursors, unread.items
        rows = [
            [
                item.ticket_id,
                item.kind,
                item.author,
                f"{item.created_at[:19]}Z",
                item.text if full else truncate(item.text, MAX_CELL_CHARACTERS),
            ]
            for item in unread.items
        ]
        print_rows(["ticket", "kind", "who", "when", "text"], rows, f"{len(rows)} of {unread.total}")
    if read and items:
        invocation.send(inboxes.read(cursors))
