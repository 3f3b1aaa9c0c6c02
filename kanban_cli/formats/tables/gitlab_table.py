"""GitLab's CSV export of issues."""

import re

from kanban_cli.formats.fields import split_values
from kanban_cli.formats.item import Item
from kanban_cli.formats.tables.dialect import Dialect, RowValues, first_cell

_ADDRESS = re.compile(r"https?://[^/\s]+/(\S+?)/-?/?(?:issues|work_items)/([0-9]+)", re.ASCII)


def project_path(url: str) -> str | None:
    """Return the path of the project in an issue's address; None if it is none."""
    match = _ADDRESS.fullmatch(url)
    return match[1] if match else None


def _finish(item: Item, row: RowValues) -> None:
    """The id is `GROUP/PROJECT#7`; people are known by their user names."""
    project = project_path(first_cell(row, "URL"))
    item.id = f"{project or ''}#{item.id}"
    item.assignees = split_values(first_cell(row, "Assignee Username", "Assignee"))
    for name in ("Author", "Assignee"):
        if first_cell(row, f"{name} Username"):
            item.extra.pop(name, None)


DIALECT = Dialect(
    needed=("Issue ID", "URL", "State"),
    fields={
        "issue id": "id",
        "author username": "created_by",
        "assignee username": "assignee",
        "created at (utc)": "created_at",
        "updated at (utc)": "updated_at",
        "closed at (utc)": "finished_at",
    },
    finish=_finish,
)
