"""CSV tables: one ticket per row, under a header with the field names."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from kanban_cli.formats import conversion, fields
from kanban_cli.formats.json_objects import decode_text
from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Column

DEFAULT_AUTHOR = "csv"
DELIMITERS = (",", ";", "\t")
FORMULA_GUARDS = tuple(f"'{sign}" for sign in "=+-@\t\r")
"""Prefixes of cells that were escaped against being run as a formula; `kanban export` writes them."""


def parse_tickets(
    file: str, data: bytes, columns: Sequence[Column], field_by_column: Mapping[str, str] | None = None
) -> list[conversion.ParsedTicket]:
    """Parse the rows of a table as tickets for a board with these columns. Raises ParseError.

    `field_by_column` maps columns with other names to our fields: `{"What to do": "title"}`.
    """
    text = decode_text(file, data).replace("\0", "\u2400")
    csv.field_size_limit(limits.BODY_BYTES)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_detect_delimiter(text), strict=True)
    parsed_tickets: list[conversion.ParsedTicket] = []
    row_fields: list[dict[str, Any]] = []
    source_ids: set[str] = set()
    line = 1
    try:
        header = _parse_header(next(rows, []), field_by_column or {})
        line = rows.line_num + 1
        for row in rows:
            if any(cell.strip() for cell in row):
                known_fields, other_fields = _split_row(row, header)
                source_id = conversion.parse_source_id(
                    known_fields.get("id") or _source_id_from_title(known_fields["title"], source_ids), "id"
                )
                source_ids.add(source_id)
                parsed_tickets.append(
                    conversion.ParsedTicket.of(
                        file,
                        line,
                        fields.build_ticket(
                            source_id, known_fields, other_fields, columns, default_author=DEFAULT_AUTHOR
                        ),
                    )
                )
                row_fields.append(known_fields)
            line = rows.line_num + 1
    except csv.Error as error:
        raise conversion.ParseError(file, rows.line_num or 1, str(error)) from error
    except ValueError as error:
        raise conversion.ParseError(file, line, str(error)) from error
    fields.resolve_links([(parsed.ticket, told) for parsed, told in zip(parsed_tickets, row_fields, strict=True)])
    return parsed_tickets


def _detect_delimiter(text: str) -> str:
    """Return the delimiter that occurs most often in the header."""
    return max(DELIMITERS, key=text.partition("\n")[0].count)


def _parse_header(cells: Sequence[str], field_by_column: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """Return each column's name and our field for it. Raises ValueError."""
    names = [cell.strip() for cell in cells]
    for name, field in field_by_column.items():
        if name not in names:
            raise ValueError(f"there is no column '{name}' among {', '.join(names)}")
        if field not in fields.FIELD_NAMES:
            raise ValueError(f"'{field}' is no field; these are: {', '.join(fields.FIELD_NAMES)}")
    duplicates = {name for name in names if name and names.count(name) > 1}
    if duplicates:
        raise ValueError(f"the header names {', '.join(sorted(duplicates))} twice")
    header = [(name, field_by_column.get(name) or fields.find_field(name)) for name in names]
    if "title" not in {field for _, field in header}:
        raise ValueError(f"no column of these is the title (--map NAME=title): {', '.join(names) or 'none'}")
    return header


def _split_row(row: Sequence[str], header: Sequence[tuple[str, str | None]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split a row into our fields and the others. Raises ValueError."""
    if len(row) > len(header):
        raise ValueError(f"the row has {len(row)} cells; the header has {len(header)}")
    cells = [cell[1:] if cell.startswith(FORMULA_GUARDS) else cell for cell in row]
    known_fields, other_fields = fields.split_fields(
        (name or f"column {number}", field, cell)
        for number, ((name, field), cell) in enumerate(zip(header, cells, strict=False), 1)
    )
    if "title" not in known_fields:
        raise ValueError("the row has no title")
    return known_fields, other_fields


def _source_id_from_title(title: str, used_ids: set[str]) -> str:
    """Derive a source id from the title for a row without an id; a later import finds it only under the same title."""
    line = conversion.to_one_line(f"csv:{title}", limits.SOURCE_ID_CHARACTERS - 10)
    number = 1
    while (source_id := line if number == 1 else f"{line} ({number})") in used_ids:
        number += 1
    return source_id
