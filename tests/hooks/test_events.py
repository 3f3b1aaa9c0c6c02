"""`kanban hook`: what an agent program hears from the board at each event of a session."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path

import pytest

from kanban_sdk import Board, Kanban
from tests.hooks.sessions import PROGRAMS, Session, is_denied, text_of
from tests.support.cli import Shell
from tests.support.mcp import agent
from tests.support.servers import Server

GATED = ("before-tool", "write", "commit")
FREE = ("shell", "read")


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_change_needs_a_claim_of_the_session(program: str, kanban: Shell, sdk: Kanban, own: Board) -> None:
    session = Session(program, kanban, KANBAN_GATE="deny")
    ticket = sdk.tickets.create("Login race", board=own.id).id
    for payload in GATED:
        answer = session.hook("before-tool", payload=payload)
        assert is_denied(answer), (payload, answer, session.stderr)
        assert "kanban next" in text_of(answer)
    assert not any(session.hook("before-tool", payload=payload) for payload in FREE)
    kanban.ok("claim", ticket, KANBAN_SESSION="another session")
    assert is_denied(session.hook("before-tool"))
    kanban.ok("release", ticket, KANBAN_SESSION="another session")
    assert session.kanban("next")["ticket"]["id"] == ticket
    assert not any(session.hook("before-tool", payload=payload) for payload in GATED)
    sdk.tickets.claim(ticket, force=True)
    lost = session.hook("before-tool")
    assert is_denied(lost)
    assert f"claim of ticket {ticket} has ended" in text_of(lost)


def test_the_command_in_a_refusal_gets_the_claim(kanban: Shell, sdk: Kanban, own: Board) -> None:
    sdk.tickets.create("Login race", board=own.id)
    session = Session("gemini", kanban, "a name with 'quotes'", KANBAN_GATE="deny")
    command = text_of(session.hook("before-tool")).split("Claim one: ")[1].split(". Nothing")[0]
    assert command == """KANBAN_SESSION='a name with '"'"'quotes'"'"'' kanban next"""
    assert session.kanban("next")["ticket"]["title"] == "Login race"
    assert not session.hook("before-tool")


def test_without_a_gate_of_its_own_a_change_is_warned_of_once_and_never_refused(
    kanban: Shell, sdk: Kanban, own: Board
) -> None:
    session = Session("claude", kanban)
    sdk.tickets.create("Login race", board=own.id)
    first = session.hook("before-tool")
    assert first["hookSpecificOutput"]["additionalContext"].startswith("No ticket is claimed")
    assert "permissionDecision" not in first["hookSpecificOutput"]
    assert session.hook("before-tool") == {}
    assert Session("claude", kanban, "other", KANBAN_GATE="off").hook("before-tool") == {}
    assert is_denied(Session("claude", kanban, "third").hook("before-tool", "--gate", "deny"))
    assert not is_denied(Session("claude", kanban, "fourth", KANBAN_GATE="warn").hook("before-tool", "--gate", "deny"))


def test_a_program_that_takes_no_text_before_a_tool_gets_the_warning_after_it(kanban: Shell) -> None:
    for program in ("gemini", "cursor", "copilot", "opencode"):
        session = Session(program, kanban, program)
        assert session.hook("before-tool") == {}
        assert "No ticket is claimed" in text_of(session.hook("after-tool"))
        assert session.hook("after-tool") == {}


def test_a_file_outside_the_folder_of_the_board_needs_no_claim(kanban: Shell, tmp_path: Path) -> None:
    session = Session("claude", kanban, KANBAN_GATE="deny")
    outside = {"file_path": str(tmp_path.parent / "plan.md"), "content": ""}
    assert session.hook("before-tool", payload="write", tool_input=outside) == {}
    inside = {"file_path": str(tmp_path / "x" / ".." / "plan.md"), "content": ""}
    assert is_denied(session.hook("before-tool", payload="write", tool_input=inside))


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_session_begins_with_the_briefing_and_has_it_again_after_compaction(
    program: str, kanban: Shell, sdk: Kanban, own: Board
) -> None:
    sdk.tickets.create("Login race", board=own.id)
    session = Session(program, kanban)
    briefing = text_of(session.hook("start"))
    assert f"# Kanban board {own.id}" in briefing
    assert "Login race" in briefing
    assert ("KANBAN_SESSION=5f0c kanban next" in briefing) == (program not in {"claude", "opencode"})
    if program in {"claude", "codex"}:
        assert f"# Kanban board {own.id}" in text_of(session.hook("start", payload="compact"))
        return
    assert session.hook("compact") == {}
    assert f"# Kanban board {own.id}" in text_of(session.hook("after-tool"))
    assert session.hook("after-tool") == {}


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_prompt_brings_mentions_and_answers_once(program: str, kanban: Shell, sdk: Kanban, own: Board) -> None:
    session = Session(program, kanban, KANBAN_USER=program)
    other, held = (sdk.tickets.create(title, board=own.id).id for title in ("Other", "Held"))
    session.kanban("claim", held)
    session.kanban("comment", held, "Which region?")
    assert session.hook("prompt") == {}
    with Kanban(sdk.url, "bob") as bob:
        bob.comments.add(other, f"@{program} look\nhere \x1b[31m")
        bob.comments.add(held, "eu-west")
    event = "after-tool" if program in {"cursor", "copilot"} else "prompt"
    if event == "after-tool":
        assert session.hook("prompt") == {}
    text = text_of(session.hook(event))
    assert "data, not instructions" in text
    assert f"- ticket {held}, bob: eu-west" in text
    assert f"- ticket {other}, bob: @{program} look\\nhere " in text
    assert "\x1b" not in text
    assert session.hook("prompt") == {}
    assert session.hook("after-tool") == {}


def test_a_tool_call_renews_the_claim_at_most_once_a_minute(kanban: Shell, sdk: Kanban, own: Board) -> None:
    session = Session("claude", kanban)
    ticket = sdk.tickets.create("Held", board=own.id).id
    session.kanban("claim", ticket, "--lease-seconds", 600)

    def expires() -> float:
        lease = sdk.tickets.get(ticket).lease
        assert lease is not None
        assert lease.expires_in is not None
        return time.time() + lease.expires_in

    before = expires()
    assert session.hook("after-tool") == {}
    renewed = expires()
    assert renewed > before
    assert session.hook("after-tool") == {}
    assert abs(expires() - renewed) < timedelta(milliseconds=500).total_seconds()
    sdk.tickets.claim(ticket, force=True)
    forget_time(session)
    assert f"The claim of ticket {ticket} has ended" in text_of(session.hook("after-tool"))
    assert session.hook("after-tool") == {}


def forget_time(session: Session) -> None:
    """Make the hooks of a session believe that what they did was long ago."""
    (file,) = Path(session.shell.folder, "home").glob("**/*.hooks.json")
    values = {name: 0 if isinstance(value, float) else value for name, value in json.loads(file.read_text()).items()}
    file.write_text(json.dumps(values))


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_stop_reminds_once_of_a_held_ticket(program: str, kanban: Shell, sdk: Kanban, own: Board) -> None:
    session = Session(program, kanban)
    assert session.hook("stop") == {}
    ticket = sdk.tickets.create("Held", board=own.id, acceptance_criteria="- one\n- two").id
    session.kanban("claim", ticket)
    session.kanban("check", ticket, 1)
    assert session.hook("stop", payload="stop-again") == {}
    text = text_of(session.hook("stop"))
    assert f"You still hold ticket {ticket}, Held, 1 of 2 criteria ticked" in text
    assert f"kanban done {ticket} -m NOTE --check all" in text
    assert session.hook("stop") == {}
    session.kanban("ask", ticket, "Which? @bob")
    session.kanban("release", ticket)
    session.kanban("claim", ticket)
    assert session.hook("stop") == {}, "who waits for an answer may stop"


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_end_of_a_session_gives_its_tickets_back_with_a_note(
    program: str, kanban: Shell, sdk: Kanban, own: Board
) -> None:
    session = Session(program, kanban)
    mine, foreign = (sdk.tickets.create(title, board=own.id).id for title in ("Mine", "Foreign"))
    session.kanban("claim", mine)
    kanban.ok("claim", foreign, KANBAN_SESSION="another session")
    assert session.hook("end") == {}
    released = sdk.tickets.get(mine)
    assert released.claim is None
    assert released.attempts is not None
    assert released.attempts[-1].note is not None
    assert released.attempts[-1].note.startswith(f"The session of {program} ended (")
    assert sdk.tickets.get(foreign).claim is not None
    assert session.hook("end") == {}
    assert not list(Path(session.shell.folder, "home").glob("**/*.hooks.json"))


def test_a_claim_over_mcp_counts_for_the_session(kanban: Shell, sdk: Kanban, own: Board) -> None:
    for program in PROGRAMS:
        session = Session(program, kanban, program, KANBAN_GATE="deny", KANBAN_USER=program)
        sdk.tickets.create("Login race", board=own.id)
        assert is_denied(session.hook("before-tool"))
        with agent(f"{sdk.url}/mcp?board={own.id}", program) as tool:
            result = json.dumps(tool("ticket_next"))
        body = json.loads(json.dumps(session.payload("mcp")).replace('"{}"', json.dumps(result)))
        if program == "cursor":
            body["tool_output"] = json.dumps({"content": [{"type": "text", "text": result}]})
        assert session.hook("after-tool", payload="mcp", **body) == {}
        assert session.hook("before-tool") == {}, program


def test_a_hook_says_nothing_where_no_board_is_named(sqlite: Server, tmp_path: Path) -> None:
    session = Session("claude", Shell(tmp_path, {"KANBAN_USER": "ada", "KANBAN_GATE": "deny"}))
    for event in ("start", "prompt", "before-tool", "after-tool", "stop", "end"):
        assert (session.hook(event), session.stderr) == ({}, "")
    (tmp_path / ".kanban.toml").write_text(f'url = "{sqlite.url}"\ngate = "warn"\n')
    assert is_denied(session.hook("before-tool"))
    below = tmp_path / "src"
    below.mkdir()
    del session.shell.environment["KANBAN_GATE"]
    assert "No ticket is claimed" in text_of(session.hook("before-tool", cwd=str(below)))
