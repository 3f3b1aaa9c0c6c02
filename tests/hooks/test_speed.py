"""`kanban hook` answers in time and loads little; what it does itself gives what the standard library gives."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
import time
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kanban_cli.errors import CommandError
from kanban_cli.hook.payload import commits
from kanban_cli.hook.settings import load_settings
from kanban_cli.invocation import Invocation
from kanban_cli.sessions import lean, session_files
from kanban_cli.sessions.claim_tokens import ClaimTokens
from kanban_sdk import Board, Kanban
from tests.hooks.sessions import Session
from tests.support.cli import COMMAND, Shell

LITTLE = {"kanban_cli", "__future__", "gc", "_json", "_sha2", "_sha256", "_socket"}
"""Modules of CPython that load nothing else."""
LOADED = """
import os, sys
before = set(sys.modules)
from kanban_cli import main
exit = os._exit
def loaded(code):
    print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before}), file=sys.stderr, flush=True)
    exit(code)
os._exit = loaded
main.run()
"""


@pytest.mark.parametrize("event", ["prompt", "before-tool", "after-tool", "stop", "end"])
def test_a_hook_loads_nothing_but_a_little_of_the_standard_library(
    event: str, kanban: Shell, sdk: Kanban, own: Board
) -> None:
    session = Session("claude", kanban)
    ticket = sdk.tickets.create("Held", board=own.id).id
    session.kanban("claim", ticket)
    (kanban.folder / ".kanban.toml").write_text(f'board = {own.id}\nuser = "ada"\n')
    result = subprocess.run(
        [sys.executable, "-c", LOADED, "hook", event],
        input=json.dumps(session.payload(event)),
        capture_output=True,
        text=True,
        cwd=kanban.folder,
        env=session.shell.settings(),
        timeout=60,
    )
    assert result.returncode == 0
    assert set(result.stderr.split()) <= LITTLE


def test_a_server_that_accepts_and_never_answers_costs_at_most_the_limit(kanban: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        for event in ("start", "prompt", "before-tool"):
            before = time.monotonic()
            session = Session("claude", kanban, KANBAN_URL=url, KANBAN_GATE="deny", KANBAN_HOOK_SECONDS="1.5")
            assert session.hook(event) == {}
            seconds = time.monotonic() - before
            assert event == "start" or "timed out" in session.stderr or "time is up" in session.stderr or seconds >= 1.4


def test_a_program_that_never_closes_stdin_does_not_keep_a_hook(kanban: Shell) -> None:
    process = subprocess.Popen(
        [*COMMAND, "hook", "before-tool"], stdin=subprocess.PIPE, cwd=kanban.folder, env=kanban.settings()
    )
    assert process.wait(timeout=60) == 0
    assert process.stdin is not None
    process.stdin.close()


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 500 x\r\n\r\n"])
def test_an_answer_that_is_none_refuses_nothing(answer: bytes, kanban: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        process = subprocess.Popen(
            [*COMMAND, "hook", "before-tool", "--gate", "deny"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=kanban.folder,
            env=kanban.settings({"KANBAN_URL": url, "KANBAN_HOOK_SECONDS": "20"}),
        )
        payload = Session("claude", kanban).payload("before-tool")
        assert process.stdin is not None
        process.stdin.write(json.dumps(payload).encode())
        process.stdin.close()
        connection, _ = server.accept()
        with connection, suppress(OSError):
            connection.recv(4096)
            connection.sendall(answer)
        assert process.wait(timeout=60) == 0
        assert process.stdout is not None
        assert process.stdout.read() == b""


@pytest.mark.parametrize("payload", [b"", b"{", b"[1]", b"null", b"\xff\xfe", b'{"session_id": 5, "cwd": "/no/such"}'])
def test_a_malformed_payload_and_a_wrong_command_line_end_with_0(payload: bytes, kanban: Shell) -> None:
    for words in (["before-tool", "--gate", "deny"], ["nonsense"], ["start", "--for", "emacs"], []):
        process = subprocess.run(
            [*COMMAND, "hook", *words], input=payload, capture_output=True, cwd=kanban.folder, env=kanban.settings()
        )
        assert (process.returncode, process.stdout) == (0, b"")
        assert (b"usage: kanban hook" in process.stderr) == (words[:1] != ["before-tool"])


def test_a_server_elsewhere_that_only_a_project_names_gets_nothing(kanban: Shell) -> None:
    del kanban.environment["KANBAN_URL"]
    (kanban.folder / ".kanban.toml").write_text('url = "http://board.invalid:8000"\n')
    session = Session("claude", kanban, KANBAN_GATE="deny")
    assert session.hook("before-tool") == {}
    assert "only a project names http://board.invalid:8000" in session.stderr
    assert session.hook("start") == {}
    named = Session("claude", kanban, KANBAN_GATE="deny", KANBAN_URL="http://board.invalid:8000")
    assert named.hook("before-tool") == {}
    assert "No answer from http://board.invalid:8000" in named.stderr
    stolen = Session("claude", kanban, KANBAN_GATE="deny", KANBAN_TOKEN="kanban_x")
    assert stolen.hook("before-tool") == {}
    assert "KANBAN_TOKEN is not sent" in stolen.stderr


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(value=VALUES, space=st.sampled_from(["", " ", "\r\n\t"]))
@settings(max_examples=200, deadline=None)
def test_the_lean_json_is_json(value: Any, space: str) -> None:
    assert lean.dumps(value) == json.dumps(value)
    assert lean.loads(space + json.dumps(value, indent=1, ensure_ascii=False) + space) == value
    assert lean.sha256_hex(repr(value).encode()) == hashlib.sha256(repr(value).encode()).hexdigest()


@pytest.mark.parametrize("text", ["", " ", "{", "[1,]", "{'a': 1}", "1 2", "nul", '"\x01"', '{"a" 1}', "\ufeff1"])
def test_the_lean_json_refuses_what_json_refuses(text: str) -> None:
    with pytest.raises(ValueError):
        json.loads(text)
    with pytest.raises(ValueError):
        lean.loads(text)


LINES = st.lists(
    st.sampled_from(
        [
            *('url = "http://127.0.0.1:1"', "board=3", ' user = "ä b" ', "# note", "", "gate = 'warn'", "a.b = 1"),
            *('x = "a\\u00e4"', 'y = """z"""', "n = 0x10", "n = 007", "[table]", "q = 1 # one", 'u = "a" "b"', "= 1"),
            *('"k" = 1', "t = 2026-11-30", "f = 1.5", "b = true", "board = 4", "é = 1", 'e = ""', "url", 's = "\t"'),
        ]
    ),
    max_size=5,
)


@given(lines=LINES)
@settings(max_examples=400, deadline=None)
def test_the_lean_toml_is_toml(lines: list[str]) -> None:
    text = "\n".join(lines)
    try:
        expected = tomllib.loads(text)
    except ValueError:
        with pytest.raises(ValueError):
            lean.parse_toml(text)
        return
    assert lean.parse_toml(text) == expected


URLS = (None, "http://127.0.0.1:1/", "http://127.0.0.1:8000", "https://board.example")


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_hook_has_the_server_and_the_actor_of_the_command_line(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("home")
    project = home / "project" / "deep"
    project.mkdir(parents=True)
    (home / "agent-kanban").mkdir()

    def choose(*values: Any) -> Any:
        return data.draw(st.sampled_from(values))

    environment = {
        "KANBAN_URL": choose(*URLS, ""),
        "KANBAN_USER": choose(None, "ada", ""),
        "KANBAN_TOKEN": choose(None, "", "kanban_token", " kanban_token "),
    }
    for file in (home / "project" / ".kanban.toml", home / "agent-kanban" / "config.toml"):
        fields = {"url": choose(*URLS), "user": choose(None, "bob", "eve"), "board": choose(None, 2)}
        file.write_text("\n".join(f"{name} = {json.dumps(one)}" for name, one in fields.items() if one is not None))
    login = choose(*URLS)
    if login:
        logins = {login.rstrip("/"): choose({}, {"token": "kanban_stored", "user": "ada"})}
        (home / "agent-kanban" / "logins.json").write_text(json.dumps(logins))
    given_ = {name: value for name, value in environment.items() if value is not None}
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "HOME"):
            patch.setenv(variable, str(home))
        patch.chdir(project)
        invocation = Invocation(environment={**given_, "KANBAN_SESSION": "s"})
        try:
            tokens: ClaimTokens | None = invocation.claim_tokens
        except CommandError:
            with pytest.raises(PermissionError):
                load_settings(given_)
            return
        loaded = load_settings(given_)
        assert tokens is not None
        assert loaded is not None
        assert (loaded.url, loaded.token, loaded.user) == (
            invocation.server_url,
            invocation.token,
            invocation.request_user,
        )
        tokens.update({"id": 7, "current_column": "x", "lease": {"token": "7.1"}, "claim": {}}, claims=True)
        kept = session_files.read_tokens(session_files.tokens_path(session_files.named_key("s")))
        assert kept[session_files.owner_key(loaded.url, loaded.actor)] == {"7": "7.1"}
        os.remove(session_files.tokens_path(session_files.named_key("s")))  # noqa: PTH107


def test_a_session_has_a_name_from_ours_or_from_the_program(tmp_path: Path) -> None:
    every = {"KANBAN_SESSION": "a", "CLAUDE_CODE_SESSION_ID": "b", "CODEX_THREAD_ID": "c"}
    assert session_files.named_session(every) == "a"
    assert session_files.named_session({**every, "KANBAN_SESSION": ""}) == "b"
    assert session_files.named_session({"CODEX_THREAD_ID": "c"}) == "c"
    assert session_files.named_session({"HOME": str(tmp_path)}) is None


@pytest.mark.parametrize(
    ("command", "changes"),
    [
        ("git commit -m x", True),
        ("cd a && git -C ../b -c user.name='A B' commit", True),
        ("(/usr/bin/git push)", True),
        ("true;git   push --force", True),
        ("FOO=1 git commit", True),
        ("git log --grep commit", False),
        ("git status; echo commit", False),
        ("bash -c 'git commit'", False),
        ("digit commit", False),
        ("git -C commit status", False),
        ("git --help; commit", False),
        ("git", False),
        ("", False),
    ],
)
def test_commits_and_pushes_are_found_in_a_command(command: str, changes: bool) -> None:
    assert commits(command) == changes
