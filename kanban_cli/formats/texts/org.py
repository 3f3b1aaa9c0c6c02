"""org-mode: headlines with a TODO keyword."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from textwrap import dedent

from kanban_cli.formats.item import Item, Meaning, ReadOptions
from kanban_cli.formats.source import Source
from kanban_cli.formats.values import unique_id

DEFAULT_AUTHOR = "org-mode"
PRIORITIES = {"A": "high", "B": "medium", "C": "low"}
KEYWORDS: dict[str, Meaning] = {
    **dict.fromkeys(("TODO", "NEXT"), "todo"),
    **dict.fromkeys(("DOING", "STARTED", "IN-PROGRESS", "INPROGRESS", "STRT"), "working"),
    **dict.fromkeys(("WAIT", "WAITING", "HOLD", "SOMEDAY", "BLOCKED"), "waiting"),
    **dict.fromkeys(("REVIEW",), "review"),
    **dict.fromkeys(("DONE", "CANCELLED", "CANCELED", "KILL"), "done"),
}
"""Keywords that are known without a line `#+TODO:`."""
_SETTING = re.compile(r"#\+(?:TODO|SEQ_TODO|TYP_TODO):\s*(.*)", re.IGNORECASE)
_HEADLINE = re.compile(r"(\*+)\s+(.*?)\s*")
_PRIORITY = re.compile(r"\[#([A-Z0-9])\]\s*")
_TAGS = re.compile(r"\s+:([\w@#%:]+):$")
_PLANNING = re.compile(
    r"(DEADLINE|SCHEDULED|CLOSED):\s*[<\[]([0-9]{4}-[0-9]{2}-[0-9]{2})[^>\]0-9]*([0-9]{1,2}:[0-9]{2})?[^>\]]*[>\]]"
)
_PROPERTY = re.compile(r"\s*:([\w-]+):\s*(.*?)\s*")
_BOX = re.compile(r"\s*(?:[-+*]|[0-9]+[.)])\s+\[([ xX-])\]\s+(.*)")


@dataclass
class _Headline:
    level: int
    title: str
    keyword: str
    line: int
    priority: str | None = None
    tags: list[str] = field(default_factory=list)
    planning: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)
    criteria: list[str] = field(default_factory=list)
    parent: str | None = None


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Read the headlines that have a keyword. One below another is its child. Raises ParseError."""
    keywords = dict(KEYWORDS)
    used: set[str] = set()
    above: list[tuple[int, str | None, list[str]]] = []  # level, id and tags of each headline above
    current: _Headline | None = None
    in_drawer = False
    for number, raw_line in enumerate(source.lines(), 1):
        line = raw_line.rstrip("\r\n")
        if setting := _SETTING.fullmatch(line):
            keywords |= _parse_keywords(setting[1])
        headline = _HEADLINE.fullmatch(line)
        if headline is None:
            in_drawer = _read_line(line, current, in_drawer=in_drawer)
            continue
        if current is not None:
            yield _finish(current, keywords, above, used, source.stem)
        above = [entry for entry in above if entry[0] < len(headline[1])]
        in_drawer = False
        current = _parse_headline(headline, keywords, number)
        if current is None:
            options.skipped["headlines without a keyword"] += 1
            tags = _TAGS.search(headline[2])
            above.append((len(headline[1]), None, tags[1].split(":") if tags else []))
    if current is not None:
        yield _finish(current, keywords, above, used, source.stem)


def _parse_keywords(text: str) -> dict[str, Meaning]:
    """Return the keywords of a setting: those after `|`, else the last, are done."""
    words = [re.sub(r"\(.*\)", "", word) for word in text.split()]
    if "|" in words:
        open_words, done_words = words[: words.index("|")], words[words.index("|") + 1 :]
    else:
        open_words, done_words = words[:-1], words[-1:]
    meanings: dict[str, Meaning] = {word: KEYWORDS.get(word, "todo") for word in open_words}
    return meanings | dict.fromkeys(done_words, "done")


def _parse_headline(match: re.Match[str], keywords: dict[str, Meaning], line: int) -> _Headline | None:
    keyword, _, rest = match[2].partition(" ")
    if keyword not in keywords:
        return None
    tags = _TAGS.search(rest)
    title = _TAGS.sub("", rest).strip()
    priority = _PRIORITY.match(title)
    title = _PRIORITY.sub("", title, count=1) if priority else title
    own_tags = tags[1].split(":") if tags else []
    return _Headline(len(match[1]), title.strip(), keyword, line, priority[1] if priority else None, own_tags)


def _read_line(line: str, headline: _Headline | None, *, in_drawer: bool) -> bool:
    """Add a line to a headline. Returns whether the next line is in a drawer of properties."""
    stripped = line.strip()
    if in_drawer:
        if headline is not None and (pair := _PROPERTY.fullmatch(line)) and pair[1].upper() != "END":
            headline.properties[pair[1].upper()] = pair[2]
        return stripped.upper() != ":END:"
    if stripped.upper() == ":PROPERTIES:":
        return True
    if headline is None:
        return False
    planning = _PLANNING.findall(line)
    if planning and not headline.text:
        headline.planning |= {name: f"{day} {clock}".strip() for name, day, clock in planning}
    elif box := _BOX.fullmatch(line):
        headline.criteria.append(f"- [{'x' if box[1] in 'xX' else ' '}] {box[2]}")
    elif stripped or headline.text:
        headline.text.append(line)
    return False


def _finish(
    headline: _Headline,
    keywords: dict[str, Meaning],
    above: list[tuple[int, str | None, list[str]]],
    used: set[str],
    stem: str,
) -> Item:
    """Build the item of a headline, and put it among those above the next one."""
    own_id = headline.properties.pop("ID", None) or headline.properties.pop("CUSTOM_ID", None)
    source_id = unique_id(f"org:{own_id}" if own_id else f"{stem}#{headline.title}", used)
    parent = next((id for _, id, _ in reversed(above) if id), None)
    inherited = [tag for _, _, tags in above for tag in tags]
    above.append((headline.level, source_id, headline.tags))
    created = headline.properties.pop("CREATED", "").strip("[]<>")
    extra: dict[str, object] = {name.lower(): value for name, value in headline.properties.items()}
    if "SCHEDULED" in headline.planning:
        extra["scheduled"] = headline.planning["SCHEDULED"]
    return Item(
        id=source_id,
        title=headline.title or "(without title)",
        description=dedent("\n".join(headline.text)).strip("\n"),
        criteria="\n".join(headline.criteria),
        status=headline.keyword,
        meaning=keywords[headline.keyword],
        keep_status=headline.keyword not in {"TODO", "DONE"},
        priority=PRIORITIES.get(headline.priority, headline.priority) if headline.priority else None,
        labels=[*inherited, *headline.tags],
        created=created,
        finished=headline.planning.get("CLOSED"),
        due=headline.planning.get("DEADLINE"),
        parent=parent,
        extra=extra,
        line=headline.line,
    )
