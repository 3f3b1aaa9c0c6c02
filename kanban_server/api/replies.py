"""From a request to one action and back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import orjson
from fastapi import Request, Response

from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions import reading as readings
from kanban_server.actions.holding import check_lease
from kanban_server.actions.once import Key, checked, once, owner
from kanban_server.api.fields import field
from kanban_server.api.guard import actor_of
from kanban_server.api.large import PIECE, Large
from kanban_server.api.parts import parts_of
from kanban_server.api.roster import viewer_of
from kanban_server.api.shared import Made
from kanban_server.rules.access import THE_SERVER, Viewer
from kanban_server.rules.names import Actor, tidy
from kanban_server.rules.refusals import Refusal
from kanban_server.store.answers import Answer
from kanban_server.store.transaction import Reading, Transaction

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

P = ParamSpec("P")
T = TypeVar("T")

_KNOWN_LANES = 100_000


async def change(
    request: Request,
    verb: Callable[Concatenate[Transaction, Actor, P], Any],
    *arguments: P.args,
    **named: P.kwargs,
) -> Response:
    """Do something as the one in the request's header; see `changed_by`."""
    return await changed_by(request, None, verb, *arguments, **named)


async def changed_by(
    request: Request,
    name: str | None,
    verb: Callable[Concatenate[Transaction, Actor, P], Any],
    *arguments: P.args,
    **named: P.kwargs,
) -> Response:
    """Do something in the name that the request gives, once for each idempotency key, and answer after the commit.

    A new thing is answered with 201, where the route says so.
    """
    actor = actor_of(request, name)
    status = request.scope["route"].status_code or 200
    key = await _key(request, actor)
    parts = parts_of(request)

    def act(tx: Transaction) -> Answer:
        result = verb(tx, actor, *arguments, **named)
        if isinstance(result, Ticket):
            _remember_lane(parts.lanes, result)
        return encoded(result, status, tx.warnings)

    return JSONBytes(await carried_out(request, actor, act, key=key, lane=_lane(request, arguments, parts.lanes)))


async def secretly(
    request: Request,
    verb: Callable[Concatenate[Transaction, Actor, P], Any],
    *arguments: P.args,
    **named: P.kwargs,
) -> Response:
    """Do something whose answer holds a `secret`, which is kept nowhere. Always a new thing (201).

    An answer that turned out to hold none is given again like any other. Refused: `secret-shown`, where it was done
    under the same idempotency key, with what it `made`.
    """
    actor = actor_of(request)
    key = await _key(request, actor)
    given = Answer(201, b"")

    def act(tx: Transaction) -> Answer:
        nonlocal given
        result = verb(tx, actor, *arguments, **named)
        given = encoded(result, 201, tx.warnings)
        if result.secret is None:
            return given
        made = orjson.loads(given.body)
        del made["secret"]
        return Answer(201, orjson.dumps(made))

    kept = await carried_out(request, actor, act, key=key, lane=None)
    if kept.replayed:
        made = orjson.loads(kept.body or b"{}")
        if "secret" in made:
            return JSONBytes(kept)
        raise Refusal(
            "secret-shown",
            "This was done, and the secret that it gave was shown with the first answer only.",
            fix="Take back what it made, if it is listed (kanban token list, kanban user list), and make another.",
            made=made,
        )
    answer = JSONBytes(given)
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def settled(request: Request, answer: Response) -> Response:
    """The answer to a change of who may do what, once it holds for every request and stream of this server.

    Where the database is away just then, it holds as soon as that is back; the change was made, and is answered.
    """
    with suppress(Refusal):
        await parts_of(request).roster.look()
    return answer


async def carried_out(
    request: Request, actor: Actor, act: Callable[[Transaction], Answer], *, key: Key | None, lane: int | None
) -> Answer:
    """Do something under the actor's claim, if any, once for each key; the answer is given after the commit."""

    def under_claim(tx: Transaction) -> Answer:
        check_lease(tx, actor)
        return act(tx)

    def act_once(tx: Transaction) -> Answer:
        assert key is not None
        return once(tx, key, under_claim)

    return await parts_of(request).database.write(
        viewer_of(request), under_claim if key is None else act_once, lane=lane
    )


async def reading(
    request: Request, read: Callable[Concatenate[Reading, P], Any], *arguments: P.args, **named: P.kwargs
) -> Response:
    """Read something, in one consistent view."""
    return JSONBytes(await found(request, lambda tx: encoded(read(tx, *arguments, **named), 200)))


