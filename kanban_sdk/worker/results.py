"""What became of the tickets of a worker, and what it does about failures."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from typing import Literal, TypeAlias

from kanban_sdk.claims.lease import NOTE_CHARACTERS
from kanban_sdk.wire.tickets import Ticket

LOG = logging.getLogger("kanban_sdk.worker")

Outcome: TypeAlias = Literal["done", "released", "failed", "lost"]
"""How the work on a ticket ended: finished (or moved on), given back, given back after an error, or taken away."""


class TicketFailed(Exception):
    """Raise it in a handler to give a ticket back with exactly this text as its note.

    Any other exception does the same, and its note begins with the name of its class.
    """


@dataclass(frozen=True)
class WorkResult:
    """What became of a ticket: its state at the end, the outcome, the error if there was one, and how long it took.

    If the ticket was taken away, `ticket` is as it was claimed.
    """

    ticket: Ticket
    outcome: Outcome
    seconds: float
    error: BaseException | None = None


@dataclass(frozen=True)
class FailurePolicy:
    """What a worker does about failures.

    A ticket that failed is ready again, until it has failed `tries` times in this worker: then it gets the label
    `needs-human`, and no agent is offered it. After a failure the worker rests for `first_rest` seconds, and twice as
    long after each further one in a row, up to `longest_rest`.
    """

    tries: int = 3
    first_rest: float = 1.0
    longest_rest: float = 60.0

    def rest_after(self, rest: float) -> float:
        """Seconds to rest after a failure, where the last rest in a row was so long, or 0."""
        return min(self.longest_rest, rest * 2 or self.first_rest)


class FailureCounter:
    """How often each ticket has failed here."""

    def __init__(self, policy: FailurePolicy) -> None:
        self._policy = policy
        self._failures: Counter[int] = Counter()

    def add(self, ticket: int) -> bool:
        """Count a failure; return whether the ticket needs a person now."""
        self._failures[ticket] += 1
        return self._failures[ticket] >= self._policy.tries


def failure_note(error: BaseException) -> str:
    """The note of a ticket that is given back because of an error."""
    if isinstance(error, TicketFailed):
        return str(error)
    return f"{type(error).__name__}: {error}".removesuffix(": ")[:NOTE_CHARACTERS]


def log_result(result: WorkResult) -> None:
    """Log a result: a failure as a warning."""
    ticket, error = result.ticket, result.error
    if result.outcome == "failed":
        LOG.warning("ticket %s failed: %s", ticket.id, failure_note(error) if error else "", exc_info=error)
    else:
        LOG.info("ticket %s: %s after %.1f s", ticket.id, result.outcome, result.seconds)
