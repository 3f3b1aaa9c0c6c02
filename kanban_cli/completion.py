"""TAB completion of boards, columns and tickets. It fails silently and quickly.

Shells evaluate what a completion prints, and names and titles are untrusted: only harmless values are offered, and a
title is shown with its letters, digits and plain punctuation only.
"""

import re
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

import typer

from kanban_cli.invocation import Invocation, Options

if TYPE_CHECKING:
    from typer._click.core import Context

    from kanban_sdk.wire.boards import Board

TIMEOUT_SECONDS = 1.0
MAX_TICKETS = 500

_SAFE_VALUE = re.compile(r"[\w.@-]+")
_UNSAFE_CHARACTERS = re.compile(r"[^\w .,-]+")


def complete(noun: str, ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Return the values that continue the typed text, each with a short description."""
    try:
        invocation = ctx.obj.with_options(_typed_options(ctx)).for_lookups(TIMEOUT_SECONDS)
        values: Iterator[tuple[str, str]]
        if noun == "moved":
            with_columns = ctx.params.get("ticket") or ctx.params.get("column")
            values = chain(_complete_tickets(invocation), _complete_columns(invocation) if with_columns else ())
        else:
            complete_noun = {"boards": _complete_boards, "columns": _complete_columns, "tickets": _complete_tickets}
            values = complete_noun[noun](invocation)
        return [
            (incomplete + value[len(incomplete) :], " ".join(_UNSAFE_CHARACTERS.sub(" ", about).split())[:60])
            for value, about in values
            if value.casefold().startswith(incomplete.casefold()) and _SAFE_VALUE.fullmatch(value)
        ]
    except Exception:
        return []


def _typed_options(ctx: typer.Context) -> Options:
    """Return the common options that were typed so far, at the command or before it."""
    typed: dict[str, str] = {}
    level: Context | None = ctx
    while level is not None:
        typed = {name: level.params[name] for name in ("board", "user", "url") if level.params.get(name)} | typed
        level = level.parent
    return Options(board=typed.get("board"), user=typed.get("user"), url=typed.get("url"))


def _selected_board(invocation: Invocation) -> "Board | None":
    """Return the selected board with one request; None instead of an error."""
    from kanban_sdk.calls import boards

    name = (invocation.setting("board") or "").casefold()
    all_boards = invocation.send(boards.all())
    matches = [board for board in all_boards if not name or name in {str(board.id), board.name.casefold()}]
    return matches[0] if len(matches) == 1 else None


def _complete_boards(invocation: Invocation) -> Iterator[tuple[str, str]]:
    from kanban_sdk.calls import boards

    for board in invocation.send(boards.all()):
        yield str(board.id), board.name
        yield board.name, f"board {board.id}"


def _complete_columns(invocation: Invocation) -> Iterator[tuple[str, str]]:
    board = _selected_board(invocation)
    for column in board.column_settings if board else ():
        yield column.name.replace(" ", "_"), column.role


def _complete_tickets(invocation: Invocation) -> Iterator[tuple[str, str]]:
    from kanban_sdk.calls import tickets

    board = _selected_board(invocation)
    for ticket in invocation.send(tickets.page(board.id, page_size=MAX_TICKETS)).items if board else ():
        yield str(ticket.id), ticket.title