async def shared(
    request: Request,
    board_id: int,
    what: str,
    read: Callable[Concatenate[Reading, P], Made],
    *arguments: P.args,
    **named: P.kwargs,
) -> Response:
    """What a reading tells of a board to all alike, made once for each event of its log. Refused: `not-found`."""
    parts, viewer = parts_of(request), viewer_of(request)

    def made(tx: Reading) -> Made:
        return read(tx, *arguments, **named)

    standing = await parts.database.read(viewer, readings.standing, board_id)
    if standing.deleted:
        body = (await parts.database.read(viewer, made))[1]
    else:
        body = await parts.shared.get((board_id, what), standing.seq, lambda: parts.database.read(THE_SERVER, made))
    return JSONBytes(Answer(200, body))


async def found(request: Request, read: Callable[[Reading], T]) -> T:
    """What a reading finds, in one consistent view."""
    return await parts_of(request).database.read(viewer_of(request), read)


def editor_of(body: Mapping[str, Any]) -> str | None:
    """Whom an edit names as the one who makes it. Refused: `invalid-request`, where it names two."""
    named = [body.get(field) for field in ("changed_by", "last_modified_by")]
    said = {tidy(name) for name in named if name} - {""}
    if len(said) > 1:
        raise Refusal(
            "invalid-request",
            "`changed_by` and `last_modified_by` both say who acts, and name two.",
            fix="Send one of them.",
            field="last_modified_by",
        )
    return said.pop() if said else None


def encoded(result: Any, status: int, warnings: Sequence[Mapping[str, Any]] = ()) -> Answer:
    """An action's result as an answer, with what it warns of; its version is its ETag."""
    version = getattr(result, "version", None)
    body = orjson.dumps(result)
    if warnings and body.startswith(b"{"):
        body = b'%b,"warnings":%b}' % (body[:-1], orjson.dumps(warnings))
    return Answer(status, body, None if version is None else f'"{version}"')


def if_match(request: Request, version: int | None = None) -> int | None:
    """The version that a change was made from: `If-Match`, else what the body says. Refused: `invalid-request`."""
    header = field(request, b"if-match")
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


class JSONBytes(Response):
    """JSON that is encoded already. It sets its headers itself, since every answer passes here."""

    def __init__(self, answer: Answer) -> None:
        self.status_code = answer.status
        self.body = answer.body
        self.background = None
        self.raw_headers = [(b"content-length", b"%d" % len(answer.body)), (b"content-type", b"application/json")]
        if answer.etag:
            self.raw_headers.append((b"etag", answer.etag.encode()))
        if answer.replayed:
            self.raw_headers.append((b"idempotent-replayed", b"true"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it. Refused: `too-many-requests`, where it is large, and too many such answers are on their way."""
        if len(self.body) > PIECE:
            large: Large = scope["app"].state.parts.large
            viewer: Viewer = scope["viewer"]
            await large.send(bytes(self.body), self.status_code, self.raw_headers, send, viewer.seat)
            return
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body})


async def _key(request: Request, actor: Actor) -> Key | None:
    text = field(request, b"idempotency-key")
    if text is None:
        return None
    scope = request.scope
    asked = (scope["method"].encode(), scope["path"].encode(), scope["query_string"], await request.body())
    fingerprint = hashlib.sha256(b"\0".join(asked)).digest()
    return Key(owner(actor), checked(text), fingerprint)


def _lane(request: Request, arguments: tuple[Any, ...], known: dict[int, int]) -> int | None:
    """The one board that the request changes, as far as its path tells, or else its body."""
    path, body = request.path_params, arguments[0] if arguments else None
    ticket_id = _number(path.get("ticket_id")) or getattr(body, "ticket_id", None)
    if ticket_id is not None:
        return known.get(ticket_id)
    return _number(path.get("board_id")) or getattr(body, "board_id", None)


def _number(text: str | None) -> int | None:
    """An id as everybody writes it. FastAPI takes ' 1' and '1.0' for 1 as well."""
    return int(text) if text and text.isascii() and text.isdigit() else None


def _remember_lane(known: dict[int, int], ticket: Ticket) -> None:
    """Keep in mind which board a ticket is on."""
    if len(known) >= _KNOWN_LANES:
        known.clear()
    known[ticket.id] = ticket.board_id
