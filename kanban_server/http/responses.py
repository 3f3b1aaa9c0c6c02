"""Run an action for a request and build its response."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Concatenate, Literal, ParamSpec, Protocol

import orjson
from starlette.requests import Request
from starlette.responses import Response

from kanban_sdk.wire.bodies import DoneRequest, NextRequest
from kanban_server.actions import queries
from kanban_server.actions.idempotency import IdempotencyKey, check_key, key_owner
from kanban_server.entry.actor import actor_of
from kanban_server.entry.authentication import viewer_of
from kanban_server.entry.headers import header_of
from kanban_server.entry.large_responses import CHUNK_BYTES, LargeResponses
from kanban_server.entry.response_cache import CachedResponse
from kanban_server.entry.state import state_of
from kanban_server.entry.ticket_boards import TicketBoards
from kanban_server.http.compression import MIN_BYTES, QUICK, SMALL, accepts_gzip, compress
from kanban_server.rules.actors import Actor, normalize_name
from kanban_server.rules.permissions import SYSTEM_VIEWER, Viewer
from kanban_server.rules.problems import Refusal
from kanban_server.store.encoded_response import EncodedResponse
from kanban_server.store.transaction import ReadTransaction, Transaction

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send
from kanban_server.entry.execute import encode_result, execute_once, query

P = ParamSpec("P")


async def write_response(
    request: Request,
    action: Callable[Concatenate[Transaction, Actor, P], object],
    *arguments: P.args,
    **keywords: P.kwargs,
) -> Response:
    """Run a change as the actor in the request's headers; see `write_response_as`."""
    return await write_response_as(request, None, action, *arguments, **keywords)


async def write_response_as(
    request: Request,
    name: str | None,
    action: Callable[Concatenate[Transaction, Actor, P], object],
    *arguments: P.args,
    **keywords: P.kwargs,
) -> Response:
    """Run a change as `name`, once per idempotency key; responds after the commit.

    The status is the route's, such as 201 for a new thing.
    """
    actor = actor_of(request, name)
    status = request.scope["route"].status_code or 200
    key = await _idempotency_key(request, actor)
    state = state_of(request)

    def run_action(tx: Transaction) -> EncodedResponse:
        result = action(tx, actor, *arguments, **keywords)
        state.ticket_boards.remember(result)
        return encode_result(result, status, tx.warnings)

    lane, ticket_ids = _target(request, arguments, state.ticket_boards)
    names = actor.names if any(_chooses_next(argument) for argument in arguments) else ()
    return EncodedJSONResponse(
        await execute_once(request, actor, run_action, key=key, lane=lane, tickets=ticket_ids, next_for=names)
    )


class SecretResult(Protocol):
    """The result of an action that may have made a secret."""

    @property
    def secret(self) -> str | None:
        """The secret; None where none was made."""


async def write_secret_response(
    request: Request,
    action: Callable[Concatenate[Transaction, Actor, P], SecretResult],
    *arguments: P.args,
    **keywords: P.kwargs,
) -> Response:
    """Run a change whose response has a `secret`, which is not stored. The status is always 201.

    A response that turns out to have no secret is replayed like any other. Refused: `secret-shown`, where the change
    was made before under the same idempotency key, with what it `made`.
    """
    actor = actor_of(request)
    key = await _idempotency_key(request, actor)
    full_response = EncodedResponse(201, b"")

    def run_action(tx: Transaction) -> EncodedResponse:
        nonlocal full_response
        result = action(tx, actor, *arguments, **keywords)
        full_response = encode_result(result, 201, tx.warnings)
        if result.secret is None:
            return full_response
        public_fields = orjson.loads(full_response.body)
        del public_fields["secret"]
        return EncodedResponse(201, orjson.dumps(public_fields))

    stored = await execute_once(request, actor, run_action, key=key, lane=None)
    if stored.replayed:
        public_fields = orjson.loads(stored.body or b"{}")
        if "secret" in public_fields:
            return EncodedJSONResponse(stored)
        raise Refusal(
            "secret-shown",
            "This was done, and the secret that it gave was shown with the first answer only.",
            fix="Take back what it made, if it is listed (kanban token list, kanban user list), and make another.",
            made=public_fields,
        )
    response = EncodedJSONResponse(full_response)
    response.headers["Cache-Control"] = "no-store"
    return response


async def refresh_authentication(request: Request, response: Response) -> Response:
    """The response, after a change of permissions applies to all requests and streams of this server.

    Where the database is away, the change applies as soon as it is back; it was made, so the response is sent.
    """
    with suppress(Refusal):
        await state_of(request).authenticator.refresh()
    return response


async def read_response(
    request: Request, read: Callable[Concatenate[ReadTransaction, P], object], *arguments: P.args, **keywords: P.kwargs
) -> Response:
    """Run a read in one consistent view."""
    return await compressed_response(
        request, await query(request, lambda tx: encode_result(read(tx, *arguments, **keywords), 200))
    )


async def compressed_response(request: Request, encoded: EncodedResponse) -> Response:
    """A response that bears no secret: compressed, where it is long and the client accepts that.

    One with an ETag is not: the ETag is the version of a ticket or a board, and names the plain text. Neither is a
    large one: several that wait to be compressed would escape the limit of `LargeResponses`.
    """
    if not MIN_BYTES <= len(encoded.body) <= CHUNK_BYTES or encoded.etag is not None:
        return EncodedJSONResponse(encoded)
    if not accepts_gzip(request):
        return EncodedJSONResponse(encoded, encoding="identity")
    return EncodedJSONResponse(encoded._replace(body=await compress(encoded.body, QUICK)), encoding="gzip")


