"""A worker: claims tickets, runs a command for each, and moves them according to its exit code."""

import asyncio
import os
import signal
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import INTERRUPTED, NOTHING, REFUSED, UNEXPECTED
from kanban_cli.render.escaping import compact_json, escape
from kanban_cli.render.sentences import format_duration
from kanban_sdk import (
    AlreadyClaimed,
    AsyncKanban,
    KanbanError,
    LeaseLost,
    NotFound,
    NothingReady,
    ServerError,
    Ticket,
    TooManyRequests,
    Unreachable,
)
from kanban_sdk.wire.limits import NEEDS_HUMAN

if TYPE_CHECKING:
    from kanban_sdk.claims.context import AsyncClaimContext

GRACE_SECONDS = 10.0
"""Seconds from a signal until the command is killed."""
TAIL_BYTES = 2000
"""Bytes of the command's stderr in the note about a failure."""
MAX_FAILURES = 3
"""Failures of one ticket after which it gets the label that asks for people."""
MAX_REST_SECONDS = 60.0
"""Longest pause of a loop after failures, in seconds."""
BUSY_ERRORS = (ServerError, TooManyRequests)
"""The server answers, and may have capacity later."""
LOST_ERRORS = (NotFound, LeaseLost, AlreadyClaimed)
"""The ticket is deleted or held by somebody else; the loop takes another one."""


@dataclass(frozen=True)
class Task:
    """The work of a worker."""

    board: int | None
    command: list[str]
    ticket: int | None = None
    to: str | None = None
    loop: bool = False
    lease_seconds: int | None = None
    labels: list[str] | None = None
    columns: list[str] | None = None
    can: list[str] | None = None


