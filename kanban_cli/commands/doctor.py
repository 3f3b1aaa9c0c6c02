"""Doctor: list problems, why they matter, and how to fix them."""

from typing import Annotated

import typer

from kanban_cli.commands.server import Database
from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import UNEXPECTED
from kanban_cli.invocation import wants_json
from kanban_cli.options import command
from kanban_cli.render.output import print_json, print_rows
from kanban_cli.render.sentences import EMPTY_CELL

app = typer.Typer()


@command(app, examples=["kanban doctor", "kanban doctor --repair --database board.db"])
def doctor(
    database: Database = None,
    repair: Annotated[bool, typer.Option("--repair", help="Mend boards whose log, counts or indexes differ.")] = False,
) -> None:
    """Look for what is amiss: server, versions, files, boards, disk, clocks, settings.

    Nothing is changed without --repair. Hints and warnings leave the exit code at 0; something bad makes it 1.
    """
    from kanban_cli.doctor_checks import run_checks

    findings = list(run_checks(database, repair=repair))
    if wants_json():
        print_json({"findings": [finding._asdict() for finding in findings]})
    else:
        rows = [[finding.level, finding.name, finding.said, finding.fix or EMPTY_CELL] for finding in findings]
        problem_count = sum(finding.level != "ok" for finding in findings)
        print_rows(["level", "what", "found", "next"], rows, f"{problem_count} of {len(findings)} want a look")
    if any(finding.level == "bad" for finding in findings):
        raise CommandError(UNEXPECTED)
