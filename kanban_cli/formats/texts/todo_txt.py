"""todo.txt: one task per line, with priority, dates, +projects, @contexts and key:value pairs."""

import re
from collections.abc import Iterator

from kanban_cli.formats.item import Item, ReadOptions
from kanban_cli.formats.source import Source
from kanban_cli.formats.values import unique_id

DEFAULT_AUTHOR = "todo.txt"
PRIORITIES = {"A": "critical", "B": "high", "C": "medium"}
"""Letters of priorities; all later ones are low."""
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
TASK = re.compile(
    rf"(?P<done>x )?(?:\((?P<priority>[A-Z])\) )?(?:(?P<first>{_DATE}) )?(?:(?P<second>{_DATE}) )?(?P<text>\S.*)"
)
_WORD = re.compile(r"(?<!\S)([+@])(\S+)")
_EDGE_WORDS = re.compile(r"^(?:[+@]\S+\s+)+|(?:\s+[+@]\S+)+$")
_PAIR = re.compile(r"(?<!\S)([A-Za-z][\w-]*):(?!//)(\S+)")


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Read the tasks of a file. `id:` and `p:` link tasks to their parents. Raises ParseError."""
    used: set[str] = set()
    for number, line in enumerate(source.lines(), 1):
        match = TASK.fullmatch(line.strip())
        if match:
            yield _build_item(match, number, used)


def _build_item(match: re.Match[str], line: int, used: set[str]) -> Item:
    is_done = match["done"] is not None
    pairs = {name.casefold(): value for name, value in _PAIR.findall(match["text"])}
    words = _WORD.findall(match["text"])
    text = " ".join(_PAIR.sub("", match["text"]).split())
    title = _EDGE_WORDS.sub("", text).strip() or text or match["text"]
    letter = match["priority"] or pairs.pop("pri", None)
    own, parent, due = pairs.pop("id", None), pairs.pop("p", None) or pairs.pop("parent", None), pairs.pop("due", None)
    first, second = match["first"], match["second"]
    return Item(
        id=unique_id(f"todo.txt:{own or title}", used),
        title=title,
        status="done" if is_done else "to do",
        keep_status=False,
        priority=PRIORITIES.get(letter, "low") if letter else None,
        labels=[word if sign == "+" else f"@{word}" for sign, word in words],
        created=second if is_done else first,
        finished=first if is_done else None,
        due=due,
        parent=f"todo.txt:{parent}" if parent else None,
        extra=dict(pairs),
        line=line,
    )
