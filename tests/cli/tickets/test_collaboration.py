"""Questions, dependencies, criteria, links, batches and the archive on the command line."""

from __future__ import annotations

import json

from kanban_sdk import Board, Kanban
from tests.cli.tickets.test_claims import add
from tests.support.cli import Shell


def test_a_question_reaches_an_inbox_and_its_reply_ends_the_wait(kanban: Shell, sdk: Kanban, own: Board) -> None:
    me, her = f"me-{own.id}", f"her-{own.id}"
    (ticket,) = add(sdk, own, "Which")
    question = kanban.ok("ask", ticket, f"@{her} this or that?", "-u", me)
    assert question.rows[0][1:] == [f"on {ticket}", "Blocked", f"asks {her}"]
    assert question.out.splitlines()[1] == f"next: kanban wait {ticket} --reply"
    inbox = kanban.ok("inbox", "--read", "-u", her)
    assert [row[:3] + row[4:] for row in inbox.rows] == [[str(ticket), "ask", me, f"@{her} this or that?"]]
    assert (kanban.ok("inbox", "-u", her).out, kanban.ok("inbox", "-u", her).err) == ("", "0 of 0\n")
    with Kanban(sdk.url, her) as other:
        other.comments.add(ticket, "that")
    assert kanban.ok(*question.out.splitlines()[1].split()[2:], "-u", me).out.endswith(f"Z {her}\n  that\n")
    assert kanban("inbox", KANBAN_USER="").code == 2


def test_why_shows_the_tickets_that_block_down_to_the_root(kanban: Shell, sdk: Kanban, own: Board) -> None:
    one, two, three = add(sdk, own, "One", "Two", "Three")
    sdk.tickets.block(one, two)
    sdk.tickets.block(two, three)
    sdk.tickets.claim(three)
    assert kanban.ok("why", one).rows == [
        [str(one), "Not Started", "-", "blocked", "One"],
        [f"  {two}", "Not Started", "-", "blocked", "Two"],
        [f"    {three}", "In Progress", "ada", "working,held", "Three"],
    ]
    assert kanban.ok("list", "--blocked", "--fields", "id").rows == [[str(one)], [str(two)]]
    assert kanban.ok("list", "--held", "--fields", "id").rows == [[str(three)]]


def test_criteria_are_ticked_by_their_number(kanban: Shell, sdk: Kanban, own: Board) -> None:
    ticket = sdk.tickets.create("Done when", board=own.id, acceptance_criteria="it runs\n\n- it is told").id
    assert kanban.ok("check", ticket, 2).rows[0][2] == "1 of 2 criteria"
    output = kanban.ok("show", ticket)
    assert "   1  it runs\n   2  - [x] it is told\n" in output.out
    assert ["criteria", "1 of 2 done"] in output.rows
    assert kanban.ok("check", ticket, 2, "--undo").rows[0][2] == "0 of 2 criteria"
    assert kanban("check", ticket, 3).code == 3


def test_days_and_links_are_set_shown_and_cleared(kanban: Shell) -> None:
    ticket = kanban.ok("add", "Dated", "--due", "2030-01-31").rows[0][0]
    url = "https://board.example/pull/7"
    kanban.ok("edit", ticket, "--link", url, "--link", "0123abc")
    rows = kanban.ok("show", ticket).rows
    assert ["due", "2030-01-31"] in rows
    assert ["links", f"pull-request {url} commit 0123abc"] in rows
    assert kanban.ok("list", "--due", "2030-02-01", "--fields", "id").rows == [[ticket]]
    edited = kanban.ok("edit", ticket, "--due", "", "--unlink", url, "--json").json
    assert ("due_date" in edited, [link["ref"] for link in edited["links"]]) == (False, ["0123abc"])
    assert len(kanban.ok("edit", ticket, "--due", "3d", "--json").json["due_date"]) == len("2030-01-31")
    assert kanban("edit", ticket, "--due", "soon").code == 2


def test_a_batch_is_atomic_or_separate(kanban: Shell, sdk: Kanban, own: Board) -> None:
    one, two = add(sdk, own, "One", "Two")
    changes = [
        {"op": "move", "ticket": one, "column": "Done"},
        {"op": "move", "ticket": two, "column": "Nowhere"},
        {"op": "create", "title": "Three"},
    ]
    lines = "\n".join(map(json.dumps, changes))
    refused = kanban("batch", stdin=lines)
    assert (refused.code, refused.out) == (2, "")
    assert sdk.tickets.get(one).current_column == "Not Started"
    some = kanban("batch", "--each", "-", stdin=lines)
    assert some.code == 5
    assert [row[:3] for row in some.rows] == [
        ["1", "move", str(one)],
        ["2", "move", str(two)],
        ["3", "create", some.rows[2][2]],
    ]
    assert "1 of 3 changes were refused" in some.err
    (kanban.folder / "changes.jsonl").write_text("{\n")
    assert kanban("batch", "changes.jsonl").code == 2


def test_old_done_tickets_are_archived_and_restored(kanban: Shell, sdk: Kanban, own: Board) -> None:
    ticket = sdk.tickets.create("Old", board=own.id, column="Done").id
    assert kanban.ok("board", "archive").out == "0 archived\n"
    assert kanban.ok("board", "archive", own.id, "--days", 0, "--json").json["archived"] == 1
    assert kanban.ok("list").rows == []
    assert kanban.ok("list", "--archived", "--fields", "id").rows == [[str(ticket)]]
    assert kanban.ok("undelete", ticket).rows[0][1] == "Done"
