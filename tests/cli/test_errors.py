"""Errors on the command line: an exit code, a sentence, and the next command to type."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import pytest

from kanban_sdk import Board
from tests.support.cli import COMMAND, Result, Shell
from tests.support.proxy import proxied
from tests.support.servers import Server, free_port


def next_of(result: Result) -> str:
    """The next command on stderr; stdout must be empty."""
    assert result.out == "", result
    first, second = result.err.splitlines()
    assert first.startswith("kanban: ")
    return second.removeprefix("  next: ")


@pytest.mark.parametrize(
    ("typed", "code", "next_command"),
    [
        ("mvoe 1 Done", 2, "kanban move 1 Done"),
        ("board lst", 2, "kanban board list"),
        ("xyzzy", 2, "kanban --help"),
        ("rm 4", 2, "kanban delete --help"),
        ("delte 4", 2, "kanban --help"),
        ("lgoin", 2, "kanban --help"),
        ("board dlete 2 --yes", 2, "kanban board --help"),
        ("mvoe 1 Done --force", 2, "kanban --help"),
        ("list --status doen", 2, "kanban list --status Done"),
        ("move 1 Done --froce", 2, "kanban move --help"),
        ("user create x --ass ada", 2, "kanban user create --help"),
        ("-u mvoe mvoe 1 Done", 2, "kanban -u mvoe move 1 Done"),
        ("list --feilds=id", 2, "kanban list --fields=id"),
        ("serve --port -1", 2, "kanban serve --help"),
        ("list --feilds id", 2, "kanban list --fields id"),
        ("next --jsn", 2, "kanban next --json"),
        ("move 1", 2, "kanban move --help"),
        ("-b 1 list --page 0", 2, "kanban list --help"),
        ("move one Done", 2, "kanban move --help"),
        ("move 1 Done --top --bottom", 2, "kanban move --help"),
        ("edit 1", 2, "kanban edit --help"),
        ("edit 1 --append x --if-version 3", 2, "kanban edit --help"),
        ("delete 1", 2, "kanban delete --help"),
        ("board delete", 2, "kanban board delete --help"),
        ("board edit", 2, "kanban board edit --help"),
        ("board column Done", 2, "kanban board column --help"),
        ("board column Doen --limit 2", 3, "kanban board columns"),
        ("list --fields id,titel", 2, "kanban list"),
        ("add --column doen 'Done deal'", 2, "kanban add --column Done 'Done deal'"),
        ("add x --column qqq", 2, "kanban board columns"),
        ("show 999999", 3, "kanban list"),
        ("list -b 999999", 3, "kanban board list"),
        ("list -b 'no such'", 3, "kanban board list"),
        ("list --url nonsense", 2, "kanban status --url http://127.0.0.1:8000"),
        ("import beads missing.jsonl", 2, "ls"),
    ],
)
def test_an_error_names_the_next_command(kanban: Shell, typed: str, code: int, next_command: str) -> None:
    refused = kanban(*shlex.split(typed))
    assert refused.code == code
    assert next_of(refused) == next_command


def test_a_typo_is_corrected(kanban: Shell) -> None:
    assert "Did you mean 'move'?" in kanban("mvoe").err
    assert "Did you mean --fields?" in kanban("list", "--feilds", "id").err
    assert "Did you mean title?" in kanban("list", "--fields", "titel").err


def test_a_stale_version_and_a_column_in_use_end_with_5(kanban: Shell, own: Board) -> None:
    ticket = kanban.ok("add", "Fought over").rows[0][0]
    kanban.ok("edit", ticket, "-p", "high")
    for command in (["move", ticket, "Done"], ["edit", ticket, "-p", "low"], ["delete", ticket, "--yes"]):
        refused = kanban(*command, "--if-version", 1)
        assert (refused.code, next_of(refused)) == (5, f"kanban show {ticket}")
    refused = kanban("board", "edit", "--name", "New", "--if-version", 99)
    assert (refused.code, next_of(refused)) == (5, f"kanban board show {own.id}")
    refused = kanban("board", "columns", "Todo", "Done")
    assert (refused.code, next_of(refused)) == (5, "kanban board columns Todo Done --move-to COLUMN")


def test_with_json_the_problem_is_one_line_of_json_on_stderr(kanban: Shell) -> None:
    refused = kanban("move", 999_999, "Done", "--json")
    assert (refused.code, refused.out) == (3, "")
    problem = json.loads(refused.err)
    assert (problem["type"], problem["status"], problem["fix"]) == ("not-found", 404, "kanban list")
    assert json.loads(kanban("--json", "mvoe").err)["type"] == "usage"


def test_an_unreachable_server_ends_with_8_and_a_hint_to_start_one(kanban: Shell) -> None:
    refused = kanban("list", KANBAN_URL=f"http://127.0.0.1:{free_port()}")
    assert (refused.code, next_of(refused)) == (8, "kanban up")
    url = f"http://localhost:{free_port()}"
    assert next_of(kanban("list", "--url", url)) == f"kanban up --url {url}"


def test_a_bad_gateway_ends_with_8(kanban: Shell, sqlite: Server) -> None:
    with proxied(sqlite.port) as proxy:
        proxy.answer(b"HTTP/1.1 502 Bad Gateway\r\nRetry-After: 600\r\nContent-Length: 4\r\n\r\nGone")
        refused = kanban("list", KANBAN_URL=proxy.url)
    assert (refused.code, next_of(refused)) == (8, "kanban status")


def test_an_unknown_host_name_ends_with_7(kanban: Shell, sqlite: Server) -> None:
    loopback_as_a_number = f"http://2130706433:{sqlite.port}"
    refused = kanban("list", KANBAN_URL=loopback_as_a_number)
    assert (refused.code, refused.out) == (7, "")


def test_too_many_requests_end_with_9(kanban: Shell, sqlite: Server) -> None:
    problem = b'{"type": "too-many-requests", "detail": "Wait a while"}'
    head = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 600\r\nContent-Length: %d\r\n\r\n"
    with proxied(sqlite.port) as proxy:
        proxy.answer(head % len(problem) + problem)
        refused = kanban("list", KANBAN_URL=proxy.url)
    assert (refused.code, refused.out) == (9, "")


def test_a_missing_board_option_is_added_to_the_hint(kanban: Shell) -> None:
    refused = kanban("add", "Where?", KANBAN_BOARD="")
    assert refused.code == 2
    assert next_of(refused) == "kanban add 'Where?' -b 1"


def test_a_closed_stream_is_no_error(kanban: Shell) -> None:
    kanban.ok("add", "Unseen")
    for closed, expected in ((">&-", ("", "1 of 1\n")), ("2>&-", ("Unseen\n", "")), ("<&-", ("Unseen\n", "1 of 1\n"))):
        shell = f"{shlex.join(COMMAND)} list --fields title {closed}"
        process = subprocess.run(
            ["bash", "-c", shell], capture_output=True, text=True, env=kanban.settings(), cwd=kanban.folder
        )
        assert (process.returncode, process.stdout, process.stderr) == (0, *expected), closed


def test_a_closed_pipe_is_quiet_and_a_full_disk_is_not(kanban: Shell) -> None:
    shell = f"{shlex.join(COMMAND)} list | true; echo ${{PIPESTATUS[0]}}"
    piped = subprocess.run(
        ["bash", "-c", shell], capture_output=True, text=True, env=kanban.settings(), cwd=kanban.folder
    )
    assert (piped.stdout, piped.stderr) == ("0\n", "0 of 0\n")
    kanban.ok("add", "Fills the disk")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "list"], stdout=full, stderr=subprocess.PIPE, text=True, env=kanban.settings(), cwd=kanban.folder
        )
    assert done.returncode == 1
    assert "No space left" in done.stderr
