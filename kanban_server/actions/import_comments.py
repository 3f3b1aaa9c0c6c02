"""The comments of imported tickets: written in the names and at the times of their source."""

from __future__ import annotations

from kanban_sdk.wire.comments import Comment
from kanban_sdk.wire.import_bodies import ImportedComment
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions.import_source import Source
from kanban_server.actions.import_state import ImportState
from kanban_server.actions.writing import searched
from kanban_server.rules import names, texts, times
from kanban_server.rules.three_way import compare, digest
from kanban_server.store import comments, search, tickets
from kanban_server.store.import_bases import Base


def write(state: ImportState, ticket: Ticket, one: ImportedComment, *, count: int) -> int:
    """Write a comment, so that the ticket has `count` of them, and record it. Returns its id."""
    board = state.board
    comment = comments.write(
        board.tx,
        ticket_id=ticket.id,
        board_id=board.id,
        text=texts.comment(one.text),
        author=names.past_name(one.author, names.NOBODY),
        created_at=times.moment(one.created_at, ticket.created_at),
    )
    _record(state, "comment_added", comment, comment_count=count)
    return comment.id


def update(state: ImportState, ticket: Ticket, source: Source, base: Base) -> bool:
    """Write the comments that are new at the source, and change those whose texts changed there only.

    Comments that were deleted on either side stay as they are. Returns whether any changed on both sides; those become
    what they are at the source if that is preferred.
    """
    tx = state.board.tx
    known = base["comments"]
    here = {comment.id: comment for comment in comments.of_ticket(tx, ticket.id)}
    count = ticket.comment_count
    conflict = False
    for key, one in source.comments:
        text = digest(one.text)
        if key not in known:
            count += 1
            known[key] = [write(state, ticket, one, count=count), text]
            continue
        comment = here.get(known[key][0])
        verdict = compare(known[key][1], digest(comment.text if comment else None), text)
        conflict |= verdict == "conflict"
        if comment and (verdict == "take" or (verdict == "conflict" and state.prefer_source)):
            edited = comment.but(text=texts.comment(one.text), updated_at=state.board.now)
            tx.run(comments.EDIT, comment_id=comment.id, text=edited.text, updated_at=edited.updated_at)
            _record(state, "comment_updated", edited)
            verdict = "take"
        if verdict in {"take", "same"}:
            known[key] = [known[key][0], text]
    if count != ticket.comment_count:
        tx.run(tickets.COMMENTS, ticket_id=ticket.id, comment_count=count)
    search.index(tx, ticket.id, searched(ticket), comment_count=count)
    return conflict


def _record(state: ImportState, event: str, comment: Comment, **more: int) -> None:
    fields = {name: getattr(comment, name) for name in comment.__dataclass_fields__}
    data = {**fields, "mentions": []}  # an old comment notifies nobody
    state.board.record(state.actor, event, {**data, **more}, ticket_id=comment.ticket_id)
