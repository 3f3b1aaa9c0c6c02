"""The briefing of an agent, the status of the server and the board, who is present, and how work flows."""

from collections.abc import Sequence
from itertools import dropwhile
from typing import TYPE_CHECKING, Annotated

import typer

from kanban_cli.invocation import Invocation
from kanban_cli.options import command
from kanban_cli.render.output import is_terminal, print_field, print_footer, print_line, print_rows
from kanban_cli.render.sentences import EMPTY_CELL, format_cell, format_duration
from kanban_cli.render.ticket import format_lease
from kanban_cli.render.times import format_age
from kanban_cli.values.tags import tags_of
from kanban_sdk.calls import boards, server

if TYPE_CHECKING:
    from kanban_cli.summary import BoardSummary
    from kanban_sdk.wire.boards import Board
    from kanban_sdk.wire.presence import Presence
    from kanban_sdk.wire.stats import Percentiles, Stats, UserThroughput, WeekThroughput

app = typer.Typer()

LOOKUP_SECONDS = 3.0
"""Timeout of each request of the briefing."""


@command(app, examples=["kanban prime", "kanban prime -u ada --json"], without=["lease"])
def prime(invocation: Invocation) -> None:
    """Print a briefing for an agent, at the start of a session.

    It has at most 1,536 bytes: the user, held tickets, ready tickets, unread comments, commands and rules. It is empty
    if there is no board.
    """
    from kanban_cli.briefing import load_briefing

    print(load_briefing(invocation, LOOKUP_SECONDS), end="")


def print_status(invocation: Invocation) -> None:
    """Print a short status: the board, its columns, the user's tickets, ready tickets and unread comments."""
    from kanban_cli.briefing import user_names
    from kanban_cli.summary import load_summary, waits_for_reply

    candidates = _candidate_boards(invocation)
    if len(candidates) != 1:
        _print_boards(invocation, candidates)
        return
    summary = load_summary(
        invocation.send, candidates[0].id, user_names(invocation), tags_of(None, invocation.environment)
    )
    counts = summary.board.counts
    if invocation.options.json:
        invocation.print_json(
            {
                "url": invocation.server_url,
                "user": summary.user,
                "board": summary.board,
                "counts": counts,
                **_summary_lists(summary),
            }
        )
        return
    print_field("server", invocation.server_url)
    print_field("board", f"{summary.board.id} {summary.board.name}")
    print_field("columns", " · ".join(f"{name} {count}" for name, count in counts.items()))
    print_field("you", summary.user or "nobody: export KANBAN_USER=NAME")
    for one in summary.holds:
        lease = f"  lease {format_lease(one.lease)}" if one.lease else ""
        print_field("held", f"{one.id} {one.title}{lease}{'  waits for a reply' if waits_for_reply(one) else ''}")
    for one in summary.ready[:3]:
        print_field("ready", f"{one.id} {one.priority} {one.title}")
    asking = sum(map(waits_for_reply, summary.holds))
    held = f"{summary.holds_total} held" + (f" ({asking} of them wait for a reply)" if asking else "")
    print_field("counts", f"{held}, {summary.ready_total} ready, {summary.unread_total} unread")
    print("next: kanban next | kanban list | kanban inbox | kanban --help")


def _candidate_boards(invocation: Invocation) -> "list[Board]":
    """Return the selected board, or all boards if the selection is ambiguous."""
    if invocation.setting("board"):
        return [invocation.send(boards.get(invocation.board_id))]
    return invocation.send(boards.all())


def _print_boards(invocation: Invocation, candidates: "list[Board]") -> None:
    if invocation.options.json:
        invocation.print_json({"url": invocation.server_url, "user": invocation.current_user, "boards": candidates})
        return
    print_field("server", invocation.server_url)
    for board in candidates:
        print_field("board", f"{board.id} {board.name}, {board.ticket_count} tickets")
    print(
        f"next: kanban -b {candidates[0].id} | kanban --help"
        if candidates
        else "next: kanban board add NAME | kanban --help"
    )


def _summary_lists(summary: "BoardSummary") -> dict[str, object]:
    return {
        "holds": {"total": summary.holds_total, "items": summary.holds},
        "ready": {"total": summary.ready_total, "items": summary.ready},
        "unread": {"total": summary.unread_total, "items": summary.unread},
    }


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

    A row has the name, client, open ticket, held tickets and, within the last ten minutes, the last change or renewal.
    A user who is not connected is away, unless they did something in these minutes.
    """

    def print_presence(presence: "Presence") -> None:
        active = {user.username: user.last_active_at for user in presence.active}
        rows = [
            [
                user.username,
                user.client or ("active" if user.username in active else "away"),
                user.ticket_id or EMPTY_CELL,
                " ".join(map(str, user.holds)) or EMPTY_CELL,
                format_age(active[user.username]) if user.username in active else EMPTY_CELL,
            ]
            for user in presence.users
        ]
        others = active.keys() - {user.username for user in presence.users}
        rows += [[name, "active", EMPTY_CELL, EMPTY_CELL, format_age(active[name])] for name in sorted(others)]
        print_rows(["user", "client", "ticket", "holds", "active"], rows, f"{len(rows)} of {len(rows)}")

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
