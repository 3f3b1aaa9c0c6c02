"""Select the events that concern a user: changes by others to their tickets, and mentions and questions."""

from collections.abc import Collection, Mapping
from typing import Any

from kanban_cli.invocation import Invocation
from kanban_sdk.calls import boards
from kanban_sdk.errors import NotFound
from kanban_sdk.stream.fold import FoldedBoard
from kanban_sdk.wire.events import Event, SnapshotTaken
from kanban_sdk.wire.limits import EVENTS_PAGE


class UserEventFilter:
    """Tracks each ticket's assignee from a board state and the events since. `names` are all names of the user."""

    def __init__(self, names: Collection[str], board: FoldedBoard) -> None:
        self._names = names
        self._board = board

    def __call__(self, event: Event) -> bool:
        """Whether the event concerns the user: it mentions or asks them, or the ticket is or was theirs."""
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
        """Whether a comment mentions the user or is on a ticket that they created."""
        called = {*event.data.get("mentions", ()), self._ticket(event.ticket_id).get("created_by")}
        return not called.isdisjoint(self._names)

    def _is_user_ticket(self, id: int | None) -> bool:
        ticket = self._ticket(id)
        return ticket.get("assignee") in self._names or (ticket.get("claim") or {}).get("holder") in self._names

    def _ticket(self, id: int | None) -> Mapping[str, Any]:
        return {} if id is None else self._board.tickets.get(id, {})


def load_board_at(invocation: Invocation, board: int, cursor: str) -> FoldedBoard:
    """Return the board at a cursor: the current snapshot if nothing happened since, else the folded log.

    If the log can't be read from the cursor, the result may be older; the watch then gets a snapshot.
    """
    seq = int(cursor.rpartition("-")[2])
    snapshot = invocation.send(boards.snapshot(board, bodies=False))
    if snapshot.seq == seq:
        return FoldedBoard.from_snapshot(snapshot)
    try:
        folded = FoldedBoard.from_snapshot(invocation.send(boards.base(board)))
    except NotFound:  # the log was never trimmed
        folded = FoldedBoard()
    while folded.seq < seq:
        events = invocation.send(
            boards.events(board, after=folded.seq, limit=min(EVENTS_PAGE, seq - folded.seq))
        ).events
        if not events:
            break
        for event in events:
            folded.step(event)
    return folded
