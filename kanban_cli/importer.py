"""Import parsed tickets in few requests; errors name the file and the line."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from kanban_cli.errors import CommandError, exit_code_for
from kanban_cli.exit_codes import USAGE
from kanban_cli.formats.conversion import ParsedTicket, ParseError
from kanban_cli.import_report import Summary
from kanban_cli.invocation import Invocation
from kanban_cli.render.output import is_terminal
from kanban_sdk.calls import boards
from kanban_sdk.errors import Refused
from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Board, matching

BATCH = 50
"""Tickets per request. Other writers of the board wait for a request to end, so for less time than with 100."""
MAX_BATCH_BYTES = limits.BODY_BYTES - 1024
"""Bytes of tickets per request; the rest of the limit is for the surrounding JSON."""


class Options(NamedTuple):
    """How an import merges what changed on both sides, and whether it changes tickets that others hold."""

    prefer: Literal["source"] | None = None
    force: bool = False


def read_file(file: Path) -> bytes:
    """Read a file or stdin. Stops if it can't be read."""
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise unopened_file_error(error, file) from error


def unopened_file_error(error: OSError, file: Path) -> CommandError:
    """Return the error for a file that can't be opened."""
    return CommandError(USAGE, f"{error.filename or file} can't be read: {error.strerror}", fix="ls")


def collect_tickets(invocation: Invocation, parsed_tickets: Iterable[ParsedTicket]) -> list[ParsedTicket]:
    """Collect all parsed tickets. Stops at unreadable input and at a repeated id."""
    tickets: dict[str, ParsedTicket] = {}
    try:
        for parsed in parsed_tickets:
            first = tickets.setdefault(parsed.ticket["source_id"], parsed)
            if first is not parsed:
                raise _twice(invocation, first, parsed)
    except ParseError as error:
        raise unreadable_file_error(invocation, error) from error
    return list(tickets.values())


def _twice(invocation: Invocation, first: ParsedTicket, second: ParsedTicket) -> CommandError:
    """Return the error for two tickets with one id: which one is meant is unknown."""
    here, there = (f"{parsed.file}, line {parsed.line}".replace("-,", "stdin,") for parsed in (first, second))
    if first.file == second.file:
        there = f"line {second.line}"
    detail = f"{here} and {there} both have the id '{first.ticket['source_id']}'. Nothing was imported."
    if first.file != second.file:
        fix = shlex.join(["head", first.file, second.file])
    else:
        fix = shlex.join(["sed", "-n", f"{first.line}p;{second.line}p", first.file])
    return CommandError(USAGE, detail, fix=invocation.command_line.plus("--help") if first.file == "-" else fix)


def unreadable_file_error(
    invocation: Invocation, error: ParseError, consequence: str = "Nothing was imported."
) -> CommandError:
    """Return the error for a line that can't be read."""
    from_stdin = error.file == "-"
    source = "stdin" if from_stdin else error.file
    detail = f"{source}, line {error.line} can't be read: {str(error).rstrip('.')}. {consequence}"
    return CommandError(
        USAGE,
        detail,
        fix=invocation.command_line.plus("--help")
        if from_stdin
        else shlex.join(["sed", "-n", f"{error.line}p", source]),
    )


def run_import(
    invocation: Invocation,
    board: Board,
    parsed_tickets: Sequence[ParsedTicket],
    options: Options,
    *,
    skipped: int = 0,
) -> None:
    """Import the tickets and print the report; `skipped` counts files that are no tickets. Stops on a server error."""
    sums = Summary()
    for parsed in parsed_tickets:
        sums.add_unclear(parsed)
    try:
        with _Progress(len(parsed_tickets), shown=not invocation.options.json) as advance:
            for batch in _batches(invocation, parsed_tickets):
                sums.add(_send_batch(invocation, board, batch, options))
                advance(len(batch))
            for batch in _batches(invocation, _tickets_to_link(parsed_tickets, sums)):
                sums.add_linked(
                    _send_batch(invocation, board, batch, options), {parsed.ticket["source_id"] for parsed in batch}
                )
    except Refused as refusal:
        raise _locate_refusal(invocation, refusal, parsed_tickets) from refusal
    sums.say(skipped, json=invocation.options.json)


