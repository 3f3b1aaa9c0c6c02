"""Which parts of a Markdown text are code, according to CommonMark: fenced and indented blocks, and spans in backticks.

One pass over any text, as comments are read while their board is locked.
"""

from __future__ import annotations

import re
from bisect import bisect_right

_FENCE = re.compile(r"(?P<ahead>[ >]*(?:(?:[-*+]|\d{1,9}[.)]) +)*)(?P<fence>`{3,}|~{3,})(?P<info>.*)")
_ITEM = re.compile(r" *(?:[-*+]|\d{1,9}[.)])(?: +|$)")
_RUN = re.compile(r"(?P<slashes>\\*)(?P<run>`+)")
_INDENT = 4
"""Columns of indentation that make a line code."""


def strip_code(text: str) -> str:
    """The text without its code, with line breaks in its place, so that the text around it is not joined."""
    if "`" not in text and "~~~" not in text and "    " not in text and "\t" not in text:
        return text
    paragraphs, lines = list[str](), list[str]()
    block, content, blank = _Block(), 0, True
    for line in (line.expandtabs(_INDENT) for line in text.splitlines()):
        indent = len(line) - len(line.lstrip())
        if block.fence and block.holds(line, indent):
            continue
        if not line.strip():
            blank = True
            continue
        if blank and indent >= content + _INDENT:
            continue
        fence_match = _FENCE.fullmatch(line)
        item_match = _ITEM.match(line)
        if item_match:
            content = item_match.end()
        elif not indent and blank:
            content = 0
        if fence_match and not (fence_match["fence"][0] == "`" and "`" in fence_match["info"]):
            block = _Block(fence_match["fence"], content if item_match or indent else 0, ">" in fence_match["ahead"])
            blank = True
            continue
        if blank:
            paragraphs.append(_strip_spans("\n".join(lines)))
            lines, blank = [], False
        lines.append(line)
    return "\n\n".join([*paragraphs, _strip_spans("\n".join(lines))])


class _Block:
    """A fenced block: its fence, the indentation of its content, and whether it is quoted."""

    def __init__(self, fence: str = "", content: int = 0, quoted: bool = False) -> None:
        self.fence = fence
        self._content = content
        self._quoted = quoted

    def holds(self, line: str, indent: int) -> bool:
        """Whether the line belongs to the block, including its last line; if not, the block has ended."""
        ended = not line.lstrip().startswith(">") if self._quoted else bool(line.strip()) and indent < self._content
        inner = line.lstrip(" >").rstrip()
        if ended or (len(inner) >= len(self.fence) and not inner.strip(self.fence[0])):
            self.fence = ""
        return not ended


def _strip_spans(paragraph: str) -> str:
    """The paragraph without the text between two equally long runs of backticks."""
    if "`" not in paragraph:
        return paragraph
    runs = list(_RUN.finditer(paragraph))
    starts: dict[int, list[int]] = {}
    for run in runs:
        starts.setdefault(len(run["run"]), []).append(run.start("run"))
    parts, position = list[str](), 0
    for run in runs:
        start, escaped = run.start("run"), len(run["slashes"]) % 2
        length = len(run["run"]) - escaped
        closing_starts = starts.get(length, [])
        after = bisect_right(closing_starts, start)
        if start >= position and length and after < len(closing_starts):
            parts.append(paragraph[position : start + escaped])
            position = closing_starts[after] + length
    return "\n".join([*parts, paragraph[position:]])
