"""Many changes in one request."""

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import REFUSED, USAGE
from kanban_cli.formats.json_values import read_lines
from kanban_cli.formats.source import ParseError
from kanban_cli.invocation import Invocation
from kanban_cli.options import command
from kanban_cli.render.output import print_rows
from kanban_cli.render.sentences import EMPTY_CELL
from kanban_cli.transfer.importer import open_source, unreadable_file_error
from kanban_sdk.calls import tickets
from kanban_sdk.errors import KanbanError, Refused
from kanban_sdk.problem_types import exception_for
from kanban_sdk.wire.limits import BULK_TICKETS

app = typer.Typer()

JsonObject = dict[str, Any]

_OPERATION = re.compile(r"operations\.([0-9]+)(\.|$)")


@command(app, examples=["kanban batch changes.jsonl", "kanban batch --each -"])
def batch(
    invocation: Invocation,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="[FILE]",
            help="One JSON object a line; - reads stdin (the default).",
            allow_dash=True,
            show_default=False,
        ),
    ] = Path("-"),
    each: Annotated[
        bool, typer.Option("--each", help="Make each change separately. Default: all or none, at most 500.")
    ] = False,
) -> None:
    """Make many changes, one JSON object a line.

    For example {"op": "move", "ticket": 12, "column": "Done"}. op is create, move, edit, comment, label, check, block,
    unblock, delete or restore, with the fields of the single request. If one change is refused, none is made; with
    --each the others are made, and the exit code is 5.
    """
    changes, line_numbers = _read_changes(invocation, file)
    if len(changes) > BULK_TICKETS and not each:
        detail = f"{len(changes)} changes are too many for one transaction; {BULK_TICKETS} is the most."
        raise CommandError(USAGE, detail, fix=f"kanban batch --each {file}")
    totals: JsonObject = {"total": 0, "succeeded": 0, "failed": 0, "results": []}
    for start in range(0, len(changes), BULK_TICKETS):
        try:
            batch_result = invocation.send_raw(tickets.batch(changes[start : start + BULK_TICKETS], atomic=not each))
        except KanbanError as error:
            if start:  # report the finished part: running the whole file again would apply it twice
                _print_results(invocation, totals)
            raise _add_line_number(error, file, line_numbers[start:]) from error
        for name in ("total", "succeeded", "failed"):
            totals[name] += batch_result[name]
        totals["results"] += [
            {**result, "index": result["index"] + start, "line": line_numbers[result["index"] + start]}
            for result in batch_result["results"]
        ]
    _print_results(invocation, totals)
    if totals["failed"]:
        raise CommandError(REFUSED, f"{totals['failed']} of {totals['total']} changes were refused.")


def _print_results(invocation: Invocation, totals: JsonObject) -> None:
    """Print the result of each change."""
    if invocation.options.json:
        invocation.print_json(totals)
        return
    rows = [
        [one["line"], one["op"], one["ticket_id"] or EMPTY_CELL, "done" if one["success"] else one["error"]]
        for one in totals["results"]
    ]
    print_rows(["line", "op", "ticket", "result"], rows, f"{totals['succeeded']} of {totals['total']}")


def _add_line_number(error: KanbanError, file: Path, line_numbers: list[int]) -> KanbanError:
    """Add the line of the file to an error that is about one of the changes."""
    if not isinstance(error, Refused):
        return error
    index = error.problem.get("index")
    for field_error in error.problem.get("errors", ()):
        if index is None and (match := _OPERATION.match(str(field_error.get("field")))):
            index = int(match[1])
    if not isinstance(index, int) or index >= len(line_numbers):
        return error
    detail = f"{file}, line {line_numbers[index]}: {error.detail}"
    return exception_for({**error.problem, "detail": detail, "line": line_numbers[index]})


def _read_changes(invocation: Invocation, file: Path) -> tuple[list[JsonObject], list[int]]:
    """Return the changes in the file and the line of each; a new ticket without a board gets the selected board."""
    try:
        parsed_lines = [(dict(change), line) for line, change in read_lines(open_source(invocation, file))]
    except ParseError as error:
        raise unreadable_file_error(invocation, error, "Nothing was done.") from error
    operations = [operation for operation, _ in parsed_lines]
    if not operations:
        raise CommandError(USAGE, f"{file} has no changes.", fix="kanban batch --help")
    for operation in operations:
        if operation.get("op") == "create" and "board_id" not in operation:
            operation["board_id"] = invocation.board_id
    return operations, [line for _, line in parsed_lines]
