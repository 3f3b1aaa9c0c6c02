"""status, init, serve, up, down and completion; and the modules that a command loads."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator

import pytest

from kanban_sdk import Board
from tests.support.cli import Shell
from tests.support.servers import Server, free_port
from tests.support.waiting import until


def test_status_shows_the_server_the_board_and_its_counts(kanban: Shell, own: Board, sqlite: Server) -> None:
    kanban.ok("add", "One")
    rows = dict(row for row in kanban.ok("status").rows if len(row) == 2)
    assert rows["server"].startswith(f"{sqlite.url} ")
    assert (rows["user"], rows["Not Started"], rows["Done"]) == ("ada", "1", "0")
    status = kanban.ok("status", "--json").json
    assert (status["boards"][0]["id"], status["counts"]["Not Started"]) == (own.id, 1)
    assert status["server"]["status"] == "healthy"
    assert ["board", f"{own.id} {own.name}"] in kanban.ok("status", KANBAN_BOARD="").rows


def test_init_saves_the_settings_of_a_folder_and_below(kanban: Shell, own: Board, sqlite: Server) -> None:
    bare = kanban.using(KANBAN_URL="", KANBAN_BOARD="", KANBAN_USER="")
    bare.ok("init", "--url", sqlite.url, "-b", own.name, "-u", 'ada "the \\ first"')
    below = Shell(kanban.folder / "below", bare.environment)
    below.folder.mkdir()
    created = below.ok("add", "Found upwards", "--json", "--full").json
    assert (created["board_id"], created["created_by"]) == (own.id, 'ada "the \\ first"')
    refused = bare("init", "--url", "http://127.0.0.1:1")
    assert (refused.code, refused.out) == (5, "")
    assert "next: kanban init --help\n" in refused.err
    bare.ok("init", "--force", "--url", "http://127.0.0.1:1")
    assert below("list").code == 8
    (kanban.folder / ".kanban.toml").write_text("not toml")
    assert below("list").code == 2


def test_serve_passes_its_flags_and_ends_with_the_shell(kanban: Shell) -> None:
    database = kanban.folder / "served.db"
    with kanban.running("serve", "--port", 0, "--database", database, KANBAN_URL="") as served:
        assert served.stdout is not None
        url = served.stdout.readline().removeprefix("Kanban is at ").strip()
        assert kanban.ok("status", "--json", KANBAN_URL=url, KANBAN_BOARD="1").json["server"]["database"] == "sqlite"
        assert database.exists()
        served.send_signal(signal.SIGTERM)
        assert served.wait(timeout=20) == 0


@pytest.fixture
def nowhere(kanban: Shell) -> Iterator[Shell]:
    """A shell whose server is not running yet."""
    home = kanban.folder / "data"
    shell = kanban.using(KANBAN_URL=f"http://127.0.0.1:{free_port()}", KANBAN_BOARD="1", KANBAN_HOME=str(home))
    yield shell
    shell("down")


def test_up_starts_a_server_once_and_down_stops_it(nowhere: Shell) -> None:
    url = nowhere.environment["KANBAN_URL"]
    with nowhere.running("up") as one, nowhere.running("up") as other:
        assert [process.communicate(timeout=60) for process in (one, other)] == [(f"Kanban is at {url}\n", "")] * 2
    assert nowhere.ok("up").out == f"Kanban is at {url}\n"
    nowhere.ok("add", "Outlives its shell")
    assert nowhere.ok("down").out == f"The server at {url} is stopped.\n"
    assert nowhere("list").code == 8
    assert nowhere.ok("down").out == f"No server runs at {url}.\n"
    assert nowhere.ok("up", "--json").json == {"url": url, "running": True}
    assert nowhere.ok("list", "--fields", "title").out == "Outlives its shell\n"


def test_down_ends_no_other_process(nowhere: Shell, kanban: Shell) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    nowhere.ok("up", "--database", "a_name_to_be_kept_secret.db")
    (note,) = (nowhere.folder / "data").glob("up-*.json")
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    assert "secret" not in note.read_text()
    record = json.loads(note.read_text())
    note.write_text(json.dumps({**record, "pid": stranger.pid}))
    refused = nowhere("down")
    assert (refused.code, refused.out) == (7, "")
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()
    note.write_text(json.dumps(record))
    nowhere.ok("down")
    assert kanban("down", KANBAN_HOME=str(nowhere.folder / "data")).code == 7


def test_up_refuses_another_machine_and_reports_why_a_server_did_not_start(nowhere: Shell) -> None:
    refused = nowhere("up", "--url", "http://192.0.2.1:8000", KANBAN_HOME=str(nowhere.folder))
    assert (refused.code, refused.out) == (2, "")
    failed = nowhere("up", "--database", "nonsense://x")
    assert (failed.code, failed.out) == (1, "")
    assert "next: kanban serve" in failed.err


def complete(kanban: Shell, line: str) -> list[str]:
    words = line.split(" ")
    completion = {"_KANBAN_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    result = kanban.ok(**completion)
    return result.out.split()


def completes(kanban: Shell, line: str, *offered: str) -> None:
    """Wait until TAB offers this: on a slow machine a completion times out and offers nothing."""
    until(lambda: complete(kanban, line) == [*offered], within=30, what=f"{offered} behind {line!r}")


def test_the_completion_scripts_call_kanban(kanban: Shell) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert f"_KANBAN_COMPLETE=complete_{shell}" in kanban.ok("completion", shell).out
    assert kanban.ok("completion", SHELL="/usr/bin/fish").out == kanban.ok("completion", "fish").out


def test_tab_completes_commands_boards_columns_and_tickets(kanban: Shell, own: Board) -> None:
    ticket = kanban.ok("add", "$(touch owned) `x` \\$(y) [/nope] Title").rows[0][0]
    kanban.ok("board", "columns", "To Do", "$(touch owned)", "Done", "--move-to", "Done")
    assert complete(kanban, "kanban un") == ["unblock", "undelete", "unfollow"]
    assert complete(kanban, "kanban board col") == ["columns", "column"]
    completes(kanban, "kanban move ", ticket)
    completes(kanban, f"kanban move {ticket} d", "done")
    completes(kanban, f"kanban move {ticket} ", ticket, "To_Do", "Done")
    until(lambda: str(own.id) in complete(kanban, "kanban list -b "), within=30, what="the boards")
    assert complete(kanban, "kanban move -b 999999 ") == []
    zsh = {"_KANBAN_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "kanban show "}
    until(lambda: f'"{ticket}":"touch owned x y nope Title"' in kanban.ok(**zsh).out, within=30, what="the title")
    assert complete(kanban.using(KANBAN_URL=f"http://127.0.0.1:{free_port()}"), "kanban move ") == []


def test_a_one_shot_command_loads_no_more_than_it_needs(kanban: Shell) -> None:
    ticket = kanban.ok("add", "Quick").rows[0][0]
    heavy = {"httpx", "websockets", "rich", "pydantic", "fastapi", "sqlalchemy", "importlib.metadata", "platformdirs"}
    heavy -= _loaded_by_typer()
    assert not heavy & _loaded(kanban, "move", ticket, "Done")
    models = {"kanban_sdk.wire.tickets", "kanban_sdk.wire.boards", "h11"}
    assert not (heavy - {"importlib.metadata"} | models) & _loaded(kanban, "--version")


def _loaded_by_typer() -> set[str]:
    """The modules that Typer loads itself for a command with one option: from 0.29 on, pydantic and what that loads."""
    code = "import sys, typer\ntyper.run(lambda name='x': print(*sys.modules))"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(process.stdout.split())


def _loaded(kanban: Shell, *arguments: str) -> set[str]:
    """The modules that a command loads."""
    result = kanban(*arguments, PYTHONPROFILEIMPORTTIME="1")
    assert result.code == 0
    return {line.rpartition("|")[2].strip() for line in result.err.splitlines()}
