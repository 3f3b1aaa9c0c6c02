"""Boards over HTTP."""

from __future__ import annotations

import asyncio
from typing import Annotated

from annotated_types import Le, MaxLen
from starlette.requests import Request
from starlette.responses import Response

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Board, BoardTickets, Column, ColumnsResult, Message
from kanban_sdk.wire.bodies import ArchiveRequest, BoardEdit, ColumnEdit, Id, NewBoard, NextRequest
from kanban_sdk.wire.bodies.import_bodies import Import
from kanban_sdk.wire.bulk import ArchiveResult
from kanban_sdk.wire.tickets import ImportResult, NextTicket
from kanban_server.actions import boards, next_ticket, queries
from kanban_server.actions.importer import board_import
from kanban_server.actions.maintenance import archive
from kanban_server.entry.next_wait import wait_for_next
from kanban_server.entry.state import state_of
from kanban_server.http.responses import (
    editor_name,
    expected_version,
    read_response,
    shared_response,
    write_response,
    write_response_as,
)
from kanban_server.http.routing import Router

router = Router(prefix="/api/boards", tags=["boards"])


@router.get("", response_model=list[Board])
async def list_boards(request: Request) -> Response:
    """All boards, oldest first."""
    return await read_response(request, queries.list_boards)


@router.post("", status_code=201, response_model=Board)
async def create_board(request: Request, body: NewBoard) -> Response:
    """Create a board, with the usual five columns where none are named."""
    return await write_response_as(request, body.created_by, boards.create, body, state_of(request).quotas)


@router.get("/{board_id}", response_model=Board)
async def get_board(request: Request, board_id: Id) -> Response:
    """One board."""
    return await read_response(request, queries.read_board, board_id)


@router.put("/{board_id}", response_model=Board)
@router.patch("/{board_id}", response_model=Board)
async def edit_board(request: Request, board_id: Id, body: BoardEdit, move_to: str | None = None) -> Response:
    """Change the name, the description or the columns."""
    body["version"] = expected_version(request, body.get("version"))
    return await write_response_as(request, editor_name(body), boards.edit, board_id, body, move_to)


@router.delete("/{board_id}", response_model=Message)
async def delete_board(request: Request, board_id: Id, deleted_by: str | None = None) -> Response:
    """Delete a board. Its streams end; its log can still be read."""
    return await write_response_as(request, deleted_by, boards.delete, board_id, expected_version(request))


@router.get("/{board_id}/columns", response_model=list[str])
async def get_columns(request: Request, board_id: Id) -> Response:
    """The names of the columns, in order."""
    return await read_response(request, queries.list_columns, board_id)


@router.put("/{board_id}/columns", response_model=ColumnsResult)
async def set_columns(
    request: Request,
    board_id: Id,
    body: Annotated[list[str], MaxLen(limits.COLUMNS)],
    move_to: str | None = None,
) -> Response:
    """Add, order and remove columns; never rename. A column with tickets goes only where `move_to` takes them."""
    return await write_response(request, boards.set_columns, board_id, body, move_to, expected_version(request))


@router.patch("/{board_id}/columns/{column_id}", response_model=Column)
async def edit_column(
    request: Request, board_id: Id, column_id: Annotated[int, Le(limits.ID_MOST)], body: ColumnEdit
) -> Response:
    """Change the name, role or limit of one column; its tickets stay. A version is the board's."""
    body["version"] = expected_version(request, body.get("version"))
    return await write_response_as(request, editor_name(body), boards.edit_column, board_id, column_id, body)


@router.get("/{board_id}/tickets", response_model=BoardTickets)
async def get_tickets(request: Request, board_id: Id) -> Response:
    """All tickets, column by column from the top."""
    return await shared_response(request, board_id, "tickets", queries.encoded_tickets, board_id)


@router.post("/{board_id}/next", response_model=NextTicket)
async def choose_next(request: Request, board_id: Id, body: NextRequest | None = None) -> Response:
    """The best ready ticket, claimed in the same step with `claim`; or why there is none.

    With `wait_seconds`, waits for one in the order of asking. Without, it goes behind those who wait.
    """
    options = body or NextRequest()
    if options.wait_seconds:
        return await _wait_for_next(request, board_id, options)
    if options.claim:
        await state_of(request).next_queues.let_waiters_try(board_id)
    return await write_response_as(request, options.claimed_by, next_ticket.choose_next, board_id, options)


async def _wait_for_next(request: Request, board_id: int, options: NextRequest) -> Response:
    async def attempt(place: str | None) -> Response:
        return await write_response_as(
            request, options.claimed_by, next_ticket.choose_or_wait, board_id, options, place
        )

    await request.body()
    gone: asyncio.Future[object] = asyncio.ensure_future(request.receive())
    try:
        return await wait_for_next(request, board_id, options, attempt, gone)
    finally:
        gone.cancel()


@router.post("/{board_id}/archive", response_model=ArchiveResult)
async def archive_tickets(request: Request, board_id: Id, body: ArchiveRequest | None = None) -> Response:
    """Archive what has been done for `days`, 14 unless said otherwise, at most 500 tickets; they can be restored."""
    options = body or ArchiveRequest()
    return await write_response_as(request, options.archived_by, archive.archive_done_tickets, board_id, options.days)


@router.post("/{board_id}/import", response_model=ImportResult)
async def import_tickets(request: Request, board_id: Id, body: Import) -> Response:
    """Bring up to 100 tickets from elsewhere. Limits are not checked; a second run changes nothing."""
    response = await write_response_as(request, body.imported_by, board_import.import_tickets, board_id, body)
    state_of(request).analysis.count_imported(len(body.tickets))
    return response
