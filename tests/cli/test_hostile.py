"""Titles, names and comments are untrusted: they can neither control a terminal nor break a command."""

from __future__ import annotations

import json

import pytest

from kanban_sdk import Board, Kanban
from tests.support.cli import Shell

HOSTILE = "[/nope] [red]x[/red] :skull: \u202eevil\u2066 \u200bend"
"""A title with rich's markup, an emoji code, and marks that turn text around or hide it."""
TEXT = "\x1b[2J\x1b]0;owned\x07 \x9b31m\r\b \u2028 [/nope]\nforged: line"
"""A long text, which may have control characters."""
FORBIDDEN = ("\x1b[2J", "\x1b]0", "\x9b", "\x07", "\b", "\u202e", "\u2066", "\u200b", "\u2028", "☠", "💀")


@pytest.fixture
def ticket(sdk: Kanban, own: Board) -> int:
    """A ticket with hostile text in every field that takes it."""
    created = sdk.tickets.create(HOSTILE, board=own.id, description=TEXT, labels=["[/nope]"], assignee="[bold]eve")
    other = sdk.tickets.create(HOSTILE, board=own.id, acceptance_criteria=TEXT)
    sdk.comments.add(created.id, TEXT)
    sdk.tickets.block(created.id, other.id)
    with Kanban(sdk.url, "[bold]eve") as eve:
        eve.comments.add(created.id, f"@ada {TEXT}{'x' * 60_000}")
    return created.id


COMMANDS = [
    *(
        "list --full",
        "show {id}",
        "log {id}",
        "log",
        "watch --after 0 --count 3",
        "board show",
        "move {id} in_progress",
    ),
    *("next --peek", "why {id}", "inbox", "wait {id} --reply"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_prints_control_characters(kanban: Shell, ticket: int, command: str) -> None:
    typed = command.format(id=ticket).split()
    piped = kanban.ok(*typed).out
    text = kanban.terminal(*typed)
    documents = kanban.ok(*typed, "--json").out
    for output in (piped, text, documents):
        assert not [bad for bad in FORBIDDEN if bad in output]
    assert "\x1b" not in piped
    assert documents.isascii()
    assert not any(line.startswith("forged") for line in (piped + text).splitlines())
    if command != "log {id}":
        assert "[/nope]" in piped
        assert "[/nope]" in text
    assert [json.loads(line) for line in documents.splitlines()]


def test_json_has_the_text_unchanged(kanban: Shell, ticket: int) -> None:
    ticket_data = kanban.ok("show", ticket, "--json").json
    assert (ticket_data["title"], ticket_data["description"]) == (HOSTILE, TEXT)


def test_an_error_escapes_the_typed_text(kanban: Shell) -> None:
    for typed in (["move", "1\x1b[2J", "x"], ["\x1b[2J"], ["list", "-c", "\x1b[2J"], ["list", "-b", "\x1b[2J"]):
        refused = kanban(*typed)
        assert refused.code in {2, 3}
        assert "\x1b" not in refused.err


def test_bytes_that_are_not_utf_8_are_refused(kanban: Shell) -> None:
    refused = kanban("comment", 1, "-", stdin=b"\xff\xfe")
    assert refused.code == 2
    assert "not UTF-8" in refused.err
    assert kanban("add", "\udcff").code == 2
    assert kanban("add", "x", "-u", "\udcff").code == 2
