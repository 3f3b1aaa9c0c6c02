"""`kanban watch`: what it prints, where it begins, when it ends, and with which exit code."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from typing import Any

import pytest

from kanban_sdk import Board, Kanban
from kanban_sdk.stream.reconnect import FALLBACK_NOTICE
from tests.support.cli import COMMAND, Shell
from tests.support.proxy import proxied
from tests.support.servers import Server, free_port
from tests.support.waiting import until


def events(out: str) -> list[Any]:
    return [json.loads(line) for line in out.splitlines()]


def test_a_watch_prints_the_messages_of_the_stream(kanban: Shell, own: Board) -> None:
    kanban.ok("add", "One")
    printed = events(kanban.ok("watch", "--after", 0, "--count", 2).out)
    logged = kanban.ok("log", "--json").json["events"][::-1]
    assert [message["event"] for message in printed] == ["board_created", "ticket_created"]
    for message, event in zip(printed, logged, strict=True):
        assert message["type"] == message["event"]
        assert {name: message[name] for name in event if name in message} == {
            name: value for name, value in event.items() if name in message
        }
        assert set(message) == {
            *("event", "type", "board_id", "seq", "cursor", "actor", "actor_id", "tx", "timestamp", "data")
        }


def test_a_watch_filters_by_event_and_ticket_and_ends_at_a_condition(kanban: Shell, sdk: Kanban, own: Board) -> None:
    first, second = (sdk.tickets.create(name, board=own.id).id for name in ("One", "Two"))
    sdk.tickets.move(second, "Done")
    sdk.tickets.move(first, "In Progress")
    sdk.tickets.move(first, "Done")
    sdk.comments.add(first, "after all that")
    flags = ["--event", "ticket_moved", "--ticket", first, "--until", f"ticket={first}", "--until", "to_column=done"]
    moves = events(kanban.ok("watch", "--after", 0, *flags).out)
    assert [move["data"]["to_column"] for move in moves] == ["In Progress", "Done"]
    assert len(events(kanban.ok("watch", "--after", 0, "--until", "ticket_moved").out)) == 4
    *_, last = events(kanban.ok("watch", "--after", 0, "--ticket", first, "--until", "to_column=Done").out)
    assert (last["data"]["id"], last["data"]["to_column"]) == (first, "Done")


def test_a_cursor_file_resumes_behind_the_last_line(kanban: Shell, sdk: Kanban, own: Board) -> None:
    file = kanban.folder / "cursor"
    for name in ("One", "Two", "Three"):
        sdk.tickets.create(name, board=own.id)
    first = events(kanban.ok("watch", "--after", 0, "--cursor-file", file, "--count", 2).out)
    assert file.read_text().strip() == first[-1]["cursor"]
    second = events(kanban.ok("watch", "--after", 0, "--cursor-file", file, "--count", 2).out)
    assert [message["seq"] for message in first + second] == [1, 2, 3, 4]


def test_a_cursor_file_has_the_start_of_a_watch_before_the_first_event(kanban: Shell) -> None:
    file = kanban.folder / "cursor"
    with kanban.running("watch", "--cursor-file", file):
        until(file.exists, what="the cursor file")
    kanban.ok("add", "While nobody watched")
    printed = events(kanban.ok("watch", "--cursor-file", file, "--count", 1).out)
    assert printed[0]["data"]["title"] == "While nobody watched"


def test_a_watch_for_a_user_prints_changes_by_others_to_their_tickets(kanban: Shell, sdk: Kanban, own: Board) -> None:
    hers, nobodys, held = (sdk.tickets.create(name, board=own.id).id for name in ("Hers", "Nobody's", "Held"))
    with Kanban(sdk.url, "eve") as eve:
        created = eve.tickets.create("Made by her", board=own.id).id
    file = kanban.folder / "cursor"
    flags = ["--for", "me", "-u", "eve", "--cursor-file", file, "--count", 7]
    with kanban.running("watch", *flags) as watch, Kanban(sdk.url, "eve") as eve:
        until(file.exists, what="the watch")
        sdk.tickets.edit(hers, assignee="eve")
        eve.tickets.claim(held)
        sdk.tickets.move(nobodys, "Done")
        sdk.tickets.edit(hers, title="Still hers")
        sdk.tickets.edit(hers, assignee="bob")
        sdk.tickets.edit(hers, title="His")
        sdk.tickets.release(held, force=True)
        sdk.comments.add(nobodys, "for nobody")
        sdk.comments.add(nobodys, "for @eve")
        sdk.tickets.ask(created, "which one?")
        assert watch.stdout is not None
        messages = events(watch.stdout.read())
    about = [message["data"].get("ticket_id", message["data"]["id"]) for message in messages]
    assert about == [hers, hers, hers, held, held, nobodys, created]
    assert kanban("watch", "--for", "me", KANBAN_USER="").code == 2


def test_a_watch_for_a_user_resumes_with_the_assignees_at_its_cursor(kanban: Shell, sdk: Kanban, own: Board) -> None:
    hers = sdk.tickets.create("Hers", board=own.id, assignee="eve").id
    then = sdk.boards.snapshot(own.id).cursor
    sdk.tickets.edit(hers, title="Still hers")
    sdk.tickets.edit(hers, assignee="bob")
    sdk.tickets.edit(hers, title="His")
    sdk.tickets.edit(hers, assignee="eve")
    messages = events(kanban.ok("watch", "--for", "eve", "--after", then, "--count", 3).out)
    assert [next(iter(message["data"]["changes"])) for message in messages] == ["title", "assignee", "assignee"]


def test_the_timeout_of_a_watch_ends_it_with_6(kanban: Shell) -> None:
    failed = kanban("watch", "--until", "ticket_moved", "--timeout", "0.2")
    assert (failed.code, failed.out) == (6, "")
    assert "next: kanban log" in failed.err


def test_a_watch_reports_a_lost_server_and_continues(kanban: Shell, own_sqlite: Server) -> None:
    at = kanban.using(KANBAN_URL=own_sqlite.url, KANBAN_BOARD="1")
    with at.running("watch", "--after", 0, "--count", 2) as watch:
        assert watch.stdout is not None
        assert watch.stderr is not None
        assert json.loads(watch.stdout.readline())["event"] == "board_created"
        own_sqlite.kill()
        assert watch.stderr.readline().startswith("kanban: Disconnected (code 1006); trying again for up to 5 minutes")
        own_sqlite.start()
        assert watch.stderr.readline() == "kanban: Connected again\n"
        at.ok("add", "After the fall")
        assert json.loads(watch.stdout.readline())["data"]["title"] == "After the fall"
        assert watch.wait(timeout=20) == 0


def test_a_watch_ends_with_8_if_the_server_stays_unreachable(kanban: Shell) -> None:
    away = kanban.using(KANBAN_URL=f"http://127.0.0.1:{free_port()}", KANBAN_BOARD="1")
    ended = away("watch", "--patience", "0.3")
    assert (ended.code, ended.out) == (8, "")
    lost, ended_line, _ = ended.err.splitlines()
    assert lost.startswith("kanban: Disconnected (")
    assert lost.endswith("; trying again for up to 0.3 s")
    assert ended_line.startswith("kanban: No answer from http://127.0.0.1:")


def test_a_cursor_is_saved_after_its_line_is_printed(kanban: Shell, sdk: Kanban, own: Board) -> None:
    file = kanban.folder / "cursor"
    with kanban.running("watch", "--after", 0, "--cursor-file", file) as watch:
        assert watch.stdout is not None
        first = json.loads(watch.stdout.readline())
        until(lambda: file.exists() and file.read_text().strip() == first["cursor"], what="the first cursor")
        watch.stdout.close()  # as where the reader of a pipe ends: the next line can't be written
        sdk.tickets.create("Lost", board=own.id)
        watch.wait(20)
    assert file.read_text().strip() == first["cursor"]
    again = events(kanban.ok("watch", "--cursor-file", file, "--count", 1).out)
    assert [message["data"]["title"] for message in again] == ["Lost"]


def write_until(server: Server, board: int, upto: int) -> None:
    """Write tickets until the board's log has this length, also if the server restarts meanwhile."""
    with Kanban(server.url, "ada", tries=None, patience=60) as writer:
        while writer.tickets.create("One more", board=board) and writer.boards.snapshot(board, bodies=False).seq < upto:
            continue


