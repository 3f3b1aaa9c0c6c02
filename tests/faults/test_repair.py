"""`kanban doctor` finds damage of a board's log, rows, counts or indexes, and `--repair` repairs it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from kanban_sdk import Event, Kanban
from tests.faults.test_trimming import check_base, make_history
from tests.faults.validators import check_dense, check_fold_is_snapshot, check_times, check_waiting, whole_log
from tests.support.servers import Server, clean_environment, on_sqlite

Finding = dict[str, Any]


def doctor(database: str, *flags: str) -> list[Finding]:
    """Return the findings of the server's own program about the boards, including repairs."""
    command = [sys.executable, "-m", "kanban_server", "doctor", "--database", database, *flags]
    process = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=120)
    assert process.returncode == 0, process
    findings = [json.loads(line) for line in process.stdout.splitlines()]
    return [one for one in findings if one["name"] in {"boards", "repair", "database"}]


def bad(findings: list[Finding]) -> list[str]:
    return [one["message"] for one in findings if one["level"] == "bad"]


def damage(database: str, *statements: str) -> None:
    """Damage the database with SQL that bypasses the server."""
    if database.startswith("postgresql"):
        import psycopg

        with psycopg.connect(database) as connection:
            for statement in statements:
                connection.execute(statement)
        return
    with closing(sqlite3.connect(database)) as file, file:
        for statement in statements:
            file.execute(statement)


def check_repaired(kanban: Kanban, board: int) -> None:
    """Check everything that must hold of a board."""
    events = whole_log(kanban, board)
    check_dense([event.seq for event in events])
    check_times(events)
    check_fold_is_snapshot(kanban, board)
    check_waiting(kanban, board)


def board_with_history(kanban: Kanban) -> tuple[int, list[int]]:
    """Create a board with a varied history; return it and its tickets."""
    board = kanban.boards.create("Damaged", columns=["Todo", "Doing", "Waiting", "Done"]).id
    make_history(kanban, board)
    tickets = [kanban.tickets.create(f"words {n}", board=board, labels=["one", "two"]).id for n in range(4)]
    kanban.tickets.block(tickets[1], tickets[0])
    kanban.tickets.edit(tickets[2], parent=tickets[3])
    kanban.tickets.move(tickets[0], "Doing")
    kanban.comments.add(tickets[0], "@bob commented")
    kanban.tickets.claim(tickets[2])
    return board, tickets


def lose(kanban: Kanban, board: int, change: Callable[[], Any]) -> list[str]:
    """Return statements that cut the log before a change, but keep its rows."""
    before = kanban.boards.snapshot(board).seq
    change()
    return [
        f"DELETE FROM events WHERE board_id = {board} AND seq > {before}",
        f"UPDATE boards SET seq = {before} WHERE id = {board}",
    ]


def test_an_intact_database_has_no_findings_and_a_repair_changes_nothing(own_server: Server) -> None:
    with own_server.kanban("ada") as kanban:
        board, _ = board_with_history(kanban)
        before = kanban.boards.snapshot(board)
        assert not bad(doctor(own_server.database, "--repair"))
        assert kanban.boards.snapshot(board) == before


