"""`/metrics`: the server's metrics in Prometheus' format."""

from __future__ import annotations

import asyncio
from importlib import import_module

from starlette.requests import Request
from starlette.responses import Response

from kanban_server.entry.authentication import viewer_of
from kanban_server.entry.state import state_of
from kanban_server.http.routing import Router
from kanban_server.rules.permissions import SYSTEM_VIEWER, check_server_admin
from kanban_server.store.queries import claims

router = Router(tags=["server"])


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(request: Request) -> Response:
    """Requests, writes, commits, streams, claims, and the process, in Prometheus' text format.

    Refused: `not-allowed`, where there are users and the viewer is no admin.
    """
    state = state_of(request)
    if state.settings.metrics != "all":
        check_server_admin(viewer_of(request), "reads the metrics")
    live_claims = await state.database.read(SYSTEM_VIEWER, claims.count_claims)
    prometheus = await asyncio.to_thread(import_module, "kanban_server.http.prometheus")  # slow import: not on the loop
    headers = {"Content-Type": prometheus.CONTENT_TYPE, "Cache-Control": "no-store"}
    return Response(prometheus.render_metrics(state, live_claims), headers=headers)
