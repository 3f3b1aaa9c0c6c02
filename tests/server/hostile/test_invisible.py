"""Letters that nobody sees are kept as they were sent, and shown escaped; joiners stay, which languages need."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kanban_sdk import Board, Kanban
from kanban_sdk.wire.invisible_characters import escaped, invisible
from tests.support.cli import Shell
from tests.support.mcp import agent, text
from tests.support.servers import Server

HIDDEN = "\u202e\u200b\u2066\ufeff\u061c\u00ad\u3164\U000e0041\U000e007f"
SEEN = "می\u200cخواهم 👩\u200d💻 é ❤\ufe0f"
TITLE = f"a{HIDDEN}b {SEEN}"
SHOWN = f"a{''.join(map(escaped, HIDDEN))}b {SEEN}"


def hidden_in(words: str) -> list[str]:
    return [letter for letter in words if invisible(letter)]


def test_what_is_hidden_and_what_is_not() -> None:
    assert hidden_in(TITLE) == [*HIDDEN]
    assert (escaped("\u202e"), escaped("\U000e0041")) == ("\\u202e", "\\U000e0041")


@pytest.fixture
def ticket(kanban: Kanban, board: Board) -> int:
    """A ticket with such letters in all its texts, and with a comment."""
    created = kanban.tickets.create(TITLE, board=board.id, description=TITLE, assignee=TITLE, labels=[TITLE])
    kanban.comments.add(created.id, TITLE)
    kanban.comments.add(created.id, f"@ada {TITLE}")
    return created.id


def test_it_is_kept_as_it_was_sent(kanban: Kanban, ticket: int) -> None:
    stored = kanban.tickets.get(ticket)
    assert (stored.title, stored.description, stored.assignee, stored.labels) == (TITLE, TITLE, TITLE, [TITLE])


def test_the_command_line_shows_it_escaped(server: Server, board: Board, ticket: int, tmp_path: Path) -> None:
    shell = Shell(tmp_path, {"KANBAN_URL": server.url, "KANBAN_USER": "eve", "KANBAN_BOARD": str(board.id)})
    for command in (["list"], ["show", ticket], ["prime"], ["log"], ["list", "--json"], ["prime", "--json"]):
        output = shell.ok(*command)
        assert hidden_in(output.out) == [], command
    assert SHOWN in shell.ok("show", ticket, "--full").out
    assert shell.ok("show", ticket, "--json").json["title"] == TITLE
    assert hidden_in(json.dumps(shell.ok("prime", "--json").json, ensure_ascii=False)) == []


def test_agents_are_given_none_of_it(server: Server, board: Board, ticket: int) -> None:
    with agent(f"{server.url}/mcp?board={board.id}", "ada") as ada:
        for tool, arguments in (
            ("board_state", {}),
            ("ticket_list", {}),
            ("ticket_get", {"ticket": ticket, "full": True}),
            ("ticket_next", {"peek": True}),
            ("wait_events", {"after": "0", "seconds": 0, "own": True}),
        ):
            result = ada.result(tool, **arguments)
            assert hidden_in(text(result)) == [], tool
            assert hidden_in(json.dumps(result.structured_content, ensure_ascii=False)) == [], tool
        assert ada("ticket_get", ticket=ticket)["title"] == SHOWN
        assert hidden_in(ada.read("kanban://prime")) == []
