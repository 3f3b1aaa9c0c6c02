"""Options for the fields of a ticket, shared by the commands that add and edit tickets."""

from typing import Annotated

import typer

from kanban_cli.options import column_option

Description = Annotated[
    str | None, typer.Option("-d", "--description", metavar="TEXT", help="The description; - reads stdin.")
]
Criteria = Annotated[
    str | None, typer.Option("--criteria", metavar="TEXT", help="Acceptance criteria, one a line; - reads stdin.")
]
Priority = Annotated[
    str | None,
    typer.Option(
        "-p", "--priority", metavar="PRIORITY", help="critical, high, medium, low, or a number such as 1.0.1."
    ),
]
Assignee = Annotated[
    str | None, typer.Option("-a", "--assignee", metavar="USER", help="The user that it is assigned to.")
]
Column = Annotated[str | None, column_option("The column.")]
Due = Annotated[
    str | None, typer.Option(metavar="DAY", help="The due date: YYYY-MM-DD, today, 3d, or a text such as next friday.")
]
NotBefore = Annotated[
    str | None,
    typer.Option(
        "--not-before",
        metavar="TIME",
        help="Nobody is given it before this time: 21:00, 2h, tomorrow, next friday, or ISO-8601.",
    ),
]
Needs = Annotated[
    str | None,
    typer.Option(metavar="TAGS", help="What it needs, such as gpu,db: only who can all of these is given it."),
]


def parse_due(text: str | None) -> str | None:
    """Convert a due date as typed to `YYYY-MM-DD`. Stops for a text that is no day."""
    if not text:
        return text
    from kanban_cli.values.dates import parse_day

    return parse_day(text)


def parse_not_before(text: str | None) -> str | None:
    """Convert the time until which a ticket is parked to a UTC timestamp. Stops for a text that is no time."""
    if not text:
        return text
    from kanban_cli.values.dates import parse_future_time

    return parse_future_time(text)
