"""Watch: a board's events as they happen."""

import sys
from typing import Annotated

import typer

from kanban_cli.context import as_json, board, command, kanban
from kanban_cli.output import compact, say, terminal

app = typer.Typer()


@command(app)
def watch(
    after: Annotated[str | None, typer.Option(help="Begin behind this cursor; 0 is the beginning.")] = None,
) -> None:
    """Print a board's events as they happen, one a line."""
    with kanban().watch(board(), after=after, notice=lambda text: print(text, file=sys.stderr, flush=True)) as events:
        for event in events:
            if as_json() or not terminal():
                print(compact(event), flush=True)
            else:
                say(f"{event.seq} {event.actor} {event.event} {event.ticket_id or ''}")
                sys.stdout.flush()