class Worker:
    """Runs a command for one ticket, or in a loop for each ready ticket. A signal goes to the command and ends both."""

    def __init__(self, kanban: AsyncKanban, task: Task, environment: dict[str, str]) -> None:
        self._kanban = kanban
        self._task = task
        self._environment = environment
        self._running: asyncio.Task[None] | None = None
        self._busy = False
        """Whether a ticket is being worked on: then a signal goes to the command instead of cancelling."""
        self._child: asyncio.subprocess.Process | None = None
        self._signal: int | None = None
        self._signalled = asyncio.Event()
        self._command_signalled = False
        """Whether the command was signalled before it ended by itself."""
        self._lease_lost = False
        self._failures: Counter[int] = Counter()
        self._tail = b""

    async def work(self) -> int:
        """Work until nothing is left, or forever in a loop; return the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._interrupt, number)
        self._running = asyncio.create_task(self._loop() if self._task.loop else self._process_ticket())
        with suppress(asyncio.CancelledError):
            await self._running
        return INTERRUPTED if self._signal is not None else 0

    async def _loop(self) -> None:
        """Process tickets in turn; pause, longer each time, after a failure or while the server is busy.

        The client waits for an unreachable server. Raises Unreachable when its patience ends.
        """
        rest = 0.0
        while self._signal is None:
            try:
                await self._process_ticket()
                rest = 0.0
                continue
            except CommandError as stop:
                _log(stop.detail)
            except (*BUSY_ERRORS, *LOST_ERRORS) as error:
                if isinstance(error, NotFound) and error.problem.get("what") == "board":
                    raise
                _log(str(error))
            rest = min(MAX_REST_SECONDS, rest * 2 or 1.0)
            await asyncio.sleep(rest)

    async def _process_ticket(self) -> None:
        self._lease_lost = self._command_signalled = False
        try:
            async with self._claim() as ticket:
                self._busy = True
                started = time.monotonic()
                code = await self._run(ticket)
                column = await self._conclude_before_exit(ticket, code)
                _log(f"ticket {ticket.id} is in {column} after {format_duration(time.monotonic() - started)}")
        except NothingReady as error:
            facts = {"reason": error.reason, "ready": error.ready, "blocked": error.blocked, "held": error.held}
            raise CommandError(NOTHING, str(error), fix="kanban wait --ready", **facts) from error
        finally:
            self._busy = False

    def _claim(self) -> "AsyncClaimContext":
        task = self._task
        if task.ticket is not None:
            return self._kanban.claim(task.ticket, lease_seconds=task.lease_seconds, on_lost=self._on_lease_lost)
        assert task.board is not None
        return self._kanban.claim_next(
            task.board,
            labels=task.labels or (),
            columns=task.columns,
            lease_seconds=task.lease_seconds,
            can=task.can,
            timeout=None if task.loop else 0,
            on_lost=self._on_lease_lost,
        )

    async def _run(self, ticket: Ticket) -> int:
        """Run the command with the ticket on its stdin and in its environment; return its exit code."""
        self._tail = b""
        child = self._child = await asyncio.create_subprocess_exec(
            *self._task.command,
            stdin=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._environment | _ticket_environment(ticket),
            start_new_session=True,  # so that a signal reaches the whole process group, once
        )
        if self._signal is not None or self._lease_lost:  # it arrived while the command was starting
            self._signal_child(self._signal or signal.SIGTERM)
        io_tasks = [
            asyncio.create_task(side) for side in (self._write_stdin(child, ticket), self._forward_stderr(child))
        ]
        try:
            code = await child.wait()
            await asyncio.wait(io_tasks, timeout=1.0)  # child processes may go on and keep the pipes open
        finally:
            self._child = None
            for side in io_tasks:
                side.cancel()
        return code

    async def _write_stdin(self, child: asyncio.subprocess.Process, ticket: Ticket) -> None:
        assert child.stdin is not None
        with suppress(BrokenPipeError, ConnectionResetError):
            child.stdin.write(f"{compact_json(ticket)}\n".encode())
            await child.stdin.drain()
        child.stdin.close()

    async def _forward_stderr(self, child: asyncio.subprocess.Process) -> None:
        """Forward the command's stderr and keep its last bytes."""
        assert child.stderr is not None
        while data := await child.stderr.read(65536):
            self._tail = (self._tail + data)[-TAIL_BYTES:]
            with suppress(OSError):
                sys.stderr.buffer.write(data)
                sys.stderr.buffer.flush()

    async def _conclude_before_exit(self, ticket: Ticket, code: int) -> str:
        """Conclude, also while the server is unreachable: the work is done and must not be done again.

        A signal limits the wait to GRACE_SECONDS. Raises Unreachable if the server did not come back.
        """
        conclusion = asyncio.create_task(self._conclude_later(ticket, code))
        interruption = asyncio.create_task(self._signalled.wait())
        await asyncio.wait([conclusion, interruption], return_when=asyncio.FIRST_COMPLETED)
        interruption.cancel()
        try:
            return await asyncio.wait_for(conclusion, None if conclusion.done() else GRACE_SECONDS)
        except TimeoutError:
            raise Unreachable(self._kanban.url, "the server did not come back before the worker was ended") from None

    async def _conclude_later(self, ticket: Ticket, code: int) -> str:
        """Conclude, retrying while the server is busy."""
        rest, deadline = 1.0, time.monotonic() + self._kanban.policy.patience
        while True:
            try:
                return await self._conclude(ticket, code)
            except BUSY_ERRORS as error:
                if time.monotonic() > deadline:
                    raise
                _log(f"{error}; trying again in {rest:.0f} s")
            await asyncio.sleep(rest)
            rest = min(MAX_REST_SECONDS, rest * 2)

    async def _conclude(self, ticket: Ticket, code: int) -> str:
        """Move or release the ticket; return its column."""
        id = ticket.id
        if self._lease_lost:
            raise CommandError(
                REFUSED, f"The lease on ticket {id} is lost; the command was ended.", fix=f"kanban show {id}"
            )
        if self._command_signalled and self._signal is not None:
            note = f"interrupted by {signal.Signals(self._signal).name}"
            return (await self._kanban.tickets.release(id, note=note)).current_column
        current = await self._kanban.tickets.get(id)
        mine = current.claim == ticket.claim
        if code != 0:
            await self._release_failed(current, code, mine=mine)
        if not mine:  # the command has finished or released the ticket itself
            return current.current_column
        if current.current_column != ticket.current_column:  # the command has moved the ticket: leave it there
            return (await self._kanban.tickets.release(id)).current_column
        board = await self._kanban.boards.get(current.board_id)
        roles = {column.role: column.name for column in reversed(board.column_settings)}
        if self._task.to is None and board.review and "waiting" in roles:
            return (await self._kanban.tickets.release(id, column=roles["waiting"])).current_column
        to = self._task.to or roles.get("done", board.columns[-1])
        return (await self._kanban.tickets.move(id, to)).current_column

    async def _release_failed(self, ticket: Ticket, code: int, *, mine: bool) -> None:
        summary = f"{self._task.command[0]} ended with {code}"
        if mine:
            stderr_tail = escape(self._tail.decode(errors="replace").strip(), lines=True)
            await self._kanban.tickets.release(ticket.id, note=f"{summary}\n\n{stderr_tail}".strip())
            self._failures[ticket.id] += 1
            if self._failures[ticket.id] >= MAX_FAILURES:
                with suppress(KanbanError):
                    await self._kanban.tickets.add_labels(ticket.id, NEEDS_HUMAN)
        detail = f"{summary}; ticket {ticket.id} was released."
        raise CommandError(UNEXPECTED, detail, fix=f"kanban show {ticket.id}")

    def _interrupt(self, number: int) -> None:
        """Pass the signal to the command, or cancel the wait; a second signal kills the command."""
        repeated, self._signal = self._signal is not None, number
        self._signalled.set()
        if self._busy:
            self._signal_child(signal.SIGKILL if repeated else number)
        elif self._running is not None:
            self._running.cancel()

    def _on_lease_lost(self) -> None:
        self._lease_lost = True
        self._signal_child(signal.SIGTERM)

    def _signal_child(self, number: int) -> None:
        """Signal the command's process group; kill it after GRACE_SECONDS."""
        child = self._child
        if child is None or child.returncode is not None:
            return
        try:
            os.kill(child.pid, 0)  # if the command has just ended, its child processes may go on
            os.killpg(child.pid, number)
        except ProcessLookupError:
            return
        self._command_signalled = True
        asyncio.get_running_loop().call_later(GRACE_SECONDS, self._kill, child)

    def _kill(self, child: asyncio.subprocess.Process) -> None:
        if child is self._child:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)


def _ticket_environment(ticket: Ticket) -> dict[str, str]:
    assert ticket.lease is not None
    return {
        "KANBAN_TICKET": str(ticket.id),
        "KANBAN_LEASE": ticket.lease.token,
        "KANBAN_BOARD": str(ticket.board_id),
        "KANBAN_TITLE": ticket.title,
    }


def _log(text: str) -> None:
    print(escape(f"kanban: {text}"), file=sys.stderr, flush=True)
