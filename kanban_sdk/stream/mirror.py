"""A local copy of a board, kept current by folding its log: reads need no request."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kanban_sdk.stream.fold import FoldedBoard
from kanban_sdk.wire.boards import Board, Snapshot
from kanban_sdk.wire.events import Event
from kanban_sdk.wire.tickets import Ticket

if TYPE_CHECKING:
    from kanban_sdk.stream.watch import AsyncWatch, Watch


class BoardView:
    """A board at one event of its log."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._folded = FoldedBoard.from_snapshot(snapshot)

    @property
    def board(self) -> Board:
        """The board."""
        board, tickets = self._folded.board, self._folded.tickets
        column_counts = Counter(ticket["current_column"] for ticket in tickets.values())
        counts = {name: column_counts[name] for name in board["columns"]}
        return Board.read({**board, "ticket_count": len(tickets), "counts": counts})

    @property
    def tickets(self) -> list[Ticket]:
        """The tickets, by column and from the top."""
        # A ticket may move into a new column before the event that announces it; until then it comes after the others.
        position = {name: index for index, name in enumerate(self._folded.board["columns"])}
        rows = sorted(
            self._folded.tickets.values(),
            key=lambda row: (position.get(row["current_column"], len(position)), row["place"].encode(), row["id"]),
        )
        return [Ticket.read(row) for row in rows]

    @property
    def seq(self) -> int:
        """The number of the newest event in the view."""
        return self._folded.seq

    @property
    def cursor(self) -> str | None:
        """The cursor after the newest event in the view."""
        return self._folded.cursor

    @property
    def deleted(self) -> bool:
        """Whether the board was deleted."""
        return self._folded.deleted

    def ticket(self, ticket: int) -> Ticket | None:
        """One ticket, or None if there is none."""
        row = self._folded.tickets.get(ticket)
        return None if row is None else Ticket.read(row)

    def fold(self, event: Event) -> None:
        """Apply one more event."""
        self._folded.step(event)


class Mirror(BoardView):
    """A board that follows its log: iterate over its events; it is as current as the last event that you received.

    >>> with kanban.mirror(1) as mirror:
    ...     for event in mirror:
    ...         print(event.event, len(mirror.tickets))
    """

    def __init__(self, snapshot: Snapshot, watch: Watch) -> None:
        super().__init__(snapshot)
        self._watch = watch

    def __enter__(self) -> Mirror:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Mirror:
        return self

    def __next__(self) -> Event:
        """Wait for the next event, and fold it."""
        return self.next()

    def next(self, timeout: float | None = None) -> Event:
        """Wait for the next event, and fold it. Raises TimedOut after `timeout` seconds, StopIteration at the end."""
        event = self._watch.next(timeout)
        self.fold(event)
        return event

    def close(self) -> None:
        """Stop following."""
        self._watch.close()


class AsyncMirror(BoardView):
    """`Mirror`, awaited."""

    def __init__(self, snapshot: Snapshot, watch: AsyncWatch) -> None:
        super().__init__(snapshot)
        self._watch = watch

    async def __aenter__(self) -> AsyncMirror:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __aiter__(self) -> AsyncMirror:
        return self

    async def __anext__(self) -> Event:
        """Wait for the next event, and fold it."""
        event = await anext(self._watch)
        self.fold(event)
        return event

    async def close(self) -> None:
        """Stop following."""
        await self._watch.close()
