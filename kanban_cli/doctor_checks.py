"""The checks of `kanban doctor` on the client: the server, the connection to it, and the shell's settings."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from kanban_cli.errors import CommandError
from kanban_cli.hints import LOOPBACK
from kanban_cli.invocation import CONFIG, Invocation

MAX_CLOCK_SKEW_SECONDS = 5.0
LOOKUP_SECONDS = 3.0
"""Timeout of each request."""


class Finding(NamedTuple):
    """Result of one check: `ok`, `hint`, `warning` or `bad`, and how to fix it."""

    name: str
    level: str
    message: str
    fix: str | None = None


def run_checks(invocation: Invocation, database: str | None, *, repair: bool = False) -> Iterator[Finding]:
    """Run all checks, nearest first. Changes nothing, except for `repair` on this machine."""
    try:
        address = invocation.server_url
        invocation.request_headers()
    except CommandError as error:
        yield Finding("config", "bad", str(error), error.fix)
        return
    local = urlsplit(address).hostname in LOOPBACK
    health = _get(invocation, "/health")
    if isinstance(health, dict) and health.get("status") == "healthy":
        yield Finding("server", "ok", f"{address} answers.")
        yield _check_version(str(health.get("version")))
        yield from _check_clock(health)
        yield _check_ready(invocation)
        yield from _check_user(invocation, local=local)
        yield from _check_board(invocation)
    else:
        yield Finding("server", "bad", f"No kanban server answers at {address}.", _start_hint(local=local))
    if local:
        served_by = health.get("database_id") if isinstance(health, dict) else None
        yield from _check_files(invocation, database, served_by, repair=repair)
    elif repair:
        detail = "Boards are repaired on the server's own machine."
        yield Finding("repair", "bad", detail, "Run kanban doctor --repair there, as the user that runs the server.")
    yield _check_completion(invocation)


def _get(invocation: Invocation, path: str) -> Any:
    """GET a path: the JSON of the response, the error if the server refuses, or None if no server responds."""
    from kanban_sdk.calls import Call
    from kanban_sdk.errors import KanbanError, Refused

    try:
        return invocation.for_lookups(LOOKUP_SECONDS).send_raw(Call("GET", path, bool))
    except Refused as refused:
        return refused
    except KanbanError:
        return None


def _start_hint(*, local: bool) -> str:
    return "kanban up" if local else "Start it there, or name another: kanban doctor --url URL"


def _check_version(server_version: str) -> Finding:
    own_version = version("agent-kanban")
    if own_version == server_version:
        return Finding("version", "ok", f"Both are {own_version}.")
    detail = f"The server is {server_version}, and this command is {own_version}."
    return Finding("version", "warning", detail, f"pip install agent-kanban=={server_version}")


def _check_clock(health: Mapping[str, object]) -> Iterator[Finding]:
    if "time" not in health:
        return
    skew = abs((datetime.fromisoformat(str(health["time"])) - datetime.now(UTC)).total_seconds())
    if skew > MAX_CLOCK_SKEW_SECONDS:
        detail = f"The clocks of the server and of this machine differ by {skew:.0f} s."
        yield Finding("clock", "warning", detail, "Synchronize both clocks: timedatectl set-ntp true")
    else:
        yield Finding("clock", "ok", "The server and this machine agree on the time.")


def _check_ready(invocation: Invocation) -> Finding:
    ready = _get(invocation, "/ready")
    if isinstance(ready, dict):
        redis = "; it can't reach its Redis" if ready.get("redis") == "away" else ""
        return Finding("ready", "warning" if redis else "ok", f"The server can carry out requests{redis}.")
    return Finding("ready", "bad", f"The server can't carry out requests: {ready}", getattr(ready, "fix", None))


def _check_user(invocation: Invocation, *, local: bool) -> Iterator[Finding]:
    """Check the user's identity on the server."""
    me = _get(invocation, "/api/me")
    if isinstance(me, dict):
        yield Finding("user", "ok", f"The server knows you as {me.get('name')}.")
    elif getattr(me, "type", "") != "open-mode":
        yield Finding("user", "bad", f"The server does not know who you are: {me}", "kanban login --help")
    elif not local:
        detail = (
            "The server can be reached from other machines, and has no users: anybody who reaches it may do everything."
        )
        yield Finding("open", "warning", detail, "On its machine: kanban user create --help")
    elif not invocation.setting("user"):
        yield Finding("user", "hint", "No user is named, so you can claim no ticket.", "export KANBAN_USER=NAME")


