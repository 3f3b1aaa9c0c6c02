"""CSV: all fields of the tickets, which `kanban import csv` reads back, or the columns of Jira or Linear."""

import csv
import json
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TextIO, cast

from kanban_cli.render.escaping import compact_json, escape
from kanban_cli.render.output import is_terminal
from kanban_cli.render.sentences import format_cell
from kanban_cli.writers.exported import ExportedBoard, Fields

COLUMNS = (
    *("id", "title", "current_column", "priority", "assignee", "labels", "created_by", "created_at", "updated_by"),
    *("updated_at", "column_entered_at", "version", "comment_count", "source_id", "description", "acceptance_criteria"),
    *(
        "board_id",
        "due_date",
        "not_before",
        "needs",
        "blocked_by",
        "parent",
        "links",
        "extra",
        "comments",
        "archived_at",
    ),
)
JIRA_PRIORITIES = {"critical": "Highest", "high": "High", "medium": "Medium", "low": "Low"}
LINEAR_PRIORITIES = {"critical": "Urgent", "high": "High", "medium": "Medium", "low": "Low"}
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""The beginning of a cell that a spreadsheet would run, or of one that looks as if it had been kept from that."""
_SEPARATOR = re.compile(r"[,;\n]|^\[")


def write(target: TextIO, exported: ExportedBoard) -> None:
    """Write all fields of the tickets."""
    rows = []
    for ticket in exported.tickets:
        own_source = None if str(ticket["source_id"]).startswith("export:") else ticket["source_id"]
        values = {
            **ticket,
            "source_id": own_source,
            "blocked_by": exported.blockers(ticket),
            "parent": exported.parent(ticket),
            "links": [link["ref"] for link in cast("list[Mapping[str, str]]", ticket["links"])],
            "extra": compact_json(ticket["extra"]) if ticket["extra"] else None,
            "comments": compact_json([_comment(one) for one in exported.comments(ticket)])
            if ticket["comment_count"]
            else None,
        }
        rows.append([_cell(values.get(name)) for name in COLUMNS])
    _write_rows(target, [COLUMNS, *rows])


def _comment(comment: Fields) -> Fields:
    return {name: comment[name] for name in ("text", "author", "created_at")}


def write_jira(target: TextIO, exported: ExportedBoard) -> None:
    """Write the columns that Jira's importer of CSV knows. Labels and comments have a column for each."""
    comments = [exported.comments(ticket) for ticket in exported.tickets]
    label_count = max((len(_texts(ticket["labels"])) for ticket in exported.tickets), default=0)
    comment_count = max(map(len, comments), default=0)
    header = ["Summary", "Issue key", "Issue id", "Status", "Priority", "Assignee", "Reporter", "Created", "Updated"]
    header += ["Due date", "Description", "Parent", *["Labels"] * label_count, *["Comment"] * comment_count]
    rows: list[Sequence[str]] = [header]
    for ticket, own_comments in zip(exported.tickets, comments, strict=True):
        labels = _texts(ticket["labels"])
        written = [f"{_jira_time(one['created_at'])};{one['author']};{one['text']}" for one in own_comments]
        rows.append(
            [
                str(ticket["title"]),
                str(ticket["source_id"]),
                str(ticket["id"]),
                str(ticket["current_column"]),
                JIRA_PRIORITIES.get(str(ticket["priority"]), str(ticket["priority"])),
                _cell(ticket["assignee"]),
                _cell(ticket["created_by"]),
                _jira_time(ticket["created_at"]),
                _jira_time(ticket["updated_at"]),
                _jira_time(ticket["due_date"]),
                _with_criteria(ticket),
                _cell(ticket["parent"]),
                *labels,
                *[""] * (label_count - len(labels)),
                *written,
                *[""] * (comment_count - len(written)),
            ]
        )
    _write_rows(target, rows)


def write_linear(target: TextIO, exported: ExportedBoard) -> None:
    """Write the columns of Linear's own CSV export."""
    header = ["ID", "Team", "Title", "Description", "Status", "Priority", "Creator", "Assignee", "Labels", "Created"]
    rows: list[Sequence[str]] = [[*header, "Updated", "Completed", "Due Date", "Parent issue", "Blocked by"]]
    roles = {str(column["name"]): column["role"] for column in cast("list[Fields]", exported.board["column_settings"])}
    for ticket in exported.tickets:
        is_done = roles.get(str(ticket["current_column"])) == "done"
        rows.append(
            [
                str(ticket["source_id"]),
                str(exported.board["name"]),
                str(ticket["title"]),
                _with_criteria(ticket),
                str(ticket["current_column"]),
                LINEAR_PRIORITIES.get(str(ticket["priority"]), "No priority"),
                _cell(ticket["created_by"]),
                _cell(ticket["assignee"]),
                ", ".join(_texts(ticket["labels"])),
                _cell(ticket["created_at"]),
                _cell(ticket["updated_at"]),
                _cell(ticket["column_entered_at"]) if is_done else "",
                _cell(ticket["due_date"]),
                exported.parent(ticket) or "",
                ", ".join(exported.blockers(ticket)),
            ]
        )
    _write_rows(target, rows)


def escape_formula(text: str) -> str:
    """Escape a text so that a spreadsheet does not run it as a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def _write_rows(target: TextIO, rows: Sequence[Sequence[str]]) -> None:
    on_terminal = target is sys.stdout and is_terminal()
    writer = csv.writer(target, lineterminator="\n")
    for row in rows:
        cells = [escape_formula(text) for text in row]
        writer.writerow([escape(text) for text in cells] if on_terminal else cells)


def _cell(value: object) -> str:
    """Return a value as a cell. A list whose values have separators in them is written as JSON."""
    if value is None or value == []:
        return ""
    if isinstance(value, list) and any(_SEPARATOR.search(str(one)) for one in value):
        return json.dumps(value)
    return value if isinstance(value, str) else format_cell(value)


def _texts(value: object) -> list[str]:
    return [str(one) for one in cast("list[object]", value)]


def _with_criteria(ticket: Fields) -> str:
    """Return the description, and the acceptance criteria below it: Jira and Linear have no field for them."""
    description, criteria = ticket["description"], ticket["acceptance_criteria"]
    parts = [str(description)] if description else []
    return "\n\n".join([*parts, f"## Acceptance Criteria\n\n{criteria}"] if criteria else parts)


def _jira_time(value: object) -> str:
    """Return a time as Jira writes it: `09/Jan/26 3:54 PM`."""
    if not isinstance(value, str):
        return ""
    moment = datetime.fromisoformat(value)
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    clock = f"{moment.hour % 12 or 12}:{moment:%M} {'PM' if moment.hour >= 12 else 'AM'}"
    return f"{moment:%d}/{months[moment.month - 1]}/{moment:%y} {clock}"
