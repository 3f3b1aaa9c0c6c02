"""Commands that show tickets: list, search, show, open."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.input.ticket_fields import select_fields
from kanban_cli.input.ticket_query import TicketQuery, count_done, load_page
from kanban_cli.invocation import Invocation
from kanban_cli.options import COLUMN, OptionalTicketId, TicketId, column_option, command
from kanban_cli.render.escaping import truncate
from kanban_cli.render.output import is_terminal, print_field, print_footer, print_json, print_line, print_rows
from kanban_cli.render.search_results import print_results
from kanban_cli.render.sentences import format_cell
from kanban_cli.render.ticket import MAX_CELL_CHARACTERS, print_ticket
from kanban_cli.values.dates import parse_day, parse_past_time
from kanban_sdk.calls import boards, tickets
from kanban_sdk.calls.tickets import TicketFilters
from kanban_sdk.wire.tickets import TicketPage

if TYPE_CHECKING:
    from kanban_sdk.wire.tickets import Lease, Ticket

app = typer.Typer()

MAX_LEASES = 20
"""Held tickets whose remaining time is loaded for a list."""

Column = Annotated[
    str | None,
    column_option("Only tickets of this column."),
]
Status = Annotated[
    str | None,
    typer.Option(
        metavar="STATUS",
        help="Only tickets of this column or role (todo, working, waiting, done), or open or closed ones.",
        autocompletion=COLUMN,
    ),
]
Assignee = Annotated[
    str | None, typer.Option("-a", "--assignee", metavar="USER", help="Only tickets assigned to this user.")
]
Due = Annotated[
    str | None,
    typer.Option(metavar="DAY", help="Only tickets that are not done and due before this day, such as friday or 7d."),
]
Since = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Only tickets that changed since then, such as yesterday, 3d or 2026-11-30."),
]


@command(
    app,
    "list",
    examples=['kanban list -c "In Progress"', "kanban list --status open --sort priority"],
    without=["lease"],
)
def list_tickets(
    invocation: Invocation,
    column: Column = None,
    status: Status = None,
    not_done: Annotated[bool, typer.Option("--not-done", help="The same as --status open.")] = False,
    assignee: Assignee = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only tickets assigned to you.")] = False,
    created_by: Annotated[str | None, typer.Option(metavar="USER", help="Only tickets that this user created.")] = None,
    label: Annotated[
        str | None, typer.Option("-l", "--label", metavar="LABEL", help="Only tickets with this label.")
    ] = None,
    priority: Annotated[
        str | None, typer.Option("-p", "--priority", metavar="PRIORITY", help="Only tickets of this priority.")
    ] = None,
    search: Annotated[
        str | None,
        typer.Option("-s", "--search", metavar="TEXT", help="Only tickets with words that begin with these."),
    ] = None,
    ready: Annotated[bool, typer.Option("--ready", help="Only tickets that can be claimed now.")] = False,
    blocked: Annotated[bool, typer.Option("--blocked", help="Only tickets that wait for others.")] = False,
    held: Annotated[bool, typer.Option("--held", help="Only tickets that somebody holds.")] = False,
    due: Due = None,
    since: Since = None,
    archived: Annotated[
        bool, typer.Option("--archived", help="Only archived tickets, which are not on the board.")
    ] = False,
    sort: Annotated[
        Literal["priority", "due", "created", "updated", "title", "id"] | None,
        typer.Option(help="Sort by this; created and updated begin with the newest."),
    ] = None,
    reverse: Annotated[bool, typer.Option("--reverse", help="Reverse the order.")] = False,
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, max=500, metavar="N", help="Tickets on a page.")] = 50,
    page: Annotated[int, typer.Option("--page", min=1, metavar="N", help="The page, from 1.")] = 1,
    all_: Annotated[
        bool, typer.Option("--all", help="Show all tickets on one page, also those that are done.")
    ] = False,
    fields: Annotated[
        str | None, typer.Option(metavar="A,B", help="The fields to show, such as id,priority,title.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Show all fields, and whole texts.")] = False,
) -> None:
    """List tickets: number, column, assignee, title.

    They are in the order of the board, column by column, unless --sort says otherwise. On a terminal, done tickets are
    only counted, unless an option asks for them.
    """
    query = TicketQuery(
        TicketFilters(
            column=column,
            assignee=_require_user(invocation) if mine else assignee,
            label=label,
            priority=priority,
            search=search,
            ready=ready,
            blocked=blocked,
            held=held,
            due=parse_day(due),
            archived=archived,
            status=status or ("open" if not_done else None),
            created_by=created_by,
            since=since and parse_past_time(since),
            sort=sort,
            reverse=reverse,
        ),
        limit=limit,
        page=page,
        all=all_,
    )
    _show_list(invocation, query, fields, full=full)


@command(app, examples=["kanban search login race", "kanban search 登录 --all-boards"], without=["lease"])
def search(
    invocation: Invocation,
    text: Annotated[
        list[str], typer.Argument(metavar="TEXT...", help="Words; a ticket has words that begin with each of them.")
    ],
    all_boards: Annotated[
        bool, typer.Option("--all-boards", help="Search all boards that you may see, though one is selected.")
    ] = False,
    limit: Annotated[
        int, typer.Option("-n", "--limit", min=1, max=500, metavar="N", help="The number of tickets.")
    ] = 50,
) -> None:
    """Find tickets by words in their texts and comments.

    It searches the selected board, as `kanban list --search` does; where none is selected, all boards that you may see.
    """
    words = " ".join(text)
    if all_boards or not invocation.setting("board"):
        invocation.send_and_print(tickets.search(words, limit=limit), lambda page: print_results(page, limit))
    else:
        query = TicketQuery(TicketFilters(search=words), limit=limit)
        _show_list(invocation, query, scope=f" on board {invocation.board_id}; --all-boards searches all")


def _show_list(
    invocation: Invocation, query: TicketQuery, fields: str | None = None, *, full: bool = False, scope: str = ""
) -> None:
    """Print a page of tickets. `scope` says in the footer where they were searched."""
    field_names = select_fields(fields, full=full)
    if invocation.options.json:
        response = load_page(invocation, invocation.board_id, query)
        if fields is not None:
            response["items"] = [{name: ticket.get(name) for name in field_names} for ticket in response["items"]]
            print_json(response)  # fields that are named are there
        else:
            invocation.print_json(response)
    elif is_terminal() and fields is None and not full:
        _draw_list(invocation, query)
        if scope:
            print_footer(scope.strip())
    else:
        ticket_page = TicketPage.read(load_page(invocation, invocation.board_id, query))
        _print_page(ticket_page, field_names, full=full, one_a_line=not full or fields is not None, scope=scope)


def _draw_list(invocation: Invocation, query: TicketQuery) -> None:
    """Draw the tickets on a terminal; done ones are only counted, unless the query asks for them."""
    from kanban_cli.render import ticket_list

    board = invocation.send(boards.get(invocation.board_id))
    folded = 0
    if _folds_done(query):
        folded = count_done(invocation, board.id, query.filters)
        filters = query.filters.copy()
        filters["status"] = "open"
        query = replace(query, filters=filters)
    ticket_page = TicketPage.read(load_page(invocation, board.id, query))
    leases = _load_leases(invocation, ticket_page.items)
    ticket_list.print_tickets(board, ticket_page, leases, by_column=query.in_board_order, folded=folded)


def _folds_done(query: TicketQuery) -> bool:
    asking: tuple[Literal["status", "since", "created_by", "column", "search", "archived"], ...]
    asking = ("status", "since", "created_by", "column", "search", "archived")
    return not (query.all or any(query.filters.get(name) for name in asking))


def _load_leases(invocation: Invocation, listed: "list[Ticket]") -> "dict[int, Lease]":
    """Load the leases of held tickets, of as many as is quick."""
    held = [ticket.id for ticket in listed if ticket.claim][:MAX_LEASES]
    leases = {id: invocation.send(tickets.get(id)).lease for id in held}
    return {id: lease for id, lease in leases.items() if lease}


def _require_user(invocation: Invocation) -> str:
    if not invocation.current_user:
        fix = invocation.command_line.plus("-u", "NAME")
        raise CommandError(USAGE, "--mine needs a user, and none is named.", fix=fix)
    return invocation.current_user


def _print_page(ticket_page: TicketPage, field_names: list[str], *, full: bool, one_a_line: bool, scope: str) -> None:
    """Print tickets as rows, or, on a terminal, each with a line for each field."""
    if not one_a_line and is_terminal():
        for ticket in ticket_page.items:
            for name in field_names:
                print_field(name, format_cell(getattr(ticket, name)))
            print()
        print_footer(f"{len(ticket_page.items)} of {ticket_page.total}")
        return
    rows = [[_format_field(ticket, name, full=full) for name in field_names] for ticket in ticket_page.items]
    header = [name.removeprefix("current_") for name in field_names]
    print_rows(header, rows, f"{len(rows)} of {ticket_page.total}{scope}")


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
        lease = ticket_data.get("lease")
        if lease and not invocation.options.full and lease["holder"] != invocation.current_user:
            del lease["token"]  # only its holder writes under it
        invocation.print_json(ticket_data, details=True)
        return
    ticket_details = invocation.send(call)
    print_ticket(
        ticket_details, invocation.send(comments.all(ticket)) if ticket_details.comment_count else [], full=full
    )


@command(app, "open", examples=["kanban open 12", "kanban open -b 2"], without=["user", "lease"])
def open_page(
    invocation: Invocation,
    ticket: OptionalTicketId = None,
) -> None:
    """Open the board, or a ticket, in the browser.

    It prints the address; in a pipe it only prints it.
    """
    if ticket is None:
        url = f"{invocation.server_url}/board/{invocation.board_id}"
    else:
        url = f"{invocation.server_url}/board/{invocation.send(tickets.get(ticket)).board_id}/ticket/{ticket}"
    if invocation.options.json:
        invocation.print_json({"url": url})
    else:
        print_line(url)
    if is_terminal() and not invocation.options.json:
        import webbrowser

        if not webbrowser.open(url):
            print_footer("No browser was found: open the address yourself.")


def _format_field(ticket: "Ticket", name: str, *, full: bool) -> str:
    text = format_cell(getattr(ticket, name))
    return text if full or name == "title" else truncate(text, MAX_CELL_CHARACTERS)
