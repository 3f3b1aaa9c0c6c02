"""Why a ticket can't be taken: the tree of tickets that it waits for, and who holds them."""

from __future__ import annotations

from dataclasses import dataclass, field

import orjson

from kanban_sdk.wire import limits
from kanban_sdk.wire.why import TicketSummary, Why
from kanban_server.store.queries import boards, comments, dependencies, tickets
from kanban_server.store.queries.boards import BoardRecord
from kanban_server.store.rows import TicketRow
from kanban_server.store.transaction import ReadTransaction


def explain(tx: ReadTransaction, ticket_id: int) -> Why:
    """Explain why a ticket can't be taken, with all that it waits for. Refused: `not-found`."""
    row = tickets.read_row(tx, ticket_id)
    return _Explanation(tx, boards.read(tx, row["board_id"])).explain_row(row, depth=0)


@dataclass
class _Explanation:
    """The state of one explanation. Each ticket is in it once, where the search first reaches it."""

    tx: ReadTransaction
    board: BoardRecord
    visited: set[int] = field(default_factory=set)

    def explain_row(self, row: TicketRow, *, depth: int) -> Why:
        self.visited.add(row["id"])
        column = tickets.column_of(row, self.board.board.column_settings)
        reasons = _blocking_reasons(row, column.role)
        waits_for: list[Why] = []
        truncated = False
        for other in self._open_dependencies(row) if column.role != "done" else []:
            if other in self.visited:
                continue
            if depth == limits.WHY_DEPTH or len(self.visited) >= limits.WHY_TICKETS:
                truncated = True
                break
            waits_for.append(self.explain_row(tickets.read_row(self.tx, other), depth=depth + 1))
        brief = TicketSummary(row["id"], row["title"], column.name, row["claim_holder"], row["assignee"])
        question = row["open_question"] and comments.read_comment(self.tx, row["open_question"])
        return Why(
            brief,
            not reasons,
            [*reasons, "question"] if reasons and question else reasons,
            waits_for,
            truncated,
            row["not_before"],
            orjson.loads(row["needs"]),
            orjson.loads(row["asked"]),
            question.author if question else None,
        )

    def _open_dependencies(self, row: TicketRow) -> list[int]:
        """The blockers and children of a ticket that are not done."""
        if not (row["open_blockers"] or row["open_children"]):
            return []
        done = {column.id for column in self.board.board.column_settings if column.role == "done"}
        rows = dependencies.read_blockers_and_children(self.tx, row["id"])
        return [item["id"] for item in rows if item["column_id"] not in done]


def _blocking_reasons(row: TicketRow, role: str) -> list[str]:
    conditions = {
        "archived": row["archived_at"],
        role: role != "todo",
        "held": row["claim_holder"],
        "blocked": row["open_blockers"],
        "open-children": row["open_children"],
        "needs-human": row["needs_human"],
        "parked": row["not_before"],
    }
    return [reason for reason, so in conditions.items() if so]
