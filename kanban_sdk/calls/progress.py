"""Progress of a ticket: its criteria, and its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from kanban_sdk.calls.call import Call, without_none
from kanban_sdk.wire.tickets import Ticket

if TYPE_CHECKING:
    from kanban_sdk.wire.done import DoneResult


def check(ticket: int, number: int, *, done: bool = True, evidence: str | None = None) -> Call[Ticket]:
    """Tick acceptance criterion `number`, counted from 1; with `done=False`, untick it. `evidence` becomes a comment.

    Raises NotFound, AlreadyClaimed.
    """
    body = without_none(number=number, done=done, evidence=evidence)
    return Call("POST", f"/api/tickets/{ticket}/check", Ticket.read, body=body)


def done(
    ticket: int,
    *,
    note: str | None = None,
    check: Literal["all"] | Sequence[int] | None = None,
    evidence: str | None = None,
    column: str | None = None,
    claim_next: bool = False,
    labels: Sequence[str] = (),
    lease_seconds: int | None = None,
    can: Sequence[str] | None = None,
    force: bool = False,
) -> Call[DoneResult]:
    """Finish a ticket in one step: comment `note`, tick the criteria `check`, move it to `column`, and end the claim.

    `check` is "all" or numbers counted from 1, with `evidence` for them in the comment. Without `column`, it is the
    first done column. `claim_next` claims the best ready ticket as well, with `labels` and `can`, for `lease_seconds`:
    the result's `next` is that of `boards.next_ticket`. Raises NotFound, AlreadyClaimed, LeaseLost, Unmet,
    ReviewRequired, ColumnFull, Invalid; then nothing is changed.
    """
    from kanban_sdk.wire.done import DoneResult

    tags = None if can is None else list(can)
    wanted = without_none(labels=list(labels), lease_seconds=lease_seconds, can=tags) if claim_next else None
    criteria = check if check is None or isinstance(check, str) else list(check)
    body = without_none(note=note, check=criteria, evidence=evidence, column=column, next=wanted)
    query = {"force": True} if force else {}
    return Call("POST", f"/api/tickets/{ticket}/done", DoneResult.read, query=query, body=body)


def claim(ticket: int, *, lease_seconds: int | None = None, force: bool = False) -> Call[Ticket]:
    """Claim a ticket: if several try at once, one wins. The response's `lease` is the lease to write under.

    The lease lasts 30 minutes, or `lease_seconds` (10 to 86,400; 0 until released); every write of the holder renews
    it. The ticket moves to the first working column. `force` takes over from another holder. Raises AlreadyClaimed,
    NameRequired, ColumnFull, UserLimit.
    """
    body = {**without_none(lease_seconds=lease_seconds), **({"force": True} if force else {})}
    return Call("POST", f"/api/tickets/{ticket}/claim", Ticket.read, body=body)


def renew(ticket: int, *, lease_seconds: int | None = None) -> Call[Ticket]:
    """Extend a claim by its length, or by `lease_seconds`, counted from now. Raises LeaseLost, AlreadyClaimed."""
    return Call("POST", f"/api/tickets/{ticket}/lease", Ticket.read, body=without_none(lease_seconds=lease_seconds))


def release(
    ticket: int,
    *,
    note: str | None = None,
    column: str | None = None,
    not_before: str | None = None,
    reason: str | None = None,
    force: bool = False,
) -> Call[Ticket]:
    """End a claim, with a note for the next holder; the ticket goes back to where it came from, or to `column`.

    With `not_before`, a time in ISO-8601, it is parked until then: nobody is given it earlier. `reason` is why, in at
    most 200 characters, and begins the note. `force` ends another user's claim. Raises AlreadyClaimed, UnknownColumn,
    Invalid.
    """
    body = {
        **without_none(note=note, column=column, not_before=not_before, reason=reason),
        **({"force": True} if force else {}),
    }
    return Call("POST", f"/api/tickets/{ticket}/release", Ticket.read, body=body)
