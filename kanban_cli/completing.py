"""What TAB offers: boards, columns and tickets. It fails silently, and quickly.

Shells evaluate what a completion prints, and names and titles are other people's words: a value is offered only where
it is harmless, and a title is shown with its letters, digits and plain marks only.
"""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

from kanban_cli import context

SECONDS = 1.0
MOST = 500

_HARMLESS = re.compile(r"[\w.@-]+")
_LOUD = re.compile(r"[^\w .,-]+")


def complete(noun: str, ctx: Any, incomplete: str) -> list[tuple[str, str]]:
    """The values that go on from what is typed already, each with a word about it."""
    try:
        context.given(_typed(ctx))
        found: Iterator[tuple[str, str]]
        if noun == "moved":
            found = chain(_tickets(), _columns() if ctx.params.get("ticket") or ctx.params.get("column") else ())
        else:
            found = {"boards": _boards, "columns": _columns, "tickets": _tickets}[noun]()
        return [
            (incomplete + value[len(incomplete) :], " ".join(_LOUD.sub(" ", about).split())[:60])
            for value, about in found
            if value.casefold().startswith(incomplete.casefold()) and _HARMLESS.fullmatch(value)
        ]
    except Exception:
        return []


def _typed(ctx: Any) -> dict[str, Any]:
    """The common options on the line so far."""
    options: dict[str, Any] = {}
    while ctx is not None:
        options = {name: ctx.params.get(name) for name in ("board", "user", "url") if ctx.params.get(name)} | options
        ctx = ctx.parent
    return options


def _send(call: Any) -> Any:
    from kanban_sdk.plain import Plain

    return Plain(context.url(), context.headers(), timeout=SECONDS, tries=1).send(call)


def _all_boards() -> Any:
    from kanban_sdk.calls import boards

    return _send(boards.all())


def _board() -> Any:
    """The board that is meant, among all: one request, and no refusal."""
    known = _all_boards()
    wanted = (context.setting("board") or "").casefold()
    fits = [one for one in known if not wanted or wanted in {str(one.id), one.name.casefold()}]
    return fits[0] if len(fits) == 1 else None


def _boards() -> Iterator[tuple[str, str]]:
    for board in _all_boards():
        yield str(board.id), board.name
        yield board.name, f"board {board.id}"


def _columns() -> Iterator[tuple[str, str]]:
    board = _board()
    for column in board.column_settings if board else ():
        yield column.name.replace(" ", "_"), column.role


def _tickets() -> Iterator[tuple[str, str]]:
    from kanban_sdk.calls import tickets

    board = _board()
    for ticket in _send(tickets.page(board.id, page_size=MOST)).items if board else ():
        yield str(ticket.id), ticket.title
