"""A ticket is finished in one change: note, criteria, done column, end of the claim, and the next claim."""

from __future__ import annotations

import httpx
import pytest

from kanban_sdk import Board, Invalid, Kanban, NotFound, ReviewRequired, Unmet
from tests.faults.validators import check_log
from tests.server.rest import done, problem
from tests.support.actors import ON_BOTH, Actor
from tests.support.servers import Server


def new(kanban: Kanban, board: int, title: str = "a", criteria: str | None = "it runs\nit is told") -> int:
    return kanban.tickets.create(title, board=board, acceptance_criteria=criteria).id


def transactions(kanban: Kanban, board: int, after: int) -> list[tuple[str, int]]:
    """The names of the events after a seq, with the number of their transaction among them."""
    events = kanban.boards.events(board, after=after).events
    numbers = {tx: index for index, tx in enumerate(dict.fromkeys(event.tx for event in events))}
    return [(event.event, numbers[event.tx]) for event in events]


@pytest.mark.parametrize("actor_database", ON_BOTH)
def test_done_comments_ticks_moves_ends_the_claim_and_claims_the_next_in_one_transaction(writer: Actor) -> None:
    kanban = writer.kanban()
    first, second = (new(kanban, writer.board, title) for title in ("first", "second"))
    kanban.tickets.claim(first)
    seq = kanban.boards.events(writer.board, after=0).events[-1].seq
    result = kanban.tickets.done(first, note="both seen", check="all", claim_next=True, lease_seconds=60)
    assert (result.ticket.current_column, result.ticket.claim, result.ticket.unmet) == ("Done", None, None)
    assert result.comment is not None
    assert result.comment.text == "both seen"
    assert result.next is not None
    assert (claimed := result.next.ticket) is not None
    assert (claimed.id, claimed.current_column, claimed.lease and claimed.lease.token) == (
        second,
        "In Progress",
        f"{second}.1",
    )
    assert transactions(kanban, writer.board, seq) == [
        *(("comment_added", 0), ("ticket_updated", 0), ("ticket_moved", 0), ("ticket_released", 0)),
        *(("ticket_moved", 0), ("ticket_claimed", 0)),
    ]
    finished = kanban.tickets.get(first)
    assert (finished.criteria and finished.criteria.done, finished.comment_count) == (2, 1)
    assert [(one.reason, one.note) for one in finished.attempts or []] == [("done", "both seen")]
    last = kanban.tickets.done(second, check=[2], evidence="it was told", claim_next=True)
    assert last.next is not None
    assert last.comment is not None
    assert (last.next.ticket, last.next.reason) == (None, "empty")
    assert last.comment.text == "Criterion 2: it was told"
    assert last.ticket.unmet == ["criteria"]
    check_log(kanban, writer.board)


def test_a_viewer_finishes_nothing(viewer: Actor) -> None:
    admin = viewer.admin()
    ticket = new(admin, viewer.board)
    problem(viewer.rest().post(f"/api/tickets/{ticket}/done", json={"note": "mine"}), "not-allowed")
    assert admin.tickets.get(ticket).comment_count == 0


@pytest.mark.parametrize("actor_database", ON_BOTH)
def test_a_refused_done_changes_nothing(writer: Actor) -> None:
    kanban, admin = writer.kanban(), writer.admin()
    ticket = new(kanban, writer.board)
    admin.boards.edit(writer.board, require=["criteria"])
    kanban.tickets.claim(ticket)
    seq = kanban.boards.events(writer.board, after=0).events[-1].seq
    with pytest.raises(Unmet, match="lacks criteria") as refused:
        kanban.tickets.done(ticket, note="half", check=[1], claim_next=True)
    assert refused.value.problem["unmet"] == ["criteria"]
    with pytest.raises(NotFound, match="criterion 3"):
        kanban.tickets.done(ticket, note="all", check=[1, 3])
    with pytest.raises(Invalid, match="no done column"):
        kanban.tickets.done(ticket, note="there", column="Blocked")
    with pytest.raises(Invalid, match="evidence"):
        kanban.tickets.done(ticket, evidence="for what")
    admin.boards.edit(writer.board, review=True)
    with pytest.raises(ReviewRequired):
        kanban.tickets.done(ticket, note="seen", check="all")
    assert transactions(kanban, writer.board, seq) == [("board_updated", 0)]
    assert kanban.tickets.get(ticket).comment_count == 0


def test_a_late_holder_finishes_nothing_and_claims_nothing(
    rest: httpx.Client, server: Server, kanban: Kanban, board: Board
) -> None:
    ticket, other = new(kanban, board.id), new(kanban, board.id)
    lease = kanban.tickets.claim(ticket).lease
    assert lease is not None
    with server.kanban("bob") as bob:
        bob.tickets.claim(ticket, force=True)
    headers = {"Kanban-Lease": lease.token, "X-Kanban-User": "ada"}
    late = rest.post(f"/api/tickets/{ticket}/done", json={"note": "mine", "next": {}}, headers=headers)
    assert problem(late, "lease-lost")["held_by"] == "bob"
    assert kanban.tickets.get(other).claim is None
    assert kanban.tickets.get(ticket).comment_count == 0


def test_done_again_with_the_same_key_claims_no_second_ticket(rest: httpx.Client, kanban: Kanban, board: Board) -> None:
    first, second, third = (new(kanban, board.id) for _ in range(3))
    headers = {"Idempotency-Key": f"done-{first}", "X-Kanban-User": "ada"}
    answers = [
        rest.post(f"/api/tickets/{first}/done", json={"note": "once", "next": {}}, headers=headers) for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert done(answers[1])["next"]["ticket"]["id"] == second
    assert kanban.tickets.get(third).claim is None
    assert kanban.tickets.get(first).comment_count == 1
    named = {"next": {"claimed_by": "bob"}}
    assert problem(rest.post(f"/api/tickets/{third}/done", json=named), "invalid-request")["field"] == "next.claimed_by"
    assert done(rest.post(f"/api/tickets/{third}/done"))["comment"] is None


def test_a_note_of_a_move_and_evidence_for_a_criterion_are_kept(server: Server, kanban: Kanban, board: Board) -> None:
    ticket = new(kanban, board.id)
    kanban.tickets.claim(ticket)
    kanban.tickets.check(ticket, 2, evidence="line 12 of the log")
    kanban.tickets.move(ticket, "Blocked", note="the mirror is away")
    kanban.tickets.move(ticket, "Done", note="it was the mirror")
    texts = [comment.text for comment in kanban.comments.all(ticket)]
    assert texts == ["Criterion 2: line 12 of the log", "the mirror is away", "it was the mirror"]
    assert [one.note for one in kanban.tickets.get(ticket).attempts or []] == ["it was the mirror"]
    noted = {"op": "move", "ticket": ticket, "column": "Blocked", "note": "not yet"}
    kanban.tickets.batch([noted, {"op": "check", "ticket": ticket, "number": 1, "evidence": "seen"}])
    assert [comment.text for comment in kanban.comments.all(ticket)][3:] == ["not yet", "Criterion 1: seen"]
