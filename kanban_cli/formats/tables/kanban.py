"""The table that `kanban export` writes."""

import json
from collections.abc import Sequence

from kanban_cli.formats.fields import split_values
from kanban_cli.formats.item import Comment, Item
from kanban_cli.formats.json_values import object_of, objects, text
from kanban_cli.formats.tables.dialect import Dialect, RowValues, first_cell
from kanban_cli.formats.tables.rows import OWN_HEADER

OWN_COLUMNS = ("id", "board_id", "version", "comment_count", "updated_by", "extra", "comments", "archived_at")
"""Columns that are read below, or say nothing about the ticket elsewhere."""


def _finish(item: Item, row: RowValues) -> None:
    """Read the cells that hold JSON, and name a ticket that was made there as `kanban export` does."""
    if not first_cell(row, "source_id") and (board := first_cell(row, "board_id")):
        item.id = f"export:{board}:{first_cell(row, 'id')}"
    for name in OWN_COLUMNS:
        item.extra.pop(name, None)
    item.keep_status = False
    item.labels = _texts(first_cell(row, "labels"))
    item.links = _texts(first_cell(row, "links"))
    item.blocked_by = _texts(first_cell(row, "blocked_by")) if item.blocked_by is not None else None
    item.archived = bool(first_cell(row, "archived_at"))
    item.extra |= object_of(_decode(first_cell(row, "extra")))
    item.comments = [_comment(one) for one in objects(_decode(first_cell(row, "comments"))) if text(one.get("text"))]


def _comment(comment: object) -> Comment:
    values = object_of(comment)
    return {"text": str(values["text"]), "author": values.get("author"), "created_at": values.get("created_at")}


def _texts(cell: str) -> Sequence[object]:
    """Return the values of a list: JSON if one of them has a separator in it."""
    value = _decode(cell) if cell.startswith("[") else None
    return value if isinstance(value, list) else split_values(cell)


def _decode(cell: str) -> object:
    """Return a cell's JSON. Raises ValueError."""
    value: object = json.loads(cell) if cell else None
    return value


DIALECT = Dialect(needed=OWN_HEADER, finish=_finish)
