"""A worker: claims tickets, runs a command for each, and moves them according to its exit code."""

import asyncio
import logging
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import INTERRUPTED, NOTHING, REFUSED, UNEXPECTED
from kanban_cli.invocation import print_notice
from kanban_cli.render.escaping import compact_json, escape
from kanban_cli.render.sentences import format_duration
from kanban_sdk import (
    AsyncClaimedTicket,
    AsyncKanban,
    AsyncWorker,
    NothingReady,
    Refused,
    Ticket,
    TicketFailed,
    WorkResult,
)

WORKER_LOG = logging.getLogger("kanban_sdk.worker")
GRACE_SECONDS = 10.0
"""Seconds from a signal until the command is killed."""
TAIL_BYTES = 2000
"""Bytes of the command's stderr in the note about a failure."""


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


class CommandWorker:
    """Runs a command for one ticket, or in a loop for each ready ticket. A signal goes to the command and ends both."""

    def __init__(self, kanban: AsyncKanban, task: Task, environment: dict[str, str]) -> None:
        self._task = task
        self._environment = environment
        self._worker = AsyncWorker(
            kanban,
            task.board,
            self._handle,
            labels=task.labels or (),
            columns=task.columns,
            lease_seconds=task.lease_seconds,
            can=task.can,
            to=task.to,
            drain_seconds=2 * GRACE_SECONDS,  # the command is killed before
            on_result=_report,
        )
        self._running: asyncio.Task[None] | None = None
        self._child: asyncio.subprocess.Process | None = None
        self._signal: int | None = None
        self._command_signalled = False
        """Whether the command was signalled before it ended by itself."""
        self._tail = b""

    async def work(self) -> int:
        """Work until nothing is left, or forever in a loop; return the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._interrupt, number)
        WORKER_LOG.addHandler(_NoticeHandler())
        WORKER_LOG.propagate = False
        self._running = asyncio.create_task(self._worker.run(signals=()) if self._task.loop else self._work_once())
        with suppress(asyncio.CancelledError):
            await self._running
        return INTERRUPTED if self._signal is not None else 0

    async def _work_once(self) -> None:
        """Work on one ticket. Raises CommandError if there is none, or if it was not finished."""
        try:
            result = await self._worker.run_one(self._task.ticket)
        except NothingReady as error:
            facts = {"reason": error.reason, "ready": error.ready, "blocked": error.blocked, "held": error.held}
            raise CommandError(NOTHING, str(error), fix="kanban wait --ready", **facts) from error
        if isinstance(result.error, Refused) and result.outcome != "lost":
            raise result.error
        fix = f"kanban show {result.ticket.id}"
        if result.outcome == "lost":
            raise CommandError(REFUSED, _sentence(result), fix=fix)
        if result.error is not None:
            raise CommandError(UNEXPECTED, _sentence(result), fix=fix)
        _report(result)

    async def _handle(self, ticket: AsyncClaimedTicket) -> None:
        """Run the command for a ticket. Raises TicketFailed with the end of its stderr if it fails."""
        self._command_signalled = False
        code = await self._run(ticket.claimed)
        if self._command_signalled and self._signal is not None:
            await ticket.release(f"interrupted by {signal.Signals(self._signal).name}")
        elif code != 0:
            summary = f"{self._task.command[0]} ended with {code}"
            tail = escape(self._tail.decode(errors="replace").strip(), lines=True)
            raise TicketFailed(f"{summary}\n\n{tail}".strip())

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
        if self._signal is not None:  # it arrived while the command was starting
            self._signal_child(self._signal)
        io_tasks = [
            asyncio.create_task(side) for side in (self._write_stdin(child, ticket), self._forward_stderr(child))
        ]
        try:
            code = await child.wait()
            await asyncio.wait(io_tasks, timeout=1.0)  # child processes may go on and keep the pipes open
        except asyncio.CancelledError:  # the lease is lost
            self._signal_child(signal.SIGTERM)
            await child.wait()
            raise
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

    def _interrupt(self, number: int) -> None:
        """Pass the signal to the command, and end the wait for a ticket; a second signal kills the command."""
        repeated, self._signal = self._signal is not None, number
        self._worker.stop(signal.Signals(number).name)
        self._signal_child(signal.SIGKILL if repeated else number)

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


class _NoticeHandler(logging.Handler):
    """Prints what the worker logs as notices."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print a record."""
        print_notice(record.getMessage())


def _report(result: WorkResult) -> None:
    print_notice(_sentence(result))


def _sentence(result: WorkResult) -> str:
    """What became of a ticket."""
    id = result.ticket.id
    if result.outcome == "lost":
        return f"The lease on ticket {id} is lost; the command was ended."
    if result.error is None:
        return f"ticket {id} is in {result.ticket.current_column} after {format_duration(result.seconds)}"
    summary = str(result.error).partition("\n")[0]
    if result.outcome == "failed":
        return f"{summary}; ticket {id} was released."
    return f"{summary}; ticket {id} is in {result.ticket.current_column}."
