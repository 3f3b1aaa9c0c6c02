"""Notion's CSV export of a database, also in the zip archive that Notion makes of it."""

import re
from collections.abc import Iterator
from dataclasses import replace

from kanban_cli.formats.fields import find_field, split_values
from kanban_cli.formats.item import Item, ReadOptions
from kanban_cli.formats.source import Source
from kanban_cli.formats.tables import csv
from kanban_cli.formats.tables.dialect import Dialect, RowValues
from kanban_cli.formats.tables.rows import Table

DEFAULT_AUTHOR = "notion"
FILE_NAME = re.compile(r".*(?: [0-9a-f]{32}(?:_all)?|_all)\.csv", re.IGNORECASE | re.DOTALL)
"""The names of Notion's files: the database's name and its id."""
_PAGE = re.compile(r"\s*\((?:https?://[^)]*|[^()]*\.md)\)")


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Read a database. Its first column is the title, if no other is. Raises ParseError."""
    table = Table(source)
    fields = {*options.field_by_column.values(), *map(find_field, table.names)}
    dialect = DIALECT
    if "title" not in fields and table.names:
        dialect = replace(DIALECT, fields={**DIALECT.fields, table.names[0].casefold(): "title"})
    return csv.read_table(table, dialect, options)


def _finish(item: Item, row: RowValues) -> None:
    """Take the end of a range of dates, and the titles of related pages without their addresses; tell people apart."""
    item.aliases = [str(item.title)]
    if isinstance(item.due, str):
        item.due = item.due.rpartition("→")[2].strip()
    if item.blocked_by is not None:
        item.blocked_by = split_values(_PAGE.sub("", ", ".join(map(str, item.blocked_by))))
    item.assignees = split_values(", ".join(str(person) for person in item.assignees if person))
    item.parent = _PAGE.sub("", str(item.parent or "")).strip()


DIALECT = Dialect(
    needed=(),
    fields={
        "assign": "assignee",
        "person": "assignee",
        "created time": "created_at",
        "last edited time": "updated_at",
        "parent item": "parent",
        "parent task": "parent",
        "blocked by": "dependencies",
    },
    finish=_finish,
)
