"""Tickets on the command line, in a pipe and as JSON."""

from __future__ import annotations

from kanban_sdk import Board, Kanban
from tests.support.cli import Shell

LONG = "x" * 5000


def test_a_ticket_is_added_with_all_its_fields(kanban: Shell) -> None:
    flags = ["--criteria", "it works", "-p", "1.0.1", "-a", "bob", "-l", "bug", "-l", "ui", "-c", "in_progress"]
    created = kanban.ok("add", "Mend it", "-d", "-", *flags, "--json", "--full", stdin="from stdin\n").json
    assert created["description"] == "from stdin"
    assert (created["acceptance_criteria"], created["priority"], created["assignee"]) == ("it works", "1.0.1", "bob")
    assert (created["labels"], created["current_column"], created["created_by"]) == (
        ["bug", "ui"],
        "In Progress",
        "ada",
    )


def test_a_list_shows_four_fields_and_the_total(kanban: Shell, sdk: Kanban, own: Board) -> None:
    one = sdk.tickets.create("Task a", board=own.id).id
    two = sdk.tickets.create("Task b", board=own.id, column="Done", assignee="ada", labels=["late"]).id
    sdk.tickets.create("Task c", board=own.id)
    sdk.comments.add(one, "quince")

    listed = kanban.ok("list", "-n", 2)
    assert listed.rows[0] == [str(one), "Not Started", "-", "Task a"]
    assert listed.err == "2 of 3\n"
    assert len(listed.out.splitlines()[0]) - len("Task a") <= 25
    assert kanban.ok("list", "-n", 2, "--page", 2).rows == [[str(two), "Done", "ada", "Task b"]]
    for filter_ in (["--mine"], ["-a", "ada"], ["-c", "DONE"], ["-l", "late"]):
        assert kanban.ok("list", *filter_, "--fields", "id").rows == [[str(two)]], filter_
    assert kanban.ok("list", "--search", "quin", "--fields", "id,column").rows[0] == [str(one), "Not Started"]

    page = kanban.ok("list", "--json").json
    assert (page["total"], [ticket["id"] for ticket in page["items"]][-1]) == (3, two)
    narrow = kanban.ok("list", "--json", "--fields", "id,priority", "-n", 1).json
    assert narrow["items"] == [{"id": one, "priority": "medium"}]


def test_search_looks_at_the_selected_board_or_at_all_and_says_which(kanban: Shell, sdk: Kanban, own: Board) -> None:
    other = sdk.boards.create("另一个")
    here = sdk.tickets.create(f"修复登录页面 here{own.id}", board=own.id).id
    there = sdk.tickets.create("C++", board=other.id, description=f"登录 here{own.id}").id
    output = kanban.ok("search", "登录", f"here{own.id}")
    assert [row[0] for row in output.rows] == [str(here)]
    assert output.err == f"1 of 1 on board {own.id}; --all-boards searches all\n"
    everywhere = kanban.ok("search", "登录", f"here{own.id}", "--all-boards")
    assert everywhere.rows == [
        [str(there), f"{other.id} 另一个", "Not Started", "C++"],
        [str(here), f"{own.id} {own.name}", "Not Started", f"修复登录页面 here{own.id}"],
    ]
    assert everywhere.err == "2 on all boards, newest first\n"
    nowhere = kanban.using(KANBAN_BOARD="")
    assert nowhere.ok("search", "登录", f"here{own.id}").rows == everywhere.rows
    first = nowhere.ok("search", "登录", f"here{own.id}", "-n", 1)
    assert (first.rows, "there are more: -n 10" in first.err) == (everywhere.rows[:1], True)
    page = nowhere.ok("search", "登录", f"here{own.id}", "--json").json
    assert [(item["id"], item["board_name"]) for item in page["items"]] == [(there, "另一个"), (here, own.name)]


def test_a_list_is_filtered_sorted_and_paged_by_the_server(kanban: Shell, sdk: Kanban, own: Board) -> None:
    for title, priority in (("b", "low"), ("a", "critical"), ("c", "high")):
        sdk.tickets.create(title, board=own.id, priority=priority)
    sdk.tickets.create("d", board=own.id, priority="high", column="Done")

    def titles(*options: object) -> list[str]:
        return [row[0] for row in kanban.ok("list", *options, "--fields", "title").rows]

    assert titles("--sort", "priority", "--not-done") == ["a", "c", "b"]
    assert titles("--sort", "title", "--reverse", "--status", "open") == ["c", "b", "a"]
    assert titles("--status", "done", "--priority", "high") == ["d"]
    assert titles("--created-by", "ada", "--since", "1d", "--sort", "id") == ["b", "a", "c", "d"]
    assert titles("--created-by", "eve") == titles("--since", "2999-01-01") == []
    second = kanban.ok("list", "--sort", "priority", "-n", 2, "--page", 2, "--fields", "title")
    assert ([row[0] for row in second.rows], second.err) == (["d", "b"], "2 of 4\n")
    everything = kanban.ok("list", "--all", "--sort", "title", "--json").json
    assert [ticket["title"] for ticket in everything["items"]] == ["a", "b", "c", "d"]
    assert (everything["total"], everything["page"], everything["has_next"]) == (4, 1, False)


