"""Watch: a board's events as they happen."""

import os
import re
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from kanban_cli.context import as_json, board, kanban
from kanban_cli.exits import NOT_FOUND, TIMEOUT, USAGE, Stop
from kanban_cli.options import TICKET, command
from kanban_cli.output import compact, safe, say, terminal
from kanban_cli.texts import cell, sentence
from kanban_sdk.errors import TimedOut
from kanban_sdk.wire.boards import matching
from kanban_sdk.wire.events import EVENTS, Event, SnapshotTaken

app = typer.Typer()

_CURSOR = re.compile(r"([0-9a-f]{1,32}-)?[0-9]{1,16}", re.ASCII)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


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
        str | None, typer.Option("--for", metavar="TIME", help="Stop after so long, such as 30s or 5m.")
    ] = None,
    count: Annotated[int | None, typer.Option(min=1, help="Stop after so many lines.")] = None,
    until: Annotated[
        list[str] | None,
        typer.Option(metavar="EVENT|FIELD=VALUE", help="Stop after the event that fits; repeated: that fits all."),
    ] = None,
    timeout: Annotated[
        str | None, typer.Option(metavar="TIME", help="Stop with exit code 6 where that did not come in time.")
    ] = None,
) -> None:
    """Print a board's events as they happen, one a line: in words on a terminal, else as JSON.

    It reconnects for as long as it takes, misses nothing meanwhile, and says so on stderr.
    """
    wanted = frozenset(map(_event_name, event or []))
    conditions = [_condition(text) for text in until or []]
    ending = _deadline(for_, timeout)
    start = _start(cursor_file, after)
    printed = 0
    with kanban().watch(board(), after=start, notice=_notice) as events:
        if cursor_file is not None and start is None:
            events.connect()
            _keep(cursor_file, events.cursor)
        while (one := _next(events, ending)) is not None:
            if (not wanted or one.event in wanted) and (not ticket or one.ticket_id in ticket):
                _print(one)
                printed += 1
            if cursor_file is not None:
                _keep(cursor_file, one.cursor)
            if printed == count or (conditions and all(_fits(one, *condition) for condition in conditions)):
                return
    if (conditions or count) and (ending is None or time.monotonic() < ending[0]):
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


def _notice(text: str) -> None:
    print(safe(f"kanban: {text}"), file=sys.stderr, flush=True)


def _deadline(for_: str | None, timeout: str | None) -> tuple[float, bool] | None:
    """When to stop, and whether that is a failure; whichever comes first."""
    now = time.monotonic()
    ends = [(now + _seconds(text), fails) for text, fails in ((for_, False), (timeout, True)) if text is not None]
    return min(ends, default=None)


def _next(events: Any, ending: tuple[float, bool] | None) -> Event | None:
    """The next event; None at the end. Stops with TIMEOUT where the end is a failure."""
    try:
        event: Event = events.next(None if ending is None else max(0.0, ending[0] - time.monotonic()))
    except StopIteration:
        return None
    except TimedOut as error:
        if ending is not None and ending[1]:
            raise Stop(TIMEOUT, "What was waited for did not come in time.", fix="kanban log") from error
        return None
    return event


def _seconds(text: str) -> float:
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([smh]?)", text, re.ASCII)
    if match is None:
        raise Stop(USAGE, f"'{text}' is not a time.", fix="kanban watch --for 30s")
    return float(match[1]) * _SECONDS[match[2]]


def _event_name(text: str) -> str:
    if text not in EVENTS and text != "snapshot":
        from difflib import get_close_matches

        near = get_close_matches(text, EVENTS, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise Stop(USAGE, f"There is no event '{text}'.{hint} Events: {', '.join(EVENTS)}.", fix="kanban watch --help")
    return text


def _condition(text: str) -> tuple[str, str]:
    field, equals, value = text.partition("=")
    return (field, value) if equals else ("event", _event_name(text))


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
