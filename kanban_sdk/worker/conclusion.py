"""What happens to a ticket when its handler has ended."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from kanban_sdk.errors import LeaseLost, NotFound, Refused
from kanban_sdk.worker.results import Outcome, failure_note
from kanban_sdk.worker.tickets import AsyncClaimedTicket


async def conclude(
    ticket: AsyncClaimedTicket, error: BaseException | None, interrupted: str, *, lost: bool
) -> tuple[Outcome, BaseException | None]:
    """Finish or release a ticket; return the outcome, and the error behind it.

    `error` is the handler's, a CancelledError if it was cancelled; `interrupted` is why the worker cancelled it. `lost`
    is whether the renewals have seen that the claim is lost. A refusal of the finish is a failure of the ticket.
    """
    ended = await _ended_claim(ticket)
    if ended is not None:
        return (
            (ended, None)
            if error is None or ended == "lost" or isinstance(error, asyncio.CancelledError)
            else (
                "failed" if ended == "released" else ended,
                error,
            )
        )
    if lost:
        return "lost", None
    try:
        if error is None:
            await _finish(ticket)
            return "done", None
        if interrupted:
            await ticket.release(f"interrupted by {interrupted}")
            return "released", None
    except LeaseLost as refusal:
        return "lost", refusal
    except Refused as refusal:
        error = refusal
    with suppress(Refused):
        await ticket.release(failure_note(error))
    return "failed", error


async def _ended_claim(ticket: AsyncClaimedTicket) -> Outcome | None:
    """How the claim has ended, if it has: by the handler, or by somebody else."""
    try:
        current = await ticket.refresh()
    except NotFound:
        return ticket.concluded or "lost"
    claim = ticket.claimed.claim
    if current.claim == claim:
        return None
    if ticket.concluded is not None:
        return ticket.concluded
    reasons = {attempt.number: attempt.reason for attempt in current.attempts or ()}
    match reasons.get(claim.number) if claim else None:
        case "done":
            return "done"
        case "released":
            return "released"
        case _:
            return "lost"


async def _finish(ticket: AsyncClaimedTicket) -> None:
    """Finish a ticket whose handler returned; one that the handler moved stays where it is."""
    if ticket.ticket.current_column != ticket.column:
        await ticket.release()
    else:
        await ticket.done()
