"""Why a ticket can't be taken: what it waits for, down to the root, and who holds that."""

from __future__ import annotations

from dataclasses import dataclass, field

from kanban_sdk.wire import limits
from kanban_sdk.wire.why import Brief, Why
from kanban_server.store import boards, dependencies, tickets
from kanban_server.store.boards import BoardRow
from kanban_server.store.transaction import Reading, Row


def why(tx: Reading, ticket_id: int) -> Why:
    """What a ticket waits for. Refused: `not-found`."""
    row = tickets.read(tx, ticket_id)
    return _Answer(tx, boards.read(tx, row["board_id"])).of(row, depth=0)


@dataclass
class _Answer:
    """An answer under way: each ticket is told once, at the first place where it comes up."""

    tx: Reading
    board: BoardRow
    told: set[int] = field(default_factory=set)

    def of(self, row: Row, *, depth: int) -> Why:
        self.told.add(row["id"])
        column = tickets.column_of(row, self.board.board.column_settings)
        reasons = _reasons(row, column.role)
        waits_for: list[Why] = []
        more = False
        for other in self._waited_for(row) if column.role != "done" else []:
            if other in self.told:
                continue
            if depth == limits.WHY_DEPTH or len(self.told) >= limits.WHY_TICKETS:
                more = True
                break
            waits_for.append(self.of(tickets.read(self.tx, other), depth=depth + 1))
        brief = Brief(row["id"], row["title"], column.name, row["claim_holder"], row["assignee"])
        return Why(brief, not reasons, reasons, waits_for, more)

    def _waited_for(self, row: Row) -> list[int]:
        """The blockers and children of a ticket that are not done."""
        if not (row["open_blockers"] or row["open_children"]):
            return []
        done = {column.id for column in self.board.board.column_settings if column.role == "done"}
        found = dependencies.waited_for(self.tx, row["id"])
        return [one["id"] for one in found if one["column_id"] not in done]


def _reasons(row: Row, role: str) -> list[str]:
    said = {
        "archived": row["archived_at"],
        role: role != "todo",
        "held": row["claim_holder"],
        "blocked": row["open_blockers"],
        "open-children": row["open_children"],
        "needs-human": row["needs_human"],
    }
    return [reason for reason, so in said.items() if so]
