"""What calls upon somebody, and how far they have read. Reading is nobody else's business: it makes no event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kanban_sdk.wire import limits
from kanban_sdk.wire.comments import Comment
from kanban_sdk.wire.inbox import Inbox, InboxItem
from kanban_server.rules import access, cursors
from kanban_server.rules.mentions import mentions
from kanban_server.rules.names import Actor
from kanban_server.rules.refusals import Refusal, not_found
from kanban_server.store import boards, inbox, meant
from kanban_server.store.locked import LockedBoard
from kanban_server.store.transaction import Reading, Row, Transaction


def show(tx: Reading, actor: Actor) -> Inbox:
    """What somebody has not read yet, oldest first. Refused: `name-required`."""
    _check_named(actor)
    rows = inbox.unread(tx, actor.names)
    shown = rows[: limits.INBOX]
    behind = {str(row["board_id"]): cursors.write(row["epoch"], row["seq"]) for row in shown}
    return Inbox([_item(tx, row) for row in shown], len(rows), behind)


def read(tx: Transaction, actor: Actor, upto: Mapping[str, str] | None) -> Inbox:
    """Note how far somebody has read, on each board up to a cursor; all of it, where none is given.

    Refused: `name-required`, `invalid-cursor`, `not-found`.
    """
    _check_named(actor)
    access.check_writes(tx.viewer)
    heads = {str(row["id"]): row for row in boards.HEADS.all(tx)}
    if upto is None:
        read_to = {str(row["board_id"]): heads[str(row["board_id"])]["seq"] for row in inbox.unread(tx, actor.names)}
    else:
        read_to = {board_id: _seq(heads, board_id, cursor) for board_id, cursor in upto.items()}
    for board_id, seq in sorted(read_to.items()):
        inbox.read_to(tx, actor.names, int(board_id), seq)
    return show(tx, actor)


def tell(board: LockedBoard, actor: Actor, names: list[str], comment: Comment, seq: int, kind: str) -> None:
    """Put a comment, told by event `seq`, before those whom it calls upon; not before the one who wrote it."""
    others = meant.people(board.tx, [name for name in names if name not in actor.names])
    _put(board, others, comment, seq, kind)


def tell_anew(board: LockedBoard, actor: Actor, before: list[str], comment: Comment, seq: int) -> None:
    """Put an edited comment before those whom it calls upon now and did not before, and take it from the others."""
    was = meant.people(board.tx, before)
    now = meant.people(board.tx, [name for name in mentions(comment.text) if name not in actor.names])
    for person in was - now:
        inbox.drop(board.tx, person, comment.id)
    _put(board, {one for one in now - was if not inbox.has(board.tx, one, comment.id)}, comment, seq, "mention")


def withdraw(board: LockedBoard, before: str, comment: Comment) -> None:
    """Take a comment from those whom it called upon by the text `before`, and no longer does."""
    now = meant.people(board.tx, mentions(comment.text))
    for person in meant.people(board.tx, mentions(before)) - now:
        inbox.drop(board.tx, person, comment.id)


def _put(board: LockedBoard, people: set[tuple[str, ...]], comment: Comment, seq: int, kind: str) -> None:
    entry: dict[str, Any] = {"board_id": board.id, "seq": seq, "ticket_id": comment.ticket_id}
    inbox.put(board.tx, sorted(person[0] for person in people), **entry, comment_id=comment.id, kind=kind)


def _item(tx: Reading, row: Row) -> InboxItem:
    said = tx.one(inbox.SAID, comment_id=row["comment_id"])
    assert said is not None
    where = {name: row[name] for name in ("board_id", "seq", "ticket_id", "comment_id", "kind")}
    return InboxItem(**where, **said)


def _seq(heads: Mapping[str, Row], board_id: str, cursor: str) -> int:
    """The number of the event behind which a cursor stands, never beyond the board's newest."""
    head = heads.get(board_id)
    if head is None:
        raise not_found("board", board_id[:20], fix="Send the `cursors` that the inbox gave.")
    meant = cursors.read(cursor)
    if meant.epoch not in {None, head["epoch"]}:
        detail = f"'{cursor[:80]}' is of an earlier life of board {board_id}'s log."
        raise Refusal("invalid-cursor", detail, fix="Send the `cursors` that the inbox gave.")
    return int(min(meant.seq, head["seq"]))


def _check_named(actor: Actor) -> None:
    if not actor.named:
        raise Refusal("name-required", "An inbox is somebody's.", fix="Say whose, in X-Kanban-User.")
