"""Files of tickets over HTTP: the body of a request or response is the content itself, in parts."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import quote

from annotated_types import MaxLen, MinLen
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.bodies import Id
from kanban_sdk.wire.files import AttachedFile, File
from kanban_server.actions import files
from kanban_server.actions.files import StoredFile
from kanban_server.actions.idempotency import IdempotencyKey, check_key, key_owner
from kanban_server.entry.actor import actor_of
from kanban_server.entry.authentication import viewer_of
from kanban_server.entry.execute import encode_result, execute_once, query
from kanban_server.entry.headers import header_of
from kanban_server.entry.state import state_of
from kanban_server.entry.stored_uploads import stored_upload
from kanban_server.files import thumbnails
from kanban_server.files.spool import Spool, receive
from kanban_server.http.responses import EncodedJSONResponse, read_response, write_response
from kanban_server.http.routing import Router
from kanban_server.rules.actors import Actor
from kanban_server.rules.files.media_types import BINARY, IMAGE_TYPES, SERVED_TYPES
from kanban_server.rules.problems import Refusal
from kanban_server.store.encoded_response import EncodedResponse
from kanban_server.store.transaction import Transaction

router = Router(prefix="/api/tickets", tags=["files"])

FILE_REQUEST_BODY = {
    "requestBody": {
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        "required": True,
    }
}
CONTENT_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}
"""A content is shown as an image or saved, never run, and asked for again each time: rights may end."""


@router.get("/{ticket_id}/files", response_model=list[File])
async def list_files(request: Request, ticket_id: Id) -> Response:
    """A ticket's files, oldest first."""
    return await read_response(request, files.list_files, ticket_id)


@router.post("/{ticket_id}/files", status_code=201, response_model=AttachedFile, openapi_extra=FILE_REQUEST_BODY)
async def attach_file(
    request: Request, ticket_id: Id, name: Annotated[str, MinLen(1), MaxLen(limits.SENT_NAME_CHARACTERS)]
) -> Response:
    """Attach the body to a ticket. The answer has its name, which may differ from `name`: then a warning says so.

    The type is detected in the content; pictures lose their metadata, such as where they were taken.
    """
    state, actor, viewer = state_of(request), actor_of(request), viewer_of(request)
    quotas = state.file_limits
    length = header_of(request, b"content-length") or "0"
    announced = int(length) if length.isdigit() else 0
    board_id = await query(request, lambda tx: files.check_may_attach(tx, ticket_id, announced, quotas))
    with state.uploads.upload(viewer.person_id):
        received = await _receive(request)
        try:
            key = _idempotency_key(request, actor, received)
        except BaseException:
            received.close()
            raise
        async with stored_upload(state, board_id, name, received) as upload:

            def run_action(tx: Transaction) -> EncodedResponse:
                return encode_result(files.attach(tx, actor, ticket_id, upload, quotas), 201, tx.warnings)

            encoded = await execute_once(request, actor, run_action, key=key, lane=board_id, tickets=(ticket_id,))
    return EncodedJSONResponse(encoded)


@router.get(
    "/{ticket_id}/files/{name}", response_class=Response, responses={200: {"content": {"application/octet-stream": {}}}}
)
async def get_file(request: Request, ticket_id: Id, name: str, thumbnail: bool = False) -> Response:
    """The content of a file, or its thumbnail: a picture as such, everything else as a download."""
    stored = await query(request, lambda tx: files.open_file(tx, ticket_id, name, thumbnail=thumbnail))
    etag = f'"{stored.blob.hash[:32]}"'
    headers = {**CONTENT_HEADERS, "ETag": etag}
    if etag in (header_of(request, b"if-none-match") or ""):
        return Response(None, 304, headers)
    media_type = thumbnails.MEDIA_TYPE if thumbnail else stored.media_type
    shown = media_type in IMAGE_TYPES
    headers["Content-Type"] = media_type if shown else SERVED_TYPES.get(media_type, BINARY)
    headers["Content-Length"] = str(stored.blob.size)
    headers["Content-Disposition"] = _disposition("inline" if shown else "attachment", stored.name)
    first = await _first_chunk(request, stored)
    return StreamingResponse(_content(request, ticket_id, stored, first), 200, headers)


@router.delete("/{ticket_id}/files/{name}", response_model=Message)
async def remove_file(request: Request, ticket_id: Id, name: str) -> Response:
    """Remove a file from a ticket, and delete its content."""
    response = await write_response(request, files.remove, ticket_id, name)
    await state_of(request).storage.delete_detached()
    return response


async def _receive(request: Request) -> Spool:
    """The body in a temporary file. Refused: `body-too-large`, `invalid-request`."""
    quotas = state_of(request).file_limits
    try:
        received = await receive(request.stream(), lambda size: files.check_size(size, quotas))
    except ClientDisconnect as error:
        raise Refusal("invalid-request", "The file ended early.", fix="Send it again.") from error
    if not received.size:
        received.close()
        raise Refusal("invalid-request", "The file is empty.", fix="Send its content as the body.", field="body")
    return received


def _idempotency_key(request: Request, actor: Actor, received: Spool) -> IdempotencyKey | None:
    """The key of the request, whose fingerprint has the hash of the body."""
    text = header_of(request, b"idempotency-key")
    if text is None:
        return None
    scope = request.scope
    parts = (scope["method"].encode(), scope["path"].encode(), scope["query_string"], received.hash.encode())
    return IdempotencyKey(key_owner(actor), check_key(text), hashlib.sha256(b"\0".join(parts)).digest())


async def _first_chunk(request: Request, stored: StoredFile) -> bytes:
    """The first part of a content. Refused: `not-found`, where it was deleted."""
    try:
        return await state_of(request).storage.read_chunk(stored.blob, 0)
    except EOFError as error:
        detail = f"The content of {stored.name} is not there any more."
        raise Refusal("not-found", detail, fix="Ask for the ticket's files.", what="content") from error


async def _content(request: Request, ticket_id: int, stored: StoredFile, first: bytes) -> AsyncIterator[bytes]:
    """The parts of a content. The response breaks off where the file is removed, or the viewer's right ends."""
    yield first
    storage = state_of(request).storage
    for number in range(1, stored.blob.chunks):
        if not await query(request, lambda tx: files.is_still_there(tx, ticket_id, stored.name, stored.id)):
            raise ConnectionAbortedError("the file was removed")
        yield await storage.read_chunk(stored.blob, number)


def _disposition(kind: str, name: str) -> str:
    """The header's value, with the name for old and for new clients (RFC 6266)."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
