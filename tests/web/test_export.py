"""A board is exported in the browser: each file is what the command writes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from kanban_sdk import Board, Kanban
from tests.support.browser import People
from tests.support.cli import Shell
from tests.support.servers import Server

BUTTONS = {
    "JSONL, to import again": ("jsonl", []),
    "CSV, for a spreadsheet": ("csv", ["--format", "csv"]),
    "All of the board": ("jsonl", ["--full"]),
}
"""The button, to the ending of the file and what `kanban export` takes for the same one."""


@pytest.fixture
def filled(sdk: Kanban, own: Board) -> Board:
    """A board with all kinds of values, an archived ticket, a deleted one, and a history of two lines."""
    first = sdk.tickets.create("=1+1", board=own.id, labels=["a", "b"], description='"quoted"\nand ünïcode')
    second = sdk.tickets.create("two", board=own.id, labels=["a, b"], assignee="bob")
    sdk.tickets.edit(second.id, blocked_by=[first.id], due_date="2026-05-06")
    sdk.tickets.link(second.id, add=["https://example.org/x,y"])
    sdk.comments.add(second.id, "hello, 世界")
    name = f"export:{own.id}:{first.id}"
    sdk.boards.import_tickets(own.id, [{"source_id": name, "title": "Imported", "extra": {"kept": [1]}}])
    old = sdk.tickets.create("Old", board=own.id)
    sdk.tickets.edit(first.id, parent=old.id)
    sdk.tickets.move(old.id, "Done")
    sdk.boards.archive(own.id, days=0)
    deleted = sdk.tickets.create("Gone", board=own.id)
    sdk.comments.add(deleted.id, "Why")
    for number in range(14):
        sdk.tickets.edit(deleted.id, description=f"{number} " + "ü" * 10_000)
    sdk.tickets.delete(deleted.id)
    return own


def values(text: str, ending: str) -> list[Any]:
    """The lines of a file; of a table the cells, without the spacing of the JSON in them."""
    if ending == "jsonl":
        return [json.loads(line) for line in text.splitlines()]
    return [[_loaded(cell) for cell in row] for row in csv.reader(io.StringIO(text))]


def _loaded(cell: str) -> Any:
    return json.loads(cell) if cell.startswith(("[", "{")) else cell


def test_each_file_of_the_browser_is_what_the_command_writes(
    people: People, site: Server, filled: Board, tmp_path: Path
) -> None:
    shell = Shell(tmp_path, {"KANBAN_URL": site.url, "KANBAN_BOARD": str(filled.id), "KANBAN_USER": "ada"})
    page = people.open(f"/board/{filled.id}/team")
    for button, (ending, options) in BUTTONS.items():
        with page.expect_download() as download:
            page.get_by_role("button", name=button).click()
        assert download.value.suggested_filename.endswith(f".{ending}")
        exported = values(download.value.path().read_text(), ending)
        assert exported == values(shell.ok("export", *options).out, ending), button
    gone = next(number for number, line in enumerate(exported) if line.get("deleted"))
    assert {line["_type"] for line in exported[gone + 1 :]} == {"history"}
