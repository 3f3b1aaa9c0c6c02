"""Many changes in one request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import MaxLen, MinLen
from pydantic import Discriminator
from starlette.requests import Request
from starlette.responses import Response

from kanban_sdk.wire import limits
from kanban_sdk.wire.bodies import BulkMove
from kanban_sdk.wire.bulk import BatchResult
from kanban_sdk.wire.operations import Operation
from kanban_sdk.wire.tickets import BulkMoveResult
from kanban_server.actions import bulk
from kanban_server.http.responses import write_response_as
from kanban_server.http.routing import Router

router = Router(prefix="/api/bulk", tags=["bulk"])


@dataclass(frozen=True)
class Batch:
    """Operations to carry out, in order. `atomic`: all of them or none."""

    operations: Annotated[list[Annotated[Operation, Discriminator("op")]], MinLen(1), MaxLen(limits.BULK_TICKETS)]
    atomic: bool = True
    changed_by: str | None = None


@router.post("/tickets/move", response_model=BulkMoveResult)
async def move_tickets(request: Request, body: BulkMove) -> Response:
    """Move up to 500 tickets in one transaction. `atomic`: all of them or none."""
    return await write_response_as(request, body.moved_by, bulk.move_tickets, body)


@router.post("/operations", response_model=BatchResult)
async def operate(request: Request, body: Batch) -> Response:
    """Carry out up to 500 operations in one transaction, each by the rules of the single request.

    `atomic` (the default): the first refusal undoes all, and is the answer; else each fails alone.
    """
    return await write_response_as(request, body.changed_by, bulk.run_operations, body.operations, atomic=body.atomic)
