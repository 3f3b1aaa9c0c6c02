"""The rules for a board's columns: their names, their default roles, and finding one by name."""

from __future__ import annotations

from collections.abc import Sequence

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Column, Role, matching
from kanban_server.rules.actors import check_short_name
from kanban_server.rules.problems import Refusal


def find_column(columns: Sequence[Column], name: str) -> Column:
    """Find the column with this name. Refused: `unknown-column`, with the board's column names."""
    for column in columns:
        if column.name == name:
            return column
    key = matching(name)
    for column in columns:
        if matching(column.name) == key:
            return column
    names = [column.name for column in columns]
    raise Refusal(
        "unknown-column",
        f"The board has no column '{name[:80]}'. Its columns: {', '.join(names)}.",
        fix="Name one of the board's columns.",
        columns=names,
    )


def default_role(name: str, position: int, count: int) -> Role:
    """The role of a new column: the first is todo, the last done, 'In Progress' working, others waiting."""
    if position == 0:
        return "todo"
    if position == count - 1:
        return "done"
    return "working" if matching(name) == "in progress" else "waiting"


def check_column_names(names: Sequence[str]) -> list[str]:
    """The normalized column names: 1 to 50 characters, unique when matched. Refused: `invalid-columns`."""
    if not names:
        raise Refusal("invalid-columns", "A board needs at least one column.", fix="Name at least one column.")
    if len(names) > limits.COLUMNS:
        raise Refusal(
            "invalid-columns", f"{len(names)} columns are too many; {limits.COLUMNS} is the most.", limit=limits.COLUMNS
        )
    checked_names = [check_short_name(name, "column name", limits.COLUMN_NAME_CHARACTERS) for name in names]
    names_by_key: dict[str, str] = {}
    for name in checked_names:
        key = matching(name)
        if key in names_by_key:
            raise Refusal(
                "invalid-columns",
                f"'{names_by_key[key]}' and '{name}' are the same name: case and '_' do not tell columns apart.",
                fix="Give each column a name of its own.",
            )
        names_by_key[key] = name
    return checked_names


def create_columns(names: Sequence[str]) -> list[Column]:
    """The columns of a new board."""
    checked_names = check_column_names(names)
    return [Column(i + 1, name, default_role(name, i, len(checked_names))) for i, name in enumerate(checked_names)]


def arrange_columns(columns: Sequence[Column], names: Sequence[str], next_id: int) -> list[Column]:
    """The columns after a PUT of names: known ones keep their settings, in the new order; new ones get the next ids."""
    checked_names = check_column_names(names)
    columns_by_key = {matching(column.name): column for column in columns}
    new_columns: list[Column] = []
    for position, name in enumerate(checked_names):
        column = columns_by_key.get(matching(name))
        if column is None:
            column = Column(next_id, name, default_role(name, position, len(checked_names)))
            next_id += 1
        new_columns.append(column)
    return new_columns
