"""Search over HTTP."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge, Le, MaxLen
from starlette.requests import Request
from starlette.responses import Response

from kanban_sdk.wire import limits
from kanban_sdk.wire.search import SearchPage
from kanban_server.actions import queries
from kanban_server.http.responses import read_response
from kanban_server.http.routing import Router

router = Router(prefix="/api/search", tags=["tickets"])


@router.get("", response_model=SearchPage)
async def search_boards(
    request: Request,
    q: Annotated[str, MaxLen(limits.SEARCH_CHARACTERS)],
    limit: Annotated[int, Ge(1), Le(limits.PAGE_MOST)] = limits.PAGE,
    cursor: str | None = None,
) -> Response:
    """Tickets on all boards that the viewer may see, newest first, each with the name of its board.

    Each word of `q` is the beginning of a word of the ticket's texts or comments. `cursor` is that of the page before.
    """
    return await read_response(request, queries.search_boards, q, cursor, limit)