def head_of(server: Server, board: int) -> int:
    with server.kanban() as kanban:
        return kanban.boards.snapshot(board, bodies=False).seq


@pytest.mark.slow
def test_a_watch_prints_each_event_once_over_five_kills_of_the_server_and_a_restart_of_its_own(
    kanban: Shell, own_sqlite: Server
) -> None:
    with own_sqlite.kanban("ada") as ada:
        board = ada.boards.create("Killed").id
    at = kanban.using(KANBAN_URL=own_sqlite.url, KANBAN_BOARD=str(board))
    file = kanban.folder / "cursor"
    printed = kanban.folder / "printed"
    printed.touch()

    def last() -> int:
        lines = printed.read_text().splitlines()
        return int(json.loads(lines[-1])["seq"]) if lines else 0

    for upto, kills in ((300, 3), (600, 2)):
        writer = threading.Thread(target=write_until, args=[own_sqlite, board, upto], daemon=True)
        with (
            printed.open("a") as out,
            subprocess.Popen(
                [*COMMAND, "watch", "--after", "0", "--cursor-file", str(file)],
                stdout=out,
                stderr=subprocess.PIPE,
                stdin=subprocess.DEVNULL,
                cwd=at.folder,
                env=at.settings(),
            ) as watch,
        ):
            before = last()
            writer.start()
            for kill in range(kills):
                reached = before + (upto - before) * (kill + 1) // (kills + 1)
                until(lambda reached=reached: last() >= reached, within=60, what="the events")  # type: ignore[misc]
                own_sqlite.kill()
                own_sqlite.start()
            writer.join(60)
            assert not writer.is_alive()
            head = head_of(own_sqlite, board)
            until(lambda head=head: last() == head, within=60, what="the last event")  # type: ignore[misc]
            until(lambda head=head: file.read_text().strip().endswith(f"-{head}"), what="the last cursor")  # type: ignore[misc]
            watch.send_signal(signal.SIGTERM)
    numbers = [json.loads(line)["seq"] for line in printed.read_text().splitlines()]
    assert numbers == list(range(1, head + 1))


