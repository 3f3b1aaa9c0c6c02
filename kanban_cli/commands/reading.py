"""What shows tickets: list, show, log."""

from typing import Annotated, Any

import typer

from kanban_cli.context import acting, answer, as_json, board, send, typed, wire
from kanban_cli.exits import USAGE, Stop
from kanban_cli.options import COLUMN, TICKET, TicketId, command
from kanban_cli.output import cut, say_field, say_json, say_rows, terminal
from kanban_cli.showing import CELL, say_whole
from kanban_cli.spans import day
from kanban_cli.texts import FOUR, cell, sentence
from kanban_sdk.calls import tickets

app = typer.Typer()


@command(app, "list", examples=['kanban list -c "In Progress"', "kanban list --mine --fields id,priority,title"])
def list_tickets(
    column: Annotated[str | None, typer.Option("-c", "--column", help="Of this column.", autocompletion=COLUMN)] = None,
    assignee: Annotated[str | None, typer.Option("-a", "--assignee", metavar="USER", help="Of this user.")] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Of yourself.")] = False,
    label: Annotated[str | None, typer.Option("-l", "--label", help="With this label.")] = None,
    search: Annotated[str | None, typer.Option("-s", "--search", help="With words that begin so.")] = None,
    ready: Annotated[bool, typer.Option("--ready", help="That can be taken now.")] = False,
    blocked: Annotated[bool, typer.Option("--blocked", help="That wait for others.")] = False,
    held: Annotated[bool, typer.Option("--held", help="That somebody holds.")] = False,
    due: Annotated[
        str | None, typer.Option(metavar="DAY", help="Not done, and due before it: YYYY-MM-DD, today, tomorrow, 7d.")
    ] = None,
    archived: Annotated[bool, typer.Option("--archived", help="In the archive, not on the board.")] = False,
    limit: Annotated[int, typer.Option("-n", "--limit", help="How many, at most 500.")] = 50,
    page: Annotated[int, typer.Option("--page", help="Which page of so many.")] = 1,
    fields: Annotated[str | None, typer.Option(help="These fields, such as id,priority,title.")] = None,
    full: Annotated[bool, typer.Option("--full", help="All fields, nothing cut.")] = False,
) -> None:
    """List tickets, column by column from the top: number, column, assignee, title."""
    if mine:
        assignee = acting()
        if not assignee:
            raise Stop(USAGE, "Whose are yours? Nobody is named.", fix=typed("-u", "NAME"))
    wanted = _fields(fields, full=full)
    call = tickets.page(
        board(),
        column=column,
        assignee=assignee,
        label=label,
        search=search,
        ready=ready,
        blocked=blocked,
        held=held,
        due=day(due),
        archived=archived,
        page=page,
        page_size=limit,
    )
    if as_json():
        found = wire(call)
        if fields is not None:
            found["items"] = [{name: ticket.get(name) for name in wanted} for ticket in found["items"]]
        say_json(found)
        return
    shown = send(call)
    if full and fields is None and terminal():
        for ticket in shown.items:
            for name in wanted:
                say_field(name, cell(getattr(ticket, name)))
            print()
        print(f"{len(shown.items)} of {shown.total}")
        return
    rows = [[_cell(ticket, name, full=full) for name in wanted] for ticket in shown.items]
    say_rows([name.removeprefix("current_") for name in wanted], rows, f"{len(rows)} of {shown.total}")


@command(app, examples=["kanban show 12", "kanban show 12 --full --json"])
def show(ticket: TicketId, full: Annotated[bool, typer.Option("--full", help="Nothing cut.")] = False) -> None:
    """Show a ticket with its attempts and comments; long texts are cut, and their sizes said."""
    from kanban_sdk.calls import comments

    call = tickets.get(ticket)
    if as_json():
        found = wire(call)
        found["comments"] = wire(comments.all(ticket)) if found.get("comment_count") else []
        say_json(found)
        return
    one = send(call)
    say_whole(one, send(comments.all(ticket)) if one.comment_count else [], full=full)


@command(app, examples=["kanban log 12", "kanban log -n 100"])
def log(
    ticket: Annotated[int | None, typer.Argument(metavar="[TICKET]", help="Its number.", autocompletion=TICKET)] = None,
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, max=500, help="How many, the newest first.")] = 50,
    audit: Annotated[bool, typer.Option("--audit", help="From where, with which token. For admins.")] = False,
) -> None:
    """Show what changed on a ticket, also a deleted one; without a ticket, the board's newest events."""
    if audit:
        _audit(ticket, limit)
        return
    if ticket is not None:
        _history(ticket, limit)
        return
    from kanban_sdk.calls import boards
    from kanban_sdk.errors import Resync

    meant = board()
    try:
        floor, head = 0, send(boards.events(meant, limit=1)).head
    except Resync as trimmed:  # the log begins later
        floor, head = trimmed.floor, trimmed.head
    call = boards.events(meant, after=max(floor, head - limit), limit=limit)
    if as_json():
        page = wire(call)
        say_json({**page, "events": page["events"][::-1]})
        return
    found = send(call)
    rows = [[one.seq, _time(one.timestamp), one.actor, sentence(one)] for one in reversed(found.events)]
    say_rows(["event", "when", "who", "what"], rows, f"{len(rows)} of {found.head}")


def _history(ticket: int, limit: int) -> None:
    """What changed on a ticket."""
    call = tickets.history(ticket)
    if as_json():
        say_json(wire(call)[:limit])
        return
    changes = send(call)
    rows = [
        [_time(one.changed_at), one.changed_by, one.field_name, _short(one.old_value), _short(one.new_value)]
        for one in changes[:limit]
    ]
    say_rows(["when", "who", "field", "from", "to"], rows, f"{len(rows)} of {len(changes)}")


def _audit(ticket: int | None, limit: int) -> None:
    """Who the events were from. A deleted ticket's board is the one that is meant."""
    from kanban_sdk.calls import boards
    from kanban_sdk.errors import NotFound

    try:
        meant = board() if ticket is None else send(tickets.get(ticket)).board_id
    except NotFound:
        meant = board()

    def say_events(found: Any) -> None:
        rows = [
            [one.seq, _time(one.timestamp), one.actor, one.event]
            + [cell(getattr(one, field)) for field in ("token", "client", "address", "agent")]
            for one in found
        ]
        say_rows(["event", "when", "who", "what", "token", "client", "address", "program"], rows)

    answer(boards.audit(meant, ticket=ticket, limit=limit), say_events)


def _time(stamp: str) -> str:
    return f"{stamp[:19]}Z"


def _short(value: Any) -> str:
    text = cell(value)
    return text if len(text) <= CELL else f"{text[:CELL]}… ({len(text.encode(errors='surrogatepass')):,} bytes)"


def _fields(given: str | None, *, full: bool) -> list[str]:
    """The fields of a ticket that are wanted, by their names in the API."""
    from kanban_sdk.wire.tickets import Ticket

    known = [name for name in Ticket.__dataclass_fields__ if name != "sizes"]
    if given is None:
        return known if full else [*FOUR]
    wanted = [{"column": "current_column"}.get(name.strip(), name.strip()) for name in given.split(",")]
    for name in wanted:
        if name not in known:
            from difflib import get_close_matches

            near = get_close_matches(name, known, 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise Stop(USAGE, f"A ticket has no field '{name}'.{hint} Fields: {', '.join(known)}.", fix="kanban list")
    return wanted


def _cell(ticket: Any, name: str, *, full: bool) -> str:
    text = cell(getattr(ticket, name))
    return text if full or name == "title" else cut(text, CELL)
