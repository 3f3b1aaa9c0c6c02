"""A refusal for a stale version, and the history, name each field that changed: what it was, and what it is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import orjson
import pytest

from kanban_sdk.wire.bodies import Append, BlockRequest, Check, ClaimRequest, Labels, Links, Move, NextRequest, Release
from kanban_sdk.wire.bodies.user_bodies import Redaction
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions import boards, claims, criteria, next_ticket, queries, tickets
from kanban_server.actions.maintenance import archive, redaction
from kanban_server.rules.permissions import SYSTEM_VIEWER
from kanban_server.rules.problems import Refusal
from kanban_server.store.transaction import ReadTransaction
from tests.support.desk import Desk

FIELDS = (
    "title", "description", "acceptance_criteria", "priority", "assignee", "labels", "current_column", "claim",
    "blocked_by", "parent", "due_date", "links", "not_before", "needs",
)  # fmt: skip


def values(ticket: Ticket) -> dict[str, Any]:
    """What people see of a ticket, as JSON; of a claim, who holds it."""
    plain = orjson.loads(orjson.dumps(ticket))
    return {**{name: plain[name] for name in FIELDS}, "claim": ticket.claim.holder if ticket.claim else None}


def release_into(column: str) -> Callable[[Desk, int], Any]:
    return lambda desk, one: desk.do(claims.release, one, Release(column=column), who="bob")


def lose(desk: Desk, one: int) -> None:
    desk.run_out(one)
    desk.do(next_ticket.choose_next, desk.board, NextRequest())


def restore_elsewhere(desk: Desk, one: int) -> None:
    desk.do(tickets.delete, one, who="bob")
    desk.do(boards.set_columns, desk.board, ["Todo", "Waiting", "Done"], "Todo")
    desk.do(tickets.restore, one)


def archive_and_restore(desk: Desk, one: int) -> None:
    desk.do(tickets.move, one, Move("Done"), who="bob")
    desk.do(archive.archive_done_tickets, desk.board, 0)
    desk.do(tickets.restore, one)


CHANGES: dict[str, Callable[[Desk, int], Any]] = {
    "edit": lambda desk, one: desk.do(
        tickets.edit, one, {"title": "other", "due_date": "2026-01-01", "current_column": "Waiting"}, who="bob"
    ),
    "needs": lambda desk, one: desk.do(tickets.edit, one, {"needs": ["GPU", "db"]}, who="bob"),
    "label": lambda desk, one: desk.do(tickets.label, one, Labels(["b"], ["a"]), who="bob"),
    "append": lambda desk, one: desk.do(tickets.append_text, one, Append("more"), who="bob"),
    "check": lambda desk, one: desk.do(criteria.tick_criterion, one, Check(1), who="bob"),
    "link": lambda desk, one: desk.do(criteria.edit_links, one, Links(["abc1234"]), who="bob"),
    "block": lambda desk, one: desk.do(tickets.block, one, BlockRequest([desk.ticket("other")]), who="bob"),
    "release": lambda desk, one: desk.do(claims.release, one, Release(), who="bob"),
    "release into a column": release_into("Waiting"),
    "release until a time": lambda desk, one: desk.do(
        claims.release, one, Release(not_before="2999-01-01T00:00:00Z", reason="limit"), who="bob"
    ),
    "release into done": release_into("Done"),
    "release by force": lambda desk, one: desk.do(claims.release, one, Release(force=True)),
    "done": lambda desk, one: desk.do(tickets.move, one, Move("Done"), who="bob"),
    "expiry": lose,
    "takeover": lambda desk, one: desk.do(claims.claim, one, ClaimRequest(force=True)),
    "release and claim": lambda desk, one: (
        desk.do(claims.release, one, Release(), who="bob"), desk.do(claims.claim, one, ClaimRequest())
    ),
    "restore": lambda desk, one: (desk.do(tickets.delete, one, who="bob"), desk.do(tickets.restore, one)),
    "restore into another column": restore_elsewhere,
    "archive and restore": archive_and_restore,
    "redaction": lambda desk, one: desk.do(redaction.redact_ticket, one, Redaction("secret")),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_each_field_that_changed_is_named_with_what_it_was_and_what_it_is(desk: Desk, change: str) -> None:
    one = desk.ticket("a secret", acceptance_criteria="one", labels=["a"], assignee="eve")
    desk.do(claims.claim, one, ClaimRequest(), who="bob")
    before = desk.read(one)
    CHANGES[change](desk, one)
    after = desk.read(one)
    with pytest.raises(Refusal) as refused:
        desk.do(tickets.edit, one, {"title": "stale", "version": before.version}, force=True)
    changed = refused.value.facts["changed"]
    assert changed
    check_explained(before, after, [(one["field"], one["from"], one["to"]) for one in changed])
    with closing(desk.driver.reader()) as connection:
        history = queries.read_history(ReadTransaction(connection, desk.driver.dialect, SYSTEM_VIEWER), one)
    changes = [(one.field_name, one.old_value, one.new_value) for one in reversed(history)]
    check_explained(before, after, changes[-len(changed) :])


def check_explained(before: Ticket, after: Ticket, changed: list[tuple[str, Any, Any]]) -> None:
    """The first change of a field begins with what it was, and its last ends with what it is."""
    old, new = values(before), values(after)
    plain = orjson.loads(orjson.dumps(changed))
    for name in FIELDS:
        steps = [(start, end) for field, start, end in plain if field == name]
        if old[name] != new[name]:
            assert steps, f"{name} changed"
        if steps:
            assert steps[-1][1] == new[name]
            assert steps[0][0] in (old[name], None)


def test_a_release_says_who_had_the_ticket_before(desk: Desk) -> None:
    one = desk.ticket(assignee="eve")
    desk.do(claims.claim, one, ClaimRequest(), who="bob")
    desk.do(claims.release, one, Release(), who="bob")
    assert desk.last()["from_assignee"] == "bob"
    assert desk.last()["assignee"] == "eve"


def test_a_stale_board_is_told_what_changed(desk: Desk) -> None:
    desk.do(boards.edit, desk.board, {"review": True, "require": ["answers"]})
    with pytest.raises(Refusal) as refused:
        desk.do(boards.edit, desk.board, {"name": "stale", "version": 1})
    changed = [(one["field"], one["to"]) for one in refused.value.facts["changed"]]
    assert changed == [("review", True), ("require", ["answers"])]
