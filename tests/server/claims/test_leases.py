"""Claims with leases: one holder, fenced by the claim's number, free again when the lease runs out."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from kanban_sdk import AlreadyClaimed, Board, Kanban, LeaseLost, ReviewRequired, Ticket, UserLimit
from kanban_sdk.calls import Call
from kanban_sdk.wire.limits import NEEDS_HUMAN
from tests.faults.validators import check_log
from tests.server.rest import problem
from tests.support.servers import Server
from tests.support.waiting import until


def token(ticket: Ticket) -> str:
    assert ticket.lease is not None
    return ticket.lease.token


def under(rest: httpx.Client, lease: str, method: str, path: str, **body: object) -> httpx.Response:
    """A request under the token of a claim, by nobody in particular."""
    return rest.request(method, path, json=body, headers={"Kanban-Lease": lease})


def overdue(kanban: Kanban, ticket: int) -> None:
    """Wait until the ticket's lease has run out, and the server has ended it by itself."""
    until(lambda: kanban.tickets.get(ticket).claim is None, within=20, what="the lease's end")


def test_a_claim_moves_the_ticket_assigns_it_and_gives_a_token(kanban: Kanban, board: Board) -> None:
    ticket = kanban.tickets.create("one", board=board.id).id
    held = kanban.tickets.claim(ticket)
    assert (held.current_column, held.assignee) == ("In Progress", "ada")
    assert held.lease is not None
    assert held.lease.token == f"{ticket}.1"
    assert 1790 < (held.lease.expires_in or 0) <= 1800
    events = check_log(kanban, board.id)
    assert [event.event for event in events[-2:]] == ["ticket_moved", "ticket_claimed"]


def test_while_a_claim_lives_any_other_is_refused_also_under_the_same_name(server: Server, board: Board) -> None:
    with server.kanban("ada") as ada, server.kanban("bob") as bob:
        ticket = ada.tickets.create("one", board=board.id).id
        ada.tickets.claim(ticket)
        for other in (ada, bob):
            with pytest.raises(AlreadyClaimed) as refused:
                other.tickets.claim(ticket)
            assert refused.value.held_by == "ada"
            assert refused.value.expires_at is not None
            alive = r"ada holds ticket \d+; the claim was renewed \d seconds? ago and ends in (30|29) minutes\."
            assert re.fullmatch(alive, refused.value.problem["detail"])
            lease = ada.tickets.get(ticket).lease
            assert lease is not None
            assert refused.value.problem["renewed_at"] == lease.renewed_at == ada.tickets.get(ticket).updated_at


def test_of_sixteen_who_claim_at_once_one_wins(server: Server, kanban: Kanban, board: Board) -> None:
    ticket = kanban.tickets.create("one", board=board.id).id
    together = threading.Barrier(16)

    def claim(number: int) -> bool:
        with server.kanban(f"agent-{number}") as agent:
            together.wait()
            try:
                return agent.tickets.claim(ticket).claim is not None
            except AlreadyClaimed:
                return False

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(claim, range(16))) == 1


def test_others_do_not_change_a_held_ticket_unless_they_force_it(server: Server, board: Board) -> None:
    with server.kanban("ada") as ada, server.kanban("bob") as bob:
        ticket = ada.tickets.create("one", board=board.id).id
        ada.tickets.claim(ticket)
        for change in (
            lambda: bob.tickets.move(ticket, "Done"),
            lambda: bob.tickets.edit(ticket, title="mine"),
            lambda: bob.tickets.add_labels(ticket, "x"),
            lambda: bob.tickets.release(ticket),
            lambda: bob.tickets.delete(ticket),
            lambda: bob.tickets.renew(ticket),
        ):
            with pytest.raises(AlreadyClaimed):
                change()
        bob.comments.add(ticket, "comments are free")
        ada.tickets.edit(ticket, title="hers")
        claimed = bob.tickets.claim(ticket, force=True)
        assert (token(claimed), claimed.assignee) == (f"{ticket}.2", "bob")
        names = [event.event for event in check_log(ada, board.id)[-2:]]
        assert names == ["ticket_released", "ticket_claimed"]


