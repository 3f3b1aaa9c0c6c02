"""The table of formats, and how a file is recognized."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from typing import NamedTuple

from kanban_cli.formats import conversion
from kanban_cli.formats.item import Item, Reader, ReadOptions
from kanban_cli.formats.json_values import JsonObject, is_object, object_of, objects, read_lines, read_objects
from kanban_cli.formats.source import ParseError, Source
from kanban_cli.formats.ticket import ParsedTicket
from kanban_cli.formats.trackers import jsonl
from kanban_sdk.wire.boards import Column


class Format(NamedTuple):
    """A format: what it is, and the modules below `kanban_cli.formats` that read it."""

    title: str
    module: str
    table: str | None = None
    """The module with the dialect of its CSV, if it also has one."""


FORMATS = {
    "jsonl": Format("what `kanban export` wrote", "trackers.jsonl"),
    "csv": Format("a CSV table", "tables.csv"),
    "markdown": Format("Markdown files with front matter, or a Backlog.md project", "texts.markdown"),
    "beads": Format("beads (JSONL)", "trackers.beads"),
    "github": Format("GitHub issues (JSON of gh, or of the REST API)", "trackers.github"),
    "taskmaster": Format("Task Master's tasks.json", "trackers.taskmaster"),
    "trello": Format("a Trello board (JSON)", "trackers.trello"),
    "jira": Format("Jira (CSV, or JSON of the REST API)", "trackers.jira_json", "tables.jira"),
    "linear": Format("Linear (CSV)", "tables.csv", "tables.linear"),
    "asana": Format("Asana (CSV)", "tables.csv", "tables.asana"),
    "gitlab": Format("GitLab issues (CSV, JSON, or ndjson)", "trackers.gitlab", "tables.gitlab_table"),
    "azure": Format("Azure DevOps (CSV or JSON)", "trackers.azure_json", "tables.azure"),
    "todoist": Format("Todoist (CSV)", "tables.todoist"),
    "notion": Format("a Notion database (CSV, or its zip archive)", "tables.notion"),
    "planka": Format("a Planka board (JSON of its API)", "trackers.planka"),
    "wekan": Format("a WeKan board (JSON)", "trackers.wekan"),
    "kanboard": Format("Kanboard (CSV)", "tables.csv", "tables.kanboard"),
    "vikunja": Format("Vikunja (data.json, or its zip archive)", "trackers.vikunja"),
    "vibe-kanban": Format("Vibe Kanban (JSON)", "trackers.vibe_kanban"),
    "obsidian": Format("a board of Obsidian's Kanban plugin", "texts.obsidian"),
    "taskwarrior": Format("taskwarrior (task export)", "trackers.taskwarrior"),
    "todotxt": Format("todo.txt", "texts.todo_txt"),
    "org": Format("org-mode", "texts.org"),
    "checklist": Format("a Markdown check list", "texts.checklists"),
}
"""The formats by the names that `kanban import` knows."""


def parse(name: str, source: Source, columns: Sequence[Column], options: ReadOptions) -> Iterator[ParsedTicket]:
    """Parse a file of a format as tickets for a board with these columns. Raises ParseError and ParseErrors."""
    if name == "jsonl":
        yield from jsonl.parse(source)
        return
    read, author = _find_reader(name, source)
    for item in _guard(read(source, options), source):
        try:
            yield conversion.convert(item, source.name, columns, default_author=author, date_order=options.date_order)
        except (ValueError, RecursionError) as error:
            file = item.file or source.name
            raise ParseError(file, item.line, str(error)[:200] or "it is nested too deep", place=item.place) from error


def _guard(items: Iterator[Item], source: Source) -> Iterator[Item]:
    """Yield the items of a reader. Raises ParseError where a value has a type that its format never has there."""
    last: Item | None = None
    try:
        for item in items:
            yield item
            last = item
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        line, place = (last.line, last.place) if last else (1, "")
        reason = f"what follows is not as the format says: {str(error)[:100] or type(error).__name__}"
        raise source.error(line, reason, place=place) from error


def _find_reader(name: str, source: Source) -> tuple[Reader, str]:
    """Return the reader of a format for a file, and the author of its unsigned texts."""
    chosen = FORMATS[name]
    if source.is_folder and name not in {"markdown", "obsidian", "checklist"}:
        raise source.error(1, "it is a folder, not a file", place="the folder")
    if chosen.table and not _looks_like_json(source):
        return partial(_read_dialect, chosen.table), name
    module = import_module(f"kanban_cli.formats.{chosen.module}")
    read: Reader = module.read
    return read, str(module.DEFAULT_AUTHOR)


def _read_dialect(module: str, source: Source, options: ReadOptions) -> Iterator[Item]:
    from kanban_cli.formats.tables import csv
    from kanban_cli.formats.tables.rows import Table

    return csv.read_table(Table(source), import_module(f"kanban_cli.formats.{module}").DIALECT, options)


def recognize(source: Source) -> str | None:
    """Return the name of a file's format; None if it is unknown. Raises ParseError for broken JSON."""
    if source.is_folder:
        return "markdown"
    if _looks_like_json(source):
        return _recognize_json(source)
    return next((name for name, fits in _TEXT_TESTS.items() if fits(source)), None)


