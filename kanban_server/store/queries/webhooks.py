"""Webhooks: the statements that read and write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import bindparam, delete, insert, null, or_, select, update

from kanban_sdk.wire.webhooks import Webhook
from kanban_server.rules import cursors
from kanban_server.store.statements import Statement
from kanban_server.store.tables import boards, webhooks
from kanban_server.store.transaction import ReadTransaction, Row, Transaction

_w = webhooks.c
_WITH_BOARD = select(webhooks, boards.c.epoch, boards.c.seq.label("head"), boards.c.floor).join(
    boards, boards.c.id == _w.board_id
)
_BY_ID = _w.id == bindparam("of_id")
_NOT_LEASED = or_(_w.taken_until.is_(None), _w.taken_until <= bindparam("now"))

BY_BOARD = Statement(_WITH_BOARD.where(_w.board_id == bindparam("board_id")).order_by(_w.id))
BY_ID = Statement(_WITH_BOARD.where(_w.id == bindparam("of_id")))
DUE = Statement(
    _WITH_BOARD.where(
        _w.disabled_at.is_(None),
        _w.seq < boards.c.seq,
        or_(_w.due_at.is_(None), _w.due_at <= bindparam("now")),
        _NOT_LEASED,
    ).order_by(_w.id)
)
BOARDS_WITH_WEBHOOKS = Statement(select(_w.board_id).where(_w.disabled_at.is_(None)).distinct())
INSERT = Statement(
    insert(webhooks)
    .values(
        {name: bindparam(name) for name in ("board_id", "url", "secret", "events", "seq", "created_by", "created_at")}
    )
    .returning(_w.id)
)
RESET = Statement(
    update(webhooks)
    .where(_BY_ID)
    .values(
        secret=bindparam("secret"),
        events=bindparam("events"),
        seq=bindparam("seq"),
        tries=0,
        due_at=null(),
        failing_since=null(),
        problem=null(),
        disabled_at=null(),
        taken_until=null(),
    )
)
"""A delivery that runs meanwhile can no longer store its progress."""
DELETE = Statement(delete(webhooks).where(_BY_ID, _w.board_id == bindparam("board_id")))
LEASE = Statement(update(webhooks).where(_BY_ID, _NOT_LEASED).values(taken_until=bindparam("until")))
RELEASE_ALL = Statement(update(webhooks).where(_w.taken_until.is_not(None)).values(taken_until=null()))
RELEASE = Statement(
    update(webhooks)
    .where(_BY_ID, _w.taken_until == bindparam("of_turn"))
    .values(
        {name: bindparam(name) for name in ("seq", "tries", "due_at", "failing_since", "problem", "disabled_at")}
        | {"taken_until": null()}
    )
)


@dataclass(frozen=True)
class WebhookRecord:
    """A webhook, and the state of its board's log."""

    id: int
    board_id: int
    url: str
    secret: str
    events: list[str]
    seq: int
    created_by: str
    created_at: str
    tries: int
    failing_since: str | None
    problem: str | None
    disabled_at: str | None
    taken_until: str | None
    epoch: str
    head: int
    floor: int

    def to_wire(self, *, secret: bool = False) -> Webhook:
        """The webhook as sent to clients."""
        return Webhook(
            id=self.id,
            board_id=self.board_id,
            url=self.url,
            events=self.events,
            cursor=cursors.format_cursor(self.epoch, self.seq),
            created_by=self.created_by,
            created_at=self.created_at,
            failing_since=self.failing_since,
            problem=self.problem,
            disabled_at=self.disabled_at,
            secret=self.secret if secret else None,
        )


def read_webhooks(tx: ReadTransaction, board_id: int) -> list[WebhookRecord]:
    """A board's webhooks, oldest first."""
    return [_decode_row(row) for row in tx.all(BY_BOARD, board_id=board_id)]


def read_webhook(tx: ReadTransaction, id: int) -> WebhookRecord:
    """An existing webhook."""
    row = tx.one(BY_ID, of_id=id)
    assert row is not None
    return _decode_row(row)


def read_due(tx: ReadTransaction) -> list[WebhookRecord]:
    """The webhooks that have something to deliver now, and to which no instance is delivering."""
    return [_decode_row(row) for row in tx.all(DUE, now=tx.now())]


def boards_with_webhooks(tx: ReadTransaction) -> set[int]:
    """The boards with an enabled webhook."""
    return {row["board_id"] for row in tx.all(BOARDS_WITH_WEBHOOKS)}


def encode_events(events: Sequence[str]) -> str:
    """Names of events as they are stored."""
    return orjson.dumps(list(events)).decode()


def lease_delivery(tx: Transaction, id: int, until: str) -> bool:
    """Reserve delivery to a webhook until a time; False if another instance has it, or the webhook is gone."""
    return tx.run(LEASE, of_id=id, now=tx.now(), until=until) == 1


def release_delivery(
    tx: Transaction,
    webhook: WebhookRecord,
    *,
    seq: int,
    tries: int = 0,
    due_at: str | None = None,
    failing_since: str | None = None,
    problem: str | None = None,
    disabled_at: str | None = None,
) -> None:
    """Store the progress and state of a webhook and release it, unless the reservation has ended."""
    tx.run(
        RELEASE, of_id=webhook.id, of_turn=webhook.taken_until, seq=seq, tries=tries, due_at=due_at,
        failing_since=failing_since, problem=problem, disabled_at=disabled_at,
    )  # fmt: skip


def release_all_deliveries(tx: Transaction) -> None:
    """Release the delivery of all webhooks."""
    tx.run(RELEASE_ALL)


def _decode_row(row: Row) -> WebhookRecord:
    values = {name: row[name] for name in WebhookRecord.__dataclass_fields__}
    return WebhookRecord(**{**values, "events": orjson.loads(row["events"])})
