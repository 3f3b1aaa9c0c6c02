"""Asana's CSV export."""

from kanban_cli.formats.item import Item
from kanban_cli.formats.tables.dialect import Dialect, RowValues, first_cell


def _finish(item: Item, row: RowValues) -> None:
    """A task with a time of completion is done. Tasks refer to each other by their names."""
    item.id = f"asana:{item.id}"
    item.aliases = [str(item.title)]
    if item.finished:
        item.extra["Section/Column"], item.status, item.keep_status = item.status, "completed", False
    email = first_cell(row, "Assignee Email")
    if email and item.assignees == [None]:
        item.assignees = [email]


DIALECT = Dialect(
    needed=("Task ID", "Section/Column"),
    fields={
        "task id": "id",
        "created at": "created_at",
        "completed at": "finished_at",
        "last modified": "updated_at",
        "section/column": "status",
        "parent task": "parent",
        "blocked by (dependencies)": "dependencies",
    },
    finish=_finish,
)
