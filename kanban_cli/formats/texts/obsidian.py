"""Boards of Obsidian's Kanban plugin: one file, or the boards of a folder."""

from collections.abc import Iterator

from kanban_cli.formats.item import Item, ReadOptions
from kanban_cli.formats.source import Source
from kanban_cli.formats.texts import checklists, markdown

DEFAULT_AUTHOR = "obsidian"


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Read the cards of a board; the heading above a card is its column. Raises ParseError and ParseErrors."""
    return markdown.read(source, options) if source.is_folder else checklists.read_board(source, options)
