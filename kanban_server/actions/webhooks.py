"""A board's webhooks. They are for its admins: what is posted leaves the board."""

from __future__ import annotations

from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.events import EVENTS
from kanban_sdk.wire.webhook_bodies import NewWebhook
from kanban_sdk.wire.webhooks import Webhook
from kanban_server.actions import reading
from kanban_server.rules import access, cursors
from kanban_server.rules import webhooks as rules
from kanban_server.rules.names import Actor
from kanban_server.rules.refusals import not_found
from kanban_server.store import boards, webhooks
from kanban_server.store.transaction import Reading, Transaction


def all_of(tx: Reading, board_id: int) -> list[Webhook]:
    """A board's webhooks, without their secrets. Refused: `not-found`, `not-allowed`."""
    access.check_arrange(boards.read(tx, board_id).role)
    return [hook.wire() for hook in webhooks.of_board(tx, board_id)]


def add(tx: Transaction, actor: Actor, board_id: int, new: NewWebhook) -> Webhook:
    """Have a board's events posted to an address. One that is there already goes on again, from where it stands."""
    board = boards.lock(tx, board_id)
    access.check_arrange(board.role)
    url = rules.checked_url(new.url)
    known = next((hook for hook in webhooks.of_board(tx, board_id) if hook.url == url), None)
    secret = rules.checked_secret(new.secret) if new.secret else known.secret if known else rules.new_secret()
    events = webhooks.packed(_names(new.events))
    seq = _start(tx, board_id, new.after, known.seq if known else board.seq)
    if known:
        tx.run(webhooks.AGAIN, of_id=known.id, secret=secret, events=events, seq=seq)
        return webhooks.one(tx, known.id).wire(secret=True)
    id = tx.value(
        webhooks.INSERT, board_id=board_id, url=url, secret=secret, events=events, seq=seq,
        created_by=actor.name, created_at=board.now,
    )  # fmt: skip
    return webhooks.one(tx, id).wire(secret=True)


def remove(tx: Transaction, actor: Actor, board_id: int, webhook_id: int) -> Message:
    """Post nothing more to it."""
    access.check_arrange(boards.lock(tx, board_id).role)
    if tx.run(webhooks.DELETE, of_id=webhook_id, board_id=board_id) == 0:
        raise not_found("webhook", webhook_id, fix="List the board's webhooks.")
    return Message(f"Webhook {webhook_id} is removed.")


def _names(events: list[str]) -> list[str]:
    unknown = [name for name in events if name not in EVENTS]
    if unknown:
        raise rules.refused(f"There is no event '{unknown[0]}'.", f"Name some of: {', '.join(EVENTS)}.")
    return list(dict.fromkeys(events))


def _start(tx: Reading, board_id: int, after: str | None, otherwise: int) -> int:
    """Behind which event it begins. Refused: `invalid-cursor`, `resync`."""
    if after is None:
        return otherwise
    cursor = cursors.read(after)
    reading.check_cursor(reading.standing(tx, board_id), cursor)
    return cursor.seq
