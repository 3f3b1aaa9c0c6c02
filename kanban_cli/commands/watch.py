"""Print a board's events as they happen."""

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import NOT_FOUND, TIMEOUT, USAGE
from kanban_cli.invocation import Invocation
from kanban_cli.options import TICKET, Patience, command
from kanban_cli.render.escaping import compact_json
from kanban_cli.render.output import is_terminal, print_line
from kanban_cli.render.sentences import describe_event, format_cell
from kanban_cli.values.durations import parse_seconds
from kanban_sdk.calls import boards
from kanban_sdk.errors import TimedOut
from kanban_sdk.wire.boards import Board, matching
from kanban_sdk.wire.events import EVENTS, Event, SnapshotTaken
from kanban_sdk.wire.tickets import Ticket

if TYPE_CHECKING:
    from kanban_sdk.stream.watch import Watch

app = typer.Typer()

_CURSOR = re.compile(r"([0-9a-f]{1,32}-)?[0-9]{1,16}", re.ASCII)


@command(
    app,
    examples=["kanban watch --cursor-file .cursor", "kanban watch --ticket 12 --until to_column=Done --timeout 10m"],
    without=["lease"],
)
def watch(
    invocation: Invocation,
    after: Annotated[
        str | None, typer.Option(metavar="CURSOR", help="Begin after this cursor; 0 is the beginning of the log.")
    ] = None,
    cursor_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Continue at the cursor in this file, which is updated after each line."),
    ] = None,
    event: Annotated[
        list[str] | None, typer.Option(metavar="EVENT", help="Print only this event; may be repeated.")
    ] = None,
    ticket: Annotated[
        list[int] | None,
        typer.Option(
            metavar="TICKET", help="Print only events of this ticket; may be repeated.", autocompletion=TICKET
        ),
    ] = None,
    for_: Annotated[
        str | None,
        typer.Option("--for", metavar="USER", help="Print only what others do that concerns this user, or me."),
    ] = None,
    count: Annotated[int | None, typer.Option(min=1, metavar="N", help="Stop after this many lines.")] = None,
    until: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONDITION", help="Stop after a line with this EVENT or FIELD=VALUE; repeated: with all of them."
        ),
    ] = None,
    timeout: Annotated[
        str | None, typer.Option(metavar="TIME", help="Stop after this long, such as 30s or 5m, with exit code 6.")
    ] = None,
    patience: Patience = "5m",
) -> None:
    """Print a board's events as they happen, one a line.

    On a terminal the lines are text, else JSON. After a lost connection it reconnects, misses no event, and reports it
    on stderr. An event concerns a user if a comment mentions them or is on a ticket that they created, or if the ticket
    is or was assigned to them or held by them.
    """
    event_names = frozenset(map(_check_event_name, event or []))
    conditions = [_parse_condition(text) for text in until or []]
    deadline = None if timeout is None else time.monotonic() + parse_seconds(timeout)
    _check_conditions(invocation, conditions, event_names)
    is_relevant, start = _relevance_filter(invocation, for_, _start_cursor(cursor_file, after))
    printed = 0
    with invocation.client.watch(invocation.board_id, after=start, patience=parse_seconds(patience)) as events:
        for received in _received_events(events, cursor_file, deadline, connect_first=start is None):
            is_wanted = not event_names or received.event in event_names
            if not (is_relevant(received) and is_wanted and (not ticket or received.ticket_id in ticket)):
                continue
            _print_event(received, json=invocation.options.json)
            printed += 1
            if printed == count or (conditions and all(_matches(received, *condition) for condition in conditions)):
                if cursor_file is not None:
                    _save_cursor(cursor_file, received.cursor)
                return
    if conditions or count:
        raise CommandError(NOT_FOUND, "The board was deleted before the condition was met.", fix="kanban board list")


def _received_events(
    events: "Watch", cursor_file: Path | None, deadline: float | None, *, connect_first: bool
) -> Iterator[Event]:
    """Yield the events, and keep the cursor file current: a cursor is saved after its event was handled."""
    if cursor_file is not None:
        if connect_first:
            _connect(events, deadline)
        _save_cursor(cursor_file, events.cursor)
    while (received := _next_event(events, deadline)) is not None:
        yield received
        if cursor_file is not None:
            _save_cursor(cursor_file, received.cursor)


def event_message(event: Event) -> dict[str, object]:
    """Return the event in the stream's format."""
    data = {"snapshot": _snapshot_data(event)} if isinstance(event, SnapshotTaken) else event.data
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


def _snapshot_data(event: SnapshotTaken) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(event.snapshot)


