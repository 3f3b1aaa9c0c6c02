"""A board's figures over HTTP."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge, Le
from fastapi import APIRouter, Request, Response

from kanban_sdk.wire import limits
from kanban_sdk.wire.bodies import Id
from kanban_sdk.wire.stats import Stats
from kanban_server.actions import figures
from kanban_server.api.parts import parts_of
from kanban_server.api.replies import JSONBytes, encoded, found
from kanban_server.api.routes import StrictRoute

router = APIRouter(prefix="/api/boards", tags=["log"], route_class=StrictRoute)

BOARDS = 16
"""Boards whose flow is kept in memory: those that were asked for last."""


@router.get("/{board_id}/stats", response_model=Stats)
async def get_stats(
    request: Request, board_id: Id, days: Annotated[int, Ge(1), Le(limits.STATS_DAYS_MOST)] = limits.STATS_DAYS
) -> Response:
    """How work flowed over the last days: cycle and lead times, what was done, what is in progress, from the log."""
    flows = parts_of(request).flows
    kept = flows.get(board_id) or figures.Kept()
    async with kept.turn:
        answer = await found(request, lambda tx: encoded(figures.stats(tx, kept, board_id, days), 200))
    flows.pop(board_id, None)
    flows[board_id] = kept
    while len(flows) > BOARDS:
        del flows[next(iter(flows))]
    return JSONBytes(answer)
