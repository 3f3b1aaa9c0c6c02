"""A board's columns: what they may be called, what they mean, and which one a name means."""

from __future__ import annotations

from collections.abc import Sequence

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Column, Role, matching
from kanban_server.rules.names import short_name
from kanban_server.rules.refusals import Refusal


def find(columns: Sequence[Column], name: str) -> Column:
    """The column that the name means. Refused: `unknown-column`, with the board's names."""
    for column in columns:
        if column.name == name:
            return column
    wanted = matching(name)
    for column in columns:
        if matching(column.name) == wanted:
            return column
    names = [column.name for column in columns]
    raise Refusal(
        "unknown-column",
        f"The board has no column '{name[:80]}'. Its columns: {', '.join(names)}.",
        fix="Name one of the board's columns.",
        columns=names,
    )


def usual_role(name: str, position: int, of: int) -> Role:
    """What a column means without words: the first is todo, the last done, 'In Progress' working, others waiting."""
    if position == 0:
        return "todo"
    if position == of - 1:
        return "done"
    return "working" if matching(name) == "in progress" else "waiting"


def named(names: Sequence[str]) -> list[str]:
    """The names as columns may be called: 1 to 50 characters, unique under the match. Refused: `invalid-columns`."""
    if not names:
        raise Refusal("invalid-columns", "A board needs at least one column.", fix="Name at least one column.")
    if len(names) > limits.COLUMNS:
        raise Refusal(
            "invalid-columns", f"{len(names)} columns are too many; {limits.COLUMNS} is the most.", limit=limits.COLUMNS
        )
    kept = [short_name(name, "column name", limits.COLUMN_NAME_CHARACTERS) for name in names]
    seen: dict[str, str] = {}
    for name in kept:
        key = matching(name)
        if key in seen:
            raise Refusal(
                "invalid-columns",
                f"'{seen[key]}' and '{name}' are the same name: case and '_' do not tell columns apart.",
                fix="Give each column a name of its own.",
            )
        seen[key] = name
    return kept


def first_made(names: Sequence[str]) -> list[Column]:
    """The columns of a new board."""
    kept = named(names)
    return [Column(i + 1, name, usual_role(name, i, len(kept))) for i, name in enumerate(kept)]


def arranged(columns: Sequence[Column], names: Sequence[str], next_id: int) -> list[Column]:
    """The columns after a PUT of names: known ones as they are set, in their new order; new ones with the next ids."""
    kept = named(names)
    known = {matching(column.name): column for column in columns}
    arranged: list[Column] = []
    for position, name in enumerate(kept):
        column = known.get(matching(name))
        if column is None:
            column = Column(next_id, name, usual_role(name, position, len(kept)))
            next_id += 1
        arranged.append(column)
    return arranged
