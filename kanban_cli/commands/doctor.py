"""Doctor: what is amiss, why it matters, and what to do."""

from typing import Annotated

import typer

from kanban_cli.commands.server import Database
from kanban_cli.context import as_json
from kanban_cli.exits import UNEXPECTED, Stop
from kanban_cli.options import command
from kanban_cli.output import say_json, say_rows
from kanban_cli.texts import NOBODY

app = typer.Typer()


@command(app, examples=["kanban doctor", "kanban doctor --repair --database board.db"])
def doctor(
    database: Database = None,
    repair: Annotated[bool, typer.Option("--repair", help="Mend boards whose log, counts or indexes differ.")] = False,
) -> None:
    """Look for what is amiss: server, versions, files, boards, disk, clocks, settings.

    Nothing is changed without --repair. Hints and warnings leave the exit code at 0; something bad makes it 1.
    """
    from kanban_cli.examining import examine

    found = list(examine(database, repair=repair))
    if as_json():
        say_json({"findings": [one._asdict() for one in found]})
    else:
        rows = [[one.level, one.name, one.said, one.fix or NOBODY] for one in found]
        amiss = sum(one.level != "ok" for one in found)
        say_rows(["level", "what", "found", "next"], rows, f"{amiss} of {len(found)} want a look")
    if any(one.level == "bad" for one in found):
        raise Stop(UNEXPECTED)
