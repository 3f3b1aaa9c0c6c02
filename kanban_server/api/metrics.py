"""`/metrics`: what the server has done, as Prometheus reads it."""

from __future__ import annotations

import asyncio
from importlib import import_module

from fastapi import APIRouter, Request, Response

from kanban_server.api.parts import parts_of
from kanban_server.api.roster import viewer_of
from kanban_server.api.routes import StrictRoute
from kanban_server.rules.access import THE_SERVER, check_operator
from kanban_server.store import claims

router = APIRouter(tags=["server"], route_class=StrictRoute)


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(request: Request) -> Response:
    """Requests, writes, commits, streams, claims, and the process, in Prometheus' text format.

    Refused: `not-allowed`, where there are users and the one who asks is no admin.
    """
    parts = parts_of(request)
    if parts.settings.metrics != "all":
        check_operator(viewer_of(request), "reads the metrics")
    held = await parts.database.read(THE_SERVER, claims.held)
    families = await asyncio.to_thread(import_module, "kanban_server.api.families")  # slow, once: not on the loop
    headers = {"Content-Type": families.CONTENT_TYPE, "Cache-Control": "no-store"}
    return Response(families.exposed(parts, held), headers=headers)