def _looks_like_json(source: Source) -> bool:
    return not source.is_folder and source.head.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}


def _recognize_json(source: Source) -> str | None:
    """Recognize JSON by the names in its first object, or in its document."""
    first = next(_first_objects(source), {})
    return next((name for name, fits in _OBJECT_TESTS.items() if fits(first)), None)


def _first_objects(source: Source) -> Iterator[JsonObject]:
    """Yield the first object of a file: of its first line if that is one, so that a long file is not read whole."""
    try:
        yield next(read_lines(source))[1]
    except (ParseError, StopIteration):
        yield from (value for _, value in read_objects(source))


def _has(*names: str) -> Callable[[JsonObject], bool]:
    return lambda value: all(name in value for name in names)


def _is_trello(board: JsonObject) -> bool:
    cards = objects(board.get("cards"))
    return "lists" in board and "cards" in board and (not cards or "idList" in cards[0])


def _is_wekan(board: JsonObject) -> bool:
    cards = objects(board.get("cards"))
    return str(board.get("_format", "")).startswith("wekan") or (
        "swimlanes" in board and bool(cards) and "listId" in cards[0]
    )


def _is_jira(value: JsonObject) -> bool:
    issues = objects(value.get("issues")) or [value]
    return "key" in issues[0] and is_object(issues[0].get("fields"))


def _is_azure(value: JsonObject) -> bool:
    items = objects(value.get("value")) or objects(value.get("workItems")) or [value]
    return any(str(name).startswith("System.") for name in object_of(items[0].get("fields")))


def _is_vibe_kanban(value: JsonObject) -> bool:
    if "issues" in value and "project_statuses" in value:
        return True
    tasks = objects(value.get("data")) or [value]
    return {"project_id", "status", "title", "created_at"} <= tasks[0].keys() and "iid" not in tasks[0]


def _is_taskmaster(value: JsonObject) -> bool:
    from kanban_cli.formats.trackers.taskmaster import recognizes

    return recognizes(value)


_OBJECT_TESTS: dict[str, Callable[[JsonObject], bool]] = {
    "jsonl": lambda value: value.get("_type") == "board" or _has("board_id", "current_column", "title")(value),
    "taskwarrior": _has("uuid", "description", "entry", "status"),
    "gitlab": _has("iid", "title"),
    "github": lambda value: _has("number", "title")(value) or _has("number", "url", "state")(value),
    "jira": _is_jira,
    "azure": _is_azure,
    "trello": _is_trello,
    "wekan": _is_wekan,
    "planka": lambda value: is_object(value.get("item")) and is_object(value.get("included")),
    "vibe-kanban": _is_vibe_kanban,
    "taskmaster": _is_taskmaster,
    "vikunja": lambda value: _has("title", "tasks")(value) or _has("title", "done", "index")(value),
    "beads": lambda value: _has("id", "title", "status")(value) or value.get("_type") in {"issue", "memory"},
}
"""Format to a test of the first object, in the order in which they are tried."""


def _is_board(source: Source) -> bool:
    from kanban_cli.formats.texts.checklists import is_board

    return is_board(source.head)


def _is_todoist(source: Source) -> bool:
    from kanban_cli.formats.tables.rows import has_columns

    return has_columns(_header(source), "TYPE", "CONTENT", "INDENT")


def _is_notion(source: Source) -> bool:
    from kanban_cli.formats.tables.notion import FILE_NAME

    return FILE_NAME.fullmatch(source.name) is not None


def _find_dialect(name: str, source: Source) -> bool:
    from kanban_cli.formats.tables.rows import has_columns

    module = FORMATS[name].table
    return has_columns(_header(source), *import_module(f"kanban_cli.formats.{module}").DIALECT.needed)


def _header(source: Source) -> list[str]:
    from kanban_cli.formats.tables.rows import Table

    try:
        return Table(source).names
    except ParseError:
        return []


_TODO_LINE = re.compile(r"(x |\([A-Z]\) |[0-9]{4}-[0-9]{2}-[0-9]{2} ).*|.*\s[+@]\S+.*")


def _is_todo_txt(source: Source) -> bool:
    lines = [line for line in source.head.splitlines() if line.strip()]
    named = source.stem.casefold() in {"todo", "done"} and source.suffix == ".txt"
    return named or (source.suffix == ".txt" and bool(lines) and any(map(_TODO_LINE.fullmatch, lines)))


_TEXT_TESTS: dict[str, Callable[[Source], bool]] = {
    "obsidian": _is_board,
    "org": lambda source: source.suffix == ".org",
    "todotxt": _is_todo_txt,
    "markdown": lambda source: source.suffix in {".md", ".markdown"} and source.head.lstrip("\ufeff").startswith("---"),
    "checklist": lambda source: source.suffix in {".md", ".markdown"},
    "todoist": _is_todoist,
    **{name: partial(_find_dialect, name) for name in ("jira", "linear", "asana", "gitlab", "azure", "kanboard")},
    "notion": _is_notion,
    "csv": lambda source: source.suffix in {".csv", ".tsv", ".txt", ""} and len(_header(source)) > 0,
}
"""Format to a test of the file, in the order in which they are tried."""