def test_whoever_lost_the_claim_cannot_write_under_its_token(rest: httpx.Client, server: Server, board: Board) -> None:
    with server.kanban("ada") as ada, server.kanban("bob") as bob:
        ticket = ada.tickets.create("one", board=board.id).id
        stale = token(ada.tickets.claim(ticket))
        assert under(rest, stale, "PATCH", f"/api/tickets/{ticket}", title="in time").status_code == 200
        bob.tickets.claim(ticket, force=True)
        before = ada.boards.snapshot(board.id).seq
        path = f"/api/tickets/{ticket}"
        for response in (
            under(rest, stale, "PATCH", path, title="late"),
            under(rest, stale, "POST", f"{path}/move", column="Done"),
            under(rest, stale, "POST", f"{path}/release"),
            under(rest, stale, "DELETE", path + "?force=true"),
            under(rest, stale, "POST", "/api/comments", ticket_id=ticket, text="late"),
            under(rest, stale, "POST", "/api/tickets", board_id=board.id, title="late"),
        ):
            assert problem(response, "lease-lost")["held_by"] == "bob"
        assert ada.boards.snapshot(board.id).seq == before


def expiry(kanban: Kanban, ticket: int) -> str:
    """When the lease of a ticket ends, as another who wants it is told."""
    with pytest.raises(AlreadyClaimed) as held:
        kanban.tickets.claim(ticket)
    return held.value.expires_at or ""


def test_every_write_of_the_holder_by_name_or_token_renews_the_lease(
    rest: httpx.Client, server: Server, board: Board
) -> None:
    with server.kanban("ada") as ada, server.kanban("bob") as bob:
        ticket = ada.tickets.create("one", board=board.id, acceptance_criteria="a").id
        lease = token(ada.tickets.claim(ticket))
        comment = ada.comments.add(ticket, "mine").id
        ends = expiry(bob, ticket)
        for write in (
            lambda: ada.tickets.edit(ticket, title="two"),
            lambda: ada.comments.add(ticket, "by name"),
            lambda: ada.comments.edit(comment, "mine again"),
            lambda: ada.tickets.check(ticket, 1),
            lambda: ada.tickets.link(ticket, add=["0123abc"]),
            lambda: under(rest, lease, "POST", "/api/comments", ticket_id=ticket, text="by token"),
            lambda: under(rest, lease, "POST", f"/api/tickets/{ticket}/lease"),
        ):
            write()
            assert expiry(bob, ticket) > ends
            ends = expiry(bob, ticket)
        bob.comments.add(ticket, "not the holder")
        assert expiry(bob, ticket) == ends


def test_force_is_recorded_leaves_the_claim_alive_and_who_takes_over_hands_back_where_it_came_from(
    server: Server, board: Board
) -> None:
    with server.kanban("ada") as ada, server.kanban("bob") as bob:
        ticket = ada.tickets.create("one", board=board.id, assignee="eve").id
        ada.tickets.claim(ticket)
        bob.tickets.edit(ticket, title="by force", force=True)
        assert ada.boards.events(board.id).events[-1].data["forced"] is True
        assert ada.tickets.renew(ticket).claim is not None
        bob.tickets.claim(ticket, force=True)
        released, claimed = check_log(ada, board.id)[-2:]
        assert (released.data["reason"], released.data["forced"], claimed.data["forced"]) == ("forced", True, True)
        back = bob.tickets.release(ticket)
        assert (back.current_column, back.assignee) == ("Not Started", "eve")
        assert "forced" not in check_log(ada, board.id)[-1].data


def test_a_released_ticket_goes_back_with_a_note_and_lists_its_attempts(kanban: Kanban, board: Board) -> None:
    ticket = kanban.tickets.create("one", board=board.id, assignee="eve").id
    kanban.tickets.claim(ticket)
    back = kanban.tickets.release(ticket, note="half done")
    assert (back.current_column, back.assignee, back.claim) == ("Not Started", "eve", None)
    kanban.tickets.claim(ticket)
    kanban.tickets.release(ticket, column="Ready for QC")
    kanban.tickets.claim(ticket)
    kanban.tickets.move(ticket, "Done")
    attempts = kanban.tickets.get(ticket).attempts or []
    assert [(one.number, one.holder, one.reason, one.note) for one in attempts] == [
        (1, "ada", "released", "half done"),
        (2, "ada", "released", None),
        (3, "ada", "done", None),
    ]
    check_log(kanban, board.id)