def _check_board(invocation: Invocation) -> Iterator[Finding]:
    """Check that the selected board exists, and whether another client uses the user's name there."""
    name, boards = invocation.setting("board"), _get(invocation, "/api/boards")
    if not isinstance(boards, list):
        return
    yield from _check_working_columns(boards)
    if name is None:
        return
    board = next((one for one in boards if name.casefold() in {str(one["id"]), one["name"].casefold()}), None)
    if board is None:
        said = (
            f"There is no board '{name}' at {invocation.server_url}, or you are not a member. Is {CONFIG} out of date?"
        )
        yield Finding("board", "bad", said, "kanban board list")
        return
    yield Finding("board", "ok", f"Board {board['id']} {board['name']}.")
    if user := invocation.current_user:
        yield from _check_name_shared(invocation, board["id"], user)


def _check_working_columns(boards: list[dict[str, Any]]) -> Iterator[Finding]:
    """Point at boards on which a claimed ticket stays where it is, since no column means work in progress."""
    for board in boards:
        columns = board.get("column_settings", [])
        if len(columns) > 2 and not any(column["role"] == "working" for column in columns):
            detail = f"Board {board['id']} {board['name']} has no working column: a claimed ticket does not move."
            command = ["kanban", "board", "column", columns[1]["name"], "--role", "working", "-b", str(board["id"])]
            yield Finding("columns", "hint", detail, f"If that is the column for work: {shlex.join(command)}")


def _check_name_shared(invocation: Invocation, board: int, user: str) -> Iterator[Finding]:
    presence = _get(invocation, f"/api/boards/{board}/presence")
    users = presence.get("users", []) if isinstance(presence, dict) else []
    connection = next((one for one in users if one.get("username") == user and one.get("client")), None)
    if connection is not None:
        detail = (
            f"'{user}' is connected from elsewhere ({connection['client']}): users of one name share claims and inbox."
        )
        yield Finding("name", "hint", detail, "If that is somebody else, use another name: export KANBAN_USER=NAME")


def _check_files(
    invocation: Invocation, database: str | None, served_by: str | None, *, repair: bool
) -> Iterator[Finding]:
    """Check the server's files with the server's own program."""
    flags = ["--database", database] if database else ["--served-by", served_by] if served_by else []
    flags += ["--repair"] if repair else []
    command = [sys.executable, "-m", "kanban_server", "doctor", *flags]
    process = subprocess.run(command, capture_output=True, text=True, env=invocation.environment)
    for line in process.stdout.splitlines():
        yield Finding(**json.loads(line))
    if process.returncode:
        error_lines = process.stderr.strip().splitlines()[-1:] or ["it ended early"]
        yield Finding(
            "settings", "bad", f"The server's program can't run here: {error_lines[0]}", "pip install agent-kanban"
        )


def _check_completion(invocation: Invocation) -> Finding:
    shell = Path(invocation.environment.get("SHELL", "")).name
    home = Path.home()
    files = {
        "bash": [home / ".bashrc", home / ".bash_profile", home / ".profile"],
        "zsh": [home / ".zshrc", Path(invocation.environment.get("ZDOTDIR", home)) / ".zshrc"],
        "fish": [home / ".config/fish/completions/kanban.fish"],
    }.get(shell, [])
    if any(file.is_file() and "kanban" in file.read_text(errors="replace") for file in files):
        return Finding("completion", "ok", f"{shell} completes kanban's commands.")
    return Finding("completion", "hint", "The shell does not complete kanban's commands.", "kanban completion --help")
