"""A list of tickets on a terminal, by column or in one table. Loaded only when needed."""

from collections.abc import Iterator, Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from kanban_cli.render import times
from kanban_cli.render.escaping import escape
from kanban_cli.render.sentences import format_duration
from kanban_cli.render.tables import create_console
from kanban_sdk.wire.boards import Board
from kanban_sdk.wire.tickets import Lease, Ticket, TicketPage

WIDE = 90
"""From this width on, the facts of a ticket stand in the columns of the table; below, in a line under the title."""
ROLE_STYLES = {"todo": "bold", "working": "bold cyan", "waiting": "bold yellow", "done": "bold green"}
PRIORITY_STYLES = {"critical": "bold red", "high": "red", "medium": "", "low": "dim"}


def print_tickets(
    board: Board, page: TicketPage, leases: Mapping[int, Lease], *, by_column: bool, folded: int = 0
) -> None:
    """Print the tickets, under a heading for each column or in one table, and how many there are.

    `leases` are those that are known, by ticket. `folded` is how many done tickets are only counted.
    """
    console = create_console()
    if by_column:
        for column in board.column_settings:
            tickets = [ticket for ticket in page.items if ticket.current_column == column.name]
            if tickets:
                limit = f"/{column.limit}" if column.limit else ""
                count = board.counts.get(column.name, len(tickets))
                console.print(Text(escape(f"{column.name} {count}{limit}"), style=ROLE_STYLES[column.role]))
                _print_table(console, tickets, leases, with_column=False)
        if folded:
            console.print(
                Text(f"{_done_names(board)} {folded}", style=ROLE_STYLES["done"]), Text("--all lists them", style="dim")
            )
    elif page.items:
        _print_table(console, page.items, leases, with_column=True)
    console.print(Text(f"{len(page.items)} of {page.total}", style="dim"))


def _done_names(board: Board) -> str:
    return escape(", ".join(column.name for column in board.column_settings if column.role == "done"))


def _print_table(console: Console, tickets: list[Ticket], leases: Mapping[int, Lease], *, with_column: bool) -> None:
    wide = console.width >= WIDE
    table = Table.grid(padding=(0, 2, 0, 0), expand=wide)
    table.add_column(justify="right", style="cyan", no_wrap=True, min_width=4)
    if not wide:
        table.add_column(overflow="fold", ratio=1)
        for ticket in tickets:
            facts = Text("  ").join(_facts(ticket, leases.get(ticket.id), with_column=with_column))
            table.add_row(str(ticket.id), _title(ticket) + Text("\n") + facts)
        console.print(table)
        return
    table.add_column(overflow="fold", ratio=1)
    table.add_column(overflow="fold", max_width=16)
    if with_column:
        table.add_column(overflow="fold", max_width=16)
    table.add_column(overflow="fold", max_width=24)
    table.add_column(overflow="fold", max_width=16)
    table.add_column(justify="right", no_wrap=True)
    for ticket in tickets:
        column = [Text(escape(ticket.current_column))] if with_column else []
        table.add_row(
            Text(str(ticket.id)),
            Text("  ").join([_title(ticket), *marks(ticket)]),
            priority(ticket),
            *column,
            holder(ticket, leases.get(ticket.id)),
            due(ticket),
            age(ticket),
        )
    console.print(table)


def _facts(ticket: Ticket, lease: Lease | None, *, with_column: bool) -> Iterator[Text]:
    """Yield what is known about a ticket, for a line under its title."""
    if with_column:
        yield Text(escape(ticket.current_column))
    for text in (priority(ticket), holder(ticket, lease), due(ticket)):
        if text:
            yield text
    yield from marks(ticket)
    yield age(ticket)


def _title(ticket: Ticket) -> Text:
    return Text(escape(ticket.title))


def priority(ticket: Ticket) -> Text:
    """Return the priority; nothing for the usual one."""
    return Text("" if ticket.priority == "medium" else ticket.priority, style=PRIORITY_STYLES.get(ticket.priority, ""))


def holder(ticket: Ticket, lease: Lease | None = None) -> Text:
    """Return who holds the ticket and for how long yet, else to whom it is assigned."""
    if ticket.claim is None:
        return Text(escape(f"@{ticket.assignee}") if ticket.assignee else "", style="green")
    left = f" {format_duration(lease.expires_in).split()[0]} left" if lease and lease.expires_in is not None else ""
    return Text(escape(f"@{ticket.claim.holder}"), style="green") + Text(left or " holds it", style="dim green")


def due(ticket: Ticket) -> Text:
    """Return the due date by its distance from today."""
    if ticket.due_date is None:
        return Text()
    return Text(times.format_due(ticket.due_date), style="bold red" if times.is_overdue(ticket.due_date) else "")


def marks(ticket: Ticket) -> list[Text]:
    """Return what keeps the ticket, how far it is, and its labels."""
    texts = []
    if ticket.open_blockers:
        texts.append(Text(f"waits for {', '.join(map(str, ticket.blocked_by))}", style="yellow"))
    if ticket.needs:
        texts.append(Text(escape(f"needs {', '.join(ticket.needs)}"), style="yellow"))
    if ticket.not_before is not None:
        texts.append(Text(f"not before {times.format_moment(ticket.not_before)}", style="yellow"))
    if ticket.open_question is not None:
        texts.append(Text(escape(f"asks {', '.join(ticket.asked)}".strip()), style="yellow"))
    if ticket.children:
        texts.append(Text(f"{ticket.children - ticket.open_children}/{ticket.children} parts", style="dim"))
    if ticket.criteria:
        texts.append(Text(f"{ticket.criteria.done}/{ticket.criteria.all} criteria", style="dim"))
    return [*texts, *(Text(escape(f"#{label}"), style="magenta") for label in ticket.labels)]


def age(ticket: Ticket) -> Text:
    """Return when the ticket changed, highlighted if that is minutes ago, else how long it is in its column."""
    if times.is_recent(ticket.updated_at):
        return Text(f"changed {times.format_age(ticket.updated_at)}", style="bold yellow")
    return Text(times.format_age(ticket.column_entered_at), style="dim")