async def shared_response(
    request: Request,
    board_id: int,
    resource: str,
    read: Callable[Concatenate[ReadTransaction, P], CachedResponse],
    *arguments: P.args,
    **keywords: P.kwargs,
) -> Response:
    """A response that is the same for all viewers, built once per event of the board's log. Refused: `not-found`."""
    state, viewer = state_of(request), viewer_of(request)

    def read_board(tx: ReadTransaction) -> CachedResponse:
        return read(tx, *arguments, **keywords)

    bounds = await state.database.read(viewer, queries.read_log_bounds, board_id)
    if bounds.deleted:
        body = (await state.database.read(viewer, read_board))[1]
        return await compressed_response(request, EncodedResponse(200, body))

    async def read_plain() -> CachedResponse:
        return await state.database.read(SYSTEM_VIEWER, read_board)

    async def read_compressed() -> CachedResponse:
        plain = await state.response_cache.get((board_id, resource), bounds.seq, read_plain)
        return bounds.seq, await compress(plain, SMALL)

    if accepts_gzip(request):
        body = await state.response_cache.get((board_id, f"{resource} in gzip"), bounds.seq, read_compressed)
        return EncodedJSONResponse(EncodedResponse(200, body), encoding="gzip")
    body = await state.response_cache.get((board_id, resource), bounds.seq, read_plain)
    return EncodedJSONResponse(EncodedResponse(200, body), encoding="identity")


def editor_name(body: Mapping[str, object]) -> str | None:
    """The actor that an edit names in its body. Refused: `invalid-request`, where it names two."""
    values = [body.get(field) for field in ("changed_by", "last_modified_by")]
    names = {normalize_name(name) for name in values if isinstance(name, str)} - {""}
    if len(names) > 1:
        raise Refusal(
            "invalid-request",
            "`changed_by` and `last_modified_by` both say who acts, and name two.",
            fix="Send one of them.",
            field="last_modified_by",
        )
    return names.pop() if names else None


def expected_version(request: Request, version: int | None = None) -> int | None:
    """The expected version: `If-Match`, else the body's. Refused: `invalid-request`."""
    header = header_of(request, b"if-match")
    if header is None or header.strip() == "*":
        return version
    text = header.strip().removeprefix("W/").strip('"')
    if text.isdigit() and text.isascii() and len(text) < 16:
        return int(text)
    raise Refusal(
        "invalid-request",
        "If-Match is not a version.",
        fix='Send the ETag of the last answer, such as "7".',
        field="If-Match",
    )


class EncodedJSONResponse(Response):
    """Encoded JSON. It sets its headers itself, which is faster: most responses are of this class."""

    def __init__(self, encoded: EncodedResponse, *, encoding: Literal["gzip", "identity"] | None = None) -> None:
        """`encoding`: of the body, where it depends on what the client accepts."""
        self.status_code = encoded.status
        self.body = encoded.body
        self.background = None
        self.raw_headers = [(b"content-length", b"%d" % len(encoded.body)), (b"content-type", b"application/json")]
        if encoding is not None:
            self.raw_headers.append((b"vary", b"accept-encoding"))
        if encoding == "gzip":
            self.raw_headers.append((b"content-encoding", b"gzip"))
        if encoded.etag:
            self.raw_headers.append((b"etag", encoded.etag.encode()))
        if encoded.replayed:
            self.raw_headers.append((b"idempotent-replayed", b"true"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response.

        Refused: `too-many-requests`, where it is large and too many large responses are being sent.
        """
        if len(self.body) > CHUNK_BYTES:
            large_responses: LargeResponses = scope["app"].state.server.large_responses
            viewer: Viewer = scope["viewer"]
            await large_responses.send(bytes(self.body), self.status_code, self.raw_headers, send, viewer.person_id)
            return
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body})


async def _idempotency_key(request: Request, actor: Actor) -> IdempotencyKey | None:
    text = header_of(request, b"idempotency-key")
    if text is None:
        return None
    scope = request.scope
    hashed_parts = (scope["method"].encode(), scope["path"].encode(), scope["query_string"], await request.body())
    fingerprint = hashlib.sha256(b"\0".join(hashed_parts)).digest()
    return IdempotencyKey(key_owner(actor), check_key(text), fingerprint)


def _target(
    request: Request, arguments: tuple[object, ...], ticket_boards: TicketBoards
) -> tuple[int | None, tuple[int, ...]]:
    """The only board that the request changes, if it is known, and the tickets that its path or its body names."""
    path, body = request.path_params, arguments[0] if arguments else None
    ticket_id = _parse_id(path.get("ticket_id")) or getattr(body, "ticket_id", None)
    ticket_ids = tuple(getattr(body, "ticket_ids", ())) if ticket_id is None else (ticket_id,)
    if not ticket_ids:
        return _parse_id(path.get("board_id")) or getattr(body, "board_id", None), ()
    board_ids = {ticket_boards.get(id) for id in ticket_ids}
    return (board_ids.pop() if len(board_ids) == 1 else None), ticket_ids


def _chooses_next(body: object) -> bool:
    """Whether a request chooses a next ticket for its sender."""
    return isinstance(body, NextRequest) or (isinstance(body, DoneRequest) and body.next is not None)


def _parse_id(text: str | None) -> int | None:
    """A decimal id. FastAPI accepts ' 1' and '1.0' for 1 as well."""
    return int(text) if text and text.isascii() and text.isdigit() else None
