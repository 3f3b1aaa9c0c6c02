"""What a ticket lacks in a done column is told; where the board requires it, the ticket does not come into one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from kanban_sdk import Board, Invalid, Kanban, KanbanWarning, Unmet
from kanban_sdk.wire.boards import Requirement
from tests.faults.validators import check_log
from tests.support.cli import Shell
from tests.support.mcp import agent
from tests.support.people import Guarded
from tests.support.servers import Server

ALL: list[Requirement] = ["criteria", "answers", "blockers", "children"]


def lacking(kanban: Kanban, board: int, **fields: Any) -> int:
    """A ticket that lacks everything."""
    blocker = kanban.tickets.create("a blocker", board=board).id
    ticket = kanban.tickets.create(
        "lacking", board=board, acceptance_criteria="- [x] one\n- [ ] two", blocked_by=[blocker], **fields
    ).id
    kanban.tickets.create("a child", board=board, parent=ticket)
    kanban.tickets.ask(ticket, "@zoltan which one?")
    return ticket


def last(kanban: Kanban, board: int, name: str) -> dict[str, Any]:
    """The data of the newest event of a name."""
    return [event.data for event in kanban.boards.events(board, after=0).events if event.event == name][-1]


def test_what_a_ticket_lacks_that_is_done_is_told_in_the_answer_and_in_the_event(kanban: Kanban, board: Board) -> None:
    ticket = lacking(kanban, board.id)
    moved = kanban.tickets.move(ticket, "Done")
    assert moved.unmet == ALL
    assert last(kanban, board.id, "ticket_moved")["unmet"] == ALL
    assert kanban.tickets.move(ticket, "Blocked").unmet is None
    assert "unmet" not in last(kanban, board.id, "ticket_moved")
    assert kanban.tickets.edit(ticket, current_column="Done").unmet == ALL
    kanban.tickets.move(ticket, "Blocked")
    assert kanban.tickets.move_many([ticket], "Done").results[0].unmet == ALL
    kanban.tickets.move(ticket, "Blocked")
    assert kanban.tickets.batch([{"op": "move", "ticket": ticket, "column": "Done"}]).results[0].unmet == ALL
    plain = kanban.tickets.create("plain", board=board.id).id
    assert kanban.tickets.move(plain, "Done").unmet is None
    check_log(kanban, board.id)


def test_the_event_of_a_ticket_that_is_created_done_says_what_its_answer_says(kanban: Kanban, board: Board) -> None:
    done = kanban.tickets.create("a", board=board.id, column="Done").id
    open_one = kanban.tickets.create("b", board=board.id).id
    for blockers, unmet in (([done, open_one], ["criteria", "blockers"]), ([done], ["criteria"])):
        created = kanban.tickets.create(
            "c", board=board.id, column="Done", blocked_by=blockers, acceptance_criteria="one"
        )
        assert created.unmet == last(kanban, board.id, "ticket_created")["unmet"] == unmet
    check_log(kanban, board.id)


def test_a_question_is_open_until_somebody_else_comments_or_it_is_deleted(
    server: Server, kanban: Kanban, board: Board
) -> None:
    bob = server.kanban("bob")
    ticket = kanban.tickets.create("asked", board=board.id).id

    def unmet() -> list[str] | None:
        done = kanban.tickets.move(ticket, "Done").unmet
        kanban.tickets.move(ticket, "Blocked")
        return done

    question = kanban.tickets.ask(ticket, "@zoltan why?").comment
    assert kanban.tickets.get(ticket).open_question == question.id
    kanban.comments.add(ticket, "I mean the second part")
    assert unmet() == ["answers"]
    bob.tickets.ask(ticket, "@yve which part?")
    assert unmet() == ["answers"], "what bob asked back"
    kanban.comments.add(ticket, "the second")
    assert unmet() is None
    second = kanban.tickets.ask(ticket, "@zoltan and this?").comment
    kanban.comments.add(ticket, "so to say")
    kanban.comments.delete(second.id)
    assert unmet() is None


def ways(kanban: Kanban, board: int) -> dict[str, Callable[[int], Any]]:
    """Every way in which a ticket comes into a done column."""
    return {
        "move": lambda ticket: kanban.tickets.move(ticket, "Done"),
        "done": lambda ticket: kanban.tickets.done(ticket, claim_next=True),
        "edit": lambda ticket: kanban.tickets.edit(ticket, current_column="Done"),
        "ask": lambda ticket: kanban.tickets.ask(ticket, "@zoltan done?", column="Done"),
        "bulk": lambda ticket: kanban.tickets.move_many([ticket], "Done", atomic=True),
        "batch": lambda ticket: kanban.tickets.batch([{"op": "move", "ticket": ticket, "column": "Done"}], atomic=True),
        "release": lambda ticket: (kanban.tickets.claim(ticket), kanban.tickets.release(ticket, column="Done")),
        "columns": lambda ticket: (
            kanban.tickets.move(ticket, "Ready for QC"),
            kanban.boards.set_columns(board, ["Not Started", "In Progress", "Blocked", "Done"], move_to="Done"),
        ),
        "create": lambda _: kanban.tickets.create("lacks", board=board, column="Done", acceptance_criteria="one"),
    }


@pytest.mark.parametrize("way", ["move", "done", "edit", "ask", "bulk", "batch", "release", "columns", "create"])
def test_a_ticket_that_lacks_what_the_board_requires_comes_into_no_done_column(
    kanban: Kanban, board: Board, way: str
) -> None:
    kanban.boards.edit(board.id, require=["children", "criteria", "criteria"])
    assert kanban.boards.get(board.id).require == ["criteria", "children"]
    ticket = lacking(kanban, board.id)
    before = kanban.boards.snapshot(board.id).board.counts["Done"]
    with pytest.raises(Unmet) as refused:
        ways(kanban, board.id)[way](ticket)
    assert refused.value.unmet == (["criteria"] if way == "create" else ["criteria", "children"])
    assert refused.value.ticket_id
    assert refused.value.fix
    assert kanban.boards.snapshot(board.id).board.counts["Done"] == before
    check_log(kanban, board.id)


def test_a_deleted_or_archived_ticket_is_restored_into_done_only_with_what_the_board_requires(
    kanban: Kanban, board: Board
) -> None:
    deleted, archived = lacking(kanban, board.id), lacking(kanban, board.id)
    for ticket in (deleted, archived):
        kanban.tickets.move(ticket, "Done")
    kanban.tickets.delete(deleted)
    kanban.boards.archive(board.id, days=0)
    kanban.boards.edit(board.id, require=["blockers"])
    for ticket in (deleted, archived):
        with pytest.raises(Unmet):
            kanban.tickets.restore(ticket)
    kanban.boards.edit(board.id, require=[])
    assert kanban.tickets.restore(deleted).unmet == ALL
    assert last(kanban, board.id, "ticket_restored")["unmet"] == ALL
    check_log(kanban, board.id)


def test_an_import_brings_no_ticket_into_a_done_column_that_lacks_what_the_board_requires(
    kanban: Kanban, board: Board
) -> None:
    kanban.boards.edit(board.id, require=["criteria", "blockers"])
    open_one = {"source_id": "open", "title": "open"}
    lacks = {"source_id": "a", "title": "lacks", "acceptance_criteria": "one", "current_column": "Done"}
    waits = {"source_id": "b", "title": "waits", "blocked_by_sources": ["open"], "current_column": "Done"}
    for one, unmet in ((lacks, ["criteria"]), (waits, ["blockers"])):
        with pytest.raises(Unmet) as refused:
            kanban.boards.import_tickets(board.id, [open_one, one])
        assert (refused.value.unmet, refused.value.problem["source_id"]) == (unmet, one["source_id"])
        assert refused.value.fix
        started = {**one, "current_column": "Blocked"}
        assert kanban.boards.import_tickets(board.id, [open_one, started]).ids
        with pytest.raises(Unmet):
            kanban.boards.import_tickets(board.id, [open_one, one])
        assert kanban.boards.get(board.id).counts["Done"] == 0
    forced = kanban.boards.import_tickets(board.id, [open_one, lacks, waits], force=True)
    assert forced.updated == 2
    assert last(kanban, board.id, "ticket_moved")["unmet"] == ["blockers"]
    kanban.boards.import_tickets(board.id, [{**lacks, "source_id": "c"}], force=True)
    assert last(kanban, board.id, "ticket_created")["unmet"] == ["criteria"]
    assert kanban.boards.import_tickets(board.id, [open_one, lacks, waits]).unchanged == 3
    check_log(kanban, board.id)


def test_a_column_that_becomes_a_done_column_is_excepted_and_what_is_done_stays(kanban: Kanban, board: Board) -> None:
    kanban.boards.edit(board.id, require=ALL)
    ticket = lacking(kanban, board.id)
    kanban.tickets.move(ticket, "Blocked")
    columns = {column.name: column.id for column in board.column_settings}
    kanban.boards.edit_column(board.id, columns["Blocked"], role="done")
    assert kanban.tickets.move(ticket, "Done").current_column == "Done", "from one done column to another"
    check_log(kanban, board.id)


def test_only_an_admin_of_the_board_forces_what_it_requires_and_that_is_recorded(guarded: Guarded) -> None:
    ada, mia = guarded.person("ada-unmet"), guarded.person("mia-unmet")
    agent = guarded.agent(mia, "mia-unmet-agent")
    board = guarded.board(ada)
    guarded.member(ada, board, "mia-unmet")
    guarded.done(ada, "PUT", f"/api/boards/{board}", {"require": ["criteria"]})
    ticket = guarded.ticket(mia, board, acceptance_criteria="one")
    narrow = guarded.token(ada, boards=[board])
    url = f"/api/tickets/{ticket}/move"
    for token in (ada, mia, agent, narrow, guarded.root):
        body = guarded.ask(token, "POST", url, {"column": "Done"}).json()
        assert (body["type"], body["unmet"], body["ticket_id"]) == ("unmet", ["criteria"], ticket)
    for token in (mia, agent):
        assert guarded.ask(token, "POST", url, {"column": "Done", "force": True}).json()["type"] == "not-allowed"
        refused = guarded.ask(token, "PUT", f"/api/boards/{board}", {"require": []})
        assert refused.json()["type"] == "not-allowed"
    moved = guarded.done(narrow, "POST", url, {"column": "Done", "force": True})
    assert (moved["current_column"], moved["unmet"]) == ("Done", ["criteria"])
    events = guarded.done(mia, "GET", f"/api/boards/{board}/events?after=0")["events"]
    assert (events[-1]["data"]["forced"], events[-1]["data"]["unmet"]) == (True, ["criteria"])


@pytest.mark.parametrize("way", ["move", "done", "edit", "ask", "bulk", "batch", "release", "create"])
def test_every_client_is_warned_of_what_a_ticket_lacks_that_is_done(kanban: Kanban, board: Board, way: str) -> None:
    ticket = lacking(kanban, board.id)
    with pytest.warns(KanbanWarning) as caught:
        ways(kanban, board.id)[way](ticket)
    (warned,) = [one.message.warning for one in caught if isinstance(one.message, KanbanWarning)]
    assert warned["type"] == "unmet"
    assert warned["unmet"] == (["criteria"] if way == "create" else ALL)
    assert kanban.tickets.get(warned["ticket_id"]).current_column == "Done"


def test_people_at_a_shell_and_agents_are_told_what_a_ticket_lacks_that_is_done(
    server: Server, kanban: Kanban, board: Board, tmp_path: Path
) -> None:
    shell = Shell(tmp_path, {"KANBAN_URL": server.url, "KANBAN_BOARD": str(board.id), "KANBAN_USER": "ada"})
    first, second = lacking(kanban, board.id), lacking(kanban, board.id)
    output = shell("move", first, "Done")
    body = f"Ticket {first} is in Done, and lacks criteria, answers, blockers, children."
    assert (output.code, output.err) == (0, f"kanban: {body}\n")
    with agent(f"{server.url}/mcp", "ada") as tool:
        assert tool("ticket_move", ticket=second, column="Done")["warnings"] == [body.replace(str(first), str(second))]


def test_what_is_no_requirement_is_refused(kanban: Kanban, board: Board) -> None:

    with pytest.raises(Invalid):
        kanban.boards.edit(board.id, require=["tests"])  # type: ignore[list-item]


def test_an_answer_bears_unmet_only_where_something_is_unmet(server: Server, kanban: Kanban, board: Board) -> None:
    ticket = kanban.tickets.create("plain", board=board.id).id
    body = {"column": "Done"}
    assert "unmet" not in httpx.get(f"{server.url}/api/tickets/{ticket}").json()
    assert "unmet" not in httpx.post(f"{server.url}/api/tickets/{ticket}/move", json=body).json()
    new = {"title": "new", "board_id": board.id, "current_column": "Done"}
    assert "unmet" not in httpx.post(f"{server.url}/api/tickets", json=new).json()
    lacks = httpx.post(f"{server.url}/api/tickets", json={**new, "acceptance_criteria": "one"}).json()
    assert lacks["unmet"] == ["criteria"]
