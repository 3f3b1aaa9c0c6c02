"""Front matter: YAML whose values are only texts, lists and mappings, without type guessing or aliases."""

from typing import Any

import yaml  # type: ignore[import-untyped]

from kanban_cli.formats.conversion import ParseError


class _TextLoader(yaml.BaseLoader):  # type: ignore[misc]
    """Loads every scalar as the written text, `no`, `1.10` and `2026-01-02` too. Executes nothing."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Compose a node. Refuses aliases: a few of them can expand to gigabytes."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise yaml.composer.ComposerError(None, None, "references (*name) are not read", mark)
        return super().compose_node(parent, index)


def parse_front_matter(file: str, text: str, *, first_line: int) -> dict[str, Any]:
    """Parse front matter to a dict. Raises ParseError."""
    try:
        values = yaml.load(text, _TextLoader)
    except yaml.MarkedYAMLError as error:
        line = first_line + (error.problem_mark.line if error.problem_mark else 0)
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
