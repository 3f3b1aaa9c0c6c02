"""Claims, limits and dependencies on the command line."""

from __future__ import annotations

import json
import re

from kanban_sdk import Board, Kanban
from tests.cli.test_errors import next_of
from tests.support.cli import Shell


def add(sdk: Kanban, board: Board, *titles: str) -> list[int]:
    return [sdk.tickets.create(title, board=board.id).id for title in titles]


def test_next_claims_the_best_ticket_and_shows_it(kanban: Shell, sdk: Kanban, own: Board) -> None:
    first, second = add(sdk, own, "First", "Second")
    sdk.tickets.edit(second, priority="high", acceptance_criteria="it runs\n\nit is told", labels=["bug"])
    sdk.tickets.claim(second)
    sdk.tickets.release(second, note="half of it is done")
    assert "claim" not in kanban.ok("next", "--peek", "-c", "not_started", "--json").json["ticket"]
    output = kanban.ok("next", "-l", "bug")
    assert ["lease", f"{second}.2 (29m left)"] in output.rows
    assert output.rows[-1] == [f"next: kanban done {second} -m NOTE --check all --next --lease {second}.2"]
    assert "   1  it runs\n   2  it is told\n" in output.out
    assert re.search(r"ada \d+s released\n  half of it is done\n", output.out)
    assert kanban.ok("next", "--lease-seconds", 60, "--json").json["ticket"]["id"] == first
    for flags in ([], ["--json"]):
        nothing = kanban("next", *flags)
        assert (nothing.code, nothing.out) == (4, "")
    assert json.loads(nothing.err).items() >= {"reason": "all-held", "ready": 0, "blocked": 0, "held": 2}.items()


def test_a_claim_prints_its_lease_and_a_release_keeps_its_note(kanban: Shell, sdk: Kanban, own: Board) -> None:
    (ticket,) = add(sdk, own, "Held")
    assert kanban.ok("claim", ticket, "--lease-seconds", 0).rows == [
        [str(ticket), "In Progress", f"lease {ticket}.1", "Held"],
        [f"next: kanban show {ticket}"],
    ]
    assert kanban.ok("renew", "--lease", f"{ticket}.1", "--lease-seconds", 60).rows[0][2].startswith("lease ")
    refused = kanban("claim", ticket, "-u", "bob")
    assert (refused.code, next_of(refused)) == (5, f"kanban show {ticket}")
    assert kanban.ok("claim", ticket, "-u", "bob", "--force").rows[0][1] == "In Progress"
    lost = kanban("comment", ticket, "mine", "--lease", f"{ticket}.1")
    assert (lost.code, next_of(lost)) == (5, f"kanban show {ticket}")
    forced = ["-l", "x", "--remove-label", "y", "--link", "0123abc", "--append", "more", "--force", "--json", "--full"]
    edited = kanban.ok("edit", ticket, *forced).json
    assert (edited["labels"], edited["description"], len(edited["links"])) == (["x"], "more", 1)
    flags = ["-u", "bob", "-c", "blocked", "--note", "-"]
    assert kanban.ok("release", ticket, *flags, stdin="no luck\n").rows[0][1] == "Blocked"
    assert re.search(r"bob \d+s released\n  no luck\n", kanban.ok("show", ticket).out)
    assert kanban("renew").code == 2


def test_a_ticket_is_parked_until_a_time_and_next_says_when_to_come_back(
    kanban: Shell, sdk: Kanban, own: Board
) -> None:
    (ticket,) = add(sdk, own, "Parked")
    kanban.ok("claim", ticket)
    released = kanban.ok("release", ticket, "--until", "21:00", "--why", "limit", "--json").json
    assert released["not_before"].endswith(":00.000000Z")
    time = f"{released['not_before'][:19]}Z"
    nothing = kanban("next")
    assert nothing.code == 4
    assert f"{ticket} is parked until {time[:16]}Z. Come back at {time}." in nothing.err
    assert kanban.ok("why", ticket).rows[-1][3] == f"parked until {time}"
    assert ["not before", time] in kanban.ok("show", ticket).rows
    assert "limit" in kanban.ok("show", ticket).out
    assert "is parked until" in kanban("claim", ticket).err
    assert "no not before" in kanban.ok("edit", ticket, "--not-before", "").out
    assert kanban.ok("add", "Later", "--not-before", "3d", "--json").json["not_before"] > time
    for command in (("add", "Later"), ("edit", ticket)):
        assert kanban(*command, "--not-before", "soon").code == 2


