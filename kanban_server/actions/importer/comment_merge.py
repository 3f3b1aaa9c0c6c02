"""The comments of imported tickets, written with the authors and times of their source."""

from __future__ import annotations

from kanban_sdk.wire.bodies.import_bodies import ImportedComment
from kanban_sdk.wire.comments import Comment
from kanban_server.actions.audit_fields import index_ticket
from kanban_server.actions.importer.source_ticket import SourceTicket
from kanban_server.actions.importer.state import ImportState
from kanban_server.rules import actors, timestamps, validation
from kanban_server.rules.three_way_merge import compare, digest
from kanban_server.store.queries import comments
from kanban_server.store.queries.import_bases import ImportBase
from kanban_server.store.rows import TicketRow


def write_comment(state: ImportState, row: TicketRow, imported: ImportedComment, *, count: int) -> int:
    """Write and record a comment, and return its id. `count` is the ticket's comment count with it."""
    board = state.board
    comment = comments.insert_comment(
        board.tx,
        ticket_id=row["id"],
        board_id=board.id,
        text=validation.check_comment(imported.text),
        author=actors.imported_name(imported.author, actors.ANONYMOUS_NAME),
        created_at=timestamps.parse_timestamp(imported.created_at, row["created_at"]),
    )
    _record_comment(state, "comment_added", comment, comment_count=count)
    return comment.id


def merge_comments(state: ImportState, row: TicketRow, source: SourceTicket, base: ImportBase) -> bool:
    """Add the comments that are new at the source, and update those whose texts changed only there.

    Comments that were deleted on either side stay as they are. Returns whether any comment changed on both sides; those
    get the source's text if the import prefers the source.
    """
    tx = state.board.tx
    base_comments = base["comments"]
    comments_by_id = {comment.id: comment for comment in comments.read_comments(tx, row["id"])}
    count = row["comment_count"]
    conflict = False
    for key, imported in source.comments:
        source_digest = digest(imported.text)
        if key not in base_comments:
            count += 1
            base_comments[key] = [write_comment(state, row, imported, count=count), source_digest]
            continue
        comment = comments_by_id.get(base_comments[key][0])
        verdict = compare(base_comments[key][1], digest(comment.text if comment else None), source_digest)
        conflict |= verdict == "conflict"
        if comment and (verdict == "take" or (verdict == "conflict" and state.prefer_source)):
            updated = comment.but(text=validation.check_comment(imported.text), updated_at=state.board.now)
            tx.run(comments.UPDATE_TEXT, comment_id=comment.id, text=updated.text, updated_at=updated.updated_at)
            _record_comment(state, "comment_updated", updated)
            verdict = "take"
        if verdict in {"take", "same"}:
            base_comments[key] = [base_comments[key][0], source_digest]
    state.board.update_ticket(row, comment_count=count)
    index_ticket(state.board, row)
    return conflict


def _record_comment(state: ImportState, event: str, comment: Comment, **counts: int) -> None:
    fields = {name: getattr(comment, name) for name in comment.__dataclass_fields__}
    data = {**fields, "mentions": [], **counts}  # an old comment notifies nobody
    state.board.record(state.actor, event, data, ticket_id=comment.ticket_id)
