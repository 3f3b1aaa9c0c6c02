"""Webhooks of a board: add, list, remove."""

from typing import Annotated, Any

import typer

from kanban_cli.context import answer, board
from kanban_cli.options import command, group
from kanban_cli.output import say, say_field, say_rows
from kanban_cli.texts import NOBODY
from kanban_sdk.calls import webhooks

app = group(
    "Who is told of a board's events by HTTP.",
    examples=["kanban board webhook add https://hooks.example/board", "kanban board webhook list"],
)


@command(
    app,
    examples=[
        "kanban board webhook add https://example.com/hook",
        "kanban board webhook add https://example.com/hook --event ticket_moved --event ticket_claimed",
    ],
)
def add(
    address: Annotated[str, typer.Argument(metavar="URL", help="Where to.")],
    event: Annotated[list[str] | None, typer.Option("--event", metavar="NAME", help="Only these; else all.")] = None,
    after: Annotated[str | None, typer.Option(metavar="CURSOR", help="Begin behind it; else with what comes.")] = None,
) -> None:
    """Have the board's events posted to an address, and show the secret that they are signed with.

    One that was disabled goes on again, from where it stands.
    """
    answer(webhooks.add(board(), address, events=event or (), after=after), _say_new)


@command(app, "list", examples=["kanban board webhook list", "kanban board webhook list -b 2 --json"])
def list_webhooks() -> None:
    """List the board's webhooks: number, how it fares, where it stands, what is wrong, address."""

    def show(found: Any) -> None:
        rows = [[one.id, _state(one), one.cursor, one.problem or NOBODY, one.url] for one in found]
        say_rows(["id", "state", "cursor", "problem", "url"], rows, f"{len(rows)} of {len(rows)}")

    answer(webhooks.all(board()), show)


@command(app, examples=["kanban board webhook remove 3", "kanban board webhook remove 3 -b 2"])
def remove(webhook: Annotated[int, typer.Argument(metavar="WEBHOOK", help="Its number.")]) -> None:
    """Post nothing more to it."""
    answer(webhooks.remove(board(), webhook), lambda removed: say(removed.message))


def _say_new(one: Any) -> None:
    for name, value in (("webhook", one.id), ("url", one.url), ("cursor", one.cursor), ("secret", one.secret)):
        say_field(name, str(value))


def _state(one: Any) -> str:
    return "disabled" if one.disabled_at else "failing" if one.failing_since else "well"
