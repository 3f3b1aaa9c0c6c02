"""Look-ups that start from the one who asks: a board of which one is no member is not found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam

from kanban_server.store.statements import Statement
from kanban_server.store.tables import members
from kanban_server.store.transaction import Reading, Row


class Seeing:
    """A statement about boards, or what is on them, that gives only what the viewer may see.

    `board_id` is where its rows say their board, and `key` what they call that. A row of a member bears the role as
    `member`.
    """

    def __init__(
        self,
        core: Select[Any],
        board_id: ColumnElement[int],
        key: str,
        made: Callable[[Select[Any]], Statement] = Statement,
    ) -> None:
        belongs = and_(members.c.board_id == board_id, members.c.user_id == bindparam("seat"))
        self._all = made(core)
        self._own = made(core.add_columns(members.c.role.label("member")).join(members, belongs))
        self._key = key

    def one(self, tx: Reading, **parameters: Any) -> Row | None:
        """The first row, or None."""
        if tx.viewer.everywhere:
            row = tx.one(self._all, **parameters)
        else:
            row = tx.one(self._own, seat=tx.viewer.seat, **parameters)
        return row if row is not None and tx.viewer.reaches(row[self._key]) else None

    def all(self, tx: Reading, **parameters: Any) -> list[Row]:
        """All rows."""
        if tx.viewer.everywhere:
            rows = tx.all(self._all, **parameters)
        else:
            rows = tx.all(self._own, seat=tx.viewer.seat, **parameters)
        return [row for row in rows if tx.viewer.reaches(row[self._key])]
