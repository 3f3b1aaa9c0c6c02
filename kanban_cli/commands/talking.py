"""Asking and being asked: ask, inbox."""

from typing import Annotated, Any

import typer

from kanban_cli.context import answer, as_json, send, wire
from kanban_cli.options import COLUMN, Force, TicketId, command
from kanban_cli.output import cut, say, say_cells, say_json, say_rows
from kanban_cli.showing import CELL
from kanban_cli.stdin import texts
from kanban_sdk.calls import inbox as inboxes
from kanban_sdk.calls import tickets

app = typer.Typer()


@command(app, examples=['kanban ask 12 "@ada which of the two?"', "kanban ask 12 - -c Blocked"])
def ask(
    ticket: TicketId,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The question; - reads stdin.")],
    column: Annotated[
        str | None,
        typer.Option("-c", "--column", help="Where it waits; else the first waiting one.", autocompletion=COLUMN),
    ] = None,
    force: Force = False,
) -> None:
    """Ask those who are mentioned, else the ticket's creator. The ticket waits meanwhile, and stays yours."""
    (text,) = texts(text)

    def say_asked(asked: Any) -> None:
        say_cells(f"comment {asked.comment.id}", f"on {asked.ticket.id}", asked.ticket.current_column)
        say(f"next: kanban wait {asked.ticket.id} --reply")

    answer(tickets.ask(ticket, text, column=column, force=force), say_asked)


@command(app, examples=["kanban inbox", "kanban inbox --read --full"])
def inbox(
    read: Annotated[bool, typer.Option("--read", help="Note that it is read now.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Nothing cut.")] = False,
) -> None:
    """Show what calls upon you and is not read yet, oldest first: ticket, mention or ask, who, when, text."""
    if as_json():
        found = wire(inboxes.unread())
        say_json(found)
        cursors, items = found["cursors"], found["items"]
    else:
        shown = send(inboxes.unread())
        cursors, items = shown.cursors, shown.items
        rows = [
            [one.ticket_id, one.kind, one.author, f"{one.created_at[:19]}Z", one.text if full else cut(one.text, CELL)]
            for one in shown.items
        ]
        say_rows(["ticket", "kind", "who", "when", "text"], rows, f"{len(rows)} of {shown.total}")
    if read and items:
        send(inboxes.read(cursors))
