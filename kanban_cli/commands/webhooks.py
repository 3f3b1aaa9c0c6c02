"""Webhooks of a board: add, list, remove."""

from typing import Annotated, Any

import typer

from kanban_cli.invocation import Invocation
from kanban_cli.options import command, group
from kanban_cli.render.output import print_field, print_line, print_rows
from kanban_cli.render.sentences import EMPTY_CELL
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
    invocation: Invocation,
    address: Annotated[str, typer.Argument(metavar="URL", help="Where to.")],
    event: Annotated[list[str] | None, typer.Option("--event", metavar="NAME", help="Only these; else all.")] = None,
    after: Annotated[str | None, typer.Option(metavar="CURSOR", help="Begin behind it; else with what comes.")] = None,
) -> None:
    """Have the board's events posted to an address, and show the secret that they are signed with.

    One that was disabled goes on again, from where it stands.
    """
    invocation.send_and_print(
        webhooks.add(invocation.board_id, address, events=event or (), after=after), _print_webhook
    )


@command(app, "list", examples=["kanban board webhook list", "kanban board webhook list -b 2 --json"])
def list_webhooks(invocation: Invocation) -> None:
    """List the board's webhooks: number, how it fares, where it stands, what is wrong, address."""

    def print_webhooks(webhook_list: Any) -> None:
        rows = [
            [webhook.id, _webhook_state(webhook), webhook.cursor, webhook.problem or EMPTY_CELL, webhook.url]
            for webhook in webhook_list
        ]
        print_rows(["id", "state", "cursor", "problem", "url"], rows, f"{len(rows)} of {len(rows)}")

    invocation.send_and_print(webhooks.all(invocation.board_id), print_webhooks)


@command(app, examples=["kanban board webhook remove 3", "kanban board webhook remove 3 -b 2"])
def remove(
    invocation: Invocation, webhook: Annotated[int, typer.Argument(metavar="WEBHOOK", help="Its number.")]
) -> None:
    """Post nothing more to it."""
    invocation.send_and_print(
        webhooks.remove(invocation.board_id, webhook), lambda removed: print_line(removed.message)
    )


def _print_webhook(webhook: Any) -> None:
    for name, value in (
        ("webhook", webhook.id),
        ("url", webhook.url),
        ("cursor", webhook.cursor),
        ("secret", webhook.secret),
    ):
        print_field(name, str(value))


def _webhook_state(webhook: Any) -> str:
    return "disabled" if webhook.disabled_at else "failing" if webhook.failing_since else "well"