def test_lost_events_wrong_counts_and_wrong_indexes_are_found_and_repaired_without_a_server(
    own_server: Server,
) -> None:
    with own_server.kanban("ada") as kanban:
        board, (one, two, three, four) = board_with_history(kanban)

        def change() -> None:
            kanban.tickets.move(one, "Done")
            kanban.tickets.release(three)
            kanban.tickets.claim(two)
            kanban.tickets.edit(four, title="another", description="not logged: 修复登录, C++", priority="high")
            kanban.tickets.create("not logged", board=board, column="Doing")
            kanban.tickets.delete(kanban.tickets.create("gone", board=board).id)
            kanban.comments.add(four, "not logged")
            column = kanban.boards.get(board).column_settings[1]
            kanban.boards.edit_column(board, column.id, name="Renamed")
            kanban.boards.edit(board, description="not logged", wip_per_user=7)
            kanban.tickets.delete(three)

        lost = lose(kanban, board, change)
        now = kanban.boards.snapshot(board)
    own_server.stop()
    words = "DELETE FROM ticket_search"
    damage(
        own_server.database,
        *lost,
        f"UPDATE boards SET counts = '{{}}', tallies = '{{\"1\": [9, 9, 9]}}' WHERE id = {board}",
        f"UPDATE tickets SET open_blockers = 5, comment_count = 9, needs_human = 1 WHERE id = {one}",
        f"DELETE FROM dependencies WHERE ticket_id = {two}",
        f"DELETE FROM ticket_labels WHERE ticket_id = {one} AND label = 'one'",
        f"INSERT INTO ticket_labels (board_id, label, ticket_id) VALUES ({board}, 'stray', {two})",
        f"{words} WHERE rowid = {four}" if "://" not in own_server.database else f"{words} WHERE ticket_id = {four}",
    )
    problems = bad(doctor(own_server.database))
    assert len(problems) == 1
    for text in ("its log tells", "the counts of tickets", "label index", "search index", "counts of columns"):
        assert text in problems[0]
    assert not bad(doctor(own_server.database, "--repair"))
    own_server.start()
    with own_server.kanban("ada") as kanban:
        check_repaired(kanban, board)
        mended = kanban.boards.snapshot(board)
        assert [_without_version(ticket) for ticket in mended.tickets] == [_without_version(one) for one in now.tickets]
        assert mended.board.counts == now.board.counts
        assert [ticket.id for ticket in kanban.tickets.page(board, search="not logged", page_size=9).items]
        assert {ticket.id for ticket in kanban.tickets.page(board, label="one", page_size=9).items} >= {one}
        assert [ticket.id for ticket in kanban.tickets.page(board, search="登录 c++").items] == [four]
        assert kanban.tickets.page(board, label="stray", page_size=9).total == 0
        kanban.tickets.move(four, "Done")
        check_repaired(kanban, board)


def _without_version(ticket: Any) -> Any:
    return ticket.but(version=0)


@pytest.mark.slow
def test_missing_events_of_a_log_are_replaced_through_the_running_server(
    own_server: Server,
) -> None:
    with own_server.kanban("ada") as kanban, own_server.kanban("bob") as bob:
        board, (one, two, *_) = board_with_history(kanban)
        kanban.tickets.edit(two, title="kept in the log")
        gone = kanban.boards.snapshot(board).seq
        with bob.watch(board, after=gone) as watch:
            kanban.tickets.edit(one, title="lost")
            assert watch.next(timeout=10).data["title"] == "lost"
            kanban.tickets.edit(two, title="behind it")
            assert watch.next(timeout=10).data["title"] == "behind it"
            own_server.stop()
            lost = f"DELETE FROM events WHERE board_id = {board} AND seq IN ({gone - 3}, {gone + 1})"
            damage(own_server.database, lost)
            own_server.start()
            assert "2 events are missing" in bad(doctor(own_server.database))[0]
            findings = doctor(own_server.database, "--repair")
            assert not bad(findings)
            assert [one["name"] for one in findings].count("repair") == 1
            events: list[Event] = []
            while not events or events[-1].event != "board_repaired":
                events.append(watch.next(timeout=20))
        check_repaired(kanban, board)
        events = whole_log(kanban, board)
        assert events[gone].event == "board_repaired" == events[gone - 4].event
        titles = [change.new_value for change in kanban.tickets.history(one) if change.field_name == "title"]
        assert titles[0] == "lost"


@pytest.mark.slow
def test_events_beyond_the_stored_head_of_a_board_become_part_of_its_log(own_server: Server) -> None:
    with own_server.kanban("ada") as kanban:
        board, (one, *_) = board_with_history(kanban)
    own_server.stop()
    damage(own_server.database, f"UPDATE boards SET seq = seq - 2 WHERE id = {board}")
    assert "2 events further" in bad(doctor(own_server.database))[0]
    assert not bad(doctor(own_server.database, "--repair"))
    own_server.start()
    with own_server.kanban("ada") as kanban:
        kanban.tickets.edit(one, title="next")
        check_repaired(kanban, board)


