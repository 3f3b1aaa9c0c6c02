"""A table in CSV: a row a ticket, under a header that names the fields."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from kanban_cli.formats import fields, parts
from kanban_cli.formats.jsonlines import decoded
from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Column

NOBODY = "csv"
DELIMITERS = (",", ";", "\t")
GUARDED = tuple(f"'{sign}" for sign in "=+-@\t\r")
"""How a cell begins that was kept from being run as a formula; `kanban export` writes them so."""


def tickets(
    file: str, data: bytes, columns: Sequence[Column], renamed: Mapping[str, str] | None = None
) -> list[parts.Found]:
    """The rows of a table as tickets for a board with these columns. Raises Unreadable.

    `renamed` says which field of ours a column means that has another name: `{"What to do": "title"}`.
    """
    text = decoded(file, data).replace("\0", "\u2400")
    csv.field_size_limit(limits.BODY_BYTES)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    found: list[parts.Found] = []
    said: list[dict[str, Any]] = []
    sources: set[str] = set()
    line = 1
    try:
        header = _header(next(rows, []), renamed or {})
        line = rows.line_num + 1
        for row in rows:
            if any(cell.strip() for cell in row):
                told, rest = _values(row, header)
                source = parts.source(told.get("id") or _unnamed(told["title"], sources), "id")
                sources.add(source)
                found.append(parts.Found.of(file, line, fields.ticket(source, told, rest, columns, nobody=NOBODY)))
                said.append(told)
            line = rows.line_num + 1
    except csv.Error as error:
        raise parts.Unreadable(file, rows.line_num or 1, str(error)) from error
    except ValueError as error:
        raise parts.Unreadable(file, line, str(error)) from error
    fields.linked([(one.ticket, told) for one, told in zip(found, said, strict=True)])
    return found


def _delimiter(text: str) -> str:
    """What stands most often in the header."""
    return max(DELIMITERS, key=text.partition("\n")[0].count)


def _header(cells: Sequence[str], renamed: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """Each column's name, and the field of ours that it means. Raises ValueError."""
    names = [cell.strip() for cell in cells]
    for name, field in renamed.items():
        if name not in names:
            raise ValueError(f"there is no column '{name}' among {', '.join(names)}")
        if field not in fields.NAMES:
            raise ValueError(f"'{field}' is no field; these are: {', '.join(fields.NAMES)}")
    twice = {name for name in names if name and names.count(name) > 1}
    if twice:
        raise ValueError(f"the header names {', '.join(sorted(twice))} twice")
    header = [(name, renamed.get(name) or fields.known(name)) for name in names]
    if "title" not in {field for _, field in header}:
        raise ValueError(f"no column of these is the title (--map NAME=title): {', '.join(names) or 'none'}")
    return header


def _values(row: Sequence[str], header: Sequence[tuple[str, str | None]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A row's fields of ours, and the others. Raises ValueError."""
    if len(row) > len(header):
        raise ValueError(f"the row has {len(row)} cells; the header has {len(header)}")
    cells = [cell[1:] if cell.startswith(GUARDED) else cell for cell in row]
    told, rest = fields.sorted_out(
        (name or f"column {number}", field, cell)
        for number, ((name, field), cell) in enumerate(zip(header, cells, strict=False), 1)
    )
    if "title" not in told:
        raise ValueError("the row has no title")
    return told, rest


def _unnamed(title: str, taken: set[str]) -> str:
    """A source for a row without an id: its title, which must then stay as it is for a second run to find it."""
    line = parts.one_line(f"csv:{title}", limits.SOURCE_ID_CHARACTERS - 10)
    number = 1
    while (source := line if number == 1 else f"{line} ({number})") in taken:
        number += 1
    return source
