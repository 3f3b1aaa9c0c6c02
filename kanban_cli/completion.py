"""TAB completion of boards, columns and tickets. It fails silently and quickly.

Shells evaluate what a completion prints, and names and titles are untrusted: only harmless values are offered, and a
title is shown with its letters, digits and plain punctuation only.
"""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

from kanban_cli import invocation

TIMEOUT_SECONDS = 1.0
MAX_TICKETS = 500

_SAFE_VALUE = re.compile(r"[\w.@-]+")
_UNSAFE_CHARACTERS = re.compile(r"[^\w .,-]+")


def complete(noun: str, ctx: Any, incomplete: str) -> list[tuple[str, str]]:
    """Return the values that continue the typed text, each with a short description."""
    try:
        invocation.set_options(_typed_options(ctx))
        values: Iterator[tuple[str, str]]
        if noun == "moved":
            values = chain(
                _complete_tickets(), _complete_columns() if ctx.params.get("ticket") or ctx.params.get("column") else ()
            )
        else:
            values = {"boards": _complete_boards, "columns": _complete_columns, "tickets": _complete_tickets}[noun]()
        return [
            (incomplete + value[len(incomplete) :], " ".join(_UNSAFE_CHARACTERS.sub(" ", about).split())[:60])
            for value, about in values
            if value.casefold().startswith(incomplete.casefold()) and _SAFE_VALUE.fullmatch(value)
        ]
    except Exception:
        return []


def _typed_options(ctx: Any) -> dict[str, Any]:
    """Return the common options typed so far."""
    options: dict[str, Any] = {}
    while ctx is not None:
        options = {name: ctx.params.get(name) for name in ("board", "user", "url") if ctx.params.get(name)} | options
        ctx = ctx.parent
    return options


def _send(call: Any) -> Any:
    from kanban_sdk.transport.blocking import BlockingTransport

    return BlockingTransport(
        invocation.server_url(), invocation.request_headers(), timeout=TIMEOUT_SECONDS, tries=1
    ).send(call)


def _load_boards() -> Any:
    from kanban_sdk.calls import boards

    return _send(boards.all())


def _selected_board() -> Any:
    """Return the selected board with one request; None instead of an error."""
    boards = _load_boards()
    name = (invocation.get_setting("board") or "").casefold()
    matches = [board for board in boards if not name or name in {str(board.id), board.name.casefold()}]
    return matches[0] if len(matches) == 1 else None


def _complete_boards() -> Iterator[tuple[str, str]]:
    for board in _load_boards():
        yield str(board.id), board.name
        yield board.name, f"board {board.id}"


def _complete_columns() -> Iterator[tuple[str, str]]:
    board = _selected_board()
    for column in board.column_settings if board else ():
        yield column.name.replace(" ", "_"), column.role


def _complete_tickets() -> Iterator[tuple[str, str]]:
    from kanban_sdk.calls import tickets

    board = _selected_board()
    for ticket in _send(tickets.page(board.id, page_size=MAX_TICKETS)).items if board else ():
        yield str(ticket.id), ticket.title
