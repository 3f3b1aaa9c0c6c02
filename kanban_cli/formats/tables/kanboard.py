"""Kanboard's CSV export of tasks."""

from kanban_cli.formats.item import Item
from kanban_cli.formats.tables.dialect import Dialect, RowValues, first_cell

PRIORITIES = {"3": "critical", "2": "high", "1": "medium", "0": "none"}


def _finish(item: Item, row: RowValues) -> None:
    """A task of status `Closed` is done, whatever its column."""
    item.id = f"kanboard:{item.id}"
    item.priority = PRIORITIES.get(str(item.priority), item.priority)
    if first_cell(row, "Status").casefold() in {"closed", "0"}:
        item.extra["Column"], item.status, item.keep_status = item.status, "closed", False
    item.extra.pop("Status", None)


DIALECT = Dialect(
    needed=("Task Id", "Column", "Swimlane"),
    fields={
        "task id": "id",
        "column": "status",
        "assignee username": "assignee",
        "creator": "created_by",
        "creation date": "created_at",
        "modification date": "updated_at",
        "completion date": "finished_at",
        "category": "labels",
    },
    finish=_finish,
)
