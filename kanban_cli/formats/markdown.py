"""Task files in Markdown, one a ticket: front matter between `---` lines, then the text. Also Backlog.md's folders."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from kanban_cli.formats import fields, front, parts
from kanban_cli.formats.jsonlines import decoded
from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Column

NOBODY = "markdown"
TASKS, COMPLETED = "tasks", "completed"
"""Folders of Backlog.md; a task in the second is done, whatever it says."""

_FENCE = re.compile(r" {0,3}(```|~~~)")
_HEADING = re.compile(r"#{1,2}\s+(.+?)\s*#*\s*")
_TITLE = re.compile(r"#\s+(.+?)\s*#*\s*")
_MARKER = re.compile(r"\s*<!-- (AC|DOD|SECTION:[A-Z_]+):(BEGIN|END) -->\s*")
_NUMBER = re.compile(r"(\s*[-*]\s+\[[ xX]\]\s+)#[0-9]+\s+")


def tickets(folder: Path, columns: Sequence[Column]) -> tuple[list[parts.Found], int]:
    """The tasks of a folder as tickets for a board with these columns, and how many files are none.

    Raises Unreadable, and OSError.
    """
    root = folder / "backlog" if (folder / "backlog" / TASKS).is_dir() else folder
    places = [root / TASKS, root / COMPLETED] if (root / TASKS).is_dir() else [root]
    found: list[parts.Found] = []
    said: list[dict[str, Any]] = []
    others = 0
    for place in places:
        for file in _files(place):
            task = _read(file)
            if task is None:
                others += 1
                continue
            told, rest = _sorted_out(file, task)
            name = str(file.relative_to(root).with_suffix("")).encode(errors="replace").decode()
            try:
                source = parts.source(told.get("id") or name, "`id`")
            except ValueError as error:
                raise parts.Unreadable(str(file), 1, str(error)) from error
            ticket = fields.ticket(source, told, rest, columns, nobody=NOBODY)
            if place.name == COMPLETED and len(places) > 1:
                ticket |= {"current_column": parts.column_for("done", columns), "status": COMPLETED}
            found.append(parts.Found.of(str(file), 1, ticket))
            said.append(told)
    fields.linked([(one.ticket, told) for one, told in zip(found, said, strict=True)])
    return found, others


class Task(NamedTuple):
    """What a file holds."""

    front: dict[str, Any]
    text: str
    criteria: str


def _sorted_out(file: Path, task: Task) -> tuple[dict[str, Any], dict[str, Any]]:
    """The task's fields of ours, and the others."""
    told, rest = fields.sorted_out((name, _field(name, value), value) for name, value in task.front.items())
    text = task.text
    first, _, rest_of_it = text.partition("\n")
    if "title" not in told and (heading := _TITLE.fullmatch(first)):
        told["title"], text = heading[1], rest_of_it.strip("\n")
    told.setdefault("title", file.stem.encode(errors="replace").decode())
    for field, more, between in (("description", text, "\n\n"), ("acceptance_criteria", task.criteria, "\n")):
        if more:
            own = fields.joined(told.get(field))
            told[field] = f"{own}{between}{more}" if own else more
    return told, rest


def _field(name: str, value: Any) -> str | None:
    """The field of ours that a line of front matter means, if its value is a text or a list of texts."""
    plain = isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))
    return fields.known(name) if plain else None


def _files(place: Path) -> Iterator[Path]:
    """The Markdown files below a folder, `task-9` before `task-10`. Links are left alone: they may lead anywhere."""
    for file in sorted(place.rglob("*.md"), key=_natural):
        hidden = any(part.startswith(".") for part in file.relative_to(place).parts)
        if not hidden and file.is_file() and not file.is_symlink():
            yield file


def _natural(file: Path) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"([0-9]{1,18})", str(file))]


def _read(file: Path) -> Task | None:
    """The front matter, and the text behind it; None where there is no front matter. Raises Unreadable."""
    if file.stat().st_size > limits.BODY_BYTES:
        raise parts.Unreadable(str(file), 1, f"it has more than {limits.BODY_BYTES:,} bytes")
    lines = decoded(str(file), file.read_bytes()).replace("\r\n", "\n").split("\n")
    if lines[0].rstrip() != "---":
        return None
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        raise parts.Unreadable(str(file), 1, "the front matter has no end, a second line of ---")
    return Task(front.read(str(file), "\n".join(lines[1:end]), first_line=2), *_parted(lines[end + 1 :]))


def _parted(lines: Sequence[str]) -> tuple[str, str]:
    """The text without its acceptance criteria, and these; without what marks the sections for machines."""
    kept: list[str] = []
    criteria: list[str] = []
    target, fenced = kept, False
    for line in lines:
        fenced ^= _FENCE.match(line) is not None
        heading = None if fenced else _HEADING.fullmatch(line)
        if heading is not None:
            named = heading[1].casefold()
            target = criteria if named == "acceptance criteria" else kept
            if target is criteria or (named == "description" and not any(kept)):
                continue
        if not _MARKER.fullmatch(line):
            target.append(_NUMBER.sub(r"\1", line) if target is criteria else line)
    return "\n".join(kept).strip("\n"), "\n".join(line for line in criteria if line.strip())
