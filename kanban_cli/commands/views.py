"""Commands that show tickets: list, show, log."""

from typing import TYPE_CHECKING, Annotated

import typer

from kanban_cli.durations import parse_day
from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.invocation import Invocation
from kanban_cli.options import COLUMN, TICKET, TicketId, command
from kanban_cli.render.escaping import truncate
from kanban_cli.render.output import is_terminal, print_field, print_json, print_rows
from kanban_cli.render.sentences import LIST_FIELDS, describe_event, format_cell
from kanban_cli.render.ticket import MAX_CELL_CHARACTERS, print_ticket
from kanban_sdk.calls import tickets

if TYPE_CHECKING:
    from kanban_sdk.wire.tickets import Ticket, TicketPage
    from kanban_sdk.wire.users import AuditEntry

app = typer.Typer()

Column = Annotated[
    str | None,
    typer.Option("-c", "--column", metavar="COLUMN", help="Only tickets of this column.", autocompletion=COLUMN),
]
Assignee = Annotated[
    str | None, typer.Option("-a", "--assignee", metavar="USER", help="Only tickets assigned to this user.")
]
Due = Annotated[
    str | None,
    typer.Option(metavar="DAY", help="Only tickets that are not done and due before this day: YYYY-MM-DD, today, 7d."),
]


@command(
    app,
    "list",
    examples=['kanban list -c "In Progress"', "kanban list --mine --fields id,priority,title"],
    without=["lease"],
)
def list_tickets(
    invocation: Invocation,
    column: Column = None,
    assignee: Assignee = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only tickets assigned to you.")] = False,
    label: Annotated[
        str | None, typer.Option("-l", "--label", metavar="LABEL", help="Only tickets with this label.")
    ] = None,
    search: Annotated[
        str | None,
        typer.Option("-s", "--search", metavar="TEXT", help="Only tickets with words that begin with these."),
    ] = None,
    ready: Annotated[bool, typer.Option("--ready", help="Only tickets that can be claimed now.")] = False,
    blocked: Annotated[bool, typer.Option("--blocked", help="Only tickets that wait for others.")] = False,
    held: Annotated[bool, typer.Option("--held", help="Only tickets that somebody holds.")] = False,
    due: Due = None,
    archived: Annotated[
        bool, typer.Option("--archived", help="Only archived tickets, which are not on the board.")
    ] = False,
    limit: Annotated[int, typer.Option("-n", "--limit", metavar="N", help="Tickets on a page, at most 500.")] = 50,
    page: Annotated[int, typer.Option("--page", metavar="N", help="The page, from 1.")] = 1,
    fields: Annotated[
        str | None, typer.Option(metavar="A,B", help="The fields to show, such as id,priority,title.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Show all fields, and whole texts.")] = False,
) -> None:
    """List tickets: number, column, assignee, title.

    They are in the order of the board: column by column, from the top.
    """
    if mine:
        assignee = _require_user(invocation)
    field_names = _select_fields(fields, full=full)
    call = tickets.page(
        invocation.board_id,
        column=column,
        assignee=assignee,
        label=label,
        search=search,
        ready=ready,
        blocked=blocked,
        held=held,
        due=parse_day(due),
        archived=archived,
        page=page,
        page_size=limit,
    )
    if invocation.options.json:
        response = invocation.send_raw(call)
        if fields is not None:
            response["items"] = [{name: ticket.get(name) for name in field_names} for ticket in response["items"]]
        print_json(response)
    else:
        _print_page(invocation.send(call), field_names, full=full, one_a_line=not full or fields is not None)


def _require_user(invocation: Invocation) -> str:
    if not invocation.current_user:
        fix = invocation.command_line.plus("-u", "NAME")
        raise CommandError(USAGE, "--mine needs a user, and none is named.", fix=fix)
    return invocation.current_user


def _print_page(ticket_page: "TicketPage", field_names: list[str], *, full: bool, one_a_line: bool) -> None:
    """Print tickets as rows, or, on a terminal, each with a line for each field."""
    if not one_a_line and is_terminal():
        for ticket in ticket_page.items:
            for name in field_names:
                print_field(name, format_cell(getattr(ticket, name)))
            print()
        print(f"{len(ticket_page.items)} of {ticket_page.total}")
        return
    rows = [[_format_field(ticket, name, full=full) for name in field_names] for ticket in ticket_page.items]
    print_rows([name.removeprefix("current_") for name in field_names], rows, f"{len(rows)} of {ticket_page.total}")


