"""What a tracker's CSV export calls our fields, and what else its rows say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from kanban_cli.formats.item import Item

RowValues = Mapping[str, Sequence[str]]
"""The non-blank cells of a row by the names of its columns."""


@dataclass(frozen=True)
class Dialect:
    """The CSV export of one tracker."""

    needed: tuple[str, ...]
    """Columns by which it is recognized."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Our fields by names of columns in lower case, in order of precedence. Other names go by `FIELD_NAMES`."""
    finish: Callable[[Item, RowValues], None] | None = None
    """Completes an item from the cells of its row."""
    dates: tuple[str, ...] = ()
    """Columns of dates that have no field of ours."""


def first_cell(row: RowValues, *names: str) -> str:
    """Return the first non-blank cell of these columns, whose case may differ; `""` if there is none."""
    by_name = {name.casefold(): cells for name, cells in row.items()}
    return next((cells[0] for name in names if (cells := by_name.get(name.casefold()))), "")


def all_cells(row: RowValues, *names: str) -> list[str]:
    """Return all non-blank cells of these columns."""
    wanted = {name.casefold() for name in names}
    return [cell for name, cells in row.items() if name.casefold() in wanted for cell in cells]
