"""Liveness and readiness over HTTP."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kanban_server import __version__
from kanban_server.clock import utc_now
from kanban_server.entry.execute import encode_result
from kanban_server.entry.state import state_of
from kanban_server.http.responses import EncodedJSONResponse
from kanban_server.http.routing import Router
from kanban_server.rules.permissions import SYSTEM_VIEWER
from kanban_server.rules.problems import Refusal
from kanban_server.store.maintenance.migrate import read_only, read_only_anew, read_revision
from kanban_server.store.migrations import HEAD

router = Router(tags=["server"])


@router.get("/health", response_model=dict[str, object])
async def health(request: Request) -> Response:
    """That the server answers, its version and database, and its number of streams. Reads no database."""
    state = state_of(request)
    report = {
        "status": "healthy",
        "version": __version__,
        "database": state.database.dialect,
        "database_id": state.database_id,
        "connections": state.hub.count(),
        "time": utc_now(),
    }
    return EncodedJSONResponse(encode_result(report, 200))


@router.get("/ready", response_model=dict[str, object], responses={503: {"description": "It is not, and why."}})
async def ready(request: Request) -> Response:
    """Whether requests can be carried out now: the database answers and has this program's revision.

    `redis` is `up`, `away` or `none`. Without it a server works too, and is notified later of changes by others.
    Refused: `not-ready`, `database-replaced`, `stopping`, `busy`.
    """
    state = state_of(request)
    if state.hub.closing:
        raise Refusal("stopping", "The server is stopping.", fix="Ask another instance.", retry_after=1)
    if (replaced := state.database.replaced()) is not None:
        raise replaced
    current_revision, closed = await state.database.read(SYSTEM_VIEWER, lambda tx: (read_revision(tx), read_only(tx)))
    if current_revision != HEAD:
        raise Refusal(
            "not-ready",
            f"The database has revision {current_revision}, and this program needs {HEAD}.",
            fix="Stop the server and start the newest program; it brings the database to its revision.",
            revision=current_revision,
            needed=HEAD,
            retry_after=5,
        )
    if closed and await state.database.run_in_thread(read_only_anew):
        raise Refusal(
            "not-ready",
            "PostgreSQL takes no changes: it is a standby, or default_transaction_read_only is on.",
            fix="Connect the server to the primary (KANBAN_DATABASE_URL), or let the database be written to again.",
            reason="read-only",
            retry_after=5,
        )
    report = {
        "status": "ready",
        "version": __version__,
        "database": state.database.dialect,
        "revision": current_revision,
        "redis": "none" if state.redis_bus is None else "up" if state.redis_bus.connected else "away",
    }
    return EncodedJSONResponse(encode_result(report, 200))
