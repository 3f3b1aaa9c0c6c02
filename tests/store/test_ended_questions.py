"""A ticket waits while somebody is asked about it. When its question and its claim end, it goes back, in any order."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kanban_sdk.wire.bodies import ClaimRequest, Move, NextRequest, QuestionRequest, Release, Withdrawal
from kanban_sdk.wire.bodies.comment_bodies import NewComment
from kanban_server.actions import boards, claims, comments, next_ticket, questions, tickets
from tests.support.desk import Desk


def ask(desk: Desk, *, claimed: bool = True) -> int:
    """A ticket that waits for the answer to a question of ada, who holds it, or nobody."""
    ticket = desk.ticket()
    if claimed:
        desk.do(claims.claim, ticket, ClaimRequest())
    desk.do(questions.ask_question, ticket, QuestionRequest("Which one?"))
    assert desk.read(ticket).current_column == "Waiting"
    desk.new_events()
    return ticket


def answer(desk: Desk, ticket: int) -> None:
    desk.do(comments.add, NewComment(ticket, "The second."), who="bob")


def close(desk: Desk, ticket: int) -> None:
    desk.do(questions.withdraw, ticket, Withdrawal("Decided elsewhere."), who="carol")


def delete(desk: Desk, ticket: int) -> None:
    desk.do(comments.delete, desk.read(ticket).open_question)


def column(desk: Desk, ticket: int) -> str:
    return desk.read(ticket).current_column


def ready(desk: Desk) -> int | None:
    """The ticket that the next one who asks gets."""
    chosen = desk.do(next_ticket.choose_next, desk.board, NextRequest()).ticket
    return chosen.id if chosen else None


ENDS: dict[Callable[[Desk, int], None], list[str]] = {
    answer: ["comment_added"],
    close: ["question_withdrawn", "comment_added"],
    delete: ["comment_deleted"],
}


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_a_ticket_goes_back_to_its_holder_or_to_the_queue_when_its_question_ends(
    desk: Desk, end: Callable[[Desk, int], None]
) -> None:
    held, free = ask(desk), ask(desk, claimed=False)
    for ticket, before in ((held, "In Progress"), (free, "Todo")):
        end(desk, ticket)
        assert column(desk, ticket) == before
        assert [name for name, _ in desk.new_events()] == [*ENDS[end], "moved"]
    assert ready(desk) == free
    desk.do(claims.release, held, Release())
    assert column(desk, held) == "Todo"


@pytest.mark.parametrize("way", ["release", "expiry", "expiry that is found late"])
def test_a_ticket_whose_claim_ended_waits_for_the_answer_and_is_ready_then(desk: Desk, way: str) -> None:
    ticket = ask(desk)
    if way == "release":
        desk.do(claims.release, ticket, Release())
    else:
        desk.run_out(ticket)
    if way == "expiry":
        desk.do(next_ticket.choose_next, desk.board, NextRequest())
    if way != "expiry that is found late":
        assert [name for name, _ in desk.new_events()] == ["released"]
        assert column(desk, ticket) == "Waiting"
        assert desk.do(next_ticket.choose_next, desk.board, NextRequest()).stop
    answer(desk, ticket)
    assert ready(desk) == ticket
    assert column(desk, ticket) == "Todo"


def test_a_ticket_that_was_moved_since_its_question_stays_there(desk: Desk) -> None:
    held, free = ask(desk), ask(desk, claimed=False)
    for ticket, to in ((held, "In Progress"), (free, "Done")):
        desk.do(tickets.move, ticket, Move(to))
        answer(desk, ticket)
        assert column(desk, ticket) == to
    desk.do(claims.release, held, Release())
    assert column(desk, held) == "Todo"
    parked = desk.ticket(current_column="Waiting")
    desk.do(questions.ask_question, parked, QuestionRequest("When?"))
    answer(desk, parked)
    assert column(desk, parked) == "Waiting", "it was there before"


def test_a_done_ticket_does_not_go_back_to_done_by_an_answer(desk: Desk) -> None:
    ticket = desk.ticket(current_column="Done")
    desk.do(questions.ask_question, ticket, QuestionRequest("Is it?"))
    answer(desk, ticket)
    assert column(desk, ticket) == "Waiting"


def test_a_held_ticket_waits_on_where_its_column_is_full_and_is_ready_when_it_is_released(desk: Desk) -> None:
    ticket = ask(desk)
    desk.do(claims.claim, desk.ticket("two"), ClaimRequest(), who="bob")
    desk.do(boards.edit_column, desk.board, 2, {"limit": 1})
    answer(desk, ticket)
    assert column(desk, ticket) == "Waiting"
    assert desk.do(next_ticket.choose_next, desk.board, NextRequest(or_reply=True)).reply is not None
    desk.do(claims.release, ticket, Release())
    assert column(desk, ticket) == "Todo"


def test_a_second_question_keeps_the_column_that_the_first_was_asked_from(desk: Desk) -> None:
    ticket = ask(desk)
    desk.do(questions.ask_question, ticket, QuestionRequest("Or none?"))
    answer(desk, ticket)
    assert column(desk, ticket) == "In Progress"
    desk.do(questions.ask_question, ticket, QuestionRequest("And now?"))
    answer(desk, ticket)
    assert column(desk, ticket) == "In Progress"


def test_who_takes_over_a_ticket_with_an_open_question_gives_it_back_to_wait_or_to_the_queue(desk: Desk) -> None:
    for ends_first in (True, False):
        ticket = ask(desk)
        desk.do(claims.claim, ticket, ClaimRequest(force=True), who="carol")
        assert column(desk, ticket) == "In Progress"
        if ends_first:
            answer(desk, ticket)
        desk.do(claims.release, ticket, Release(), who="carol")
        assert column(desk, ticket) == ("Todo" if ends_first else "Waiting")
        answer(desk, ticket)
        assert column(desk, ticket) == "Todo"


def test_a_holder_who_takes_the_ticket_up_again_gets_it_back_with_the_answer(desk: Desk) -> None:
    ticket = ask(desk)
    desk.do(next_ticket.choose_next, desk.board, NextRequest(resume=True))
    assert column(desk, ticket) == "Waiting"
    answer(desk, ticket)
    assert column(desk, ticket) == "In Progress"
    desk.do(claims.release, ticket, Release())
    assert column(desk, ticket) == "Todo"


def test_a_reply_is_given_until_the_holder_goes_on(desk: Desk) -> None:
    wanted = NextRequest(or_reply=True)
    ticket = ask(desk)
    answer(desk, ticket)
    for _ in range(2):
        assert desk.do(next_ticket.choose_next, desk.board, wanted).reply is not None
    desk.do(tickets.edit, ticket, {"title": "The second"})
    assert desk.do(next_ticket.choose_next, desk.board, wanted).reply is None
    desk.do(comments.add, NewComment(ticket, "Good."), who="bob")
    assert desk.do(next_ticket.choose_next, desk.board, wanted).reply is None, "nothing was asked"
