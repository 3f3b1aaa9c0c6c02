"""Front matter: YAML whose values are only texts, lists and mappings, without type guessing or aliases."""

from collections.abc import Mapping
from typing import Protocol, cast

import yaml  # type: ignore[import-untyped]

from kanban_cli.formats.source import ParseError


class _Mark(Protocol):
    line: int


class _TextLoader(yaml.BaseLoader):  # type: ignore[misc]
    """Loads every scalar as the written text, `no`, `1.10` and `2026-01-02` too. Executes nothing."""

    def compose_node(self, parent: object, index: object) -> object:
        """Compose a node. Refuses aliases: a few of them can expand to gigabytes."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise yaml.composer.ComposerError(None, None, "references (*name) are not read", mark)
        return super().compose_node(parent, index)

    def check_plain(self) -> bool:
        """Whether a text without quotes begins here. Backlog.md writes `@name` without quotes, which YAML reserves."""
        return self.peek() == "@" or bool(super().check_plain())


def format_yaml(values: Mapping[str, object]) -> str:
    """Write values as YAML, in their order."""
    return str(yaml.safe_dump(dict(values), sort_keys=False, allow_unicode=True, width=1000))


def split_front_matter(file: str, text: str) -> tuple[list[str], list[str], int] | None:
    """Return the lines of the front matter, those after it, and the number of the first of these; None without any.

    Raises ParseError if the front matter does not end.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0].rstrip() != "---":
        return None
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        raise ParseError(file, 1, "the front matter has no end, a second line of ---")
    return lines[1:end], lines[end + 1 :], end + 2


def parse_front_matter(file: str, text: str, *, first_line: int) -> dict[str, object]:
    """Parse front matter to a dict. Raises ParseError."""
    try:
        values: object = yaml.load(text, _TextLoader)
    except yaml.MarkedYAMLError as error:
        mark = cast("_Mark | None", error.problem_mark)
        line = first_line + (mark.line if mark else 0)
        raise ParseError(file, line, str(error.problem or error)) from error
    except yaml.YAMLError as error:
        line = first_line + text.count("\n", 0, getattr(error, "position", 0))
        raise ParseError(file, line, getattr(error, "reason", str(error))) from error
    except RecursionError as error:
        raise ParseError(file, first_line, "its lists are too deep") from error
    if values is None or values == "":
        return {}
    if not isinstance(values, dict) or not all(isinstance(name, str) for name in values):
        raise ParseError(file, first_line, "the front matter is not of lines such as `title: Fix it`")
    return values
