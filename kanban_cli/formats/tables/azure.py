"""Azure DevOps' CSV export of a query, flat or a tree."""

import re

from kanban_cli.formats.item import Item
from kanban_cli.formats.tables.dialect import Dialect, RowValues, first_cell

PRIORITIES = {"1": "critical", "2": "high", "3": "medium", "4": "low"}
_PERSON = re.compile(r"(.*\S)\s*<[^>]*>")


def person(value: object) -> object:
    """Return a name without the address that follows it."""
    match = _PERSON.fullmatch(value) if isinstance(value, str) else None
    return match[1] if match else value


def _finish(item: Item, row: RowValues) -> None:
    """Map priorities of 1 to 4, and take the addresses from people's names."""
    item.priority = PRIORITIES.get(str(item.priority), item.priority)
    item.assignees = [person(value) for value in item.assignees]
    item.author = person(item.author)
    if not item.title:
        item.title = first_cell(row, *(f"Title {level}" for level in range(1, 10)))


DIALECT = Dialect(
    needed=("ID", "Work Item Type", "State"),
    fields={
        **{f"title {level}": "title" for level in range(1, 10)},
        "created date": "created_at",
        "changed date": "updated_at",
        "closed date": "finished_at",
        "due date": "due_date",
        "target date": "due_date",
    },
    finish=_finish,
)
