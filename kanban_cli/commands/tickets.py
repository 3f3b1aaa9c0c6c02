"""Tickets: add, list, show, move."""

from typing import Annotated, Any

import typer

from kanban_cli.context import as_json, board, command, send
from kanban_cli.output import say, say_json
from kanban_sdk.calls import tickets

app = typer.Typer()


@command(app)
def add(title: Annotated[str, typer.Argument(help="What is to be done.")]) -> None:
    """Add a ticket."""
    made = send(tickets.create(title, board=board()))
    answer(made, f"{made.id} {made.current_column}: {made.title}")


@command(app)
def move(
    ticket: Annotated[int, typer.Argument(help="The ticket.")],
    column: Annotated[str, typer.Argument(help="The column.")],
) -> None:
    """Move a ticket to a column."""
    moved = send(tickets.move(ticket, column))
    answer(moved, f"{moved.id} {moved.current_column}: {moved.title}")


def answer(value: Any, line: str) -> None:
    """The answer to one command: the object, or a line about it."""
    if as_json():
        say_json(value)
    else:
        say(line)
