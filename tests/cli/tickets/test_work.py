"""`kanban work`: a command for each ticket, and where the ticket is when the command has ended."""

from __future__ import annotations

import json
import os
import signal
import sys
import time

import pytest

from kanban_sdk import Board, Kanban
from kanban_sdk.wire.limits import NEEDS_HUMAN
from kanban_sdk.wire.tickets import Attempt
from tests.cli.tickets.test_claims import add
from tests.support.cli import Shell
from tests.support.proxy import proxied
from tests.support.servers import Server, free_port
from tests.support.waiting import until


def last_attempt(sdk: Kanban, ticket: int) -> Attempt:
    attempts = sdk.tickets.get(ticket).attempts
    assert attempts is not None
    return attempts[-1]


def test_a_command_gets_its_ticket_and_its_success_finishes_it(kanban: Shell, sdk: Kanban, own: Board) -> None:
    (ticket,) = add(sdk, own, "Title; with $(signs)")
    names = "$KANBAN_TICKET|$KANBAN_LEASE|$KANBAN_BOARD|$KANBAN_URL|$KANBAN_USER|$KANBAN_TITLE"
    script = f'cat > ticket.json; echo "{names}"'
    worked = kanban("work", "--", "sh", "-c", script)
    assert worked.code == 0
    expected = [str(ticket), f"{ticket}.1", str(own.id), sdk.url, "ada", "Title; with $(signs)"]
    assert worked.out == "|".join(expected) + "\n"
    ticket_data = json.loads((kanban.folder / "ticket.json").read_text())
    assert (ticket_data["title"], ticket_data["lease"]["token"]) == (expected[-1], expected[1])
    assert sdk.tickets.get(ticket).current_column == "Done"
    assert kanban("work", "--", "true").code == 4


def test_a_command_that_fails_gives_its_ticket_back_with_the_end_of_its_stderr(
    kanban: Shell, sdk: Kanban, own: Board
) -> None:
    (ticket,) = add(sdk, own, "One")
    failed = kanban("work", "--", "sh", "-c", "seq 1000 >&2; printf 'no\\033[2J luck\\n' >&2; exit 7")
    assert failed.code == 1
    assert failed.err.startswith("1\n2\n")
    assert failed.err.endswith(f"sh ended with 7; ticket {ticket} was released.\n  next: kanban show {ticket}\n")
    now, attempt = sdk.tickets.get(ticket), last_attempt(sdk, ticket)
    assert (now.claim, now.current_column, attempt.reason) == (None, "Not Started", "released")
    assert attempt.note is not None
    assert attempt.note.startswith("sh ended with 7\n\n")
    assert attempt.note.endswith("\n1000\nno\\u001b[2J luck")


def test_a_success_moves_the_ticket_unless_the_command_moved_it(kanban: Shell, sdk: Kanban, own: Board) -> None:
    one, two, three = add(sdk, own, "One", "Two", "Three")
    assert kanban("work", "--ticket", two, "--to", "ready_for_qc", "--", "true").code == 0
    moved = [sys.executable, "-m", "kanban_cli", "move", str(one), "Blocked"]
    assert kanban("work", "--ticket", one, "--", *moved).code == 0
    sdk.boards.edit(own.id, review=True)
    assert kanban("work", "--", "true").code == 0
    for ticket, column in ((one, "Blocked"), (two, "Ready for QC"), (three, "Blocked")):
        now = sdk.tickets.get(ticket)
        assert (now.current_column, now.claim and now.claim.number) == (column, now.claim and 1)


def test_a_loop_takes_ready_tickets_until_a_signal_which_it_passes_on(
    kanban: Shell, sdk: Kanban, own: Board, sqlite: Server
) -> None:
    script = (
        'test "$KANBAN_TITLE" = Quick || { trap "echo told; exit 0" TERM; echo begun; while :; do sleep 0.1; done; }'
    )
    with kanban.running("work", "--loop", "--", "sh", "-c", script) as worker:
        quick, again = add(sdk, own, "Quick"), add(sdk, own, "Quick")
        for (ticket,) in (quick, again):
            until(lambda ticket=ticket: sdk.tickets.get(ticket).current_column == "Done")  # type: ignore[misc]
        (slow,) = add(sdk, own, "Slow")
        assert worker.stdout is not None
        assert worker.stdout.readline() == "begun\n"
        worker.send_signal(signal.SIGTERM)
        assert worker.stdout.readline() == "told\n"
        assert worker.wait(20) == 130
    attempt = last_attempt(sdk, slow)
    assert (attempt.reason, attempt.note) == ("released", "interrupted by SIGTERM")
    idle = ["work", "--loop", "-l", "none such", "--", "true"]
    for end, code in ((lambda: worker.send_signal(signal.SIGINT), 130), (lambda: sdk.boards.delete(own.id), 3)):
        with proxied(sqlite.port) as proxy, kanban.running(*idle, KANBAN_URL=proxy.url) as worker:
            until(lambda: any(b"/ws/connect" in request for request in proxy.requests), what="the worker's stream")
            end()
            assert worker.wait(20) == code


