"""A ticket is finished in one command, which may claim the next one."""

from __future__ import annotations

from kanban_sdk import Board, Kanban
from tests.cli.test_errors import next_of
from tests.support.cli import Shell


def test_done_keeps_the_note_ticks_the_criteria_and_shows_the_next_ticket(
    kanban: Shell, sdk: Kanban, own: Board
) -> None:
    first = sdk.tickets.create("First", board=own.id, acceptance_criteria="it runs\nit is told").id
    second = sdk.tickets.create("Second", board=own.id, description="All of it.").id
    kanban.ok("next")
    output = kanban.ok("done", first, "-m", "-", "--check", "1, 2", "--next", "--lease", f"{first}.1", stdin="seen\n")
    assert output.rows[0] == [str(first), "Done", "ada", "First"]
    assert ["id", str(second)] in output.rows
    assert "  All of it.\n" in output.out
    assert output.rows[-1] == [f"next: kanban done {second} -m NOTE --next --lease {second}.1"]
    assert [comment.text for comment in sdk.comments.all(first)] == ["seen"]
    last = kanban.ok("done", second, "--next")
    assert last.out.splitlines()[1] == "Nothing is left for you: all 2 tickets are done."
    third = sdk.tickets.create("Third", board=own.id).id
    answer = kanban.ok("done", third, "--json").json
    assert (answer["ticket"]["current_column"], answer.keys()) == ("Done", {"ticket"})


def test_done_says_what_a_ticket_lacks_or_is_refused_for_it(kanban: Shell, sdk: Kanban, own: Board) -> None:
    ticket = sdk.tickets.create("One", board=own.id, acceptance_criteria="it runs").id
    assert "lacks criteria" in kanban("done", ticket).err
    sdk.tickets.move(ticket, "Blocked")
    sdk.boards.edit(own.id, require=["criteria"])
    refused = kanban("done", ticket, "-m", "seen", "--next")
    assert (refused.code, next_of(refused)) == (5, f"kanban show {ticket}")
    assert "lacks criteria" in refused.err
    assert sdk.comments.all(ticket) == []
    for wrong in (["--check", "most"], ["-l", "bug"]):
        assert kanban("done", ticket, *wrong).code == 2
    assert kanban.ok("done", ticket, "--check", "ALL", "-c", "done").rows[-1] == ["next: kanban next"]


def test_evidence_and_the_note_of_a_move_become_comments(kanban: Shell, sdk: Kanban, own: Board) -> None:
    ticket = sdk.tickets.create("One", board=own.id, acceptance_criteria="it runs").id
    assert kanban.ok("check", ticket, 1, "-m", "line 12").rows[0][2] == "1 of 1 criteria"
    kanban.ok("move", ticket, "Blocked", "-m", "the mirror is away")
    assert [comment.text for comment in sdk.comments.all(ticket)] == ["Criterion 1: line 12", "the mirror is away"]
    assert kanban("move", ticket, ticket, "Done", "-m", "both").code == 2
