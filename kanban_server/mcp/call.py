"""One tool call: its actor, its board, and its access to the database."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TypeVar, cast

import orjson
from starlette.requests import Request

from kanban_sdk.wire import limits
from kanban_sdk.wire.bodies import NextRequest
from kanban_sdk.wire.tools.arguments import Arguments
from kanban_server.actions import files, queries
from kanban_server.actions.files import Upload
from kanban_server.actions.idempotency import IdempotencyKey, check_key, key_owner
from kanban_server.actions.queries import LogBounds
from kanban_server.entry.actor import actor_of
from kanban_server.entry.authentication import viewer_of
from kanban_server.entry.execute import execute, execute_once, query
from kanban_server.entry.log_position import read_log_position
from kanban_server.entry.next_wait import others_wait, wait_for_next
from kanban_server.entry.reauthorization import may_still_read
from kanban_server.entry.state import state_of
from kanban_server.entry.stored_uploads import stored_upload
from kanban_server.entry.stream_limit import check_stream_limit
from kanban_server.files.spool import Spool
from kanban_server.rules.actors import Actor
from kanban_server.rules.cursors import Cursor
from kanban_server.rules.problems import Refusal
from kanban_server.store.encoded_response import EncodedResponse
from kanban_server.store.preload import Needs
from kanban_server.store.transaction import ReadTransaction, Transaction

T = TypeVar("T")
R = TypeVar("R", bound=Mapping[str, object])
"""The result of a tool, which is JSON."""


class Call:
    """A tool call. The identity comes from the request, never from the arguments."""

    def __init__(self, request: Request, tool: str, arguments: Arguments) -> None:
        request_actor = actor_of(request)
        lease = getattr(arguments, "lease", None) or request_actor.lease
        force = request_actor.force or bool(getattr(arguments, "force", False))
        self.actor = replace(request_actor, client="mcp", lease=lease, force=force)
        self.state = state_of(request)
        self.answer: str | None = None
        """What the person at the client answered to a question of this call."""
        self._request = request
        self._tool = tool
        self._arguments = arguments

    async def read(self, work: Callable[[ReadTransaction], T]) -> T:
        """Run a read in one consistent view."""
        return await query(self._request, work)

    async def write(self, action: Callable[[Transaction, Actor], R], *, board: int | None = None) -> R:
        """Run a change under the given lease, once per idempotency key."""
        ticket = getattr(self._arguments, "ticket", None)
        lane = self.state.ticket_boards.get(ticket) if ticket is not None else board

        def run_action(tx: Transaction) -> R:
            result = action(tx, self.actor)
            self.state.ticket_boards.remember_rendered(tx, result)
            if tx.warnings:
                result = cast("R", {**result, "warnings": [warning["detail"] for warning in tx.warnings]})
            return result

        named = () if ticket is None else (ticket,)
        key = self._idempotency_key()
        if key is None:
            return await execute(self._request, self.actor, run_action, lane=lane, needs=Needs(named))
        stored = await execute_once(
            self._request,
            self.actor,
            lambda tx: EncodedResponse(200, orjson.dumps(run_action(tx))),
            key=key,
            lane=lane,
            tickets=named,
        )
        result: R = orjson.loads(stored.body)
        return result

    @asynccontextmanager
    async def uploads(self, ticket: int, contents: Mapping[str, bytes]) -> AsyncIterator[list[Upload]]:
        """Store contents by name, to be attached to a ticket within the block.

        Refused: as `files.check_may_attach`, and `too-many-requests`.
        """
        if not contents:
            yield []
            return
        quotas = self.state.file_limits
        largest = max(map(len, contents.values()))
        board = await self.read(lambda tx: files.check_may_attach(tx, ticket, largest, quotas))
        async with AsyncExitStack() as stack:
            stack.enter_context(self.state.uploads.upload(viewer_of(self._request).person_id))
            uploads: list[Upload] = []
            for name, content in contents.items():
                received = Spool()
                received.write(content)
                uploads.append(await stack.enter_async_context(stored_upload(self.state, board, name, received)))
            yield uploads

    async def wait_for_next(self, board: int, wanted: NextRequest, attempt: Callable[[str | None], Awaitable[R]]) -> R:
        """The answer of an attempt to get the next ticket; see `entry.next_wait`."""
        if not wanted.wait_seconds:
            if wanted.claim:
                await self.state.next_queues.let_waiters_try(board)
            return await attempt("")
        return await wait_for_next(self._request, board, wanted, attempt)

    async def others_wait(self, ticket: int) -> bool:
        """Whether somebody waits for a ticket of this ticket's board; see `entry.next_wait`."""
        return await others_wait(self._request, ticket)

    async def log_position(self, board: int, after: str | None) -> tuple[LogBounds, Cursor | None]:
        """The bounds of a board's log, and the cursor to read from, if there is one. Refused: `resync` and others."""
        return await read_log_position(self._request, board, after)

    def check_stream_limit(self) -> int | None:
        """Check that a wait may open a stream; returns its token. Refused: `too-many-connections`."""
        return check_stream_limit(self._request)

    async def may_still_read(self, board: int) -> bool:
        """Whether the caller may still read the board, after a while."""
        return await may_still_read(self._request, board)

    async def board(self) -> int:
        """The board of the argument, of the address (`/mcp?board=`), or the only one.

        Refused: `invalid-request`, where that is ambiguous.
        """
        board_name = getattr(self._arguments, "board", None) or self._request.query_params.get("board")
        if isinstance(board_name, int):
            return board_name
        if board_name and board_name.isascii() and board_name.isdigit() and len(board_name) < 16:
            return int(board_name)
        boards = await self.read(queries.list_boards)
        matches = [board for board in boards if board.name == board_name] or [
            board for board in boards if not board_name or board.name.casefold() == board_name.casefold()
        ]
        if len(matches) == 1:
            return matches[0].id
        raise Refusal(
            "invalid-request",
            f"There is no board '{board_name[:100]}'." if board_name and not matches else "Which board?",
            fix="Name one of `boards` in `board`." if boards else "Create a board first.",
            field="board",
            boards=[{"id": board.id, "name": board.name} for board in (matches or boards)[: limits.PAGE]],
        )

    def _idempotency_key(self) -> IdempotencyKey | None:
        """The key of the arguments, else of the header; the fingerprint covers the tool and its arguments."""
        text = getattr(self._arguments, "key", None) or self._request.headers.get("idempotency-key")
        if text is None:
            return None
        arguments_json = self._arguments.model_dump_json(exclude={"key"}, exclude_none=True)
        fingerprint = hashlib.sha256(f"mcp {self._tool} {self._request.url.query} {arguments_json}".encode()).digest()
        return IdempotencyKey(key_owner(self.actor), check_key(text), fingerprint)
