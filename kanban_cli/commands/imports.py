"""Bringing tickets from elsewhere: import beads, import jsonl."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from kanban_cli.context import as_json, board, send, typed, wire
from kanban_cli.exits import USAGE, Stop
from kanban_cli.options import command, group
from kanban_cli.output import say_cells, say_json, terminal
from kanban_sdk.calls import boards
from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Board, matching

app = group("Bring tickets from elsewhere; a second run changes nothing.")

Source = Annotated[Path, typer.Argument(metavar="FILE", help="One JSON object a line; - reads stdin.", allow_dash=True)]
ROOM = limits.BODY_BYTES - 1024
"""Bytes of tickets in one request; the rest is for what stands around them."""


@command(app, examples=["kanban import beads .beads/issues.jsonl", "kanban import beads - -b 2"])
def beads(file: Source) -> None:
    """Bring a beads export (JSONL). A closed issue goes to the done column, one in progress to the working column.

    Type and labels become labels; what it is blocked by, and its parent, are linked; what has no field here stays in
    `extra`. A title over 200 characters is cut and stands whole on top of the description; a text over 64 KiB goes on
    in comments.
    """
    from kanban_cli import beads as mapping

    meant = send(boards.get(board()))
    _bring(meant, file, lambda issue: mapping.ticket(issue, meant.column_settings))


@command(app, examples=["kanban import jsonl tickets.jsonl", "kanban import jsonl - -b 2 --json"])
def jsonl(file: Source) -> None:
    """Bring what `kanban export` wrote. The board must have the columns that the tickets stand in."""
    meant = send(boards.get(board()))
    _bring(meant, file, _exported, check_columns=True)


def _exported(line: dict[str, Any]) -> dict[str, Any]:
    """An exported ticket as one to import."""
    from kanban_sdk.wire.bodies import ImportedTicket

    fields = ImportedTicket.__dataclass_fields__
    ticket = {name: value for name, value in line.items() if name in fields and value is not None}
    if not isinstance(ticket.get("title"), str):
        raise ValueError("the ticket has no `title`")
    if not ticket.get("source_id"):
        ticket["source_id"] = f"export:{line.get('board_id')}:{line['id']}"
    kept = ("text", "author", "created_at")
    ticket["comments"] = [{name: comment[name] for name in kept} for comment in ticket.get("comments", [])]
    return ticket


def _bring(
    meant: Board, file: Path, read: Callable[[dict[str, Any]], dict[str, Any]], *, check_columns: bool = False
) -> None:
    tickets = _tickets(file, read)
    if check_columns:
        _check_columns(meant, tickets)
    totals: dict[str, Any] = {"created": 0, "updated": 0, "unchanged": 0, "ids": {}}
    unlinked: list[str] = []
    with _Progress(len(tickets)) as advance:
        for batch in _batches(tickets):
            brought = wire(boards.import_tickets(meant.id, batch))
            for name in ("created", "updated", "unchanged"):
                totals[name] += brought[name]
            totals["ids"] |= brought["ids"]
            unlinked += brought.get("unlinked", [])
            advance(len(batch))
        for batch in _batches(_to_link(tickets, unlinked)):
            wire(boards.import_tickets(meant.id, batch))
    if as_json():
        say_json(totals)
        return
    counts = [f"{totals[name]} {name}" for name in ("created", "updated", "unchanged")]
    nothing = [] if totals["created"] or totals["updated"] else ["nothing changed"]
    say_cells(*counts, *nothing)


def _to_link(tickets: Sequence[dict[str, Any]], unlinked: Sequence[str]) -> list[dict[str, Any]]:
    """The tickets to bring once more, now that those are there which they wait for."""
    there = {ticket["source_id"] for ticket in tickets}
    return [
        ticket
        for ticket in tickets
        if ticket["source_id"] in unlinked
        and there & {*(ticket.get("blocked_by_sources") or ()), ticket.get("parent_source")}
    ]


def _tickets(file: Path, read: Callable[[dict[str, Any]], dict[str, Any]]) -> list[dict[str, Any]]:
    """The tickets of the file; of two with one source the later counts. Stops at a line that can't be read."""
    found: dict[str, dict[str, Any]] = {}
    number = 0
    try:
        for line in _lines(file):
            number += 1
            if line.strip():
                decoded = json.loads(line)
                if not isinstance(decoded, dict):
                    raise ValueError("it is no JSON object")
                ticket = read(decoded)
                found[ticket["source_id"]] = ticket
    except OSError as error:
        raise Stop(USAGE, f"{file} can't be read: {error.strerror}", fix="ls") from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        detail = f"{file}, line {number or 1} can't be read: {str(error)[:200] or type(error).__name__}."
        raise Stop(USAGE, f"{detail} Nothing was imported.", fix=f"sed -n {number or 1}p {file}") from error
    return list(found.values())


def _lines(file: Path) -> Iterator[str]:
    data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    return iter(data.decode("utf-8-sig").split("\n"))


def _check_columns(meant: Board, tickets: Sequence[dict[str, Any]]) -> None:
    there = {matching(name) for name in meant.columns}
    wanted = dict.fromkeys(str(ticket["current_column"]) for ticket in tickets if ticket.get("current_column"))
    missing = [name for name in wanted if matching(name) not in there]
    if missing:
        import shlex

        detail = f"Board {meant.id} has no column {', '.join(missing)}. Nothing was imported."
        fix = shlex.join(
            ["kanban", "board", "columns", "-b", str(meant.id), *meant.columns[:-1], *missing, meant.columns[-1]]
        )
        raise Stop(USAGE, detail, fix=fix)


def _batches(tickets: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The tickets in requests that the server takes. Stops at a ticket that is too large, before anything is sent."""
    sizes = [len(json.dumps(ticket)) + 2 for ticket in tickets]
    for ticket, size in zip(tickets, sizes, strict=True):
        if size > ROOM:
            detail = f"{ticket['source_id']} has {size:,} bytes; {ROOM:,} is the most. Nothing was imported."
            raise Stop(USAGE, detail, fix=typed())
    batch: list[dict[str, Any]] = []
    filled = 0
    for ticket, size in zip(tickets, sizes, strict=True):
        if batch and (len(batch) == limits.IMPORT_TICKETS or filled + size > ROOM):
            yield batch
            batch, filled = [], 0
        batch.append(ticket)
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
