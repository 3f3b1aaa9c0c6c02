"""`next` waits for a ticket within the request, in the order of asking, and says when nothing will come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from kanban_sdk import Board, Kanban
from kanban_sdk.wire.tickets import NextTicket
from tests.faults.validators import check_log
from tests.server.rest import done, problem
from tests.support.actors import ON_BOTH, Actor
from tests.support.mcp import agent
from tests.support.people import Guarded
from tests.support.servers import Server
from tests.support.waiting import until

ROUNDS = 5  # since a single race may go well by chance


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as executor:
        yield executor


def waiting(rest: httpx.Client) -> int:
    """The number of requests that wait for a ticket."""
    match = re.search(r'^kanban_connections\{client="wait"\} (\d+)', rest.get("/metrics").text, re.MULTILINE)
    return int(match[1]) if match else 0


class Asker:
    """Somebody on a board, whose requests wait."""

    def __init__(self, pool: ThreadPoolExecutor, kanban: Kanban, rest: httpx.Client, board: int) -> None:
        self.pool, self.kanban, self.rest, self.board = pool, kanban, rest, board

    def ask(self, wait_seconds: float = 20, **options: Any) -> Future[NextTicket]:
        """Begin to wait; returns once the server has the request in its queue."""
        before = waiting(self.rest)
        asked = self.pool.submit(
            self.kanban.boards.next_ticket, self.board, claim=True, wait_seconds=wait_seconds, **options
        )
        until(lambda: asked.done() or waiting(self.rest) == before + 1)
        return asked


def ticket_id(answer: Future[NextTicket]) -> int | None:
    ticket = answer.result(20).ticket
    return None if ticket is None else ticket.id


@pytest.mark.parametrize("actor_database", ON_BOTH)
def test_a_wait_claims_the_ticket_that_becomes_ready(writer: Actor, pool: ThreadPoolExecutor) -> None:
    kanban = writer.kanban()
    blocker = kanban.tickets.create("blocker", board=writer.board).id
    later = kanban.tickets.create("later", board=writer.board, blocked_by=[blocker]).id
    kanban.tickets.claim(blocker)
    headers = {"Authorization": f"Bearer {writer.admin_token}"} if writer.admin_token else {}
    with httpx.Client(base_url=writer.server.url, headers=headers) as rest:
        answer = Asker(pool, kanban, rest, writer.board).ask()
        writer.admin().tickets.move(blocker, "Done", force=True)
        ticket = answer.result(20).ticket
        assert ticket is not None
        assert (ticket.id, ticket.lease and ticket.lease.token) == (later, f"{later}.1")
        assert ticket.claim is not None
        assert ticket.claim.holder == writer.name
        until(lambda: not waiting(rest))
    check_log(kanban, writer.board)


def test_who_asked_first_gets_the_first_ticket_and_who_is_gone_gets_none(
    server: Server, kanban: Kanban, board: Board, rest: httpx.Client, pool: ThreadPoolExecutor
) -> None:
    for_bob = kanban.tickets.create("for bob", board=board.id, assignee="bob").id
    held = kanban.tickets.create("held", board=board.id).id
    kanban.tickets.claim(held)
    askers = [Asker(pool, server.kanban(f"agent-{number}"), rest, board.id) for number in range(4)]
    until(lambda: not waiting(rest), what="the requests of other tests to end")
    gone = httpx.Client(base_url=server.url)
    stream = pool.submit(
        gone.post, f"/api/boards/{board.id}/next", json={"claim": True, "wait_seconds": 20, "claimed_by": "gone"}
    )
    until(lambda: waiting(rest) == 1)
    picky = askers[0].ask(labels=["rare"])
    answers = [asker.ask() for asker in askers[1:]]
    gone._transport.close()
    assert isinstance(stream.exception(20), httpx.HTTPError)
    until(lambda: waiting(rest) == 4)
    for answer in answers:
        assert kanban.tickets.create("next", board=board.id).id == ticket_id(answer)
    rare = kanban.tickets.create("rare", board=board.id, labels=["rare"]).id
    assert ticket_id(picky) == rare
    assert kanban.tickets.get(for_bob).claim is None
    check_log(kanban, board.id)


@pytest.mark.parametrize("way", ["http", "mcp"])
def test_a_request_that_does_not_wait_overtakes_nobody_who_does(
    server: Server, kanban: Kanban, board: Board, rest: httpx.Client, pool: ThreadPoolExecutor, way: str
) -> None:
    held = kanban.tickets.create("held", board=board.id).id
    kanban.tickets.claim(held)
    patient = Asker(pool, server.kanban("patient"), rest, board.id)
    with agent(f"{server.url}/mcp?board={board.id}", "eager") as tools, server.kanban("eager") as client:
        for number in range(ROUNDS):
            answer = patient.ask()
            ticket = kanban.tickets.create(f"ticket {number}", board=board.id).id
            if way == "http":
                assert client.boards.next_ticket(board.id, claim=True).ticket is None
            else:
                assert "ticket" not in tools("ticket_next")
            assert ticket_id(answer) == ticket
    check_log(kanban, board.id)


@pytest.mark.parametrize("way", ["http", "mcp"])
def test_who_finishes_a_ticket_and_takes_the_next_overtakes_nobody_who_waits(
    server: Server, kanban: Kanban, board: Board, rest: httpx.Client, pool: ThreadPoolExecutor, way: str
) -> None:
    patient, picky = (Asker(pool, server.kanban(name), rest, board.id) for name in ("patient", "picky"))
    with agent(f"{server.url}/mcp?board={board.id}", "eager") as tools, server.kanban("eager") as client:

        def finish(ticket: int) -> int | None:
            """Finish a ticket of eager's, and return the next one."""
            if way == "mcp":
                taken = tools("ticket_update", ticket=ticket, done=True, next=True)["next"].get("ticket")
                return int(taken["id"]) if taken else None
            chosen = client.tickets.done(ticket, claim_next=True).next
            assert chosen is not None
            return chosen.ticket.id if chosen.ticket else None

        for number in range(ROUNDS):
            own = kanban.tickets.create("own", board=board.id).id
            client.tickets.claim(own)
            answer = patient.ask()
            later = kanban.tickets.create(f"after {own}", board=board.id, blocked_by=[own]).id
            ticket = kanban.tickets.create(f"ticket {number}", board=board.id).id
            assert ticket_id(answer) == ticket, "it was ready before"
            answer = patient.ask()
            assert finish(own) is None
            assert ticket_id(answer) == later, "it became ready by the end of the first"
        own, other = (kanban.tickets.create(title, board=board.id).id for title in ("own", "other"))
        client.tickets.claim(own)
        rare = picky.ask(labels=["rare"])
        assert finish(own) == other, "picky leaves it"
        kanban.tickets.create("rare", board=board.id, labels=["rare"])
        assert ticket_id(rare) is not None
    check_log(kanban, board.id)


