"""Markdown task files, one item each: front matter between `---` lines, then the text. Also Backlog.md's folders.

A folder may also hold boards of Obsidian's Kanban plugin. Where it holds neither, its check lists are read.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from kanban_cli.formats import fields
from kanban_cli.formats.item import Item, ReadOptions
from kanban_cli.formats.links import normalize_numbers
from kanban_cli.formats.source import ParseError, ParseErrors, Source
from kanban_cli.formats.texts import checklists
from kanban_cli.formats.texts.front_matter import parse_front_matter, split_front_matter
from kanban_cli.formats.values import parse_source_id
from kanban_sdk.wire import limits

DEFAULT_AUTHOR = "markdown"
TASKS, COMPLETED = "tasks", "completed"
"""Folders of Backlog.md; a task in the second is done, whatever its status."""

_BOX = re.compile(r"^\s*(?:[-*+]|[0-9]+[.)])\s+\[.\]\s", re.MULTILINE)
_FENCE = re.compile(r" {0,3}(```|~~~)")
_HEADING = re.compile(r"#{1,2}\s+(.+?)\s*#*\s*")
_TITLE = re.compile(r"#\s+(.+?)\s*#*\s*")
_MARKER = re.compile(r"\s*<!-- (AC|DOD|SECTION:[A-Z_]+):(BEGIN|END) -->\s*")
_NUMBER = re.compile(r"(\s*[-*]\s+\[[ xX]\]\s+)#[0-9]+\s+")


class Task(NamedTuple):
    """The content of a task file."""

    front: dict[str, object]
    text: str
    criteria: str


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Read the tasks and boards of a folder, or one file. Raises ParseErrors, with all files that can't be read."""
    folder = source.path if source.is_folder else None
    if folder is None:
        yield from _read_text(source.name, source.stem, source.text) or checklists.read(source, options)
        return
    root = folder / "backlog" if (folder / "backlog" / TASKS).is_dir() else folder
    is_project = (root / TASKS).is_dir()
    others: list[tuple[str, str]] = []
    has_items = False
    errors: list[ParseError] = []
    for file in _list_files(root, is_project=is_project):
        try:
            text = _load(file)
            name = str(file.relative_to(root).with_suffix("")).encode(errors="replace").decode()
            items = _read_text(str(file), name, text)
        except ParseError as error:
            errors.append(error)
            continue
        if items is None:
            others.append((str(file), text))
            continue
        has_items = has_items or bool(items)
        for item in items:
            item.file = str(file)
            yield _in_project(item, file) if is_project else item
    if errors:
        raise errors[0] if len(errors) == 1 else ParseErrors(errors)
    for file_name, text in others:
        if has_items or not _BOX.search(text):
            options.skipped["files without front matter"] += 1
            continue
        for item in checklists.read_text(file_name, Path(file_name).stem, text):
            item.file = file_name
            yield item


def _list_files(root: Path, *, is_project: bool) -> Iterator[Path]:
    """List the Markdown files below a folder, `task-9` before `task-10`. Skips symlinks: they may lead anywhere."""
    for folder in [root / TASKS, root / COMPLETED] if is_project else [root]:
        for file in sorted(folder.rglob("*.md"), key=_natural_sort_key):
            hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
            if not hidden and file.is_file() and not file.is_symlink():
                yield file


def _natural_sort_key(file: Path) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"([0-9]{1,18})", str(file))]


def _load(file: Path) -> str:
    """Return a file's text. Raises ParseError if it is too large, or no text."""
    if file.stat().st_size > limits.BODY_BYTES:
        raise ParseError(str(file), 1, f"it has more than {limits.BODY_BYTES:,} bytes")
    return Source(str(file), file).text


def _read_text(file: str, name: str, text: str) -> list[Item] | None:
    """Return the items of a file, in which `name` is the id of a task without one; None if it has no front matter.

    Raises ParseError.
    """
    if checklists.is_board(text):
        return [*checklists.read_board_text(file, name, text)]
    parts = split_front_matter(file, text)
    if parts is None:
        return None
    front, lines, _ = parts
    task = Task(parse_front_matter(file, "\n".join(front), first_line=2), *_split_criteria(lines))
    known_fields, other_fields = _split_task_fields(name, task)
    try:
        source_id = parse_source_id(known_fields.get("id") or name, "`id`")
    except ValueError as error:
        raise ParseError(file, 1, str(error)) from error
    item = fields.build_item(source_id, known_fields, other_fields)
    return [item]


def _in_project(item: Item, file: Path) -> Item:
    """Complete an item of a Backlog.md project: `task-007` is `task-7`, and completed tasks are done."""
    written = str(item.id)
    if own_id := item.extra.pop("id", None):  # beside a `source_id`, it is the name that other tasks use
        item.aliases = [str(own_id)]
        return item
    item.id = normalize_numbers(written)
    forms = (written, str(item.id).lower(), str(item.id).upper())
    item.former_ids = [form for form in dict.fromkeys(forms) if form != item.id]
    if file.parent.name == COMPLETED:
        item.status, item.keep_status = COMPLETED, False
    return item


def _split_task_fields(name: str, task: Task) -> tuple[dict[str, object], dict[str, object]]:
    """Split the task's fields into ours and the others."""
    known_fields, other_fields = fields.split_fields(
        (field_name, _find_field(field_name, value), value) for field_name, value in task.front.items()
    )
    text = task.text
    first_line, _, remaining_text = text.partition("\n")
    if "title" not in known_fields and (heading := _TITLE.fullmatch(first_line)):
        known_fields["title"], text = heading[1], remaining_text.strip("\n")
    known_fields.setdefault("title", Path(name).name)
    for field, section, separator in (("description", text, "\n\n"), ("acceptance_criteria", task.criteria, "\n")):
        if section:
            front_matter_text = fields.join_lines(known_fields.get(field))
            known_fields[field] = f"{front_matter_text}{separator}{section}" if front_matter_text else section
    return known_fields, other_fields


def _find_field(name: str, value: object) -> str | None:
    """Return our field for a line of front matter whose value is a text or a list of texts."""
    plain = isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))
    return fields.find_field(name) if plain else None


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