def test_a_ticket_that_needs_something_is_given_to_who_can_it(kanban: Shell, sdk: Kanban, own: Board) -> None:
    ticket = kanban.ok("add", "Train", "--needs", "GPU,db", "--json").json
    id = ticket["id"]
    assert ticket["needs"] == ["db", "gpu"]
    nothing = kanban("next", "--can", "db")
    assert nothing.code == 4
    assert f"{id} needs gpu, which you did not say that you have" in nothing.err
    assert kanban("wait", "--ready", "--can", "db").code == 4
    assert kanban.ok("why", id).rows[-1][3] == "ready needs db,gpu"
    assert ["needs", "db,gpu"] in kanban.ok("show", id).rows
    able = kanban.using(KANBAN_CAN="db, gpu")
    assert f"- {id} medium Train" in able.ok("prime").out
    assert kanban.ok("wait", "--ready", "--can", "db,gpu").rows[0][0] == str(id)
    assert able.ok("next", "--json").json["ticket"]["id"] == id
    (first,) = add(sdk, own, "First")
    sdk.tickets.claim(first)
    sdk.tickets.release(id)
    assert kanban.ok("done", first, "--next", "--can", "db,gpu", "--json").json["next"]["ticket"]["id"] == id
    assert kanban("done", id, "--can", "db").code == 2
    assert "no needs" in kanban.ok("edit", id, "--needs", "").out


def test_tickets_wait_for_others_and_a_cycle_is_refused_with_a_hint(kanban: Shell, sdk: Kanban, own: Board) -> None:
    one, two = add(sdk, own, "One", "Two")
    whole = sdk.tickets.create("Whole", board=own.id, column="Blocked").id
    three = int(kanban.ok("add", "Three", "--on", one, "--on", two, "--parent", whole).rows[0][0])
    assert kanban.ok("block", two, "--on", one).rows[0][2] == f"waits for {one}"
    rows = kanban.ok("show", three).rows
    assert ["waits for", f"{one},{two},(2 open)"] in rows
    assert ["part of", str(whole)] in rows
    refused = kanban("block", one, "--on", three)
    assert (refused.code, next_of(refused)) == (5, f"kanban unblock {three} --on {one}")
    assert kanban("block", one, "--on", one).code == 5
    assert kanban.ok("unblock", three).rows[0][2] == "waits for -"
    assert "parent" not in kanban.ok("edit", three, "--parent", "", "--json").json
    assert kanban.ok("list", "--ready", "--fields", "id").rows == [[str(one)], [str(three)]]


def test_several_tickets_move_in_one_transaction(kanban: Shell, sdk: Kanban, own: Board) -> None:
    one, two, three = add(sdk, own, "One", "Two", "Three")
    sdk.boards.edit_column(own.id, own.column_settings[2].id, limit=2)
    full = kanban("move", one, two, three, "Blocked")
    assert (full.code, next_of(full)) == (5, "kanban list -c Blocked")
    assert kanban.ok("move", one, two, "blocked").rows == [
        [str(one), "Not Started", "Blocked"],
        [str(two), "Not Started", "Blocked"],
    ]
    assert kanban("move", three, "Blocked").code == 5
    assert kanban.ok("move", three, "Blocked", "--force").rows[0][1] == "Blocked"
    assert kanban("move", one, two, "Done", "--top").code == 2


def test_a_board_may_require_fields_of_done_tickets(kanban: Shell, sdk: Kanban, own: Board) -> None:
    one = sdk.tickets.create("one", board=own.id, acceptance_criteria="tested").id
    edited = kanban.ok("board", "edit", "--require", "answers, criteria", "--json").json
    assert edited["require"] == ["criteria", "answers"]
    refused = kanban("move", one, "Done")
    assert (refused.code, next_of(refused)) == (5, f"kanban show {one}")
    assert kanban("board", "edit", "--require", "tests").code == 2
    assert kanban.ok("board", "edit", "--require", "none", "--json").json["require"] == []
    assert kanban.ok("move", one, "Done", "--json").json["unmet"] == ["criteria"]


def test_a_board_may_require_a_review_and_limit_the_tickets_of_a_user(kanban: Shell, sdk: Kanban, own: Board) -> None:
    one, two = add(sdk, own, "One", "Two")
    edited = kanban.ok("board", "edit", "--review", "--wip-per-user", 1, "--json").json
    assert (edited["review"], edited["wip_per_user"]) == (True, 1)
    kanban.ok("claim", one)
    enough = kanban("claim", two)
    assert (enough.code, next_of(enough)) == (5, "kanban list --mine")
    review = kanban("move", one, "Done")
    assert (review.code, next_of(review)) == (5, f"kanban release {one} -c COLUMN --note TEXT")
    kanban.ok("release", one, "-c", "Ready for QC")
    review = kanban("move", one, "Done")
    assert (review.code, next_of(review)) == (5, f"kanban ask {one} TEXT")
    kanban.ok("claim", one)
    edited = kanban.ok("board", "edit", "--no-review", "--wip-per-user", "none", "--json").json
    assert (edited["review"], "wip_per_user" in edited) == (False, False)