@pytest.mark.slow
def test_a_ticket_without_its_row_or_its_column_is_repaired(own_server: Server) -> None:
    with own_server.kanban("ada") as kanban:
        board = kanban.boards.create("Rows").id
        one, two = (kanban.tickets.create(title, board=board).id for title in ("one", "two"))
    own_server.stop()
    search = "rowid" if "://" not in own_server.database else "ticket_id"
    damage(
        own_server.database,
        f"DELETE FROM ticket_search WHERE {search} = {one}",
        f"DELETE FROM tickets WHERE id = {one}",
        f"UPDATE tickets SET column_id = 99 WHERE id = {two}",
    )
    assert bad(doctor(own_server.database))
    assert not bad(doctor(own_server.database, "--repair"))
    own_server.start()
    with own_server.kanban("ada") as kanban:
        check_repaired(kanban, board)
        assert [ticket.id for ticket in kanban.boards.snapshot(board).tickets] == [two]


@pytest.mark.slow
def test_a_ticket_no_longer_waits_for_a_ticket_without_a_row(own_server: Server) -> None:
    with own_server.kanban("ada") as kanban:
        board = kanban.boards.create("Dangling").id
        gone, done = (kanban.tickets.create(title, board=board).id for title in ("gone", "done"))
        waiting = kanban.tickets.create("waiting", board=board, blocked_by=[gone, done]).id
    own_server.stop()
    postgres = "://" in own_server.database
    damage(
        own_server.database,
        f"DELETE FROM dependencies WHERE blocker_id = {gone}" if postgres else "PRAGMA foreign_keys = OFF",
        f"DELETE FROM ticket_search WHERE {'ticket_id' if postgres else 'rowid'} = {gone}",
        f"DELETE FROM tickets WHERE id = {gone}",
    )
    assert bad(doctor(own_server.database))
    assert not bad(doctor(own_server.database, "--repair"))
    own_server.start()
    with own_server.kanban("ada") as kanban:
        check_repaired(kanban, board)
        ticket = kanban.tickets.get(waiting)
        assert (ticket.blocked_by, ticket.open_blockers) == ([done], 1)
        kanban.tickets.move(done, "Done")
        assert kanban.tickets.get(waiting).open_blockers == 0


@pytest.mark.slow
def test_a_trimmed_log_is_compared_starting_from_its_base(own_server: Server) -> None:
    with own_server.kanban("ada") as kanban:
        board, (one, *_) = board_with_history(kanban)
    own_server.stop()
    trim = ["trim", "--database", own_server.database, "--board", str(board), "--keep", "0s"]
    subprocess.run([sys.executable, "-m", "kanban_server", *trim], env=clean_environment(), check=True)
    assert not bad(doctor(own_server.database))
    damage(own_server.database, f"UPDATE tickets SET title = 'otherwise', version = version + 1 WHERE id = {one}")
    assert f"tickets {one}" in bad(doctor(own_server.database))[0]
    assert not bad(doctor(own_server.database, "--repair"))
    own_server.start()
    with own_server.kanban("ada") as kanban:
        check_base(own_server, kanban, board)


@on_sqlite
@pytest.mark.slow
def test_a_large_board_is_compared_without_holding_it_in_memory(own_server: Server) -> None:
    with own_server.kanban("ada") as kanban:
        board = kanban.boards.create("Large").id
        for start in range(0, 3000, 50):
            tickets = [
                {"source_id": str(n), "title": f"t{n}", "description": f"{n} " * 3500} for n in range(start, start + 50)
            ]
            kanban.boards.import_tickets(board, tickets)
    own_server.stop()
    program = "import re, sys; from kanban_server.commands.doctor import main; main(sys.argv[1:]);"
    # not ru_maxrss: Linux starts it at the size of the process that starts this one
    program += "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1], file=sys.stderr)"
    command = [sys.executable, "-c", program, "--database", own_server.database]
    process = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=True)
    assert '"bad"' not in process.stdout
    assert int(process.stderr) < 130_000, "kilobytes; the texts of the board alone have 50,000"
