"""Lists, tickets, logs and boards on a terminal of any width and kind."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from rich.cells import cell_len

from kanban_sdk import Board, Kanban
from tests.support.cli import Shell

ESCAPE_CODE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture
def busy(sdk: Kanban, own: Board) -> dict[str, int]:
    """Tickets of all kinds, by what they are."""
    overdue = (datetime.now(UTC) - timedelta(days=3)).date().isoformat()
    late = sdk.tickets.create("Late " + "words " * 20, board=own.id, priority="high", labels=["bug"], due_date=overdue)
    held = sdk.tickets.create("修复登录页面", board=own.id, acceptance_criteria="it runs")
    waiting = sdk.tickets.create("Waiting", board=own.id, blocked_by=[held.id], assignee="eve")
    done = [sdk.tickets.create(f"Finished {number}", board=own.id, column="Done").id for number in range(5)]
    with Kanban(sdk.url, "bob") as bob:
        bob.tickets.claim(held.id)
        bob.comments.add(held.id, "Looking at it")
    return {"late": late.id, "held": held.id, "waiting": waiting.id, "done": done[-1]}


def plain(text: str) -> str:
    return ESCAPE_CODE.sub("", text)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_list_shows_what_matters_of_each_ticket_at_any_width(kanban: Shell, busy: dict[str, int], width: int) -> None:
    output = plain(kanban.terminal("list", COLUMNS=str(width)))
    assert max(map(cell_len, output.splitlines())) <= width
    for text in ("high", "3d overdue", "#bug", "@bob 29m left", f"waits for {busy['held']}", "@eve", "0/1 criteria"):
        assert text in output, text
    assert "changed now" in output or "changed 1s ago" in output or re.search(r"changed\s+\d+s", output)
    assert "修复登录页面" in output
    assert "Not Started 2\n" in output


def test_done_tickets_are_counted_and_listed_on_request(kanban: Shell, busy: dict[str, int]) -> None:
    folded = plain(kanban.terminal("list"))
    assert "Done 5 --all lists them\n3 of 3\n" in folded
    for options in (["--all"], ["-c", "Done"], ["--status", "done"], ["--status", "closed"]):
        listed = plain(kanban.terminal("list", *options))
        assert "Finished 4" in listed, options
        assert "--all lists them" not in listed


def test_a_sorted_list_is_one_table_with_the_columns(kanban: Shell, busy: dict[str, int]) -> None:
    output = plain(kanban.terminal("list", "--sort", "priority", COLUMNS="120"))
    numbers = [int(match) for match in re.findall(r"^ +(\d+) ", output, re.MULTILINE)]
    assert numbers == [busy["late"], busy["held"], busy["waiting"]]  # ties by number
    assert "In Progress" in output


def test_a_dumb_terminal_and_no_color_get_no_codes(kanban: Shell, busy: dict[str, int]) -> None:
    for command in (["list"], ["show", busy["held"]], ["log"], ["board", "show"]):
        assert "\x1b" not in kanban.terminal(*command, TERM="dumb"), command
    assert not re.search(r"\x1b\[3\d", kanban.terminal("list", NO_COLOR="1"))


def test_a_ticket_begins_with_its_title_and_who_has_it(kanban: Shell, busy: dict[str, int]) -> None:
    title, facts, *_ = plain(kanban.terminal("show", busy["held"])).splitlines()
    assert title == f"{busy['held']}  修复登录页面"
    assert re.fullmatch(
        rf"In Progress · medium · @bob holds it, lease {busy['held']}\.1 \(29m( \d+s)? left\)", facts
    ), facts
    _, facts, *_ = plain(kanban.terminal("show", busy["late"])).splitlines()
    assert facts == "Not Started · high · assigned to nobody · 3d overdue"


def test_the_log_of_a_ticket_agrees_with_the_log_of_its_board(kanban: Shell, sdk: Kanban, own: Board) -> None:
    ticket = sdk.tickets.create("Told", board=own.id).id
    other = sdk.tickets.create("Other", board=own.id).id
    sdk.tickets.edit(ticket, priority="high", due_date="2030-01-31", description="long")
    sdk.tickets.add_labels(ticket, "bug", "ui")
    sdk.tickets.claim(ticket)
    sdk.comments.add(ticket, "halfway")
    sdk.tickets.release(ticket)
    sdk.tickets.block(ticket, other)
    sdk.tickets.unblock(ticket, other)
    sdk.tickets.move(ticket, "Done")
    sdk.tickets.delete(ticket)
    of_board = [row[2:] for row in kanban.ok("log").rows]
    words = [
        [who, re.sub(rf" (on )?{ticket}( Told)?", "", what).replace("created in Not Started", "created Told")]
        for who, what in of_board
        if re.search(rf"\b{ticket}\b", what) and not what.startswith(("blocked", "unblocked", "released"))
    ]
    sdk.tickets.restore(ticket)
    entries = [row[1:] for row in kanban.ok("log", ticket).rows]
    assert entries[0] == ["ada", "restored"]
    assert [entry for entry in entries[1:] if entry[1] != "released"] == words
    assert ["ada", "changed: description, priority medium → high, due - → 2030-01-31"] in words


def test_a_board_stands_side_by_side_or_one_below_the_other(kanban: Shell, busy: dict[str, int]) -> None:
    wide = plain(kanban.terminal("board", "show", COLUMNS="120"))
    assert re.search(r"Not Started 2 .*In Progress 1 .*Done 5", wide)
    narrow = plain(kanban.terminal("board", "show", COLUMNS="40"))
    assert "Not Started 2\n" in narrow
    assert max(map(cell_len, narrow.splitlines())) <= 40
    for drawn in (wide, narrow):
        assert "3 of 5 shown" in drawn
        assert "@bob" in drawn
    assert "Finished 0" in kanban.terminal("board", "show", "--full")


def test_a_live_board_shows_what_just_happened(kanban: Shell, busy: dict[str, int]) -> None:
    with kanban.screen("board", "show", "--live") as screen:
        screen.until("8 tickets")
        kanban.ok("move", busy["waiting"], "Blocked")
        screen.until(f"ada  moved {busy['waiting']} Waiting: Not Started → Blocked")
        screen.interrupt()
        assert screen.code() == 130