def test_a_place_that_a_finished_ticket_leaves_is_for_those_who_wait_for_one(
    server: Server, kanban: Kanban, board: Board, rest: httpx.Client, pool: ThreadPoolExecutor
) -> None:
    working = next(column for column in board.column_settings if column.role == "working")
    kanban.boards.edit_column(board.id, working.id, limit=1)
    own, other = (kanban.tickets.create(title, board=board.id).id for title in ("own", "other"))
    kanban.tickets.claim(own)
    with server.kanban("patient") as patient:
        answer = Asker(pool, patient, rest, board.id).ask()
        result = kanban.tickets.done(own, claim_next=True)
        assert result.next is not None
        assert (result.next.ticket, result.next.stop) == (None, None)
        assert ticket_id(answer) == other


def test_a_request_that_asks_again_keeps_its_place(
    server: Server, kanban: Kanban, board: Board, rest: httpx.Client, pool: ThreadPoolExecutor
) -> None:
    held = kanban.tickets.create("held", board=board.id).id
    kanban.tickets.claim(held)
    first, second = (Asker(pool, server.kanban(name), rest, board.id) for name in ("first", "second"))
    early = first.ask(0.01).result(20)
    assert (early.ticket, early.why) == (None, f"{held} is held by ada")
    assert early.place
    late = second.ask()
    again = first.ask(place=early.place)
    one = kanban.tickets.create("one", board=board.id).id
    assert ticket_id(again) == one
    kanban.tickets.release(held)
    assert ticket_id(late) == held


def test_a_wait_ends_where_nothing_comes_by_itself_and_says_what_is_left(
    server: Server, kanban: Kanban, board: Board, rest: httpx.Client, pool: ThreadPoolExecutor
) -> None:
    bob = Asker(pool, server.kanban("bob"), rest, board.id)
    empty = bob.kanban.boards.next_ticket(board.id)
    assert (empty.stop, empty.why) == (None, None)
    asked, review, person, eves = (
        kanban.tickets.create(title, board=board.id).id for title in ("asked", "review", "person", "eve's")
    )
    waits = kanban.tickets.create("waits", board=board.id, blocked_by=[asked, review]).id
    kanban.tickets.move(review, "Ready for QC")
    kanban.tickets.add_labels(person, "needs-human")
    kanban.tickets.edit(eves, assignee="eve")
    kanban.tickets.claim(asked)
    answer = bob.ask()
    kanban.tickets.ask(asked, "@owner which one?")
    stopped = answer.result(20)
    assert (stopped.ticket, stopped.stop) == (None, True)
    assert stopped.why is not None
    assert re.sub(r"\d+ seconds", "N seconds", stopped.why) == (
        f"{asked} waits for owner's answer to ada, N seconds; {review} waits in Ready for QC; {person} needs a person;"
        f" {eves} is meant for eve; {waits} waits for {asked}, {review}"
    )
    own = kanban.boards.next_ticket(board.id)
    assert (own.stop, "answer to you" in (own.why or "")) == (True, True)
    for ticket in (asked, review, person, eves, waits):
        kanban.tickets.move(ticket, "Done")
    assert bob.ask().result(20).why == "all 5 tickets are done"


