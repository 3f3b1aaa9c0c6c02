"""Which events concern a user: what others do to their tickets, and where they are mentioned or asked."""

from kanban_sdk.mirror import View
from kanban_sdk.wire.boards import Snapshot
from kanban_sdk.wire.events import Event, SnapshotTaken


class Concerns:
    """Knows whose each ticket is, from a snapshot and the events since."""

    def __init__(self, user: str, snapshot: Snapshot) -> None:
        self._user = user
        self._board = View(snapshot)

    def __call__(self, event: Event) -> bool:
        """Whether the event concerns the user: they are mentioned or asked, or the ticket is or was theirs."""
        was_theirs = self._theirs(event.ticket_id)
        self._board.fold(event)
        if isinstance(event, SnapshotTaken):
            return True
        if event.actor == self._user:
            return False
        if event.event == "comment_added" and self._calls(event):
            return True
        return was_theirs or self._theirs(event.ticket_id)

    def _calls(self, event: Event) -> bool:
        """Whether a comment calls upon the user: it mentions them, or is on a ticket that they have made."""
        ticket = None if event.ticket_id is None else self._board.ticket(event.ticket_id)
        return self._user in event.data.get("mentions", ()) or (ticket is not None and ticket.created_by == self._user)

    def _theirs(self, id: int | None) -> bool:
        ticket = None if id is None else self._board.ticket(id)
        if ticket is None:
            return False
        return ticket.assignee == self._user or (ticket.claim is not None and ticket.claim.holder == self._user)
