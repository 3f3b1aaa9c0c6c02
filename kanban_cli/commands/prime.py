"""What an agent needs to know before it begins: prime; and how things stand: `kanban` alone."""

from contextlib import suppress
from typing import Any

import typer

from kanban_cli.context import acting, as_json, board, hurry, names_of, option, send, setting, url
from kanban_cli.exits import Stop
from kanban_cli.options import command
from kanban_cli.output import say_field, say_json
from kanban_cli.showing import lease
from kanban_sdk.calls import boards
from kanban_sdk.errors import KanbanError

app = typer.Typer()


@command(app, examples=["kanban prime", "kanban prime -u ada --json"])
def prime() -> None:
    """Print what an agent needs to work on the board, in at most 2,048 bytes: for the beginning of a session.

    Who it is, what it holds, what is ready, what is unread, the commands, the rules. Nothing where there is no board.
    """
    import shlex

    from kanban_cli import briefing
    from kanban_cli.standing import standing

    hurry()
    with suppress(KanbanError, Stop):  # a session begins also where there is no board
        found = standing(send, board(), _names())
        given = [(flag, option(name)) for name, flag in (("board", "-b"), ("user", "-u"), ("url", "--url"))]
        typed = "".join(f" {flag} {shlex.quote(value)}" for flag, value in given if value)
        told = briefing.document(found, url(), typed) + "\n" if as_json() else briefing.text(found, url(), typed)
        print(told, end="")


def now() -> None:
    """How things stand, in a few lines: the board, its columns, what one holds, what is ready, what is unread."""
    from kanban_cli.standing import standing

    meant = _boards()
    if len(meant) != 1:
        _say_boards(meant)
        return
    found = standing(send, meant[0].id, _names())
    counts = found.board.counts
    if as_json():
        say_json({"url": url(), "user": found.user, "board": found.board, "counts": counts, **_listed(found)})
        return
    say_field("server", url())
    say_field("board", f"{found.board.id} {found.board.name}")
    say_field("columns", " · ".join(f"{name} {count}" for name, count in counts.items()))
    say_field("you", found.user or "nobody: export KANBAN_USER=NAME")
    for one in found.holds:
        say_field("held", f"{one.id} {one.title}" + (f"  lease {lease(one.lease)}" if one.lease else ""))
    for one in found.ready[:3]:
        say_field("ready", f"{one.id} {one.priority} {one.title}")
    say_field("counts", f"{found.holds_total} held, {found.ready_total} ready, {found.unread_total} unread")
    print("next: kanban next | kanban list | kanban inbox | kanban --help")


def _names() -> tuple[str, ...]:
    """All names of the one who acts."""
    user = acting()
    return names_of(user) if user else ()


def _boards() -> list[Any]:
    """The board that is meant; or all, where that is not clear."""
    if setting("board"):
        return [send(boards.get(board()))]
    known: list[Any] = send(boards.all())
    return known


def _say_boards(known: list[Any]) -> None:
    if as_json():
        say_json({"url": url(), "user": acting(), "boards": known})
        return
    say_field("server", url())
    for one in known:
        say_field("board", f"{one.id} {one.name}, {one.ticket_count} tickets")
    print(f"next: kanban -b {known[0].id} | kanban --help" if known else "next: kanban board add NAME | kanban --help")


def _listed(found: Any) -> dict[str, Any]:
    return {
        "holds": {"total": found.holds_total, "items": found.holds},
        "ready": {"total": found.ready_total, "items": found.ready},
        "unread": {"total": found.unread_total, "items": found.unread},
    }