def test_a_reply_comes_first_to_who_waits_for_either(
    server: Server, kanban: Kanban, board: Board, rest: httpx.Client, pool: ThreadPoolExecutor
) -> None:
    ticket = kanban.tickets.create("asked", board=board.id).id
    ada = Asker(pool, server.kanban("ada"), rest, board.id)
    kanban.tickets.claim(ticket)
    kanban.tickets.ask(ticket, "@bob which one?")
    answer = ada.ask(or_reply=True)
    kanban.comments.add(ticket, "the first or the second")
    with server.kanban("bob") as bob:
        bob.comments.add(ticket, "the second")
    reply = answer.result(20).reply
    assert reply is not None
    assert (reply.author, reply.text, reply.ticket_id) == ("bob", "the second", ticket)
    assert kanban.boards.next_ticket(board.id, or_reply=True).reply == reply, "until it is used"
    kanban.tickets.move(ticket, "In Progress")
    assert kanban.boards.next_ticket(board.id, or_reply=True).reply is None


def test_a_wait_ends_with_the_rights_of_who_waits(guarded: Guarded, pool: ThreadPoolExecutor) -> None:
    ada = guarded.person("ada-waits")
    board = guarded.board(ada)
    token = guarded.token(ada)
    body = {"claim": True, "wait_seconds": 20}
    held = guarded.ticket(ada, board)
    guarded.done(ada, "POST", f"/api/tickets/{held}/claim", {})
    asked = pool.submit(guarded.ask, token, "POST", f"/api/boards/{board}/next", body)
    with httpx.Client(base_url=guarded.server.url, headers={"Authorization": f"Bearer {guarded.root}"}) as rest:
        until(lambda: waiting(rest) == 1)
        ids = [one["id"] for one in guarded.done(ada, "GET", "/api/tokens")]
        assert guarded.ask(ada, "DELETE", f"/api/tokens/{max(ids)}").status_code == 200
        assert problem(asked.result(20), "stopping")
    later = guarded.ticket(ada, board)
    assert guarded.done(ada, "GET", f"/api/tickets/{later}")["claim"] is None


def test_a_viewer_waits_for_nothing(viewer: Actor) -> None:
    viewer.admin().tickets.create("one", board=viewer.board)
    refused = viewer.rest().post(f"/api/boards/{viewer.board}/next", json={"claim": True, "wait_seconds": 20})
    problem(refused, "not-allowed")
    missing = viewer.rest().post("/api/boards/999999/next", json={"wait_seconds": 20})
    problem(missing, "not-found")


def test_a_repeated_wait_with_one_key_claims_one_ticket(
    kanban: Kanban, board: Board, rest: httpx.Client, pool: ThreadPoolExecutor
) -> None:
    held = kanban.tickets.create("held", board=board.id).id
    kanban.tickets.claim(held)
    headers = {"Idempotency-Key": f"wait-{board.id}", "X-Kanban-User": "bob"}
    body = {"claim": True, "wait_seconds": 20}

    def ask() -> httpx.Response:
        return rest.post(f"/api/boards/{board.id}/next", json=body, headers=headers)

    asked = pool.submit(ask)
    until(lambda: waiting(rest) == 1)
    one = kanban.tickets.create("one", board=board.id).id
    kanban.tickets.create("two", board=board.id)
    assert done(asked.result(20))["ticket"]["id"] == done(ask())["ticket"]["id"] == one


@pytest.mark.parametrize("actor_database", ON_BOTH)
def test_a_holder_takes_its_ticket_up_again_and_its_former_token_ends(writer: Actor) -> None:
    kanban, admin = writer.kanban(), writer.admin()
    foreign, ticket = (kanban.tickets.create(title, board=writer.board).id for title in ("foreign", "own"))
    admin.tickets.claim(foreign)
    before = kanban.tickets.claim(ticket).lease
    assert before is not None
    again = kanban.boards.next_ticket(writer.board, claim=True, resume=True).ticket
    assert again is not None
    assert (again.id, again.current_column) == (ticket, "In Progress")
    assert (again.lease and again.lease.token) == f"{ticket}.2"
    late = writer.rest().post(f"/api/tickets/{ticket}/done", headers={"Kanban-Lease": before.token})
    problem(late, "lease-lost")
    assert kanban.tickets.release(ticket).current_column == "Not Started"
    first = kanban.boards.next_ticket(writer.board, claim=True, resume=True).ticket
    assert first is not None
    assert first.lease is not None
    assert first.lease.token == f"{ticket}.3", "who holds nothing gets the next ticket"
    check_log(kanban, writer.board)
