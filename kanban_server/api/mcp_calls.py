"""One call of a tool: who calls, on which board, and the way to the database and back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import orjson
from starlette.requests import Request

from kanban_sdk.wire import limits
from kanban_server.actions import reading
from kanban_server.actions.once import Key, checked, owner
from kanban_server.api.guard import actor_of
from kanban_server.api.mcp_arguments import Arguments
from kanban_server.api.parts import parts_of
from kanban_server.api.replies import carried_out, found
from kanban_server.api.room import check_room
from kanban_server.api.staying import stays
from kanban_server.rules.names import Actor
from kanban_server.rules.refusals import Refusal
from kanban_server.store.answers import Answer
from kanban_server.store.transaction import Reading, Transaction

T = TypeVar("T")


class Call:
    """A tool that is called. Identity comes with the request, never with the arguments."""

    def __init__(self, request: Request, tool: str, asked: Arguments) -> None:
        given = actor_of(request)
        lease = getattr(asked, "lease", None) or given.lease
        force = given.force or bool(getattr(asked, "force", False))
        self.actor = replace(given, client="mcp", lease=lease, force=force)
        self.parts = parts_of(request)
        self._request = request
        self._tool = tool
        self._asked = asked

    async def read(self, work: Callable[[Reading], T]) -> T:
        """Read something, in one consistent view."""
        return await found(self._request, work)

    async def write(self, act: Callable[[Transaction, Actor], Any], *, board: int | None = None) -> Any:
        """Change something, under the claim that is named, and once for each key; what `act` gives, as JSON has it."""

        def answer(tx: Transaction) -> Answer:
            made = act(tx, self.actor)
            if tx.warnings:
                made = {**made, "warnings": [warning["detail"] for warning in tx.warnings]}
            return Answer(200, orjson.dumps(made))

        ticket = getattr(self._asked, "ticket", None)
        lane = self.parts.lanes.get(ticket) if ticket is not None else board
        given = await carried_out(self._request, self.actor, answer, key=self._key(), lane=lane)
        return orjson.loads(given.body)

    def check_room(self) -> int | None:
        """Whose stream one who waits is. Refused: `too-many-connections`."""
        return check_room(self._request)

    async def stays(self, board: int) -> bool:
        """Whether the board is still there for the one who called a while ago."""
        return await stays(self._request, board)

    async def board(self) -> int:
        """The board that is meant: of the argument, of the address (`/mcp?board=`), or the only one there is.

        Refused: `invalid-request`, where that is not clear.
        """
        named = getattr(self._asked, "board", None) or self._request.query_params.get("board")
        if isinstance(named, int):
            return named
        if named and named.isascii() and named.isdigit() and len(named) < 16:
            return int(named)
        known = await self.read(reading.boards_)
        fits = [one for one in known if one.name == named] or [
            one for one in known if not named or one.name.casefold() == named.casefold()
        ]
        if len(fits) == 1:
            return fits[0].id
        raise Refusal(
            "invalid-request",
            f"There is no board '{named[:100]}'." if named and not fits else "Which board?",
            fix="Name one of `boards` in `board`." if known else "Create a board first.",
            field="board",
            boards=[{"id": one.id, "name": one.name} for one in (fits or known)[: limits.PAGE]],
        )

    def _key(self) -> Key | None:
        """The key of the arguments, else of the request's header; what is asked under it is the tool's arguments."""
        text = getattr(self._asked, "key", None) or self._request.headers.get("idempotency-key")
        if text is None:
            return None
        asked = self._asked.model_dump_json(exclude={"key"}, exclude_none=True)
        fingerprint = hashlib.sha256(f"mcp {self._tool} {self._request.url.query} {asked}".encode()).digest()
        return Key(owner(self.actor), checked(text), fingerprint)