def _print_event(event: Event, *, json: bool) -> None:
    if json or not is_terminal():
        print(compact_json(event_message(event)), flush=True)
    else:
        print_line(f"{event.seq:>5}  {event.timestamp[11:19]}  {event.actor}  {describe_event(event)}")
        sys.stdout.flush()


def _relevance_filter(
    invocation: Invocation, user: str | None, start: str | None
) -> tuple[Callable[[Event], bool], str | None]:
    """Return a predicate for events that concern `user`, if any, and the cursor from which it must see every event."""
    if user is None:
        return lambda event: True, start
    user_name = invocation.current_user if user == "me" else user
    if not user_name:
        raise CommandError(
            USAGE, "--for me needs a user, and none is named.", fix=invocation.command_line.plus("-u", "NAME")
        )
    from kanban_cli.input.event_filter import UserEventFilter, load_board_at
    from kanban_sdk.stream.fold import FoldedBoard

    names = invocation.names_of(user_name)
    if start is not None:
        return UserEventFilter(names, load_board_at(invocation, invocation.board_id, start)), start
    snapshot = invocation.send(boards.snapshot(invocation.board_id, bodies=False))
    return UserEventFilter(names, FoldedBoard.from_snapshot(snapshot)), snapshot.cursor


def _connect(events: "Watch", deadline: float | None) -> None:
    try:
        events.connect(None if deadline is None else max(0.0, deadline - time.monotonic()))
    except TimedOut as error:
        raise CommandError(TIMEOUT, "The time is over.", fix="kanban status") from error


def _next_event(events: "Watch", deadline: float | None) -> Event | None:
    """Return the next event, or None at the end. Stops with TIMEOUT at the deadline."""
    try:
        return events.next(None if deadline is None else max(0.0, deadline - time.monotonic()))
    except StopIteration:
        return None
    except TimedOut as error:
        raise CommandError(TIMEOUT, "The time is over.", fix="kanban log") from error


def _check_event_name(text: str) -> str:
    if text not in EVENTS and text != "snapshot":
        from difflib import get_close_matches

        near = get_close_matches(text, EVENTS, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise CommandError(
            USAGE, f"There is no event '{text}'.{hint} Events: {', '.join(EVENTS)}.", fix="kanban watch --help"
        )
    return text


def _parse_condition(text: str) -> tuple[str, str]:
    field, equals, value = text.partition("=")
    if not equals:
        return "event", _check_event_name(text)
    from difflib import get_close_matches

    field_names = {
        *("ticket", "redacted_by"),
        *Board.__dataclass_fields__,
        *Ticket.__dataclass_fields__,
        *(name for kind in EVENTS.values() for name in kind.__dataclass_fields__),
    }
    if field not in field_names and (near := get_close_matches(field, field_names, 1, 0.85)):
        raise CommandError(USAGE, f"There is no field '{field}'. Did you mean {near[0]}?", fix="kanban watch --help")
    return field, value


def _check_conditions(invocation: Invocation, conditions: list[tuple[str, str]], event_names: frozenset[str]) -> None:
    """Refuse a condition on an event that is not printed: such a watch would never end."""
    for field, value in conditions:
        if field == "event" and event_names and value not in event_names:
            detail = f"--until {value} never matches: --event prints only {', '.join(sorted(event_names))}."
            raise CommandError(USAGE, detail, fix=invocation.command_line.plus("--event", value))


def _matches(event: Event, field: str, value: str) -> bool:
    """Whether a field of the event has the value, ignoring case and `_`; `ticket` is the event's ticket."""
    actual = event.ticket_id if field == "ticket" else event_message(event).get(field, event.data.get(field))
    return matching(format_cell(actual)) == matching(value)


def _start_cursor(file: Path | None, after: str | None) -> str | None:
    """Return the start: the cursor in the file, else after `after`, else None (now)."""
    try:
        saved_cursor = file.read_text().strip() if file is not None and file.exists() else ""
    except (OSError, ValueError) as error:
        raise CommandError(USAGE, f"{file} can't be read: {error}", fix="Name another --cursor-file.") from error
    start = saved_cursor or after
    if start is not None and not _CURSOR.fullmatch(start):
        raise CommandError(USAGE, f"'{start[:80]}' is not a cursor.", fix="kanban watch --after 0")
    return start


def _save_cursor(file: Path, cursor: str | None) -> None:
    """Write the cursor atomically: readers of the file see the old cursor or the new one."""
    if cursor is None:
        return
    temporary_file = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        temporary_file.write_text(f"{cursor}\n")
        temporary_file.replace(file)
    except OSError as error:
        raise CommandError(USAGE, f"{file} can't be written: {error}", fix="Name another --cursor-file.") from error