def test_a_terminal_gets_text(kanban: Shell, sdk: Kanban, own: Board) -> None:
    ticket = sdk.tickets.create("Said", board=own.id).id
    sdk.tickets.move(ticket, "Done")
    output = kanban.terminal("watch", "--after", 0, "--count", 3)
    assert output.splitlines()[-1].endswith(f"ada  moved {ticket} Said: Not Started → Done")
    assert json.loads(kanban.terminal("watch", "--after", 0, "--count", 1, "--json"))["seq"] == 1


def test_ctrl_c_ends_a_watch_with_130(kanban: Shell) -> None:
    with kanban.running("watch", "--after", 0) as watch:
        assert watch.stdout is not None
        watch.stdout.readline()
        watch.send_signal(signal.SIGINT)
        assert watch.wait(timeout=20) == 130
        assert watch.stderr is not None
        assert watch.stderr.read() == ""


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--after", "yesterday"], "'yesterday' is not a cursor"),
        (["--event", "ticket_movd"], "Did you mean ticket_moved?"),
        (["--until", "tickets_moved"], "Did you mean ticket_moved?"),
        (["--until", "to_colum=Done"], "Did you mean to_column?"),
        (["--event", "comment_added", "--until", "ticket_moved"], "never matches"),
        (["--timeout", "soon"], "'soon' is not a time"),
        (["--cursor-file", "missing/cursor"], "can't be written"),
    ],
)
def test_an_invalid_watch_is_refused(kanban: Shell, flags: list[str], says: str) -> None:
    refused = kanban("watch", *flags)
    assert (refused.code, refused.out) == (2, "")
    assert says in refused.err


def test_a_watch_of_a_missing_board_ends_with_3(kanban: Shell) -> None:
    refused = kanban("watch", "-b", 999_999)
    assert (refused.code, refused.out) == (3, "")
    assert "next: kanban board list" in refused.err


def test_a_deleted_board_ends_a_watch_and_with_3_before_its_condition(kanban: Shell, sdk: Kanban, own: Board) -> None:
    sdk.boards.delete(own.id)
    assert events(kanban.ok("watch", "--after", 0).out)[-1]["event"] == "board_deleted"
    assert kanban("watch", "--after", 0, "--until", "ticket_moved").code == 3


def test_the_timeout_of_a_watch_limits_its_first_connection(kanban: Shell) -> None:
    away = kanban.using(KANBAN_URL=f"http://127.0.0.1:{free_port()}", KANBAN_BOARD="1")
    ended = away("watch", "--cursor-file", "cursor", "--timeout", "0.5s")
    assert (ended.code, ended.out) == (6, "")


def test_a_watch_and_a_wait_behind_a_proxy_without_websockets_say_so_once(
    kanban: Shell, sdk: Kanban, own: Board, sqlite: Server
) -> None:
    ticket = sdk.tickets.create("One", board=own.id).id
    with proxied(sqlite.port) as proxy:
        proxy.upgrades = "refuse"
        behind = kanban.using(KANBAN_URL=proxy.url)
        watched = behind("watch", "--after", 0, "--count", 2)
        assert (watched.code, [json.loads(line)["seq"] for line in watched.out.splitlines()]) == (0, [1, 2])
        assert watched.err == f"kanban: {FALLBACK_NOTICE}\n"
        late = behind("wait", ticket, "-c", "Done", "--timeout", "2s")
        assert (late.code, late.err.count(FALLBACK_NOTICE)) == (6, 1)
