"""The order of the events of one transaction, and what is forgotten when a ticket is done.

A step of a ticket tells `moved`, then `released` or `claimed`, then `updated`; what an expiry or a takeover ends comes
before what follows it. Who is blocked or unblocked by all of that comes last, by id.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from kanban_sdk.wire.bodies import BulkMove, ClaimRequest, Labels, Move, NextRequest, QuestionRequest, Release
from kanban_sdk.wire.limits import NEEDS_HUMAN
from kanban_server.actions import boards, bulk, claims, next_ticket, questions, tickets
from kanban_server.actions.maintenance import archive
from kanban_server.rules.actors import Actor
from kanban_server.rules.problems import Refusal
from kanban_server.store.transaction import Transaction
from tests.support.desk import Desk


def chain(desk: Desk, **fields: Any) -> tuple[int, int, int]:
    """A ticket, and two that wait for it, the younger of which was linked first."""
    one = desk.ticket(**fields)
    older, younger = desk.ticket("older"), desk.ticket("younger")
    for waiting in (younger, older):
        desk.do(tickets.edit, waiting, {"blocked_by": [one]})
    desk.new_events()
    return one, older, younger


def test_a_move_into_done_tells_moved_released_and_then_who_is_unblocked_by_id(desk: Desk) -> None:
    one, older, younger = chain(desk)
    desk.do(claims.claim, one, ClaimRequest())
    desk.new_events()
    desk.do(tickets.move, one, Move("Done"))
    assert desk.new_events() == [("moved", one), ("released", one), ("unblocked", older), ("unblocked", younger)]
    desk.do(tickets.move, one, Move("Todo"))
    assert desk.new_events() == [("moved", one), ("blocked", older), ("blocked", younger)]


def test_a_release_into_done_tells_the_same(desk: Desk) -> None:
    one, older, younger = chain(desk)
    desk.do(claims.claim, one, ClaimRequest())
    desk.new_events()
    desk.do(claims.release, one, Release(column="Done"))
    assert desk.new_events() == [("moved", one), ("released", one), ("unblocked", older), ("unblocked", younger)]


def test_a_takeover_is_released_then_claimed(desk: Desk) -> None:
    one, older, younger = chain(desk)
    desk.do(claims.claim, one, ClaimRequest(), who="bob")
    desk.new_events()
    desk.do(claims.claim, one, ClaimRequest(force=True))
    assert desk.new_events() == [("released", one), ("claimed", one)]
    desk.do(tickets.move, one, Move("Done"), force=True, who="bob")
    assert desk.new_events() == [("moved", one), ("released", one), ("unblocked", older), ("unblocked", younger)]
    desk.do(claims.claim, one, ClaimRequest(), who="bob")
    assert desk.new_events() == [("moved", one), ("claimed", one), ("blocked", older), ("blocked", younger)]


def test_a_takeover_of_a_ticket_that_waits_is_released_then_moved_and_claimed(desk: Desk) -> None:
    one = desk.ticket()
    desk.do(claims.claim, one, ClaimRequest(), who="bob")
    desk.do(tickets.move, one, Move("Waiting"), who="bob")
    desk.new_events()
    desk.do(claims.claim, one, ClaimRequest(force=True))
    assert desk.new_events() == [("released", one), ("moved", one), ("claimed", one)]


def test_a_claim_of_an_expired_ticket_tells_the_expiry_first_and_no_change_that_is_undone(desk: Desk) -> None:
    one, older, younger = chain(desk, current_column="Done")
    desk.do(claims.claim, one, ClaimRequest(), who="bob")
    assert desk.new_events()[-2:] == [("blocked", older), ("blocked", younger)]
    desk.run_out(one)
    desk.do(claims.claim, one, ClaimRequest())
    assert desk.new_events() == [("moved", one), ("released", one), ("moved", one), ("claimed", one)]
    desk.run_out(one)
    desk.do(next_ticket.choose_next, desk.board, NextRequest())
    assert desk.new_events() == [("moved", one), ("released", one), ("unblocked", older), ("unblocked", younger)]


def test_a_write_on_an_expired_lease_tells_the_expiry_first_and_who_is_unblocked_last(desk: Desk) -> None:
    one, older, younger = chain(desk, current_column="Done")
    desk.do(claims.claim, one, ClaimRequest(), who="bob")
    desk.run_out(one)
    desk.new_events()
    desk.do(tickets.edit, one, {"title": "another"})
    expired = [("moved", one), ("released", one)]
    assert desk.new_events() == [*expired, ("updated", one), ("unblocked", older), ("unblocked", younger)]


def test_a_third_expiry_is_moved_released_and_then_labelled(desk: Desk) -> None:
    one = desk.ticket()
    for _ in range(3):
        desk.do(claims.claim, one, ClaimRequest())
        desk.run_out(one)
        desk.new_events()
        desk.do(next_ticket.choose_next, desk.board, NextRequest())
    assert desk.new_events() == [("moved", one), ("released", one), ("updated", one)]


def test_a_column_that_becomes_a_done_column_is_told_before_who_is_unblocked(desk: Desk) -> None:
    one, older, younger = chain(desk)
    two = desk.ticket("two")
    desk.do(tickets.edit, older, {"blocked_by": [one, two]})
    for ticket in (two, one):
        desk.do(tickets.move, ticket, Move("Waiting"))
    desk.new_events()
    desk.do(boards.edit_column, desk.board, 3, {"role": "done"})
    assert desk.new_events() == [("board_updated", desk.board), ("unblocked", older), ("unblocked", younger)]
    desk.do(boards.edit_column, desk.board, 3, {"role": "waiting"})
    assert desk.new_events() == [("board_updated", desk.board), ("blocked", older), ("blocked", younger)]


def test_a_restored_ticket_is_told_before_who_is_blocked_by_it_or_with_it(desk: Desk) -> None:
    blocker = desk.ticket("blocker")
    one, older, younger = chain(desk, blocked_by=[blocker])
    desk.do(tickets.delete, one)
    assert desk.new_events()[-3:] == [("deleted", one), ("unblocked", older), ("unblocked", younger)]
    desk.do(tickets.move, blocker, Move("Done"))
    desk.new_events()
    desk.do(tickets.restore, one)
    assert desk.new_events() == [("restored", one), ("unblocked", one), ("blocked", older), ("blocked", younger)]


def test_a_held_ticket_that_is_deleted_is_released_first(desk: Desk) -> None:
    one, older, younger = chain(desk)
    desk.do(claims.claim, one, ClaimRequest())
    desk.new_events()
    desk.do(tickets.delete, one)
    assert desk.new_events() == [("released", one), ("deleted", one), ("unblocked", older), ("unblocked", younger)]


def test_many_changes_in_one_transaction_tell_last_who_is_unblocked_by_them(desk: Desk) -> None:
    one, older, younger = chain(desk)
    two = desk.ticket("two")
    desk.do(tickets.edit, older, {"blocked_by": [one, two]})
    desk.new_events()
    body = BulkMove([two, one, older], "Done")
    desk.do(bulk.move_tickets, body)
    moved = [("moved", two), ("moved", one), ("moved", older)]
    assert desk.new_events() == [*moved, ("unblocked", older), ("unblocked", younger)]


def test_an_attempt_that_is_undone_tells_nobody_to_be_unblocked(desk: Desk) -> None:
    one, older, younger = chain(desk)

    def attempt(tx: Transaction, actor: Actor) -> None:
        with suppress(Refusal), tx.savepoint():
            tickets.move(tx, actor, one, Move("Done"))
            tickets.move(tx, actor, one, Move("Nowhere"))
        tickets.label(tx, actor, younger, Labels(["kept"]))

    desk.do(attempt)
    assert desk.new_events() == [("updated", younger)]
    assert desk.row(older)["open_blockers"] == 1


def test_a_question_on_an_expired_lease_tells_the_expiry_the_comment_and_the_move(desk: Desk) -> None:
    one = desk.ticket()
    desk.do(claims.claim, one, ClaimRequest(), who="bob")
    desk.run_out(one)
    desk.new_events()
    desk.do(questions.ask_question, one, QuestionRequest("@bob why?"))
    assert [name for name, _ in desk.new_events()] == ["moved", "released", "comment_added", "moved"]


def expire(desk: Desk, ticket: int) -> None:
    desk.do(claims.claim, ticket, ClaimRequest())
    desk.run_out(ticket)
    desk.do(next_ticket.choose_next, desk.board, NextRequest())


@pytest.mark.parametrize("way", ["move", "role", "release"])
def test_leases_that_ran_out_are_forgotten_when_the_ticket_is_done(desk: Desk, way: str) -> None:
    one = desk.ticket()
    expire(desk, one)
    expire(desk, one)
    assert desk.row(one)["expiries"] == 2
    if way == "move":
        desk.do(tickets.move, one, Move("Done"))
    elif way == "role":
        desk.do(tickets.move, one, Move("Waiting"))
        desk.do(boards.edit_column, desk.board, 3, {"role": "done"})
    else:
        desk.do(claims.claim, one, ClaimRequest())
        desk.do(claims.release, one, Release(column="Todo"))
    assert desk.row(one)["expiries"] == 0
    desk.do(tickets.move, one, Move("Todo"))
    expire(desk, one)
    assert NEEDS_HUMAN not in desk.row(one)["labels"]


def test_who_waits_for_an_archived_ticket_goes_on_and_waits_again_when_it_comes_back_undone(desk: Desk) -> None:
    one, older, younger = chain(desk)
    parent = desk.ticket("parent")
    desk.do(tickets.edit, one, {"parent": parent})
    desk.do(tickets.move, one, Move("Done"))
    desk.new_events()
    desk.do(archive.archive_done_tickets, desk.board, 0)
    assert desk.new_events() == [("archived", one)]
    assert (desk.row(older)["open_blockers"], desk.row(parent)["open_children"], desk.row(parent)["children"]) == (
        0,
        0,
        1,
    )
    desk.do(boards.set_columns, desk.board, ["Todo", "In Progress", "Waiting", "Finished"])
    desk.new_events()
    desk.do(tickets.restore, one)
    assert desk.new_events() == [("restored", one), ("blocked", older), ("blocked", younger)]
    assert (desk.row(older)["open_blockers"], desk.row(parent)["open_children"]) == (1, 1)
    desk.do(tickets.delete, one)
    assert desk.new_events() == [("deleted", one), ("unblocked", older), ("unblocked", younger)]
    assert (desk.row(parent)["open_children"], desk.row(parent)["children"]) == (0, 0)
