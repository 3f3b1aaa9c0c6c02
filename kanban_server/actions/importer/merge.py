"""Merge a repeated import: take only what changed at the source since the last import."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kanban_sdk.wire import limits
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions import leases
from kanban_server.actions.audit_fields import update_fields
from kanban_server.actions.importer import comment_merge
from kanban_server.actions.importer.source_ticket import NOTHING, UNLINKED_FIELDS, SourceTicket, has_links
from kanban_server.actions.importer.state import ImportState
from kanban_server.actions.placement import find_neighbours, place_ticket
from kanban_server.rules import actors, validation
from kanban_server.rules.three_way_merge import compare, digest, digest_object, digests, merge_lists, merge_objects
from kanban_server.store.queries import comments, tickets
from kanban_server.store.queries.import_bases import ImportBase
from kanban_server.store.rows import TicketRow


def update_ticket(state: ImportState, source: SourceTicket, row: TicketRow) -> None:
    """Take what changed only at the source, report what changed on both sides, and store the new base.

    A ticket that is off the board stays as it is. Of a ticket that somebody else holds, only `extra` and the comments
    change.
    """
    base = state.bases.get(row["id"])
    if base is None:
        _adopt_ticket(state, source, row)
        return
    changed_fields = source.changed_fields(base)
    if not changed_fields:
        return
    if row["deleted_at"] or row["archived_at"]:
        state.report("conflict", source.ticket, changed_fields, state="deleted" if row["deleted_at"] else "archived")
        return
    holder = state.other_holder(row)
    if not holder:
        row = leases.require_writable(state.board, state.actor, row["id"])
    ticket = tickets.to_wire(row, state.board.columns)
    merge = _merge_fields(state, source, ticket, base)
    if holder:
        withheld_fields = [*merge.fields, *(["current_column"] if merge.move else [])]
        if withheld_fields:
            state.report("held", source.ticket, withheld_fields, held_by=holder)
        merge.fields, merge.move, merge.base = {}, False, base
    extra = _merge_extra(state, source, ticket, merge)
    update_fields(state.board, state.actor, row, {**merge.fields, **extra})
    if merge.move:
        _move_to_source_column(state, source, row)
    new_base = {**merge.base, "extra": merge.extra_base, "comments": dict(base["comments"])}
    if "comments" in changed_fields and comment_merge.merge_comments(state, row, source, new_base):
        merge.conflicts.append("comments")
    if merge.conflicts:
        state.report("conflict", source.ticket, merge.conflicts, taken=state.prefer_source and not holder)
    state.set_base(ticket.id, new_base)


@dataclass
class _Merge:
    """The merge of one ticket."""

    base: ImportBase
    """The new base."""
    extra_base: dict[str, str]
    fields: dict[str, Any] = field(default_factory=dict)
    move: bool = False
    conflicts: list[str] = field(default_factory=list)

    def merge_field(self, state: ImportState, name: str, base: str, current: str, source: str) -> tuple[bool, bool]:
        """Compare a field. Returns whether the source's value is written, and whether it is the new base."""
        verdict = compare(base, current, source)
        if verdict == "conflict":
            self.conflicts.append(name)
        source_wins = verdict == "take" or (verdict == "conflict" and state.prefer_source)
        return source_wins, source_wins or verdict == "same"


def _merge_fields(state: ImportState, source: SourceTicket, ticket: Ticket, base: ImportBase) -> _Merge:
    """Merge all fields except `extra` and the comments, which are merged even if somebody else holds the ticket."""
    texts = dict(base["texts"])
    merge = _Merge({**base, "texts": texts}, base["extra"])
    for name, value in source.texts.items():
        current = getattr(ticket, name)
        source_wins, is_base = merge.merge_field(state, name, texts.get(name, NOTHING), digest(current), digest(value))
        if source_wins:
            merge.fields[name] = value
        if is_base:
            texts[name] = digest(value)
    labels = merge_lists(base["labels"], ticket.labels, source.labels, str)
    links = merge_lists(base["links"], ticket.links, source.links, lambda link: link.ref)
    needs = sorted(merge_lists(base.get("needs", ()), ticket.needs, source.needs, str))
    lists: list[tuple[str, Sequence[Any], Sequence[Any], Sequence[str], int]] = [
        ("labels", ticket.labels, labels, digests(source.labels), limits.LABELS),
        ("links", ticket.links, links, digests(link.ref for link in source.links), limits.LINKS),
        ("needs", ticket.needs, needs, digests(source.needs), limits.TAGS),
    ]
    for name, current, merged, new_base, most in lists:
        if len(merged) > most:
            merge.conflicts.append(name)
            continue
        merge.base[name] = new_base
        if merged != current:
            merge.fields[name] = merged
    if source.column is not None and source.column_changed(base):
        here_id = state.board.column(ticket.current_column).id
        verdict = compare(str(base["column"]), str(here_id), str(source.column.id))
        if verdict == "conflict":
            merge.conflicts.append("current_column")
        merge.move = verdict == "take" or (verdict == "conflict" and state.prefer_source)
        if merge.move or verdict in {"same", "unchanged"}:
            merge.base |= {"column": source.column.id, "status": source.status}
    return merge


def _merge_extra(state: ImportState, source: SourceTicket, ticket: Ticket, merge: _Merge) -> dict[str, Any]:
    """Merge `extra`; returns `{"extra": …}`. Names that could not be linked are kept: `links` updates them."""
    current = ticket.extra or {}
    unlinked = {name: current[name] for name in UNLINKED_FIELDS if name in current} if has_links(source.ticket) else {}
    other_fields = {name: value for name, value in current.items() if name not in unlinked}
    merged, conflicts = merge_objects(merge.extra_base, other_fields, source.extra, prefer_source=state.prefer_source)
    new_base = digest_object(source.extra)
    if conflicts:
        merge.conflicts.append("extra")
    for name in () if state.prefer_source else conflicts:
        new_base.pop(digest(name), None)
        if digest(name) in merge.extra_base:
            new_base[digest(name)] = merge.extra_base[digest(name)]
    merge.extra_base = new_base
    return {"extra": {**merged, **unlinked} or None}


def _move_to_source_column(state: ImportState, source: SourceTicket, row: TicketRow) -> None:
    """Move a ticket to the bottom of the source's column, without checking its limit. Refused: `review-required`."""
    board, column = state.board, source.column
    assert column is not None
    if column.role == "done":
        leases.check_review(board, state.actor, row)
    if column.role == "done" and board.column_by_id(row["column_id"]).role != "done":
        state.finished[row["id"]] = source.ticket.source_id
    state.changed_columns.add(column.id)
    state.places.pop(column.id, None)
    place_ticket(board, state.actor, row, column, find_neighbours(board, row["id"], column))
    leases.end_claim_in_done_column(board, state.actor, row)


def _adopt_ticket(state: ImportState, source: SourceTicket, row: TicketRow) -> None:
    """Make a base for a ticket that was imported before bases were stored: the source's current values.

    Its comments are matched by author and text. One that is not on the ticket counts as deleted (id 0), so that no
    other comment is ever overwritten.
    """
    here = defaultdict(list)
    for comment in comments.read_comments(state.board.tx, row["id"]):
        here[comment.author, comment.text].append(comment.id)
    ids = []
    for _, one in source.comments:
        known = here[actors.imported_name(one.author, actors.ANONYMOUS_NAME), validation.check_comment(one.text)]
        ids.append(known.pop(0) if known else 0)
    state.adopted.add(row["id"])
    state.set_base(row["id"], source.build_base(row["column_id"], ids))
