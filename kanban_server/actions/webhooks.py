"""A board's webhooks. Only admins of the board manage them, since the posted events leave the board."""

from __future__ import annotations

from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.bodies.webhook_bodies import NewWebhook
from kanban_sdk.wire.events import EVENTS
from kanban_sdk.wire.webhooks import Webhook
from kanban_server.actions import queries
from kanban_server.rules import cursors, permissions
from kanban_server.rules import webhooks as rules
from kanban_server.rules.actors import Actor
from kanban_server.rules.problems import not_found
from kanban_server.secret_generator import generate_webhook_secret
from kanban_server.store.queries import boards, webhooks
from kanban_server.store.transaction import ReadTransaction, Transaction


def list_webhooks(tx: ReadTransaction, board_id: int) -> list[Webhook]:
    """A board's webhooks, without their secrets. Refused: `not-found`, `not-allowed`."""
    permissions.check_board_admin(boards.read(tx, board_id).role)
    return [hook.to_wire() for hook in webhooks.read_webhooks(tx, board_id)]


def add(tx: Transaction, actor: Actor, board_id: int, request: NewWebhook) -> Webhook:
    """Add a webhook that posts a board's events to a URL. Adding an existing URL resumes it from its position."""
    board = boards.lock(tx, board_id)
    permissions.check_board_admin(board.role)
    url = rules.check_url(request.url)
    existing = next((hook for hook in webhooks.read_webhooks(tx, board_id) if hook.url == url), None)
    if request.secret:
        secret = rules.check_secret(request.secret)
    else:
        secret = existing.secret if existing else generate_webhook_secret()
    events = webhooks.encode_events(_check_event_names(request.events))
    seq = _start_seq(tx, board_id, request.after, existing.seq if existing else board.seq)
    if existing:
        tx.run(webhooks.RESET, of_id=existing.id, secret=secret, events=events, seq=seq)
        return webhooks.read_webhook(tx, existing.id).to_wire(secret=True)
    id = tx.value(
        webhooks.INSERT, board_id=board_id, url=url, secret=secret, events=events, seq=seq,
        created_by=actor.name, created_at=board.now,
    )  # fmt: skip
    return webhooks.read_webhook(tx, id).to_wire(secret=True)


def remove(tx: Transaction, actor: Actor, board_id: int, webhook_id: int) -> Message:
    """Remove a webhook. Refused: `not-found`, `not-allowed`."""
    permissions.check_board_admin(boards.lock(tx, board_id).role)
    if tx.run(webhooks.DELETE, of_id=webhook_id, board_id=board_id) == 0:
        raise not_found("webhook", webhook_id, fix="List the board's webhooks.")
    return Message(f"Webhook {webhook_id} is removed.")


def _check_event_names(events: list[str]) -> list[str]:
    unknown = [name for name in events if name not in EVENTS]
    if unknown:
        raise rules.webhook_refusal(f"There is no event '{unknown[0]}'.", f"Name some of: {', '.join(EVENTS)}.")
    return list(dict.fromkeys(events))


def _start_seq(tx: ReadTransaction, board_id: int, after: str | None, default: int) -> int:
    """The seq after which a webhook begins. Refused: `invalid-cursor`, `resync`."""
    if after is None:
        return default
    cursor = cursors.parse_cursor(after)
    queries.check_cursor(queries.read_log_bounds(tx, board_id), cursor)
    return cursor.seq
