"""Todoist's CSV export of a project: tasks, with sections, notes and indentation."""

import re
from collections.abc import Iterator

from kanban_cli.formats.item import Comment, Item, ReadOptions
from kanban_cli.formats.source import Source
from kanban_cli.formats.tables.dialect import RowValues, first_cell
from kanban_cli.formats.tables.rows import Table
from kanban_cli.formats.values import unique_id

NEEDED = ("TYPE", "CONTENT", "INDENT")
DEFAULT_AUTHOR = "todoist"
PRIORITIES = {"1": "critical", "2": "high", "3": "medium", "4": "low"}
_LABEL = re.compile(r"(?<!\S)@(\S+)")
_PERSON = re.compile(r"(.*\S)\s*\([0-9]+\)")
_TAKEN = {"type", "content", "description", "priority", "indent", "author", "responsible", "date"}
_SETTINGS = {"date_lang", "timezone"}


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Read the tasks of a project. A section is a column; a note is a comment. Raises ParseError."""
    section: str | None = None
    above: list[str] = []
    used: set[str] = set()
    current: Item | None = None
    table = Table(source)
    for row in table.rows():
        values = table.values(row)
        kind = first_cell(values, "TYPE").casefold()
        if kind == "section":
            section, above = first_cell(values, "CONTENT"), []
        elif kind == "note" and current is not None:
            author = _person(first_cell(values, "AUTHOR"))
            note: Comment = {
                "text": first_cell(values, "CONTENT"),
                "author": author,
                "created_at": first_cell(values, "DATE"),
            }
            current.comments = [*current.comments, note]
        elif kind == "task":
            if current is not None:
                yield current
            current = _build_task(values, section, used)
            current.line = row.line
            level = int(indent) if (indent := first_cell(values, "INDENT")).isdecimal() else 1
            above = above[: max(level - 1, 0)]
            current.parent = above[-1] if above else None
            above.append(str(current.id))
        elif kind:
            options.skipped[f"rows of type {kind}"] += 1
    if current is not None:
        yield current


def _build_task(row: RowValues, section: str | None, used: set[str]) -> Item:
    content = first_cell(row, "CONTENT")
    title = " ".join(_LABEL.sub("", content).split()) or content
    return Item(
        id=unique_id(f"todoist:{title}", used),
        title=title,
        description=first_cell(row, "DESCRIPTION"),
        status=section,
        priority=PRIORITIES.get(first_cell(row, "PRIORITY")),
        labels=_LABEL.findall(content),
        author=_person(first_cell(row, "AUTHOR")),
        assignees=[_person(first_cell(row, "RESPONSIBLE"))],
        due=first_cell(row, "DATE"),
        extra={
            name: cells[0] if len(cells) == 1 else [*cells]
            for name, cells in row.items()
            if name.casefold() not in _TAKEN | _SETTINGS
        },
    )


def _person(text: str) -> str:
    """Return a name without the number that follows it."""
    match = _PERSON.fullmatch(text)
    return match[1] if match else text
