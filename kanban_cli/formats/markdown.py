"""Markdown task files, one ticket each: front matter between `---` lines, then the text. Also Backlog.md's folders."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from kanban_cli.formats import conversion, fields, front_matter
from kanban_cli.formats.json_objects import decode_text
from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Column

DEFAULT_AUTHOR = "markdown"
TASKS, COMPLETED = "tasks", "completed"
"""Folders of Backlog.md; a task in the second is done, whatever its status."""

_FENCE = re.compile(r" {0,3}(```|~~~)")
_HEADING = re.compile(r"#{1,2}\s+(.+?)\s*#*\s*")
_TITLE = re.compile(r"#\s+(.+?)\s*#*\s*")
_MARKER = re.compile(r"\s*<!-- (AC|DOD|SECTION:[A-Z_]+):(BEGIN|END) -->\s*")
_NUMBER = re.compile(r"(\s*[-*]\s+\[[ xX]\]\s+)#[0-9]+\s+")


def parse_tickets(folder: Path, columns: Sequence[Column]) -> tuple[list[conversion.ParsedTicket], int]:
    """Parse the tasks of a folder as tickets for a board with these columns; also count the files that are no tasks.

    Raises ParseError and OSError.
    """
    root = folder / "backlog" if (folder / "backlog" / TASKS).is_dir() else folder
    folders = [root / TASKS, root / COMPLETED] if (root / TASKS).is_dir() else [root]
    parsed_tickets: list[conversion.ParsedTicket] = []
    task_fields: list[dict[str, Any]] = []
    skipped = 0
    for subfolder in folders:
        for file in _list_task_files(subfolder):
            task = _read_task(file)
            if task is None:
                skipped += 1
                continue
            known_fields, other_fields = _split_task_fields(file, task)
            name = str(file.relative_to(root).with_suffix("")).encode(errors="replace").decode()
            try:
                source_id = conversion.parse_source_id(known_fields.get("id") or name, "`id`")
            except ValueError as error:
                raise conversion.ParseError(str(file), 1, str(error)) from error
            ticket = fields.build_ticket(source_id, known_fields, other_fields, columns, default_author=DEFAULT_AUTHOR)
            if subfolder.name == COMPLETED and len(folders) > 1:
                ticket |= {"current_column": conversion.column_with_role("done", columns), "status": COMPLETED}
            parsed_tickets.append(conversion.ParsedTicket.of(str(file), 1, ticket))
            task_fields.append(known_fields)
    fields.resolve_links([(item.ticket, told) for item, told in zip(parsed_tickets, task_fields, strict=True)])
    return parsed_tickets, skipped


class Task(NamedTuple):
    """The content of a task file."""

    front: dict[str, Any]
    text: str
    criteria: str


def _split_task_fields(file: Path, task: Task) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split the task's fields into ours and the others."""
    known_fields, other_fields = fields.split_fields(
        (name, _find_field(name, value), value) for name, value in task.front.items()
    )
    text = task.text
    first_line, _, remaining_text = text.partition("\n")
    if "title" not in known_fields and (heading := _TITLE.fullmatch(first_line)):
        known_fields["title"], text = heading[1], remaining_text.strip("\n")
    known_fields.setdefault("title", file.stem.encode(errors="replace").decode())
    for field, section, separator in (("description", text, "\n\n"), ("acceptance_criteria", task.criteria, "\n")):
        if section:
            front_matter_text = fields.join_lines(known_fields.get(field))
            known_fields[field] = f"{front_matter_text}{separator}{section}" if front_matter_text else section
    return known_fields, other_fields


def _find_field(name: str, value: Any) -> str | None:
    """Return our field for a line of front matter whose value is a text or a list of texts."""
    plain = isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))
    return fields.find_field(name) if plain else None


def _list_task_files(folder: Path) -> Iterator[Path]:
    """List the Markdown files below a folder, `task-9` before `task-10`. Skips symlinks: they may lead anywhere."""
    for file in sorted(folder.rglob("*.md"), key=_natural_sort_key):
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if not hidden and file.is_file() and not file.is_symlink():
            yield file


def _natural_sort_key(file: Path) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"([0-9]{1,18})", str(file))]


def _read_task(file: Path) -> Task | None:
    """Return the front matter and the text after it; None without front matter. Raises ParseError."""
    if file.stat().st_size > limits.BODY_BYTES:
        raise conversion.ParseError(str(file), 1, f"it has more than {limits.BODY_BYTES:,} bytes")
    lines = decode_text(str(file), file.read_bytes()).replace("\r\n", "\n").split("\n")
    if lines[0].rstrip() != "---":
        return None
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        raise conversion.ParseError(str(file), 1, "the front matter has no end, a second line of ---")
    return Task(
        front_matter.parse_front_matter(str(file), "\n".join(lines[1:end]), first_line=2),
        *_split_criteria(lines[end + 1 :]),
    )


def _split_criteria(lines: Sequence[str]) -> tuple[str, str]:
    """Split the acceptance criteria from the text, and drop the section markers for machines."""
    body_lines: list[str] = []
    criteria: list[str] = []
    target, fenced = body_lines, False
    for line in lines:
        fenced ^= _FENCE.match(line) is not None
        heading = None if fenced else _HEADING.fullmatch(line)
        if heading is not None:
            heading_name = heading[1].casefold()
            target = criteria if heading_name == "acceptance criteria" else body_lines
            if target is criteria or (heading_name == "description" and not any(body_lines)):
                continue
        if not _MARKER.fullmatch(line):
            target.append(_NUMBER.sub(r"\1", line) if target is criteria else line)
    return "\n".join(body_lines).strip("\n"), "\n".join(line for line in criteria if line.strip())
