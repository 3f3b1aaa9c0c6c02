"""A folder of Markdown files in the form of Backlog.md: one task each, under `tasks`, and `config.yml`."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from kanban_cli.writers.exported import ExportedBoard, Fields

_UNSAFE = re.compile(r"[^\w.-]+")
_TITLE_CHARACTERS = 60


def write(folder: Path, exported: ExportedBoard) -> None:
    """Write the tickets to a folder. Raises OSError, also if the folder has tasks already."""
    tasks = folder / "tasks"
    tasks.mkdir(parents=True, exist_ok=False)
    config = {"project_name": exported.board["name"], "statuses": exported.board["columns"]}
    (folder / "config.yml").write_text(_format_yaml(config), encoding="utf-8")
    ids = {name: f"task-{id}" for id, name in exported.names.items()}
    for ticket in exported.tickets:
        title = _UNSAFE.sub("-", str(ticket["title"]))[:_TITLE_CHARACTERS].strip("-.")
        file = tasks / f"task-{ticket['id']} - {title}.md"
        file.write_text(_task(ticket, exported, ids), encoding="utf-8", errors="surrogatepass")


def _task(ticket: Fields, exported: ExportedBoard, ids: Mapping[str, str]) -> str:
    """Return the text of a ticket's file."""
    blockers = [ids.get(name, name) for name in exported.blockers(ticket)]
    parent = exported.parent(ticket)
    front = {
        "id": f"task-{ticket['id']}",
        "source_id": ticket["source_id"],
        "title": ticket["title"],
        "status": ticket["current_column"],
        "assignee": [f"@{ticket['assignee']}"] if ticket["assignee"] else [],
        "reporter": f"@{ticket['created_by']}",
        "created_date": ticket["created_at"],
        "updated_date": ticket["updated_at"],
        "labels": ticket["labels"],
        "dependencies": blockers,
        "parent_task_id": ids.get(parent, parent) if parent else None,
        "priority": ticket["priority"],
        "due_date": ticket["due_date"],
        "not_before": ticket["not_before"],
        "needs": ticket["needs"],
        "references": [link["ref"] for link in cast("list[Mapping[str, str]]", ticket["links"])],
    }
    parts = [f"---\n{_format_yaml({name: value for name, value in front.items() if value not in (None, [])})}---"]
    if description := ticket["description"]:
        marked = f"<!-- SECTION:DESCRIPTION:BEGIN -->\n{description}\n<!-- SECTION:DESCRIPTION:END -->"
        parts.append(f"## Description\n\n{marked}")
    if criteria := ticket["acceptance_criteria"]:
        parts.append(f"## Acceptance Criteria\n<!-- AC:BEGIN -->\n{criteria}\n<!-- AC:END -->")
    return "\n\n".join(parts) + "\n"


def _format_yaml(values: Mapping[str, object]) -> str:
    from kanban_cli.formats.texts.front_matter import format_yaml  # a wheel is built where PyYAML is not installed

    return format_yaml(values)
