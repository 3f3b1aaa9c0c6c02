"""The state of one import request: what it read of its board, and its reports."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import Any

from kanban_sdk.wire.bodies.import_bodies import Import, ImportedTicket
from kanban_sdk.wire.tickets import ImportReport
from kanban_server.actions import requirements
from kanban_server.actions.audit_fields import update_fields
from kanban_server.actions.leases import is_claimed, may_write_as_holder
from kanban_server.rules import validation
from kanban_server.rules.actors import Actor
from kanban_server.rules.problems import Refusal
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import import_bases, tickets
from kanban_server.store.queries.import_bases import ImportBase
from kanban_server.store.rows import TicketRow


@dataclass
class ImportState:
    """A request's tickets and the tickets that they name, as stored at the beginning of the import."""

    board: LockedBoard
    actor: Actor
    prefer_source: bool
    rows: dict[str, TicketRow]
    """Rows by `source_id`, also deleted ones. Created tickets are added."""
    bases: dict[int, ImportBase]
    """Bases by ticket id. Change them only with `set_base`."""
    reports: list[ImportReport] = field(default_factory=list)
    adopted: set[int] = field(default_factory=set)
    """Tickets that had no base. The request creates it, and changes nothing else of them."""
    places: dict[int, str] = field(default_factory=dict)
    """The lowest place of a column, by column id, as long as only new tickets were put there."""
    changed_columns: set[int] = field(default_factory=set)
    """Columns that tickets were put into."""
    finished: dict[int, str] = field(default_factory=dict)
    """The `source_id` of each ticket that entered a done column, by ticket id."""
    renamed: dict[str, TicketRow] = field(default_factory=dict)
    """Rows that have a former name of a ticket, by its new `source_id`."""
    _changed_bases: dict[int, ImportBase] = field(default_factory=dict)

    @classmethod
    def load(cls, board: LockedBoard, actor: Actor, request: Import) -> ImportState:
        """Read the stored rows and bases, in two statements. Refused: `invalid-request`, for a repeated `source_id`."""
        index_by_source_id: dict[str, int] = {}
        source_ids: dict[str, None] = {}
        for index, imported in enumerate(request.tickets):
            if imported.source_id in index_by_source_id:
                raise _duplicate_refusal(imported.source_id, index_by_source_id[imported.source_id], index)
            index_by_source_id[imported.source_id] = index
            source_ids |= dict.fromkeys(_source_ids(imported))
        rows = tickets.read_by_source_ids(board.tx, board.id, source_ids)
        renamed = _find_renamed(request.tickets, index_by_source_id, rows)
        ids = [row["id"] for source, row in rows.items() if source in index_by_source_id]
        bases = import_bases.read_bases(board.tx, ids) if ids else {}
        return cls(board, actor, request.prefer == "source", rows, bases, renamed=renamed)

    def rename(self, source_id: str) -> None:
        """Give a ticket that was imported under a former name its new one, and record it if it is on the board."""
        row = self.renamed.get(source_id)
        if row is None:
            return
        if row["deleted_at"] or row["archived_at"]:
            self.board.update_ticket(row, source_id=source_id)
        else:
            update_fields(self.board, self.actor, row, {"source_id": source_id})

    def set_base(self, ticket_id: int, base: ImportBase) -> None:
        """Set the base of a ticket. `save` writes it."""
        if self.bases.get(ticket_id) != base:
            self.bases[ticket_id] = self._changed_bases[ticket_id] = base

    def save(self) -> None:
        """Write the bases that changed."""
        import_bases.upsert_bases(self.board.tx, self._changed_bases)

    def other_holder(self, row: TicketRow) -> str | None:
        """The other holder of a ticket, who prevents the import from changing it; None if there is none.

        A claim without a lease prevents no change.
        """
        if row["claim_seconds"] is None or not is_claimed(self.board, row) or may_write_as_holder(self.actor, row):
            return None
        return None if self.board.forced_by(self.actor) else str(row["claim_holder"])

    def report(self, kind: str, imported: ImportedTicket, fields: Iterable[str], **facts: Any) -> None:
        """Add a report about a ticket."""
        row = self.rows.get(imported.source_id)
        ticket_id = row["id"] if row else None
        self.reports.append(
            ImportReport(kind, source_id=imported.source_id, ticket_id=ticket_id, fields=list(fields), **facts)
        )

    def check_requirements(self) -> None:
        """Check the tickets that entered a done column. Call it after all links are written. Refused: `unmet`."""
        if not self.finished or not self.board.require:
            return
        for id, row in tickets.load_rows(self.board.tx, self.finished).items():
            try:
                requirements.check(self.board, self.actor, row, self.board.column_by_id(row["column_id"]))
            except Refusal as refusal:
                refusal.facts["source_id"] = self.finished[id]
                raise

    def report_limits(self) -> None:
        """Report the columns that received tickets and now exceed their limit."""
        for column in self.board.columns:
            count = self.board.count(column)
            if column.id in self.changed_columns and column.limit is not None and count > column.limit:
                self.reports.append(ImportReport("over-limit", column=column.name, limit=column.limit, count=count))


def _find_renamed(
    imported_tickets: Iterable[ImportedTicket], own_names: Container[str], rows: dict[str, TicketRow]
) -> dict[str, TicketRow]:
    """Return the rows of tickets that the board knows only by a former name, and enter them in `rows` by the new one.

    A name that another ticket of the request has now is not taken from it.
    """
    renamed: dict[str, TicketRow] = {}
    for imported in imported_tickets:
        former = next((name for name in imported.former_source_ids if name in rows and name not in own_names), None)
        if former is not None and imported.source_id not in rows:
            renamed[imported.source_id] = rows[imported.source_id] = rows.pop(former)
    return renamed


def _source_ids(imported: ImportedTicket) -> Iterable[str]:
    """The names of a ticket, and those of its blockers and parent. Refused: `invalid-name`."""
    try:
        parent = [imported.parent_source] if imported.parent_source else []
        return [
            validation.check_source_id(name)
            for name in (
                imported.source_id,
                *imported.former_source_ids,
                *(imported.blocked_by_sources or ()),
                *parent,
            )
        ]
    except Refusal as refusal:
        refusal.facts["source_id"] = imported.source_id
        raise


def _duplicate_refusal(source_id: str, first: int, second: int) -> Refusal:
    return Refusal(
        "invalid-request",
        f"tickets[{first}] and tickets[{second}] both have the source_id '{source_id}'.",
        fix="Send each ticket once, and different tickets under different source_ids.",
        field="source_id",
        source_id=source_id,
        indexes=[first, second],
    )
