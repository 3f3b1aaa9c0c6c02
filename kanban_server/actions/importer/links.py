"""The blockers and parents of imported tickets, named by `source_id`.

A name that no ticket of the board has (yet), or that would close a cycle, is no error: it is kept in the ticket's
`extra` and reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kanban_sdk.wire import limits
from kanban_sdk.wire.bodies.import_bodies import ImportedTicket
from kanban_server.actions.dependencies import LinkChange, write_links
from kanban_server.actions.importer.source_ticket import has_links
from kanban_server.actions.importer.state import ImportState
from kanban_server.rules.dependency_graph import DependencyGraph, Edge
from kanban_server.store.queries import dependencies, tickets
from kanban_server.store.queries.import_bases import ImportBase
from kanban_server.store.rows import TicketRow


def link_tickets(state: ImportState, imported_tickets: Sequence[ImportedTicket]) -> tuple[list[str], list[str]]:
    """Write the links of the imported tickets, in a constant number of statements.

    Returns the `source_id` of each ticket that this changed, and of each that names a ticket not on the board (yet).
    """
    imported_by_id = {
        state.rows[imported.source_id]["id"]: imported
        for imported in imported_tickets
        if has_links(imported) and not _is_off_board(state, imported.source_id)
    }
    if not imported_by_id:
        return [], []
    board = state.board
    rows = tickets.load_rows(board.tx, imported_by_id)
    plans = [_LinkPlan(state, imported_by_id[id], row, state.other_holder(row)) for id, row in rows.items()]
    graph = _build_graph(state, plans)
    changed = [plan.link_change for plan in plans if plan.apply(graph)]
    if changed:
        write_links(board, state.actor, changed, now=False)
    linked = {change.row["source_id"] or "" for change in changed}
    return list(linked), [plan.imported.source_id for plan in plans if plan.missing]


def _is_off_board(state: ImportState, source: str) -> bool:
    row = state.rows.get(source)
    return row is None or bool(row["deleted_at"] or row["archived_at"])


def _build_graph(state: ImportState, plans: Sequence[_LinkPlan]) -> DependencyGraph:
    """The dependency graph around the tickets that get new links, without the removed links.

    If the new links close no cycle, which is the usual case, the graph already contains them, so that adding each of
    them again succeeds.
    """
    new_edges = {edge for plan in plans for edge in plan.new_edges()}
    if not new_edges:
        return DependencyGraph(())
    old_edges = set(dependencies.read_dependent_edges(state.board.tx, {waiting for waiting, _ in new_edges}))
    old_edges -= {(plan.ticket.id, blocker) for plan in plans for blocker in plan.removed}
    graph = DependencyGraph(old_edges - {edge for plan in plans for edge in plan.replaced_edges()} | new_edges)
    return graph if graph.acyclic else DependencyGraph(old_edges)


class _LinkPlan:
    """The planned changes of one ticket's links."""

    def __init__(self, state: ImportState, imported: ImportedTicket, row: TicketRow, holder: str | None) -> None:
        self.state = state
        self.imported = imported
        self.row = row
        self.ticket = ticket = tickets.to_wire(row, state.board.columns)
        self.holder = holder
        self.base: ImportBase = dict(state.bases[ticket.id])
        self.added: dict[int, str] = {}
        """The `source_id` of each new blocker, by ticket id."""
        self.removed: list[int] = []
        self.parent: int | None = None
        self.new_parent = False
        """Whether to write `parent`."""
        self.missing = False
        """Whether a name belongs to no ticket of the board."""
        self.unlinked: dict[str, list[str]] = {}
        """The names that could not be linked, by the request's field."""
        adopted = ticket.id in state.adopted
        self._plan_blockers(adopted)
        self._plan_parent(adopted)
        if holder and (self.added or self.removed or self.new_parent):
            fields = ["blocked_by"] * bool(self.added or self.removed) + ["parent"] * self.new_parent
            state.report("held", imported, fields, held_by=holder)
            self.added, self.removed, self.unlinked = {}, [], {}
            self.new_parent = False

    def _plan_blockers(self, adopted: bool) -> None:
        """Three-way merge: add the blockers that are new at the source, remove those that were removed there."""
        if self.imported.blocked_by_sources is None:
            return
        base_ids = set(self.base.get("blocked_by", ()))
        names_by_id: dict[int, str] = {}
        for name in dict.fromkeys(self.imported.blocked_by_sources):
            row = self.state.rows.get(name)
            if row is None or (row["deleted_at"] and row["id"] not in base_ids):
                self._report_unlinked("missing", name)
            else:
                names_by_id[row["id"]] = name
        if adopted:
            self.base["blocked_by"] = sorted(names_by_id)
            return
        current_ids = set(self.ticket.blocked_by)
        self.added = {id: name for id, name in names_by_id.items() if id not in base_ids | current_ids}
        self.removed = sorted((base_ids - names_by_id.keys()) & current_ids)
        if not self.holder:
            self.base["blocked_by"] = sorted((base_ids | current_ids) & names_by_id.keys())

    def _plan_parent(self, adopted: bool) -> None:
        name = self.imported.parent_source
        row = self.state.rows.get(name) if name else None
        base_parent, current_parent = self.base.get("parent"), self.ticket.parent
        if name and (row is None or (row["deleted_at"] and row["id"] != base_parent)):
            self._report_unlinked("missing", name, field="parent_source")
            return
        self.parent = row["id"] if row else None
        if adopted or self.parent == current_parent:
            self.base["parent"] = self.parent
        elif self.parent != base_parent:
            if current_parent != base_parent:
                source_wins = self.state.prefer_source and not self.holder
                self.state.report("conflict", self.imported, ["parent"], taken=source_wins)
            self.new_parent = current_parent == base_parent or self.state.prefer_source

    def _report_unlinked(self, reason: str, name: str, *, field: str = "blocked_by_sources") -> None:
        self.missing |= reason == "missing"
        self.unlinked.setdefault(field, []).append(name)
        self.state.report("not-understood", self.imported, [field], value=name, reason=reason)

    def new_edges(self) -> list[Edge]:
        """The edges to add."""
        parent = [(self.parent, self.ticket.id)] if self.new_parent and self.parent else []
        return [*((self.ticket.id, blocker) for blocker in self.added), *parent]

    def replaced_edges(self) -> list[Edge]:
        """The edge of the old parent, if the ticket gets another parent or none."""
        return [(self.ticket.parent, self.ticket.id)] if self.new_parent and self.ticket.parent else []

    def apply(self, graph: DependencyGraph) -> bool:
        """Set `link_change`, with the new links that close no cycle. Returns whether it changes anything."""
        blocked_by = set(self.ticket.blocked_by) - set(self.removed)
        for id, name in self.added.items():
            if len(blocked_by) >= limits.BLOCKERS:
                self._report_unlinked("too-many", name)
            elif graph.add(self.ticket.id, id):
                self._report_unlinked("cycle", name)
            else:
                blocked_by.add(id)
                self.base["blocked_by"] = sorted({*self.base["blocked_by"], id})
        parent = self._parent(graph) if self.new_parent else self.ticket.parent
        self.state.set_base(self.ticket.id, self.base)
        extra = self.ticket.extra if self.ticket.id in self.state.adopted else self._extra()
        self.link_change = LinkChange(self.row, sorted(blocked_by), parent, extra)
        return (self.ticket.blocked_by, self.ticket.parent, self.ticket.extra) != self.link_change[1:]

    def _parent(self, graph: DependencyGraph) -> int | None:
        """The new parent, or the current one if the new one would close a cycle."""
        old, new = self.ticket.parent, self.parent
        if old is not None:
            graph.remove(old, self.ticket.id)
        if new is not None and graph.add(new, self.ticket.id):
            self._report_unlinked("cycle", self.imported.parent_source or "", field="parent_source")
            if old is not None:
                graph.add(old, self.ticket.id)
            return old
        self.base["parent"] = new
        return new

    def _extra(self) -> dict[str, Any] | None:
        """The ticket's `extra`, with the names that could not be linked."""
        extra = dict(self.ticket.extra or {})
        sent_fields = {"blocked_by_sources": self.imported.blocked_by_sources is not None, "parent_source": True}
        if self.holder and not self.unlinked:
            return self.ticket.extra
        for field in (field for field, sent in sent_fields.items() if sent):
            extra.pop(field, None)
            if names := self.unlinked.get(field):
                extra[field] = names if field == "blocked_by_sources" else names[0]
        return extra or None
