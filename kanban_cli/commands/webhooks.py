"""Webhooks of a board: add, list, remove."""

from typing import TYPE_CHECKING, Annotated

import typer

from kanban_cli.invocation import Invocation
from kanban_cli.options import command, group
from kanban_cli.render.output import print_field, print_line, print_rows
from kanban_cli.render.sentences import EMPTY_CELL
from kanban_sdk.calls import webhooks

if TYPE_CHECKING:
    from kanban_sdk.wire.webhooks import Webhook

app = group(
    "Send a board's events to other programs by HTTP.",
    examples=["kanban board webhook add https://hooks.example/board", "kanban board webhook list"],
)


@command(
    app,
    examples=[
        "kanban board webhook add https://example.com/hook",
        "kanban board webhook add https://example.com/hook --event ticket_moved --event ticket_claimed",
    ],
    without=["lease"],
)
def add(
    invocation: Invocation,
    address: Annotated[str, typer.Argument(metavar="URL", help="The address that events are posted to.")],
    event: Annotated[
        list[str] | None,
        typer.Option("--event", metavar="EVENT", help="Post this event; may be repeated. Default: all events."),
    ] = None,
    after: Annotated[
        str | None, typer.Option(metavar="CURSOR", help="Begin after this cursor. Default: with the next event.")
    ] = None,
) -> None:
    """Post the board's events to an address, and print the secret.

    The secret signs the deliveries. Adding a disabled webhook again enables it; it continues where it stopped.
    """
    call = webhooks.add(invocation.board_id, address, events=event or (), after=after)
    invocation.send_and_print(call, _print_webhook)


@command(
    app, "list", examples=["kanban board webhook list", "kanban board webhook list -b 2 --json"], without=["lease"]
)
def list_webhooks(invocation: Invocation) -> None:
    """List webhooks: number, state, cursor, problem, address."""

    def print_webhooks(webhook_list: "list[Webhook]") -> None:
        rows = [
            [webhook.id, _webhook_state(webhook), webhook.cursor, webhook.problem or EMPTY_CELL, webhook.url]
            for webhook in webhook_list
        ]
        print_rows(["id", "state", "cursor", "problem", "url"], rows, f"{len(rows)} of {len(rows)}")

    invocation.send_and_print(webhooks.all(invocation.board_id), print_webhooks)


@command(app, examples=["kanban board webhook remove 3", "kanban board webhook remove 3 -b 2"], without=["lease"])
def remove(
    invocation: Invocation, webhook: Annotated[int, typer.Argument(metavar="WEBHOOK", help="The webhook's number.")]
) -> None:
    """Remove a webhook."""
    call = webhooks.remove(invocation.board_id, webhook)
    invocation.send_and_print(call, lambda removed: print_line(removed.message))


def _print_webhook(webhook: "Webhook") -> None:
    for name, value in (
        ("webhook", webhook.id),
        ("url", webhook.url),
        ("cursor", webhook.cursor),
        ("secret", webhook.secret),
    ):
        print_field(name, str(value))


def _webhook_state(webhook: "Webhook") -> str:
    return "disabled" if webhook.disabled_at else "failing" if webhook.failing_since else "well"
