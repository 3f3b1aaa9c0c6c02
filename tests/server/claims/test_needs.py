"""A ticket that needs something is given only to who can it, and users get what they can from an admin."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest

from kanban_sdk import Board, Invalid, Kanban, KanbanWarning, NotAllowed
from tests.faults.validators import check_everything, check_log
from tests.server.rest import done, events, new_ticket, problem, ticket_of
from tests.support.actors import ON_BOTH, Actor
from tests.support.databases import Databases
from tests.support.people import Guarded


def fresh(word: str) -> str:
    """A user name that no other test has."""
    return f"{word}-{uuid4().hex[:8]}"


@pytest.mark.parametrize("actor_database", ON_BOTH)
def test_next_gives_a_ticket_only_to_who_can_all_that_it_needs(writer: Actor) -> None:
    kanban = writer.kanban()
    is_open = writer.token is None
    both = kanban.tickets.create("both", board=writer.board, needs=["GPU", " db "], priority="critical")
    assert both.needs == ["db", "gpu"]
    gpu = kanban.tickets.create("gpu", board=writer.board, needs=["gpu"], priority="high").id
    plain = kanban.tickets.create("plain", board=writer.board).id
    if not is_open:
        writer.admin().users.edit(writer.name, can=["gpu"])
    can = ["Gpu"] if is_open else None
    chosen = kanban.boards.next_ticket(writer.board, following=5, can=can)
    assert [one.id for one in [chosen.ticket, *(chosen.following or [])] if one] == [gpu, plain]
    claimed = kanban.boards.next_ticket(writer.board, claim=True, can=can, wait_seconds=5).ticket
    assert claimed is not None
    assert claimed.id == gpu
    kanban.tickets.move(plain, "Done")
    nothing = kanban.boards.next_ticket(writer.board, can=can)
    assert (nothing.ticket, nothing.ready) == (None, 1)
    who = "you did not say that you have" if is_open else "nobody on this board has"
    assert f"{both.id} needs db, which {who}" in (nothing.why or "")
    assert kanban.tickets.why(both.id).needs == ["db", "gpu"]
    kanban.tickets.done(gpu)
    assert kanban.boards.next_ticket(writer.board, can=can).stop
    check_everything(kanban, writer.board)


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_what_one_can_is_found_below_many_tickets_that_one_cannot(
    databases: Databases, pytestconfig: pytest.Config, kind: str
) -> None:
    with databases.server(kind, pytestconfig).kanban("ada") as kanban:
        board = kanban.boards.create("Needs").id
        needy = [{"op": "create", "title": str(n), "board_id": board, "needs": ["gpu"]} for n in range(20)]
        kanban.tickets.batch([{**one, "assignee": name} for one in needy for name in (None, "ada")])
        for assignee in (None, "ada"):
            fitting = kanban.tickets.create("fitting", board=board, needs=["db"], assignee=assignee).id
            chosen = kanban.boards.next_ticket(board, claim=True, can=["db", "web"]).ticket
            assert chosen is not None
            assert chosen.id == fitting
        assert kanban.boards.next_ticket(board).ticket is None


def test_the_stop_sign_names_who_has_what_a_ticket_needs(guarded: Guarded) -> None:
    name = fresh("bob")
    ada = guarded.person(fresh("ada"))
    bob = guarded.done(guarded.root, "POST", "/api/users", {"name": name, "can": ["gpu", "db"]})["secret"]
    board = guarded.board(ada)
    guarded.member(ada, board, name)
    with guarded.server.kanban(token=ada) as kanban, guarded.server.kanban(token=bob) as other:
        ticket = kanban.tickets.create("train", board=board, needs=["gpu"]).id
        stopped = kanban.boards.next_ticket(board, claim=True)
        assert (stopped.stop, stopped.why) == (True, f"{ticket} needs gpu, which {name} has")
        with pytest.warns(KanbanWarning, match=f"Ticket {ticket} needs gpu"):
            kanban.tickets.claim(ticket)
        kanban.tickets.release(ticket)
        chosen = other.boards.next_ticket(board, claim=True).ticket
        assert chosen is not None
        assert chosen.id == ticket


def test_only_an_admin_gives_tags_and_no_agent_widens_its_own(guarded: Guarded) -> None:
    name, agent = fresh("ada"), fresh("bot")
    ada = guarded.person(name, can=["gpu", "db"])
    bot = guarded.agent(ada, agent)
    for token, user in ((ada, name), (ada, agent), (bot, agent), (bot, name)):
        problem(guarded.ask(token, "PATCH", f"/api/users/{user}", {"can": ["web"]}), "not-allowed")
    another = {"name": fresh("bot"), "kind": "agent"}
    problem(guarded.ask(ada, "POST", "/api/users", {**another, "can": ["gpu"]}), "not-allowed")
    problem(guarded.ask(bot, "PATCH", "/api/me", {"can": ["web"]}), "unknown-field")
    narrow = guarded.done(ada, "POST", "/api/tokens", {"name": "narrow", "can": ["DB"]})
    assert narrow["token"]["can"] == ["db"]
    refused = problem(guarded.ask(ada, "POST", "/api/tokens", {"name": "wide", "can": ["web"]}), "invalid-request")
    assert (refused["field"], "does not have web" in refused["detail"]) == ("can", True)
    problem(guarded.ask(narrow["secret"], "POST", "/api/tokens", {"name": "wider"}), "not-allowed")
    problem(guarded.ask(narrow["secret"], "POST", "/api/users", another), "not-allowed")
    assert guarded.done(guarded.root, "PATCH", f"/api/users/{agent}", {"can": ["Web", "web"]})["can"] == ["web"]
    assert guarded.done(bot, "GET", "/api/session")["can"] == ["web"]
    assert guarded.done(narrow["secret"], "GET", "/api/session")["can"] == ["db"]


def test_a_token_narrows_what_its_user_can_and_a_request_narrows_it_further(guarded: Guarded) -> None:
    name = fresh("ada")
    ada = guarded.person(name, can=["gpu", "db"])
    board = guarded.board(ada)
    narrow = guarded.done(ada, "POST", "/api/tokens", {"name": "narrow", "can": ["db"]})["secret"]
    with guarded.server.kanban(token=ada) as kanban, guarded.server.kanban(token=narrow) as narrowed:
        gpu = kanban.tickets.create("gpu", board=board, needs=["gpu"]).id
        assert narrowed.boards.next_ticket(board).ticket is None
        assert kanban.boards.next_ticket(board, can=["db"]).ticket is None
        with pytest.raises(NotAllowed, match="does not have gpu"):
            narrowed.boards.next_ticket(board, can=["gpu"])
        guarded.done(guarded.root, "PATCH", f"/api/users/{name}", {"can": []})
        assert kanban.boards.next_ticket(board).ticket is None
        guarded.done(guarded.root, "PATCH", f"/api/users/{name}", {"can": ["gpu"]})
        chosen = kanban.boards.next_ticket(board).ticket
        assert chosen is not None
        assert chosen.id == gpu
        check_log(kanban, board)


def test_needs_are_set_and_cleared_by_every_way_to_edit(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, needs=["gpu"])["id"]
    path = f"/api/tickets/{ticket}"
    assert done(rest.put(path, json={"needs": ["b", "a"]}))["needs"] == ["a", "b"]
    assert done(rest.patch(path, json={"needs": None}))["needs"] == []
    done(rest.post("/api/bulk/operations", json={"operations": [{"op": "edit", "ticket": ticket, "needs": ["web"]}]}))
    assert events(rest, board_id)[-1]["data"]["changes"] == {"needs": {"from": [], "to": ["web"]}}
    assert ticket_of(rest, ticket)["needs"] == ["web"]
    for wrong, type in ((["a,b"], "invalid-name"), ([""], "invalid-name"), (["t"] * 21, "invalid-request")):
        problem(rest.patch(path, json={"needs": wrong}), type)


def test_an_import_brings_needs_and_merges_them_one_by_one(rest: httpx.Client, board_id: int) -> None:
    def bring(*needs: str) -> None:
        tickets = [{"source_id": "one", "title": "One", "needs": needs}]
        done(rest.post(f"/api/boards/{board_id}/import", json={"tickets": tickets}))

    bring("gpu", "db")
    ticket = events(rest, board_id)[-1]["data"]["id"]
    assert ticket_of(rest, ticket)["needs"] == ["db", "gpu"]
    done(rest.patch(f"/api/tickets/{ticket}", json={"needs": ["gpu", "db", "web"]}))
    bring("gpu", "arm")
    assert ticket_of(rest, ticket)["needs"] == ["arm", "gpu", "web"]


def test_done_and_claim_next_take_what_one_can(kanban: Kanban, board: Board) -> None:
    first = kanban.tickets.create("first", board=board.id).id
    gpu = kanban.tickets.create("gpu", board=board.id, needs=["gpu"]).id
    kanban.tickets.claim(first)
    finished = kanban.tickets.done(first, claim_next=True, can=["gpu"])
    assert finished.next is not None
    assert finished.next.ticket is not None
    assert finished.next.ticket.id == gpu
    kanban.tickets.release(gpu)
    with kanban.claim_next(board.id, can=["gpu"]) as ticket:
        assert ticket.id == gpu
    with pytest.raises(Invalid):
        kanban.boards.next_ticket(board.id, can=["a,b"])