def has_ended(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_signal_after_the_command_has_ended_does_not_undo_its_work(kanban: Shell, sdk: Kanban, own: Board) -> None:
    (ticket,) = add(sdk, own, "One")
    with kanban.running("work", "--", "sh", "-c", "echo $$; sleep 5 >&2 &") as worker:
        assert worker.stdout is not None
        command = int(worker.stdout.readline())
        until(lambda: has_ended(command), what="the end of the command")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 130
    assert sdk.tickets.get(ticket).current_column == "Done"


@pytest.mark.slow
def test_an_idle_worker_survives_a_restart_of_the_server_and_reports_it_once(kanban: Shell, own_sqlite: Server) -> None:
    with own_sqlite.kanban("bob") as bob:
        board = bob.boards.create("Lasting").id
        at = kanban.using(KANBAN_URL=own_sqlite.url, KANBAN_BOARD=str(board))
        with at.running("work", "--loop", "--", "true") as worker:
            assert worker.stderr is not None
            until(lambda: bob.boards.presence(board).users, what="the worker's stream")
            own_sqlite.stop()
            stopped = time.monotonic()
            lost = worker.stderr.readline()
            until(lambda: time.monotonic() > stopped + 3, what="more than the tries of one call")
            own_sqlite.start()
            back = worker.stderr.readline()
            ticket = bob.tickets.create("Ready", board=board).id
            until(lambda: bob.tickets.get(ticket).current_column == "Done", within=20, what="the work")
            done = worker.stderr.readline()
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(20) == 130
            rest = worker.stderr.read()
    assert lost.startswith("kanban: Disconnected (")
    assert lost.endswith("); trying again for up to 5 minutes\n")
    assert back == "kanban: Connected again\n"
    assert (done[:15], rest) == (f"kanban: ticket {ticket}"[:15], "")


def test_a_worker_ends_at_once_on_a_signal_and_with_8_after_its_patience(kanban: Shell) -> None:
    away = kanban.using(KANBAN_URL=f"http://127.0.0.1:{free_port()}", KANBAN_BOARD="1")
    with away.running("work", "--loop", "--", "true") as worker:
        assert worker.stderr is not None
        assert "Disconnected" in worker.stderr.readline()
        worker.send_signal(signal.SIGINT)
        assert worker.wait(20) == 130
    ended = away("work", "--loop", "--patience", "2", "--", "true")
    lost, gone, fix = ended.err.splitlines()
    assert (ended.code, fix) == (8, "  next: kanban up")
    assert lost.startswith("kanban: Disconnected (")
    assert gone.startswith("kanban: No answer from ")


@pytest.mark.slow
def test_a_worker_that_loses_its_lease_ends_its_command(kanban: Shell, sdk: Kanban, own: Board) -> None:
    (ticket,) = add(sdk, own, "One")
    with kanban.running("work", "--lease-seconds", 10, "--", "sh", "-c", "echo begun; sleep 60") as worker:
        assert worker.stdout is not None
        assert worker.stderr is not None
        assert worker.stdout.readline() == "begun\n"
        with Kanban(sdk.url, "bob") as bob:
            bob.tickets.claim(ticket, force=True)
        assert worker.wait(20) == 5
        assert f"The lease on ticket {ticket} is lost" in worker.stderr.read()
    claim = sdk.tickets.get(ticket).claim
    assert claim is not None
    assert claim.holder == "bob"


@pytest.mark.slow
def test_work_done_during_an_outage_is_reported_after_it(
    kanban: Shell, sdk: Kanban, own: Board, sqlite: Server
) -> None:
    (ticket,) = add(sdk, own, "One")
    with proxied(sqlite.port) as proxy:
        script = "echo begun; until test -e gone; do sleep 0.05; done"
        with kanban.running("work", "--", "sh", "-c", script, KANBAN_URL=proxy.url) as worker:
            assert worker.stdout is not None
            assert worker.stderr is not None
            assert worker.stdout.readline() == "begun\n"
            proxy.down()
            (kanban.folder / "gone").touch()
            assert "Disconnected" in worker.stderr.readline()
            proxy.up()
            assert worker.wait(30) == 0
    assert sdk.tickets.get(ticket).current_column == "Done"


@pytest.mark.slow
def test_a_ticket_that_fails_three_times_in_a_loop_gets_the_needs_human_label(
    kanban: Shell, sdk: Kanban, own: Board
) -> None:
    (ticket,) = add(sdk, own, "Hopeless")
    with kanban.running("work", "--loop", "--", "false") as worker:
        until(lambda: NEEDS_HUMAN in sdk.tickets.get(ticket).labels, within=60, what="the label")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 130
    assert len(sdk.tickets.get(ticket).attempts or []) == 3


def test_a_worker_needs_a_command_and_a_user(kanban: Shell) -> None:
    for typed, environment in (("work -- no-such-command", {}), ("work -- true", {"KANBAN_USER": ""})):
        assert kanban(*typed.split(), **environment).code == 2