def check_columns(board: Board, parsed_tickets: Sequence[ParsedTicket]) -> None:
    """Stop if the board lacks a column of the tickets."""
    board_columns = {matching(name) for name in board.columns}
    ticket_columns = dict.fromkeys(
        str(parsed.ticket["current_column"]) for parsed in parsed_tickets if parsed.ticket.get("current_column")
    )
    missing = [name for name in ticket_columns if matching(name) not in board_columns]
    if missing:
        detail = f"Board {board.id} has no column {', '.join(missing)}. Nothing was imported."
        fix = shlex.join(
            ["kanban", "board", "columns", "-b", str(board.id), *board.columns[:-1], *missing, board.columns[-1]]
        )
        raise CommandError(USAGE, detail, fix=fix)


def _send_batch(invocation: Invocation, board: Board, batch: Sequence[ParsedTicket], options: Options) -> Any:
    tickets = [parsed.ticket for parsed in batch]
    return invocation.send_raw(boards.import_tickets(board.id, tickets, prefer=options.prefer, force=options.force))


def _tickets_to_link(parsed_tickets: Sequence[ParsedTicket], sums: Summary) -> list[ParsedTicket]:
    """Return the tickets to send again: they name tickets that were not on the board before, and are now."""
    source_ids = {parsed.ticket["source_id"] for parsed in parsed_tickets}
    missing = sums.missing()
    return [parsed for parsed in parsed_tickets if missing.get(parsed.ticket["source_id"], set()) & source_ids]


def _locate_refusal(invocation: Invocation, refusal: Refused, parsed_tickets: Sequence[ParsedTicket]) -> Exception:
    """Add the file and line of the ticket to a server error that is about one."""
    source_id = refusal.problem.get("source_id")
    item = next((parsed for parsed in parsed_tickets if parsed.ticket["source_id"] == source_id), None)
    if item is None:
        return refusal
    detail = f"{item.file}, line {item.line}: {refusal} The same command goes on where it stopped, once that is fixed."
    return CommandError(exit_code_for(refusal), detail, fix=str(invocation.command_line))


def _batches(invocation: Invocation, parsed_tickets: Sequence[ParsedTicket]) -> Iterator[list[ParsedTicket]]:
    """Split the tickets into requests within the limits. Stops at a ticket that is too large, before sending any."""
    sizes = [len(json.dumps(parsed.ticket)) + 2 for parsed in parsed_tickets]
    for parsed, size in zip(parsed_tickets, sizes, strict=True):
        if size > MAX_BATCH_BYTES:
            detail = (
                f"{parsed.file}, line {parsed.line}: the ticket has {size:,} bytes; {MAX_BATCH_BYTES:,} is the most."
            )
            raise CommandError(USAGE, f"{detail} Nothing was imported.", fix=str(invocation.command_line))
    batch: list[ParsedTicket] = []
    batch_bytes = 0
    for parsed, size in zip(parsed_tickets, sizes, strict=True):
        if batch and (len(batch) == BATCH or batch_bytes + size > MAX_BATCH_BYTES):
            yield batch
            batch, batch_bytes = [], 0
        batch.append(parsed)
        batch_bytes += size
    if batch:
        yield batch


class _Progress:
    """A progress bar on a terminal; nothing elsewhere."""

    def __init__(self, total: int, *, shown: bool) -> None:
        self._total = total
        self._shown = shown and is_terminal() and sys.stderr.isatty()
        self._bar: Any = None

    def __enter__(self) -> Callable[[int], None]:
        if not self._shown:
            return lambda _: None
        from rich.console import Console
        from rich.progress import Progress

        self._bar = Progress(console=Console(stderr=True), transient=True)
        self._bar.start()
        task = self._bar.add_task("Importing", total=self._total)
        return lambda count: self._bar.advance(task, count)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
