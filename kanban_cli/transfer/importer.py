"""Import a file in few requests: all of it is read before the first one, and errors name the file and the place."""

from __future__ import annotations

import json
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, NamedTuple

from kanban_cli.errors import CommandError, exit_code_for
from kanban_cli.exit_codes import USAGE
from kanban_cli.formats.links import LinkIndex
from kanban_cli.formats.source import ParseError, ParseErrors, Source
from kanban_cli.formats.ticket import ParsedTicket, Place, TicketFields, Unclear
from kanban_cli.invocation import Invocation
from kanban_cli.render.output import is_terminal
from kanban_cli.transfer.import_report import Summary
from kanban_sdk.calls import boards
from kanban_sdk.errors import Refused
from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Board

if TYPE_CHECKING:
    from rich.progress import Progress

BATCH = 50
"""Tickets per request. Other writers of the board wait for a request to end, so for less time than with 100."""
MAX_BATCH_BYTES = limits.BODY_BYTES - 1024
"""Bytes of tickets per request; the rest of the limit is for the surrounding JSON."""
ERRORS_SHOWN = 20
"""Files that can't be read that one refusal names."""


class Options(NamedTuple):
    """How an import merges what changed on both sides, and whether it changes tickets that others hold."""

    prefer: Literal["source"] | None = None
    force: bool = False


def open_source(invocation: Invocation, path: Path) -> Source:
    """Open a file, a folder or stdin (`-`). Stops if it can't be opened or unpacked."""
    try:
        return Source.open(path)
    except ParseError as error:
        raise unreadable_file_error(invocation, error) from error
    except OSError as error:
        raise CommandError(USAGE, f"{error.filename or path} can't be read: {error.strerror}", fix="ls") from error


@dataclass
class ParsedFile:
    """The tickets of a file. They are kept in a temporary file, since there may be hundreds of thousands."""

    invocation: Invocation
    count: int = 0
    columns: dict[str, int] = field(default_factory=dict)
    """How many tickets go to each column."""
    places: dict[str, Place] = field(default_factory=dict)
    """Where each ticket is, by its `source_id`."""
    _links: LinkIndex = field(default_factory=LinkIndex)
    _spool: IO[bytes] = field(default_factory=tempfile.TemporaryFile)
    _continued: IO[bytes] = field(default_factory=tempfile.TemporaryFile)

    def add(self, parsed: ParsedTicket) -> None:
        """Add a ticket. Stops if another has the same id, or if it is too large for a request."""
        source_id = parsed.ticket["source_id"]
        first = self.places.setdefault(source_id, parsed.place)
        if first is not parsed.place and not parsed.continued:
            raise _duplicate_error(self.invocation, source_id, first, parsed.place)
        line = json.dumps([parsed.ticket, parsed.unclear]).encode()
        if len(line) > MAX_BATCH_BYTES:
            detail = f"{parsed.place}: the ticket has {len(line):,} bytes; {MAX_BATCH_BYTES:,} is the most."
            raise CommandError(USAGE, f"{detail} Nothing was imported.", fix=_help(self.invocation))
        if parsed.continued:
            self._continued.write(line + b"\n")
            return
        self._spool.write(line + b"\n")
        self._links.add(parsed)
        column = parsed.ticket.get("current_column") or ""
        self.columns[column] = self.columns.get(column, 0) + 1
        self.count += 1

    def tickets(self) -> Iterator[tuple[TicketFields, list[Unclear]]]:
        """Yield the tickets, with the names of their blockers and parents resolved, and what was not understood."""
        yield from self._read(self._spool)

    def continued_tickets(self) -> Iterator[TicketFields]:
        """Yield the tickets whose history is too long for one request again, with the rest of it."""
        return (ticket for ticket, _ in self._read(self._continued))

    def _read(self, spool: IO[bytes]) -> Iterator[tuple[TicketFields, list[Unclear]]]:
        spool.seek(0)
        for line in spool:
            ticket, unclear = json.loads(line)
            self._links.resolve(ticket)
            yield ticket, unclear


def read_tickets(invocation: Invocation, parsed_tickets: Iterable[ParsedTicket]) -> ParsedFile:
    """Read all tickets of a file. Stops at unreadable input and at a repeated id."""
    parsed_file = ParsedFile(invocation)
    try:
        for parsed in parsed_tickets:
            parsed_file.add(parsed)
    except ParseError as error:
        raise unreadable_file_error(invocation, error) from error
    except ParseErrors as error:
        raise unreadable_files_error(invocation, error) from error
    return parsed_file


def _duplicate_error(invocation: Invocation, source_id: str, first: Place, second: Place) -> CommandError:
    """Return the error for two tickets with one id: which one is meant is unknown."""
    here, there = str(first), str(second)
    if first.file == second.file:
        there = second.place or f"line {second.line}"
    detail = f"{here} and {there} both have the id '{source_id}'. Nothing was imported."
    if first.file != second.file:
        fix = shlex.join(["head", first.file, second.file])
    else:
        fix = shlex.join(["sed", "-n", f"{first.line}p;{second.line}p", first.file])
    return CommandError(USAGE, detail, fix=_help(invocation) if first.file == "-" or first.place else fix)


