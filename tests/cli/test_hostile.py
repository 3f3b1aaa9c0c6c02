"""Titles, names and comments are other people's words: no terminal acts on them, and nothing breaks over them."""

from __future__ import annotations

import json

import pytest

from kanban_sdk import Board, Kanban
from tests.support.cli import Shell

HOSTILE = "[/nope] [red]x[/red] :skull: \u202eevil\u2066 \u200bend"
"""A title: rich's markup, an emoji code, and marks that turn text around or hide it. Controls can't be in a title."""
TEXT = "\x1b[2J\x1b]0;owned\x07 \x9b31m\r\b \u2028 [/nope]\nforged: line"
"""A long text, which may hold controls."""
FORBIDDEN = ("\x1b[2J", "\x1b]0", "\x9b", "\x07", "\b", "\u202e", "\u2066", "\u200b", "\u2028", "☠", "💀")


@pytest.fixture
def ticket(sdk: Kanban, own: Board) -> int:
    """A ticket that is hostile wherever it can be."""
    made = sdk.tickets.create(HOSTILE, board=own.id, description=TEXT, labels=["[/nope]"], assignee="[bold]eve")
    other = sdk.tickets.create(HOSTILE, board=own.id, acceptance_criteria=TEXT)
    sdk.comments.add(made.id, TEXT)
    sdk.tickets.block(made.id, other.id)
    with Kanban(sdk.url, "[bold]eve") as eve:
        eve.comments.add(made.id, f"@ada {TEXT}{'x' * 60_000}")
    return made.id


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
def test_nothing_hostile_comes_through(kanban: Shell, ticket: int, command: str) -> None:
    typed = command.format(id=ticket).split()
    piped = kanban.ok(*typed).out
    shown = kanban.terminal(*typed)
    documents = kanban.ok(*typed, "--json").out
    for said in (piped, shown, documents):
        assert not [bad for bad in FORBIDDEN if bad in said]
    assert "\x1b" not in piped
    assert documents.isascii()
    assert not any(line.startswith("forged") for line in (piped + shown).splitlines())
    if command != "log {id}":
        assert "[/nope]" in piped
        assert "[/nope]" in shown
    assert [json.loads(line) for line in documents.splitlines()]


def test_json_holds_the_text_as_it_is(kanban: Shell, ticket: int) -> None:
    told = kanban.ok("show", ticket, "--json").json
    assert (told["title"], told["description"]) == (HOSTILE, TEXT)


def test_what_was_typed_comes_back_harmless_in_a_refusal(kanban: Shell) -> None:
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
