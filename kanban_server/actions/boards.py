"""What can be done with a board and its columns."""

from __future__ import annotations

from kanban_sdk.wire import limits
from kanban_sdk.wire.bodies import NewBoard
from kanban_sdk.wire.boards import DEFAULT_COLUMNS, Board
from kanban_server.rules import columns, texts
from kanban_server.rules.names import THE_SYSTEM, Actor, short_name
from kanban_server.store import boards
from kanban_server.store.transaction import Transaction

FIRST = 7_265_313
"""The number under which servers that start together agree who makes the first board."""


def create(tx: Transaction, actor: Actor, new: NewBoard) -> Board:
    """Create a board, with the usual five columns where none are named."""
    name = short_name(new.name, "board name", limits.BOARD_NAME_CHARACTERS)
    made = columns.first_made(DEFAULT_COLUMNS if new.columns is None else new.columns)
    board = boards.make(tx, name, texts.text(new.description), made)
    board.record(actor, "board_created", said(board.wire()))
    return board.wire()


def create_first(tx: Transaction) -> None:
    """Create board 1 in a database that never had a board."""
    tx.alone(FIRST)
    if tx.value(boards.ANY) is None:
        create(tx, THE_SYSTEM, NewBoard("My First Board"))


def said(board: Board) -> dict[str, object]:
    """The board, as an event says it."""
    return {name: getattr(board, name) for name in board.__dataclass_fields__ if name != "ticket_count"}
