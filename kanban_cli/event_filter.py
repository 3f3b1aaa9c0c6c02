"""Which events concern a user: what others do to their tickets, and where they are mentioned or asked."""

from collections.abc import Callable, Collection
from typing import Any

from kanban_sdk.calls import boards
from kanban_sdk.errors import NotFound
from kanban_sdk.stream.fold import FoldedBoard
from kanban_sdk.wire.events import Event, SnapshotTaken
from kanban_sdk.wire.limits import EVENTS_PAGE


class UserEventFilter:
    """Knows whose each ticket is, from a board as it was and the events since. `names` are all those of the user."""

    def __init__(self, names: Collection[str], board: FoldedBoard) -> None:
        self._names = names
        self._board = board

    def __call__(self, event: Event) -> bool:
        """Whether the event concerns the user: they are mentioned or asked, or the ticket is or was theirs."""
        was_theirs = self._is_user_ticket(event.ticket_id)
        self._board.step(event)
        if isinstance(event, SnapshotTaken):
            return True
        if event.actor in self._names:
            return False
        if event.event == "comment_added" and self._mentions_user(event):
            return True
        return was_theirs or self._is_user_ticket(event.ticket_id)

    def _mentions_user(self, event: Event) -> bool:
        """Whether a comment calls upon the user: it mentions them, or is on a ticket that they have made."""
        called = {*event.data.get("mentions", ()), self._ticket(event.ticket_id).get("created_by")}
        return not called.isdisjoint(self._names)

    def _is_user_ticket(self, id: int | None) -> bool:
        ticket = self._ticket(id)
        return ticket.get("assignee") in self._names or (ticket.get("claim") or {}).get("holder") in self._names

    def _ticket(self, id: int | None) -> dict[str, Any]:
        return {} if id is None else self._board.tickets.get(id, {})


def load_board_at(send: Callable[[Any], Any], board: int, cursor: str) -> FoldedBoard:
    """A board as it was at a cursor: as it is, if nothing has happened since, else its log, folded from its beginning.

    Where the log can't be read from the cursor, it is not so far; the watch itself then brings a snapshot.
    """
    seq = int(cursor.rpartition("-")[2])
    snapshot = send(boards.snapshot(board, bodies=False))
    if snapshot.seq == seq:
        return FoldedBoard.from_snapshot(snapshot)
    try:
        folded = FoldedBoard.from_snapshot(send(boards.base(board)))
    except NotFound:  # the log is whole
        folded = FoldedBoard()
    while folded.seq < seq:
        events = send(boards.events(board, after=folded.seq, limit=min(EVENTS_PAGE, seq - folded.seq))).events
        if not events:
            break
        for event in events:
            folded.step(event)
    return folded
