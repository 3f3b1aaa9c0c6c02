"""Watch: a board's events as they happen."""

import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from kanban_cli.context import acting, as_json, board, kanban, names_of, send, typed
from kanban_cli.exits import NOT_FOUND, TIMEOUT, USAGE, Stop
from kanban_cli.options import TICKET, Patience, command
from kanban_cli.output import compact, say, terminal
from kanban_cli.spans import seconds
from kanban_cli.texts import cell, sentence
from kanban_sdk.calls import boards
from kanban_sdk.errors import TimedOut
from kanban_sdk.wire.boards import Board, matching
from kanban_sdk.wire.events import EVENTS, Event, SnapshotTaken
from kanban_sdk.wire.tickets import Ticket

app = typer.Typer()

_CURSOR = re.compile(r"([0-9a-f]{1,32}-)?[0-9]{1,16}", re.ASCII)


@command(
    app,
    examples=["kanban watch --cursor-file .cursor", "kanban watch --ticket 12 --until to_column=Done --timeout 10m"],
)
def watch(
    after: Annotated[
        str | None, typer.Option(metavar="CURSOR", help="Begin behind this cursor; 0 is the beginning.")
    ] = None,
    cursor_file: Annotated[
        Path | None, typer.Option(help="Go on where this file says; it is kept current, line by line.")
    ] = None,
    event: Annotated[list[str] | None, typer.Option(help="Print these events only; may be repeated.")] = None,
    ticket: Annotated[
        list[int] | None, typer.Option(help="Print events of this ticket only; may be repeated.", autocompletion=TICKET)
    ] = None,
    for_: Annotated[
        str | None,
        typer.Option("--for", metavar="me|USER", help="What others do that concerns this user only."),
    ] = None,
    count: Annotated[int | None, typer.Option(min=1, help="Stop after so many lines.")] = None,
    until: Annotated[
        list[str] | None,
        typer.Option(metavar="EVENT|FIELD=VALUE", help="Stop after the line that fits; repeated: that fits all."),
    ] = None,
    timeout: Annotated[
        str | None, typer.Option(metavar="TIME", help="Stop after so long, such as 30s or 5m, with exit code 6.")
    ] = None,
    patience: Patience = "5m",
) -> None:
    """Print a board's events as they happen, one a line: in words on a terminal, else as JSON.

    It reconnects by itself, misses nothing meanwhile, and says so on stderr. What concerns a user: a
    comment mentions them, or is on a ticket that they made; the ticket is assigned to them, or held by them, or was.
    """
    wanted = frozenset(map(_event_name, event or []))
    conditions = [_condition(text) for text in until or []]
    deadline = None if timeout is None else time.monotonic() + seconds(timeout)
    _check_may_come(conditions, wanted)
    concerns, start = _concerning(for_, _start(cursor_file, after))
    printed = 0
    with kanban().watch(board(), after=start, patience=seconds(patience)) as events:
        if cursor_file is not None:
            if start is None:
                _connect(events, deadline)
            _keep(cursor_file, events.cursor)
        while (one := _next(events, deadline)) is not None:
            fits = concerns(one) and (not wanted or one.event in wanted) and (not ticket or one.ticket_id in ticket)
            if fits:
                _print(one)
                printed += 1
            if cursor_file is not None:
                _keep(cursor_file, one.cursor)
            ends = fits and conditions and all(_fits(one, *condition) for condition in conditions)
            if ends or printed == count:
                return
    if conditions or count:
        raise Stop(NOT_FOUND, "The board is deleted; what was waited for can't come any more.", fix="kanban board list")


def message(event: Event) -> dict[str, Any]:
    """The event as the stream sends it."""
    data = {"snapshot": _snapshot(event)} if isinstance(event, SnapshotTaken) else event.data
    return {
        "event": event.event,
        "type": event.event,
        "board_id": event.board_id,
        "seq": event.seq,
        "cursor": event.cursor,
        "actor": event.actor,
        "actor_id": event.actor_id,
        "tx": event.tx,
        "timestamp": event.timestamp,
        "data": data,
    }


def _snapshot(event: SnapshotTaken) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(event.snapshot)


