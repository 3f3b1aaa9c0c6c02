"""A made-up file of each format, and what is read from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from kanban_cli.formats import registry
from kanban_cli.formats.item import ReadOptions
from kanban_cli.formats.links import LinkIndex
from kanban_cli.formats.source import Source
from kanban_sdk.wire.boards import DEFAULT_COLUMNS, Column
from kanban_server.rules import columns

FOLDER = Path(__file__).parents[1] / "data" / "imports"
EXPECTED = FOLDER / "expected.json"
COLUMNS: list[Column] = columns.create_columns(DEFAULT_COLUMNS)
FORMATS = {
    "export.jsonl": "jsonl",
    "table.csv": "csv",
    "backlog": "markdown",
    "beads.jsonl": "beads",
    "github.json": "github",
    "github-rest.json": "github",
    "taskmaster.json": "taskmaster",
    "trello.json": "trello",
    "jira.csv": "jira",
    "jira.json": "jira",
    "linear.csv": "linear",
    "asana.csv": "asana",
    "gitlab.csv": "gitlab",
    "gitlab.json": "gitlab",
    "azure.csv": "azure",
    "azure.json": "azure",
    "todoist.csv": "todoist",
    "Tool 0123456789abcdef0123456789abcdef.csv": "notion",
    "planka.json": "planka",
    "wekan.json": "wekan",
    "kanboard.csv": "kanboard",
    "vikunja.json": "vikunja",
    "vibe-kanban.json": "vibe-kanban",
    "vibe-kanban-cloud.json": "vibe-kanban",
    "obsidian.md": "obsidian",
    "taskwarrior.json": "taskwarrior",
    "todo.txt": "todotxt",
    "tool.org": "org",
    "checklist.md": "checklist",
}
"""File of `tests/data/imports` to the format that it is recognized as."""


class Parsed(NamedTuple):
    """The tickets of a file without empty fields, what was not understood of them, and what was skipped."""

    tickets: list[dict[str, Any]]
    unclear: list[str]
    skipped: dict[str, int]


def parse(path: Path, format_name: str | None = None, board: list[Column] = COLUMNS) -> Parsed:
    """Parse a file, with its links resolved as an import does."""
    source = Source.open(path)
    options = ReadOptions()
    parsed = [*registry.parse(format_name or registry.recognize(source) or "", source, board, options)]
    index = LinkIndex()
    for one in parsed:
        if not one.continued:
            index.add(one)
    for one in parsed:
        index.resolve(one.ticket)
    tickets = [
        {name: value for name, value in one.ticket.items() if value not in (None, [], {})}
        for one in parsed
        if not one.continued
    ]
    unclear = [f"{one.ticket['source_id']}: {entry['field']}" for one in parsed for entry in one.unclear]
    return Parsed(tickets, unclear, dict(options.skipped))


def parse_all() -> dict[str, Any]:
    return {file: parse(FOLDER / file)._asdict() for file in FORMATS}


if __name__ == "__main__":  # after a change that is meant; read the difference
    EXPECTED.write_text(json.dumps(parse_all(), indent=1, ensure_ascii=False) + "\n")
