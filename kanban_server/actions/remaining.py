"""What is left to do on a board that has no ticket for somebody: what it waits for, in one line."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import orjson

from kanban_server.actions import dependencies
from kanban_server.rules import timestamps
from kanban_server.rules.actors import Actor
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import comments, tickets, users
from kanban_server.store.queries.ready_queue import fits
from kanban_server.store.rows import TicketRow
from kanban_server.store.transaction import Row

MOST_TICKETS = 200
"""Tickets that are looked at. A board with more is not at a standstill, as far as this knows."""
MOST_REASONS = 5
"""Reasons in the line."""


class Remaining(NamedTuple):
    """What is left. `stop`: all is done, or waits for people or is meant for others; nothing comes by itself."""

    stop: bool
    why: str | None
    questions: list[int]
    """The tickets on which a question of the actor is open."""
    holds: list[int]
    """The tickets that the actor holds."""
    not_before: str | None = None
    """When the first parked ticket comes that the actor may then take."""


def explain_remaining(board: LockedBoard, actor: Actor, can: Collection[str], *, or_reply: bool = False) -> Remaining:
    """Explain what the open tickets of a board wait for. With `or_reply`, the actor also waits for answers.

    `can` are the tags that the actor can.
    """
    open_columns = [column.id for column in board.columns if column.role != "done"]
    rows = tickets.read_open(board.tx, board.id, open_columns, MOST_TICKETS + 1)
    if not rows:
        total = sum(board.count(column) for column in board.columns)
        return Remaining(total > 0, f"all {total} tickets are done" if total else None, [], [])
    explanation = _Explanation(board, actor, can, {row["id"] for row in rows}, or_reply=or_reply)
    for row in rows[:MOST_TICKETS]:
        explanation.add(row)
    stop = not explanation.moving and len(rows) <= MOST_TICKETS
    reasons = explanation.roots + explanation.dependents
    more = f"; and {len(reasons) - MOST_REASONS} more" if len(reasons) > MOST_REASONS else ""
    why = "; ".join(reasons[:MOST_REASONS]) + more if reasons else None
    return Remaining(stop, why, explanation.questions, explanation.holds, min(explanation.times, default=None))


@dataclass
class _Explanation:
    board: LockedBoard
    actor: Actor
    can: Collection[str]
    open_ids: set[int]
    or_reply: bool = field(kw_only=True)
    moving: bool = False
    """Whether somebody works on a ticket, or one is ready for the actor."""
    questions: list[int] = field(default_factory=list)
    holds: list[int] = field(default_factory=list)
    roots: list[str] = field(default_factory=list)
    dependents: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    """When each parked ticket comes that the actor may then take."""

    def add(self, row: TicketRow) -> None:
        """Add a ticket."""
        id, holder = row["id"], row["claim_holder"]
        column = self.board.column_by_id(row["column_id"])
        if holder in self.actor.names:
            self.holds.append(id)
        if row["open_question"] is not None:
            self._add_question(row, row["open_question"])
        elif holder in self.actor.names:
            self._add_work(f"you hold {id}")
        elif holder is not None:
            self._add_work(f"{id} is held by {holder}")
        elif row["needs_human"]:
            self.roots.append(f"{id} needs a person")
        elif row["open_blockers"] or row["open_children"]:
            blockers = [blocker for blocker in dependencies.blockers_of(row) if blocker in self.open_ids]
            what = ", ".join(map(str, blockers)) if blockers else "its children"
            self.dependents.append(f"{id} waits for {what}")
        elif column.role != "todo":
            self.roots.append(f"{id} waits in {column.name}")
        elif row["assignee"] not in {None, *self.actor.names}:
            self.roots.append(f"{id} is meant for {row['assignee']}")
        elif not fits(row, self.can):
            self._add_needs(row)
        elif row["not_before"] is not None:
            self.times.append(row["not_before"])
            self._add_work(f"{id} is parked until {row['not_before'][:16]}Z")
        else:
            self._add_work(f"{id} is ready")

    def _add_needs(self, row: TicketRow) -> None:
        missing = {*orjson.loads(row["needs"])} - {*self.can}
        needed = f"{row['id']} needs {', '.join(sorted(missing))}"
        if self.board.tx.viewer.open:
            self.roots.append(f"{needed}, which you did not say that you have")
            return
        able = [user["name"] for user in self._users if {*orjson.loads(row["needs"])} <= {*orjson.loads(user["can"])}]
        others = sorted({*able} - {*self.actor.names})
        who = " or ".join(others[:MOST_REASONS]) if others else "nobody on this board"
        self.roots.append(f"{needed}, which {who} has")

    @cached_property
    def _users(self) -> list[Row]:
        """The users of the board who are not disabled."""
        return users.read_enabled_of_board(self.board.tx, self.board.id)

    def _add_work(self, reason: str) -> None:
        self.moving = True
        self.roots.append(reason)

    def _add_question(self, row: TicketRow, comment_id: int) -> None:
        question = comments.read_comment(self.board.tx, comment_id)
        asked: list[str] = orjson.loads(row["asked"]) or ["somebody"]
        own = question.author in self.actor.names
        if own:
            self.questions.append(row["id"])
        self.moving = self.moving or (own and self.or_reply)
        seconds = timestamps.seconds_between(question.created_at, self.board.now)
        answer = f"{' or '.join(asked)}'s answer to {'you' if own else question.author}"
        self.roots.append(f"{row['id']} waits for {answer}, {timestamps.describe_duration(seconds)}")
