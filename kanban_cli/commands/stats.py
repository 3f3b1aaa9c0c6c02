"""Stats: how work flows over a board."""

from collections.abc import Sequence
from itertools import dropwhile
from typing import Annotated, Any

import typer

from kanban_cli.context import answer, board
from kanban_cli.options import command
from kanban_cli.output import say, say_rows, terminal
from kanban_cli.spans import span
from kanban_cli.texts import NOBODY, cell
from kanban_sdk.calls import boards

app = typer.Typer()

BARS = "▁▂▃▄▅▆▇█"


@command(app, examples=["kanban stats", "kanban stats --days 30 --json"])
def stats(
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="How far to look back.")] = 90,
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, help="How many of the tickets in progress.")] = 10,
) -> None:
    """Show how work flows: cycle and lead times, what was done, and the age of what is in progress.

    Half of the tickets took no longer than p50, 85 of 100 no longer than p85. Cycle time begins when a ticket leaves
    the todo columns, lead time when it is created; both end when it is done.
    """

    def show(found: Any) -> None:
        _say_times(found)
        _say_weeks(found.throughput)
        oldest = [[one.id, span(one.age), one.column, cell(one.user), one.title] for one in found.in_progress[:limit]]
        _say_part("in progress", ["ticket", "age", "column", "user", "title"], oldest)
        _say_part(
            "column", ["column", "p50", "p85", "left"], [[one.name, *_spread(one), one.count] for one in found.columns]
        )
        _say_part("user", ["user", "done", "p50", "p85"], [[one.name, one.done, *_spread(one)] for one in found.users])
        say(f"{len(oldest)} of {found.in_progress_count} in progress, {found.days} days")

    answer(boards.stats(board(), days=days), show)


def _say_times(found: Any) -> None:
    rows = [[name, *_spread(spread), spread.count] for name, spread in (("cycle", found.cycle), ("lead", found.lead))]
    say_rows(["time", "p50", "p85", "tickets"], rows)


def _say_weeks(weeks: Sequence[Any]) -> None:
    """What was done in each week, from the first in which something was; on a terminal as a line of bars."""
    if not terminal():
        since_the_first = dropwhile(lambda one: one.done == 0, weeks)
        _say_part("week", [], [[one.week, one.done] for one in since_the_first])
        return
    done = [one.done for one in weeks]
    say(f"done  {sparkline(done)}  {done[-1]} this week, {sum(done)} in {len(done)} weeks")


def sparkline(numbers: Sequence[int]) -> str:
    """Numbers as bars; the largest fills its line, and what is not 0 is seen."""
    most = max(numbers, default=0) or 1
    return "".join(BARS[-(-number * (len(BARS) - 1) // most)] for number in numbers)


def _say_part(part: str, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Rows of one kind: a table on a terminal; in a pipe each begins with the kind."""
    if terminal() and rows:
        say_rows(header, rows)
    elif rows:
        say_rows([], [[part, *row] for row in rows])


def _spread(one: Any) -> list[str]:
    return [NOBODY if value is None else span(value) for value in (one.p50, one.p85)]