@pytest.mark.slow
def test_a_lease_that_runs_out_frees_the_ticket_and_after_three_times_asks_for_a_person(
    kanban: Kanban, server: Server
) -> None:
    board_id = kanban.boards.create("A board that is deleted while a lease lives").id
    kanban.tickets.claim(kanban.tickets.create("held", board=board_id).id, lease_seconds=10)
    kanban.boards.delete(board_id)
    board = kanban.boards.create("Short leases").id
    ticket = kanban.tickets.create("poison", board=board).id
    with server.kanban("bob") as bob:
        for number in range(1, 4):
            late = token(bob.tickets.claim(ticket, lease_seconds=10))
            assert late == f"{ticket}.{number}"
            overdue(kanban, ticket)
    back = kanban.tickets.get(ticket)
    assert (back.current_column, back.assignee, back.labels) == ("Not Started", None, [NEEDS_HUMAN])
    assert kanban.boards.next_ticket(board).ticket is None
    with server.kanban("bob") as bob, pytest.raises(LeaseLost):
        bob.tickets.renew(ticket)
    kanban.tickets.remove_labels(ticket, NEEDS_HUMAN)
    with server.kanban("bob") as bob:
        bob.tickets.claim(ticket, lease_seconds=10)
        overdue(kanban, ticket)
    assert kanban.tickets.get(ticket).labels == [], "who took the label away begins to count anew"
    events = [event for event in check_log(kanban, board) if event.event == "ticket_released"]
    assert [(event.actor, event.data["reason"]) for event in events] == [("system", "lease_expired")] * 4


def test_a_user_holds_no_more_than_the_board_allows_and_may_not_accept_their_own_work(
    kanban: Kanban, server: Server
) -> None:
    board = kanban.boards.create("Limited").id
    kanban.boards.edit(board, wip_per_user=1, review=True)
    first, second = (kanban.tickets.create(title, board=board).id for title in ("one", "two"))
    kanban.tickets.claim(first)
    with pytest.raises(UserLimit) as refused:
        kanban.tickets.claim(second)
    assert (refused.value.limit, refused.value.held) == (1, 1)
    with pytest.raises(UserLimit):
        kanban.send(Call("POST", f"/api/tickets/{second}/claim", Ticket.read, query={"agent_id": "ada"}))
    chosen = kanban.boards.next_ticket(board, claim=True)
    assert (chosen.ticket, chosen.reason) == (None, "user-limit")
    with pytest.raises(ReviewRequired):
        kanban.tickets.move(first, "Done")
    kanban.tickets.release(first, column="Ready for QC", note="please look")
    with pytest.raises(ReviewRequired):
        kanban.tickets.move(first, "Done")
    with server.kanban("bob") as bob:
        assert bob.tickets.move(first, "Done").current_column == "Done"


@pytest.mark.parametrize("seconds", [1, 9, 86_401, -1])
def test_a_lease_of_nonsense_length_is_refused(rest: httpx.Client, kanban: Kanban, board: Board, seconds: int) -> None:
    ticket = kanban.tickets.create("one", board=board.id).id
    response = rest.post(f"/api/tickets/{ticket}/claim", json={"claimed_by": "ada", "lease_seconds": seconds})
    problem(response, "invalid-request")
    problem(under(rest, "nonsense", "POST", f"/api/tickets/{ticket}/move", column="Done"), "invalid-request")


def test_nobody_accepts_their_own_work_by_removing_the_column_that_it_stands_in(kanban: Kanban, board: Board) -> None:
    kanban.boards.edit(board.id, review=True)
    ticket = kanban.tickets.create("mine", board=board.id).id
    kanban.tickets.claim(ticket)
    kanban.tickets.release(ticket, column="Ready for QC")
    left = ["Not Started", "In Progress", "Blocked", "Done"]
    with pytest.raises(ReviewRequired):
        kanban.boards.set_columns(board.id, left, move_to="Done")
    assert kanban.tickets.get(ticket).current_column == "Ready for QC"
    kanban.boards.set_columns(board.id, left, move_to="Blocked")
