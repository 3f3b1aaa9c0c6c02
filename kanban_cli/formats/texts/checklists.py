"""Boards and lists of check boxes in Markdown: Obsidian's Kanban plugin, and files such as TODO.md."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from kanban_cli.formats import statuses
from kanban_cli.formats.item import Item, ReadOptions
from kanban_cli.formats.source import Source
from kanban_cli.formats.texts.boxes import Box, Paragraph, read_blocks
from kanban_cli.formats.texts.front_matter import parse_front_matter, split_front_matter
from kanban_cli.formats.values import unique_id

DEFAULT_AUTHOR = "markdown"
MAX_CHARACTERS = 4 * 1024 * 1024
BOARD_FIELD = "kanban-plugin"
"""The line of front matter by which a board of Obsidian's plugin is recognized."""
ARCHIVE = "archive"
"""The heading under which the plugin keeps archived cards."""

_SETTINGS = re.compile(r"^%% kanban:settings\b.*?^%%[ \t]*$", re.DOTALL | re.MULTILINE)
_TAG = re.compile(r"(?<!\S)#([^\s#,;.!?()\[\]{}'\"]*[^\s\d#,;.!?()\[\]{}'\"][^\s#,;.!?()\[\]{}'\"]*)")
_EDGE_TAGS = re.compile(rf"^(?:{_TAG.pattern}\s*)+|(?:\s*{_TAG.pattern})+$")
_DATE = re.compile(r"\s*@(?:\{([^}]*)\}|\[\[([^\]]*)\]\])")
_CLOCK = re.compile(r"\s*@@\{([^}]*)\}")
_BLOCK_ID = re.compile(r"\s+\^([A-Za-z0-9-]+)$")
_MARKS = {"/": "in progress", "-": "cancelled", ">": "deferred", "!": "to do", "?": "to do"}
"""Signs that editors write into boxes, and the states that they mean."""


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Read the check boxes of a file. A heading that names a state is a column. Raises ParseError."""
    return read_text(source.name, source.stem, _text(source))


def _text(source: Source) -> str:
    if len(source.text) > MAX_CHARACTERS:
        raise source.error(1, f"it has more than {MAX_CHARACTERS:,} characters")
    return source.text


def read_text(file: str, stem: str, text: str) -> Iterator[Item]:
    """Read the check boxes of a text. Raises ParseError."""
    parts = split_front_matter(file, text)
    body, first_line = ("\n".join(parts[1]), parts[2]) if parts else (text.replace("\r\n", "\n"), 1)
    boxes = (block for block in read_blocks(body, first_line=first_line) if isinstance(block, Box))
    return _with_ids(stem, map(_build_todo, boxes))


def _build_todo(box: Box) -> Item:
    """Build the item of a check box that stands in no board."""
    item = _build_item(box)
    item.status = "done" if box.is_done else _MARKS.get(box.mark)
    item.keep_status = False
    if box.heading:
        if item.status is None and statuses.find_meaning(box.heading):
            item.status = box.heading
        item.extra["section"] = box.heading
    if item.status is None:
        item.status = "to do"
    return item


def is_board(text: str) -> bool:
    """Whether a text is a board of Obsidian's Kanban plugin."""
    return text.lstrip("\ufeff").startswith("---") and BOARD_FIELD in text[:1000].partition("\n---")[0]


def read_board(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Read a board of Obsidian's Kanban plugin: each heading is a column. Raises ParseError."""
    return read_board_text(source.name, source.stem, _text(source))


def read_board_text(file: str, stem: str, text: str) -> Iterator[Item]:
    """Read the text of a board. Raises ParseError."""
    parts = split_front_matter(file, text)
    if parts is None:
        return iter(())
    front, lines, first_line = parts
    parse_front_matter(file, "\n".join(front), first_line=2)
    body = _SETTINGS.sub(lambda match: "\n" * match[0].count("\n"), "\n".join(lines))
    return _with_ids(stem, _read_cards(body, first_line))


def _read_cards(body: str, first_line: int) -> Iterator[Item]:
    complete: set[str | None] = set()
    for block in read_blocks(body, first_line=first_line):
        if isinstance(block, Paragraph):
            complete |= {block.heading} if block.text == "**Complete**" else set()
            continue
        item = _build_item(block)
        is_archived = (block.heading or "").casefold() == ARCHIVE
        item.status = "archived" if is_archived else block.heading
        item.keep_status = not is_archived
        if block.heading in complete:
            item.meaning = "done"
        elif block.is_done and not is_archived and statuses.find_meaning(block.heading or "") != "done":
            item.extra["ticked"] = True
        item.archived = is_archived
        yield item


def _build_item(box: Box) -> Item:
    """Build an item: tags are labels, `@{2026-01-02}` is the due date, boxes below are acceptance criteria."""
    text = box.text
    due = _DATE.search(text)
    clock = _CLOCK.search(text)
    block_id = _BLOCK_ID.search(text)
    title = _BLOCK_ID.sub("", _DATE.sub("", _CLOCK.sub("", text))).strip()
    labels = _TAG.findall(title)
    title = _EDGE_TAGS.sub("", title).strip() or title
    return Item(
        id=block_id[1] if block_id else None,
        title=title.replace("<br>", " ") or "(without text)",
        description=box.description,
        criteria="\n".join(f"- [{'x' if is_done else ' '}] {child}" for child, is_done in box.children),
        labels=labels,
        due=(due[1] or due[2]) if due else None,
        extra={"time": clock[1]} if clock else {},
        line=box.line,
    )


def _with_ids(stem: str, items: Iterable[Item]) -> Iterator[Item]:
    """Give each item an id of its file and its title, or its block id if it has one."""
    used: set[str] = set()
    for item in items:
        name = f"{stem}#^{item.id}" if item.id else f"{stem}#{item.title}"
        yield replace(item, id=unique_id(name, used))
