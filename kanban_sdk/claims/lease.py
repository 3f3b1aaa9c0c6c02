"""The state of a claim inside its block: the lease that writes carry, and whether the claim has ended."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar

from kanban_sdk.calls import tickets
from kanban_sdk.calls.call import Call
from kanban_sdk.transport.retries import MAX_BACKOFF, RetryPolicy, backoff_ceiling
from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.done import DoneResult
from kanban_sdk.wire.inbox import Question
from kanban_sdk.wire.tickets import Lease, Ticket

T = TypeVar("T")

RENEWALS = 3
"""How many times a lease is renewed during its length."""
RETRY_SECONDS = 1.0
"""Maximum seconds to wait after the first failed renewal; doubled after each further failure."""
NOTE_CHARACTERS = 500
"""Maximum characters of an error in the note that it leaves."""
HOLDER_END_REASONS = frozenset({"done", "released"})
"""How a claim ends if its holder ends it."""

_held_leases: ContextVar[tuple[HeldLease, ...]] = ContextVar("held_leases", default=())
"""The claims of the enclosing blocks, in this thread or task."""


def current_lease(client: object) -> str | None:
    """The lease that a write through this client carries: that of the innermost enclosing block."""
    return next(
        (held_lease.lease.token for held_lease in reversed(_held_leases.get()) if held_lease.applies_to(client)), None
    )


def update_held_leases(client: object, call: Call[T], result: T) -> None:
    """Update the claims from the response to a write: once a claim has ended, writes carry no lease."""
    for held_lease in _held_leases.get():
        if held_lease.applies_to(client):
            held_lease.ended = held_lease.is_ended_by(call, result)


def leases_to_check(client: object, result: object) -> list[HeldLease]:
    """The claims on tickets that a bulk write changed: its response does not show whether it ended them."""
    changed = {one.ticket_id for one in getattr(result, "results", ()) if one.success}
    return [
        held_lease
        for held_lease in _held_leases.get()
        if held_lease.applies_to(client) and held_lease.ticket.id in changed
    ]


class HeldLease:
    """A claim, and the block that it lasts for."""

    def __init__(self, client: object, on_lost: Callable[[], None] | None) -> None:
        self._holder = client
        self._on_lost = on_lost
        self._ticket: Ticket | None = None
        self.ended = False
        """Whether a write inside the block has ended the claim."""
        self.lost = False
        """Whether another user has the ticket by now, as far as the renewals know."""

    @property
    def ticket(self) -> Ticket:
        """The ticket as it was claimed."""
        if self._ticket is None:
            raise RuntimeError("The ticket is claimed when the `with` block begins.")
        return self._ticket

    @property
    def lease(self) -> Lease:
        """The lease that the holder writes under."""
        lease = self.ticket.lease
        assert lease is not None
        return lease

    def begin(self, ticket: Ticket) -> Ticket:
        """Writes carry the lease from now on."""
        self._ticket, self.ended, self.lost = ticket, False, False
        _held_leases.set((*_held_leases.get(), self))
        return ticket

    def end(self) -> None:
        """Writes no longer carry the lease."""
        _held_leases.set(tuple(held_lease for held_lease in _held_leases.get() if held_lease is not self))

    def applies_to(self, client: object) -> bool:
        """Whether writes through this client carry the lease."""
        return self._holder is client and not self.ended

    def is_ended_by(self, call: Call[T], result: T) -> bool:
        """Whether a write has ended the claim, according to its response: finished, released, or deleted."""
        id = self.ticket.id
        changed: object = result.ticket if isinstance(result, DoneResult | Question) else result
        if isinstance(changed, Ticket) and changed.id == id:
            return changed.claim is None
        return isinstance(result, Message) and call.path == f"/api/tickets/{id}"

    def update_from(self, ticket: Ticket | None) -> None:
        """Update whether the claim has ended from the ticket's current state; `ticket` is None if it is gone."""
        self.ended = ticket is None or ticket.claim is None

    def ended_by_holder(self, ticket: Ticket) -> bool:
        """Whether the holder has ended the claim by a write whose response does not show it, such as a bulk move."""
        number = self.lease.token.rpartition(".")[2]
        return any(str(one.number) == number and one.reason in HOLDER_END_REASONS for one in ticket.attempts or [])

    def mark_lost(self) -> None:
        """Note that another user has the ticket."""
        self.lost = True
        if self._on_lost is not None:
            self._on_lost()

    def renewal_schedule(self) -> RenewalSchedule | None:
        """When to renew the lease; None if the claim lasts until it is released."""
        return None if self.lease.expires_in is None else RenewalSchedule(self.lease.expires_in)

    def renew_call(self) -> Call[Ticket]:
        """Renew the lease."""
        return self._with_own_lease(tickets.renew(self.ticket.id))

    def release(self, error: BaseException | None = None) -> Call[Ticket]:
        """Release the ticket; the text of an error becomes the note."""
        note = None if error is None else f"{type(error).__name__}: {error}".removesuffix(": ")[:NOTE_CHARACTERS]
        return self._with_own_lease(tickets.release(self.ticket.id, note=note))

    def _with_own_lease(self, call: Call[Ticket]) -> Call[Ticket]:
        return call.with_lease(self.lease.token)


class RenewalSchedule:
    """When to renew a lease of so many seconds, and how long to wait for the response."""

    def __init__(self, expires_in: float) -> None:
        self.interval = expires_in / RENEWALS
        """Seconds between two renewals."""
        self.policy = RetryPolicy(timeout=self.interval, tries=1)
        """A renewal is tried once, so that a lost response costs at most one interval."""
        self._failed = 0

    def renewed(self) -> float:
        """Seconds to wait after a renewal."""
        self._failed = 0
        return self.interval

    def failed(self) -> float:
        """Seconds to wait after a renewal without a response: with full jitter, and a fraction of the interval."""
        longest = backoff_ceiling(self._failed, RETRY_SECONDS, min(MAX_BACKOFF, self.interval / RENEWALS))
        self._failed += 1
        return random.uniform(0, longest)
