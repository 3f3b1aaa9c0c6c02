"""Inboxes: mentions, questions and news of watched tickets, and up to which event they are read.

Neither marking as read nor watching emits an event. Whoever sees a ticket may watch it. `tickets.watchers` counts those
who do, so that a change of a ticket that nobody watches needs no statement more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kanban_sdk.wire import limits
from kanban_sdk.wire.comments import Comment
from kanban_sdk.wire.inbox import Inbox, InboxItem, Watch
from kanban_server.rules import cursors, permissions
from kanban_server.rules.actors import Actor
from kanban_server.rules.markdown.mentions import find_mentions
from kanban_server.rules.problems import Refusal, not_found
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import boards, inbox, name_lookup, tickets, watchers
from kanban_server.store.rows import TicketRow
from kanban_server.store.transaction import ReadTransaction, Row, Transaction


def read_inbox(tx: ReadTransaction, actor: Actor) -> Inbox:
    """The actor's unread items, oldest first, at most `limits.INBOX`. Refused: `name-required`."""
    check_named(actor)
    rows = inbox.read_unread(tx, actor.names)
    visible_rows = rows[: limits.INBOX]
    cursors_by_board = {str(row["board_id"]): cursors.format_cursor(row["epoch"], row["seq"]) for row in visible_rows}
    return Inbox([_build_item(tx, row) for row in visible_rows], len(rows), cursors_by_board)


def mark_read(tx: Transaction, actor: Actor, cursors_by_board: Mapping[str, str] | None) -> Inbox:
    """Mark the actor's items as read, on each board up to a cursor; all items if there are no cursors.

    Refused: `name-required`, `invalid-cursor`, `not-found`.
    """
    check_named(actor)
    permissions.check_may_write(tx.viewer)
    heads = {str(row["id"]): row for row in boards.BOARD_HEADS.all(tx)}
    if cursors_by_board is None:
        seq_by_board = {
            str(row["board_id"]): heads[str(row["board_id"])]["seq"] for row in inbox.read_unread(tx, actor.names)
        }
    else:
        seq_by_board = {board_id: _cursor_seq(heads, board_id, cursor) for board_id, cursor in cursors_by_board.items()}
    for board_id, seq in sorted(seq_by_board.items()):
        inbox.mark_read(tx, actor.names, int(board_id), seq)
    return read_inbox(tx, actor)


def notify(
    board: LockedBoard,
    actor: Actor,
    names: Sequence[str],
    comment: Comment,
    seq: int,
    kind: str,
    *,
    without: Sequence[str] = (),
) -> None:
    """Add a comment, recorded by event `seq`, to the inboxes of the named users.

    Not to the author's, nor to those of the users `without`, who have it already.
    """
    recipients = name_lookup.people(board.tx, [name for name in names if name not in actor.names])
    _put(board, recipients - (name_lookup.people(board.tx, without) if recipients else set()), comment, seq, kind)


def tell_anew(board: LockedBoard, actor: Actor, before: list[str], comment: Comment, seq: int) -> None:
    """Add an edited comment to the inboxes of newly mentioned users, and remove it from those no longer mentioned.

    `before` has the names that the old text mentioned.
    """
    was = name_lookup.people(board.tx, before)
    now = name_lookup.people(board.tx, [name for name in find_mentions(comment.text) if name not in actor.names])
    for person in was - now:
        inbox.drop(board.tx, person, comment.id)
    _put(board, {one for one in now - was if not inbox.has(board.tx, one, comment.id)}, comment, seq, "mention")


def drop_question(board: LockedBoard, names: Sequence[str], comment_id: int) -> None:
    """Remove a question that ended without an answer from the inboxes of those whom it asks."""
    for person in name_lookup.people(board.tx, names):
        inbox.drop(board.tx, person, comment_id)


def withdraw(board: LockedBoard, before: str, comment: Comment) -> None:
    """Remove a comment from the inboxes of users that its old text `before` mentions and its new text does not."""
    now = name_lookup.people(board.tx, find_mentions(comment.text))
    for person in name_lookup.people(board.tx, find_mentions(before)) - now:
        inbox.drop(board.tx, person, comment.id)


def read_watch(tx: ReadTransaction, actor: Actor, ticket_id: int) -> Watch:
    """Whether the actor watches a ticket. Refused: `name-required`, `not-found`."""
    check_named(actor)
    tickets.read_row(tx, ticket_id)
    return Watch(ticket_id, watching=bool(watchers.watching_names(tx, actor.names, ticket_id)))


