"""Batch: many changes in one transaction."""

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from kanban_cli.context import as_json, board, wire
from kanban_cli.exits import REFUSED, USAGE, Stop
from kanban_cli.formats.jsonlines import lines
from kanban_cli.formats.parts import Unreadable
from kanban_cli.importing import content, unreadable
from kanban_cli.options import command
from kanban_cli.output import say_json, say_rows
from kanban_cli.texts import NOBODY
from kanban_sdk.calls import tickets
from kanban_sdk.errors import KanbanError, Refused, refused
from kanban_sdk.wire.limits import BULK_TICKETS

app = typer.Typer()

_OPERATION = re.compile(r"operations\.([0-9]+)(\.|$)")


@command(app, examples=["kanban batch changes.jsonl", "kanban batch --each -"])
def batch(
    file: Annotated[
        Path, typer.Argument(metavar="[FILE]", help="One JSON object a line; - is stdin.", allow_dash=True)
    ] = Path("-"),
    each: Annotated[bool, typer.Option("--each", help="Each for itself; else all or none, at most 500.")] = False,
) -> None:
    """Carry out changes, one a line: {"op": "move", "ticket": 12, "column": "Done"}.

    op is create, move, edit, comment, label, check, block, unblock, delete or restore, with the fields of the single
    request. Nothing is done where one is refused; with --each, the others are done, and the exit code is 5.
    """
    changes, lines_ = _changes(file)
    if len(changes) > BULK_TICKETS and not each:
        detail = f"{len(changes)} changes are too many for one transaction; {BULK_TICKETS} is the most."
        raise Stop(USAGE, detail, fix=f"kanban batch --each {file}")
    totals: dict[str, Any] = {"total": 0, "succeeded": 0, "failed": 0, "results": []}
    for start in range(0, len(changes), BULK_TICKETS):
        try:
            told = wire(tickets.batch(changes[start : start + BULK_TICKETS], atomic=not each))
        except KanbanError as error:
            if start:  # what was done before must be known: a second run of the file would do it twice
                _say(totals)
            raise _with_line(error, file, lines_[start:]) from error
        for name in ("total", "succeeded", "failed"):
            totals[name] += told[name]
        totals["results"] += [
            {**result, "index": result["index"] + start, "line": lines_[result["index"] + start]}
            for result in told["results"]
        ]
    _say(totals)
    if totals["failed"]:
        raise Stop(REFUSED, f"{totals['failed']} of {totals['total']} changes were refused.")


def _say(totals: dict[str, Any]) -> None:
    """What became of each change."""
    if as_json():
        say_json(totals)
        return
    rows = [
        [one["line"], one["op"], one["ticket_id"] or NOBODY, "done" if one["success"] else one["error"]]
        for one in totals["results"]
    ]
    say_rows(["line", "op", "ticket", "what became of it"], rows, f"{totals['succeeded']} of {totals['total']}")


def _with_line(error: KanbanError, file: Path, lines_: list[int]) -> KanbanError:
    """The refusal, with the line of the file that it is about, where it is about one."""
    if not isinstance(error, Refused):
        return error
    index = error.problem.get("index")
    for wrong in error.problem.get("errors", ()):
        if index is None and (found := _OPERATION.match(str(wrong.get("field")))):
            index = int(found[1])
    if not isinstance(index, int) or index >= len(lines_):
        return error
    detail = f"{file}, line {lines_[index]}: {error.detail}"
    return refused({**error.problem, "detail": detail, "line": lines_[index]})


def _changes(file: Path) -> tuple[list[dict[str, Any]], list[int]]:
    """The changes in the file, and the line of each; a new ticket without a board is for the one that is meant."""
    try:
        read = [(one.ticket, one.line) for one in lines(str(file), content(file), dict)]
    except Unreadable as error:
        raise unreadable(error, "Nothing was done.") from error
    found = [operation for operation, _ in read]
    if not found:
        raise Stop(USAGE, f"{file} holds no changes.", fix="kanban batch --help")
    for operation in found:
        if operation.get("op") == "create" and "board_id" not in operation:
            operation["board_id"] = board()
    return found, [line for _, line in read]
