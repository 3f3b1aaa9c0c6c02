"""Imported tickets that are known: what changed at their source since the last import is taken, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kanban_sdk.wire import limits
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions import holding, import_comments
from kanban_server.actions.import_source import NOT_LINKED, Source, names_others
from kanban_server.actions.import_state import ImportState
from kanban_server.actions.landing import neighbours
from kanban_server.actions.tickets import put_into
from kanban_server.actions.writing import write_edit
from kanban_server.rules import names, texts
from kanban_server.rules.three_way import compare, digest, digested_object, digests, merged_list, merged_object
from kanban_server.store import comments, tickets
from kanban_server.store.import_bases import Base
from kanban_server.store.transaction import Row


def update(state: ImportState, source: Source, row: Row) -> None:
    """Take what changed at the source only, report what changed on both sides, and remember what was taken.

    A ticket that is off the board, or that somebody else holds, keeps all but what a holder does not mind.
    """
    base = state.bases.get(row["id"])
    if base is None:
        _adopt(state, source, row)
        return
    changed = source.changed(base)
    if not changed:
        return
    if row["deleted_at"] or row["archived_at"]:
        state.report("conflict", source.ticket, changed, state="deleted" if row["deleted_at"] else "archived")
        return
    holder = state.held_by(row)
    ticket = tickets.seen(row, state.board.columns) if holder else holding.writable(state.board, state.actor, row["id"])
    merge = _merge(state, source, ticket, base)
    if holder:
        withheld = [*merge.fields, *(["current_column"] if merge.move else [])]
        if withheld:
            state.report("held", source.ticket, withheld, held_by=holder)
        merge.fields, merge.move, merge.base = {}, False, base
    extra = _merge_extra(state, source, ticket, merge)
    ticket = write_edit(state.board, state.actor, ticket, {**merge.fields, **extra})
    if merge.move:
        ticket = _move(state, source, ticket)
    new_base = {**merge.base, "extra": merge.extra_base, "comments": dict(base["comments"])}
    if "comments" in changed and import_comments.update(state, ticket, source, new_base):
        merge.conflicts.append("comments")
    if merge.conflicts:
        state.report("conflict", source.ticket, merge.conflicts, taken=state.prefer_source and not holder)
    state.keep(ticket.id, new_base)


@dataclass
class _Merge:
    """What becomes of a ticket."""

    base: Base
    """What counts as imported from now on."""
    extra_base: dict[str, str]
    fields: dict[str, Any] = field(default_factory=dict)
    move: bool = False
    conflicts: list[str] = field(default_factory=list)

    def settle(self, state: ImportState, name: str, base: str, here: str, source: str) -> tuple[bool, bool]:
        """Compare a field. Returns whether the source's value is written, and whether it is the new base."""
        verdict = compare(base, here, source)
        if verdict == "conflict":
            self.conflicts.append(name)
        taken = verdict == "take" or (verdict == "conflict" and state.prefer_source)
        return taken, taken or verdict == "same"


def _merge(state: ImportState, source: Source, ticket: Ticket, base: Base) -> _Merge:
    """Compare all fields but `extra` and the comments, which a holder does not mind."""
    texts = dict(base["texts"])
    merge = _Merge({**base, "texts": texts}, base["extra"])
    for name, value in source.texts.items():
        here = getattr(ticket, name)
        taken, settled = merge.settle(state, name, texts.get(name, ""), digest(here), digest(value))
        if taken:
            merge.fields[name] = value
        if settled:
            texts[name] = digest(value)
    labels = merged_list(base["labels"], ticket.labels, source.labels, str)
    links = merged_list(base["links"], ticket.links, source.links, lambda link: link.ref)
    lists: list[tuple[str, Sequence[Any], Sequence[Any], Sequence[str], int]] = [
        ("labels", ticket.labels, labels, digests(source.labels), limits.LABELS),
        ("links", ticket.links, links, digests(link.ref for link in source.links), limits.LINKS),
    ]
    for name, here, merged, new_base, most in lists:
        if len(merged) > most:
            merge.conflicts.append(name)
            continue
        merge.base[name] = new_base
        if merged != here:
            merge.fields[name] = merged
    if source.column is not None and source.moved(base):
        here_id = state.board.column(ticket.current_column).id
        verdict = compare(str(base["column"]), str(here_id), str(source.column.id))
        if verdict == "conflict":
            merge.conflicts.append("current_column")
        merge.move = verdict == "take" or (verdict == "conflict" and state.prefer_source)
        if merge.move or verdict in {"same", "unchanged"}:
            merge.base |= {"column": source.column.id, "status": source.status}
    return merge


def _merge_extra(state: ImportState, source: Source, ticket: Ticket, merge: _Merge) -> dict[str, Any]:
    """The new `extra`, under its name. Names that could not be linked stay: links see to them."""
    here = ticket.extra or {}
    kept = {name: here[name] for name in NOT_LINKED if name in here} if names_others(source.ticket) else {}
    own = {name: value for name, value in here.items() if name not in kept}
    merged, conflicts = merged_object(merge.extra_base, own, source.extra, prefer_source=state.prefer_source)
    new_base = digested_object(source.extra)
    if conflicts:
        merge.conflicts.append("extra")
    for name in () if state.prefer_source else conflicts:
        new_base.pop(digest(name), None)
        if digest(name) in merge.extra_base:
            new_base[digest(name)] = merge.extra_base[digest(name)]
    merge.extra_base = new_base
    return {"extra": {**merged, **kept} or None}


def _move(state: ImportState, source: Source, ticket: Ticket) -> Ticket:
    """Put a ticket at the bottom of the source's column; limits are not checked. Refused: `review-required`."""
    board, column = state.board, source.column
    assert column is not None
    if column.role == "done" and board.review:
        holding.check_review(board, state.actor, tickets.read(board.tx, ticket.id))
    if column.role == "done" and board.column(ticket.current_column).role != "done":
        state.finished[ticket.id] = source.ticket.source_id
    state.entered.add(column.id)
    state.places.pop(column.id, None)
    return put_into(board, state.actor, ticket, column, neighbours(board, ticket.id, column))


def _adopt(state: ImportState, source: Source, row: Row) -> None:
    """A ticket from before bases were kept: what its source says now is its base.

    Its comments are known by their authors and texts. One that is not here is taken to be deleted (id 0), so that no
    other comment is ever written over.
    """
    here = defaultdict(list)
    for comment in comments.of_ticket(state.board.tx, row["id"]):
        here[comment.author, comment.text].append(comment.id)
    ids = []
    for _, one in source.comments:
        known = here[names.past_name(one.author, names.NOBODY), texts.comment(one.text)]
        ids.append(known.pop(0) if known else 0)
    state.adopted.add(row["id"])
    state.keep(row["id"], source.base(row["column_id"], ids))