def watch(tx: Transaction, actor: Actor, ticket_id: int) -> Watch:
    """Let the actor watch a ticket. Refused: `name-required`, `not-found`, `quota-exceeded`."""
    board, row = _lock(tx, actor, ticket_id)
    if not watchers.watching_names(tx, actor.names, ticket_id):
        if row["watchers"] >= limits.WATCHERS:
            detail = f"A ticket is watched by {limits.WATCHERS} users at most."
            fix = f"Follow the board instead: kanban watch --ticket {ticket_id}"
            raise Refusal("quota-exceeded", detail, fix=fix, what="watchers", limit=limits.WATCHERS)
        watchers.add(tx, actor.name, board.id, ticket_id)
        board.update_ticket(row, watchers=row["watchers"] + 1)
    return Watch(ticket_id, watching=True)


def unwatch(tx: Transaction, actor: Actor, ticket_id: int) -> Watch:
    """Let the actor no longer watch a ticket. Refused: `name-required`, `not-found`."""
    board, row = _lock(tx, actor, ticket_id)
    names = watchers.watching_names(tx, actor.names, ticket_id)
    for name in names:
        watchers.remove(tx, name, ticket_id)
    if names:
        board.update_ticket(row, watchers=row["watchers"] - len(names))
    return Watch(ticket_id, watching=False)


def tell_of_comment(
    board: LockedBoard, actor: Actor, row: TicketRow, comment: Comment, seq: int, without: Sequence[str]
) -> None:
    """Add a comment to the inboxes of those who watch its ticket, but not of the users `without`, who have it."""
    if row["watchers"]:
        names = watchers.read_names(board.tx, row["id"])
        notify(board, actor, names, comment, seq, "watched", without=without)


def tell_of_done(board: LockedBoard, actor: Actor, row: TicketRow, *, done: bool) -> None:
    """Tell those who watch a ticket that it was done by the last event, or take that back where it is open again."""
    if not row["watchers"]:
        return
    if done:
        watchers.set_done(board.tx, row["id"], seq=board.last_seq, by=actor.name, at=board.now)
    else:
        watchers.set_done(board.tx, row["id"], seq=None, by=None, at=None)


def _put(board: LockedBoard, people: set[tuple[str, ...]], comment: Comment, seq: int, kind: str) -> None:
    entry: dict[str, object] = {"board_id": board.id, "seq": seq, "ticket_id": comment.ticket_id}
    inbox.add_entries(board.tx, sorted(person[0] for person in people), **entry, comment_id=comment.id, kind=kind)


def _build_item(tx: ReadTransaction, row: Row) -> InboxItem:
    if row["kind"] == "done":
        return InboxItem(**{name: row[name] for name in InboxItem.__dataclass_fields__})
    comment = tx.one(inbox.COMMENT_WITH_TITLE, comment_id=row["comment_id"])
    assert comment is not None
    fields = {name: row[name] for name in ("board_id", "seq", "ticket_id", "comment_id", "kind")}
    return InboxItem(**fields, **comment)


def _cursor_seq(heads: Mapping[str, Row], board_id: str, cursor: str) -> int:
    """The seq of a cursor, at most that of the board's newest event. Refused: `not-found`, `invalid-cursor`."""
    head = heads.get(board_id)
    if head is None:
        raise not_found("board", board_id[:20], fix="Send the `cursors` that the inbox gave.")
    position = cursors.parse_cursor(cursor)
    if position.epoch not in {None, head["epoch"]}:
        detail = f"'{cursor[:80]}' is of an earlier life of board {board_id}'s log."
        raise Refusal("invalid-cursor", detail, fix="Send the `cursors` that the inbox gave.")
    return int(min(position.seq, head["seq"]))


def check_named(actor: Actor) -> None:
    """Refused: `name-required`, if the actor is nobody."""
    if not actor.is_named:
        raise Refusal("name-required", "An inbox is somebody's.", fix="Say whose, in X-Kanban-User.")


def _lock(tx: Transaction, actor: Actor, ticket_id: int) -> tuple[LockedBoard, TicketRow]:
    check_named(actor)
    permissions.check_may_write(tx.viewer)
    board = boards.lock_by_ticket(tx, ticket_id, reader=True)
    return board, tickets.read_row(tx, ticket_id)
