"""A parked ticket is not ready before its time, and is ready once the time has come."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from kanban_sdk import Board, Invalid, Kanban, KanbanWarning
from tests.faults.validators import check_everything, check_log
from tests.server.imports.importing import last_seq
from tests.server.rest import done, events, new_ticket, problem, ticket_of
from tests.support.actors import ON_BOTH, Actor
from tests.support.servers import Server

LATER, LATEST = "2999-01-01T21:00:00.000000Z", "2999-12-31T21:00:00.000000Z"


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


def soon(seconds: float = 1.0) -> str:
    """A time to come, as the wire has it."""
    return f"{datetime.now(UTC) + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S.%fZ}"


@pytest.mark.parametrize("actor_database", ON_BOTH)
def test_a_parked_ticket_is_not_ready_by_any_answer_and_next_says_when_to_come_back(writer: Actor) -> None:
    kanban = writer.kanban()
    last = kanban.tickets.create("last", board=writer.board, not_before="2999-12-31T22:00:00+01:00")
    first = kanban.tickets.create("first", board=writer.board, not_before=LATER).id
    held = kanban.tickets.create("held", board=writer.board).id
    others = writer.admin().tickets.create("others", board=writer.board, assignee="eve", not_before=soon(3600)).id
    assert last.not_before == LATEST
    assert [ticket.id for ticket in kanban.tickets.page(writer.board, ready=True).items] == [held]
    explained = kanban.tickets.why(first)
    assert (explained.ready, explained.reasons, explained.not_before) == (False, ["parked"], LATER)
    kanban.tickets.move(held, "Done")
    chosen = kanban.boards.next_ticket(writer.board, claim=True)
    assert (chosen.ticket, chosen.stop, chosen.ready, chosen.not_before) == (None, None, 0, LATER)
    assert f"{first} is parked until 2999-01-01T21:00Z" in (chosen.why or "")
    assert f"{others} is meant for eve" in (chosen.why or "")
    check_everything(kanban, writer.board)


@pytest.mark.parametrize("actor_database", ON_BOTH)
def test_a_wait_gets_a_parked_ticket_when_its_time_comes(writer: Actor, pool: ThreadPoolExecutor) -> None:
    kanban = writer.kanban()
    ticket = kanban.tickets.create("soon", board=writer.board, not_before=soon())
    answer = pool.submit(kanban.boards.next_ticket, writer.board, claim=True, wait_seconds=20).result(30)
    assert answer.ticket is not None
    assert (answer.ticket.id, answer.ticket.not_before) == (ticket.id, None)
    log = check_log(kanban, writer.board)
    due = next(event for event in log if event.event == "ticket_updated")
    assert due.data["changes"] == {"not_before": {"from": ticket.not_before, "to": None}}
    assert due.actor == "system"
    assert due.timestamp >= (ticket.not_before or "")


def test_a_release_parks_a_ticket_and_says_why(kanban: Kanban, board: Board) -> None:
    ticket = kanban.tickets.create("one", board=board.id).id
    kanban.tickets.claim(ticket)
    released = kanban.tickets.release(ticket, not_before=LATER, reason="limit", note="Half is done.")
    assert (released.not_before, released.claim, released.current_column) == (LATER, None, "Not Started")
    (attempt,) = kanban.tickets.get(ticket).attempts or []
    assert (attempt.reason, attempt.note) == ("released", "limit: Half is done.")
    again = kanban.tickets.release(ticket, not_before=LATEST)
    assert (again.not_before, again.version) == (LATEST, released.version + 1)
    check_everything(kanban, board.id, "ada")


def test_a_parked_ticket_is_claimed_by_its_number_with_a_warning_and_is_parked_again_when_released(
    kanban: Kanban, board: Board
) -> None:
    ticket = kanban.tickets.create("one", board=board.id, not_before=LATER).id
    with pytest.warns(KanbanWarning, match="is parked until 2999") as warned:
        claimed = kanban.tickets.claim(ticket)
    assert isinstance(warned[0].message, KanbanWarning)
    assert warned[0].message.warning["not_before"] == LATER
    assert claimed.claim is not None
    assert kanban.tickets.release(ticket).not_before == LATER
    assert kanban.boards.next_ticket(board.id).ticket is None


def test_a_deleted_ticket_whose_time_came_is_ready_once_it_is_restored(
    server: Server, kanban: Kanban, board: Board
) -> None:
    ticket = kanban.tickets.create("one", board=board.id, not_before=soon(0.3)).id
    kanban.tickets.delete(ticket)
    other = kanban.tickets.create("other", board=board.id, not_before=soon(0.3)).id
    with server.kanban("bob") as bob:
        assert bob.wait(ready=board.id, timeout=20).id == other
    kanban.tickets.restore(ticket)
    chosen = kanban.boards.next_ticket(board.id, following=2)
    assert {one.id for one in [chosen.ticket, *(chosen.following or [])] if one} == {ticket, other}
    check_everything(kanban, board.id, "ada")


def test_a_time_is_set_changed_and_cleared_by_every_way_to_edit(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, not_before=LATER)["id"]
    path = f"/api/tickets/{ticket}"
    assert done(rest.put(path, json={"not_before": LATEST}))["not_before"] == LATEST
    assert done(rest.put(path, json={"title": "Another"}))["not_before"] == LATEST
    assert done(rest.patch(path, json={"not_before": None}))["not_before"] is None
    edit = {"op": "edit", "ticket": ticket, "not_before": LATER}
    create = {"op": "create", "title": "two", "board_id": board_id, "not_before": LATER}
    done(rest.post("/api/bulk/operations", json={"operations": [edit, create]}))
    assert events(rest, board_id)[-1]["data"]["not_before"] == LATER
    assert ticket_of(rest, ticket)["not_before"] == LATER
    assert done(rest.patch(path, json={"not_before": " "}))["not_before"] is None


@pytest.mark.parametrize("wrong", ["soon", "2020-01-01T00:00:00Z"])
def test_what_is_no_time_to_come_is_refused_and_changes_nothing(
    rest: httpx.Client, board_id: int, kanban: Kanban, wrong: str
) -> None:
    ticket = new_ticket(rest, board_id)["id"]
    kanban.tickets.claim(ticket)
    seq = last_seq(rest, board_id)
    ada = {"X-Kanban-User": "ada"}
    for response in (
        rest.post("/api/tickets/", json={"title": "one", "board_id": board_id, "not_before": wrong}),
        rest.patch(f"/api/tickets/{ticket}", json={"not_before": wrong}, headers=ada),
        rest.post(f"/api/tickets/{ticket}/release", json={"not_before": wrong}, headers=ada),
    ):
        refused = problem(response, "invalid-request")
        assert refused["field"] == "not_before"
        assert refused["fix"]
    assert last_seq(rest, board_id) == seq
    with pytest.raises(Invalid):
        kanban.tickets.release(ticket, reason="r" * 201)


def test_an_import_parks_tickets_and_a_time_that_has_passed_counts_as_none(rest: httpx.Client, board_id: int) -> None:
    def bring(not_before: str | None) -> dict[str, object]:
        tickets = [{"source_id": "one", "title": "One", "not_before": not_before}]
        imported: dict[str, object] = done(rest.post(f"/api/boards/{board_id}/import", json={"tickets": tickets}))
        return imported

    bring("2020-01-01")
    ticket = events(rest, board_id)[-1]["data"]["id"]
    assert ticket_of(rest, ticket)["not_before"] is None
    assert bring(LATER)["updated"] == 1
    assert ticket_of(rest, ticket)["not_before"] == LATER
    done(rest.patch(f"/api/tickets/{ticket}", json={"not_before": None}))
    assert bring(LATER)["unchanged"] == 1
    assert ticket_of(rest, ticket)["not_before"] is None
    assert bring(LATEST)["conflicts"] == 1
