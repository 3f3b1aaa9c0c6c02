"""Boards and columns on the command line."""

from __future__ import annotations

import re

from kanban_sdk import Board, Kanban
from tests.support.cli import Shell
from tests.support.waiting import until


def test_a_board_is_added_renamed_listed_and_deleted(kanban: Shell) -> None:
    created = kanban.ok("board", "add", "Travel", "-d", "where to", "--columns", "Dream, Plan,Gone", "--json").json
    assert (created["columns"], created["description"]) == (["Dream", "Plan", "Gone"], "where to")
    kanban.ok("board", "edit", created["id"], "--name", "Voyage", "-d", "")
    listed = kanban.ok("board", "list")
    assert [str(created["id"]), "0", "Voyage"] in listed.rows
    assert listed.err == f"{len(listed.rows)} of {len(listed.rows)}\n"
    kanban.ok("board", "delete", "voyage", "--yes")
    assert kanban("board", "show", "voyage").code == 3


def test_a_new_board_says_what_its_columns_mean(kanban: Shell) -> None:
    added = kanban.ok("board", "add", "Meaning", "--columns", "Backlog,Doing,Review,Done")
    assert added.err == "4 columns: Backlog (todo), Doing (working), Review (waiting), Done (done)\n"


def test_columns_are_set_renamed_and_limited(kanban: Shell) -> None:
    ticket = kanban.ok("add", "Stays").rows[0][0]
    kanban.ok("board", "columns", "Inbox", "In Progress", "Done", "--move-to", "inbox")
    kanban.ok("board", "column", "in_progress", "--rename", "Doing", "--limit", 3, "--role", "waiting")
    columns = kanban.ok("board", "columns")
    assert [row[1:] for row in columns.rows[:3]] == [
        ["todo", "-", "Inbox"],
        ["waiting", "3", "Doing"],
        ["done", "-", "Done"],
    ]
    kanban.ok("board", "column", "Doing", "--limit", "none")
    assert kanban.ok("board", "columns", "--set", "Done,Inbox,Doing").out == "columns\tDone\tInbox\tDoing\n"
    assert kanban.ok("show", ticket, "--json").json["current_column"] == "Inbox"


def test_a_board_is_drawn_as_columns_on_a_terminal_and_printed_as_lines_in_a_pipe(kanban: Shell, own: Board) -> None:
    ticket = kanban.ok("add", "Draw me", "-a", "bob").rows[0][0]
    assert kanban.ok("board", "show").rows == [[ticket, "Not Started", "bob", "Draw me"]]
    drawn = kanban.terminal("board", "show", own.id)
    assert "Not Started 1" in drawn
    assert f"{ticket} \x1b[0mDraw me" in drawn
    assert "\x1b[32m" in drawn
    assert "@bob" in drawn
    plain = kanban.terminal("board", "show", NO_COLOR="1")
    assert f"{ticket} Draw me" in plain
    assert "\x1b[3" not in plain


def test_a_live_board_follows_the_stream_and_is_refused_in_a_pipe(kanban: Shell) -> None:
    refused = kanban("board", "show", "--live")
    assert (refused.code, refused.out) == (2, "")
    assert "next: kanban watch" in refused.err
    with kanban.screen("board", "show", "--live") as screen:
        screen.until("Not Started 0")
        kanban.ok("add", "Appears")
        screen.until("Appears")
        kanban.ok("board", "column", "Blocked", "--rename", "Waiting")
        screen.until("Waiting 0")
        screen.interrupt()
        assert screen.code() == 130


def test_who_shows_the_users_on_the_board_and_their_tickets(kanban: Shell, own: Board, sdk: Kanban) -> None:
    ticket = sdk.tickets.create("held", board=own.id).id
    sdk.tickets.claim(ticket)
    with sdk.watch(own.id) as watch:
        watch.connect()
        (row,) = kanban.ok("who").rows
        assert row[:4] == ["ada", "sdk", "-", str(ticket)]
        assert re.fullmatch(r"now|\d+s ago", row[4])
    until(lambda: kanban.ok("who").rows[0][1] == "active")
    assert kanban.ok("who", "--json").json["users"][0]["holds"] == [ticket]
    kanban.ok("add", "Another", "-u", "bob")
    assert [row[:4] for row in kanban.ok("who").rows] == [
        ["ada", "active", "-", str(ticket)],
        ["bob", "active", "-", "-"],
    ]
