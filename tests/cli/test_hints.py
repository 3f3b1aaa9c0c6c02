"""Every command that the program suggests, collected where it is written: it succeeds, or is harmless."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from kanban_cli import exit_codes
from kanban_cli.command_tree import app
from kanban_cli.hints import DESTRUCTIVE_WORDS, IDENTITY_WORDS
from kanban_cli.table import ALIASES, COMMANDS
from kanban_sdk import Kanban
from tests.cli.test_first_words import Ada
from tests.cli.test_surface import helps, parse
from tests.support.cli import ROOT
from tests.support.servers import Server

HINT = re.compile(r"(?:  )?(?:next: )?(?:then )?(kanban .*)", re.DOTALL)
SENTENCE = re.compile(r"[,;:] |\.$")
MENTION = re.compile(r"(?<![\w-])kanban ([a-z]+)")
WORDS_AFTER_KANBAN = frozenset({"server", "block", "wait", "board", "events"})
"""Words that follow the name of the program in a sentence, and in the name of a thread, without being a command."""

VALUES = {
    "TICKET": "1",
    "OTHER": "2",
    "COLUMN=title": "Name=title",
    "COLUMN": "Blocked",
    "NAME": "ada",
    "TEXT": "text",
    "NOTE": "note",
    "FILE": "a-file",
}
"""What is typed for the placeholders in capitals."""
EXPRESSIONS = (
    (r"check|lease", ""),
    (r"\['path'\]\[2\]", "2"),
    (r"facts", "1"),
    (r"agent", "generic"),
    (r"file|path|second|source", "a-file"),
    (r"name|column", "Blocked"),
    (r"port|other", "8001"),
    (r"url|_elsewhere|DEFAULT_URL", "http://127.0.0.1:8000"),
    (r"board|candidates", "BOARD"),
    (r"", "1"),
)
"""What is typed for an expression in braces, by the first pattern that it has; else a ticket's number."""

STAYS = ("up", "serve", "watch", "doctor", "user create", "next --wait", "wait", "export backlog", "attach 1 -")
"""Lines that wait, read stdin, start a server, or need its files: they are parsed, and not run."""
REFUSED = {
    "kanban token list": exit_codes.REFUSED,  # where there are no users; a hint where there are
    "kanban status --url http://127.0.0.1:8000": exit_codes.UNREACHABLE,
    "kanban batch --each a-file": exit_codes.USAGE,  # the file that was typed
    "kanban import a-file": exit_codes.USAGE,
    "kanban import csv a-file": exit_codes.USAGE,
    "kanban import csv a-file --map 'Name=title'": exit_codes.USAGE,
}
"""Hints that need more than this test has, with their exit codes."""


def texts(node: ast.AST) -> Iterator[str]:
    """Yield the texts below a node of code, with `{expression}` for what is put in; no docstrings and no examples."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Constant):
            if isinstance(child.value, str):
                yield child.value
        elif isinstance(child, ast.JoinedStr):
            yield "".join(_part(part) for part in child.values)
        elif not _is_description(child):
            yield from texts(child)


def _is_description(node: ast.AST) -> bool:
    """Whether a node is a docstring, or an argument that describes a command."""
    if isinstance(node, ast.keyword):
        return node.arg in {"examples", "epilog", "help"}
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _part(part: ast.expr) -> str:
    if isinstance(part, ast.FormattedValue):
        return f"{{{ast.unparse(part.value)}}}"
    assert isinstance(part, ast.Constant)
    return str(part.value)


def typed(hint: str) -> str:
    """Return a hint as somebody types it."""
    for expression in re.findall(r"\{[^}]*\}", hint):
        value = next(value for pattern, value in EXPRESSIONS if re.search(pattern, expression))
        hint = hint.replace(expression, value)
    for name, value in VALUES.items():
        hint = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", value, hint)
    return hint.replace("board show 1", "board show BOARD")


NOT_HINTS = frozenset({"kanban block", "kanban events", "kanban restore a good backup first"})
"""Texts that begin like a line to type: a name that is compared, the name of a thread, a sentence."""

ALL_TEXTS = [
    text
    for package in ("kanban_cli", "kanban_server", "kanban_sdk")
    for file in sorted((ROOT / package).rglob("*.py"))
    if "kanban " in (code := file.read_text())
    for text in texts(ast.parse(code))
]
HINTS = sorted(
    {
        typed(line).strip()
        for text in ALL_TEXTS
        if (match := HINT.fullmatch(text)) and MENTION.search(text)
        for line in match[1].split(" | ")
        if MENTION.match(line) and line not in NOT_HINTS and not SENTENCE.search(line)
    }
)
"""The hints that are a line to type, each once."""


def is_help(hint: str) -> bool:
    return hint.endswith(" --help")


def waits(hint: str) -> bool:
    return not is_help(hint) and hint.removeprefix("kanban ").startswith(STAYS)


@pytest.fixture
def ada(sqlite: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ada]:
    """Ada, in a folder of her own, at a board where she holds a ticket, and another one is ready."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with sqlite.kanban("ada") as sdk:
        board = sdk.boards.create("Hints").id
        environment = {"KANBAN_URL": sqlite.url, "KANBAN_BOARD": str(board), "KANBAN_USER": "ada"}
        yield Ada(environment, {"BOARD": board, **_fill(sdk, board)})


def _fill(sdk: Kanban, board: int) -> dict[str, int]:
    one, two = (sdk.tickets.create(title, board=board, acceptance_criteria="It runs").id for title in ("One", "Two"))
    sdk.tickets.claim(one)
    return {"1": one, "2": two}


def test_hints_are_collected_from_the_whole_code_base() -> None:
    assert len(HINTS) > 60
    for hint in ("kanban list --mine", "kanban next --resume", "kanban done 1 -m note --next", "kanban why 1"):
        assert hint in HINTS, HINTS


@pytest.mark.parametrize("hint", [hint for hint in HINTS if not (is_help(hint) or waits(hint))])
def test_a_hint_succeeds_or_is_harmless(ada: Ada, hint: str) -> None:
    code, fix = ada.run([str(ada.ids.get(word, word)) for word in shlex.split(hint)[1:]])
    assert (code, fix is None) == (REFUSED.get(hint, exit_codes.DONE), hint not in REFUSED), fix


def test_a_hint_that_waits_or_starts_a_server_can_be_typed() -> None:
    for hint in filter(waits, HINTS):
        parse(get_command(app), shlex.split(hint)[1:])


def test_a_help_that_a_hint_names_exists() -> None:
    assert {hint.removesuffix(" --help") for hint in HINTS if is_help(hint)} <= dict(
        helps(get_command(app), "kanban")
    ).keys()


def test_no_hint_destroys_forces_or_changes_who_acts() -> None:
    for hint in HINTS:
        assert is_help(hint) or not {*shlex.split(hint)} & (DESTRUCTIVE_WORDS | IDENTITY_WORDS), hint


def test_every_command_that_a_text_mentions_exists() -> None:
    for text in ALL_TEXTS:
        for word in MENTION.findall(text):
            assert word in {*COMMANDS, *ALIASES, *WORDS_AFTER_KANBAN}, text
