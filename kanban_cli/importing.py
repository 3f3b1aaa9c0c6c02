"""Importing tickets that were read: in few requests, with the file and the line of what is refused."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from kanban_cli.context import as_json, typed, wire
from kanban_cli.exits import USAGE, Stop, code_of
from kanban_cli.formats.parts import Found, Unreadable
from kanban_cli.imported import Summary
from kanban_cli.output import terminal
from kanban_sdk.calls import boards
from kanban_sdk.errors import Refused
from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Board, matching

BATCH = 50
"""Tickets in one request. Others who write to the board wait for a request to end: so they wait less than for 100."""
ROOM = limits.BODY_BYTES - 1024
"""Bytes of tickets in one request; the rest is for what stands around them."""


class Options(NamedTuple):
    """How an import merges what changed on both sides, and whether it changes what others hold."""

    prefer: Literal["source"] | None = None
    force: bool = False


def content(file: Path) -> bytes:
    """What a file, or stdin, holds. Stops where it can't be read."""
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise unopened(error, file) from error


def unopened(error: OSError, file: Path) -> Stop:
    """A file can't be opened."""
    return Stop(USAGE, f"{error.filename or file} can't be read: {error.strerror}", fix="ls")


def read(found: Iterable[Found]) -> list[Found]:
    """All that is found. Stops at what can't be read, and at the second of two tickets with one id."""
    tickets: dict[str, Found] = {}
    try:
        for one in found:
            first = tickets.setdefault(one.ticket["source_id"], one)
            if first is not one:
                raise _twice(first, one)
    except Unreadable as error:
        raise unreadable(error) from error
    return list(tickets.values())


def _twice(first: Found, second: Found) -> Stop:
    """Two tickets have one id: which of them is meant, nobody knows."""
    here, there = (f"{one.file}, line {one.line}".replace("-,", "stdin,") for one in (first, second))
    if first.file == second.file:
        there = f"line {second.line}"
    detail = f"{here} and {there} both have the id '{first.ticket['source_id']}'. Nothing was imported."
    if first.file != second.file:
        fix = shlex.join(["head", first.file, second.file])
    else:
        fix = shlex.join(["sed", "-n", f"{first.line}p;{second.line}p", first.file])
    return Stop(USAGE, detail, fix=typed("--help") if first.file == "-" else fix)


def unreadable(error: Unreadable, nothing: str = "Nothing was imported.") -> Stop:
    """A line can't be read."""
    piped = error.file == "-"
    where = "stdin" if piped else error.file
    detail = f"{where}, line {error.line} can't be read: {str(error).rstrip('.')}. {nothing}"
    return Stop(USAGE, detail, fix=typed("--help") if piped else shlex.join(["sed", "-n", f"{error.line}p", where]))


def bring(meant: Board, found: Sequence[Found], options: Options, *, others: int = 0) -> None:
    """Send the tickets, and say what became of them; `others` were no tickets. Stops at what the server refuses."""
    sums = Summary()
    for one in found:
        sums.add_unclear(one)
    try:
        with _Progress(len(found)) as advance:
            for batch in _batches(found):
                sums.add(_send(meant, batch, options))
                advance(len(batch))
            for batch in _batches(_to_link(found, sums)):
                sums.add_linked(_send(meant, batch, options), {one.ticket["source_id"] for one in batch})
    except Refused as refusal:
        raise _refused(refusal, found) from refusal
    sums.say(others)


def check_columns(meant: Board, found: Sequence[Found]) -> None:
    """Stops where the board has not all columns that the tickets stand in."""
    there = {matching(name) for name in meant.columns}
    wanted = dict.fromkeys(str(one.ticket["current_column"]) for one in found if one.ticket.get("current_column"))
    missing = [name for name in wanted if matching(name) not in there]
    if missing:
        detail = f"Board {meant.id} has no column {', '.join(missing)}. Nothing was imported."
        fix = shlex.join(
            ["kanban", "board", "columns", "-b", str(meant.id), *meant.columns[:-1], *missing, meant.columns[-1]]
        )
        raise Stop(USAGE, detail, fix=fix)


def _send(meant: Board, batch: Sequence[Found], options: Options) -> Any:
    tickets = [one.ticket for one in batch]
    return wire(boards.import_tickets(meant.id, tickets, prefer=options.prefer, force=options.force))


def _to_link(found: Sequence[Found], sums: Summary) -> list[Found]:
    """The tickets to send once more, since they name some that were not on the board yet, and are now."""
    there = {one.ticket["source_id"] for one in found}
    missing = sums.missing()
    return [one for one in found if missing.get(one.ticket["source_id"], set()) & there]


def _refused(refusal: Refused, found: Sequence[Found]) -> Exception:
    """The refusal with the file and the line of the ticket that it is about, where it is about one."""
    source = refusal.problem.get("source_id")
    at = next((one for one in found if one.ticket["source_id"] == source), None)
    if at is None:
        return refusal
    detail = f"{at.file}, line {at.line}: {refusal} The same command goes on where it stopped, once that is put right."
    return Stop(code_of(refusal), detail, fix=typed())


def _batches(found: Sequence[Found]) -> Iterator[list[Found]]:
    """The tickets in requests that the server takes. Stops at a ticket that is too large, before anything is sent."""
    sizes = [len(json.dumps(one.ticket)) + 2 for one in found]
    for one, size in zip(found, sizes, strict=True):
        if size > ROOM:
            detail = f"{one.file}, line {one.line}: the ticket has {size:,} bytes; {ROOM:,} is the most."
            raise Stop(USAGE, f"{detail} Nothing was imported.", fix=typed())
    batch: list[Found] = []
    filled = 0
    for one, size in zip(found, sizes, strict=True):
        if batch and (len(batch) == BATCH or filled + size > ROOM):
            yield batch
            batch, filled = [], 0
        batch.append(one)
        filled += size
    if batch:
        yield batch


class _Progress:
    """A progress bar on a terminal, and nothing elsewhere."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._bar: Any = None

    def __enter__(self) -> Callable[[int], None]:
        if not (terminal() and sys.stderr.isatty()) or as_json():
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
