"""What imported tickets wait for and are part of, by the names that they have elsewhere.

A name that no ticket has here (yet), or that would close a cycle, is no error: it stays in the ticket's `extra`, and is
reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kanban_sdk.wire import limits
from kanban_sdk.wire.import_bodies import ImportedTicket
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions.dependencies import Relinked, relink
from kanban_server.actions.import_source import names_others
from kanban_server.actions.import_state import ImportState
from kanban_server.rules.graph import Edge, Graph
from kanban_server.store import dependencies, tickets
from kanban_server.store.import_bases import Base


def link(state: ImportState, wanted: Sequence[ImportedTicket]) -> tuple[list[str], list[str]]:
    """Link tickets as their sources say, in a number of statements that does not grow with theirs.

    Returns the `source_id` of each that this changed, and of each that names one which is not on the board (yet).
    """
    named = {
        state.rows[one.source_id]["id"]: one
        for one in wanted
        if names_others(one) and not _off_the_board(state, one.source_id)
    }
    if not named:
        return [], []
    board = state.board
    rows = tickets.with_ids(board.tx, named)
    plans = [_Plan(state, named[row["id"]], tickets.seen(row, board.columns), state.held_by(row)) for row in rows]
    graph = _graph(state, plans)
    changed = [plan.relinked for plan in plans if plan.carry_out(graph)]
    if changed:
        relink(board, state.actor, changed, now=False)
    linked = {one.ticket.source_id or "" for one in changed}
    return list(linked), [plan.one.source_id for plan in plans if plan.missing]


def _off_the_board(state: ImportState, source: str) -> bool:
    row = state.rows.get(source)
    return row is None or bool(row["deleted_at"] or row["archived_at"])


def _graph(state: ImportState, plans: Sequence[_Plan]) -> Graph:
    """Who waits for the tickets that get new links, without the links that are taken away.

    Mostly the new links close no cycle: then the graph holds them already, and finds that each of them fits.
    """
    new = {edge for plan in plans for edge in plan.new()}
    if not new:
        return Graph(())
    old = set(dependencies.waiting_for(state.board.tx, {waiting for waiting, _ in new}))
    old -= {(plan.ticket.id, blocker) for plan in plans for blocker in plan.removed}
    whole = Graph(old - {edge for plan in plans for edge in plan.replaced()} | new)
    return whole if whole.acyclic else Graph(old)


class _Plan:
    """What becomes of one ticket's links."""

    def __init__(self, state: ImportState, one: ImportedTicket, ticket: Ticket, holder: str | None) -> None:
        self.state = state
        self.one = one
        self.ticket = ticket
        self.holder = holder
        self.base: Base = dict(state.bases[ticket.id])
        self.added: dict[int, str] = {}
        """New blockers, and their names."""
        self.removed: list[int] = []
        self.parent: int | None = None
        self.new_parent = False
        """Whether `parent` is to be written."""
        self.missing = False
        """Whether a name is that of no ticket of the board."""
        self.left: dict[str, list[str]] = {}
        """The names that are not linked, by the field that they were sent in."""
        adopted = ticket.id in state.adopted
        self._plan_blockers(adopted)
        self._plan_parent(adopted)
        if holder and (self.added or self.removed or self.new_parent):
            fields = ["blocked_by"] * bool(self.added or self.removed) + ["parent"] * self.new_parent
            state.report("held", one, fields, held_by=holder)
            self.added, self.removed, self.left = {}, [], {}
            self.new_parent = False

    def _plan_blockers(self, adopted: bool) -> None:
        """Three ways: links that are new at the source are added, those that are gone there are removed."""
        if self.one.blocked_by_sources is None:
            return
        known = set(self.base.get("blocked_by", ()))
        sources: dict[int, str] = {}
        for name in dict.fromkeys(self.one.blocked_by_sources):
            row = self.state.rows.get(name)
            if row is None or (row["deleted_at"] and row["id"] not in known):
                self._leave("missing", name)
            else:
                sources[row["id"]] = name
        if adopted:
            self.base["blocked_by"] = sorted(sources)
            return
        here = set(self.ticket.blocked_by)
        self.added = {id: name for id, name in sources.items() if id not in known | here}
        self.removed = sorted((known - sources.keys()) & here)
        if not self.holder:
            self.base["blocked_by"] = sorted((known | here) & sources.keys())

    def _plan_parent(self, adopted: bool) -> None:
        name = self.one.parent_source
        row = self.state.rows.get(name) if name else None
        known, here = self.base.get("parent"), self.ticket.parent
        if name and (row is None or (row["deleted_at"] and row["id"] != known)):
            self._leave("missing", name, field="parent_source")
            return
        self.parent = row["id"] if row else None
        if adopted or self.parent == here:
            self.base["parent"] = self.parent
        elif self.parent != known:
            if here != known:
                taken = self.state.prefer_source and not self.holder
                self.state.report("conflict", self.one, ["parent"], taken=taken)
            self.new_parent = here == known or self.state.prefer_source

    def _leave(self, reason: str, name: str, *, field: str = "blocked_by_sources") -> None:
        self.missing |= reason == "missing"
        self.left.setdefault(field, []).append(name)
        self.state.report("not-understood", self.one, [field], value=name, reason=reason)

    def new(self) -> list[Edge]:
        """The links that are to be made."""
        parent = [(self.parent, self.ticket.id)] if self.new_parent and self.parent else []
        return [*((self.ticket.id, blocker) for blocker in self.added), *parent]

    def replaced(self) -> list[Edge]:
        """The link of the parent, where it is to have another, or none."""
        return [(self.ticket.parent, self.ticket.id)] if self.new_parent and self.ticket.parent else []

    def carry_out(self, graph: Graph) -> bool:
        """Find out which new links close no cycle. Returns whether anything changes, which `relinked` then says."""
        blocked_by = set(self.ticket.blocked_by) - set(self.removed)
        for id, name in self.added.items():
            if len(blocked_by) >= limits.BLOCKERS:
                self._leave("too-many", name)
            elif graph.add(self.ticket.id, id):
                self._leave("cycle", name)
            else:
                blocked_by.add(id)
                self.base["blocked_by"] = sorted({*self.base["blocked_by"], id})
        parent = self._parent(graph) if self.new_parent else self.ticket.parent
        self.state.keep(self.ticket.id, self.base)
        extra = self.ticket.extra if self.ticket.id in self.state.adopted else self._extra()
        self.relinked = Relinked(self.ticket, sorted(blocked_by), parent, extra)
        return (self.ticket.blocked_by, self.ticket.parent, self.ticket.extra) != self.relinked[1:]

    def _parent(self, graph: Graph) -> int | None:
        """The new parent, or the one that there is where the new one would close a cycle."""
        old, new = self.ticket.parent, self.parent
        if old is not None:
            graph.remove(old, self.ticket.id)
        if new is not None and graph.add(new, self.ticket.id):
            self._leave("cycle", self.one.parent_source or "", field="parent_source")
            if old is not None:
                graph.add(old, self.ticket.id)
            return old
        self.base["parent"] = new
        return new

    def _extra(self) -> dict[str, Any] | None:
        """What there is, and the names that are not linked, where the source names any."""
        extra = dict(self.ticket.extra or {})
        told = {"blocked_by_sources": self.one.blocked_by_sources is not None, "parent_source": True}
        if self.holder and not self.left:
            return self.ticket.extra
        for field in (field for field, sent in told.items() if sent):
            extra.pop(field, None)
            if names := self.left.get(field):
                extra[field] = names if field == "blocked_by_sources" else names[0]
        return extra or None
