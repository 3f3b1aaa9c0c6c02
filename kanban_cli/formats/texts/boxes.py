"""The check boxes of a Markdown text: `- [ ] text`, under headings, with what is indented below each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

_BOX = re.compile(r"\[(.)\](?:\s+|$)(.*)", re.DOTALL)


@dataclass
class Box:
    """A check box of the outermost level."""

    heading: str | None
    """The heading above it."""
    mark: str
    """The sign in the box: a space, `x`, or another letter."""
    text: str
    """The first line behind the box."""
    line: int
    description: str = ""
    """The text below it that is no check box."""
    children: list[tuple[str, bool]] = field(default_factory=list)
    """The boxes below it, at any depth: their texts, and whether they are ticked."""

    @property
    def is_done(self) -> bool:
        """Whether it is ticked."""
        return self.mark in "xX"


@dataclass
class Paragraph:
    """A paragraph outside of lists, under a heading."""

    heading: str | None
    text: str


def read_blocks(text: str, *, first_line: int = 1) -> Iterator[Box | Paragraph]:
    """Yield the check boxes and the paragraphs of a text, in order. `first_line` is the number of its first line."""
    lines = text.split("\n")
    root = SyntaxTreeNode(MarkdownIt("commonmark").parse(text))
    heading: str | None = None
    for node in root.children:
        if node.type == "heading":
            heading = _inline(node).strip()
        elif node.type == "paragraph":
            yield Paragraph(heading, _inline(node).strip())
        elif node.type in {"bullet_list", "ordered_list"}:
            for item in node.children:
                if box := _read_box(item, heading, lines, first_line):
                    yield box


def _read_box(item: SyntaxTreeNode, heading: str | None, lines: list[str], first_line: int) -> Box | None:
    blocks = item.children
    match = _BOX.fullmatch(_inline(blocks[0])) if blocks and blocks[0].type == "paragraph" else None
    if match is None:
        return None
    text, _, rest = match[2].partition("\n")
    start = item.map[0] if item.map else 0
    box = Box(heading, match[1], text.strip(), first_line + start)
    parts = ["\n".join(line.strip() for line in rest.split("\n"))]
    for block in blocks[1:]:
        if block.type in {"bullet_list", "ordered_list"}:
            parts.append(_read_list(block, box, lines))
        else:
            parts.append(_source(block, lines))
    box.description = "\n\n".join(part.strip("\n") for part in parts if part.strip())
    return box


def _read_list(block: SyntaxTreeNode, box: Box, lines: list[str]) -> str:
    """Add the boxes of a list to those of a box; return its other items."""
    others = []
    for item in block.children:
        match = _BOX.fullmatch(_inline(item.children[0])) if item.children else None
        if match is None:
            others.append(_source(item, lines))
            continue
        box.children.append((" ".join(match[2].split()), match[1] in "xX"))
        for inner in item.children[1:]:
            if inner.type in {"bullet_list", "ordered_list"}:
                others.append(_read_list(inner, box, lines))
            else:
                others.append(_source(inner, lines))
    return "\n".join(part for part in others if part.strip())


def _inline(node: SyntaxTreeNode) -> str:
    """Return the text of a paragraph or a heading, as it is written."""
    return node.children[0].content if node.children and node.children[0].type == "inline" else ""


def _source(node: SyntaxTreeNode, lines: list[str]) -> str:
    """Return the lines of a block, without the indentation that all have."""
    if node.map is None:
        return ""
    own = lines[node.map[0] : node.map[1]]
    margin = min((len(line) - len(line.lstrip()) for line in own if line.strip()), default=0)
    return "\n".join(line[margin:] for line in own).strip("\n")