@command(app, examples=["kanban show 12", "kanban show 12 --full --json"], without=["board", "lease"])
def show(
    invocation: Invocation,
    ticket: TicketId,
    full: Annotated[bool, typer.Option("--full", help="Show whole texts.")] = False,
) -> None:
    """Show a ticket with its attempts and comments.

    Long texts are cut, and their sizes are shown.
    """
    from kanban_sdk.calls import comments

    call = tickets.get(ticket)
    if invocation.options.json:
        ticket_data = invocation.send_raw(call)
        ticket_data["comments"] = invocation.send_raw(comments.all(ticket)) if ticket_data.get("comment_count") else []
        print_json(ticket_data)
        return
    ticket_details = invocation.send(call)
    print_ticket(
        ticket_details, invocation.send(comments.all(ticket)) if ticket_details.comment_count else [], full=full
    )


@command(app, examples=["kanban log 12", "kanban log -n 100"], without=["lease"])
def log(
    invocation: Invocation,
    ticket: Annotated[
        int | None, typer.Argument(metavar="[TICKET]", help="The ticket's number.", autocompletion=TICKET)
    ] = None,
    limit: Annotated[
        int, typer.Option("-n", "--limit", min=1, max=500, metavar="N", help="The number of entries, newest first.")
    ] = 50,
    audit: Annotated[
        bool, typer.Option("--audit", help="Show client, address and token of each change; admins only.")
    ] = False,
) -> None:
    """Show the changes of a ticket, or of the board.

    A ticket may be deleted. Without a ticket, it shows the board's newest events.
    """
    if audit:
        _print_audit(invocation, ticket, limit)
        return
    if ticket is not None:
        _print_history(invocation, ticket, limit)
        return
    from kanban_sdk.calls import boards
    from kanban_sdk.errors import Resync

    board_id = invocation.board_id
    try:
        floor, head = 0, invocation.send(boards.events(board_id, limit=1)).head
    except Resync as error:  # the log was trimmed and begins later
        floor, head = error.floor, error.head
    call = boards.events(board_id, after=max(floor, head - limit), limit=limit)
    if invocation.options.json:
        page = invocation.send_raw(call)
        print_json({**page, "events": page["events"][::-1]})
        return
    event_page = invocation.send(call)
    rows = [
        [one.seq, _format_time(one.timestamp), one.actor, describe_event(one)] for one in reversed(event_page.events)
    ]
    print_rows(["event", "when", "who", "what"], rows, f"{len(rows)} of {event_page.head}")


def _print_history(invocation: Invocation, ticket: int, limit: int) -> None:
    """Print the changes of a ticket."""
    call = tickets.history(ticket)
    if invocation.options.json:
        print_json(invocation.send_raw(call)[:limit])
        return
    changes = invocation.send(call)
    rows = [
        [_format_time(one.changed_at), one.changed_by, one.field_name, _shorten(one.old_value), _shorten(one.new_value)]
        for one in changes[:limit]
    ]
    print_rows(["when", "who", "field", "from", "to"], rows, f"{len(rows)} of {len(changes)}")


def _print_audit(invocation: Invocation, ticket: int | None, limit: int) -> None:
    """Print who made the events. For a deleted ticket the selected board is used."""
    from kanban_sdk.calls import boards
    from kanban_sdk.errors import NotFound

    try:
        board_id = invocation.board_id if ticket is None else invocation.send(tickets.get(ticket)).board_id
    except NotFound:
        board_id = invocation.board_id

    def print_entries(entries: "list[AuditEntry]") -> None:
        rows = [
            [one.seq, _format_time(one.timestamp), one.actor, one.event]
            + [format_cell(getattr(one, field)) for field in ("token", "client", "address", "agent")]
            for one in entries
        ]
        print_rows(["event", "when", "who", "what", "token", "client", "address", "program"], rows)

    invocation.send_and_print(boards.audit(board_id, ticket=ticket, limit=limit), print_entries)


def _format_time(stamp: str) -> str:
    return f"{stamp[:19]}Z"


def _shorten(value: object) -> str:
    text = format_cell(value)
    return (
        text
        if len(text) <= MAX_CELL_CHARACTERS
        else f"{text[:MAX_CELL_CHARACTERS]}… ({len(text.encode(errors='surrogatepass')):,} bytes)"
    )


def _select_fields(text: str | None, *, full: bool) -> list[str]:
    """Return the requested ticket fields, by their API names."""
    from kanban_sdk.wire.tickets import Ticket

    all_fields = [name for name in Ticket.__dataclass_fields__ if name != "sizes"]
    if text is None:
        return all_fields if full else [*LIST_FIELDS]
    field_names = [{"column": "current_column"}.get(name.strip(), name.strip()) for name in text.split(",")]
    for name in field_names:
        if name not in all_fields:
            from difflib import get_close_matches

            near = get_close_matches(name, all_fields, 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise CommandError(
                USAGE, f"A ticket has no field '{name}'.{hint} Fields: {', '.join(all_fields)}.", fix="kanban list"
            )
    return field_names


def _format_field(ticket: "Ticket", name: str, *, full: bool) -> str:
    text = format_cell(getattr(ticket, name))
    return text if full or name == "title" else truncate(text, MAX_CELL_CHARACTERS)
