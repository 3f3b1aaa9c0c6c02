"""Doctor: what is amiss, why it matters, and what to do."""

import typer

from kanban_cli.commands.server import Database
from kanban_cli.context import as_json
from kanban_cli.exits import UNEXPECTED, Stop
from kanban_cli.options import command
from kanban_cli.output import say_json, say_rows
from kanban_cli.texts import NOBODY

app = typer.Typer()


@command(app, examples=["kanban doctor", "kanban doctor --json --database board.db"])
def doctor(database: Database = None) -> None:
    """Look for what is amiss: server, versions, files, disk, clocks, settings. It changes nothing.

    Hints and warnings leave the exit code at 0; something bad makes it 1.
    """
    from kanban_cli.examining import examine

    found = list(examine(database))
    if as_json():
        say_json({"findings": [one._asdict() for one in found]})
    else:
        rows = [[one.level, one.name, one.said, one.fix or NOBODY] for one in found]
        amiss = sum(one.level != "ok" for one in found)
        say_rows(["level", "what", "found", "next"], rows, f"{amiss} of {len(found)} want a look")
    if any(one.level == "bad" for one in found):
        raise Stop(UNEXPECTED)
