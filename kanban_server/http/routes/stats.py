"""A board's statistics over HTTP."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge, Le
from starlette.requests import Request
from starlette.responses import Response

from kanban_sdk.wire import limits
from kanban_sdk.wire.bodies import Id
from kanban_sdk.wire.stats import Stats
from kanban_server.actions import statistics
from kanban_server.entry.execute import encode_result, query
from kanban_server.entry.state import state_of
from kanban_server.http.responses import compressed_response
from kanban_server.http.routing import Router

router = Router(prefix="/api/boards", tags=["log"])

CACHED_BOARDS = 16
"""Boards whose flow statistics are kept in memory: the last requested ones."""


@router.get("/{board_id}/stats", response_model=Stats)
async def get_stats(
    request: Request, board_id: Id, days: Annotated[int, Ge(1), Le(limits.STATS_DAYS_MOST)] = limits.STATS_DAYS
) -> Response:
    """How work flowed over the last days: cycle and lead times, what was done, what is in progress, from the log."""
    board_flows = state_of(request).board_flows
    cached = board_flows.get(board_id) or statistics.StatsCache()
    async with cached.lock:
        encoded = await query(request, lambda tx: encode_result(statistics.read_stats(tx, cached, board_id, days), 200))
    board_flows.pop(board_id, None)
    board_flows[board_id] = cached
    while len(board_flows) > CACHED_BOARDS:
        del board_flows[next(iter(board_flows))]
    return await compressed_response(request, encoded)
