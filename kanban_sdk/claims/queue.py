"""Waiting for the next ticket in the server's queue, in the order of asking. No I/O: the two clients do it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Unpack

from kanban_sdk.calls import boards
from kanban_sdk.calls.call import Call
from kanban_sdk.errors import NothingReady
from kanban_sdk.stream.waiting import NextTicketOptions
from kanban_sdk.transport.retries import RetryPolicy
from kanban_sdk.wire.tickets import NextTicket, Ticket

REQUEST_SECONDS = 20.0
"""Seconds that one request waits, at most two thirds of the client's timeout."""


class QueuedClaim:
    """A claim of the next ticket that waits in the queue. Each of its requests has the place of the one before.

    `wait` is in seconds. The first request is retried as the client's other calls; a later one for as long as a watch,
    since the server may restart meanwhile.
    """

    def __init__(self, board: int, wait: float, policy: RetryPolicy, **options: Unpack[NextTicketOptions]) -> None:
        self.policy = policy
        """The retry policy of the next request."""
        self._board = board
        self._options = options
        self._deadline = time.monotonic() + wait
        self._place: str | None = None

    def call(self) -> Call[NextTicket]:
        """The next request."""
        seconds = min(REQUEST_SECONDS, self.policy.timeout * 2 / 3, max(0.0, self._deadline - time.monotonic()))
        return boards.next_ticket(self._board, claim=True, wait_seconds=seconds, place=self._place, **self._options)

    def ticket(self, chosen: NextTicket) -> Ticket | None:
        """The ticket of a response; None: send the next request.

        Raises NothingReady if nothing will come by itself, or none came in time.
        """
        if chosen.ticket is not None:
            return chosen.ticket
        if chosen.stop or time.monotonic() >= self._deadline:
            raise NothingReady(vars(chosen))
        self._place = chosen.place
        self.policy = replace(self.policy, tries=None, patience=self.policy.outage_patience)
        return None
