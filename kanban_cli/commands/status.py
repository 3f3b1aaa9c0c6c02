"""Status of the server and the board, who is present, and how work flows."""

from collections.abc import Sequence
from itertools import dropwhile
from typing import TYPE_CHECKING, Annotated

import typer

from kanban_cli.invocation import Invocation
from kanban_cli.options import command
from kanban_cli.render.output import is_terminal, print_footer, print_line, print_rows
from kanban_cli.render.sentences import EMPTY_CELL, format_cell, format_duration
from kanban_sdk.calls import boards, server

if TYPE_CHECKING:
    from kanban_sdk.wire.presence import Presence
    from kanban_sdk.wire.stats import Percentiles, Stats, UserThroughput, WeekThroughput

app = typer.Typer()


@command(app, examples=["kanban status", "kanban status -b 2 --json"], without=["lease"])
def status(invocation: Invocation) -> None:
    """Show the server, the board, and the size of each column.

    If no board is named and there are several, it lists them.
    """
    health = invocation.send(server.health())
    list_all = boards.all()
    if invocation.setting("board"):
        response = [invocation.send_raw(boards.get(invocation.board_id))]
    else:
        response = invocation.send_raw(list_all)
    board_list = list_all.read(response)
    counts = board_list[0].counts if len(board_list) == 1 else {}
    url, user = invocation.server_url, invocation.current_user
    if invocation.options.json:
        invocation.print_json({"url": url, "server": health, "user": user, "boards": response, "counts": counts})
        return
    rows = [
        ["server", f"{url} {health.get('version', '')} {health.get('database', '')}".strip()],
        ["user", user or EMPTY_CELL],
        *(["board", f"{board.id} {board.name}"] for board in board_list),
        *([column, str(number)] for column, number in counts.items()),
    ]
    print_rows(["what", "is"], rows, f"{sum(board.ticket_count for board in board_list)} tickets")


@command(app, examples=["kanban who", "kanban who -b 2 --json"], without=["lease"])
def who(invocation: Invocation) -> None:
    """Show who is on the board now, and which tickets they hold.

    A row has the name, client, open ticket and held tickets. A holder who is not connected is away.
    """

    def print_presence(presence: "Presence") -> None:
        rows = [
            [
                user.username,
                user.client or "away",
                user.ticket_id or EMPTY_CELL,
                " ".join(map(str, user.holds)) or EMPTY_CELL,
            ]
            for user in presence.users
        ]
        print_rows(["user", "client", "ticket", "holds"], rows, f"{len(rows)} of {len(rows)}")

    invocation.send_and_print(boards.presence(invocation.board_id), print_presence)


BARS = "▁▂▃▄▅▆▇█"


@command(app, examples=["kanban stats", "kanban stats --days 30 --json"], without=["lease"])
def stats(
    invocation: Invocation,
    days: Annotated[
        int, typer.Option("--days", min=1, max=366, metavar="N", help="The number of days to look back.")
    ] = 90,
    limit: Annotated[
        int, typer.Option("-n", "--limit", min=1, metavar="N", help="The number of tickets in progress to show.")
    ] = 10,
) -> None:
    """Show how fast tickets are done, and the oldest in progress.

    Half of the tickets took no longer than p50, and 85 of 100 no longer than p85. Cycle time begins when a ticket
    leaves the todo columns, and lead time when it is created; both end when it is done.
    """

    def print_stats(report: "Stats") -> None:
        _print_times(report)
        _print_weeks(report.throughput)
        oldest = [
            [one.id, format_duration(one.age), one.column, format_cell(one.user), one.title]
            for one in report.in_progress[:limit]
        ]
        _print_section("in progress", ["ticket", "age", "column", "user", "title"], oldest)
        _print_section(
            "column",
            ["column", "p50", "p85", "left"],
            [[one.name, *_format_percentiles(one), one.count] for one in report.columns],
        )
        _print_section(
            "user",
            ["user", "done", "p50", "p85"],
            [[one.name, one.done, *_format_percentiles(one)] for one in report.users],
        )
        print_footer(f"{len(oldest)} of {report.in_progress_count} in progress, {report.days} days")

    invocation.send_and_print(boards.stats(invocation.board_id, days=days), print_stats)


def _print_times(report: "Stats") -> None:
    rows = [
        [name, *_format_percentiles(spread), spread.count]
        for name, spread in (("cycle", report.cycle), ("lead", report.lead))
    ]
    print_rows(["time", "p50", "p85", "tickets"], rows)


def _print_weeks(weeks: "Sequence[WeekThroughput]") -> None:
    """Print how many tickets were done per week, from the first week with any; bars on a terminal."""
    if not is_terminal():
        active_weeks = dropwhile(lambda one: one.done == 0, weeks)
        _print_section("week", [], [[one.week, one.done] for one in active_weeks])
        return
    done_counts = [one.done for one in weeks]
    print_line(
        f"done  {sparkline(done_counts)}  {done_counts[-1]} this week, {sum(done_counts)} in {len(done_counts)} weeks"
    )


def sparkline(numbers: Sequence[int]) -> str:
    """Draw numbers as bars; the largest has full height, and every number above 0 is visible."""
    largest = max(numbers, default=0) or 1
    return "".join(BARS[-(-number * (len(BARS) - 1) // largest)] for number in numbers)


def _print_section(kind: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows of one kind: a table on a terminal; in a pipe each line begins with the kind."""
    if is_terminal() and rows:
        print_rows(header, rows)
    elif rows:
        print_rows([], [[kind, *row] for row in rows])


def _format_percentiles(spread: "Percentiles | UserThroughput") -> list[str]:
    return [EMPTY_CELL if value is None else format_duration(value) for value in (spread.p50, spread.p85)]
