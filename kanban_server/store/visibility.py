"""Queries limited to what the viewer may see: a board of which the viewer is no member is not found."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, Select, and_, bindparam

from kanban_server.store.statements import Statement
from kanban_server.store.tables import members
from kanban_server.store.transaction import ReadTransaction, Row


class VisibleTo:
    """A statement about boards, or their contents, that returns only rows that the viewer may see.

    `board_id` is the column of its rows with the board's id, and `key` the name of that column in a row. For a member,
    rows have the role as `member`.
    """

    def __init__(
        self,
        core: Select[object],
        board_id: ColumnElement[int],
        key: str,
        make_statement: Callable[[Select[object]], Statement] = Statement,
    ) -> None:
        membership = and_(members.c.board_id == board_id, members.c.user_id == bindparam("seat"))
        self._all = make_statement(core)
        self._own = make_statement(core.add_columns(members.c.role.label("member")).join(members, membership))
        self._key = key

    def one(self, tx: ReadTransaction, **parameters: object) -> Row | None:
        """The first row, or None."""
        if tx.viewer.is_admin:
            row = tx.one(self._all, **parameters)
        else:
            row = tx.one(self._own, seat=tx.viewer.person_id, **parameters)
        return row if row is not None and tx.viewer.covers_board(row[self._key]) else None

    def all(self, tx: ReadTransaction, **parameters: object) -> list[Row]:
        """All rows."""
        if tx.viewer.is_admin:
            rows = tx.all(self._all, **parameters)
        else:
            rows = tx.all(self._own, seat=tx.viewer.person_id, **parameters)
        return [row for row in rows if tx.viewer.covers_board(row[self._key])]
