"""What generators of clients read: the schema of events and the description of the streams."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache

import orjson
from starlette.requests import Request
from starlette.responses import Response

from kanban_server.entry.state import state_of
from kanban_server.http.responses import compressed_response
from kanban_server.http.routing import Router
from kanban_server.store.encoded_response import EncodedResponse

router = Router(tags=["server"])


@router.get("/events.schema.json", described=False)
async def get_event_schema(request: Request) -> Response:
    """The JSON Schema (2020-12) of the events of all logs."""
    return await _description(request, _encoded_event_schema)


@router.get("/asyncapi.json", described=False)
async def get_asyncapi(request: Request) -> Response:
    """The AsyncAPI 3.0 description of the WebSocket and of the server-sent events."""
    prefix = state_of(request).settings.prefix.rstrip("/")
    return await _description(request, lambda: _encoded_asyncapi(prefix))


async def _description(request: Request, encode: Callable[[], bytes]) -> Response:
    return await compressed_response(request, EncodedResponse(200, await asyncio.to_thread(encode)))


@cache
def _encoded_event_schema() -> bytes:
    from kanban_server.http.event_schema import event_schema  # loads pydantic

    return orjson.dumps(event_schema())


@cache
def _encoded_asyncapi(prefix: str) -> bytes:
    from kanban_server.http.asyncapi import asyncapi_schema  # loads pydantic

    return orjson.dumps(asyncapi_schema(prefix))