def test_long_texts_are_cut_unless_full_is_typed(kanban: Shell, sdk: Kanban, own: Board) -> None:
    ticket = sdk.tickets.create("Long", board=own.id, description=LONG).id
    sdk.comments.add(ticket, "- done")
    for command in (["show", ticket], ["list", "--fields", "description"]):
        result = kanban.ok(*command)
        assert "5,000 bytes; --full shows all" in result.out
        assert LONG not in result.out
        assert LONG in kanban.ok(*command, "--full").out
    output = kanban.ok("show", ticket)
    assert ["title", "Long"] in output.rows
    assert (output.out.endswith("\n  - done\n"), output.err) == (True, "1 of 1 comments\n")
    assert kanban.ok("show", ticket, "--json").json["comments"][0]["text"] == "- done"


def test_a_move_prints_one_short_line(kanban: Shell, sdk: Kanban, own: Board) -> None:
    first, second, third = (sdk.tickets.create("é" * 200, board=own.id).id for _ in range(3))
    moved = kanban.ok("move", first, "ready_for_qc")
    assert moved.rows[0][:3] == [str(first), "Ready for QC", "-"]
    assert len(moved.out.encode()) < 200

    def order() -> list[int]:
        return [ticket.id for ticket in sdk.tickets.page(own.id, column="Ready for QC").items]

    kanban.ok("move", second, "Ready for QC", "--top")
    kanban.ok("move", third, "Ready for QC", "--after", second)
    assert order() == [second, third, first]
    kanban.ok("move", first, "Ready for QC", "--before", third)
    kanban.ok("move", second, "Ready for QC", "--bottom")
    assert order() == [first, third, second]


def test_an_edit_changes_only_named_fields_and_an_empty_text_clears_a_field(kanban: Shell) -> None:
    ticket = kanban.ok("add", "Old", "-d", "one", "-a", "bob", "-l", "x", "--json").json["id"]
    flags = ["--title", "New", "--append", "two", "-p", "high", "--add-label", "y", "--remove-label", "x"]
    edited = kanban.ok("edit", ticket, *flags, "-a", "", "-c", "Blocked", "--json", "--full").json
    assert (edited["title"], edited["description"], edited["priority"]) == ("New", "one\n\ntwo", "high")
    assert (edited["labels"], edited["assignee"], edited["current_column"]) == (["y"], None, "Blocked")
    version = edited["version"]
    kanban.ok("edit", ticket, "-d", "", "--if-version", version)
    assert "description" not in kanban.ok("show", ticket, "--json").json


def test_a_deleted_ticket_can_be_restored(kanban: Shell) -> None:
    ticket = kanban.ok("add", "Here again").rows[0][0]
    kanban.ok("delete", ticket, "--yes")
    assert kanban("show", ticket).code == 3
    assert kanban.ok("undelete", ticket).rows == [[ticket, "Not Started", "-", "Here again"]]


def test_the_log_shows_the_history_of_a_ticket_and_the_newest_events_of_the_board(kanban: Shell) -> None:
    ticket = kanban.ok("add", "Told").rows[0][0]
    kanban.ok("move", ticket, "done", "-u", "bob")
    history = kanban.ok("log", ticket)
    assert [row[1:] for row in history.rows] == [["bob", "moved: Not Started → Done"], ["ada", "created Told"]]
    assert history.err == "2 of 2\n"
    newest = kanban.ok("log", "-n", 2)
    assert [row[3] for row in newest.rows[:2]] == [
        f"moved {ticket} Told: Not Started → Done",
        f"created {ticket} Told in Not Started",
    ]
    assert newest.err == "2 of 3\n"
    assert [event["event"] for event in kanban.ok("log", "-n", 2, "--json").json["events"]] == [
        "ticket_moved",
        "ticket_created",
    ]
    assert [change["new_value"] for change in kanban.ok("log", ticket, "-n", 1, "--json").json] == ["Done"]


def test_common_options_stand_before_the_command_and_after_its_arguments(kanban: Shell, own: Board) -> None:
    nowhere = kanban.using(KANBAN_BOARD="none such", KANBAN_USER="")
    before = nowhere.ok("-b", own.name, "--as", "eve", "--json", "--full", "add", "First").json
    after = nowhere.ok("add", "Second", "--json", "--full", "--board", own.id, "-u", "eve").json
    for made in (before, after):
        assert (made["board_id"], made["created_by"]) == (own.id, "eve")
    assert nowhere.ok("board", "-b", own.id, "columns", "--json").json["id"] == own.id


def test_texts_may_begin_with_a_dash_or_come_from_stdin(kanban: Shell) -> None:
    ticket = kanban.ok("add", "- dashed", "-d", "--- cut here").rows[0]
    assert ticket[3] == "- dashed"
    kanban.ok("comment", ticket[0], "-", stdin="zwei\nZeilen\n")
    kanban.ok("comment", ticket[0], "--", "--force")
    texts = [comment["text"] for comment in kanban.ok("show", ticket[0], "--json").json["comments"]]
    assert texts == ["zwei\nZeilen", "--force"]
