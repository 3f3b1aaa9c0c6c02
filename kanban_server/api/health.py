"""Is the server alive, and is it ready for requests?"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from kanban_server import __version__
from kanban_server.api.parts import parts_of
from kanban_server.api.replies import JSONBytes, encoded
from kanban_server.api.routes import StrictRoute
from kanban_server.rules.access import THE_SERVER
from kanban_server.rules.refusals import Refusal
from kanban_server.rules.times import clock
from kanban_server.store.migrate import read_only, read_only_anew, revision
from kanban_server.store.migrations import HEAD

router = APIRouter(tags=["server"], route_class=StrictRoute)


@router.get("/health", response_model=dict[str, Any])
async def health(request: Request) -> Response:
    """That the server answers, what it is, and how many streams it serves. It asks nobody else."""
    parts = parts_of(request)
    found = {
        "status": "healthy",
        "version": __version__,
        "database": parts.database.dialect,
        "database_id": parts.database_id,
        "connections": parts.hub.count(),
        "time": clock(),
    }
    return JSONBytes(encoded(found, 200))


@router.get("/ready", response_model=dict[str, Any], responses={503: {"description": "It is not, and why."}})
async def ready(request: Request) -> Response:
    """That requests can be carried out now: the database answers, and is of this program's revision.

    `redis` is `up`, `away` or `none`: without it a server works too, and only hears later of what others do.
    Refused: `not-ready`, `database-replaced`, `stopping`, `busy`.
    """
    parts = parts_of(request)
    if parts.hub.closing:
        raise Refusal("stopping", "The server is stopping.", fix="Ask another instance.", retry_after=1)
    if (replaced := parts.database.replaced()) is not None:
        raise replaced
    found, closed = await parts.database.read(THE_SERVER, lambda tx: (revision(tx), read_only(tx)))
    if found != HEAD:
        raise Refusal(
            "not-ready",
            f"The database has revision {found}, and this program needs {HEAD}.",
            fix="Stop the server and start the newest program; it brings the database to its revision.",
            revision=found,
            needed=HEAD,
            retry_after=5,
        )
    if closed and await parts.database.aside(read_only_anew):
        raise Refusal(
            "not-ready",
            "PostgreSQL takes no changes: it is a standby, or default_transaction_read_only is on.",
            fix="Connect the server to the primary (KANBAN_DATABASE_URL), or let the database be written to again.",
            reason="read-only",
            retry_after=5,
        )
    how = {
        "status": "ready",
        "version": __version__,
        "database": parts.database.dialect,
        "revision": found,
        "redis": "none" if parts.post is None else "up" if parts.post.up else "away",
    }
    return JSONBytes(encoded(how, 200))
