"""Linear's CSV export."""

from kanban_cli.formats.item import Item
from kanban_cli.formats.tables.dialect import Dialect, RowValues, first_cell


def _finish(item: Item, row: RowValues) -> None:
    """A canceled issue is done since it was canceled."""
    if not item.finished and (canceled := first_cell(row, "Canceled")):
        item.finished = canceled
        item.extra.pop("Canceled", None)


DIALECT = Dialect(
    needed=("ID", "Team", "Title", "Status"),
    fields={"parent issue": "parent", "blocked by": "dependencies", "completed": "finished_at"},
    finish=_finish,
    dates=("Canceled",),
)