def unreadable_file_error(
    invocation: Invocation, error: ParseError, consequence: str = "Nothing was imported."
) -> CommandError:
    """Return the error for a line that can't be read."""
    detail = f"{_describe(error)} can't be read: {str(error).rstrip('.')}. {consequence}"
    return CommandError(USAGE, detail, fix=_fix(invocation, error))


def unreadable_files_error(invocation: Invocation, error: ParseErrors) -> CommandError:
    """Return the error for several files that can't be read."""
    lines = [f"{_describe(one)} can't be read: {str(one).rstrip('.')}." for one in error.errors[:ERRORS_SHOWN]]
    if len(error.errors) > ERRORS_SHOWN:
        lines.append(f"{len(error.errors) - ERRORS_SHOWN} more files can't be read.")
    return CommandError(USAGE, "\n".join([*lines, "Nothing was imported."]), fix=_fix(invocation, error.errors[0]))


def _describe(error: ParseError) -> str:
    return str(Place(error.file, error.line, error.place))


def _fix(invocation: Invocation, error: ParseError) -> str:
    if error.fix:
        return error.fix
    return _help(invocation) if error.file == "-" else shlex.join(["sed", "-n", f"{error.line}p", error.file])


def _help(invocation: Invocation) -> str:
    return invocation.command_line.plus("--help")


def run_import(board: Board, parsed_file: ParsedFile, options: Options, summary: Summary) -> None:
    """Import the tickets, and add what became of them to the summary. Stops on a server error."""
    invocation = parsed_file.invocation
    try:
        with _ProgressBar(parsed_file.count, shown=not invocation.options.json) as advance:
            for batch in _batches(_report_unclear(parsed_file, summary)):
                summary.add(_send_batch(invocation, board, batch, options))
                advance(len(batch))
            for batch in _batches(_tickets_to_link(parsed_file, summary)):
                sources = {ticket["source_id"] for ticket in batch}
                summary.add_linked(_send_batch(invocation, board, batch, options), sources)
            for ticket in parsed_file.continued_tickets():
                _send_batch(invocation, board, [ticket], options)
    except Refused as refusal:
        raise _locate_refusal(invocation, refusal, parsed_file) from refusal


def preview_import(parsed_file: ParsedFile, summary: Summary) -> None:
    """Print what an import would send: the tickets by column, and what was not understood. Sends nothing."""
    for _ in _report_unclear(parsed_file, summary):
        pass
    summary.print_preview(parsed_file.columns, json=parsed_file.invocation.options.json)


def _report_unclear(parsed_file: ParsedFile, summary: Summary) -> Iterator[TicketFields]:
    """Yield the tickets, and add what was not understood of each to the summary."""
    for ticket, unclear in parsed_file.tickets():
        place = parsed_file.places[ticket["source_id"]]
        for entry in unclear:
            summary.add_unclear(ticket["source_id"], entry, place)
        yield ticket


def _send_batch(invocation: Invocation, board: Board, batch: list[TicketFields], options: Options) -> dict[str, object]:
    answer: dict[str, object] = invocation.send_raw(
        boards.import_tickets(board.id, batch, prefer=options.prefer, force=options.force)
    )
    return answer


def _tickets_to_link(parsed_file: ParsedFile, summary: Summary) -> Iterator[TicketFields]:
    """Yield the tickets to send again: they name tickets that were not on the board before, and are now."""
    missing = {
        source_id for source_id, names in summary.missing().items() if any(name in parsed_file.places for name in names)
    }
    return (ticket for ticket, _ in parsed_file.tickets() if ticket["source_id"] in missing) if missing else iter(())


def _locate_refusal(invocation: Invocation, refusal: Refused, parsed_file: ParsedFile) -> Exception:
    """Add the place of the ticket to a server error that is about one."""
    place = parsed_file.places.get(str(refusal.problem.get("source_id")))
    if place is None:
        return refusal
    detail = f"{place}: {refusal} The same command goes on where it stopped, once that is fixed."
    return CommandError(exit_code_for(refusal), detail, fix=str(invocation.command_line))


def _batches(tickets: Iterable[TicketFields]) -> Iterator[list[TicketFields]]:
    """Split the tickets into requests within the limits."""
    batch: list[TicketFields] = []
    batch_bytes = 0
    for ticket in tickets:
        size = len(json.dumps(ticket)) + 2
        if batch and (len(batch) == BATCH or batch_bytes + size > MAX_BATCH_BYTES):
            yield batch
            batch, batch_bytes = [], 0
        batch.append(ticket)
        batch_bytes += size
    if batch:
        yield batch


class _ProgressBar:
    """A progress bar on a terminal; nothing elsewhere."""

    def __init__(self, total: int, *, shown: bool) -> None:
        self._total = total
        self._shown = shown
        self._bar: Progress | None = None

    def __enter__(self) -> Callable[[int], None]:
        if not (self._shown and is_terminal() and sys.stderr.isatty()):
            return lambda _: None
        from rich.console import Console
        from rich.progress import Progress

        bar = self._bar = Progress(console=Console(stderr=True), transient=True)
        bar.start()
        task = bar.add_task("Importing", total=self._total)
        return lambda count: bar.advance(task, count)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
