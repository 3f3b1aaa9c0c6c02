"""Progress of a tool call that waits, for clients that ask for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mcp.server.session import ServerSession

from kanban_sdk.wire.tools.arguments import Arguments, TicketNext, WaitEvents

PROGRESS_SECONDS = 5.0
"""Seconds between two reports."""


@asynccontextmanager
async def reported_progress(session: ServerSession, arguments: Arguments) -> AsyncIterator[None]:
    """Report the progress of a wait while the block runs: seconds, of those that the call waits at most.

    The first report comes at once, so that the client knows that the call waits. Without a progress token in the
    request, nothing is sent.
    """
    match arguments:
        case TicketNext(wait=seconds):
            waits_for = "a ticket"
        case WaitEvents(seconds=seconds):
            waits_for = "events"
        case _:
            seconds, waits_for = 0, ""
    if not seconds:
        yield
        return
    reports = asyncio.create_task(_report(session, seconds, f"Waiting for {waits_for}"))
    try:
        yield
    finally:
        reports.cancel()
        await asyncio.wait([reports])


async def _report(session: ServerSession, seconds: float, text: str) -> None:
    passed = 0.0
    while passed <= seconds:
        await session.report_progress(passed, seconds, text)
        await asyncio.sleep(PROGRESS_SECONDS)
        passed += PROGRESS_SECONDS