def _print(event: Event) -> None:
    if as_json() or not terminal():
        print(compact(message(event)), flush=True)
    else:
        say(f"{event.seq:>5}  {event.timestamp[11:19]}  {event.actor}  {sentence(event)}")
        sys.stdout.flush()


def _concerning(user: str | None, start: str | None) -> tuple[Callable[[Event], bool], str | None]:
    """What tells whether an event concerns the user, where one is named; and from where it has to be told of each."""
    if user is None:
        return lambda event: True, start
    named = acting() if user == "me" else user
    if not named:
        raise Stop(USAGE, "Who are you? Nobody is named.", fix=typed("-u", "NAME"))
    from kanban_cli.concerning import Concerns, board_at
    from kanban_sdk.fold import Folded

    names = names_of(named)
    if start is not None:
        return Concerns(names, board_at(send, board(), start)), start
    snapshot = send(boards.snapshot(board(), bodies=False))
    return Concerns(names, Folded.of(snapshot)), snapshot.cursor


def _connect(events: Any, deadline: float | None) -> None:
    try:
        events.connect(None if deadline is None else max(0.0, deadline - time.monotonic()))
    except TimedOut as error:
        raise Stop(TIMEOUT, "The time is over.", fix="kanban status") from error


def _next(events: Any, deadline: float | None) -> Event | None:
    """The next event; None at the end. Stops with TIMEOUT where it did not come in time."""
    try:
        event: Event = events.next(None if deadline is None else max(0.0, deadline - time.monotonic()))
    except StopIteration:
        return None
    except TimedOut as error:
        raise Stop(TIMEOUT, "The time is over.", fix="kanban log") from error
    return event


def _event_name(text: str) -> str:
    if text not in EVENTS and text != "snapshot":
        from difflib import get_close_matches

        near = get_close_matches(text, EVENTS, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise Stop(USAGE, f"There is no event '{text}'.{hint} Events: {', '.join(EVENTS)}.", fix="kanban watch --help")
    return text


def _condition(text: str) -> tuple[str, str]:
    field, equals, value = text.partition("=")
    if not equals:
        return "event", _event_name(text)
    from difflib import get_close_matches

    known = {
        *("ticket", "redacted_by"),
        *Board.__dataclass_fields__,
        *Ticket.__dataclass_fields__,
        *(name for kind in EVENTS.values() for name in kind.__dataclass_fields__),
    }
    if field not in known and (near := get_close_matches(field, known, 1, 0.85)):
        raise Stop(USAGE, f"There is no field '{field}'. Did you mean {near[0]}?", fix="kanban watch --help")
    return field, value


def _check_may_come(conditions: list[tuple[str, str]], wanted: frozenset[str]) -> None:
    """A watch that waits for an event of which it prints none would never end."""
    for field, value in conditions:
        if field == "event" and wanted and value not in wanted:
            detail = f"--until {value} fits no line: --event prints {', '.join(sorted(wanted))} only."
            raise Stop(USAGE, detail, fix=typed("--event", value))


def _fits(event: Event, field: str, value: str) -> bool:
    """Whether the event says this of the field; `ticket` is the ticket that it is about. Case and `_` aside."""
    said = event.ticket_id if field == "ticket" else message(event).get(field, event.data.get(field))
    return matching(cell(said)) == matching(value)


def _start(file: Path | None, after: str | None) -> str | None:
    """Where to begin: where the cursor file says, else behind `after`, else (None) now."""
    try:
        kept = file.read_text().strip() if file is not None and file.exists() else ""
    except (OSError, ValueError) as error:
        raise Stop(USAGE, f"{file} can't be read: {error}", fix="Name another --cursor-file.") from error
    start = kept or after
    if start is not None and not _CURSOR.fullmatch(start):
        raise Stop(USAGE, f"'{start[:80]}' is not a cursor.", fix="kanban watch --after 0")
    return start


def _keep(file: Path, cursor: str | None) -> None:
    """Write the cursor, so that a reader of the file sees the old one or the new one."""
    if cursor is None:
        return
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        beside.write_text(f"{cursor}\n")
        beside.replace(file)
    except OSError as error:
        raise Stop(USAGE, f"{file} can't be written: {error}", fix="Name another --cursor-file.") from error
